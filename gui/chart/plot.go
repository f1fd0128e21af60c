// Package chart draws the two pictures of the dashboard: lines over time, and bars stacked by class.
//
// A Plot, a plain value, flows in; a worker draws it with go-chart at the screen's own resolution and in the theme's
// colours, and the finished image is swapped in on the UI thread. Hovering shows the nearest point.
package chart

import (
	"math"
	"slices"
	"time"

	"fyne.io/fyne/v2"
)

// Kind is the form of a plot.
type Kind uint8

// The kinds.
const (
	Lines  Kind = iota // X is a moment in seconds
	Stacks             // X is the number of the bar, from 0
)

// Tick is a labelled place on the horizontal axis.
type Tick struct {
	X     float64
	Label string
}

// Series is one line, or one layer of all bars. Values stand in the order of the plot's X.
type Series struct {
	Name   string
	Color  fyne.ThemeColorName
	Values []float64
}

// Plot is what a chart shows. Two plots with the same numbers and labels are the same picture.
type Plot struct {
	Kind     Kind
	X        []float64 // rising
	From, To float64   // Lines only: the ends of the axis
	Ticks    []Tick
	Series   []Series
	// Number writes a value of the vertical axis.
	Number func(int) string
	// Hover says what the point at an index of X is; lines are separated by "\n".
	Hover func(index int) string
}

// Empty reports whether there is too little to draw: a line needs two points, bars need one.
func (p Plot) Empty() bool {
	return len(p.Series) == 0 || len(p.X) == 0 || (p.Kind == Lines && (len(p.X) < 2 || p.To <= p.From))
}

// Same reports whether two plots look the same.
func (p Plot) Same(o Plot) bool {
	return p.Kind == o.Kind && p.From == o.From && p.To == o.To && slices.Equal(p.X, o.X) && slices.Equal(p.Ticks, o.Ticks) &&
		slices.EqualFunc(p.Series, o.Series, func(a, b Series) bool {
			return a.Name == b.Name && a.Color == b.Color && slices.Equal(a.Values, b.Values)
		})
}

// leastTop is the least that the vertical axis reaches, so that a quiet time looks quiet.
const leastTop = 4

// top is the highest value that the vertical axis has to reach.
func (p Plot) top() float64 {
	top := float64(leastTop)
	for i := range p.X {
		sum := 0.0
		for _, s := range p.Series {
			if p.Kind == Stacks {
				sum += s.Values[i]
			} else {
				sum = max(sum, s.Values[i])
			}
		}
		top = max(top, sum)
	}
	return top * headroom
}

// headroom keeps the highest point off the upper end of the axis.
const headroom = 1.04

// nearest is the index of X that is closest to x.
func (p Plot) nearest(x float64) int {
	i, _ := slices.BinarySearch(p.X, x)
	if i == len(p.X) || (i > 0 && x-p.X[i-1] < p.X[i]-x) {
		i--
	}
	return max(i, 0)
}

// scale gives the marks of the vertical axis: whole numbers, four steps or fewer, the last one not below top.
func scale(top float64) []int {
	step := 1
	for pow := 1; ; pow *= 10 {
		found := false
		for _, s := range []float64{1, 2, 2.5, 5} {
			v := s * float64(pow)
			if v == math.Trunc(v) && v*4 >= top {
				step, found = int(v), true
				break
			}
		}
		if found {
			break
		}
	}
	marks := []int{0}
	for v := step; ; v += step {
		marks = append(marks, v)
		if float64(v) >= top && v > 0 {
			return marks
		}
	}
}

// Thin keeps at most limit indices of a long series, so that neither a peak nor the last value is lost: of each
// stretch the lowest, the highest and the last point of the sum of all series.
func Thin(limit int, values ...[]float64) []int {
	n := len(values[0])
	if n <= limit || limit < 3 {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	sum := func(i int) (s float64) {
		for _, v := range values {
			s += v[i]
		}
		return s
	}
	stretches := limit / 3
	keep := make([]int, 0, limit)
	for b := range stretches {
		first, last := b*n/stretches, (b+1)*n/stretches-1
		low, high := first, first
		for i := first; i <= last; i++ {
			if sum(i) < sum(low) {
				low = i
			}
			if sum(i) > sum(high) {
				high = i
			}
		}
		for _, i := range []int{min(low, high), max(low, high), last} {
			if len(keep) == 0 || keep[len(keep)-1] < i {
				keep = append(keep, i)
			}
		}
	}
	return keep
}

// Times gives ticks at round times of a zone: at midnight and every step after it.
func Times(from, to time.Time, step time.Duration, label func(time.Time) string) []Tick {
	var ticks []Tick
	t := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	t = t.Add(from.Sub(t).Truncate(step))
	for ; !t.After(to); t = t.Add(step) {
		if !t.Before(from) {
			ticks = append(ticks, Tick{float64(t.Unix()), label(t)})
		}
	}
	return ticks
}

// Days gives a tick at noon of every day, under which the day's name stands in the middle of its day.
func Days(from, to time.Time, label func(time.Time) string) []Tick {
	var ticks []Tick
	t := time.Date(from.Year(), from.Month(), from.Day(), 12, 0, 0, 0, from.Location())
	for ; !t.After(to); t = t.AddDate(0, 0, 1) {
		if !t.Before(from) {
			ticks = append(ticks, Tick{float64(t.Unix()), label(t)})
		}
	}
	return ticks
}
