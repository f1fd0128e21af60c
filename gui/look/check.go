package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
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

// CreateRenderer is for Fyne, whose empty box has the faint line of an entry: one does not see that there is a box.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	r := &checkRenderer{c.Check.CreateRenderer()}
	r.draw()
	return r
}

type checkRenderer struct{ fyne.WidgetRenderer }

func (r *checkRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.draw()
}

// draw gives the empty box a line that one sees.
func (r *checkRenderer) draw() {
	for _, o := range r.Objects() {
		picture, ok := o.(*canvas.Image)
		if !ok {
			continue
		}
		if box, ok := picture.Resource.(*theme.ThemedResource); ok && box.ColorName == theme.ColorNameInputBorder {
			box.ColorName = Soft
			picture.Refresh()
		}
	}
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
