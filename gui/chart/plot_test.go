package chart

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// TestScale holds the marks to what an axis needs: from 0, evenly, in few whole steps, up to the highest value and not
// far beyond.
func TestScale(t *testing.T) {
	for top, want := range map[float64][]int{
		0: {0, 1}, 1: {0, 1}, 3: {0, 1, 2, 3}, 41: {0, 20, 40, 60}, 62: {0, 20, 40, 60, 80}, 938: {0, 250, 500, 750, 1000}, 10: {0, 5, 10},
	} {
		if got := scale(top); !slices.Equal(got, want) {
			t.Errorf("top %v: %v, want %v", top, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		top := float64(rapid.IntRange(0, 1<<40).Draw(t, "top"))
		marks := scale(top)
		step := marks[1]
		for i, m := range marks {
			if m != i*step {
				t.Fatalf("uneven: %v", marks)
			}
		}
		last := float64(marks[len(marks)-1])
		if last < top || len(marks) > 5 || last-float64(step) >= max(top, 1) {
			t.Fatalf("top %v: %v", top, marks)
		}
	})
}

// TestThin keeps few points, in order, and loses neither the highest, the lowest nor the last.
func TestThin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e6), 1, 400).Draw(t, "values")
		limit := rapid.IntRange(3, 500).Draw(t, "limit")
		keep := Thin(limit, values)
		if len(keep) > max(limit, 1) || !slices.IsSorted(keep) || len(slices.Compact(slices.Clone(keep))) != len(keep) {
			t.Fatalf("limit %d: kept %v", limit, keep)
		}
		var kept []float64
		for _, i := range keep {
			kept = append(kept, values[i])
		}
		if slices.Max(kept) != slices.Max(values) || slices.Min(kept) != slices.Min(values) || keep[len(keep)-1] != len(values)-1 {
			t.Fatalf("limit %d lost an end of %v", limit, values)
		}
	})
}

// TestNearest finds the point that hovering means.
func TestNearest(t *testing.T) {
	p := Plot{X: []float64{10, 20, 40}}
	for x, want := range map[float64]int{-5: 0, 10: 0, 14: 0, 16: 1, 29: 1, 31: 2, 99: 2} {
		if got := p.nearest(x); got != want {
			t.Errorf("nearest(%v) = %d, want %d", x, got, want)
		}
	}
}

func lines(values ...float64) Plot {
	p := Plot{Kind: Lines, From: 0, To: float64(len(values) - 1), Number: strconv.Itoa, Series: []Series{{Values: values}}}
	for i := range values {
		p.X = append(p.X, float64(i))
		p.Ticks = append(p.Ticks, Tick{float64(i), strconv.Itoa(i)})
	}
	return p
}

var paint = Ink{Label: color.NRGBA{A: 255}, Grid: color.NRGBA{R: 200, G: 200, B: 200, A: 255}, Series: []color.NRGBA{{R: 255, A: 255}, {B: 255, A: 255}}}

// TestDraw draws what once was hard: one value for all, zeros only, thousands of points, and a screen of three pixels to
// the unit. The line passes through the pixel that the frame says.
func TestDraw(t *testing.T) {
	many := make([]float64, 8640)
	for i := range many {
		many[i] = 100 + 50*math.Sin(float64(i)/100)
	}
	for name, p := range map[string]Plot{"flat": lines(5, 5, 5), "zeros": lines(0, 0, 0), "hill": lines(0, 10, 0, 10, 0), "many": lines(many...)} {
		for _, density := range []float64{1, 1.5, 3} {
			img, frame, err := Draw(p, paint, int(400*density), int(200*density), density)
			if err != nil {
				t.Errorf("%s at %v: %v", name, density, err)
				continue
			}
			at := len(p.X) / 2
			x, y := int(frame.x(p.X[at])), int(frame.y(p.Series[0].Values[at]))
			red := false
			for dy := -3 * int(density+1); dy <= 3*int(density+1); dy++ {
				r, g, _, a := img.At(x, y+dy).RGBA()
				red = red || (r > 0x8000 && g < 0x6000 && a > 0x8000)
			}
			if !red {
				t.Errorf("%s at %v: no line at %d, %d", name, density, x, y)
			}
			if back := frame.value(frame.x(p.X[at])); math.Abs(back-p.X[at]) > 1e-6 {
				t.Errorf("%s: value(x(%v)) = %v", name, p.X[at], back)
			}
		}
	}
}

// TestStacks measures two layers of a bar: their heights in pixels are as their counts.
func TestStacks(t *testing.T) {
	p := Plot{Kind: Stacks, X: []float64{0, 1}, Number: strconv.Itoa, Series: []Series{{Values: []float64{30, 0}}, {Values: []float64{10, 0}}}}
	img, frame, err := Draw(p, paint, 300, 200, 1)
	if err != nil {
		t.Fatal(err)
	}
	red, blue := 0, 0
	for y := range 200 {
		r, _, b, a := img.At(int(frame.x(0)), y).RGBA()
		if a > 0xf000 && r > 0xf000 && b == 0 {
			red++
		}
		if a > 0xf000 && b > 0xf000 && r == 0 {
			blue++
		}
	}
	if blue == 0 || red < 3*blue-2 || red > 3*blue+2 {
		t.Errorf("30 is %d pixels high, 10 is %d", red, blue)
	}
}

// TestNothingToDraw is an error, not a panic: the widget shows its empty state before it comes to that.
func TestNothingToDraw(t *testing.T) {
	for _, p := range []Plot{{}, lines(1), {Kind: Stacks}, {Kind: Lines, X: []float64{1, 2}, From: 2, To: 2, Series: []Series{{Values: []float64{1, 2}}}}} {
		if _, _, err := Draw(p, paint, 300, 200, 1); err == nil {
			t.Errorf("%+v was drawn", p)
		}
	}
}
