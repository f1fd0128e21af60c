package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
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

// How much history is read for one peak, and how large a part of it a field needs to have to be named.
const (
	culpritCycles = 1600 // a little more than five days of them
	culpritLines  = 1000
	culpritShare  = 0.3
)

// name fills in the cause of a peak: the first sync, or the field that was written most while it was worked off. A peak
// that still lasts has no cause yet.
func (c *culprits) name(ctx context.Context, w *store.Workspace, p *Peak) error {
	if p == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[p.At]; ok {
		p.First, p.Field = known.First, known.Field
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
	}
	if p.Gone > 0 && !p.First {
		if p.Field, err = culprit(ctx, w, cycles, *p); err != nil {
			return err
		}
	}
	if c.known == nil || len(c.known) > 8 {
		c.known = map[time.Time]Peak{}
	}
	c.known[p.At] = *p
	return nil
}

// culprit is the field with the largest part in what was written while a peak was worked off; empty where none stands out.
func culprit(ctx context.Context, w *store.Workspace, cycles []store.Cycle, p Peak) (string, error) {
	var written []store.Event
	for _, c := range slices.Backward(cycles) {
		if ended(c).Before(p.At) || c.Started.After(p.At.Add(p.Gone)) || len(written) >= culpritLines {
			continue
		}
		events, err := w.EventsOfCycle(ctx, c.N, 0, culpritLines-len(written))
		if err != nil {
			return "", err
		}
		written = append(written, slices.DeleteFunc(events, func(e store.Event) bool { return e.Kind != "written" || e.Field == cycle.NoField })...)
	}
	return mostWritten(ctx, w, written)
}

// mostWritten names the field that most of the lines are about.
func mostWritten(ctx context.Context, w *store.Workspace, lines []store.Event) (string, error) {
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return "", err
	}
	links := make([]cycle.LinkID, 0, len(lines))
	for _, e := range lines {
		links = append(links, e.Link)
	}
	slices.Sort(links)
	known, err := w.KnownLinks(ctx, slices.Compact(links))
	if err != nil {
		return "", err
	}
	objects := map[cycle.LinkID]record.Object{}
	for _, k := range known {
		objects[k.Link.ID] = k.Link.Object
	}
	counts, best := map[string]int{}, ""
	for _, e := range lines {
		name := fieldName(mapping, objects[e.Link], e.Field)
		counts[name]++
		if n := counts[name]; n > counts[best] || n == counts[best] && name < best {
			best = name
		}
	}
	if float64(counts[best]) < culpritShare*float64(len(lines)) {
		return "", nil
	}
	return best, nil
}
