package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Hints is a layer over a screen that says a few words beside what the mouse or the keyboard points at. It lies on top
// of everything and takes no presses.
type Hints struct {
	widget.BaseWidget
	text string
	near fyne.CanvasObject
}

// NewHints is a layer that says nothing.
func NewHints() *Hints {
	h := &Hints{}
	h.ExtendBaseWidget(h)
	return h
}

// Say says a text under an object of the same screen.
func (h *Hints) Say(near fyne.CanvasObject, text string) {
	h.near, h.text = near, text
	h.Refresh()
}

// Unsay takes away what is said about an object; what is said about another one stays.
func (h *Hints) Unsay(near fyne.CanvasObject) {
	if h.near == near {
		h.near, h.text = nil, ""
		h.Refresh()
	}
}

// Text is what is said now.
func (h *Hints) Text() string { return h.text }

// CreateRenderer is for Fyne.
func (h *Hints) CreateRenderer() fyne.WidgetRenderer {
	r := &hintRenderer{h: h, box: &canvas.Rectangle{CornerRadius: 6, StrokeWidth: 1}, words: &canvas.Text{}}
	r.Refresh()
	return r
}

type hintRenderer struct {
	h     *Hints
	box   *canvas.Rectangle
	words *canvas.Text
}

func (r *hintRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *hintRenderer) Layout(fyne.Size) { r.place() }

// Refresh follows the theme and what is said.
func (r *hintRenderer) Refresh() {
	th, variant := r.h.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.box.FillColor, r.box.StrokeColor = th.Color(Panel, variant), th.Color(Line, variant)
	r.words.Text, r.words.Color, r.words.TextSize = r.h.text, th.Color(Ink, variant), th.Size(SizeCaption)
	r.box.Hidden, r.words.Hidden = r.h.text == "", r.h.text == ""
	r.place()
	canvas.Refresh(r.h)
}

// place sets the words under their object, within the layer.
func (r *hintRenderer) place() {
	if r.h.near == nil {
		return
	}
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(r.h.near).Subtract(driver.AbsolutePositionForObject(r.h))
	size := r.words.MinSize()
	room := r.h.Size()
	x := min(at.X, room.Width-size.Width-2*Small-Large)
	y := at.Y + r.h.near.Size().Height + Tiny
	if y+size.Height+Small > room.Height {
		y = at.Y - size.Height - Small - Tiny
	}
	r.box.Move(fyne.NewPos(max(x, 0), y))
	r.box.Resize(fyne.NewSize(size.Width+2*Small, size.Height+Small))
	r.words.Move(fyne.NewPos(max(x, 0)+Small, y+Tiny))
	r.words.Resize(size)
}

func (r *hintRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.box, r.words} }

func (r *hintRenderer) Destroy() {}
