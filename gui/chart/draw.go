package chart

import (
	"fmt"
	"image"
	"image/color"
	"sync"

	"fyne.io/fyne/v2/theme"
	"github.com/golang/freetype/truetype"
	gochart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// Ink is the colours of a picture, taken from the theme on the UI thread before a worker draws.
type Ink struct {
	Label, Grid color.NRGBA
	Series      []color.NRGBA
}

// Frame is where in the picture the axes stand, in pixels, and what they span.
type Frame struct {
	Left, Top, Right, Bottom int
	MinX, MaxX, MaxY         float64
}

// x is the pixel column of a value of the horizontal axis.
func (f Frame) x(v float64) float64 {
	return float64(f.Left) + (v-f.MinX)/(f.MaxX-f.MinX)*float64(f.Right-f.Left)
}

// y is the pixel row of a value.
func (f Frame) y(v float64) float64 {
	return float64(f.Bottom) - v/f.MaxY*float64(f.Bottom-f.Top)
}

// value is the value of the horizontal axis at a pixel column.
func (f Frame) value(px float64) float64 {
	return f.MinX + (px-float64(f.Left))/float64(f.Right-f.Left)*(f.MaxX-f.MinX)
}

const labelSize = 11 // in Fyne's units, smaller than any text one has to read for long

// font is the theme's, in the form go-chart wants.
var font = sync.OnceValues(func() (*truetype.Font, error) {
	return truetype.Parse(theme.DefaultTextFont().Content())
})

// Draw makes the picture of a plot, width by height pixels, where one of Fyne's units is density pixels. The
// background is transparent. It takes tens of milliseconds: never on the UI thread.
func Draw(p Plot, ink Ink, width, height int, density float64) (*image.RGBA, Frame, error) {
	if p.Empty() || width < 40 || height < 40 {
		return nil, Frame{}, fmt.Errorf("chart: nothing to draw on %d x %d", width, height)
	}
	letters, err := font()
	if err != nil {
		return nil, Frame{}, fmt.Errorf("chart: font: %w", err)
	}
	p = p.thinned(width / 2)
	marks := scale(p.top())
	body := &painting{plot: p, ink: ink, width: width, height: height, density: density, marks: marks, letters: letters}
	body.frame.MinX, body.frame.MaxX, body.frame.MaxY = p.From, p.To, float64(marks[len(marks)-1])
	if p.Kind == Stacks {
		body.frame.MinX, body.frame.MaxX = -0.5, float64(len(p.X))-0.5
	}
	// Of go-chart this takes the renderer. Its own axes stand at the right, end at the outermost label, and set each
	// label at a height of its own; its stacked bars are all of one height.
	r, err := gochart.PNG(width, height)
	if err != nil {
		return nil, Frame{}, fmt.Errorf("chart: %w", err)
	}
	r.SetDPI(72 * density)
	body.render(r)
	var out gochart.ImageWriter
	if err := r.Save(&out); err != nil {
		return nil, Frame{}, fmt.Errorf("chart: %w", err)
	}
	img, err := out.Image()
	if err != nil {
		return nil, Frame{}, fmt.Errorf("chart: %w", err)
	}
	rgba, ok := img.(*image.RGBA)
	if !ok {
		return nil, Frame{}, fmt.Errorf("chart: an image of type %T", img)
	}
	return rgba, body.frame, nil
}

// thinned is the plot with at most limit points.
func (p Plot) thinned(limit int) Plot {
	if p.Kind != Lines || len(p.X) <= limit {
		return p
	}
	values := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		values[i] = s.Values
	}
	keep := Thin(limit, values...)
	pick := func(from []float64) []float64 {
		to := make([]float64, len(keep))
		for i, k := range keep {
			to[i] = from[k]
		}
		return to
	}
	thin := p
	thin.X = pick(p.X)
	thin.Series = make([]Series, len(p.Series))
	for i, s := range p.Series {
		s.Values = pick(s.Values)
		thin.Series[i] = s
	}
	return thin
}

func tint(c color.NRGBA) drawing.Color { return drawing.Color{R: c.R, G: c.G, B: c.B, A: c.A} }

// painting draws the plot and its axes with go-chart's renderer, and notes where they stand.
type painting struct {
	plot          Plot
	ink           Ink
	width, height int // in pixels
	density       float64
	marks         []int
	letters       *truetype.Font
	frame         Frame
}

func (b *painting) px(units float64) int { return int(units*b.density + 0.5) }

