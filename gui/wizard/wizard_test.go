package wizard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

var keys = []string{"salesforce", "signin", "rights", "marketo"}

func follow(t *testing.T, b wizard.Backend, name string, stand wizard.Stand) (m *wizard.Model, last func() wizard.View) {
	t.Helper()
	m = wizard.NewModel(words.For("en"), b, keys, name, stand)
	ctx, cancel := context.WithCancel(t.Context())
	var view wizard.View
	done := make(chan error)
	go func() { done <- m.Watch(ctx, func(v wizard.View) { view = v }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	return m, func() wizard.View { time.Sleep(time.Second); synctest.Wait(); return view }
}

func leaves(context.Context) bool { return true }

func unfinished(t *testing.T) func(string) {
	return func(string) { t.Error("the set-up has ended") }
}

// TestComesBack ends the set-up after every move as a crash does: with what was kept and nothing else. It comes back at the step that was
// shown, and every step that was come to can still be gone to.
func TestComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &fake.Backend{}
		m, last := follow(t, b, "", wizard.Stand{})
		m.On(t.Context(), 0, func(context.Context) bool { m.Made("Acme"); return true }, unfinished(t))
		for _, move := range []struct {
			do          func(m *wizard.Model)
			at, reached int
		}{
			{func(m *wizard.Model) {}, 1, 1},
			{func(m *wizard.Model) { m.On(t.Context(), 0, leaves, unfinished(t)) }, 1, 1}, // pressed twice
			{func(m *wizard.Model) { m.On(t.Context(), m.View().At, leaves, unfinished(t)) }, 2, 2},
			{func(m *wizard.Model) {
				m.On(t.Context(), m.View().At, func(context.Context) bool { return false }, unfinished(t))
			}, 2, 2},
			{func(m *wizard.Model) { m.To(t.Context(), 0) }, 0, 2},
			{func(m *wizard.Model) { m.To(t.Context(), 3) }, 0, 2}, // never come to
			{func(m *wizard.Model) { m.To(t.Context(), 2) }, 2, 2},
			{func(m *wizard.Model) { m.On(t.Context(), m.View().At, leaves, unfinished(t)) }, 3, 3},
		} {
			move.do(m)
			kept, err := b.SetupStep(t.Context(), "Acme")
			if err != nil {
				t.Fatal(err)
			}
			m, last = follow(t, b, "Acme", wizard.ParseStand(kept))
			v := last()
			reached := -1
			for _, s := range v.Steps {
				if s.State != wizard.Later {
					reached++
				}
			}
			if v.At != move.at || reached != move.reached || v.Steps[v.At].State != wizard.Here {
				t.Errorf("kept %q: it comes back at %d of %d, want %d of %d", kept, v.At, reached, move.at, move.reached)
			}
		}
		ended := ""
		m.On(t.Context(), m.View().At, leaves, func(name string) { ended = name })
		if kept, _ := b.SetupStep(t.Context(), "Acme"); ended != "Acme" || kept != "" || !last().Ended {
			t.Errorf("at the end %q is done, and %q is kept", ended, kept)
		}
	})
}

// lost is a backend that cannot keep.
type lost struct{}

func (lost) KeepSetupStep(context.Context, string, string) error {
	return errors.New("the disk is full")
}

// TestNotKept stays where a move could not be kept, and says so.
func TestNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, last := follow(t, lost{}, "Acme", wizard.Stand{})
		m.On(t.Context(), m.View().At, leaves, unfinished(t))
		if v := last(); v.At != 0 || v.Problem == nil || v.Problem.What != "The disk is full." {
			t.Errorf("it went on: %+v", v)
		}
	})
}

// TestStopped goes back while the step is still being left: what waits is stopped, and nothing goes on.
func TestStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, last := follow(t, &fake.Backend{}, "Acme", wizard.Stand{At: "signin", Reached: "signin"})
		go m.On(t.Context(), 1, func(ctx context.Context) bool { <-ctx.Done(); return false }, unfinished(t))
		if v := last(); !v.Busy {
			t.Error("it does not wait")
		}
		m.Stop()
		if v := last(); v.Busy || v.At != 1 || v.Problem != nil {
			t.Errorf("after Stop: %+v", v)
		}
	})
}

// page says which one it is, and counts what runs.
type page struct {
	at      wizard.At
	key     string
	entry   *look.Field
	runs    *atomic.Int32
	content fyne.CanvasObject
}

