package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/store"
)

// What stands out of a backlog: so many records, and so many times what usually waits.
const (
	peakLeast = 50
	peakTimes = 3
)

// peakOf is the highest point of a backlog, if it stands out; nil if not. It is gone once no more waits than usually,
// or a tenth of it.
func peakOf(points []BacklogPoint) *Peak {
	if len(points) < 3 {
		return nil
	}
	sums := make([]int, len(points))
	top := 0
	for i, p := range points {
		sums[i] = p.Sum()
		if sums[i] > sums[top] {
			top = i
		}
	}
	sorted := slices.Sorted(slices.Values(sums))
	usual := sorted[len(sorted)/2]
	if sums[top] < peakLeast || sums[top] < peakTimes*usual {
		return nil
	}
	p := &Peak{At: points[top].At, Records: sums[top]}
	for i := top + 1; i < len(points); i++ {
		if sums[i] <= max(usual, sums[top]/10) {
			p.Gone = points[i].At.Sub(p.At)
			break
		}
	}
	return p
}

// culprits remembers what made a peak: a peak is history and does not change, and looking it up reads thousands of lines.
// The zero culprits is ready to use.
type culprits struct {
	mu    sync.Mutex
	known map[time.Time]Peak
}

// How many cycles are looked through for one peak, and how large a part of it a cause needs to have to be named.
const (
	culpritCycles = 1600 // a little more than five days of them
	culpritShare  = 0.3
)

// name fills in the cause of a peak: the first sync, or who and which field made the most of what was planned since nothing waited.
func (c *culprits) name(ctx context.Context, w *store.Workspace, p *Peak) error {
	if p == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[p.At]; ok {
		p.First, p.Field, p.By = known.First, known.Field, known.By
		if known.Gone > 0 {
			p.Gone = known.Gone
		}
		if p.Gone == 0 || known.Gone > 0 {
			return nil
		}
	}
	cycles, err := w.Cycles(ctx, culpritCycles)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(cycles, func(c store.Cycle) bool { return !c.Started.After(p.At) }); i >= 0 {
		own := cycles[i]
		first := firstSync(cycles)
		p.First = first >= 0 && i >= first
		if own.Backlog.Sum() <= p.Records/10 { // the points of a chart stand a cycle apart: it was gone sooner
			p.Gone = max(own.Took, time.Millisecond)
		}
		if !p.First {
			names, err := makerNames(ctx, w)
			if err != nil {
				return err
			}
			by, field := largest(madeUntil(cycles, i), culpritShare*float64(p.Records))
			if p.Field = field; by != "" {
				p.By = names.tell(by)
			}
		}
	}
	if c.known == nil || len(c.known) > 8 {
		c.known = map[time.Time]Peak{}
	}
	c.known[p.At] = *p
	return nil
}
