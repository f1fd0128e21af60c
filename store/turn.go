package store

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Each lane has a turn for every kind of write, in the order in which Marketo needs them: what others name is there before
// they name it, and gone after they did.
const (
	turnPersonDelete = iota
	turnSalesPersonCreate
	turnCompanyCreate
	turnPerson
	turnSalesPerson
	turnCompany
	turnRoleDelete
	turnOtherDelete
	turnOpportunityDelete
	turnCompanyDelete
	turnOpportunityCreate
	turnOpportunity
	turnOther
	turns

	// turnsOfLane leaves room for turns that are thought of later.
	turnsOfLane = 32
	lanes       = 2
)

// heavy are the turns that others wait for: while there is something in them they get most of what is sent at once.
var heavy = map[int64]int{turnSalesPersonCreate: 3, turnCompanyCreate: 3, turnOpportunityCreate: 3}

// turn is the place of a write in the order of sending: what a person asked for first.
func turn(lane cycle.Lane, o record.Object, a cycle.Action) int64 {
	return int64(lane)*turnsOfLane + turnOf(o, a)
}

func turnOf(o record.Object, a cycle.Action) int64 {
	creates, deletes := a == cycle.Create, a == cycle.Delete
	switch {
	case o.IsPerson() && deletes:
		return turnPersonDelete
	case o.IsPerson():
		return turnPerson
	case o == record.SalesPerson && creates:
		return turnSalesPersonCreate
	case o == record.SalesPerson:
		return turnSalesPerson
	case o == record.Company && creates:
		return turnCompanyCreate
	case o == record.Company && deletes:
		return turnCompanyDelete
	case o == record.Company:
		return turnCompany
	case o == record.OpportunityRole && deletes:
		return turnRoleDelete
	case o == record.MarketoOpportunity && creates:
		return turnOpportunityCreate
	case o == record.MarketoOpportunity && deletes:
		return turnOpportunityDelete
	case o == record.MarketoOpportunity:
		return turnOpportunity
	case deletes:
		return turnOtherDelete
	}
	return turnOther
}

// dueRows are the rows of a turn, dueBeside those that are not on a list of what is under way.
const (
	dueRows   = `outbox o INDEXED BY outbox_waiting WHERE o.state = 1 AND o.side = ?1 AND o.turn = ?2 AND o.next <= ?3 ORDER BY o.side, o.turn, o.since, o.id LIMIT ?4`
	dueBeside = `outbox o INDEXED BY outbox_waiting WHERE o.state = 1 AND o.side = ?1 AND o.turn = ?2 AND o.next <= ?3
		AND o.id NOT IN (SELECT value FROM json_each(?4)) ORDER BY o.side, o.turn, o.since, o.id LIMIT ?5`
)

// bareBehind are a queue's bare rows behind those that are under way: going through these as well would take as long as reading the rows.
// bareBeside are all that are not under way: before the others, some were left out to fill calls.
const (
	bareBehind = `WHERE o.id > ?1 AND o.id <= ?2 ORDER BY o.id LIMIT ?3`
	bareBeside = `WHERE o.id > ?1 AND o.id <= ?2 AND o.id NOT IN (SELECT value FROM json_each(?3)) ORDER BY o.id LIMIT ?4`
)

// Due gives outbox rows of a side that wait and whose time has come, in order of sending, at most limit: lane now first, then
// of every kind of write its share, the oldest first, so that 20,000 of one kind do not keep five of another waiting, then those whose
// quiet time is over. What a first sync writes comes one kind after the other instead: what names others finds them there, and calls are
// full. Rows of the objects but are left out.
func (w *Workspace) Due(ctx context.Context, side record.Side, now time.Time, limit int, but ...record.Object) (rows []cycle.Row, err error) {
	err = w.look(ctx, "read what is to be sent", func(t *tx) error {
		rows = nil
		flying, err := t.flying()
		if err != nil {
			return err
		}
		bare, others := flying.part()
		d := due{tx: t, keys: w.keys, side: side, now: now, people: !slices.Contains(but, record.Person), flying: others, bare: bare}
		for lane := range int64(lanes) {
			if err := d.lane(lane, limit-len(rows), &rows); err != nil {
				return err
			}
		}
		if err := t.rested(w.keys, side, now, limit-len(rows), &rows); err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r cycle.Row) bool { return flying.has(r.ID) || slices.Contains(but, r.Object) })
		return nil
	})
	return rows, err
}