func (p *page) Content() fyne.CanvasObject { return p.content }
func (p *page) First() fyne.Focusable      { return p.entry }
func (p *page) Run(ctx context.Context) error {
	p.runs.Add(1)
	defer p.runs.Add(-1)
	<-ctx.Done()
	return ctx.Err()
}

func (p *page) Leave(context.Context) bool {
	if p.at.Name == "" {
		p.at.Made("Acme")
	}
	return true
}

func entries(runs *atomic.Int32) (list []wizard.Entry) {
	for _, key := range keys {
		list = append(list, wizard.Entry{Key: key, Set: true, New: func(at wizard.At) wizard.Page {
			p := &page{at: at, key: key, runs: runs, entry: look.NewField(at.On)}
			p.content = look.Column(0, look.NewText(fmt.Sprintf("page %s of %q", key, at.Name)), p.entry)
			at.Foot(wizard.Foot{Ready: true, Note: "all is said about " + key})
			return p
		}})
	}
	return list
}

// TestWalk goes through all steps and back by the keyboard alone: one page runs at a time, the focus is on its first field, and one button
// is filled.
func TestWalk(t *testing.T) {
	for name, theme := range map[string]look.Theme{"light": look.Light(), "dark": look.Dark()} {
		t.Run(name, func(t *testing.T) {
			stage := fake.NewStage(t, theme)
			var runs atomic.Int32
			var done atomic.Value
			b := &fake.Backend{}
			s := wizard.New(words.For("en"), b, entries(&runs), wizard.Begin{}, wizard.Ways{Leave: func() {}, Ask: b.Ask, Done: func(name string) { done.Store(name) }, Failed: func(err error) { t.Error(err) }})
			window := test.NewTempWindow(t, s.Content())
			window.Resize(fyne.NewSize(1280, 800))
			window.Canvas().Focus(s.First())
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			shown := func(what string) func() bool {
				return func() bool { return slices.Contains(fake.Texts(s.Content()), what) && runs.Load() == 1 }
			}
			enter := func() { window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
			stage.Until("the first page", shown(`page salesforce of ""`))
			if fake.Button(s.Content(), "Back") != nil {
				t.Error("there is a way back from the first step")
			}
			enter()
			stage.Until("the second page", shown(`page signin of "Acme"`))
			enter()
			stage.Until("the third page", shown(`page rights of "Acme"`))
			s.Back()
			stage.Until("the second page again", shown(`page signin of "Acme"`))
			if !slices.Contains(fake.Texts(s.Content()), "all is said about signin") {
				t.Error("the foot says nothing of the page")
			}
			if b := fake.Button(s.Content(), "✓  Permissions"); b == nil || b.Disabled() {
				t.Error("the third step cannot be gone to again")
			}
			if b := fake.Button(s.Content(), "4   Marketo"); b == nil || !b.Disabled() {
				t.Error("a step that was never come to can be gone to")
			}
			filled := 0
			for _, b := range fake.Buttons(s.Content()) {
				if b.Kind() == look.Filled {
					filled++
				}
			}
			if filled != 1 {
				t.Errorf("%d buttons are filled", filled)
			}
			s.To(2)
			stage.Until("the third page again", shown(`page rights of "Acme"`))
			enter()
			stage.Until("the last page", shown(`page marketo of "Acme"`))
			enter()
			stage.Until("the end", func() bool { return done.Load() == "Acme" })
			cancel()
			stage.Until("nothing runs any more", func() bool { return len(ended) == 1 && runs.Load() == 0 })
		})
	}
}

// TestPlace sets a page in the frame of an open workspace by its own button.
func TestPlace(t *testing.T) {
	stage := fake.NewStage(t, look.Light())
	var runs atomic.Int32
	w := words.For("en")
	side := frame.NewSidebar([]frame.Place{{Text: "Overview"}}, frame.Place{Text: "All workspaces"})
	p := wizard.NewPlace(w, side, entries(&runs)[3], "Acme", fake.NewRunning(fake.Fresh()))
	window := test.NewTempWindow(t, p.Content())
	window.Canvas().Focus(p.First())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	stage.Until("it is set", func() bool { return slices.Contains(fake.Texts(p.Content()), "Set. It holds from the next cycle on.") })
	if fake.Button(p.Content(), "Back") != nil {
		t.Error("there is a way back where there are no steps")
	}
	cancel()
	stage.Until("it ends", func() bool { return len(ended) == 1 })
}
