package app

import (
	"context"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// How much the dashboard shows: points of a chart, cycles, causes of failures, and the width of a bar.
const (
	chartPoints = 288
	cyclesShown = 8
	causesShown = 6
	barWidth    = 24 * time.Hour
	barsShown   = 5
	shortest    = 20 * time.Second // that a line is drawn over
	youngCycles = 24               // a workspace with fewer cycles is drawn from its first one on
)

// dashboardOf gathers what the dashboard shows, from kept rows alone.
func dashboardOf(ctx context.Context, w *store.Workspace, now time.Time) (Dashboard, error) {
	meta, err := metaOf(ctx, w)
	if err != nil {
		return Dashboard{}, err
	}
	settings, err := settingsOf(ctx, w)
	if err != nil {
		return Dashboard{}, err
	}
	status, err := w.Status(ctx)
	if err != nil {
		return Dashboard{}, err
	}
	d := Dashboard{
		AsOf: now, Workspace: meta.Name, Mode: meta.Mode, Every: settings.Every, Linked: status.People(),
		Waiting: Sides{status.Backlog.ToMarketo, status.Backlog.ToSalesforce}, Failures: status.Failures, Holds: status.Holds,
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		d.Quotas = append(d.Quotas, quotaOf(side, status.Calls[side], settings, now))
	}
	return d, errors.Join(d.addBacklog(ctx, w, now), d.addFailures(ctx, w, now), d.addCycles(ctx, w))
}

func quotaOf(side record.Side, c store.Calls, s Settings, now time.Time) Quota {
	q := Quota{Side: side, Used: c.Used}
	kept := quotaResult(c, 0, s.ShareSalesforce)
	if side == record.Marketo {
		kept = quotaResult(c, s.MarketoDailyCalls, s.ShareMarketo)
		local := now.In(central())
		midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location())
		q.Resets = midnight
		if passed := 24*time.Hour - midnight.Sub(now); passed > time.Hour {
			q.Forecast = int(float64(c.Used) * float64(24*time.Hour) / float64(passed))
		}
	}
	q.Share, q.Limit = kept.Share, kept.Limit
	return q
}

func (d *Dashboard) addBacklog(ctx context.Context, w *store.Workspace, now time.Time) error {
	young, err := w.Cycles(ctx, youngCycles)
	if err != nil {
		return err
	}
	for span, series := range map[time.Duration]*[]BacklogPoint{24 * time.Hour: &d.Backlog.Day, 5 * 24 * time.Hour: &d.Backlog.FiveDays} {
		// All cycles of a workspace's first minutes would fall into one point of a long stretch: begin with the first of them.
		from := now.Add(-span)
		if n := len(young); n > 0 && n < youngCycles && young[n-1].Started.After(from) && now.Sub(young[n-1].Started) > shortest {
			from = young[n-1].Started
		}
		points, err := w.BacklogBetween(ctx, from, now.Add(time.Second), chartPoints)
		if err != nil {
			return err
		}
		for _, p := range points {
			*series = append(*series, BacklogPoint{At: p.At, Sides: Sides{p.ToMarketo, p.ToSalesforce}})
		}
	}
	return nil
}

// classOf is how grave a cause is.
func classOf(c pace.Class) CauseClass {
	switch c {
	case pace.Permission, pace.SignIn, pace.Config:
		return CauseWarning
	case pace.Transient, pace.Locked, pace.Quota:
		return CauseOther
	}
	return CauseBad
}

func (d *Dashboard) addFailures(ctx context.Context, w *store.Workspace, now time.Time) error {
	groups, err := w.FailureGroups(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if len(d.Groups) == causesShown {
			break
		}
		meaning := explainCause(g.Side, g.Object, g.Cause)
		id := string(g.Side.String()) + "/" + string(g.Object) + "/" + g.Cause
		d.Groups = append(d.Groups, FailureGroup{ID: id, Cause: meaning.Sentence(), Side: g.Side, Class: classOf(meaning.Class()), Open: g.Open})
	}
	midnight := now.Local().Truncate(time.Hour).Add(-time.Duration(now.Local().Hour()) * time.Hour)
	from := midnight.Add(-(barsShown - 1) * barWidth)
	refusals, err := w.RefusalsBetween(ctx, from, now.Add(time.Hour))
	if err != nil {
		return err
	}
	bars := make([]FailureBar, barsShown)
	for i := range bars {
		bars[i].From = from.Add(time.Duration(i) * barWidth)
		bars[i].Until = bars[i].From.Add(barWidth)
	}
	for _, r := range refusals {
		i := int(r.Hour.Sub(from) / barWidth)
		if i < 0 || i >= len(bars) {
			continue
		}
		switch classOf(explainCause(r.Side, "", r.Cause).Class()) {
		case CauseBad:
			bars[i].Bad += r.N
		case CauseWarning:
			bars[i].Warning += r.N
		default:
			bars[i].Other += r.N
		}
	}
	d.Bars = bars
	return nil
}

func (d *Dashboard) addCycles(ctx context.Context, w *store.Workspace) error {
	cycles, err := w.Cycles(ctx, cyclesShown)
	if err != nil {
		return err
	}
	for _, c := range cycles {
		if !c.Ended {
			continue
		}
		row := CycleRow{
			N: c.N, Started: c.Started, Took: c.Took, Read: c.Pulled.Salesforce + c.Pulled.Marketo, Written: c.Writes.Salesforce + c.Writes.Marketo,
			Failed: c.Failed, Calls: c.Calls.Salesforce + c.Calls.Marketo,
		}
		if c.Stopped != "" {
			row.Stopped = pace.Say("cycle.stopped."+c.Stopped, "Ended early: %1.", c.Stopped)
		}
		d.Cycles = append(d.Cycles, row)
	}
	return nil
}
