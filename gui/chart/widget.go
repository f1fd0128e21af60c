package chart

import (
	"context"
	"image"
	"image/color"
	"log/slog"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/doppio-sync/doppio/gui/look"
)

// rest is how long a size has to stay the same before the chart is drawn anew, and pace is the least time between two
// drawings: numbers that change faster nobody can follow.
const (
	rest = 150 * time.Millisecond
	pace = 250 * time.Millisecond
)

// Chart shows a Plot. It draws nothing until Run runs, or DrawNow is called.
type Chart struct {
	widget.BaseWidget

	plot   Plot
	drawn  finished
	orders chan order // holds one: the newest

	picture *canvas.Image
	rule    *canvas.Line
	box     *canvas.Rectangle
	words   []*canvas.Text
	least   fyne.Size
	hovered int // index of X, -1: none
}

// order is everything that a worker needs to draw, so that it never asks a widget.
type order struct {
	plot          Plot
	ink           Ink
	width, height int
	density       float64
	settle        bool // wait until no newer order has come for a while
}

func (o order) same(d order) bool {
	if o.width != d.width || o.height != d.height || o.density != d.density || o.ink.Label != d.ink.Label || o.ink.Grid != d.ink.Grid {
		return false
	}
	return o.plot.Same(d.plot)
}

// finished is a picture and the order that it answers.
type finished struct {
	order order
	frame Frame
	image *image.RGBA
}

// New is a chart that is at least as large as given.
func New(least fyne.Size) *Chart {
	c := &Chart{least: least, hovered: -1, orders: make(chan order, 1)}
	c.ExtendBaseWidget(c)
	return c
}

// Set shows another plot. On the UI thread.
func (c *Chart) Set(p Plot) {
	if c.plot.Same(p) {
		c.plot = p
		return
	}
	c.plot = p
	c.hovered = -1
	c.ask(false)
	c.Refresh()
}

// Plot is what the chart shows.
func (c *Chart) Plot() Plot { return c.plot }

// Run draws, off the UI thread, whatever the chart is asked to show, until ctx ends. The newest order wins.
func (c *Chart) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-c.orders:
			o, ok := c.settled(ctx, o)
			if !ok {
				return
			}
			d, err := draw(o)
			if err != nil {
				slog.Error("draw a chart", "error", err)
				continue
			}
			fyne.Do(func() {
				if ctx.Err() == nil {
					c.swap(d)
				}
			})
			select {
			case <-ctx.Done():
			case <-time.After(pace):
			}
		}
	}
}

// settled waits while a size still changes.
func (c *Chart) settled(ctx context.Context, o order) (order, bool) {
	for o.settle {
		select {
		case <-ctx.Done():
			return o, false
		case o = <-c.orders:
		case <-time.After(rest):
			return o, true
		}
	}
	return o, true
}

// DrawNow draws on the calling thread, for pictures without a window. density is pixels to one of Fyne's units.
func (c *Chart) DrawNow(density float64) error {
	o := c.order(density)
	if o.plot.Empty() {
		return nil
	}
	d, err := draw(o)
	if err != nil {
		return err
	}
	c.swap(d)
	return nil
}

func draw(o order) (finished, error) {
	img, frame, err := Draw(o.plot, o.ink, o.width, o.height, o.density)
	return finished{o, frame, img}, err
}

func (c *Chart) swap(d finished) {
	c.drawn = d
	if c.picture != nil {
		c.picture.Image = d.image
		c.picture.Refresh()
		c.Refresh()
	}
}

// order describes the picture that belongs to the present plot, size and theme.
func (c *Chart) order(density float64) order {
	th, variant := c.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	shade := func(name fyne.ThemeColorName) color.NRGBA {
		return color.NRGBAModel.Convert(th.Color(name, variant)).(color.NRGBA)
	}
	size := c.Size()
	o := order{
		plot: c.plot, density: density, width: int(float64(size.Width)*density + 0.5), height: int(float64(size.Height)*density + 0.5),
		ink: Ink{Label: shade(look.Soft), Grid: shade(look.Line)},
	}
	for _, s := range c.plot.Series {
		o.ink.Series = append(o.ink.Series, shade(s.Color))
	}
	return o
}

func (c *Chart) density() float64 {
	if surface := fyne.CurrentApp().Driver().CanvasForObject(c); surface != nil {
		return float64(surface.Scale())
	}
	return 1
}

