package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// BeginCycle gives the number of a new cycle; the first is 1.
func (w *Workspace) BeginCycle(ctx context.Context, started time.Time) (n int64, err error) {
	err = w.write(ctx, "begin a cycle", func(t *tx) error {
		if n, err = t.next("cycle"); err != nil {
			return err
		}
		events, err := t.number(lastEvent)
		if err != nil {
			return err
		}
		if err := t.setBack(started); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO cycle(n, started, events) VALUES(?1, ?2, ?3)`, n, stamp(started), events)
		return err
	})
	return n, err
}

// Nothing waits longer than this for its time: a write that was put off, and one of a field that is written once a day.
const (
	putOffAtMost = time.Hour
	restsAtMost  = 25 * time.Hour
)

// setBack lets what waits for its time wait no longer than it may where the computer's clock was set back since that was said. Of a cycle that did
// not end nobody knows what the clock was.
func (t *tx) setBack(now time.Time) error {
	var before, ended int64
	known, err := t.first(`SELECT started, ended FROM cycle ORDER BY n DESC LIMIT 1`, func(r row) error { before, ended = r.int(0), r.int(1); return nil })
	if err != nil || !known || ended != 0 && max(before, ended) <= stamp(now) {
		return err
	}
	for state, longest := range map[cycle.RowState]time.Duration{cycle.Waiting: putOffAtMost, cycle.Resting: restsAtMost} {
		if _, err := t.exec(`UPDATE outbox SET next = ?2 WHERE state = ?1 AND next > ?3`, int64(state), stamp(now), stamp(now.Add(longest))); err != nil {
			return err
		}
	}
	return nil
}

// EndCycle keeps a cycle's report for the dashboard. When much room was freed, it is given back to the disk.
func (w *Workspace) EndCycle(ctx context.Context, r cycle.Report) error {
	err := w.write(ctx, "end a cycle", func(t *tx) error {
		report, err := json.Marshal(r)
		if err != nil {
			return err
		}
		changed, err := t.exec(`UPDATE cycle SET ended = ?2, to_marketo = ?3, to_salesforce = ?4, report = ?5 WHERE n = ?1`,
			r.N, stamp(r.Started.Add(r.Took)), r.Waited.ToMarketo, r.Waited.ToSalesforce, string(report))
		if err == nil && changed == 0 {
			err = fmt.Errorf("cycle %d was never begun", r.N)
		}
		return err
	})
	if err != nil {
		return err
	}
	return w.giveBack(ctx)
}

// Cycle is one cycle as it is remembered. Of one that did not end, because it runs or its process was killed, only the
// number and the start are known.
type Cycle struct {
	cycle.Report
	Ended bool
}

// Cycles are the last n cycles, the newest first.
func (w *Workspace) Cycles(ctx context.Context, n int) (cycles []Cycle, err error) {
	err = w.read(ctx, "list the cycles", func(t *tx) error {
		cycles, err = t.cycles(`SELECT n, started, ended, report FROM cycle ORDER BY n DESC LIMIT ?1`, n)
		return err
	})
	return cycles, err
}

func (t *tx) cycles(query string, limit int) (cycles []Cycle, err error) {
	err = t.query(query, func(r row) error {
		c := Cycle{Report: cycle.Report{N: r.int(0), Started: unstamp(r.int(1))}, Ended: r.int(2) != 0}
		if !r.null(3) {
			if err := json.Unmarshal([]byte(r.text(3)), &c.Report); err != nil {
				return fmt.Errorf("the report of cycle %d cannot be read: %w", c.N, err)
			}
		}
		cycles = append(cycles, c)
		return nil
	}, limit)
	return cycles, err
}

// BacklogPoint is the most that waited at once in a cycle, per target side.
type BacklogPoint struct {
	At           time.Time // the cycle's start
	ToMarketo    int
	ToSalesforce int
}

// BacklogBetween is how the backlog went in the cycles that ended from a time until another, oldest first, in at most
// points points: each is the cycle with the highest backlog of its stretch of time.
func (w *Workspace) BacklogBetween(ctx context.Context, from, until time.Time, points int) (series []BacklogPoint, err error) {
	width := int64(until.Sub(from))/int64(max(points, 1)) + 1
	err = w.read(ctx, "draw the backlog", func(t *tx) error {
		return t.query(`SELECT to_marketo, to_salesforce, started, max(to_marketo + to_salesforce) FROM cycle WHERE ended >= ?1 AND ended < ?2 GROUP BY (ended - ?1) / ?3 ORDER BY 3`, func(r row) error {
			series = append(series, BacklogPoint{At: unstamp(r.int(2)), ToMarketo: int(r.int(0)), ToSalesforce: int(r.int(1))})
			return nil
		}, stamp(from), stamp(until), width)
	})
	return series, err
}
