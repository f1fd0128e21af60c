package start_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/start"
	"github.com/doppio-sync/doppio/gui/words"
	"github.com/doppio-sync/doppio/store"
)

func clock() time.Time { return fake.Noon }

// watch runs a model in the bubble and gives what it showed last.
func watch(t *testing.T, b *fake.Backend) (m *start.Model, last func() start.View, end func()) {
	t.Helper()
	m = start.NewModel(words.For("en"), b, clock)
	ctx, cancel := context.WithCancel(t.Context())
	var view start.View
	done := make(chan error)
	go func() { done <- m.Watch(ctx, func(v start.View) { view = v }) }()
	end = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	}
	return m, func() start.View { time.Sleep(time.Second); synctest.Wait(); return view }, end
}

// TestList is the list in its states, and the facts of its rows.
func TestList(t *testing.T) {
	rows := []struct {
		name    string
		backend *fake.Backend
		state   start.State
		facts   []string
	}{
		{"empty", &fake.Backend{}, start.Empty, nil},
		{"failed", &fake.Backend{ListErr: errors.New("no folder")}, start.Failed, nil},
		{"full", &fake.Backend{Cards: append(fake.Cards(),
			app.WorkspaceCard{Name: "New"}, app.WorkspaceCard{Name: "Half", Salesforce: "a", Marketo: "b", Step: "filter rehearsal"}, app.WorkspaceCard{Begun: true}, app.WorkspaceCard{Name: "Busy", Salesforce: "a", Marketo: "b", InUse: true},
			app.WorkspaceCard{Name: "Old", Trouble: app.Told(store.ErrOutdated)}, app.WorkspaceCard{Name: "Broken", Trouble: app.Sentence{Text: "It is damaged."}})}, start.Full,
			[]string{"12,480 linked, synced 2 minutes ago", "no cycle yet", "one side is connected", "not connected yet", "set-up stands at: Who takes part", "set-up stands at: Salesforce", "open in another window or command",
				"an older Doppio used it last; opening brings it up to date", "It is damaged."}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, last, end := watch(t, row.backend)
				v := last()
				if v.State != row.state {
					t.Errorf("state %d, want %d", v.State, row.state)
				}
				var facts []string
				for _, r := range v.Rows {
					facts = append(facts, r.Fact)
				}
				for _, r := range v.Rows { // of what cannot be read nobody knows that it lacks a connection
					if (r.Name == "Old" || r.Name == "Broken") && (r.Unfinished || r.Button != "Open") {
						t.Errorf("%s is to be connected once more: %+v", r.Name, r)
					}
				}
				if !slices.Equal(facts, row.facts) {
					t.Errorf("facts %q, want %q", facts, row.facts)
				}
				end()
			})
		})
	}
}

// TestOpening shows progress, hands over what was opened, and closes what nobody waits for any more.
func TestOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &fake.Backend{Wait: make(chan struct{}), Progress: []app.Progress{{Phase: app.PhaseSeed, Done: 500, Total: 2000}}}
		m, last, end := watch(t, b)
		var got app.Running
		go m.OpenDemo(t.Context(), func(r app.Running) { got = r })
		if v := last(); v.Doing != "Making the sample data: 500 of 2,000" || v.Share != 0.25 || !v.Demo {
			t.Errorf("while opening: %+v", v)
		}
		m.Stop()
		if v := last(); v.Opening != "" || v.Problem != nil || got != nil {
			t.Errorf("after Stop: %+v", v)
		}
		close(b.Wait)
		m.OpenDemo(t.Context(), func(r app.Running) { got = r })
		if got == nil || last().Opening != "" {
			t.Error("it was not handed over")
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		m.Open(gone, "Acme B.V.", func(app.Running) { t.Error("a closed screen was given a workspace") })
		if calls := b.Last().Calls(); !slices.Equal(calls, []string{"Close"}) {
			t.Errorf("what nobody waits for was asked %v", calls)
		}
		end()
	})
}

// TestOpenFails says so in place, until the person tries again.
func TestOpenFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, last, end := watch(t, &fake.Backend{Cards: fake.Cards(), OpenErr: errors.New("another process works in it")})
		m.Open(t.Context(), "Acme B.V.", func(app.Running) { t.Error("it was opened") })
		if v := last(); v.Problem == nil || v.Problem.What != "Another process works in it." || v.State != start.Full {
			t.Errorf("after a failure: %+v", v)
		}
		m.Retry()
		if v := last(); v.Problem != nil {
			t.Error("the failure stays")
		}
		end()
	})
}

