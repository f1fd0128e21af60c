package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// slot is the place of an outbox row: there is one for each link and target side.
type slot struct {
	link cycle.LinkID
	side record.Side
}

// head is what must be known of a stored row to replace, move or remove it.
type head struct {
	slot
	id      int64
	object  int64
	action  cycle.Action
	state   cycle.RowState
	first   bool
	target  record.ID
	failure int64 // the failure group, 0 for none
}

const selectHead = `SELECT o.id, o.link, o.side, o.object, o.action, o.state, o.first, o.target, o.failure FROM `

func (r row) head() *head {
	return &head{
		id: r.int(0), slot: slot{cycle.LinkID(r.int(1)), record.Side(r.int(2))}, object: r.int(3), action: cycle.Action(r.int(4)),
		state: cycle.RowState(r.int(5)), first: r.int(6) != 0, target: record.ID(r.text(7)), failure: r.int(8),
	}
}

// loadHeads reads the rows of links into the working set.
func (p *pen) loadHeads(links []cycle.LinkID) error {
	if len(links) == 0 {
		return nil
	}
	if err := p.sweep(); err != nil { // what was removed must not be read again
		return err
	}
	list := numbers(links)
	if err := p.query(selectHead+`json_each(?1) j CROSS JOIN outbox o ON o.link = j.value`, func(r row) error {
		h := r.head()
		p.heads[h.slot] = h
		return nil
	}, list); err != nil {
		return err
	}
	return p.bareOf(Keys{}, list, func(r cycle.Row) error {
		h, err := headOf(r)
		p.heads[h.slot] = h
		return err
	})
}

// weigh counts a row into the numbers kept for the screens and the brake, or out of them.
func (t *tx) weigh(h *head, n int64) {
	t.count(rowTally(h.state, h.side), n)
	if h.failure != 0 && h.state != cycle.Failed {
		t.count(partlyTallies[h.side], n)
	}
	if h.state != cycle.Waiting || h.first {
		return
	}
	switch o := objectOf(h.object); {
	case !braked(o, h.action):
		if h.action == cycle.Delete {
			t.count(removalTally, n)
		}
	case h.action == cycle.Update || h.action == cycle.Delete:
		t.count(brakeTally(h.action, h.side), n)
	case h.action == cycle.Merge: // the loser is gone as if it were deleted
		t.count(brakeTally(cycle.Delete, h.side), n)
	}
}

// braked tells the writes that the brake is about: those of people, a share of the linked ones, and taking people out of campaigns and
// programs. Their statuses may move by the thousand on the day after an event.
func braked(o record.Object, a cycle.Action) bool {
	return o.IsPerson() || a == cycle.Delete && (o == record.CampaignMember || o == record.ProgramMember)
}

func rowTally(state cycle.RowState, side record.Side) string {
	return rowTallies[state][side]
}

// rowTallies are their names; one is asked for whenever a row moves.
var rowTallies = func() (names [cycle.Resting + 1][3]string) {
	for state := range names {
		for side := range names[state] {
			names[state][side] = "outbox." + strconv.Itoa(state) + "." + strconv.Itoa(side)
		}
	}
	return names
}()

// removalTally is the number that counts what is to be removed of objects other than people.
const removalTally = "brake.removals"

func brakeTally(action cycle.Action, side record.Side) string {
	return "brake." + strconv.Itoa(int(action)) + "." + strconv.Itoa(int(side))
}

// putRow puts a row in its slot, in place of what is there. A row with nothing to do empties the slot.
func (p *pen) putRow(link cycle.LinkID, r *cycle.Row) error {
	at := slot{link, r.Side}
	if r.Side != record.Salesforce && r.Side != record.Marketo {
		return fmt.Errorf("bug: an outbox row towards side %d", r.Side)
	}
	if len(r.Fields) == 0 && r.Carry == "" && r.Action != cycle.Create && r.Action != cycle.Delete {
		if len(r.Refused) == 0 {
			return p.removeRow(at)
		}
		r = failed(r)
	}
	object, err := p.object(r.Object)
	if err != nil {
		return err
	}
	old := p.heads[at]
	id := int64(0)
	switch {
	case old == nil:
		switch bare, does, ok, err := p.bare(at, r); {
		case err != nil:
			return err
		case ok:
			return p.putBare(bare, does)
		}
	case old.state == cycle.Sending || old.state == cycle.Waiting || old.state == cycle.Resting:
		// It may be under way. Its answer must not be taken for this one's: a new id.
		if err := p.removeRow(at); err != nil {
			return err
		}
	default:
		id = old.id
		p.weigh(old, -1)
		if err := p.leaveFailure(old); err != nil {
			return err
		}
	}
	h := &head{slot: at, id: id, object: object, action: r.Action, state: r.State, first: r.First, target: r.Target}
	if h.state == 0 {
		h.state = cycle.Waiting
	}
	if id == 0 {
		if err := p.sweep(); err != nil { // the slot must be empty before it is filled
			return err
		}
		if h.id, err = p.next("outbox"); err != nil {
			return err
		}
	}
	if err := p.failsFor(h, r); err != nil {
		return err
	}
	if err := p.saveRow(h, r, id != 0); err != nil {
		return err
	}
	p.heads[at] = h
	p.weigh(h, 1)
	return nil
}