// due looks for what is to be sent to a side; without people in none of the turns in which they are sent. flying are the rows that
// are under way, bare the bare ones, in the order of their ids.
type due struct {
	*tx
	keys   Keys
	side   record.Side
	now    time.Time
	people bool
	flying []int64
	bare   []int64
}

// turn is what gives the rows of a turn, at most limit.
func (t due) turn(turn int64, limit int) (from string, args []driver.Value) {
	if len(t.flying) == 0 {
		return dueRows, []driver.Value{int64(t.side), turn, stamp(t.now), int64(limit)}
	}
	return dueBeside, []driver.Value{int64(t.side), turn, stamp(t.now), numbers(t.flying), int64(limit)}
}

// under gives the bare rows of a queue that are under way.
func (t due) under(q queue) []int64 {
	from, _ := slices.BinarySearch(t.bare, int64(q))
	to, _ := slices.BinarySearch(t.bare, q.last()+1)
	return t.bare[from:to]
}

// barely are so many bare rows of a queue, and the condition that finds them.
type barely struct {
	n     int
	where string
	args  []driver.Value
}

// barely counts the bare rows that there are in a queue, at most so many.
func (t due) barely(q queue, limit int) (b barely, err error) {
	under := t.under(q)
	b.where, b.args = bareBehind, []driver.Value{int64(q), q.last()}
	if len(under) > 0 {
		b.args[0] = under[len(under)-1]
	}
	for {
		_, err = t.first(`SELECT count(*) FROM (SELECT 1 FROM outbox_first o `+b.where+`)`, func(r row) error { b.n = int(r.int(0)); return nil },
			append(b.args, int64(limit))...)
		if err != nil || b.n == limit || len(under) == 0 || b.where == bareBeside {
			return b, err
		}
		b.where, b.args = bareBeside, []driver.Value{int64(q), q.last(), numbers(under)}
	}
}

// bareAlone adds bare rows where nothing else waits, as nearly always while there are any: nobody needs to know how many there are. Of each
// queue come all before the next one.
func (t due) bareAlone(limit int, rows *[]cycle.Row) error {
	there, err := t.number(bareTally)
	if err != nil || there == 0 {
		return err
	}
	before := len(*rows)
	*rows = slices.Grow(*rows, min(limit, int(there)))
	for _, q := range queues[t.side] {
		left, reached := limit-(len(*rows)-before), len(*rows)
		if left == 0 {
			break
		}
		if q.people() && !t.people {
			continue
		}
		under, from := t.under(q), int64(q)
		if len(under) > 0 {
			from = under[len(under)-1]
		}
		if err := t.addBare(t.keys, rows, bareBehind, from, q.last(), int64(left)); err != nil {
			return err
		}
		if len(under) == 0 || len(*rows)-reached == left {
			continue
		}
		*rows = (*rows)[:reached]
		if err := t.addBare(t.keys, rows, bareBeside, int64(q), q.last(), numbers(under), int64(left)); err != nil {
			return err
		}
	}
	return nil
}

