package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// follow makes parents the records that a link depends on, in place of those before.
func (p *pen) follow(link cycle.LinkID, parents []record.ID) error {
	if _, err := p.exec(`DELETE FROM follow WHERE link = ?1`, int64(link)); err != nil {
		return err
	}
	return p.followToo(link, parents)
}

// followToo adds to the records that a link depends on.
func (p *pen) followToo(link cycle.LinkID, parents []record.ID) error {
	for _, parent := range parents {
		if err := p.append(intoFollow, string(parent), int64(link)); err != nil {
			return err
		}
	}
	return nil
}

// tell has the links read afresh that depend on a record, when it got or lost its place in Marketo, or the filter began or ended to keep it
// out: as the transaction ends.
func (p *pen) tell(was, is cycle.Link) {
	place := func(l cycle.Link) (record.ID, bool) {
		return l.Marketo, l.State == cycle.Linked || l.State == cycle.Frozen
	}
	before, wasThere := place(was)
	now, isThere := place(is)
	moved := before != now || wasThere != isThere || was.Salesforce != is.Salesforce
	if !moved && (was.State == cycle.Frozen) == (is.State == cycle.Frozen) {
		return
	}
	add := func(to []record.ID, l cycle.Link) []record.ID {
		if l.Object.IsPerson() && (wasThere || isThere) { // members may wait for a person of Marketo
			to = append(to, l.Marketo)
		}
		return append(to, l.Salesforce)
	}
	if wasThere && moved {
		p.left = add(p.left, was)
	}
	p.told = add(add(p.told, was), is)
}

// leaders gives the least and the last of the records that anybody depends on, empty where nobody does. While people alone depend on
// records, which are accounts, no person's ids lie between them.
func (t *tx) leaders() (least, last record.ID, err error) {
	_, err = t.first(`SELECT (SELECT min(parent) FROM follow), (SELECT max(parent) FROM follow)`, func(r row) error {
		least, last = record.ID(r.text(0)), record.ID(r.text(1))
		return nil
	})
	return least, last, err
}

// tellAll tells those who depend on records. A creation under way looks for itself when it is sent whether what it names has arrived, but takes
// for granted what was there when it was planned.
func (p *pen) tellAll() error {
	if len(p.told) == 0 {
		return nil
	}
	least, last, err := p.leaders()
	if err != nil {
		return err
	}
	for _, these := range []struct {
		ids       []record.ID
		creations bool
	}{{p.left, true}, {p.told, false}} {
		ids := slices.DeleteFunc(these.ids, func(id record.ID) bool { return id == "" || id < least || id > last })
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		list, err := json.Marshal(slices.Compact(ids))
		if err != nil {
			return fmt.Errorf("list ids: %w", err)
		}
		if _, err = p.exec(`INSERT INTO recheck(link) SELECT f.link FROM json_each(?1) j CROSS JOIN follow f ON f.parent = j.value CROSS JOIN link l ON l.id = f.link
			WHERE ?2 OR l.state <> 2 OR NOT EXISTS (SELECT 1 FROM outbox o WHERE o.link = l.id AND o.side = 2 AND o.state < 3)
				AND NOT EXISTS (SELECT 1 FROM outbox_first b WHERE b.id IN `+bareIDs(`l.id`, record.Marketo)+`) ON CONFLICT(link) DO NOTHING`, string(list), flag(these.creations)); err != nil {
			return err
		}
	}
	return nil
}

// followed adds the records that links depend on.
func (t *tx) followed(list string, found map[cycle.LinkID]*cycle.Known) error {
	if _, last, err := t.leaders(); err != nil || last == "" {
		return err
	}
	return t.query(`SELECT f.link, f.parent FROM json_each(?1) j CROSS JOIN follow f ON f.link = j.value ORDER BY f.link, f.parent`, func(r row) error {
		if one := found[cycle.LinkID(r.int(0))]; one != nil {
			one.Follows = append(one.Follows, record.ID(r.text(1)))
		}
		return nil
	}, list)
}

// Withdraw takes the writes out of the outbox that are meant for an object of Marketo: it is not synced any more. Its links stay.
func (w *Workspace) Withdraw(ctx context.Context, object record.Object) error {
	return w.write(ctx, "take back what waits", func(t *tx) error {
		number, err := t.object(object)
		if err != nil {
			return err
		}
		var heads []*head
		if err := t.query(selectHead+`outbox o WHERE o.object = ?1 AND o.state <> 2`, func(r row) error { heads = append(heads, r.head()); return nil }, number); err != nil {
			return err
		}
		if err := t.query(`SELECT id FROM outbox_first WHERE does >> 4 = ?1`, func(r row) error {
			heads = append(heads, &head{slot: bareSlot(r.int(0)), id: r.int(0), object: number, action: cycle.Create, state: cycle.Waiting, first: true})
			return nil
		}, number); err != nil {
			return err
		}
		ids := make([]int64, len(heads))
		for i, h := range heads {
			t.weigh(h, -1)
			if err := t.leaveFailure(h); err != nil {
				return err
			}
			ids[i] = h.id
		}
		return t.deleteRows(ids)
	})
}
