package store

import (
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// A bare row is a row of the outbox of which there is nothing to say but what a first sync planned: it was never refused, put off or asked
// for first. It has a table of its own, and an id that follows from its slot and its turn, above all that are given in turn.
const (
	bareRows = 1 << 60
	bareSide = 56 // the side's bits, below them the turn's, and then the link's
	bareTurn = 48
	bareLink = 1<<bareTurn - 1
)

// A queue holds the bare rows towards a side that come in one turn: their ids are its own and the link's above it. It is the id that the row
// of a link with the number 0 would have.
type queue int64

// newQueue gives the queue of a turn. What is written to people has 0 for it, which is no turn in which a bare row waits.
func newQueue(side record.Side, turn int64) queue {
	if turn == turnPerson {
		turn = 0
	}
	return bareRows | queue(side)<<bareSide | queue(turn)<<bareTurn
}

// queues are those of a side, in the order of their turns.
var queues = func() map[record.Side][]queue {
	all := map[record.Side][]queue{record.Salesforce: {newQueue(record.Salesforce, turnPerson)}}
	for _, turn := range []int64{turnSalesPersonCreate, turnCompanyCreate, turnPerson, turnOpportunityCreate, turnOther} {
		all[record.Marketo] = append(all[record.Marketo], newQueue(record.Marketo, turn))
	}
	return all
}()

func (q queue) id(link cycle.LinkID) int64 { return int64(q) + int64(link) }

// last is above every id of the queue.
func (q queue) last() int64 { return int64(q) + bareLink }

func (q queue) people() bool { return q.turn() == turnPerson }

func (q queue) turn() int64 {
	if turn := int64(q) >> bareTurn & (1<<(bareSide-bareTurn) - 1); turn != 0 {
		return turn
	}
	return turnPerson
}

// bareIDs is an SQL list of the ids that bare rows of a link may have, towards a side or, without one, towards either.
func bareIDs(link string, side record.Side) string {
	var ids []string
	for _, of := range sides {
		for _, q := range queues[of] {
			if side == 0 || side == of {
				ids = append(ids, strconv.FormatInt(int64(q), 10)+` + `+link)
			}
		}
	}
	return `(` + strings.Join(ids, `, `) + `)`
}

func isBareID(id int64) bool { return id >= bareRows }

// bareSlot is the slot of a bare row, by its id.
func bareSlot(id int64) slot {
	return slot{cycle.LinkID(id & bareLink), record.Side(id >> bareSide & 3)}
}

func queueOf(id int64) queue { return queue(id &^ bareLink) }

// partBare parts the ids of bare rows from those of others; ids are sorted.
func partBare(ids []int64) (others, bare []int64) {
	at, _ := slices.BinarySearch(ids, bareRows)
	return ids[:at], ids[at:]
}

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

// strip takes bare rows away, by their ids, and leaves all numbers but their own to the caller.
func (t *tx) strip(ids []int64) (gone int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	n, err := t.neighbourhood(ordered(ids))
	if err != nil {
		return 0, err
	}
	return n.strip(t)
}

// ordered gives ids in their order, each once.
func ordered(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// stripEach takes bare rows away one by one.
func (t *tx) stripEach(ids []int64) (gone int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	gone, err = t.exec(`DELETE FROM outbox_first WHERE id IN (SELECT value FROM json_each(?1))`, numbers(ids))
	t.count(bareTally, -gone)
	return gone, err
}

// neighbours are bare rows that are taken away many as one, at a third of what it takes to look for each.
type neighbours struct {
	runs    [][2]int64 // from the first to the last; nobody else's row is in between
	apart   []int64
	present int // how many there are, -1 where some lie too far apart to have been counted
}

// runLeast is how many neighbours are taken away as one rather than each for itself.
const runLeast = 20

// neighbourhood finds the neighbours among bare rows, whose ids are in their order.
func (t *tx) neighbourhood(ids []int64) (n neighbours, err error) {
	for len(ids) > 0 && err == nil {
		next, _ := slices.BinarySearch(ids, queueOf(ids[0]).last()+1)
		err = t.meet(ids[:next], &n)
		ids = ids[next:]
	}
	return n, err
}

// meet adds the neighbours among rows of one queue.
func (t *tx) meet(ids []int64, n *neighbours) error {
	most, between := len(ids)+len(ids)/4, 0
	begins, at, there := 0, 0, 0 // of ids from begins to at so many are there, and nobody else
	var found neighbours
	end := func() {
		if run := ids[begins:at]; there < runLeast {
			found.apart = append(found.apart, run...)
		} else {
			found.runs = append(found.runs, [2]int64{run[0], run[len(run)-1]})
		}
		found.present += there
		begins, there = at, 0
	}
	err := t.query(`SELECT id FROM outbox_first WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3`, func(r row) error {
		if between++; between > most {
			return nil
		}
		id := r.int(0)
		for ids[at] < id {
			at++
		}
		if ids[at] == id {
			at++
			there++
		} else {
			end()
		}
		return nil
	}, ids[0], ids[len(ids)-1], int64(most)+1)
	if between > most {
		n.apart, n.present = append(n.apart, ids...), -1
		return err
	}
	at = len(ids)
	end()
	n.runs, n.apart = append(n.runs, found.runs...), append(n.apart, found.apart...)
	if n.present >= 0 {
		n.present += found.present
	}
	return err
}

func (n neighbours) strip(t *tx) (gone int64, err error) {
	for _, run := range n.runs {
		more, err := t.exec(`DELETE FROM outbox_first WHERE id BETWEEN ?1 AND ?2`, run[0], run[1])
		t.count(bareTally, -more)
		if gone += more; err != nil {
			return gone, err
		}
	}
	more, err := t.stripEach(n.apart)
	return gone + more, err
}

// finishBare deletes bare rows that are done with. It gives the heads of some: what they were to do, and to which record, their links tell.
// Of those that only arrived none is wanted.
func (p *pen) finishBare(rows, arrived []int64, heads map[int64]*head) error {
	all := ordered(append(slices.Clone(rows), arrived...))
	if len(all) == 0 {
		return nil
	}
	gone, err := p.stripWhole(all)
	if err == nil && int(gone) < len(all) { // some were gone before
		rows, all, err = p.still(rows, all)
		if err == nil {
			_, err = p.strip(all)
		}
	}
	for _, id := range all {
		p.count(rowTally(cycle.Waiting, bareSlot(id).side), -1)
	}
	for _, id := range rows {
		heads[id] = &head{slot: bareSlot(id), id: id, state: cycle.Waiting, first: true}
	}
	return err
}

// still gives those of rows, and of all, that are there still.
func (p *pen) still(rows, all []int64) (_, _ []int64, err error) {
	there := map[int64]bool{}
	err = p.query(`SELECT o.id FROM json_each(?1) j CROSS JOIN outbox_first o ON o.id = j.value`, func(r row) error { there[r.int(0)] = true; return nil }, numbers(all))
	gone := func(id int64) bool { return !there[id] }
	return slices.DeleteFunc(slices.Clone(rows), gone), slices.DeleteFunc(all, gone), err
}

// stripWhole strips rows if each of them is there, as nearly always, and else leaves all as they are. Looking for each first would take as
// long as taking them away.
func (p *pen) stripWhole(ids []int64) (gone int64, err error) {
	n, err := p.neighbourhood(ids)
	switch {
	case err != nil || n.present >= 0 && n.present < len(ids):
		return 0, err
	case n.present >= 0:
		return n.strip(p.tx)
	}
	if _, err := p.exec(`SAVEPOINT strip`); err != nil {
		return 0, err
	}
	gone, err = n.strip(p.tx)
	if err == nil && int(gone) < len(ids) {
		p.count(bareTally, gone)
		gone = 0
		_, err = p.exec(`ROLLBACK TO strip`)
	}
	if err == nil {
		_, err = p.exec(`RELEASE strip`)
	}
	return gone, err
}

// bared parts the answers that say of bare rows no more than that they arrived, as their rows, from the rest.
func bared(answers []cycle.Answer) (rest []cycle.Answer, arrived []int64) {
	if !slices.ContainsFunc(answers, func(a cycle.Answer) bool { return isBareID(a.Row) && a.Bare() }) {
		return answers, arrived
	}
	rest = make([]cycle.Answer, 0, len(answers))
	for _, a := range answers {
		if isBareID(a.Row) && a.Bare() {
			arrived = append(arrived, a.Row)
		} else {
			rest = append(rest, a)
		}
	}
	return rest, arrived
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
