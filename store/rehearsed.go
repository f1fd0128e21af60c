package store

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/dchest/siphash"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Fate is what became of a write that a rehearsal announced, or of one that it did not.
type Fate uint8

// The fates. Changed and Dropped are those of writes that still wait, or wait no more: nothing of them was written.
const (
	Announced   Fate = iota // waits as it was announced
	AsAnnounced             // was written
	Otherwise               // was planned anew, and written then
	Unannounced             // was written, and is new since
	Changed                 // was planned anew, and waits
	Added                   // is new since, and waits
	Dropped                 // is not to be written any more
)

// rehearsedMark is the setting that holds the number of the cycle that announced the plan which is carried out; "" when none is.
const rehearsedMark = "store.rehearsed"

var intoRehearsed = &appending{statement: `INSERT OR FAIL INTO rehearsed(side, link, print) SELECT a, b, c FROM temp.coming WHERE true
	ON CONFLICT(side, link) DO UPDATE SET print = CASE print WHEN 0 THEN excluded.print ELSE print END`, width: 3}

// ForgetRehearsal forgets what the last rehearsal announced. The settings are kept together with it.
func (w *Workspace) ForgetRehearsal(ctx context.Context, settings map[string]string) error {
	return w.write(ctx, "forget the last rehearsal", func(t *tx) error {
		for fate := Announced; fate <= Unannounced; fate++ {
			n, err := t.number(fateTally(fate))
			if err != nil {
				return err
			}
			t.count(fateTally(fate), -n)
		}
		if _, err := t.exec(`DELETE FROM rehearsed`); err != nil {
			return err
		}
		if err := t.setSettings(settings); err != nil {
			return err
		}
		return t.setSetting(rehearsedMark, "")
	})
}

