package app

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/store"
)

// youngCycles: a stretch with fewer cycles is drawn cycle by cycle, whatever its length.
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
	if i := firstSync(cycles); i >= 0 && ended(cycles[i]).After(from) {
		later, err := backlogPoints(ctx, w, cycles[:i], ended(cycles[i]).Add(1), now)
		if err != nil || len(later) > 1 && slices.ContainsFunc(later, func(p BacklogPoint) bool { return p.Sum() > 0 }) {
			return later, err
		}
	}
	return backlogPoints(ctx, w, cycles, from, now)
}

// firstSync is the place of the newest cycle that belongs to the first sync: it read and joined both sides, or went on
// with the writing that such a cycle left. -1 where none does.
func firstSync(cycles []store.Cycle) int {
	i := slices.IndexFunc(cycles, func(c store.Cycle) bool { return c.First })
	if i < 0 {
		return i
	}
	for most := cycles[i].Waited.Sum(); i > 0 && cycles[i].Backlog.Sum() > most/10; {
		i--
	}
	return i
}

func ended(c store.Cycle) time.Time { return c.Started.Add(c.Took) }

// backlogPoints draws each cycle as one point, what waited in it, and of very many the highest of a stretch; few end with
// what waits since the last. A first sync takes long enough to be seen from its begin to its end.
func backlogPoints(ctx context.Context, w *store.Workspace, cycles []store.Cycle, from, now time.Time) (points []BacklogPoint, err error) {
	if n := slices.IndexFunc(cycles, func(c store.Cycle) bool { return ended(c).Before(from) }); n >= 0 {
		cycles = cycles[:n]
	}
	if len(cycles) < youngCycles {
		for _, c := range slices.Backward(cycles) {
			if c.First {
				points = append(points, BacklogPoint{At: c.Started}, BacklogPoint{c.Started.Add(time.Millisecond), sides(c.Waited)}, BacklogPoint{ended(c), sides(c.Backlog)})
			} else {
				points = append(points, BacklogPoint{c.Started, sides(c.Waited)})
			}
		}
		if len(cycles) > 0 && !cycles[0].First {
			points = append(points, BacklogPoint{ended(cycles[0]), sides(cycles[0].Backlog)})
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

// live adds what waits at this moment, while a cycle runs that began at since.
func (b *Backlog) live(since, now time.Time, waiting Sides) {
	for _, series := range []*[]BacklogPoint{&b.Day, &b.FiveDays} {
		switch n := len(*series); {
		case n == 0:
			*series = []BacklogPoint{{At: since}, {now, waiting}}
		case waiting.Sum() > 0 && (*series)[n-1].At.Before(since): // else nothing is known yet, or that cycle has just been kept
			*series = append(*series, BacklogPoint{now, waiting})
		}
	}
}
