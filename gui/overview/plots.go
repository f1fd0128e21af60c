package overview

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/chart"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// backlogPlot is the backlog's lines, one a direction.
func backlogPlot(w *words.Words, v View, five bool) chart.Plot {
	points, span := v.Board.Backlog.Day, 24*time.Hour
	if five {
		points, span = v.Board.Backlog.FiveDays, 5*24*time.Hour
	}
	if len(points) < 2 {
		return chart.Plot{}
	}
	from, until := axis(points, span, v.Board.Every, v.Now)
	from, until = from.In(w.Zone), until.In(w.Zone)
	p := chart.Plot{Kind: chart.Lines, From: seconds(from), To: seconds(until), Number: w.Number}
	marketo := chart.Series{Name: w.Say("side.to.marketo"), Color: look.Salesforce}
	salesforce := chart.Series{Name: w.Say("side.to.salesforce"), Color: look.Marketo}
	for _, at := range points {
		if at.At.Before(from) {
			continue
		}
		p.X = append(p.X, seconds(at.At))
		marketo.Values = append(marketo.Values, float64(at.ToMarketo))
		salesforce.Values = append(salesforce.Values, float64(at.ToSalesforce))
	}
	p.Series = []chart.Series{marketo, salesforce}
	p.Ticks = timeTicks(w, from, until, v.Now)
	p.Hover = func(i int) string {
		at := time.UnixMilli(int64(p.X[i] * 1000))
		return w.Say("backlog.hover", "time", w.Point(at, v.Now), "marketo", w.Number(int(marketo.Values[i])), "salesforce", w.Number(int(salesforce.Values[i])))
	}
	return p
}

// seconds is a moment as the axis has it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// axis is the time that the axis spans: up to now, if the last point lies back; and in a young workspace from the first
// point on, because two points in the corner of an empty day tell nothing.
func axis(points []app.BacklogPoint, span, every time.Duration, now time.Time) (from, until time.Time) {
	first, until := points[0].At, points[len(points)-1].At
	idle := now.Sub(until)
	switch { // in steps that can be seen, so that a chart to which nothing is added is seldom drawn
	case now.Sub(first) < 10*time.Minute:
		until = until.Add(max(idle, 0).Truncate(5 * time.Second))
	case idle > 2*every:
		until = until.Add(idle.Truncate(time.Minute))
	}
	from = until.Add(-span)
	if until.Sub(first) < span/6 {
		from = first
	}
	return from, until
}

// tickSteps are the distances between two labels of an axis of at most a day.
var tickSteps = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour,
}

// ticksAtMost is how many labels an axis has room for.
const ticksAtMost = 7

// timeTicks labels an axis with round times, and with days where it spans more than one.
func timeTicks(w *words.Words, from, until, now time.Time) []chart.Tick {
	span := until.Sub(from)
	if span > 30*time.Hour {
		return chart.Days(from, until, func(t time.Time) string { return w.Weekday(t, now) })
	}
	i := slices.IndexFunc(tickSteps, func(step time.Duration) bool { return span/step < ticksAtMost })
	if i < 0 {
		i = len(tickSteps) - 1
	}
	label := w.Clock
	if tickSteps[i] < time.Minute {
		label = w.Second
	}
	return chart.Times(from, until, tickSteps[i], label)
}

// failuresPlot is a stack for each stretch of time, the gravest class at the bottom.
func failuresPlot(w *words.Words, v View) chart.Plot {
	bars := v.Board.Bars
	if len(bars) == 0 {
		return chart.Plot{}
	}
	p := chart.Plot{Kind: chart.Stacks, Number: w.Number}
	classes := []struct {
		class app.CauseClass
		key   string
		count func(app.FailureBar) int
	}{
		{app.CauseBad, "failures.bad", func(b app.FailureBar) int { return b.Bad }},
		{app.CauseWarning, "failures.warning", func(b app.FailureBar) int { return b.Warning }},
		{app.CauseOther, "failures.other", func(b app.FailureBar) int { return b.Other }},
	}
	for _, c := range classes {
		s := chart.Series{Name: w.Say(c.key), Color: classColors[c.class]}
		for _, b := range bars {
			s.Values = append(s.Values, float64(c.count(b)))
		}
		p.Series = append(p.Series, s)
	}
	for i, b := range bars {
		p.X = append(p.X, float64(i))
		p.Ticks = append(p.Ticks, chart.Tick{X: float64(i), Label: w.Weekday(b.From, v.Now)})
	}
	p.Hover = func(i int) string {
		b := bars[i]
		return w.Say("failures.hover", "day", w.Weekday(b.From, v.Now), "bad", w.Number(b.Bad), "warning", w.Number(b.Warning), "other", w.Number(b.Other))
	}
	return p
}
