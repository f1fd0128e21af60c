package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Workspace is what both pages need of a workspace.
type Workspace interface{ app.AskedRehearsal }

// Model rehearses, and remembers what came of it. It is safe for concurrent use; one job runs at a time.
type Model struct {
	words     *words.Words
	workspace Workspace
	now       func() time.Time
	facts     *live.Newest[facts]

	under live.Stopping // ends the rehearsal that is under way
}

type facts struct {
	loaded    bool
	rehearsal *app.Rehearsal
	progress  *app.Progress // of the rehearsal that is under way
	stopped   bool
	failed    error
	note      string
	busy      bool
}

// NewModel is a model that has asked nothing yet.
func NewModel(w *words.Words, workspace Workspace, now func() time.Time) *Model {
	return &Model{words: w, workspace: workspace, now: now, facts: live.NewNewest(facts{busy: true})}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, time.Second, func(f facts) { show(picture(m.words, f, m.now())) })
}

// Load looks for the last rehearsal, and with begin makes one where there is none. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context, begin bool) {
	r, err := m.workspace.Rehearsal(ctx)
	none := errors.Is(err, app.ErrNotRehearsed)
	m.facts.Change(func(f facts) facts {
		f.loaded, f.busy = true, false
		if err == nil {
			f.rehearsal = &r
		} else if !none {
			f.failed = err
		}
		return f
	})
	if none && begin && ctx.Err() == nil {
		m.Rehearse(ctx)
	}
}

// Rehearse reads both sides and plans everything. It waits; never on the UI thread.
func (m *Model) Rehearse(ctx context.Context) {
	at, stop := m.under.Begin(ctx)
	defer stop()
	m.facts.Change(func(f facts) facts {
		f.busy, f.failed, f.note, f.stopped, f.progress = true, nil, "", false, &app.Progress{Phase: app.PhaseConnect, Since: m.now()}
		return f
	})
	r, err := m.workspace.Rehearse(at, func(p app.Progress) {
		m.facts.Change(func(f facts) facts { f.progress = &p; return f })
	})
	m.facts.Change(func(f facts) facts {
		f.busy, f.progress = false, nil
		switch {
		case err == nil:
			f.rehearsal = &r
		case at.Err() != nil:
			f.stopped = true
		default:
			f.failed = err
		}
		return f
	})
}

// Stop ends the rehearsal that is under way: what was read is kept, and the next one goes on from there.
func (m *Model) Stop() { m.under.Stop() }

// Save writes the rehearsal to the place that open gives; one that gives nothing was thought better of. It waits; never on the UI thread.
func (m *Model) Save(ctx context.Context, form app.RehearsalForm, values bool, open func(context.Context) (frame.File, error)) {
	m.facts.Change(func(f facts) facts { f.busy, f.failed, f.note = true, nil, ""; return f })
	name, err := m.save(ctx, form, values, open)
	m.facts.Change(func(f facts) facts {
		if f.busy = false; err != nil && ctx.Err() == nil {
			f.failed = err
		} else if name != "" {
			f.note = m.words.Say("rehearse.saved", "file", name)
		}
		return f
	})
}

func (m *Model) save(ctx context.Context, form app.RehearsalForm, values bool, open func(context.Context) (frame.File, error)) (string, error) {
	file, err := open(ctx)
	if err != nil || file == nil {
		return "", err
	}
	if form == app.RehearsalXLSX { // it may be large
		err = m.workspace.WriteRehearsal(ctx, form, values, file, m.words.Sentence)
		return file.Name(), errors.Join(err, file.Close())
	}
	var page bytes.Buffer
	if err = m.workspace.WriteRehearsal(ctx, form, values, &page, m.words.Sentence); err == nil {
		_, err = file.Write(page.Bytes())
	}
	return file.Name(), errors.Join(err, file.Close())
}
