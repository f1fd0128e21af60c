package filter

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestByKeyboard makes a filter with the keyboard alone: fields, asks and values by typing, a group, moves, undo, a slip in the text that
// is mended, and in the end sets it.
func TestByKeyboard(t *testing.T) {
	for name, theme := range map[string]look.Theme{"light": look.Light(), "dark": look.Dark()} {
		t.Run(name, func(t *testing.T) { byKeyboard(t, theme) })
	}
}

func byKeyboard(t *testing.T, theme look.Theme) {
	stage := fake.NewStage(t, theme)
	w := fake.NewRunning(fake.Fresh())
	desk := &fake.Desk{Weight: heavy, Given: app.FilterSheet{Language: fake.Org(), Linked: true}}
	w.Desk(desk)
	var foot wizard.Foot
	s := New(words.For("en"), wizard.At{Workspace: w, Open: true, Foot: func(f wizard.Foot) { foot = f }, On: func() {}}, func() time.Time { return fake.Noon }, func(string) {})
	window := test.NewWindow(s.Content())
	defer window.Close()
	window.Resize(fyne.NewSize(1080, 800))
	canvas := window.Canvas()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stage.Until("the page is there", func() bool { return s.view.State == Full && canvas.Focused() != nil })

	key := func(names ...fyne.KeyName) {
		for _, n := range names {
			canvas.Focused().TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	typed := func(text string) {
		for _, r := range text {
			canvas.Focused().TypedRune(r)
		}
	}
	text := func(want string) {
		t.Helper()
		if s.view.Text != want || s.text.field.Text != want {
			t.Fatalf("the text is\n%s\nand shown is\n%s\nwant\n%s", s.view.Text, s.text.field.Text, want)
		}
	}
	press := func(says string) {
		t.Helper()
		b := fake.Button(s.Content(), says)
		if b == nil {
			t.Fatalf("there is no button %q", says)
		}
		canvas.Focus(b)
		key(fyne.KeyReturn)
	}
	shortcut := func(name fyne.KeyName, with fyne.KeyModifier) {
		canvas.(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: with})
	}

	press("+ condition")
	typed("country")
	key(fyne.KeyReturn) // the field; the keyboard is at what is asked
	key(fyne.KeyReturn)
	typed("one of")
	key(fyne.KeyReturn) // what is asked; the keyboard is at the value
	key(fyne.KeyReturn)
	typed("swe")
	key(fyne.KeyReturn)
	typed("")
	key(fyne.KeyEscape)
	text(`Country in ("Sweden")`)
	press("+ condition")
	typed("employees")
	key(fyne.KeyReturn)
	canvas.Focus(s.lines[2].keys()[2])
	typed("5x")
	text(`Country in ("Sweden")`)
	if !strings.Contains(strings.Join(fake.Texts(s.Content()), "\n"), "A number is needed") || foot.Ready {
		t.Errorf("a bad number: %+v", foot)
	}
	key(fyne.KeyBackspace)
	text("Country in (\"Sweden\") and NumberOfEmployees = 5")
	shortcut(fyne.KeyUp, fyne.KeyModifierAlt)
	text("NumberOfEmployees = 5 and Country in (\"Sweden\")")
	if line, at := s.focused(); line != 1 || at != 2 {
		t.Errorf("after a move the keyboard is in line %d at %d", line, at)
	}
	canvas.Focused().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutUndo{})
	text("Country in (\"Sweden\") and NumberOfEmployees = 5")
	shortcut(fyne.KeyZ, fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift)
	text("NumberOfEmployees = 5 and Country in (\"Sweden\")")
	canvas.Focus(s.lines[1].keys()[3])
	key(fyne.KeySpace) // removes
	text("Country in (\"Sweden\")")
	if line, _ := s.focused(); line != 1 {
		t.Errorf("after a row was removed the keyboard is in line %d", line)
	}

	canvas.Focus(s.text.field)
	typed(" ")
	s.text.field.SetText("Contry is filled")
	if s.view.Wrong == nil || !s.lines[1].(*rowLine).field.Disabled() || len(s.lines) != 3 {
		t.Fatalf("a slip: %+v", s.view.Wrong)
	}
	press("Country")
	text("Country is filled")
	if s.view.Wrong != nil || s.lines[1].(*rowLine).field.Disabled() {
		t.Error("a slip is not mended")
	}

	stage.Until("it is counted", func() bool { return s.view.Means.Whole && !s.view.Means.Old })
	if s.Leave(ctx) {
		t.Error("set without a question")
	}
	stage.Until("it is asked", func() bool { return s.view.Confirm != "" && foot.Continue == "Set" })
	s.confirm.why.SetText("agreed")
	if !s.Leave(ctx) {
		t.Error("not set")
	}
	stage.Until("it is set", func() bool { return s.view.Confirm == "" && !s.view.Changed })
	press("Versions")
	if !slices.ContainsFunc(fake.Texts(s.who.content), func(text string) bool { return strings.Contains(text, "agreed") }) {
		t.Errorf("the versions are %q", fake.Texts(s.who.content))
	}
	cancel()
	stage.Until("the page ends", func() bool { return len(done) == 1 })
	if _, set, closed := desk.Asked(); len(set) != 1 || set[0].Why != "agreed" || !closed {
		t.Errorf("set is %+v, the desk is given back: %v", set, closed)
	}
}
