package look

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Parts is a bar of several shares of a whole beside each other; what is left of it stays empty.
type Parts struct {
	widget.BaseWidget
	colors []fyne.ThemeColorName
	shares []float64
	height float32
}

// NewParts is an empty bar for a share of each colour.
func NewParts(height float32, colors ...fyne.ThemeColorName) *Parts {
	p := &Parts{colors: colors, shares: make([]float64, len(colors)), height: height}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes the shares, each from 0 to 1; what goes beyond the whole is cut off.
func (p *Parts) Set(shares ...float64) {
	if !slices.Equal(shares, p.shares) {
		p.shares = shares
		p.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (p *Parts) CreateRenderer() fyne.WidgetRenderer {
	r := &partsRenderer{p: p, track: &canvas.Rectangle{}}
	for range p.colors {
		r.fills = append(r.fills, &canvas.Rectangle{})
	}
	r.Refresh()
	return r
}

type partsRenderer struct {
	p     *Parts
	track *canvas.Rectangle
	fills []*canvas.Rectangle
}

func (r *partsRenderer) MinSize() fyne.Size { return fyne.NewSize(Large, r.p.height) }

// Layout gives each share its room, a little one two units: a little is not nothing.
func (r *partsRenderer) Layout(size fyne.Size) {
	y := middle(size.Height, r.p.height)
	r.track.Move(fyne.NewPos(0, y))
	r.track.Resize(fyne.NewSize(size.Width, r.p.height))
	radius := min(4, r.p.height/2)
	x := float32(0)
	for i, fill := range r.fills {
		wide := float32(max(r.p.shares[i], 0)) * size.Width
		if wide > 0 {
			wide = max(wide, 2)
		}
		wide = min(wide, size.Width-x)
		fill.Hidden = wide <= 0
		fill.Move(fyne.NewPos(x, y))
		fill.Resize(fyne.NewSize(wide, r.p.height))
		fill.TopLeftCornerRadius, fill.BottomLeftCornerRadius, fill.TopRightCornerRadius, fill.BottomRightCornerRadius = 0, 0, 0, 0
		if x == 0 {
			fill.TopLeftCornerRadius, fill.BottomLeftCornerRadius = radius, radius
		}
		if x += wide; x >= size.Width-0.5 {
			fill.TopRightCornerRadius, fill.BottomRightCornerRadius = radius, radius
		}
	}
}

func (r *partsRenderer) Refresh() {
	th, variant := r.p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.track.FillColor, r.track.CornerRadius = th.Color(Track, variant), min(4, r.p.height/2)
	for i, fill := range r.fills {
		fill.FillColor = th.Color(r.p.colors[i], variant)
	}
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *partsRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.track}
	for _, fill := range r.fills {
		objects = append(objects, fill)
	}
	return objects
}

func (r *partsRenderer) Destroy() {}