// ask hands an order to the worker, in place of one that it has not taken up yet.
func (c *Chart) ask(settle bool) {
	o := c.order(c.density())
	o.settle = settle
	if o.plot.Empty() || o.width < 40 || o.height < 40 || (c.drawn.image != nil && o.same(c.drawn.order)) {
		return
	}
	select {
	case <-c.orders:
	default:
	}
	c.orders <- o
}

var _ desktop.Hoverable = (*Chart)(nil)

// MouseIn begins hovering.
func (c *Chart) MouseIn(e *desktop.MouseEvent) { c.MouseMoved(e) }

// MouseMoved shows the nearest point.
func (c *Chart) MouseMoved(e *desktop.MouseEvent) {
	index := -1
	if c.drawn.image != nil && !c.plot.Empty() && c.plot.Hover != nil && c.plot.Same(c.drawn.order.plot) {
		index = c.plot.nearest(c.drawn.frame.value(float64(e.Position.X) * c.drawn.order.density))
	}
	if index != c.hovered {
		c.hovered = index
		c.Refresh()
	}
}

// MouseOut ends hovering.
func (c *Chart) MouseOut() {
	c.hovered = -1
	c.Refresh()
}

// CreateRenderer is for Fyne.
func (c *Chart) CreateRenderer() fyne.WidgetRenderer {
	c.picture = &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels}
	if c.drawn.image != nil {
		c.picture.Image = c.drawn.image
	}
	c.rule = &canvas.Line{StrokeWidth: 1}
	c.box = &canvas.Rectangle{CornerRadius: 6, StrokeWidth: 1}
	r := &renderer{c: c}
	r.Refresh()
	return r
}

type renderer struct{ c *Chart }

func (r *renderer) MinSize() fyne.Size { return r.c.least }

func (r *renderer) Layout(size fyne.Size) {
	if r.c.picture.Size() != size {
		r.c.picture.Resize(size)
		r.c.ask(r.c.drawn.image != nil)
	}
}

// Refresh follows the theme, and draws what is hovered.
func (r *renderer) Refresh() {
	c := r.c
	c.ask(false)
	c.picture.Hidden = c.plot.Empty() || c.picture.Image == nil
	r.hover()
	canvas.Refresh(c)
}

func (r *renderer) hover() {
	c := r.c
	shown := c.hovered >= 0 && c.hovered < len(c.plot.X) && !c.picture.Hidden
	c.rule.Hidden, c.box.Hidden = !shown, !shown
	c.words = c.words[:0]
	if !shown {
		return
	}
	th, variant := c.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	frame, density := c.drawn.frame, float32(c.drawn.order.density)
	x := float32(frame.x(c.plot.X[c.hovered])) / density
	c.rule.StrokeColor = th.Color(look.Faint, variant)
	c.rule.Position1 = fyne.NewPos(x, float32(frame.Top)/density)
	c.rule.Position2 = fyne.NewPos(x, float32(frame.Bottom)/density)
	var width, height float32
	for i, line := range strings.Split(c.plot.Hover(c.hovered), "\n") {
		t := canvas.NewText(line, th.Color(look.Ink, variant))
		t.TextSize = th.Size(look.SizeCaption)
		t.TextStyle.Bold = i == 0
		size := t.MinSize()
		t.Resize(size)
		width = max(width, size.Width)
		t.Move(fyne.NewPos(0, height))
		height += size.Height
		c.words = append(c.words, t)
	}
	at := fyne.NewPos(x+10, float32(frame.Top)/density+4)
	if at.X+width+2*look.Small > c.Size().Width {
		at.X = x - 10 - width - 2*look.Small
	}
	c.box.FillColor, c.box.StrokeColor = th.Color(look.Panel, variant), th.Color(look.Line, variant)
	c.box.Move(at)
	c.box.Resize(fyne.NewSize(width+2*look.Small, height+look.Small))
	for _, t := range c.words {
		t.Move(t.Position().AddXY(at.X+look.Small, at.Y+look.Tiny))
	}
}

func (r *renderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.c.picture, r.c.rule, r.c.box}
	for _, t := range r.c.words {
		objects = append(objects, t)
	}
	return objects
}

func (r *renderer) Destroy() {}
