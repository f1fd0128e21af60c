package start

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend is what the start page needs.
type Backend interface {
	// ListWorkspaces gives the workspaces of this computer, by name.
	ListWorkspaces(ctx context.Context) ([]app.WorkspaceCard, error)
	// OpenDemo makes an imitated pair with people in it, connects a workspace that lives as long as the process, and
	// runs it. progress is told how far that is; it returns at once.
	OpenDemo(ctx context.Context, progress func(app.Progress)) (app.Running, error)
	// Open runs a workspace that is connected.
	Open(ctx context.Context, name string) (app.Running, error)
	// Forget removes a workspace, its history and its secrets from this computer.
	Forget(ctx context.Context, name string) error
	// KeepBegunSetup forgets, with nil, what was typed of a set-up that has no workspace yet.
	KeepBegunSetup(ctx context.Context, lookOnly bool, typed []byte) error
}

// every is how often the list is read anew: its facts grow old, and other processes change it.
const every = 15 * time.Second

// Model keeps the list and what is being opened. It is safe for concurrent use.
type Model struct {
	words   *words.Words
	backend Backend
	now     func() time.Time
	facts   *live.Newest[facts]
	reload  chan struct{}

	under live.Stopping // ends what is being opened
}

type facts struct {
	listed  bool
	cards   []app.WorkspaceCard
	failed  error
	action  error
	opening *opening
}

type opening struct {
	name     string
	demo     bool
	forget   bool // it is being removed, not opened
	progress *app.Progress
}

// NewModel is a model that has read nothing yet.
func NewModel(w *words.Words, backend Backend, now func() time.Time) *Model {
	return &Model{words: w, backend: backend, now: now, facts: live.NewNewest(facts{}), reload: make(chan struct{}, 1)}
}

// Watch calls show with the newest View until ctx ends, at most ten times a second. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	var work sync.WaitGroup
	work.Go(func() { m.follow(ctx) })
	defer work.Wait()
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f, m.now())) })
}

func (m *Model) follow(ctx context.Context) {
	for ctx.Err() == nil {
		cards, err := m.backend.ListWorkspaces(ctx)
		if ctx.Err() != nil {
			return
		}
		m.facts.Change(func(f facts) facts {
			if f.failed = err; err == nil {
				f.listed, f.cards = true, cards
			}
			return f
		})
		select {
		case <-ctx.Done():
		case <-m.reload:
		case <-time.After(every):
		}
	}
}

// Retry reads the list again and forgets the last failure.
func (m *Model) Retry() {
	m.facts.Change(func(f facts) facts { f.failed, f.action = nil, nil; return f })
	m.again()
}

// again lets the list be read at once.
func (m *Model) again() {
	select {
	case m.reload <- struct{}{}:
	default:
	}
}

// OpenDemo opens the sample data and hands it to opened. It waits; never on the UI thread.
func (m *Model) OpenDemo(ctx context.Context, opened func(app.Running)) {
	m.open(ctx, opening{name: m.words.Say("start.demo.name"), demo: true}, opened, func(ctx context.Context) (app.Running, error) {
		return m.backend.OpenDemo(ctx, func(p app.Progress) {
			m.facts.Change(func(f facts) facts {
				if f.opening != nil {
					next := *f.opening
					next.progress = &p
					f.opening = &next
				}
				return f
			})
		})
	})
}

// Open opens a workspace and hands it to opened. It waits; never on the UI thread.
func (m *Model) Open(ctx context.Context, name string, opened func(app.Running)) {
	m.open(ctx, opening{name: name}, opened, func(ctx context.Context) (app.Running, error) { return m.backend.Open(ctx, name) })
}

// Forget removes a workspace from this computer. It waits; never on the UI thread.
func (m *Model) Forget(ctx context.Context, name string) {
	m.facts.Change(func(f facts) facts { f.opening, f.action = &opening{name: name, forget: true}, nil; return f })
	err := m.backend.Forget(ctx, name)
	m.facts.Change(func(f facts) facts { f.opening, f.action = nil, err; return f })
	m.again()
}

// ForgetBegun forgets what was typed of a set-up that has no workspace yet. It waits; never on the UI thread.
func (m *Model) ForgetBegun(ctx context.Context, lookOnly bool) {
	err := m.backend.KeepBegunSetup(ctx, lookOnly, nil)
	m.facts.Change(func(f facts) facts { f.action = err; return f })
	m.again()
}

// Stop ends what is being opened.
func (m *Model) Stop() { m.under.Stop() }

func (m *Model) open(ctx context.Context, what opening, opened func(app.Running), begin func(context.Context) (app.Running, error)) {
	ctx, stop := m.under.Begin(ctx)
	defer stop()
	m.facts.Change(func(f facts) facts { f.opening, f.action = &what, nil; return f })
	running, err := begin(ctx)
	if err == nil && ctx.Err() != nil { // stopped at the last moment: nobody will ever close it
		err = errors.Join(ctx.Err(), running.Close())
	}
	m.facts.Change(func(f facts) facts {
		f.opening = nil
		if !errors.Is(err, context.Canceled) {
			f.action = err
		}
		return f
	})
	if err == nil {
		opened(running)
	}
}