// lane adds the rows of a lane.
func (t due) lane(lane int64, limit int, rows *[]cycle.Row) error {
	var waiting [turns]int
	var first [turns]bool // the oldest of them is a first sync's
	// Of the turns in which nothing waits only the next one is looked for.
	for next := lane * turnsOfLane; ; next++ {
		found, err := t.first(`SELECT turn FROM outbox INDEXED BY outbox_waiting WHERE state = 1 AND side = ?1 AND turn >= ?2 AND turn < ?3 ORDER BY turn LIMIT 1`,
			func(r row) error { next = r.int(0); return nil }, int64(t.side), next, lane*turnsOfLane+turns)
		if err != nil {
			return err
		}
		if !found {
			break
		}
		place := next - lane*turnsOfLane
		if !t.people && ofPeople(int(place)) {
			continue
		}
		from, args := t.turn(next, limit)
		if _, err := t.first(`SELECT count(*) FROM (SELECT 1 FROM `+from+`)`, func(r row) error { waiting[place] = int(r.int(0)); return nil }, args...); err != nil {
			return err
		}
		from, args = t.turn(next, 1)
		if _, err := t.first(`SELECT o.first FROM `+from, func(r row) error { first[place] = r.int(0) != 0; return nil }, args...); err != nil {
			return err
		}
	}
	var bare [turns]barely
	if lane == int64(cycle.CycleLane) {
		if waiting == [turns]int{} {
			return t.bareAlone(limit, rows)
		}
		for _, q := range queues[t.side] {
			if q.people() && !t.people {
				continue
			}
			b, err := t.barely(q, limit)
			if err != nil {
				return err
			}
			bare[q.turn()] = b
			waiting[q.turn()] += b.n
			first[q.turn()] = first[q.turn()] || b.n > 0
		}
	}
	for place, n := range inTurn(waiting, first, limit) {
		if n == 0 {
			continue
		}
		*rows = slices.Grow(*rows, n)
		from, args := t.turn(lane*turnsOfLane+int64(place), n)
		if err := t.query(selectRow+from, func(r row) error {
			one, err := r.outboxRow(t.keys)
			*rows = append(*rows, one)
			return err
		}, args...); err != nil {
			return err
		}
		b := bare[place]
		if more := n - (waiting[place] - b.n); b.n > 0 && more > 0 {
			if err := t.addBare(t.keys, rows, b.where, append(b.args, int64(more))...); err != nil {
				return err
			}
		}
	}
	return nil
}

// ofPeople tells the turns in which people are sent.
func ofPeople(place int) bool { return place == turnPerson || place == turnPersonDelete }

// inTurn parts limit among the turns: of those in which a first sync's rows are next only the foremost has a share, and the others what is
// left when nothing of it is.
func inTurn(waiting [turns]int, first [turns]bool, limit int) [turns]int {
	foremost, shared := -1, waiting
	for place, n := range waiting {
		switch {
		case n == 0 || !first[place]:
		case foremost < 0:
			foremost = place
		default:
			shared[place] = 0
		}
	}
	got := shares(shared, limit)
	for _, n := range got {
		limit -= n
	}
	if foremost < 0 || got[foremost] < waiting[foremost] {
		return got
	}
	for place, n := range waiting {
		more := min(n-got[place], limit)
		got[place] += more
		limit -= more
	}
	return got
}

// callsAtOnce is how many calls what is sent at once fills (2,100 rows of 300).
const callsAtOnce = 7

// shares parts limit among the turns in which something waits, in whole calls where there is room for them, because a call that is half
// full costs as much as a full one. What some do not need goes to the others, the first of them first.
func shares(waiting [turns]int, limit int) (got [turns]int) {
	weights, left, whole := 0, limit, max(limit/callsAtOnce, 1)
	for place, n := range waiting {
		if n > 0 {
			weights += weight(place)
		}
	}
	for place, n := range waiting {
		share := min(max(limit*weight(place)/max(weights, 1), 1), left)
		if n > share && share > whole {
			share -= share % whole
		}
		got[place] = min(n, share)
		left -= got[place]
	}
	for place, n := range waiting {
		more := min(n-got[place], left)
		if more < n-got[place] {
			more -= more % whole
		}
		got[place] += more
		left -= more
	}
	return got
}

func weight(place int) int { return max(heavy[int64(place)], 1) }
