package wizard

import (
	"context"
	"slices"

	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend keeps where a set-up stands.
type Backend interface {
	// KeepSetupStep keeps the step at which the set-up of a workspace stands; "" ends it.
	KeepSetupStep(ctx context.Context, name, step string) error
}

// Model moves from step to step, and keeps each move. It is safe for concurrent use; one move is under way at a time.
type Model struct {
	words   *words.Words
	backend Backend
	keys    []string
	facts   *live.Facts[facts]
}

type facts struct {
	name        string // of the workspace; empty until the first step made it
	at, reached int
	ended       bool
	live.Job    // the move that is under way
}

// NewModel is a set-up of steps that stands somewhere; a name that is empty has no workspace yet.
func NewModel(w *words.Words, backend Backend, keys []string, name string, stand Stand) *Model {
	f := facts{name: name, at: max(slices.Index(keys, stand.At), 0)}
	f.reached = max(slices.Index(keys, stand.Reached), f.at)
	return &Model{words: w, backend: backend, keys: keys, facts: live.NewFacts(f)}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(m.picture(f)) })
}

// View is the picture at this moment.
func (m *Model) View() View { return m.picture(m.facts.Get()) }

// Made names the workspace of the set-up.
func (m *Model) Made(name string) {
	m.facts.Set(func(f *facts) { f.name = name })
}

// On leaves a step, if its page allows it, and goes to the next; after the last one the set-up ends, and done is given the workspace's
// name. A step that is not shown any more is left alone: its button was pressed twice. It waits; never on the UI thread.
func (m *Model) On(ctx context.Context, step int, leave func(context.Context) bool, done func(name string)) {
	if f := m.facts.Get(); f.at != step || f.ended {
		return
	}
	m.facts.Do(ctx, func(ctx context.Context) error {
		if !leave(ctx) {
			return nil
		}
		f := m.facts.Get()
		if f.at+1 < len(m.keys) {
			return m.to(ctx, f.at+1)
		}
		if err := m.backend.KeepSetupStep(ctx, f.name, ""); err != nil {
			return err
		}
		m.facts.Set(func(f *facts) { f.ended = true })
		done(f.name)
		return nil
	})
}

// To goes to a step that was come to before. It waits; never on the UI thread.
func (m *Model) To(ctx context.Context, step int) {
	if f := m.facts.Get(); step >= 0 && step <= f.reached && step != f.at && !f.ended {
		m.facts.Do(ctx, func(ctx context.Context) error { return m.to(ctx, step) })
	}
}

// Stop ends the move that is under way.
func (m *Model) Stop() { m.facts.Stop() }

// to keeps the move before it shows: after a crash the wizard comes back where it was seen last.
func (m *Model) to(ctx context.Context, step int) error {
	f := m.facts.Get()
	reached := max(f.reached, step)
	if f.name != "" {
		if err := m.backend.KeepSetupStep(ctx, f.name, Stand{m.keys[step], m.keys[reached]}.String()); err != nil {
			return err
		}
	}
	m.facts.Set(func(f *facts) { f.at, f.reached = step, reached })
	return nil
}

// View is one picture of the frame around the page.
type View struct {
	Name    string // of the workspace
	Steps   []Step
	At      int
	Back    bool // there is a step before
	Busy    bool // the step is being left
	Ended   bool
	Problem *words.Told
}

// Step is one line of the sidebar.
type Step struct {
	Key, Text string
	State     State
}

// State is how a step stands to the one that is shown.
type State uint8

// The states.
const (
	Later State = iota
	Here
	Done // it was come to, and can be gone back or forth to
)

func (m *Model) picture(f facts) View {
	v := View{Name: f.name, At: f.at, Back: f.at > 0, Busy: f.Busy, Ended: f.ended}
	for i, key := range m.keys {
		state := Later
		switch {
		case i == f.at:
			state = Here
		case i <= f.reached:
			state = Done
		}
		v.Steps = append(v.Steps, Step{Key: key, Text: m.words.Say("wizard.step." + key), State: state})
	}
	if f.Failed != nil {
		told := m.words.Problem(f.Failed)
		v.Problem = &told
	}
	return v
}
