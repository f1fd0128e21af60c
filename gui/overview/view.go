// Package overview is the dashboard of a running workspace: is it in step, what waits, what fails and why, what the
// last cycles did, and what it costs.
//
// app.Dashboard values flow in; view.go, heading.go and model.go turn them into finished sentences without a window,
// screen.go and its neighbours draw them.
package overview

import (
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// State says which of its four faces the screen shows.
type State uint8

// The states. Exactly one holds.
const (
	Loading State = iota // no number has come yet
	Failed               // the numbers cannot be had
	Empty                // the workspace is open and no cycle has ended: there is nothing to draw yet
	Full
)

// View is one picture of the Overview: a value, drawn and forgotten.
type View struct {
	State   State
	Heading string
	Sub     string
	Name    string // the workspace
	Under   string // mode and interval

	Running  bool
	Share    float64 // of the running cycle that is done; 0 while nobody knows
	Paused   bool
	CanSync  bool
	Ends     string      // which sign-in comes to its end, and what to do
	Problem  *words.Told // what a person has to do before it goes on
	GoOn     string      // what it means to let it go on all the same, where that is all it waits for
	Demo     bool
	Trouble  bool
	EditBusy bool // an edit of the sample data is under way

	DayText, FiveText string // what the backlog chart shows
	FailuresText      string
	Causes            []Cause
	CyclesText        string // instead of rows, while there are none
	Cycles            []Cycle
	Quotas            []Quota
	QuotaText         string
	MostText          string      // what most calls went into
	Spent             [][3]string // purpose, calls to Salesforce, calls to Marketo

	Board app.Dashboard // the numbers that the charts draw
	Now   time.Time
}

// Cause is one line of the list of failures.
type Cause struct {
	Class app.CauseClass
	Text  string
	Open  string
}

// Cycle is one line of the list of cycles; Failed tells whether that cell deserves a colour.
type Cycle struct {
	Cells  [6]string
	Failed bool
}

// Quota is the bar of one side.
type Quota struct {
	Side  record.Side
	Name  string
	Text  string
	Share float64
}

// Picture makes the view of a dashboard as it stands at now.
func Picture(w *words.Words, d app.Dashboard, now time.Time) View {
	v := View{
		State: Full, Heading: Heading(w, d, now), Sub: sub(w, d, now), Name: d.Workspace,
		Under:   w.Say("overview.under", "mode", w.Say("mode."+d.Mode.String()), "every", w.Every(d.Every)),
		Running: d.Running != nil, Paused: d.Paused, CanSync: d.Running == nil && d.Problem == nil, Demo: d.Demo, Trouble: d.Trouble,
		Board: d, Now: now,
	}
	for _, e := range d.Expiring {
		line := e.Line()
		v.Ends = strings.TrimSpace(v.Ends + " " + w.Sentence(line.What) + " " + w.Sentence(line.Do))
	}
	if d.Demo {
		v.Name = w.Say("demo.name")
	}
	if len(d.Cycles) == 0 {
		v.State = Empty
		v.CyclesText = w.Say("cycles.empty")
	}
	if d.Running != nil && d.Running.Total > 0 {
		v.Share = float64(d.Running.Done) / float64(d.Running.Total)
	}
	if p := d.Problem; p != nil {
		v.Problem = &words.Told{What: w.Whole(p.What), Do: w.Sentence(p.Do), Details: p.Details}
		switch {
		case p.Resumable && p.What.Key == "trouble.org.other":
			v.GoOn = w.Say("overview.go.on.org")
		case p.Resumable:
			v.GoOn = w.Say("overview.go.on.brake")
		}
	}
	v.DayText, v.FiveText = w.Say("backlog.unit"), w.Say("backlog.unit")
	if v.State == Full {
		v.DayText = backlogText(w, d.Backlog.Day, d.Backlog.DayPeak, now)
		v.FiveText = backlogText(w, d.Backlog.FiveDays, d.Backlog.FivePeak, now)
	}
	v.failures(w)
	moment := w.Moment
	if quick(d.Cycles) {
		moment = w.MomentSecond
	}
	for _, c := range d.Cycles {
		started := moment(c.Started, now)
		if c.Stopped.Key != "" {
			started = w.Say("cycles.stopped", "time", started)
		}
		v.Cycles = append(v.Cycles, Cycle{
			Cells: [6]string{
				started, w.Duration(c.Took), w.Number(c.Read), w.Number(c.Written), w.Number(c.Failed), w.Number(c.Calls),
			},
			Failed: c.Failed > 0,
		})
	}
	v.quotas(w)
	v.spent(w)
	return v
}

// quick reports whether two cycles began within one minute, so that minutes do not tell them apart.
func quick(cycles []app.CycleRow) bool {
	for i := 1; i < len(cycles); i++ {
		if cycles[i-1].Started.Truncate(time.Minute).Equal(cycles[i].Started.Truncate(time.Minute)) {
			return true
		}
	}
	return false
}

func backlogText(w *words.Words, points []app.BacklogPoint, peak *app.Peak, now time.Time) string {
	if len(points) < 2 {
		return w.Say("backlog.unit")
	}
	if peak == nil {
		return calmText(w, points, now)
	}
	key := "backlog.peak"
	switch {
	case peak.First:
		key = "backlog.peak.first"
	case peak.By.Text != "":
		key = "backlog.peak.by"
	}
	text := w.Count(key, peak.Records, "time", w.Moment(peak.At, now), "by", w.Sentence(peak.By))
	if peak.Field != "" {
		text += w.Say("backlog.peak.field", "field", words.Field(peak.Field))
	}
	if peak.Gone > 0 && peak.Gone < time.Second {
		return text + w.Say("backlog.peak.once")
	}
	if peak.Gone > 0 {
		return text + w.Say("backlog.peak.gone", "span", w.Duration(peak.Gone))
	}
	return text + w.Say("backlog.peak.lasts")
}

func calmText(w *words.Words, points []app.BacklogPoint, now time.Time) string {
	top := points[0]
	for _, p := range points {
		if p.Sum() > top.Sum() {
			top = p
		}
	}
	if top.Sum() == 0 {
		return w.Say("backlog.nothing")
	}
	return w.Say("backlog.calm", "n", w.Number(top.Sum()), "time", w.Moment(top.At, now))
}

func (v *View) failures(w *words.Words) {
	d := v.Board
	switch {
	case d.Failures == 0 && v.State == Empty:
		v.FailuresText = w.Say("failures.empty")
	case d.Failures == 0:
		v.FailuresText = w.Say("failures.none")
	case len(d.Groups) == 0:
		v.FailuresText = w.Count("failures.open", d.Failures)
	default:
		top, key := merged(w, d.Groups)[0], "failures.open.top"
		if 2*top.open > d.Failures {
			key = "failures.open.most"
		}
		v.FailuresText = w.Count(key, d.Failures, "cause", top.text)
	}
	for _, g := range merged(w, d.Groups) {
		v.Causes = append(v.Causes, Cause{Class: g.class, Text: g.text, Open: w.Number(g.open)})
	}
}

type causeGroup struct {
	class app.CauseClass
	text  string
	open  int
}

// merged joins groups that read the same: one cause on leads and on contacts is one line here. The largest comes first.
func merged(w *words.Words, groups []app.FailureGroup) []causeGroup {
	var list []causeGroup
	for _, g := range groups {
		text := w.Cause(g.Cause, g.Fields...)
		i := slices.IndexFunc(list, func(c causeGroup) bool { return c.text == text && c.class == g.Class })
		if i < 0 {
			list = append(list, causeGroup{class: g.Class, text: text})
			i = len(list) - 1
		}
		list[i].open += g.Open
	}
	slices.SortStableFunc(list, func(a, b causeGroup) int { return b.open - a.open })
	return list
}

// spent says what the calls went into, the purposes that read the same as one.
func (v *View) spent(w *words.Words) {
	var list []app.Spent
	for _, s := range v.Board.Spent {
		if i := slices.IndexFunc(list, func(o app.Spent) bool { return purpose(w, o.Purpose) == purpose(w, s.Purpose) }); i >= 0 {
			list[i].Salesforce += s.Salesforce
			list[i].Marketo += s.Marketo
		} else {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b app.Spent) int { return b.Sum() - a.Sum() })
	all := 0
	for _, s := range list {
		all += s.Sum()
		v.Spent = append(v.Spent, [3]string{purpose(w, s.Purpose), w.Number(s.Salesforce), w.Number(s.Marketo)})
	}
	if all > 0 && v.State == Full { // a purpose is known when its cycle has ended
		v.MostText = w.Say("quota.most", "purpose", v.Spent[0][0], "n", w.Number(list[0].Sum()), "all", w.Number(all))
	}
}

func purpose(w *words.Words, p record.Purpose) string { return w.Say("purpose." + string(p)) }

func (v *View) quotas(w *words.Words) {
	if len(v.Board.Quotas) == 0 {
		v.QuotaText = w.Say("quota.empty")
		return
	}
	forecast := map[record.Side]string{}
	for _, q := range v.Board.Quotas {
		row := Quota{
			Side: q.Side, Name: w.Say("side." + q.Side.String()),
			Text: w.Say("quota.of", "used", w.Number(q.Used), "share", w.Number(q.Share)),
		}
		if q.Share == 0 { // the side has not said yet how many it has
			row.Text = w.Number(q.Used)
		} else {
			row.Share = float64(q.Used) / float64(q.Share)
		}
		v.Quotas = append(v.Quotas, row)
		if q.Share > 0 && q.Used >= q.Share {
			v.QuotaText = w.Say("quota.full", "side", row.Name, "when", w.Moment(q.Resets, v.Now))
		}
		if q.Forecast > 0 {
			forecast[q.Side] = w.Percent(q.Forecast, q.Share)
		}
	}
	if v.QuotaText != "" {
		return
	}
	switch len(forecast) {
	case 0:
		v.QuotaText = w.Say("quota.early")
	case 1:
		for side, share := range forecast {
			v.QuotaText = w.Say("quota.forecast.one", "side", w.Say("side."+side.String()), "share", share)
		}
	default:
		v.QuotaText = w.Say("quota.forecast", "salesforce", forecast[record.Salesforce], "marketo", forecast[record.Marketo])
	}
}
