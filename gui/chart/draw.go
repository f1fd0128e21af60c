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
	body := &painting{plot: p, ink: ink, density: density}
	body.frame.MinX, body.frame.MaxX, body.frame.MaxY = p.From, p.To, float64(marks[len(marks)-1])
	if p.Kind == Stacks {
		body.frame.MinX, body.frame.MaxX = -0.5, float64(len(p.X))-0.5
	}

	text := gochart.Style{FontColor: tint(ink.Label), FontSize: labelSize, Font: letters, StrokeColor: drawing.ColorTransparent, StrokeWidth: 0.1, TextRotationDegrees: 0}
	grid := gochart.Style{StrokeColor: tint(ink.Grid), StrokeWidth: density}
	clear := gochart.Style{FillColor: drawing.ColorTransparent, StrokeColor: drawing.ColorTransparent, StrokeWidth: 0.1}
	px := func(units float64) int { return int(units*density + 0.5) }
	background := clear
	background.Padding = gochart.Box{Top: px(10), Left: px(2), Right: px(14), Bottom: px(2)}

	picture := gochart.Chart{
		Width: width, Height: height, DPI: 72 * density, Font: letters, Background: background, Canvas: clear,
		XAxis: gochart.XAxis{Style: text, TickStyle: text, Range: &fixed{min: body.frame.MinX, max: body.frame.MaxX}},
		YAxis: gochart.YAxis{
			AxisType: gochart.YAxisSecondary, Style: text, TickStyle: text, GridMajorStyle: grid, GridMinorStyle: grid,
			Range: &fixed{max: body.frame.MaxY},
		},
		Series: []gochart.Series{body},
	}
	for _, t := range p.Ticks {
		picture.XAxis.Ticks = append(picture.XAxis.Ticks, gochart.Tick{Value: t.X, Label: t.Label})
	}
	for _, m := range marks {
		picture.YAxis.Ticks = append(picture.YAxis.Ticks, gochart.Tick{Value: float64(m), Label: p.Number(m)})
	}
	var out gochart.ImageWriter
	if err := picture.Render(gochart.PNG, &out); err != nil {
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

// fixed is a range that the ticks do not move: go-chart otherwise lets the axis end at its outermost labels.
type fixed struct {
	min, max float64
	domain   int
}

func (r *fixed) String() string          { return fmt.Sprintf("%g to %g", r.min, r.max) }
func (r *fixed) IsZero() bool            { return false }
func (r *fixed) GetMin() float64         { return r.min }
func (r *fixed) SetMin(float64)          {}
func (r *fixed) GetMax() float64         { return r.max }
func (r *fixed) SetMax(float64)          {}
func (r *fixed) GetDelta() float64       { return r.max - r.min }
func (r *fixed) GetDomain() int          { return r.domain }
func (r *fixed) SetDomain(d int)         { r.domain = d }
func (r *fixed) IsDescending() bool      { return false }
func (r *fixed) Translate(v float64) int { return int((v-r.min)/(r.max-r.min)*float64(r.domain) + 0.5) }

// painting draws the plot inside go-chart's axes, and notes where they are.
type painting struct {
	plot    Plot
	ink     Ink
	density float64
	frame   Frame
}

func (b *painting) GetName() string             { return "" }
func (b *painting) GetYAxis() gochart.YAxisType { return gochart.YAxisPrimary }
func (b *painting) GetStyle() gochart.Style     { return gochart.Style{} }
func (b *painting) Validate() error             { return nil }

func (b *painting) Render(r gochart.Renderer, box gochart.Box, _, _ gochart.Range, _ gochart.Style) {
	b.frame.Left, b.frame.Top, b.frame.Right, b.frame.Bottom = box.Left, box.Top, box.Right, box.Bottom
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
