package store

import (
	"database/sql/driver"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// A bare row is a row of the outbox of which there is nothing to say but what a first sync planned: it was never refused, put off or asked
// for first. It has a table of its own, and an id that follows from its slot, above all that are given in turn.
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

// partBare parts the links of bare rows, by side, from the ids of others; ids are sorted.
func partBare(ids []int64) (others []int64, bare [3][]cycle.LinkID) {
	for len(ids) > 0 && isBareID(ids[len(ids)-1]) {
		at := bareSlot(ids[len(ids)-1])
		bare[at.side], ids = append(bare[at.side], at.link), ids[:len(ids)-1]
	}
	return ids, bare
}

// bareTally is the number that counts bare rows.
const bareTally = "bare"

// selectBare reads bare rows with what their links say of them, selectBareHead without their values.
const (
	bareColumns    = `SELECT o.side, o.link, o.cycle, o.since, o.action, o.carries, l.object, l.salesforce, l.marketo, o.fields`
	selectBare     = bareColumns + ` FROM `
	selectBareHead = `SELECT o.side, o.link, o.cycle, o.since, o.action, o.carries, l.object, l.salesforce, l.marketo, NULL FROM `
)

// bareRow reads a bare row; without keys its fields stay empty.
func (r row) bareRow(k Keys) (cycle.Row, error) {
	link := cycle.Link{ID: cycle.LinkID(r.int(1)), Object: objectOf(r.int(6)), Salesforce: record.ID(r.text(7)), Marketo: r.marketoID(8)}
	out := bareRow(link, record.Side(r.int(0)), cycle.Action(r.int(4)), r.int(5) != 0)
	out.Cycle, out.Since = r.int(2), unstamp(r.int(3))
	var err error
	out.Fields, _, err = k.fields(out.ID, r.blob(9))
	return out, err
}

func bareRow(link cycle.Link, side record.Side, action cycle.Action, carries bool) cycle.Row {
	r := cycle.Row{
		ID: bareID(slot{link.ID, side}), Link: link.ID, Side: side, Object: link.Object, Target: link.On(side), Source: link.On(side.Other()), Action: action,
		State: cycle.Waiting, Lane: cycle.CycleLane, First: true,
	}
	if side == record.Marketo {
		r.Object = record.Person
	}
	if action == cycle.Create {
		r.Target = ""
	}
	if carries {
		r.Carry = r.Source
	}
	return r
}

// bare is the bare row that says all that a row says which is to be put into an empty slot; ok is false where none does. One that writes
// values is only there for a link that is made together with it: its id is not given a second time.
func (p *pen) bare(at slot, r *cycle.Row) (b cycle.Row, ok bool, err error) {
	plain := r.Action == cycle.WriteID && len(r.Fields) == 0 || (r.Action == cycle.Create || r.Action == cycle.Update) && at.link == p.fresh
	if !plain || !r.First || r.Lane != cycle.CycleLane || r.State > cycle.Waiting || r.Cause != "" || r.Tries > 0 || !r.Next.IsZero() || len(r.Refused) > 0 {
		return b, false, nil
	}
	s, err := p.link(at.link)
	if err != nil || s == nil || !s.link.Object.IsPerson() {
		return b, false, err
	}
	b = bareRow(s.link, at.side, r.Action, r.Carry != "")
	b.Cycle, b.Since, b.Fields = r.Cycle, r.Since, r.Fields
	return b, b.Source != "" && b.Carry == r.Carry && b.Target == r.Target && b.Source == r.Source && b.Object == r.Object, nil
}

func (p *pen) putBare(r cycle.Row) error {
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
	return p.append(intoBare[r.Side], int64(r.Side), int64(r.Link), r.Cycle, stamp(r.Since), int64(r.Action), flag(r.Carry != ""), fields)
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
	return t.query(columns+`json_each(?1) j CROSS JOIN outbox_first o ON o.side IN (1, 2) AND o.link = j.value CROSS JOIN link l ON l.id = o.link`, func(r row) error {
		out, err := r.bareRow(k)
		if err != nil {
			return err
		}
		return each(out)
	}, links)
}

// dress makes a row of the outbox of a bare one, about which there is more to say.
func (p *pen) dress(h *head) error {
	s, err := p.link(h.link)
	if err != nil || s == nil {
		return err
	}
	var r cycle.Row
	found, err := p.first(`SELECT cycle, since, action, carries, fields FROM outbox_first WHERE side = ?1 AND link = ?2`, func(found row) (err error) {
		r = bareRow(s.link, h.side, cycle.Action(found.int(2)), found.int(3) != 0)
		r.Cycle, r.Since = found.int(0), unstamp(found.int(1))
		r.Fields, _, err = p.keys.fields(r.ID, found.blob(4))
		return err
	}, int64(h.side), int64(h.link))
	if err != nil || !found {
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

// strip takes the bare rows of links towards a side away, and leaves all numbers but their own to the caller.
func (t *tx) strip(side record.Side, links []cycle.LinkID) (gone int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	links = sorted(links)
	n, err := t.neighbourhood(side, links)
	if err != nil {
		return 0, err
	}
	return n.strip(t)
}

// stripEach takes away the bare row of each link.
func (t *tx) stripEach(side record.Side, links []cycle.LinkID) (gone int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	gone, err = t.exec(`DELETE FROM outbox_first WHERE side = ?1 AND link IN (SELECT value FROM json_each(?2))`, int64(side), numbers(links))
	t.count(bareTally, -gone)
	return gone, err
}

// neighbours are bare rows towards a side that are taken away many as one, at a third of what it takes to look for each.
type neighbours struct {
	side    record.Side
	runs    [][2]cycle.LinkID // from the first to the last; nobody else has a bare row in between
	apart   []cycle.LinkID
	present int // how many there are, -1 where they lie too far apart to have been counted
}

// runLeast is how many neighbours are taken away as one rather than each for itself.
const runLeast = 20

// neighbourhood finds the neighbours among links, which are in their order.
func (t *tx) neighbourhood(side record.Side, links []cycle.LinkID) (n neighbours, err error) {
	first, last := int64(links[0]), int64(links[len(links)-1])
	most, between := len(links)+len(links)/4, 0
	n.side = side
	begins, at, there := 0, 0, 0 // of links from begins to at so many are there, and nobody else
	end := func() {
		if run := links[begins:at]; there < runLeast {
			n.apart = append(n.apart, run...)
		} else {
			n.runs = append(n.runs, [2]cycle.LinkID{run[0], run[len(run)-1]})
		}
		n.present += there
		begins, there = at, 0
	}
	err = t.query(`SELECT link FROM outbox_first WHERE side = ?1 AND link BETWEEN ?2 AND ?3 ORDER BY link LIMIT ?4`, func(r row) error {
		if between++; between > most {
			return nil
		}
		link := cycle.LinkID(r.int(0))
		for links[at] < link {
			at++
		}
		if links[at] == link {
			at++
			there++
		} else {
			end()
		}
		return nil
	}, int64(side), first, last, int64(most)+1)
	if between > most {
		return neighbours{side: side, apart: links, present: -1}, err
	}
	at = len(links)
	end()
	return n, err
}

func (n neighbours) strip(t *tx) (gone int64, err error) {
	for _, run := range n.runs {
		more, err := t.exec(`DELETE FROM outbox_first WHERE side = ?1 AND link BETWEEN ?2 AND ?3`, int64(n.side), int64(run[0]), int64(run[1]))
		t.count(bareTally, -more)
		if gone += more; err != nil {
			return gone, err
		}
	}
	more, err := t.stripEach(n.side, n.apart)
	return gone + more, err
}

// finishBare deletes bare rows that are done with. It gives the heads of some: what they were to do, and to which record, their links tell.
// Of those that only arrived none is wanted.
func (p *pen) finishBare(side record.Side, links, arrived []cycle.LinkID, heads map[int64]*head) error {
	all := sorted(append(slices.Clone(links), arrived...))
	if len(all) == 0 {
		return nil
	}
	gone, err := p.stripWhole(side, all)
	if err == nil && gone == 0 { // some were gone before
		asked := numbers(sorted(links))
		links = nil
		err = p.query(`SELECT o.link FROM json_each(?2) j CROSS JOIN outbox_first o ON o.side = ?1 AND o.link = j.value`, func(r row) error {
			links = append(links, cycle.LinkID(r.int(0)))
			return nil
		}, int64(side), asked)
		if err == nil {
			gone, err = p.stripEach(side, all)
		}
	}
	p.count(rowTally(cycle.Waiting, side), -gone)
	for _, link := range links {
		at := slot{link, side}
		heads[bareID(at)] = &head{slot: at, id: bareID(at), state: cycle.Waiting, first: true}
	}
	return err
}

// stripWhole strips links in their order if each of them has a bare row, as nearly always, and else leaves all as they are. Looking for each
// first would take as long as taking them away.
func (p *pen) stripWhole(side record.Side, links []cycle.LinkID) (gone int64, err error) {
	n, err := p.neighbourhood(side, links)
	switch {
	case err != nil || n.present >= 0 && n.present < len(links):
		return 0, err
	case n.present >= 0:
		return n.strip(p.tx)
	}
	if _, err := p.exec(`SAVEPOINT strip`); err != nil {
		return 0, err
	}
	gone, err = p.stripEach(side, links)
	if err == nil && int(gone) < len(links) {
		p.count(bareTally, gone)
		gone = 0
		_, err = p.exec(`ROLLBACK TO strip`)
	}
	if err == nil {
		_, err = p.exec(`RELEASE strip`)
	}
	return gone, err
}

// bared parts the answers that say of bare rows no more than that they arrived, as their links by side, from the rest.
func bared(answers []cycle.Answer) (rest []cycle.Answer, arrived [3][]cycle.LinkID) {
	if !slices.ContainsFunc(answers, func(a cycle.Answer) bool { return isBareID(a.Row) && a.Bare() }) {
		return answers, arrived
	}
	rest = make([]cycle.Answer, 0, len(answers))
	for _, a := range answers {
		if isBareID(a.Row) && a.Bare() {
			at := bareSlot(a.Row)
			arrived[at.side] = append(arrived[at.side], at.link)
		} else {
			rest = append(rest, a)
		}
	}
	return rest, arrived
}

// bareAfter adds bare rows in the order of their ids, after one.
func (t *tx) bareAfter(k Keys, after int64, limit int, rows *[]cycle.Row) error {
	at := bareSlot(max(after, bareRows))
	return t.addBare(k, rows, `WHERE (o.side, o.link) > (?1, ?2) ORDER BY o.side, o.link LIMIT ?3`, int64(at.side), int64(at.link), limit)
}

// addBare adds the bare rows that a condition on outbox_first (o) and link (l) gives.
func (t *tx) addBare(k Keys, rows *[]cycle.Row, where string, args ...driver.Value) error {
	return t.query(selectBare+`outbox_first o CROSS JOIN link l ON l.id = o.link `+where, func(r row) error {
		one, err := r.bareRow(k)
		*rows = append(*rows, one)
		return err
	}, args...)
}
