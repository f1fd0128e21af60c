package app

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/store"
)

// youngCycles: a stretch with fewer cycles is drawn cycle by cycle, from its first one on.
const youngCycles = 24

// addBacklog draws what waited, over a day and over five. The newest cycle comes first.
func (d *Dashboard) addBacklog(ctx context.Context, w *store.Workspace, cycles []store.Cycle, now time.Time) error {
	for span, series := range map[time.Duration]*[]BacklogPoint{24 * time.Hour: &d.Backlog.Day, 5 * 24 * time.Hour: &d.Backlog.FiveDays} {
		points, err := backlogSince(ctx, w, cycles, now.Add(-span), now)
		if err != nil {
			return err
		}
		*series = points
	}
	d.Backlog.DayPeak, d.Backlog.FivePeak = peakOf(d.Backlog.Day), peakOf(d.Backlog.FiveDays)
	return nil
}

// backlogSince is what waited from a time on. The first sync writes more than any day that follows, and would flatten
// them all: it is left out as soon as there is something else to see.
func backlogSince(ctx context.Context, w *store.Workspace, cycles []store.Cycle, from, now time.Time) ([]BacklogPoint, error) {
	if i := slices.IndexFunc(cycles, func(c store.Cycle) bool { return c.First }); i >= 0 && ended(cycles[i]).After(from) {
		later, err := backlogPoints(ctx, w, cycles[:i], ended(cycles[i]).Add(1), now)
		if err != nil || slices.ContainsFunc(later, func(p BacklogPoint) bool { return p.Sum() > 0 }) {
			return later, err
		}
	}
	return backlogPoints(ctx, w, cycles, from, now)
}

func ended(c store.Cycle) time.Time { return c.Started.Add(c.Took) }

// backlogPoints draws few cycles one by one: what was left before, what waited in it, what it left. Of many, each is one
// point.
func backlogPoints(ctx context.Context, w *store.Workspace, cycles []store.Cycle, from, now time.Time) (points []BacklogPoint, err error) {
	if n := slices.IndexFunc(cycles, func(c store.Cycle) bool { return ended(c).Before(from) }); n >= 0 {
		cycles = cycles[:n]
	}
	if len(cycles) < youngCycles {
		left := Sides{}
		for _, c := range slices.Backward(cycles) {
			points = append(points, BacklogPoint{c.Started, left})
			left = sides(c.Backlog)
			points = append(points, BacklogPoint{c.Started.Add(time.Millisecond), sides(c.Waited)}, BacklogPoint{ended(c).Add(2 * time.Millisecond), left})
		}
		return points, nil
	}
	kept, err := w.BacklogBetween(ctx, from, now.Add(time.Second), chartPoints)
	for _, p := range kept {
		points = append(points, BacklogPoint{p.At, Sides{p.ToMarketo, p.ToSalesforce}})
	}
	return points, err
}

func sides(b cycle.Backlog) Sides { return Sides{b.ToMarketo, b.ToSalesforce} }

// live adds what waits at this moment, while a cycle runs.
func (b *Backlog) live(since, now time.Time, waiting Sides) {
	for _, series := range []*[]BacklogPoint{&b.Day, &b.FiveDays} {
		before := Sides{}
		if n := len(*series); n > 0 {
			before = (*series)[n-1].Sides
			if !(*series)[n-1].At.Before(since) {
				continue // the cycle has just been kept
			}
		}
		*series = append(*series, BacklogPoint{since, before}, BacklogPoint{now, waiting})
	}
}
