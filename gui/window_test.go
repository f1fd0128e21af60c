package gui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/app"
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

// TestSetUp sets a connection up by the keyboard alone, from the start page to the open workspace, goes back once on its way, and leaves
// and comes back once.
func TestSetUp(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := &fake.Backend{}
	var shown []string
	stage, window, end := open(t, b, gui.Options{Browser: func(address string) error { shown = append(shown, address); return nil }})
	keys := window.Canvas()
	stage.Until("the empty list", see(window, "None yet. Begin with a connection of your own, or with the sample data."))
	key := func(name fyne.KeyName) { keys.Focused().TypedKey(&fyne.KeyEvent{Name: name}) }
	ready := func(text string) func() bool {
		return func() bool { b := fake.Button(window.Content(), text); return b != nil && !b.Disabled() }
	}
	shortcut := func(name fyne.KeyName, modifier fyne.KeyModifier) {
		s := &desktop.CustomShortcut{KeyName: name, Modifier: modifier}
		if field, ok := keys.Focused().(*look.Field); ok {
			field.TypedShortcut(s)
			return
		}
		keys.(fyne.Shortcutable).TypedShortcut(s)
	}
	fill := func(first string, others ...string) {
		t.Helper()
		test.Type(keys.Focused(), first)
		for _, text := range others {
			for range 20 {
				keys.FocusNext()
				if field, ok := keys.Focused().(*look.Field); ok && field.Text == "" {
					break
				}
			}
			test.Type(keys.Focused(), text)
		}
	}

	shortcut(fyne.KeyN, fyne.KeyModifierShortcutDefault)
	stage.Until("the first step", see(window, "Where your Salesforce is"))
	fill("acme--uat.sandbox.lightning.force.com/lightning/page/home", "3MVG9")
	if !see(window, "The sandbox uat of acme, at acme--uat.sandbox.my.salesforce.com.")() {
		t.Errorf("the address is not understood: %q", fake.Texts(window.Content()))
	}
	stage.Until("it can go on", ready("Continue"))
	key(fyne.KeyEscape)
	stage.Until("what was begun", see(window, "set-up stands at: Salesforce"))
	test.Tap(fake.Button(window.Content(), "Go on"))
	stage.Until("what was typed", ready("Continue"))
	key(fyne.KeyReturn)

	stage.Until("the second step", ready("Sign in"))
	key(fyne.KeyReturn)
	stage.Until("who it is", see(window, "Signed in as marketo.sync@acme.example"))
	stage.Until("it can go on", ready("Continue"))
	key(fyne.KeyReturn)
	stage.Until("the third step", see(window, "The sync user may do all that is needed."))
	shortcut(fyne.KeyLeft, fyne.KeyModifierAlt)
	stage.Until("the second step again, signed in", see(window, "Signed in as marketo.sync@acme.example"))
	stage.Until("it can go on", ready("Continue"))
	shortcut(fyne.KeyRight, fyne.KeyModifierAlt)
	stage.Until("the third step again", see(window, "The sync user may do all that is needed."))
	stage.Until("it can go on", ready("Continue"))
	shortcut(fyne.KeyReturn, fyne.KeyModifierShortcutDefault)

	stage.Until("the fourth step", func() bool { f, ok := keys.Focused().(*look.Field); return ok && !f.Disabled() })
	fill("123-ABC-456", "mk", "secret")
	stage.Until("it can sign in", ready("Sign in"))
	key(fyne.KeyReturn)
	stage.Until("what the instance says", see(window, "1 permission is missing in Marketo."))
	stage.Until("it can go on", ready("Continue"))
	key(fyne.KeyReturn)
	stage.Until("a step after it", func() bool {
		step, err := b.SetupStep(t.Context(), "Acme (uat)")
		return err == nil && !strings.HasSuffix(step, "marketo")
	})
	keys.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if err := b.KeepSetupStep(t.Context(), "Acme (uat)", "rehearsal"); err != nil { // the steps between have their own tests
		t.Fatal(err)
	}
	b.Add(app.WorkspaceCard{Name: "Acme (uat)", Step: "rehearsal"})
	stage.Until("where it stands", see(window, "set-up stands at: Rehearsal"))
	test.Tap(fake.Button(window.Content(), "Go on"))
	stage.Until("the rehearsal, which is made by itself", ready("Continue"))
	shortcut(fyne.KeyReturn, fyne.KeyModifierShortcutDefault)
	stage.Until("the last step", ready("Go live"))
	shortcut(fyne.KeyReturn, fyne.KeyModifierShortcutDefault)
	stage.Until("the open workspace", see(window, "Sync now"))
	end()
	want := []string{"NewWorkspace Acme (uat)", "ConnectSalesforce browser", "ConnectMarketo 123-ABC-456", "Open Acme (uat)"}
	if got := b.Calls(); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	if len(shown) != 1 || !strings.HasPrefix(shown[0], "https://acme.my.salesforce.com/") {
		t.Errorf("the browser showed %q", shown)
	}
}

// TestLooking has only the steps that look, and ends in Observe without a mode being set.
func TestLooking(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := &fake.Backend{}
	stage, window, end := open(t, b, gui.Options{})
	stage.Until("the start page", see(window, "None yet. Begin with a connection of your own, or with the sample data."))
	test.Tap(fake.Button(window.Content(), "Look"))
	stage.Until("the first step", see(window, "Where your Salesforce is"))
	var steps []string
	for _, b := range fake.Buttons(window.Content()) {
		if b.Kind() == look.Entry {
			steps = append(steps, b.Text())
		}
	}
	if want := []string{"1   Salesforce", "2   Sign in", "3   Marketo", "Save and leave"}; !slices.Equal(steps, want) {
		t.Errorf("the steps are %q, want %q", steps, want)
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
