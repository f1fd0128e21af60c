package look_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/look"
)

// TestHints says the shortcut of a button under the mouse and of one with the focus, of one at a time, and nothing of a
// disabled one.
func TestHints(t *testing.T) {
	test.NewTempApp(t)
	hints := look.NewHints()
	first, second := look.NewButton(look.Filled, "Sync now", nil), look.NewButton(look.Outlined, "Pause", nil)
	first.SetHint(hints, "Ctrl+R")
	second.SetHint(hints, "Ctrl+P")
	window := test.NewTempWindow(t, container.NewStack(container.NewHBox(first, second), hints))
	window.Resize(fyne.NewSize(300, 200))
	expect := func(when, want string) {
		t.Helper()
		if got := hints.Text(); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	expect("at first", "")
	first.MouseIn(&desktop.MouseEvent{})
	expect("under the mouse", "Ctrl+R")
	window.Canvas().Focus(second)
	expect("with the focus", "Ctrl+P")
	first.MouseOut()
	expect("the mouse leaves another one", "Ctrl+P")
	second.SetHint(hints, "Ctrl+P again")
	expect("a new text", "Ctrl+P again")
	window.Canvas().Unfocus()
	expect("without the focus", "")
	first.Disable()
	first.MouseIn(&desktop.MouseEvent{})
	expect("disabled", "")
}

// TestEscapeLeavesButtons hands Esc to the window while a button has the focus.
func TestEscapeLeavesButtons(t *testing.T) {
	test.NewTempApp(t)
	b := look.NewButton(look.Filled, "Test", nil)
	window := test.NewTempWindow(t, b)
	left := 0
	window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			left++
		}
	})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyA})
	if left != 1 {
		t.Errorf("Esc came %d times", left)
	}
}
