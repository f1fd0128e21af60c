package store

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Carriers are rows towards a side that wait, whose time has come, and that only write an id on a record of an object: in the
// order of their ids, after one, at most limit.
func (w *Workspace) Carriers(ctx context.Context, side record.Side, object record.Object, now time.Time, after int64, limit int) ([]cycle.Row, error) {
	return w.inOrder(ctx, "read which ids are to be written", side, cycle.WriteID, object, now, after, limit)
}

// Updates are Carriers' like that write fields of records.
func (w *Workspace) Updates(ctx context.Context, side record.Side, object record.Object, now time.Time, after int64, limit int) ([]cycle.Row, error) {
	return w.inOrder(ctx, "read which records are to be written", side, cycle.Update, object, now, after, limit)
}

// orderedRows goes through the outbox from a row on: by its index of what waits, everything that does would be read and sorted for each page.
const orderedRows = `outbox o NOT INDEXED WHERE o.id > ?1 AND o.state = 1 AND o.side = ?2 AND o.action = ?3 AND o.object = ?4 AND o.next <= ?5 ORDER BY o.id LIMIT ?6`

func (w *Workspace) inOrder(ctx context.Context, op string, side record.Side, action cycle.Action, object record.Object, now time.Time, after int64, limit int) (rows []cycle.Row, err error) {
	number, err := objectNumber(object)
	if err != nil {
		return nil, err
	}
	err = w.look(ctx, op, func(t *tx) error {
		rows, err = t.rows(w.keys, orderedRows, after, int64(side), int64(action), number, stamp(now), limit)
		if err != nil || len(rows) == limit {
			return err
		}
		people := newQueue(side, turnPerson)
		return t.addBare(w.keys, &rows, `WHERE o.id > ?1 AND o.id <= ?2 AND o.does & 7 = ?3 AND (l.object = ?4 OR ?5) ORDER BY o.id LIMIT ?6`,
			max(after, int64(people)), people.last(), int64(action), number, flag(side == record.Marketo), limit-len(rows))
	})
	return rows, err
}
