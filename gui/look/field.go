package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Field is an entry that leaves the window's shortcuts and Esc to the window: Fyne's own swallows them as long as it
// has the focus.
type Field struct {
	widget.Entry
}

// NewField is an empty field; Enter runs submit. Set Password or MultiLine before it is first shown.
func NewField(submit func()) *Field {
	f := &Field{}
	f.OnSubmitted = func(string) { submit() }
	f.ExtendBaseWidget(f)
	return f
}

// FocusGained draws the focus.
func (f *Field) FocusGained() { f.Entry.FocusGained(); reveal(f) }

// TypedShortcut keeps what edits text, and hands the rest to the window.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if _, ours := s.(*desktop.CustomShortcut); ours {
		if window, ok := fyne.CurrentApp().Driver().CanvasForObject(f).(fyne.Shortcutable); ok {
			window.TypedShortcut(s)
			return
		}
	}
	f.Entry.TypedShortcut(s)
}

// TypedKey keeps all keys but Esc.
func (f *Field) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && escape(f, e) {
		return
	}
	f.Entry.TypedKey(e)
}
