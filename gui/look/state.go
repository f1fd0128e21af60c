package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Enable lets something be pressed or typed in, or keeps it from that. What is so already is not drawn again.
func Enable(w fyne.Disableable, on bool) {
	switch {
	case on && w.Disabled():
		w.Enable()
	case !on && !w.Disabled():
		w.Disable()
	}
}

// Show shows an object, or takes it away.
func Show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// Focus brings the keyboard to something that is on a canvas already; elsewhere nothing happens.
func Focus(on fyne.Focusable) {
	if o, ok := on.(fyne.CanvasObject); ok {
		if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
			c.Focus(on)
		}
	}
}

// reveal scrolls what has the focus into view, where it is in something that scrolls.
func reveal(o fyne.CanvasObject) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		revealIn(c.Content(), o)
	}
}

// revealIn looks for an object under another, and scrolls what is around it, from the inside out. It gives by how much that moves the
// object, which its position says only when it is drawn again.
func revealIn(at, o fyne.CanvasObject) (moved fyne.Position, found bool) {
	switch at := at.(type) {
	case *fyne.Container:
		for _, child := range at.Objects {
			if moved, found = revealIn(child, o); found {
				return moved, true
			}
		}
	case *container.Scroll:
		if moved, found = revealIn(at.Content, o); found {
			return moved.Add(scrollTo(at, o, moved)), true
		}
	}
	return moved, at == o
}

func scrollTo(s *container.Scroll, o fyne.CanvasObject, moved fyne.Position) fyne.Position {
	driver, was := fyne.CurrentApp().Driver(), s.Offset
	at := driver.AbsolutePositionForObject(o).Add(moved).Subtract(driver.AbsolutePositionForObject(s))
	by := fyne.NewPos(beyond(at.X, o.Size().Width, s.Size().Width), beyond(at.Y, o.Size().Height, s.Size().Height))
	if !by.IsZero() {
		s.Refresh() // what was just added to the content has its room then
		s.ScrollToOffset(s.Offset.Add(by))
	}
	return was.Subtract(s.Offset)
}

// beyond is by how much a stretch is outside of what can be seen; its begin counts where it is longer.
func beyond(at, long, room float32) float32 {
	switch {
	case at < 0 || long > room:
		return at - Small
	case at+long > room:
		return at + long - room + Small
	}
	return 0
}
