package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Option is one answer of a few, with a sentence of what it means. It is chosen by a tap, by Enter and by the space bar.
type Option struct {
	widget.BaseWidget
	// OnChosen runs on the UI thread and must not wait.
	OnChosen func()

	title, means             *Text
	chosen, focused, hovered bool
}

var (
	_ fyne.Focusable    = (*Option)(nil)
	_ fyne.Tappable     = (*Option)(nil)
	_ desktop.Hoverable = (*Option)(nil)
)

// NewOption is an option whose sentence has room for so many lines.
func NewOption(title, means string, lines int, chosen func()) *Option {
	o := &Option{title: NewText(title), means: Caption(means), OnChosen: chosen}
	o.title.Lines, o.means.Lines = 1, lines
	o.ExtendBaseWidget(o)
	return o
}

// Choose marks it as the answer.
func (o *Option) Choose(on bool) {
	if o.chosen != on {
		o.chosen = on
		o.title.Bold = on
		o.title.Refresh()
		o.Refresh()
	}
}

// Chosen reports whether it is.
func (o *Option) Chosen() bool { return o.chosen }

// Text is the answer.
func (o *Option) Text() string { return o.title.String() }

// Tapped chooses it.
func (o *Option) Tapped(*fyne.PointEvent) { o.OnChosen() }

// FocusGained draws the focus.
func (o *Option) FocusGained() {
	o.focused = true
	o.Refresh()
	reveal(o)
}

// FocusLost removes it.
func (o *Option) FocusLost() { o.focused = false; o.Refresh() }

// TypedRune is for Fyne; letters do nothing.
func (o *Option) TypedRune(rune) {}

// TypedKey chooses it on Enter and the space bar, and leaves Esc to the window.
func (o *Option) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		o.OnChosen()
	case fyne.KeyEscape:
		escape(o, e)
	}
}

// MouseIn tints it.
func (o *Option) MouseIn(*desktop.MouseEvent) { o.hovered = true; o.Refresh() }

// MouseMoved is for Fyne.
func (o *Option) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the tint.
func (o *Option) MouseOut() { o.hovered = false; o.Refresh() }

// CreateRenderer is for Fyne.
func (o *Option) CreateRenderer() fyne.WidgetRenderer {
	r := &optionRenderer{o: o, body: &canvas.Rectangle{CornerRadius: buttonRadius}, ring: &canvas.Circle{StrokeWidth: 1.5}, dot: &canvas.Circle{}}
	r.Refresh()
	return r
}

type optionRenderer struct {
	o         *Option
	body      *canvas.Rectangle
	ring, dot *canvas.Circle
}

const optionIndent float32 = 30

func (r *optionRenderer) MinSize() fyne.Size {
	return fyne.NewSize(optionIndent+120, r.o.title.MinSize().Height+r.o.means.MinSize().Height+2*6)
}

func (r *optionRenderer) Layout(size fyne.Size) {
	r.body.Resize(size)
	high := r.o.title.MinSize().Height
	r.o.title.Move(fyne.NewPos(optionIndent, 6))
	r.o.title.Resize(fyne.NewSize(size.Width-optionIndent-Small, high))
	r.o.means.Move(fyne.NewPos(optionIndent, 6+high))
	r.o.means.Resize(fyne.NewSize(size.Width-optionIndent-Small, r.o.means.MinSize().Height))
	const wide, inner float32 = 14, 6
	at := fyne.NewPos(9, 6+middle(high, wide))
	r.ring.Move(at)
	r.ring.Resize(fyne.NewSize(wide, wide))
	r.dot.Move(at.AddXY((wide-inner)/2, (wide-inner)/2))
	r.dot.Resize(fyne.NewSize(inner, inner))
}

func (r *optionRenderer) Refresh() {
	th, variant := r.o.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.body.FillColor, r.body.StrokeColor, r.body.StrokeWidth = nil, nil, 0
	if r.o.chosen || r.o.hovered {
		r.body.FillColor = th.Color(AccentSoft, variant)
	}
	if r.o.focused {
		r.body.StrokeColor, r.body.StrokeWidth = th.Color(Accent, variant), 2
	}
	edge := Faint
	if r.o.chosen {
		edge = Accent
	}
	r.ring.StrokeColor = th.Color(edge, variant)
	r.dot.FillColor, r.dot.Hidden = th.Color(Accent, variant), !r.o.chosen
	r.Layout(r.o.Size())
	canvas.Refresh(r.o)
}

func (r *optionRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.body, r.ring, r.dot, r.o.title, r.o.means}
}

func (r *optionRenderer) Destroy() {}
