package store

import (
	"context"
	"fmt"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// holds puts changes aside until a person decides. One that is held for the same field already is replaced and keeps its id.
func (p *pen) holds(link cycle.LinkID, holds []cycle.Hold) error {
	for i := range holds {
		h := &holds[i]
		var id, waited int64 // what is held in its place, and whether it waits
		var err error
		if link != p.fresh || i > 0 { // else nothing can be
			_, err = p.first(`SELECT id, skipped FROM hold WHERE link = ?1 AND field = ?2`, func(r row) error { id, waited = r.int(0), flag(r.int(1) == 0); return nil }, int64(link), int64(h.Field))
		}
		if err == nil && id == 0 {
			id, err = p.next("hold")
		}
		if err != nil {
			return err
		}
		p.count(holdTally, flag(!h.Skipped)-waited)
		content, err := p.keys.seal(holdSeal, id, packHold(*h))
		if err == nil {
			err = p.append(intoHold, id, int64(link), int64(h.Field), h.Cause, stamp(h.Since), content, flag(h.Skipped))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// release ends holds; one that is gone already is none.
func (p *pen) release(ids []int64) error {
	for _, id := range ids {
		if err := p.dropHolds(`id = ?1`, id); err != nil {
			return err
		}
	}
	return nil
}

// dropHolds removes holds, the number of those that are open with them.
func (p *pen) dropHolds(where string, key int64) error {
	return p.query(`DELETE FROM hold WHERE `+where+` RETURNING skipped`, func(r row) error {
		p.count(holdTally, -flag(r.int(0) == 0))
		return nil
	}, key)
}

const selectHold = `SELECT h.id, h.link, h.field, h.cause, h.since, h.content, h.skipped FROM `

// hold reads a hold; without keys its values and candidates stay empty.
func (r row) hold(k Keys) (cycle.Hold, error) {
	h := cycle.Hold{ID: r.int(0), Link: cycle.LinkID(r.int(1)), Field: uint16(r.int(2)), Cause: r.text(3), Since: unstamp(r.int(4)), Skipped: r.int(6) != 0}
	if !k.have() {
		return h, nil
	}
	plain, err := k.open(holdSeal, h.ID, r.blob(5))
	if err != nil {
		return h, err
	}
	return h, unpackHold(plain, &h)
}

// Holds are the open holds in the order of their ids, after the id after, at most limit. Without keys their values and
// candidates are empty.
func (w *Workspace) Holds(ctx context.Context, after int64, limit int) (holds []cycle.Hold, err error) {
	err = w.read(ctx, "list the holds", func(t *tx) error {
		return t.query(selectHold+`hold h WHERE h.id > ?1 AND h.skipped = 0 ORDER BY h.id LIMIT ?2`, func(r row) error {
			h, err := r.hold(w.keys)
			holds = append(holds, h)
			return err
		}, after, limit)
	})
	return holds, err
}

// HoldByID is one open hold; ErrNotFound when it was released already, or left alone.
func (w *Workspace) HoldByID(ctx context.Context, id int64) (h cycle.Hold, err error) {
	found := false
	err = w.read(ctx, "read a hold", func(t *tx) error {
		found, err = t.first(selectHold+`hold h WHERE h.id = ?1 AND h.skipped = 0`, func(r row) error {
			h, err = r.hold(w.keys)
			return err
		}, id)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("hold %d: %w", id, ErrNotFound)
	}
	return h, err
}
