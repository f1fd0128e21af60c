package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// several stands between the causes of a row that fails for more than one. Such rows have a group of their own, which nobody is shown: they are found in
// the group of each cause.
const several = ";"

// joinFailure puts a row of which something was refused into the group of its causes.
func (t *tx) joinFailure(h *head, at int64, causes ...string) error {
	cause := causes[0]
	if len(causes) > 1 {
		causes = slices.Clone(causes)
		slices.Sort(causes)
		cause = strings.Join(slices.Compact(causes), several)
		for _, one := range causes {
			if _, err := t.exec(`INSERT INTO outbox_failure(side, object, cause, n, first, last) VALUES(?1, ?2, ?3, 0, ?4, ?4) ON CONFLICT(side, object, cause) DO NOTHING`,
				int64(h.side), h.object, one, at); err != nil {
				return err
			}
		}
	}
	_, err := t.first(`INSERT INTO outbox_failure(side, object, cause, n, first, last) VALUES(?1, ?2, ?3, 1, ?4, ?4)
		ON CONFLICT(side, object, cause) DO UPDATE SET n = n + 1, first = CASE WHEN n = 0 THEN excluded.first ELSE first END, last = max(last, excluded.last)
		RETURNING id`, func(r row) error { h.failure = r.int(0); return nil }, int64(h.side), h.object, cause, at)
	return err
}

// leaveFailure takes a row out of its group. The group stays, with 0, so that its id never names another cause.
func (t *tx) leaveFailure(h *head) error {
	if h.failure == 0 {
		return nil
	}
	_, err := t.exec(`UPDATE outbox_failure SET n = n - 1 WHERE id = ?1`, h.failure)
	h.failure = 0
	return err
}

// failed is a row of which nothing is left but what was refused; one that was put aside stays so.
func failed(r *cycle.Row) *cycle.Row {
	rest := *r
	if rest.State != cycle.Held {
		rest.State, rest.Cause, rest.Next = cycle.Failed, rest.RefusedFor()[0], rest.Refused[0].Since
	}
	return &rest
}

// failsFor puts a row of which something was refused into the group of its causes.
func (p *pen) failsFor(h *head, r *cycle.Row) error {
	switch {
	case h.state == cycle.Failed:
		return p.joinFailure(h, stamp(r.Next), r.FailsFor()...)
	case len(r.Refused) > 0 && h.state != cycle.Held:
		return p.joinFailure(h, stamp(r.Refused[0].Since), r.FailsFor()...)
	}
	return nil
}

// causes are those of the group in which a row is, none where it is in none.
func (t *tx) causes(h *head) (causes []string, err error) {
	if h.failure == 0 {
		return nil, nil
	}
	_, err = t.first(`SELECT cause FROM outbox_failure WHERE id = ?1`, func(r row) error { causes = strings.Split(r.text(0), several); return nil }, h.failure)
	return causes, err
}

// partlyTallies are the names of the numbers of rows that wait, are being sent or rest, and of which something was refused.
var partlyTallies = [3]string{record.Salesforce: "refused.1", record.Marketo: "refused.2"}

// failures are the writes of which something was refused.
func failures(tally map[string]int64, side record.Side) int {
	return int(tally[rowTally(cycle.Failed, side)] + tally[partlyTallies[side]])
}

// FailureGroup is the refused writes that are open for one cause, on one side, for one object. Its ID names the same
// cause for as long as the workspace lives. A write that was refused for several causes is in several groups.
type FailureGroup struct {
	ID     int64
	Side   record.Side   // that refused
	Object record.Object // the target's
	Cause  string
	Open   int
	Share  float64   // of all refused writes that are open, up to 1
	First  time.Time // when the oldest of an unbroken row of refusals came
	Last   time.Time
	// Examples are a few of its rows, the oldest first.
	Examples []FailureExample
}

// FailureExample is a refused write: of what, and to what.
type FailureExample struct{ Source, Target record.ID }

// FailureGroups are the groups that have open failures, the largest first, each with at most so many examples.
func (w *Workspace) FailureGroups(ctx context.Context, examples int) (groups []FailureGroup, err error) {
	err = w.read(ctx, "list the failures", func(t *tx) error {
		shown, err := t.failureGroups()
		if err == nil && len(shown) > 0 && examples > 0 {
			err = t.addExamples(shown, examples)
		}
		for _, g := range shown {
			groups = append(groups, g.FailureGroup)
		}
		return err
	})
	return groups, err
}

