package store

import (
	"github.com/doppio-sync/doppio/engine/cycle"
)

// holds puts changes aside until a person decides. One that is held for the same field already is replaced and keeps its id.
func (p *pen) holds(link cycle.LinkID, holds []cycle.Hold) error {
	for i := range holds {
		h := &holds[i]
		id, found := int64(0), false
		found, err := p.first(`SELECT id FROM hold WHERE link = ?1 AND field = ?2`, func(r row) error { id = r.int(0); return nil }, int64(link), int64(h.Field))
		if err != nil {
			return err
		}
		if !found {
			if id, err = p.next("hold"); err != nil {
				return err
			}
			p.count(holdTally, 1)
		}
		content, err := p.keys.seal(holdSeal, id, packHold(*h))
		if err != nil {
			return err
		}
		if _, err := p.exec(`INSERT INTO hold(id, link, field, cause, since, content) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
			ON CONFLICT(id) DO UPDATE SET cause = excluded.cause, since = excluded.since, content = excluded.content`,
			id, int64(link), int64(h.Field), h.Cause, stamp(h.Since), content); err != nil {
			return err
		}
	}
	return nil
}

// release ends holds; one that is gone already is none.
func (p *pen) release(ids []int64) error {
	for _, id := range ids {
		gone, err := p.exec(`DELETE FROM hold WHERE id = ?1`, id)
		if err != nil {
			return err
		}
		p.count(holdTally, -gone)
	}
	return nil
}

const selectHold = `SELECT h.id, h.link, h.field, h.cause, h.since, h.content FROM `

// hold reads a hold; without keys its values and candidates stay empty.
func (r row) hold(k Keys) (cycle.Hold, error) {
	h := cycle.Hold{ID: r.int(0), Link: cycle.LinkID(r.int(1)), Field: uint16(r.int(2)), Cause: r.text(3), Since: unstamp(r.int(4))}
	if !k.have() {
		return h, nil
	}
	plain, err := k.open(holdSeal, h.ID, r.blob(5))
	if err != nil {
		return h, err
	}
	return h, unpackHold(plain, &h)
}