func (p *pen) saveRow(h *head, r *cycle.Row, replace bool) error {
	fields, err := p.sealFields(h, r.Fields, r.Refused...)
	if err != nil {
		return err
	}
	row := []driver.Value{
		h.id, int64(h.link), int64(h.side), h.object, textOrNull(string(r.Target)), textOrNull(string(r.Source)), int64(r.Action),
		int64(h.state), turn(r.Lane, r.Object, r.Action), flag(r.First), r.Cycle, int64(r.Tries), stamp(r.Next), stamp(r.Since), textOrNull(r.Cause), numberOrNull(h.failure),
		textOrNull(string(r.Carry)), fields,
	}
	if !replace {
		return p.append(intoOutbox, row...)
	}
	_, err = p.exec(`UPDATE outbox SET link = ?2, side = ?3, object = ?4, target = ?5, source = ?6, action = ?7, state = ?8, turn = ?9, first = ?10,
		cycle = ?11, tries = ?12, next = ?13, since = ?14, cause = ?15, failure = ?16, carry = ?17, fields = ?18 WHERE id = ?1`, row...)
	return err
}

// sealFields is what a row keeps of its values; nil of none.
func (p *pen) sealFields(h *head, fields []cycle.Change, refused ...cycle.Refusal) (driver.Value, error) {
	if len(fields)+len(refused) == 0 {
		return nil, nil
	}
	p.packed = appendFields(p.packed[:0], p.keys.priors(h.slot.link, fields), refused...)
	return p.seal(outboxSeal, h.id, p.packed)
}

