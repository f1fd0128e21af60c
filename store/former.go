package store

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// remember keeps an id that a link had, so that its story is found by it.
func (p *pen) remember(side record.Side, id record.ID, link cycle.LinkID) error {
	if id == "" {
		return nil
	}
	_, err := p.exec(`INSERT INTO former(side, id, link) VALUES(?1, ?2, ?3) ON CONFLICT(side, id) DO UPDATE SET link = excluded.link`, int64(side), string(id), int64(link))
	return err
}

// inherit gives a link the story of another one: its lines of history, whose fields are those of the other's object, and
// the ids that led to it.
func (p *pen) inherit(from cycle.Link, into cycle.LinkID) error {
	object, err := objectNumber(from.Object)
	if err != nil {
		return err
	}
	if _, err := p.exec(`UPDATE history SET link = ?2, object = coalesce(object, ?3) WHERE link = ?1`, int64(from.ID), int64(into), object); err != nil {
		return err
	}
	_, err = p.exec(`UPDATE former SET link = ?2 WHERE link = ?1`, int64(from.ID), int64(into))
	return err
}

// leaveObject marks the lines of a link that comes to belong to another object with the object that it leaves.
func (p *pen) leaveObject(from cycle.Link) error {
	if from.Object.Side() == record.Marketo {
		return nil // a person known in Marketo only has no fields of its own yet
	}
	object, err := objectNumber(from.Object)
	if err != nil {
		return err
	}
	_, err = p.exec(`UPDATE history SET object = ?2 WHERE link = ?1 AND object IS NULL`, int64(from.ID), object)
	return err
}

// Former tells what is remembered of links that had ids of a side before and have others, or none, by now, in the order of ids.
// An id that no link ever had gives a Known whose Link.ID is 0.
func (w *Workspace) Former(ctx context.Context, side record.Side, ids []record.ID) (known []cycle.Known, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = w.look(ctx, "read what was known", func(t *tx) error {
		owners := make([]cycle.LinkID, len(ids))
		for i, id := range ids {
			if owners[i], err = t.formerOwner(side, id); err != nil {
				return err
			}
		}
		known, err = t.known(w.keys, owners)
		return err
	})
	return known, err
}

func (t *tx) formerOwner(side record.Side, id record.ID) (owner cycle.LinkID, err error) {
	_, err = t.first(`SELECT link FROM former WHERE side = ?1 AND id = ?2`, func(r row) error { owner = cycle.LinkID(r.int(0)); return nil }, int64(side), string(id))
	return owner, err
}
