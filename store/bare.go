package store

import (
	"database/sql/driver"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// bareTally is the number that counts bare rows.
const bareTally = "bare"

// selectBare reads bare rows with what their links say of them, selectBareHead without their values. bareLinkOf is a row's link.
const (
	bareColumns    = `SELECT o.id, o.does, o.cycle, o.since, l.object, l.salesforce, l.marketo, o.fields`
	selectBare     = bareColumns + ` FROM `
	selectBareHead = `SELECT o.id, o.does, o.cycle, o.since, l.object, l.salesforce, l.marketo, NULL FROM `
	bareLinkOf     = `o.id & 281474976710655` // bareLink
)

// bareRow reads a bare row; without keys its fields stay empty.
func (r row) bareRow(k Keys) (cycle.Row, error) {
	link := cycle.Link{ID: bareSlot(r.int(0)).link, Object: objectOf(r.int(4)), Salesforce: record.ID(r.text(5)), Marketo: r.marketoID(6)}
	out := bareRow(link, r.int(0), bareDeed(r.int(1)))
	out.Cycle, out.Since = r.int(2), unstamp(r.int(3))
	var err error
	out.Fields, _, err = k.fields(out.ID, r.blob(7))
	return out, err
}

// bareDeed is what a bare row does, as it is kept: the action, whether it carries the id of the other record, and the number of the object
// where that is neither the link's nor the person's.
type bareDeed int64

func newDeed(action cycle.Action, carries bool, object int64) bareDeed {
	return bareDeed(object<<4 | flag(carries)<<3 | int64(action))
}

func (d bareDeed) action() cycle.Action { return cycle.Action(d & 7) }
func (d bareDeed) carries() bool        { return d&8 != 0 }
func (d bareDeed) object() int64        { return int64(d >> 4) }

func bareRow(link cycle.Link, id int64, does bareDeed) cycle.Row {
	side := bareSlot(id).side
	r := cycle.Row{
		ID: id, Link: link.ID, Side: side, Object: link.Object, Target: link.On(side), Source: link.On(side.Other()), Action: does.action(),
		State: cycle.Waiting, Lane: cycle.CycleLane, First: true,
	}
	switch {
	case does.object() != 0:
		r.Object = objectOf(does.object())
	case side == record.Marketo:
		r.Object = record.Person
	}
	if r.Action == cycle.Create {
		r.Target = ""
	}
	if does.carries() {
		r.Carry = r.Source
	}
	return r
}

// bare is the bare row that says all that a row says which is to be put into an empty slot; ok is false where none does. One that writes
// values is only there for a link that is made together with it: its id is not given a second time.
func (p *pen) bare(at slot, r *cycle.Row) (b cycle.Row, does bareDeed, ok bool, err error) {
	plain := r.Action == cycle.WriteID && len(r.Fields) == 0 || (r.Action == cycle.Create || r.Action == cycle.Update) && at.link == p.fresh
	if !plain || !r.First || r.Lane != cycle.CycleLane || r.State > cycle.Waiting || r.Cause != "" || r.Tries > 0 || !r.Next.IsZero() || len(r.Refused) > 0 {
		return b, 0, false, nil
	}
	s, err := p.link(at.link)
	if err != nil || s == nil {
		return b, 0, false, err
	}
	turn, number := turnOf(r.Object, r.Action), int64(0)
	if !s.link.Object.IsPerson() {
		number, err = objectNumber(r.Object)
	}
	q := newQueue(at.side, turn)
	if err != nil || !slices.Contains(queues[at.side], q) || q.people() != s.link.Object.IsPerson() || !q.people() && r.Action != cycle.Create {
		return b, 0, false, err
	}
	does = newDeed(r.Action, r.Carry != "", number)
	b = bareRow(s.link, q.id(at.link), does)
	b.Cycle, b.Since, b.Fields = r.Cycle, r.Since, r.Fields
	return b, does, b.Source != "" && b.Carry == r.Carry && b.Target == r.Target && b.Source == r.Source && b.Object == r.Object, nil
}

func (p *pen) putBare(r cycle.Row, does bareDeed) error {
	h, err := headOf(r)
	if err != nil {
		return err
	}
	fields, err := p.sealFields(h, r.Fields)
	if err != nil {
		return err
	}
	p.heads[h.slot] = h
	p.weigh(h, 1)
	p.count(bareTally, 1)
	return p.append(intoBare[queueOf(r.ID)], r.ID, int64(does), r.Cycle, stamp(r.Since), fields)
}

// headOf is the head of a bare row.
func headOf(r cycle.Row) (*head, error) {
	object, err := objectNumber(r.Object)
	return &head{slot: slot{r.Link, r.Side}, id: r.ID, object: object, action: r.Action, state: r.State, first: r.First, target: r.Target}, err
}

// bareOf reads the bare rows of links.
func (t *tx) bareOf(k Keys, links string, each func(cycle.Row) error) error {
	if n, err := t.number(bareTally); err != nil || n == 0 {
		return err
	}
	columns := selectBare
	if !k.have() {
		columns = selectBareHead
	}
	for _, side := range sides {
		for _, q := range queues[side] {
			some, err := t.first(`SELECT 1 FROM outbox_first WHERE id BETWEEN ?1 AND ?2 LIMIT 1`, func(row) error { return nil }, int64(q), q.last())
			if err != nil {
				return err
			}
			if !some {
				continue
			}
			if err := t.query(columns+`json_each(?1) j CROSS JOIN outbox_first o ON o.id = ?2 + j.value CROSS JOIN link l ON l.id = j.value`, func(r row) error {
				out, err := r.bareRow(k)
				if err != nil {
					return err
				}
				return each(out)
			}, links, int64(q)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dress makes a row of the outbox of a bare one, about which there is more to say.
func (p *pen) dress(h *head) error {
	s, err := p.link(h.link)
	if err != nil || s == nil {
		return err
	}
	var r cycle.Row
	found, err := p.first(`SELECT does, cycle, since, fields FROM outbox_first WHERE id = ?1`, func(found row) (err error) {
		r = bareRow(s.link, h.id, bareDeed(found.int(0)))
		r.Cycle, r.Since = found.int(1), unstamp(found.int(2))
		r.Fields, _, err = p.keys.fields(r.ID, found.blob(3))
		return err
	}, h.id)
	if err != nil || !found {
		return err
	}
	if _, err := p.strip([]int64{h.id}); err != nil {
		return err
	}
	if h.id, err = p.next("outbox"); err != nil {
		return err
	}
	return p.saveRow(h, &r, false)
}

// dressAll makes rows of the outbox of the bare ones among some and gives the ids of all; without ids, those that write an id alone are
// left as they are, and out.
func (p *pen) dressAll(rows []int64, ids bool) ([]int64, error) {
	dressed := make([]int64, 0, len(rows))
	var links []cycle.LinkID
	for _, id := range rows {
		if isBareID(id) {
			links = append(links, bareSlot(id).link)
		} else {
			dressed = append(dressed, id)
		}
	}
	if err := p.loadHeads(sorted(links)); err != nil {
		return nil, err
	}
	for _, id := range rows {
		h := p.heads[bareSlot(id)]
		if !isBareID(id) || h == nil || h.id != id || h.action == cycle.WriteID && !ids {
			continue
		}
		if err := p.dress(h); err != nil {
			return nil, err
		}
		dressed = append(dressed, h.id)
	}
	return dressed, nil
}

// outgrow dresses the bare rows of a link which would say something else once it has other ids or belongs to another object: what was
// planned stays as it was planned. An id alone goes with the link.
func (p *pen) outgrow(was, is cycle.Link) error {
	other := func(side record.Side) bool { return was.On(side) != "" && was.On(side) != is.On(side) }
	if was.Object == is.Object && !other(record.Salesforce) && !other(record.Marketo) {
		return nil
	}
	if n, err := p.number(bareTally); err != nil || n == 0 {
		return err
	}
	if err := p.loadHeads([]cycle.LinkID{was.ID}); err != nil {
		return err
	}
	for _, side := range sides {
		if h := p.heads[slot{was.ID, side}]; h != nil && isBareID(h.id) && h.action != cycle.WriteID {
			if err := p.dress(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// bareAfter adds bare rows in the order of their ids, after one.
func (t *tx) bareAfter(k Keys, after int64, limit int, rows *[]cycle.Row) error {
	return t.addBare(k, rows, `WHERE o.id > ?1 ORDER BY o.id LIMIT ?2`, after, limit)
}

// addBare adds the bare rows that a condition on outbox_first (o) and link (l) gives.
func (t *tx) addBare(k Keys, rows *[]cycle.Row, where string, args ...driver.Value) error {
	return t.query(selectBare+`outbox_first o CROSS JOIN link l ON l.id = `+bareLinkOf+` `+where, func(r row) error {
		one, err := r.bareRow(k)
		*rows = append(*rows, one)
		return err
	}, args...)
}
