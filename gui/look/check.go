package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Check is a checkbox that Enter presses too, that scrolls into view, and leaves Esc to the window.
type Check struct{ widget.Check }

// NewCheck is an empty checkbox; changed runs on the UI thread and must not wait.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained draws the focus.
func (c *Check) FocusGained() { c.Check.FocusGained(); reveal(c) }

// TypedKey leaves Esc to the window.
func (c *Check) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		escape(c, e)
	case fyne.KeyReturn, fyne.KeyEnter:
		c.TypedRune(' ')
	default:
		c.Check.TypedKey(e)
	}
}

// Select is a choice of a few texts that Enter opens too, that scrolls into view, and leaves Esc to the window.
type Select struct{ widget.Select }

// NewSelect is a choice of which nothing is chosen yet; changed runs on the UI thread and must not wait.
func NewSelect(options []string, changed func(string)) *Select {
	s := &Select{}
	s.Options, s.OnChanged, s.PlaceHolder = options, changed, "—"
	s.ExtendBaseWidget(s)
	return s
}

// FocusGained draws the focus.
func (s *Select) FocusGained() { s.Select.FocusGained(); reveal(s) }

// TypedKey leaves Esc to the window.
func (s *Select) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		escape(s, e)
	case fyne.KeyReturn, fyne.KeyEnter:
		s.Select.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		s.Select.TypedKey(e)
	}
}
