package look

import "fyne.io/fyne/v2"

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