// Announce keeps that writes were announced. A row without anything to write stands for the id that a record yet to be made will get.
func (w *Workspace) Announce(ctx context.Context, rows []cycle.Row) error {
	return w.write(ctx, "keep what was rehearsed", func(t *tx) error {
		p := w.pen(t)
		for i := range rows {
			if err := p.append(intoRehearsed, int64(rows[i].Side), int64(rows[i].Link), w.keys.written(&rows[i])); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepRehearsal ends what ForgetRehearsal and Announce began: from now on it is noted of every write whether cycle n announced it. The
// settings are kept together with it.
func (w *Workspace) KeepRehearsal(ctx context.Context, n int64, settings map[string]string) error {
	return w.write(ctx, "keep a rehearsal", func(t *tx) error {
		if _, err := t.first(`SELECT count(*) FROM rehearsed`, func(r row) error { t.count(fateTally(Announced), r.int(0)); return nil }); err != nil {
			return err
		}
		if err := t.setSettings(settings); err != nil {
			return err
		}
		return t.setSetting(rehearsedMark, strconv.FormatInt(n, 10))
	})
}

// Rehearsed is the cycle that announced the plan which is carried out, 0 for none, and how many writes met which fate; of those that wait
// it only tells how many were announced.
func (w *Workspace) Rehearsed(ctx context.Context) (n int64, fates map[Fate]int, err error) {
	fates = map[Fate]int{}
	err = w.read(ctx, "see what was rehearsed", func(t *tx) error {
		if n, err = t.rehearsal(); err != nil {
			return err
		}
		for fate := Announced; fate <= Unannounced; fate++ {
			count, err := t.number(fateTally(fate))
			if err != nil {
				return err
			}
			fates[fate] = int(count)
		}
		return nil
	})
	return n, fates, err
}

func (t *tx) rehearsal() (n int64, err error) {
	text, err := t.setting(rehearsedMark)
	if err != nil || text == "" {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

func fateTally(f Fate) string { return "rehearsed." + strconv.Itoa(int(f)) }

// written is a keyed hash of all that a row writes; 0 where that is not known yet.
func (k Keys) written(r *cycle.Row) int64 {
	if r.Action == cycle.WriteID && r.Carry == "" && len(r.Fields) == 0 || !k.have() {
		return 0
	}
	var room [512]byte
	message := append(room[:0], byte(r.Action))
	text := func(s string) {
		message = binary.AppendUvarint(message, uint64(len(s)))
		message = append(message, s...)
	}
	text(string(r.Target))
	text(string(r.Carry))
	for _, c := range r.Fields {
		if r.Action == cycle.Create && c.Value.IsBlank() { // of a new record, nothing says the same
			continue
		}
		message = binary.LittleEndian.AppendUint16(message, c.Field)
		text(c.Value.Text())
	}
	key := k.link(int64(r.Link))
	return int64(max(siphash.Hash(key.k0, key.k1, message), 1))
}

// carriedOut notes of rows that were accepted whether they were announced. It comes before they are taken away.
func (p *pen) carriedOut(answers []cycle.Answer) error {
	n, err := p.rehearsal()
	if err != nil || n == 0 {
		return err
	}
	var links [3][]cycle.LinkID
	var rows []int64
	for _, a := range answers {
		if a.Outcome != cycle.Accepted || slices.ContainsFunc(a.Then, func(then cycle.Row) bool { return len(then.Refused) > 0 }) {
			continue // also where something of it is refused: that waits as it was announced
		}
		links[a.Side] = append(links[a.Side], a.Link)
		if !isBareID(a.Row) { // a bare row is as it was put first
			rows = append(rows, a.Row)
		}
	}
	later, err := p.rows(p.keys, `json_each(?1) j CROSS JOIN outbox o ON o.id = j.value WHERE o.cycle > ?2`, numbers(rows), n)
	if err != nil {
		return err
	}
	for i := range later {
		if err := p.carriedOutLater(&later[i]); err != nil {
			return err
		}
	}
	for _, side := range sides {
		if len(links[side]) == 0 {
			continue
		}
		done, err := p.exec(`UPDATE rehearsed SET state = 1 WHERE side = ?1 AND link IN (SELECT value FROM json_each(?2)) AND state = 0`, int64(side), numbers(sorted(links[side])))
		if err != nil {
			return err
		}
		p.fated(Announced, AsAnnounced, done)
	}
	return nil
}

// carriedOutLater notes the same of a row that was put after the rehearsal: it may do what was announced for all that.
func (p *pen) carriedOutLater(r *cycle.Row) error {
	at := []driver.Value{int64(r.Side), int64(r.Link)}
	var print, state int64
	found, err := p.first(`SELECT print, state FROM rehearsed WHERE side = ?1 AND link = ?2`, func(r row) error { print, state = r.int(0), r.int(1); return nil }, at...)
	switch {
	case err != nil:
		return err
	case !found:
		_, err = p.exec(`INSERT INTO rehearsed(side, link, print, state) VALUES(?1, ?2, ?3, 3)`, append(at, p.keys.written(r))...)
		p.count(fateTally(Unannounced), 1)
	case state == int64(Announced) && print == 0 && r.Action != cycle.WriteID || state == int64(Announced) && print != 0 && print != p.keys.written(r):
		_, err = p.exec(`UPDATE rehearsed SET state = 2 WHERE side = ?1 AND link = ?2`, at...)
		p.fated(Announced, Otherwise, 1)
	case state == int64(AsAnnounced): // and once more
		_, err = p.exec(`UPDATE rehearsed SET state = 3 WHERE side = ?1 AND link = ?2`, at...)
		p.count(fateTally(Unannounced), 1)
	}
	return err
}

func (t *tx) fated(from, to Fate, n int64) {
	t.count(fateTally(from), -n)
	t.count(fateTally(to), n)
}

// Differing is a write that is, or was, not as announced.
type Differing struct {
	Link cycle.LinkID
	Side record.Side
	Fate Fate
	Row  *cycle.Row // as it is planned now; nil where it does not wait
}

// Differences are the writes that differ from what the last rehearsal announced, by their fate, side and link, at most limit. It goes
// through all that waits.
func (w *Workspace) Differences(ctx context.Context, limit int) (list []Differing, err error) {
	err = w.read(ctx, "compare with the rehearsal", func(t *tx) error {
		n, err := t.rehearsal()
		if err != nil || n == 0 {
			return err
		}
		if list, err = t.differing(`SELECT side, link, state FROM rehearsed INDEXED BY rehearsed_otherwise WHERE state > 1 ORDER BY state, side, link LIMIT ?1`, int64(limit)); err != nil {
			return err
		}
		rows, err := t.later(w.keys, n, limit-len(list))
		if err != nil {
			return err
		}
		list = append(list, rows...)
		dropped, err := t.differing(`SELECT r.side, r.link, 6 FROM rehearsed r WHERE r.state = 0 AND r.print <> 0
			AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.link = r.link AND o.side = r.side)
			AND NOT EXISTS (SELECT 1 FROM outbox_first o WHERE o.id IN `+bareIDs(`r.link`, 0)+` AND o.id >> 56 & 3 = r.side) ORDER BY r.side, r.link LIMIT ?1`, int64(limit-len(list)))
		list = append(list, dropped...)
		return err
	})
	return list, err
}

func (t *tx) differing(query string, args ...driver.Value) (list []Differing, err error) {
	err = t.query(query, func(r row) error {
		list = append(list, Differing{Side: record.Side(r.int(0)), Link: cycle.LinkID(r.int(1)), Fate: Fate(r.int(2))})
		return nil
	}, args...)
	return list, err
}

// later are the rows that wait and were put after cycle n, where they do something else than was announced.
func (t *tx) later(k Keys, n int64, limit int) (list []Differing, err error) {
	const announced = `SELECT o.id, o.link, o.side, o.object, o.target, o.source, o.action, o.state, o.turn, o.first, o.cycle, o.tries, o.next, o.since, o.cause, o.carry, o.fields, r.print
		FROM outbox o LEFT JOIN rehearsed r ON r.side = o.side AND r.link = o.link AND r.state = 0 WHERE o.cycle > ?1 AND o.state IN (1, 2) ORDER BY o.side, o.link`
	err = t.query(announced, func(r row) error {
		planned, err := r.outboxRow(k)
		if err != nil || len(list) >= limit {
			return err
		}
		d := Differing{Link: planned.Link, Side: planned.Side, Fate: Changed, Row: &planned}
		switch {
		case r.null(17):
			d.Fate = Added
		case r.int(17) == k.written(&planned), r.int(17) == 0 && planned.Action == cycle.WriteID:
			return nil
		}
		list = append(list, d)
		return nil
	}, n)
	return list, err
}
