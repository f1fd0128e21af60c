package gui_test

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/gui"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
)

// open opens the window on a stage.
func open(t *testing.T, b *fake.Backend, o gui.Options) (*fake.Stage, fyne.Window, func()) {
	t.Helper()
	stage := fake.NewStage(t, look.Light())
	o.Now = func() time.Time { return fake.Noon }
	o.Language, o.Theme = "en", look.Light()
	w := gui.Open(t.Context(), stage, b, o)
	windows := stage.Driver().AllWindows()
	return stage, windows[len(windows)-1], w.Close
}

func see(w fyne.Window, text string) func() bool {
	return func() bool { return slices.Contains(fake.Texts(w.Content()), text) }
}

// TestJourney goes by keyboard alone: from the start page into the sample data, edits, makes trouble, starts a cycle,
// stops it, pauses, and leaves. The workspace is closed, and no goroutine is left.
func TestJourney(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := &fake.Backend{Cards: fake.Cards()}
	stage, window, end := open(t, b, gui.Options{})
	keys := window.Canvas()
	stage.Until("the list", see(window, "Acme B.V."))

	press := func(text string) {
		t.Helper()
		stage.Until(text, func() bool { b := fake.Button(window.Content(), text); return b != nil && !b.Disabled() })
		for range 30 {
			keys.FocusNext()
			if b, ok := keys.Focused().(*look.Button); ok && b.Text() == text {
				b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
				return
			}
		}
		t.Fatalf("Tab never comes to %q", text)
	}
	shortcut := func(name fyne.KeyName) {
		keys.(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierShortcutDefault})
	}
	press("Try")
	stage.Until("the sample data", see(window, "Ready. The first cycle starts in 12 s."))
	press("Edit 100 people")
	press("Make trouble")
	stage.Until("trouble", see(window, "End the trouble"))
	shortcut(fyne.KeyR)
	stage.Until("a running cycle", see(window, "Reading Salesforce: 40."))
	shortcut(fyne.KeyR)
	stage.Until("the cycle's end", see(window, "Sync now"))
	shortcut(fyne.KeyP)
	stage.Until("the pause", see(window, "Paused. 200 changes wait."))
	press("Resume")
	stage.Until("going on", see(window, "Pause"))
	running := b.Last()
	press("All workspaces")
	stage.Until("the start page", see(window, "Your workspaces"))
	end()
	want := []string{"Edit", "Trouble", "SyncNow", "Stop", "Pause", "Resume", "Close"}
	if got := running.Calls(); !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
}

// TestDemoFlag goes straight to the sample data; closing the window closes the workspace.
func TestDemoFlag(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := &fake.Backend{}
	stage, window, end := open(t, b, gui.Options{Demo: true})
	stage.Until("the sample data", see(window, "Make trouble"))
	end()
	if got := b.Last().Calls(); !slices.Equal(got, []string{"Close"}) {
		t.Errorf("asked %v", got)
	}
}

// TestConnectAndBack opens the form by its shortcut and leaves it by Esc.
func TestConnectAndBack(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stage, window, end := open(t, &fake.Backend{}, gui.Options{})
	stage.Until("the empty list", see(window, "None yet. Begin with a connection of your own, or with the sample data."))
	window.Canvas().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierShortcutDefault})
	if !see(window, "Set up a new connection")() || !see(window, "Test connection")() {
		t.Fatal("the form is not there")
	}
	field, ok := window.Canvas().Focused().(*look.Field)
	if !ok {
		t.Fatalf("the focus is on %T, not on the first field", window.Canvas().Focused())
	}
	field.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyR, Modifier: fyne.KeyModifierShortcutDefault})
	stage.Until("the answer to a shortcut typed in a field", see(window, "Please fill in: Name of the workspace."))
	field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !see(window, "Your workspaces")() {
		t.Error("Esc does not lead back")
	}
	end()
}

// TestLanguage opens the window in Dutch.
func TestLanguage(t *testing.T) {
	stage := fake.NewStage(t, look.Dark())
	w := gui.Open(t.Context(), stage, &fake.Backend{}, gui.Options{Language: "nl_NL.UTF-8", Theme: look.Dark()})
	windows := stage.Driver().AllWindows()
	if !see(windows[len(windows)-1], "Uw werkruimten")() {
		t.Error("it does not speak Dutch")
	}
	w.Close()
	test.NewTempApp(t)
}

// TestForget is asked about, by keyboard alone: Esc and Enter leave the workspace alone, only its own button removes it.
func TestForget(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := &fake.Backend{Cards: fake.Cards()}
	stage, window, end := open(t, b, gui.Options{})
	stage.Until("the list", see(window, "Acme B.V."))
	asked := func() *look.Button {
		test.Tap(fake.Button(window.Content(), "Forget"))
		keep, ok := window.Canvas().Focused().(*look.Button)
		if !ok || keep.Text() != "Cancel" {
			t.Fatalf("the focus is on %v", window.Canvas().Focused())
		}
		return keep
	}
	asked().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if window.Canvas().Overlays().Top() != nil {
		t.Fatal("Esc does not close the question")
	}
	asked().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if calls := b.Calls(); len(calls) > 0 {
		t.Fatalf("asked %v before it was wanted", calls)
	}
	asked()
	window.Canvas().FocusNext()
	lose, ok := window.Canvas().Focused().(*look.Button)
	if !ok || lose.Text() != "Forget Acme B.V." || lose.Kind() == look.Filled {
		t.Fatalf("after Tab the focus is on %v", window.Canvas().Focused())
	}
	lose.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	stage.Until("the shorter list", func() bool { return !see(window, "Acme B.V.")() })
	if calls := b.Calls(); !slices.Equal(calls, []string{"Forget Acme B.V."}) {
		t.Errorf("asked %v", calls)
	}
	end()
}
