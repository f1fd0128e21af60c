package overview

import (
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
	until := points[len(points)-1].At.In(w.Zone)
	from := until.Add(-span)
	if first := points[0].At; span == 24*time.Hour && until.Sub(first) < 2*time.Hour {
		from = first.In(w.Zone) // a young workspace: two points in the corner of an empty day tell nothing
	}
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

// timeTicks labels an axis: seconds within minutes, minutes within hours, hours within a day, days beyond.
func timeTicks(w *words.Words, from, until, now time.Time) []chart.Tick {
	switch span := until.Sub(from); {
	case span <= 3*time.Hour:
		label := w.Clock
		if span < 10*time.Minute {
			label = w.Second
		}
		var ticks []chart.Tick
		for i := range 5 {
			at := from.Add(span * time.Duration(i) / 4)
			ticks = append(ticks, chart.Tick{X: seconds(at), Label: label(at)})
		}
		return ticks
	case span <= 25*time.Hour:
		return chart.Hours(from, until, 4, w.Clock)
	}
	return chart.Days(from, until, func(t time.Time) string { return w.Weekday(t, now) })
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
