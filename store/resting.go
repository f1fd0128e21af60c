package store

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// rested adds the rows of a side whose quiet time is over, the longest over first. They have an index of their own: those that rest on are
// never looked at.
func (t *tx) rested(k Keys, side record.Side, now time.Time, limit int, rows *[]cycle.Row) error {
	if limit == 0 {
		return nil
	}
	return t.query(selectRow+`outbox o INDEXED BY outbox_resting WHERE o.state = 6 AND o.side = ?1 AND o.next <= ?2 ORDER BY o.next, o.id LIMIT ?3`, func(r row) error {
		one, err := r.outboxRow(k)
		*rows = append(*rows, one)
		return err
	}, int64(side), stamp(now), int64(limit))
}

// Unrest lets the rows towards a side that came to rest in cycle n wait like any other.
func (w *Workspace) Unrest(ctx context.Context, side record.Side, n int64) error {
	return w.write(ctx, "end a quiet time", func(t *tx) error {
		return t.query(`UPDATE outbox SET state = 1, next = 0 WHERE state = 6 AND side = ?1 AND cycle = ?2
			RETURNING id, link, side, object, action, 6, first, target, failure`, func(r row) error {
			h := r.head()
			t.weigh(h, -1)
			h.state = cycle.Waiting
			t.weigh(h, 1)
			return nil
		}, int64(side), n)
	})
}