// fields reads them, in place of the sealed bytes; without keys there are none.
func (k Keys) fields(id int64, sealed []byte) ([]cycle.Change, []cycle.Refusal, error) {
	if len(sealed) == 0 || !k.have() {
		return nil, nil, nil
	}
	plain, err := k.openInPlace(outboxSeal, id, sealed)
	if err != nil {
		return nil, nil, err
	}
	return unpackFields(plain)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func numberOrNull(n int64) driver.Value {
	if n == 0 {
		return nil
	}
	return n
}

// removeRow empties a slot.
func (p *pen) removeRow(at slot) error {
	h := p.heads[at]
	if h == nil {
		return nil
	}
	p.weigh(h, -1)
	if err := p.leaveFailure(h); err != nil {
		return err
	}
	delete(p.heads, at)
	p.gone = append(p.gone, h.id)
	return nil
}

// sweep deletes the rows that were removed: all at once, as one statement costs much less than one for each.
func (p *pen) sweep() error {
	gone := p.gone
	p.gone = nil
	return p.deleteRows(gone)
}

func (t *tx) deleteRows(ids []int64) error {
	slices.Sort(ids)
	ids, bare := partBare(ids)
	if _, err := t.strip(bare); err != nil || len(ids) == 0 {
		return err
	}
	_, err := t.exec(`DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))`, numbers(ids))
	return err
}

const selectRow = `SELECT o.id, o.link, o.side, o.object, o.target, o.source, o.action, o.state, o.turn, o.first, o.cycle, o.tries, o.next, o.since, o.cause, o.carry, o.fields FROM `

// outboxRow reads a row; without keys its fields stay empty.
func (r row) outboxRow(k Keys) (cycle.Row, error) {
	out := cycle.Row{
		ID: r.int(0), Link: cycle.LinkID(r.int(1)), Side: record.Side(r.int(2)), Object: objectOf(r.int(3)), Target: record.ID(r.text(4)),
		Source: record.ID(r.text(5)), Action: cycle.Action(r.int(6)), State: cycle.RowState(r.int(7)), Lane: cycle.Lane(r.int(8) / turnsOfLane), First: r.int(9) != 0,
		Cycle: r.int(10), Tries: int(r.int(11)), Next: unstamp(r.int(12)), Since: unstamp(r.int(13)), Cause: r.text(14), Carry: record.ID(r.text(15)),
	}
	var err error
	out.Fields, out.Refused, err = k.fields(out.ID, r.blob(16))
	return out, err
}

func (t *tx) rows(k Keys, query string, args ...driver.Value) (rows []cycle.Row, err error) {
	err = t.query(selectRow+query, func(r row) error {
		one, err := r.outboxRow(k)
		rows = append(rows, one)
		return err
	}, args...)
	return rows, err
}

// NextDue is when the first of the rows that wait for a time after now is due, on either side; zero when none does.
func (w *Workspace) NextDue(ctx context.Context, now time.Time) (next time.Time, err error) {
	err = w.look(ctx, "see when something is to be sent", func(t *tx) error {
		_, err := t.first(`SELECT min(next) FROM outbox INDEXED BY outbox_waiting WHERE state = 1 AND next > ?1`, func(r row) error {
			if !r.null(0) {
				next = unstamp(r.int(0))
			}
			return nil
		}, stamp(now))
		return err
	})
	return next, err
}

// RowsAfter are all outbox rows in the order of their ids, whatever their state, after the id after, at most limit: what
// a rehearsal shows. Without keys their fields are empty.
func (w *Workspace) RowsAfter(ctx context.Context, after int64, limit int) (rows []cycle.Row, err error) {
	err = w.look(ctx, "list what is planned", func(t *tx) error {
		rows, err = t.rows(w.keys, `outbox o WHERE o.id > ?1 ORDER BY o.id LIMIT ?2`, after, limit)
		if err != nil || len(rows) == limit {
			return err
		}
		return t.bareAfter(w.keys, after, limit-len(rows), &rows)
	})
	return rows, err
}

// BrakeCounts tells how many updates and deletes of people wait per side, and how many people are linked: first-sync
// rows, creations and bare ids of the other side are left out.
func (w *Workspace) BrakeCounts(ctx context.Context) (cycle.BrakeCounts, error) {
	counts := cycle.BrakeCounts{Updates: map[record.Side]int{}, Deletes: map[record.Side]int{}}
	err := w.look(ctx, "count for the brake", func(t *tx) error {
		tally, err := t.numbers()
		for _, side := range sides {
			counts.Updates[side] = int(tally[brakeTally(cycle.Update, side)])
			counts.Deletes[side] = int(tally[brakeTally(cycle.Delete, side)])
		}
		counts.Removals = int(tally[removalTally])
		counts.Linked, counts.Twins = linked(tally)
		return err
	})
	return counts, err
}

// Backlog counts what waits, per target side, without a scan.
func (w *Workspace) Backlog(ctx context.Context) (b cycle.Backlog, err error) {
	err = w.look(ctx, "count what waits", func(t *tx) error {
		b, err = t.backlog(w.now())
		return err
	})
	return b, err
}

func (t *tx) backlog(now time.Time) (b cycle.Backlog, err error) {
	tally, err := t.numbers()
	if err != nil {
		return b, err
	}
	waits := func(side record.Side) int {
		return int(tally[rowTally(cycle.Waiting, side)] + tally[rowTally(cycle.Resting, side)] + tally[rowTally(cycle.Sending, side)])
	}
	b.ToMarketo, b.ToSalesforce = waits(record.Marketo), waits(record.Salesforce)
	oldest := int64(0)
	waited := func(r row) error {
		if since := r.int(0); oldest == 0 || since < oldest {
			oldest = since
		}
		return nil
	}
	for _, side := range sides {
		if waits(side) == 0 {
			continue
		}
		for place := range int64(lanes * turnsOfLane) { // each turn's oldest is the first of its part of the index
			_, err := t.first(`SELECT since FROM outbox INDEXED BY outbox_waiting WHERE state = 1 AND side = ?1 AND turn = ?2 ORDER BY since LIMIT 1`, waited, int64(side), place)
			if err != nil {
				return b, err
			}
		}
		for _, q := range queues[side] {
			if _, err := t.first(`SELECT since FROM outbox_first WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1`, waited, int64(q), q.last()); err != nil {
				return b, err
			}
		}
	}
	if oldest != 0 {
		b.Oldest = max(now.Sub(unstamp(oldest)), 0)
	}
	return b, nil
}

// numbers are all numbers that are kept for the screens; there are a few dozen.
func (t *tx) numbers() (map[string]int64, error) {
	tally := map[string]int64{}
	err := t.query(`SELECT name, n FROM tally`, func(r row) error { tally[r.text(0)] = r.int(1); return nil })
	return tally, err
}

// linked counts the pairs that are people, and the records of other objects that have a twin.
func linked(tally map[string]int64) (people, twins int) {
	linkTallies(tally, func(state, object int64, _, count int) {
		switch {
		case cycle.LinkState(state) != cycle.Linked:
		case objectOf(object).IsPerson():
			people += count
		default:
			twins += count
		}
	})
	return people, twins
}