func (b *painting) render(r gochart.Renderer) {
	b.axes(r)
	if b.plot.Kind == Stacks {
		b.stacks(r)
		return
	}
	// Areas first, so that no area covers a line.
	for i := range b.plot.Series {
		b.area(r, i)
	}
	for i := range b.plot.Series {
		b.line(r, i)
		if len(b.plot.X) <= dotted {
			b.dots(r, i)
		}
	}
}

// dotted is up to how many points a line shows each of them.
const dotted = 36

func (b *painting) dots(r gochart.Renderer, series int) {
	r.SetFillColor(tint(b.ink.Series[series]))
	r.SetStrokeColor(drawing.ColorTransparent)
	r.SetStrokeWidth(0)
	for i := range b.plot.X {
		x, y := b.at(series, i)
		r.Circle(2.5*b.density, x, y)
		r.Fill()
	}
}

// axes draws a line of the grid for each mark, with its number at the left, and the ticks' labels below.
func (b *painting) axes(r gochart.Renderer) {
	r.SetFont(b.letters)
	r.SetFontSize(labelSize)
	r.SetFontColor(tint(b.ink.Label))
	widest := 0
	for _, m := range b.marks {
		widest = max(widest, r.MeasureText(b.plot.Number(m)).Width())
	}
	b.frame.Left, b.frame.Right = widest+b.px(12), b.width-b.px(6)
	b.frame.Top, b.frame.Bottom = b.px(8), b.height-b.px(22)
	for _, m := range b.marks {
		y := int(b.frame.y(float64(m)) + 0.5)
		r.SetStrokeColor(tint(b.ink.Grid))
		r.SetStrokeWidth(b.density)
		r.MoveTo(b.frame.Left, y)
		r.LineTo(b.frame.Right, y)
		r.Stroke()
		label := b.plot.Number(m)
		r.Text(label, b.frame.Left-b.px(8)-r.MeasureText(label).Width(), y+b.px(4))
	}
	end := 0
	for _, t := range b.plot.Ticks {
		half := r.MeasureText(t.Label).Width() / 2
		x := max(half+1, min(int(b.frame.x(t.X)+0.5), b.width-half-1))
		if x-half < end+b.px(6) && end > 0 {
			continue // no room beside its neighbour
		}
		r.Text(t.Label, x-half, b.frame.Bottom+b.px(17))
		end = x + half
	}
}

func (b *painting) at(series, i int) (x, y int) {
	return int(b.frame.x(b.plot.X[i]) + 0.5), int(b.frame.y(b.plot.Series[series].Values[i]) + 0.5)
}

func (b *painting) area(r gochart.Renderer, series int) {
	c := tint(b.ink.Series[series])
	c.A = 0x26
	r.SetFillColor(c)
	r.SetStrokeColor(drawing.ColorTransparent)
	r.SetStrokeWidth(0)
	x, y := b.at(series, 0)
	r.MoveTo(x, b.frame.Bottom)
	r.LineTo(x, y)
	for i := range b.plot.X {
		x, y = b.at(series, i)
		r.LineTo(x, y)
	}
	r.LineTo(x, b.frame.Bottom)
	r.Close()
	r.Fill()
}

func (b *painting) line(r gochart.Renderer, series int) {
	r.SetStrokeColor(tint(b.ink.Series[series]))
	r.SetStrokeWidth(2 * b.density)
	x, y := b.at(series, 0)
	r.MoveTo(x, y)
	for i := range b.plot.X {
		x, y = b.at(series, i)
		r.LineTo(x, y)
	}
	r.Stroke()
}

func (b *painting) stacks(r gochart.Renderer) {
	width := b.frame.x(1) - b.frame.x(0)
	half := min(width*0.3, 40*b.density)
	for i := range b.plot.X {
		below := 0.0
		for n, s := range b.plot.Series {
			if s.Values[i] <= 0 {
				continue
			}
			top := below + s.Values[i]
			left, right := int(b.frame.x(float64(i))-half), int(b.frame.x(float64(i))+half)
			high, low := int(b.frame.y(top)+0.5), int(b.frame.y(below)+0.5)
			r.SetFillColor(tint(b.ink.Series[n]))
			r.SetStrokeColor(drawing.ColorTransparent)
			r.SetStrokeWidth(0)
			r.MoveTo(left, low)
			r.LineTo(left, high)
			r.LineTo(right, high)
			r.LineTo(right, low)
			r.Close()
			r.Fill()
			below = top
		}
	}
}