// addExamples gives each group its oldest rows.
func (t *tx) addExamples(shown []shownGroup, most int) error {
	type failed struct {
		row int64
		FailureExample
	}
	found := map[int64][]failed{} // by where they are stored
	if err := t.query(`SELECT f.id, o.id, o.source, o.target FROM outbox_failure f CROSS JOIN outbox o
		WHERE f.n > 0 AND o.id IN (SELECT id FROM outbox INDEXED BY outbox_failed WHERE failure = f.id ORDER BY id LIMIT ?1)`, func(r row) error {
		found[r.int(0)] = append(found[r.int(0)], failed{r.int(1), FailureExample{record.ID(r.text(2)), record.ID(r.text(3))}})
		return nil
	}, most); err != nil {
		return err
	}
	for i := range shown {
		g := &shown[i]
		var oldest []failed
		for _, id := range g.stored {
			oldest = append(oldest, found[id]...)
		}
		slices.SortFunc(oldest, func(a, b failed) int { return cmp.Compare(a.row, b.row) })
		for _, one := range oldest[:min(len(oldest), most)] {
			g.Examples = append(g.Examples, one.FailureExample)
		}
	}
	return nil
}

// shownGroup is a group with the ids of those in which its rows are stored.
type shownGroup struct {
	FailureGroup
	stored []int64
}

// failureGroups are the groups that have open failures, the largest first, without examples.
func (t *tx) failureGroups() (shown []shownGroup, err error) {
	type cause struct {
		side, object int64
		text         string
	}
	at, mixed, all := map[cause]int{}, map[cause]FailureGroup{}, 0
	if err := t.query(`SELECT id, side, object, cause, n, first, last FROM outbox_failure`, func(r row) error {
		g := FailureGroup{
			ID: r.int(0), Side: record.Side(r.int(1)), Object: objectOf(r.int(2)), Cause: r.text(3), Open: int(r.int(4)), First: unstamp(r.int(5)), Last: unstamp(r.int(6)),
		}
		all += g.Open // a row is stored in one
		c := cause{r.int(1), r.int(2), g.Cause}
		if strings.Contains(g.Cause, several) {
			mixed[c] = g
			return nil
		}
		at[c] = len(shown)
		shown = append(shown, shownGroup{g, []int64{g.ID}})
		return nil
	}); err != nil {
		return nil, err
	}
	for c, part := range mixed {
		for _, one := range strings.Split(part.Cause, several) {
			i, ok := at[cause{c.side, c.object, one}]
			if !ok || part.Open == 0 {
				continue
			}
			g := &shown[i]
			if g.Open == 0 {
				g.First, g.Last = part.First, part.Last
			}
			g.Open, g.stored = g.Open+part.Open, append(g.stored, part.ID)
			if part.First.Before(g.First) {
				g.First = part.First
			}
			if part.Last.After(g.Last) {
				g.Last = part.Last
			}
		}
	}
	shown = slices.DeleteFunc(shown, func(g shownGroup) bool { return g.Open == 0 })
	for i := range shown {
		shown[i].Share = float64(shown[i].Open) / float64(all)
	}
	slices.SortFunc(shown, func(a, b shownGroup) int { return cmp.Or(cmp.Compare(b.Open, a.Open), cmp.Compare(a.ID, b.ID)) })
	return shown, nil
}

// storedGroups are the ids of the groups in which the rows of a group are stored.
func (t *tx) storedGroups(group int64) ([]int64, error) {
	shown, err := t.failureGroups()
	if i := slices.IndexFunc(shown, func(g shownGroup) bool { return g.ID == group }); i >= 0 {
		return shown[i].stored, err
	}
	return nil, err
}

// FailedRows are the refused rows of a group in the order of their ids, after the id after, at most limit. Without keys
// their fields are empty.
func (w *Workspace) FailedRows(ctx context.Context, group, after int64, limit int) (rows []cycle.Row, err error) {
	err = w.read(ctx, "list a failure's records", func(t *tx) error {
		stored, err := t.storedGroups(group)
		for _, id := range stored {
			some, err := t.rows(w.keys, `outbox o INDEXED BY outbox_failed WHERE o.failure = ?1 AND o.id > ?2 ORDER BY o.id LIMIT ?3`, id, after, limit)
			if err != nil {
				return err
			}
			rows = append(rows, some...)
		}
		slices.SortFunc(rows, func(a, b cycle.Row) int { return cmp.Compare(a.ID, b.ID) })
		rows = rows[:min(len(rows), limit)]
		return err
	})
	return rows, err
}

