package overview

import (
	"context"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// editSize is how many people one press of the demo's edit button changes on each side.
const editSize = 100

// Model keeps the newest dashboard and what the buttons have set going. It is safe for concurrent use.
type Model struct {
	words   *words.Words
	running app.Running
	now     func() time.Time
	facts   *live.Newest[facts]
	again   chan struct{}
}

// facts is what a View is derived from.
type facts struct {
	board   *app.Dashboard
	failed  error // of the watching
	action  error // of the last button that had something to do
	editing bool
}

// NewModel is a model of an open workspace.
func NewModel(w *words.Words, running app.Running, now func() time.Time) *Model {
	return &Model{words: w, running: running, now: now, facts: live.NewNewest(facts{}), again: make(chan struct{}, 1)}
}

// Watch calls show with the newest View until ctx ends, at most ten times a second, and at least every second, because
// the heading counts down. It blocks and returns ctx's error; a failure of the workspace is a View, not an error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	var work sync.WaitGroup
	work.Go(func() { m.follow(ctx) })
	defer work.Wait()
	return m.facts.Watch(ctx, time.Second, func(f facts) { show(m.view(f)) })
}

// follow listens to the workspace. When that fails it waits for Retry.
func (m *Model) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := m.running.Watch(ctx, func(d app.Dashboard) {
			m.facts.Change(func(f facts) facts { f.board, f.failed = &d, nil; return f })
		})
		if ctx.Err() != nil {
			return
		}
		m.facts.Change(func(f facts) facts { f.failed = err; return f })
		select {
		case <-ctx.Done():
		case <-m.again:
		}
	}
}

func (m *Model) view(f facts) View {
	var v View
	switch {
	case f.failed != nil:
		v = View{State: Failed, Heading: m.words.Say("state.failed"), Now: m.now(), Problem: problem(m.words, f.failed)}
	case f.board == nil:
		return View{State: Loading, Heading: m.words.Say("state.loading"), Now: m.now()}
	default:
		v = Picture(m.words, *f.board, m.now())
	}
	v.EditBusy = f.editing
	if v.Problem == nil && f.action != nil {
		v.Problem = problem(m.words, f.action)
	}
	return v
}

func problem(w *words.Words, err error) *words.Told {
	told := w.Problem(err)
	return &told
}

// Retry listens again after a failure, forgets the failure of a button, and tries a cycle where the workspace stopped.
func (m *Model) Retry() {
	if f := m.facts.Get(); f.failed == nil && f.action == nil && f.board != nil && f.board.Problem != nil {
		m.SyncNow()
		return
	}
	m.facts.Change(func(f facts) facts { f.failed, f.action = nil, nil; return f })
	select {
	case m.again <- struct{}{}:
	default:
	}
}

// SyncNow starts a cycle, or goes on after a pause.
func (m *Model) SyncNow() {
	if f := m.facts.Get(); f.board != nil && f.board.Paused {
		m.running.Resume()
		return
	}
	m.running.SyncNow()
}

// GoOn takes up what was stopped for a person to look at.
func (m *Model) GoOn() { m.running.GoOn() }

// Stop ends the running cycle.
func (m *Model) Stop() { m.running.Stop() }

// TogglePause pauses, or goes on.
func (m *Model) TogglePause() {
	if f := m.facts.Get(); f.board != nil && f.board.Paused {
		m.running.Resume()
		return
	}
	m.running.Pause()
}

// Edit changes people of the sample data. It waits; never on the UI thread.
func (m *Model) Edit(ctx context.Context) {
	m.facts.Change(func(f facts) facts { f.editing = true; return f })
	err := m.running.Edit(ctx, editSize)
	m.facts.Change(func(f facts) facts { f.editing, f.action = false, err; return f })
}

// ToggleTrouble switches the sample data's faults. It waits; never on the UI thread.
func (m *Model) ToggleTrouble(ctx context.Context) {
	f := m.facts.Get()
	if f.board == nil {
		return
	}
	if err := m.running.Trouble(ctx, !f.board.Trouble); err != nil {
		m.facts.Change(func(f facts) facts { f.action = err; return f })
	}
}
