package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// A flight is a batch of rows that is being sent. It is one row for all of them: marking each would cost more than the rest of its
// sending. What came back without an answer, or was under way when the power failed, is in doubt, and marked then.

// MarkSending is written before the call that carries the rows, so that after a crash they are in doubt.
func (w *Workspace) MarkSending(ctx context.Context, rows []int64) error {
	if len(rows) == 0 {
		return nil
	}
	return w.write(ctx, "mark what is being sent", func(t *tx) error {
		id, err := t.next("flight")
		if err == nil {
			_, err = t.exec(`INSERT INTO outbox_flight(id, rows) VALUES(?1, ?2)`, id, numbers(rows))
		}
		return err
	})
}

// Doubt puts rows that wait in doubt.
func (w *Workspace) Doubt(ctx context.Context, rows []int64) error {
	return w.write(ctx, "put what waits in doubt", func(t *tx) error {
		return w.pen(t).doubt(rows, true)
	})
}

// InDoubt gives the rows that a crash or a lost answer left in state Sending, at most limit. Nothing may be under way.
func (w *Workspace) InDoubt(ctx context.Context, limit int) ([]cycle.Row, error) {
	const op = "read what is in doubt"
	var flights map[int64][]int64
	err := w.look(ctx, op, func(t *tx) (err error) {
		flights, err = t.flights()
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(flights) > 0 {
		if err := w.write(ctx, op, func(t *tx) error { return w.pen(t).land(flights, nil) }); err != nil {
			return nil, err
		}
	}
	var rows []cycle.Row
	err = w.look(ctx, op, func(t *tx) error {
		rows, err = t.rows(w.keys, `outbox o INDEXED BY outbox_sending WHERE o.state = 2 ORDER BY o.id LIMIT ?1`, limit)
		return err
	})
	return rows, err
}

// flights are the rows of each flight that is under way, in the order of their ids; there are two a side at most. Each list is read once: it
// does not change.
func (t *tx) flights() (map[int64][]int64, error) {
	flights := map[int64][]int64{}
	var unread []int64
	err := t.query(`SELECT id FROM outbox_flight`, func(r row) error {
		id := r.int(0)
		rows, read := t.conn.flights[id]
		if flights[id] = rows; !read {
			unread = append(unread, id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range unread {
		if _, err := t.first(`SELECT rows FROM outbox_flight WHERE id = ?1`, func(r row) error {
			var rows []int64
			if err := json.Unmarshal([]byte(r.text(0)), &rows); err != nil {
				return fmt.Errorf("a list of what is being sent cannot be read: %w", err)
			}
			slices.Sort(rows)
			flights[id] = rows
			return nil
		}, id); err != nil {
			return nil, err
		}
	}
	t.conn.flights = flights
	return maps.Clone(flights), nil
}

// flying are lists of the rows that are under way.
func (t *tx) flying() (flying, error) {
	flights, err := t.flights()
	return slices.Collect(maps.Values(flights)), err
}

// flying are lists of rows, in the order of their ids.
type flying [][]int64

func (f flying) has(id int64) bool {
	return slices.ContainsFunc(f, func(rows []int64) bool { _, in := slices.BinarySearch(rows, id); return in })
}

// part parts them into bare rows, in the order of their ids, and others.
func (f flying) part() (bare, others []int64) {
	for _, rows := range f {
		rows, more := partBare(rows)
		bare, others = append(bare, more...), append(others, rows...)
	}
	slices.Sort(bare)
	return bare, others
}

// markFlying tells of rows that they are under way.
func (t *tx) markFlying(rows []*cycle.Row) error {
	flying, err := t.flying()
	for _, r := range rows {
		if flying.has(r.ID) {
			r.State = cycle.Sending
		}
	}
	return err
}

// land ends flights: rows without an answer are in doubt from now on.
func (p *pen) land(flights map[int64][]int64, answered map[int64]bool) error {
	for id, rows := range flights {
		var lost []int64
		for _, one := range rows {
			if !answered[one] {
				lost = append(lost, one)
			}
		}
		if err := p.doubt(lost, false); err != nil {
			return err
		}
		if _, err := p.exec(`DELETE FROM outbox_flight WHERE id = ?1`, id); err != nil {
			return err
		}
	}
	return nil
}

// landed ends the flights from which answers came.
func (w *Workspace) landed(t *tx, answers []cycle.Answer) error {
	flights, err := t.flights()
	if err != nil || len(flights) == 0 {
		return err
	}
	answered := make(map[int64]bool, len(answers))
	for _, a := range answers {
		answered[a.Row] = true
	}
	for id, rows := range flights {
		from := false
		for _, one := range rows {
			from = from || answered[one]
		}
		if !from {
			delete(flights, id)
		}
	}
	p := w.pen(t)
	if err := p.land(flights, answered); err != nil {
		return err
	}
	return p.flush()
}

// doubt moves rows from waiting to in doubt, the numbers with them. Rows that no longer wait are left as they are, and without ids so are
// bare ones that write an id alone: writing it once more is the same as once.
func (p *pen) doubt(rows []int64, ids bool) error {
	rows, err := p.dressAll(rows, ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, from := range []cycle.RowState{cycle.Waiting, cycle.Resting} {
		if err := p.query(`UPDATE outbox SET state = 2 WHERE state = ?2 AND id IN (SELECT value FROM json_each(?1))
			RETURNING id, link, side, object, action, ?2, first, target, failure`, func(r row) error {
			h := r.head()
			p.weigh(h, -1)
			h.state = cycle.Sending
			p.weigh(h, 1)
			return nil
		}, numbers(rows), int64(from)); err != nil {
			return err
		}
	}
	return nil
}
