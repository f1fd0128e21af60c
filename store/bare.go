package store

import (
	"database/sql/driver"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// A bare row is a row of the outbox of which there is nothing to say but its link and side: a first sync writes the other side's id
// on a record. It has a table of its own, and an id that follows from its slot, above all that are given in turn.
const (
	bareRows = 1 << 60
	bareSide = 56 // the side's bits; below them the link's
)

func bareID(at slot) int64 { return bareRows | int64(at.side)<<bareSide | int64(at.link) }

func isBareID(id int64) bool { return id >= bareRows }

// bareSlot is the slot of a bare row, by its id.
func bareSlot(id int64) slot {
	return slot{cycle.LinkID(id & (1<<bareSide - 1)), record.Side(id >> bareSide & 3)}
}

// bareTally is the number that counts bare rows.
const bareTally = "bare"

// selectBare reads bare rows with what their links say of them.
const selectBare = `SELECT o.side, o.link, o.cycle, o.since, l.object, l.salesforce, l.marketo FROM `

func (r row) bareRow() cycle.Row {
	link := cycle.Link{ID: cycle.LinkID(r.int(1)), Object: objectOf(r.int(4)), Salesforce: record.ID(r.text(5)), Marketo: r.marketoID(6)}
	return bareRow(link, record.Side(r.int(0)), r.int(2), unstamp(r.int(3)))
}

func bareRow(link cycle.Link, side record.Side, n int64, since time.Time) cycle.Row {
	object, other := link.Object, link.On(side.Other())
	if side == record.Marketo {
		object = record.Person
	}
	return cycle.Row{
		ID: bareID(slot{link.ID, side}), Link: link.ID, Side: side, Object: object, Target: link.On(side), Source: other, Action: cycle.WriteID,
		State: cycle.Waiting, Lane: cycle.CycleLane, First: true, Cycle: n, Since: since, Carry: other,
	}
}

// bare is the bare row that says all that a row says which is to be put into an empty slot; ok is false where none does.
func (p *pen) bare(at slot, r *cycle.Row) (b cycle.Row, ok bool, err error) {
	if r.Action != cycle.WriteID || !r.First || r.Lane != cycle.CycleLane || r.State > cycle.Waiting || len(r.Fields) > 0 || r.Cause != "" || r.Tries > 0 || !r.Next.IsZero() {
		return b, false, nil
	}
	s, err := p.link(at.link)
	if err != nil || s == nil {
		return b, false, err
	}
	b = bareRow(s.link, at.side, r.Cycle, r.Since)
	return b, b.Carry != "" && b.Carry == r.Carry && b.Target == r.Target && b.Source == r.Source && b.Object == r.Object, nil
}

func (p *pen) putBare(r cycle.Row) error {
	h, err := headOf(r)
	if err != nil {
		return err
	}
	p.heads[h.slot] = h
	p.weigh(h, 1)
	p.count(bareTally, 1)
	return p.append(intoBare, int64(r.Side), int64(r.Link), r.Cycle, stamp(r.Since))
}

// headOf is the head of a bare row.
func headOf(r cycle.Row) (*head, error) {
	object, err := objectNumber(r.Object)
	return &head{slot: slot{r.Link, r.Side}, id: r.ID, object: object, action: r.Action, state: r.State, first: r.First, target: r.Target}, err
}

// bareOf reads the bare rows of links.
func (t *tx) bareOf(links string, each func(cycle.Row) error) error {
	if n, err := t.number(bareTally); err != nil || n == 0 {
		return err
	}
	return t.query(selectBare+`json_each(?1) j CROSS JOIN outbox_id o ON o.side IN (1, 2) AND o.link = j.value CROSS JOIN link l ON l.id = o.link`,
		func(r row) error { return each(r.bareRow()) }, links)
}

// dueBare adds the bare rows towards a side, in the order of their links.
func (t *tx) dueBare(side record.Side, limit int, rows *[]cycle.Row) error {
	if limit <= 0 {
		return nil
	}
	return t.addBare(rows, `WHERE o.side = ?1 ORDER BY o.link LIMIT ?2`, int64(side), limit)
}

// dress makes a row of the outbox of a bare one, about which there is more to say.
func (p *pen) dress(h *head) error {
	s, err := p.link(h.link)
	if err != nil || s == nil {
		return err
	}
	r := bareRow(s.link, h.side, 0, time.Time{})
	if _, err := p.first(`SELECT cycle, since FROM outbox_id WHERE side = ?1 AND link = ?2`, func(found row) error {
		r.Cycle, r.Since = found.int(0), unstamp(found.int(1))
		return nil
	}, int64(h.side), int64(h.link)); err != nil {
		return err
	}
	if _, err := p.strip(h.side, []cycle.LinkID{h.link}); err != nil {
		return err
	}
	if h.id, err = p.next("outbox"); err != nil {
		return err
	}
	return p.saveRow(h, &r, false)
}

// dressAll makes rows of the outbox of the bare ones among some, and gives the ids of all.
func (p *pen) dressAll(rows []int64) ([]int64, error) {
	ids := make([]int64, 0, len(rows))
	var links []cycle.LinkID
	for _, id := range rows {
		if isBareID(id) {
			links = append(links, bareSlot(id).link)
		} else {
			ids = append(ids, id)
		}
	}
	if err := p.loadHeads(sorted(links)); err != nil {
		return nil, err
	}
	for _, id := range rows {
		if h := p.heads[bareSlot(id)]; isBareID(id) && h != nil && h.id == id {
			if err := p.dress(h); err != nil {
				return nil, err
			}
			ids = append(ids, h.id)
		}
	}
	return ids, nil
}

// strip takes the bare rows of links towards a side away, and leaves all numbers but their own to the caller.
func (t *tx) strip(side record.Side, links []cycle.LinkID) (gone int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	gone, err = t.exec(`DELETE FROM outbox_id WHERE side = ?1 AND link IN (SELECT value FROM json_each(?2))`, int64(side), numbers(sorted(links)))
	t.count(bareTally, -gone)
	return gone, err
}

// bared takes the answers out that say of bare rows no more than that they arrived, and carries them out: all at once.
func (p *pen) bared(answers []cycle.Answer) ([]cycle.Answer, error) {
	var arrived [3][]cycle.LinkID
	if !slices.ContainsFunc(answers, func(a cycle.Answer) bool { return isBareID(a.Row) }) {
		return answers, nil
	}
	rest := make([]cycle.Answer, 0, len(answers))
	for _, a := range answers {
		if isBareID(a.Row) && a.Bare() {
			at := bareSlot(a.Row)
			arrived[at.side] = append(arrived[at.side], at.link)
		} else {
			rest = append(rest, a)
		}
	}
	for _, side := range sides {
		gone, err := p.strip(side, arrived[side])
		if err != nil {
			return nil, err
		}
		p.count(rowTally(cycle.Waiting, side), -gone)
	}
	return rest, nil
}

// bareAfter adds bare rows in the order of their ids, after one.
func (t *tx) bareAfter(after int64, limit int, rows *[]cycle.Row) error {
	at := bareSlot(max(after, bareRows))
	return t.addBare(rows, `WHERE (o.side, o.link) > (?1, ?2) ORDER BY o.side, o.link LIMIT ?3`, int64(at.side), int64(at.link), limit)
}

// addBare adds the bare rows that a condition on outbox_id (o) and link (l) gives.
func (t *tx) addBare(rows *[]cycle.Row, where string, args ...driver.Value) error {
	return t.query(selectBare+`outbox_id o CROSS JOIN link l ON l.id = o.link `+where, func(r row) error {
		*rows = append(*rows, r.bareRow())
		return nil
	}, args...)
}
