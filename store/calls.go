package store

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Calls is what was spent of a side's daily allowance.
type Calls struct {
	Day   string // as the pacer names its days
	Used  int    // by Doppio since the day began
	Limit int    // the side's own allowance, 0: unknown
	Share int    // that Doppio was granted, 0: no ceiling
	// ByPurpose is what this process's pacer has counted on that day so far.
	ByPurpose map[record.Purpose]int
	At        time.Time // when it was remembered; set by the store
}

// callKey is one count of a pacer.
type callKey struct {
	side    record.Side
	day     string
	purpose record.Purpose
}

// KeepCalls remembers in one transaction what was spent on a day, by side, and facts beside it. Used replaces what was remembered, and so
// does the limit unless the side has not told it (0). Of the counts by purpose only the growth since the last time is added, because a pacer
// starts them at 0 with every process.
func (w *Workspace) KeepCalls(ctx context.Context, spent map[record.Side]Calls, settings map[string]string) error {
	w.spentGuard.Lock()
	defer w.spentGuard.Unlock()
	err := w.write(ctx, "keep what was spent", func(t *tx) error {
		for side, c := range spent {
			if err := t.keepCalls(side, c, w.spent, w.now()); err != nil {
				return err
			}
		}
		return t.setSettings(settings)
	})
	if err != nil {
		return err
	}
	for side, c := range spent {
		for purpose, n := range c.ByPurpose {
			w.spent[callKey{side, c.Day, purpose}] = n
		}
	}
	return nil
}

func (t *tx) keepCalls(side record.Side, c Calls, told map[callKey]int, now time.Time) error {
	if _, err := t.exec(`INSERT INTO allowance(side, day, used, most, share, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT(side, day) DO UPDATE SET used = excluded.used, at = excluded.at,
			most = CASE WHEN excluded.most > 0 THEN excluded.most ELSE most END, share = CASE WHEN excluded.most > 0 THEN excluded.share ELSE share END`,
		int64(side), c.Day, c.Used, c.Limit, c.Share, stamp(now)); err != nil {
		return err
	}
	for purpose, n := range c.ByPurpose {
		if more := n - told[callKey{side, c.Day, purpose}]; more > 0 {
			if _, err := t.exec(`INSERT INTO call(side, day, purpose, n) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(side, day, purpose) DO UPDATE SET n = n + excluded.n`,
				int64(side), c.Day, string(purpose), more); err != nil {
				return err
			}
		}
	}
	return nil
}

// CallsOn is how many calls Doppio spent on a side on a day, 0 when none.
func (w *Workspace) CallsOn(ctx context.Context, side record.Side, day string) (used int, err error) {
	err = w.read(ctx, "read what was spent", func(t *tx) error {
		_, err := t.first(`SELECT used FROM allowance WHERE side = ?1 AND day = ?2`, func(r row) error { used = int(r.int(0)); return nil }, int64(side), day)
		return err
	})
	return used, err
}

// CallsByPurpose is what Doppio's calls to a side on a day were spent on.
func (w *Workspace) CallsByPurpose(ctx context.Context, side record.Side, day string) (map[record.Purpose]int, error) {
	spent := map[record.Purpose]int{}
	err := w.read(ctx, "read what was spent", func(t *tx) error {
		return t.query(`SELECT purpose, n FROM call WHERE side = ?1 AND day = ?2`, func(r row) error {
			spent[record.Purpose(r.text(0))] = int(r.int(1))
			return nil
		}, int64(side), day)
	})
	return spent, err
}

// lastCalls is what was remembered of a side last; the zero Calls when nothing was.
func (t *tx) lastCalls(side record.Side) (c Calls, err error) {
	_, err = t.first(`SELECT day, used, most, share, at FROM allowance WHERE side = ?1 ORDER BY day DESC LIMIT 1`, func(r row) error {
		c = Calls{Day: r.text(0), Used: int(r.int(1)), Limit: int(r.int(2)), Share: int(r.int(3)), At: unstamp(r.int(4))}
		return nil
	}, int64(side))
	return c, err
}
