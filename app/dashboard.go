package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// How much the dashboard shows: points of a chart, cycles, causes of failures, and days with a bar.
const (
	chartPoints = 288
	cyclesShown = 8
	causesShown = 6
	barsShown   = 5
)

// dashboard gathers what the dashboard shows, with the mode in which the session works.
func (s *session) dashboard(ctx context.Context) (Dashboard, error) {
	d, err := dashboardOf(ctx, s.ws, &s.culprits, s.app.world.now())
	d.Mode = s.Mode()
	for i := range d.Quotas { // a running cycle keeps its calls only when it ends
		d.Quotas[i].count(s.pacer(d.Quotas[i].Side).Usage())
	}
	return d, err
}

func (s *session) pacer(side record.Side) *pace.Pacer {
	if side == record.Salesforce {
		return s.sfPace
	}
	return s.mkPace
}

// count takes up what a pacer knows by now.
func (q *Quota) count(u pace.Usage) {
	q.Used = max(q.Used, u.Today)
	if u.Limit > 0 {
		q.Limit, q.Share = u.Limit, u.Share
	}
}

// dashboardOf gathers what the dashboard shows, from kept rows alone.
func dashboardOf(ctx context.Context, w *store.Workspace, known *culprits, now time.Time) (Dashboard, error) {
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
	sf, _, err := (&session{ws: w}).connections(ctx)
	if err != nil {
		return Dashboard{}, err
	}
	d := Dashboard{
		Expiring: sf.expiring(now),
		AsOf:     now, Workspace: meta.Name, Mode: meta.Mode, Every: settings.Every, Linked: status.People(),
		Waiting: Sides{status.Backlog.ToMarketo, status.Backlog.ToSalesforce}, Failures: status.Failures, Holds: status.Holds,
	}
	if d.Audit, err = auditOf(ctx, w, now); err != nil {
		return Dashboard{}, err
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		d.Quotas = append(d.Quotas, quotaOf(side, status.Calls[side], settings, now))
	}
	if d.Spent, err = spentOn(ctx, w, status.Calls, now); err != nil {
		return d, err
	}
	cycles, err := w.Cycles(ctx, paceCycles)
	if err != nil {
		return Dashboard{}, err
	}
	cycles = slices.DeleteFunc(cycles, func(c store.Cycle) bool { return !c.Ended })
	d.addForecasts(cycles, now)
	d.addCycles(cycles)
	if err := errors.Join(d.addBacklog(ctx, w, cycles, now), d.addFailures(ctx, w, now)); err != nil {
		return d, err
	}
	if d.Waiting.Sum() > 0 {
		d.Backlog.EmptyAt = emptyAt(d.Waiting, cycles, d.Quotas, settings, now)
		if d.Backlog.Made, err = causesOf(ctx, w, cycles); err != nil {
			return d, err
		}
	}
	return d, errors.Join(known.name(ctx, w, d.Backlog.DayPeak), known.name(ctx, w, d.Backlog.FivePeak))
}

// quotaOf is a side's quota. What was remembered of an earlier day is over and says nothing about this one.
func quotaOf(side record.Side, c store.Calls, s Settings, now time.Time) Quota {
	q := Quota{Side: side}
	limit, percent := 0, s.ShareSalesforce
	if side == record.Marketo {
		limit, percent = s.MarketoDailyCalls, s.ShareMarketo
	}
	kept := quotaResult(c, limit, percent)
	q.Share, q.Limit = kept.Share, kept.Limit
	local := now.In(dayZone(side))
	if c.Day == local.Format(time.DateOnly) {
		q.Used = c.Used
	}
	if side == record.Marketo { // Salesforce counts the last 24 hours: nothing ends at a certain hour
		q.Resets = midnight(local, 1)
	}
	return q
}

// dayZone is where a side's days begin at midnight.
func dayZone(side record.Side) *time.Location {
	if side == record.Marketo {
		return central()
	}
	return time.UTC
}

// spentOn is what today's calls were for.
func spentOn(ctx context.Context, w *store.Workspace, last map[record.Side]store.Calls, now time.Time) (list []Spent, err error) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if last[side].Day != now.In(dayZone(side)).Format(time.DateOnly) {
			continue
		}
		calls, err := w.CallsByPurpose(ctx, side, last[side].Day)
		if err != nil {
			return nil, err
		}
		for purpose, n := range calls {
			i := slices.IndexFunc(list, func(s Spent) bool { return s.Purpose == purpose })
			if i < 0 {
				list = append(list, Spent{Purpose: purpose})
				i = len(list) - 1
			}
			if side == record.Salesforce {
				list[i].Salesforce += n
			} else {
				list[i].Marketo += n
			}
		}
	}
	slices.SortFunc(list, func(a, b Spent) int {
		return cmp.Or(b.Sum()-a.Sum(), cmp.Compare(a.Purpose, b.Purpose))
	})
	return list, nil
}

// midnight begins the day of t, or one some days later, in t's zone. Days of 23 and 25 hours are days too.
func midnight(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
}

// classOf is how grave a cause is. A value that a list lacks is healed by one rule, or by one entry in the list.
func classOf(f pace.Failure) CauseClass {
	if f.Sentence().Key == "salesforce.picklist" {
		return CauseWarning
	}
	switch f.Class() {
	case pace.Permission, pace.SignIn, pace.Config:
		return CauseWarning
	case pace.Transient, pace.Locked, pace.Quota:
		return CauseOther
	}
	return CauseBad
}

func (d *Dashboard) addFailures(ctx context.Context, w *store.Workspace, now time.Time) error {
	groups, err := w.FailureGroups(ctx, 0)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if len(d.Groups) == causesShown {
			break
		}
		meaning := explainCause(g.Side, g.Object, g.Cause)
		_, fields := causeOf(g.Cause)
		d.Groups = append(d.Groups, FailureGroup{
			ID: strconv.FormatInt(g.ID, 10), Cause: meaning.Sentence(), Fields: fields, Side: g.Side, Class: classOf(meaning), Open: g.Open,
		})
	}
	local := now.Local()
	refusals, err := w.RefusalsBetween(ctx, midnight(local, 1-barsShown), now)
	d.Bars = barsOf(local, refusals)
	return err
}

// barsOf counts refusals by day, in now's zone.
func barsOf(now time.Time, refusals []store.Refusals) []FailureBar {
	bars := make([]FailureBar, barsShown)
	for i := range bars {
		bars[i].From, bars[i].Until = midnight(now, i+1-barsShown), midnight(now, i+2-barsShown)
	}
	for _, r := range refusals {
		i := slices.IndexFunc(bars, func(b FailureBar) bool { return r.Hour.Before(b.Until) })
		if i < 0 {
			continue
		}
		switch classOf(explainCause(r.Side, "", r.Cause)) {
		case CauseBad:
			bars[i].Bad += r.N
		case CauseWarning:
			bars[i].Warning += r.N
		default:
			bars[i].Other += r.N
		}
	}
	return bars
}

func (d *Dashboard) addCycles(cycles []store.Cycle) {
	for _, c := range cycles[:min(len(cycles), cyclesShown)] {
		row := CycleRow{
			N: c.N, Started: c.Started, Took: c.Took, Read: c.Pulled.Salesforce + c.Pulled.Marketo, Written: c.Writes.Salesforce + c.Writes.Marketo,
			Failed: c.Failed, Calls: c.Calls.Salesforce + c.Calls.Marketo,
		}
		if c.Stopped != "" {
			row.Stopped = pace.Say("cycle.stopped."+c.Stopped, "Ended early: %1.", c.Stopped)
		}
		d.Cycles = append(d.Cycles, row)
	}
}
