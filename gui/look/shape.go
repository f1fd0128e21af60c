package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// shape is a rectangle in colours of the theme, which it follows.
type shape struct {
	widget.BaseWidget
	fill, border fyne.ThemeColorName
	radius       float32
	least        fyne.Size
}

func newShape(fill, border fyne.ThemeColorName, radius float32) *shape {
	s := &shape{fill: fill, border: border, radius: radius}
	s.ExtendBaseWidget(s)
	return s
}

// Fill is a plain area of a colour of the theme.
func Fill(name fyne.ThemeColorName) fyne.CanvasObject { return newShape(name, "", 0) }

// Rule is a horizontal line, one unit high.
func Rule() fyne.CanvasObject {
	s := newShape(Line, "", 0)
	s.least = fyne.NewSize(1, 1)
	return s
}

// Dot is the sign of a series in a legend, or of a class in a list.
func Dot(name fyne.ThemeColorName) fyne.CanvasObject {
	s := newShape(name, "", 4.5)
	s.least = fyne.NewSize(9, 9)
	return container.NewCenter(container.NewGridWrap(s.least, s))
}

// CreateRenderer is for Fyne.
func (s *shape) CreateRenderer() fyne.WidgetRenderer {
	r := &shapeRenderer{s: s, rect: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type shapeRenderer struct {
	s    *shape
	rect *canvas.Rectangle
}

func (r *shapeRenderer) MinSize() fyne.Size           { return r.s.least }
func (r *shapeRenderer) Layout(size fyne.Size)        { r.rect.Resize(size) }
func (r *shapeRenderer) Destroy()                     {}
func (r *shapeRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }

func (r *shapeRenderer) Refresh() {
	th, variant := r.s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.rect.CornerRadius = r.s.radius
	r.rect.FillColor, r.rect.StrokeColor, r.rect.StrokeWidth = nil, nil, 0
	if r.s.fill != "" {
		r.rect.FillColor = th.Color(r.s.fill, variant)
	}
	if r.s.border != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = th.Color(r.s.border, variant), 1
	}
	r.rect.Refresh()
}

// Card puts content on a panel.
func Card(content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(newShape(Panel, Line, cardRadius), Pad(cardPadding, cardPadding, content))
}

// Notice puts content on a panel with a coloured edge: a problem in place.
func Notice(edge fyne.ThemeColorName, content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(newShape(Panel, edge, cardRadius), Pad(cardPadding, cardPadding, content))
}

// Inset puts content on a recessed area inside a card or the sidebar.
func Inset(content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(newShape(Background, Line, buttonRadius), Pad(12, 12, content))
}

// Outline draws the border of an entry around something that has none.
func Outline(content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(content, newShape("", theme.ColorNameInputBorder, buttonRadius))
}

// Edged puts a coloured line at the left of content: one of several things to look at.
func Edged(edge fyne.ThemeColorName, content fyne.CanvasObject) fyne.CanvasObject {
	line := newShape(edge, "", 1)
	line.least = fyne.NewSize(3, 1)
	return container.NewBorder(nil, nil, line, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 10, 0), content))
}

// Pad keeps a distance around content.
func Pad(x, y float32, content fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(y, y, x, x), content)
}

// Column stacks objects with a gap; each is as wide as the column.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// Row sets objects beside each other with a gap; each is as wide as it needs to be.
func Row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap), objects...)
}

// Ends sets one object to the left and one to the right of a line; the left one takes the room that is left.
func Ends(left, right fyne.CanvasObject) *fyne.Container {
	return container.New(ends{}, left, right)
}

// Halves sets two objects beside each other, each as wide as the other.
func Halves(left, right fyne.CanvasObject) *fyne.Container {
	return container.New(halves{}, left, right)
}

type halves struct{}

func (halves) MinSize(o []fyne.CanvasObject) fyne.Size {
	left, right := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(2*max(left.Width, right.Width)+Small, max(left.Height, right.Height))
}

func (halves) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := float32(int((size.Width - Small) / 2))
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(width, size.Height))
	o[1].Move(fyne.NewPos(width+Small, 0))
	o[1].Resize(fyne.NewSize(size.Width-width-Small, size.Height))
}

// Split is a layout that sets what is worked in beside what is said of it: the second object takes a share of the width, and at least so
// much.
type Split struct {
	Gap, Share, Least float32
	Min               fyne.Size
}

// MinSize is what was said.
func (s Split) MinSize([]fyne.CanvasObject) fyne.Size { return s.Min }

// Layout gives both the whole height.
func (s Split) Layout(o []fyne.CanvasObject, size fyne.Size) {
	right := max(s.Least, float32(int((size.Width-s.Gap)*s.Share)))
	left := size.Width - s.Gap - right
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(left, size.Height))
	o[1].Move(fyne.NewPos(left+s.Gap, 0))
	o[1].Resize(fyne.NewSize(right, size.Height))
}

// TwoThirds gives a page's table about two thirds of the width, and what is to be known of it the rest.
func TwoThirds(left, right fyne.CanvasObject) *fyne.Container {
	return container.New(Split{Gap: Medium, Share: 0.36, Least: 340, Min: fyne.NewSize(720, 420)}, left, right)
}

type ends struct{}

func (ends) MinSize(objects []fyne.CanvasObject) fyne.Size {
	left, right := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(left.Width+Small+right.Width, max(left.Height, right.Height))
}

func (ends) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left, right := objects[0], objects[1]
	width := right.MinSize().Width
	height := right.MinSize().Height
	right.Resize(fyne.NewSize(width, height))
	right.Move(fyne.NewPos(size.Width-width, middle(size.Height, height)))
	height = left.MinSize().Height
	left.Resize(fyne.NewSize(max(0, size.Width-width-Small), height))
	left.Move(fyne.NewPos(0, middle(size.Height, height)))
}

// middle is where something begins that stands in the middle of a room, on a whole unit: text between two rows of
// pixels is blurred.
func middle(room, height float32) float32 {
	return float32(int((room - height) / 2))
}

// Place sets an object into a line of some height: from x on, so wide, as high as it is by itself, in the middle.
func Place(o fyne.CanvasObject, x, wide, line float32) {
	high := o.MinSize().Height
	o.Move(fyne.NewPos(x, middle(line, high)))
	o.Resize(fyne.NewSize(wide, high))
}

// Edge is a vertical line at the right of the room it gets.
func Edge() fyne.CanvasObject {
	s := newShape(Line, "", 0)
	s.least = fyne.NewSize(1, 1)
	return container.NewBorder(nil, nil, nil, s)
}