// TestScreen draws the states in both themes, presses every way, and reads the rows.
func TestScreen(t *testing.T) {
	for name, theme := range map[string]look.Theme{"light": look.Light(), "dark": look.Dark()} {
		t.Run(name, func(t *testing.T) {
			stage := fake.NewStage(t, theme)
			var went, asked []string
			agree := func(func()) {}
			b := &fake.Backend{Cards: fake.Cards()}
			var mu sync.Mutex
			var opened app.Running
			s := start.New(words.For("en"), b, clock, start.Ways{
				Connect: func(name string, lookOnly bool) {
					if lookOnly {
						name += " to look"
					}
					went = append(went, name)
				},
				Opened:  func(r app.Running) { mu.Lock(); opened = r; mu.Unlock() },
				Confirm: func(title, _, deed string, do func()) { asked = append(asked, title, deed); agree(do) },
			})
			window := test.NewTempWindow(t, s.Content())
			window.Resize(fyne.NewSize(1280, 800))
			if texts := fake.Texts(s.Content()); !slices.Contains(texts, "Looking for workspaces …") {
				t.Errorf("while loading: %q", texts)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var work sync.WaitGroup
			work.Go(func() {
				if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("Run ended with %v", err)
				}
			})
			stage.Until("the list", func() bool { return fake.Button(s.Content(), "Open") != nil })
			for _, text := range []string{"Begin", "Look", "Go on"} {
				test.Tap(fake.Button(s.Content(), text))
			}
			if want := []string{"", " to look", "Client visit, Kade 12 to look"}; !slices.Equal(went, want) {
				t.Errorf("went %q, want %q", went, want)
			}
			test.Tap(fake.Button(s.Content(), "Open"))
			stage.Until("an open workspace", func() bool { mu.Lock(); defer mu.Unlock(); return opened != nil })
			if calls := b.Calls(); !slices.Equal(calls, []string{"Open Acme B.V."}) {
				t.Errorf("asked %v", calls)
			}
			forgotten := func() bool { return slices.Contains(b.Calls(), "Forget Acme B.V.") }
			ready := func() bool { return !fake.Button(s.Content(), "Forget").Disabled() } // it rests while the workspace is opened
			stage.Until("the button", ready)
			test.Tap(fake.Button(s.Content(), "Forget"))
			if want := []string{"Forget Acme B.V.", "Forget Acme B.V."}; !slices.Equal(asked, want) || forgotten() {
				t.Errorf("asked %q before it is forgotten: %v", asked, forgotten())
			}
			agree = func(do func()) { do() }
			stage.Until("the button again", ready)
			test.Tap(fake.Button(s.Content(), "Forget"))
			stage.Until("the shorter list", func() bool { return forgotten() && !slices.Contains(fake.Texts(s.Content()), "Acme B.V.") })
			cancel()
			work.Wait()
			s.Show(start.View{State: start.Failed, Note: "The workspaces cannot be listed.", Problem: &words.Told{What: "No folder.", Do: "Make one.", Details: "x"}})
			if fake.Button(s.Content(), "Copy details") == nil {
				t.Error("a failure has no details to copy")
			}
			test.Tap(fake.Button(s.Content(), "Copy details"))
			if got := fyne.CurrentApp().Clipboard().Content(); got != "x" {
				t.Errorf("the clipboard has %q", got)
			}
		})
	}
}

// TestModesHaveColours guards the map that a new mode would be forgotten in.
func TestModesHaveColours(t *testing.T) {
	fake.NewStage(t, look.Light())
	s := start.New(words.For("en"), &fake.Backend{}, clock, start.Ways{})
	for _, mode := range []record.Mode{record.Observe, record.Rehearse, record.Live} {
		s.Show(start.View{State: start.Full, Rows: []start.Row{{Name: "A", Mode: mode, ModeText: mode.String()}}})
		if texts := fake.Texts(s.Content()); !slices.Contains(texts, mode.String()) {
			t.Errorf("%v is not shown", mode)
		}
	}
}
