package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Bar shows a share of a whole.
type Bar struct {
	widget.BaseWidget
	color  fyne.ThemeColorName
	share  float32
	height float32
}

// NewBar is an empty bar that fills in a colour.
func NewBar(color fyne.ThemeColorName, height float32) *Bar {
	b := &Bar{color: color, height: height}
	b.ExtendBaseWidget(b)
	return b
}

// Set changes the share, from 0 to 1; more is drawn as full.
func (b *Bar) Set(share float64) {
	s := float32(min(max(share, 0), 1))
	if s != b.share {
		b.share = s
		b.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{b: b, track: &canvas.Rectangle{}, fill: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type barRenderer struct {
	b           *Bar
	track, fill *canvas.Rectangle
}

func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(Large, r.b.height) }

func (r *barRenderer) Layout(size fyne.Size) {
	at := fyne.NewPos(0, (size.Height-r.b.height)/2)
	r.track.Move(at)
	r.track.Resize(fyne.NewSize(size.Width, r.b.height))
	r.fill.Move(at)
	width := size.Width * r.b.share
	if r.b.share > 0 {
		width = max(width, 2) // a little is not nothing
	}
	r.fill.Resize(fyne.NewSize(width, r.b.height))
}

func (r *barRenderer) Refresh() {
	th, variant := r.b.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	radius := min(4, r.b.height/2)
	r.track.FillColor, r.track.CornerRadius = th.Color(Track, variant), radius
	r.fill.FillColor, r.fill.CornerRadius = th.Color(r.b.color, variant), 0
	r.fill.TopLeftCornerRadius, r.fill.BottomLeftCornerRadius = radius, radius
	if r.b.share >= 1 {
		r.fill.CornerRadius = radius
	}
	r.fill.Hidden = r.b.share == 0
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.fill} }

func (r *barRenderer) Destroy() {}