// RetryGroup lets all refused rows of a group wait again, before everything that a cycle found. It tells how many.
func (w *Workspace) RetryGroup(ctx context.Context, group int64) (total int, err error) {
	var stored []int64
	if err := w.read(ctx, "find a failure's records", func(t *tx) (err error) { stored, err = t.storedGroups(group); return err }); err != nil {
		return 0, err
	}
	for _, id := range stored {
		n, err := w.retry(ctx, `outbox o INDEXED BY outbox_failed WHERE o.failure = ?1 ORDER BY o.id LIMIT ?2`, id)
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}

// RetryAll lets all refused rows wait again, before everything that a cycle found. It tells how many.
func (w *Workspace) RetryAll(ctx context.Context) (int, error) {
	return w.retry(ctx, `outbox o INDEXED BY outbox_failed WHERE o.failure >= ?1 ORDER BY o.failure, o.id LIMIT ?2`, 0)
}

// RetryRow lets one refused row wait again, before everything that a cycle found. ErrNotFound: it is not refused any more.
func (w *Workspace) RetryRow(ctx context.Context, id int64) error {
	n, err := w.retry(ctx, `outbox o WHERE o.id = ?1 AND o.failure IS NOT NULL LIMIT ?2`, id)
	if err == nil && n == 0 {
		return fmt.Errorf("try row %d again: %w", id, ErrNotFound)
	}
	return err
}

// retry moves rows a few thousand at a time, so that nobody waits long for a turn. Cut off, the rest stays refused.
func (w *Workspace) retry(ctx context.Context, from string, key int64) (total int, err error) {
	const atOnce = 2000
	for {
		var heads []*head
		err := w.write(ctx, "try again", func(t *tx) error {
			heads = heads[:0]
			if err := t.query(selectHead+from, func(r row) error { heads = append(heads, r.head()); return nil }, key, atOnce); err != nil {
				return err
			}
			p := w.pen(t)
			for _, h := range heads {
				if err := p.hurry(h); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		total += len(heads)
		if len(heads) < atOnce {
			return total, nil
		}
	}
}

// hurry lets a row wait in the now lane, due at once, with all that was refused of it.
func (p *pen) hurry(h *head) error {
	p.weigh(h, -1)
	if h.failure != 0 {
		if err := p.leaveFailure(h); err != nil {
			return err
		}
		if err := p.again(h); err != nil {
			return err
		}
	}
	h.state = cycle.Waiting
	p.weigh(h, 1)
	_, err := p.exec(`UPDATE outbox SET state = 1, turn = ?2, next = 0, failure = NULL WHERE id = ?1`, h.id, turn(cycle.NowLane, objectOf(h.object), h.action))
	return err
}

// again puts what was refused of a row back among what it writes.
func (p *pen) again(h *head) error {
	if !p.keys.have() {
		return fmt.Errorf("try a refused write again: %w", ErrNoKey)
	}
	rows, err := p.rows(p.keys, `outbox o WHERE o.id = ?1`, h.id)
	if err != nil || len(rows) == 0 || len(rows[0].Refused) == 0 {
		return err
	}
	rows[0].Again()
	fields, err := p.sealFields(h, rows[0].Fields)
	if err != nil {
		return err
	}
	h.action = rows[0].Action
	_, err = p.exec(`UPDATE outbox SET action = ?2, fields = ?3 WHERE id = ?1`, h.id, int64(h.action), fields)
	return err
}

// Hurry puts what waits for links, or was refused, before everything that a cycle found, and has the links read afresh:
// a person asked for them.
func (w *Workspace) Hurry(ctx context.Context, links []cycle.LinkID) error {
	return w.write(ctx, "put people first", func(t *tx) error {
		p := w.pen(t)
		wanted := sorted(links)
		if err := p.loadLinks(wanted); err != nil {
			return err
		}
		if err := p.loadHeads(wanted); err != nil {
			return err
		}
		for _, h := range p.heads {
			if isBareID(h.id) {
				if err := p.dress(h); err != nil {
					return err
				}
			}
			if h.state == cycle.Waiting || h.state == cycle.Resting || h.state == cycle.Failed {
				if err := p.hurry(h); err != nil {
					return err
				}
			}
		}
		for id := range p.links {
			if err := p.recheck(id, true, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// Refusals is how many writes a side refused for a cause in one hour.
type Refusals struct {
	Hour  time.Time // when it began
	Side  record.Side
	Cause string
	N     int
}

// RefusalsBetween are the refused writes from a time until another by hour, side and cause, oldest first.
func (w *Workspace) RefusalsBetween(ctx context.Context, from, until time.Time) (series []Refusals, err error) {
	err = w.read(ctx, "draw the failures", func(t *tx) error {
		return t.query(`SELECT hour, side, cause, n FROM refusal WHERE hour >= ?1 AND hour < ?2 ORDER BY hour, side, cause`, func(r row) error {
			series = append(series, Refusals{Hour: time.Unix(r.int(0)*3600, 0).UTC(), Side: record.Side(r.int(1)), Cause: r.text(2), N: int(r.int(3))})
			return nil
		}, from.Unix()/3600, (until.Unix()+3599)/3600)
	})
	return series, err
}
