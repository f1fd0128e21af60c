package rehearsal

import (
	"context"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// LiveModel carries a rehearsal out, and remembers what came of it. It is safe for concurrent use; one job runs at a time.
type LiveModel struct {
	words     *words.Words
	workspace Workspace
	now       func() time.Time
	facts     *live.Newest[going]

	under live.Stopping // ends the job that is under way
}

type going struct {
	loaded    bool
	rehearsal *app.Rehearsal
	share     *app.Share
	outcome   *app.Outcome // what differs from the rehearsal, once it was looked for
	sharing   int          // how many people are being written; 0: none
	progress  *app.Progress
	stopped   bool
	failed    error
	busy      bool
}

// NewLiveModel is a model that has asked nothing yet.
func NewLiveModel(w *words.Words, workspace Workspace, now func() time.Time) *LiveModel {
	return &LiveModel{words: w, workspace: workspace, now: now, facts: live.NewNewest(going{busy: true})}
}

// Watch calls show with the newest LiveView until ctx ends. It blocks and returns ctx's error.
func (m *LiveModel) Watch(ctx context.Context, show func(LiveView)) error {
	return m.facts.Watch(ctx, time.Second, func(g going) { show(livePicture(m.words, g, m.now())) })
}

// Load looks for the last rehearsal and the last share. It waits; never on the UI thread.
func (m *LiveModel) Load(ctx context.Context) {
	r, err := m.workspace.Rehearsal(ctx)
	var share app.Share
	if err == nil {
		share, err = m.workspace.LastShare(ctx)
	}
	m.facts.Change(func(g going) going {
		g.loaded, g.busy = true, false
		switch {
		case err == nil:
			g.rehearsal = &r
			if share.At.After(r.At) {
				g.share = &share
			}
		case !errors.Is(err, app.ErrNotRehearsed):
			g.failed = err
		}
		return g
	})
}

// Share writes so many people of the plan, or goes on with those of a share that was cut off. It waits; never on the UI thread.
func (m *LiveModel) Share(ctx context.Context, people int) {
	m.do(ctx, people, func(ctx context.Context, progress func(app.Progress)) error {
		share, err := m.workspace.Share(ctx, people, progress)
		if len(share.People) > 0 {
			m.facts.Change(func(g going) going { g.share = &share; return g })
		}
		return err
	})
}

// GoLive looks whether anything became otherwise since the rehearsal. Where something did it shows that, and goes live when it is told so
// once more; it reports whether the workspace is live. It waits; never on the UI thread.
func (m *LiveModel) GoLive(ctx context.Context) (gone bool) {
	known := m.facts.Get()
	if known.rehearsal == nil {
		return false
	}
	m.do(ctx, 0, func(ctx context.Context, progress func(app.Progress)) error {
		if known.outcome == nil && known.rehearsal.Outcome == nil {
			o, err := m.workspace.SinceRehearsal(ctx, progress)
			if err != nil {
				return err
			}
			m.facts.Change(func(g going) going { g.outcome = &o; return g })
			if o.Differ() > 0 {
				return nil
			}
		}
		err := m.workspace.GoLive(ctx)
		gone = err == nil
		return err
	})
	return gone
}

// Stay lets the cycles plan and write nothing. It reports whether that was set. It waits; never on the UI thread.
func (m *LiveModel) Stay(ctx context.Context) (stays bool) {
	m.do(ctx, 0, func(ctx context.Context, _ func(app.Progress)) error {
		err := m.workspace.KeepRehearsing(ctx)
		stays = err == nil
		return err
	})
	return stays
}

// Compare looks what became otherwise since the rehearsal. It waits; never on the UI thread.
func (m *LiveModel) Compare(ctx context.Context) {
	m.do(ctx, 0, func(ctx context.Context, progress func(app.Progress)) error {
		o, err := m.workspace.SinceRehearsal(ctx, progress)
		if err == nil {
			m.facts.Change(func(g going) going { g.outcome = &o; return g })
		}
		return err
	})
}

// opened shows why a page did not open in the browser.
func (m *LiveModel) opened(err error) {
	if err != nil {
		m.facts.Change(func(g going) going { g.failed = err; return g })
	}
}

// Stop ends the job that is under way: what was acknowledged is kept.
func (m *LiveModel) Stop() { m.under.Stop() }

func (m *LiveModel) do(ctx context.Context, people int, job func(context.Context, func(app.Progress)) error) {
	at, stop := m.under.Begin(ctx)
	defer stop()
	m.facts.Change(func(g going) going {
		g.busy, g.failed, g.stopped, g.sharing, g.progress = true, nil, false, people, &app.Progress{Phase: app.PhaseConnect, Since: m.now()}
		return g
	})
	err := job(at, func(p app.Progress) {
		m.facts.Change(func(g going) going { g.progress = &p; return g })
	})
	m.facts.Change(func(g going) going {
		g.busy, g.progress = false, nil
		switch {
		case err == nil:
		case at.Err() != nil:
			g.stopped = true
		default:
			g.failed = err
		}
		return g
	})
}
