package store

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Counts are the numbers that every screen shows. They are kept by the transactions that move them.
type Counts struct {
	// Linked counts pairs by the object of their Salesforce record.
	Linked map[record.Object]int
	// Alone counts people known on that side only, also those whose twin is about to be created.
	Alone map[record.Side]int
	// Waiting counts outbox rows towards a side that wait or are being sent.
	Waiting map[record.Side]int
	// Filtered counts people whom the filter keeps out, linked ones among them.
	Filtered int
	// Failures are refused writes that are open, Holds decisions that wait for a person: a cycle that the brake stopped is one.
	Failures, Holds int
}

// People is how many people are linked.
func (c Counts) People() int {
	n := 0
	for object, pairs := range c.Linked {
		if object.IsPerson() {
			n += pairs
		}
	}
	return n
}

// Counts gives the numbers that every screen shows.
func (w *Workspace) Counts(ctx context.Context) (c Counts, err error) {
	err = w.read(ctx, "count", func(t *tx) error {
		c, err = t.counts()
		return err
	})
	return c, err
}

func (t *tx) counts() (Counts, error) {
	tally, err := t.numbers()
	if err != nil {
		return Counts{}, err
	}
	braked, err := t.setting(cycle.BrakeSetting)
	c := Counts{Linked: map[record.Object]int{}, Alone: map[record.Side]int{}, Waiting: map[record.Side]int{}, Holds: int(tally[holdTally])}
	if braked != "" {
		c.Holds++
	}
	linkTallies(tally, func(state, number int64, known, n int) {
		object := objectOf(number)
		switch cycle.LinkState(state) {
		case cycle.Linked:
			if n > 0 {
				c.Linked[object] += n
			}
		case cycle.Filtered, cycle.Frozen:
			if object.IsPerson() {
				c.Filtered += n
			}
		case cycle.Alone, cycle.Creating:
			if object.IsPerson() && (known == 1 || known == 2) {
				c.Alone[record.Side(known)] += n
			}
		}
	})
	for _, side := range sides {
		c.Waiting[side] = int(tally[rowTally(cycle.Waiting, side)] + tally[rowTally(cycle.Resting, side)] + tally[rowTally(cycle.Sending, side)])
		c.Failures += failures(tally, side)
	}
	return c, err
}

// Status is what `status` and the list of workspaces show, all of one moment.
type Status struct {
	Counts
	Backlog cycle.Backlog
	// Last is the newest cycle that ended; nil when none did.
	Last *cycle.Report
	// Running tells that a cycle began after it and has not ended: it runs, or its process was killed.
	Running bool
	// Calls are what was last remembered of each side's daily allowance.
	Calls map[record.Side]Calls
}

// Status gathers what `status` shows. It needs no keys.
func (w *Workspace) Status(ctx context.Context) (s Status, err error) {
	err = w.read(ctx, "read the status", func(t *tx) error {
		if s.Counts, err = t.counts(); err != nil {
			return err
		}
		if s.Backlog, err = t.backlog(w.now()); err != nil {
			return err
		}
		ended, err := t.cycles(`SELECT n, started, ended, report FROM cycle INDEXED BY cycle_ended WHERE ended > 0 ORDER BY ended DESC LIMIT ?1`, 1)
		if err != nil {
			return err
		}
		newest, err := t.number("last.cycle")
		if err != nil {
			return err
		}
		if len(ended) > 0 {
			s.Last = &ended[0].Report
		}
		s.Running = newest > 0 && (s.Last == nil || s.Last.N < newest)
		s.Calls = map[record.Side]Calls{}
		for _, side := range sides {
			if s.Calls[side], err = t.lastCalls(side); err != nil {
				return err
			}
		}
		return nil
	})
	return s, err
}
