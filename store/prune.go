package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Retention says how much of the past is kept.
type Retention struct {
	// History is how long a line of history is kept; 0 keeps all.
	History time.Duration
	// HistoryBytes is about how much of the file history may take; 0 sets no bound.
	HistoryBytes int64
}

// metricsKept is how long every cycle's numbers are kept; of older days only the cycle with the highest backlog is.
const metricsKept = 90 * 24 * time.Hour

// prunedAtOnce is how many lines are removed in one transaction.
const prunedAtOnce = 5000

// Prune removes what is older than it need be, from the old end. Cut off, it goes on the next time.
func (w *Workspace) Prune(ctx context.Context, r Retention) error {
	if r.History > 0 {
		before := stamp(w.now().Add(-r.History))
		if err := w.pruneHistory(ctx, func(_ int64, at int64) bool { return at < before }); err != nil {
			return err
		}
	}
	if r.HistoryBytes > 0 {
		if err := w.pruneHistory(ctx, func(bytes, _ int64) bool { return bytes > r.HistoryBytes }); err != nil {
			return err
		}
	}
	if err := w.thinMetrics(ctx); err != nil {
		return err
	}
	return w.giveBack(ctx)
}

// pruneHistory removes lines from the old end for as long as old says so of the bytes that are left and a line's time.
func (w *Workspace) pruneHistory(ctx context.Context, old func(bytes, at int64) bool) error {
	for {
		more := false
		err := w.write(ctx, "shorten the history", func(t *tx) error {
			bytes, err := t.number(historyBytes)
			if err != nil {
				return err
			}
			var gone, last int64
			n := 0
			err = t.query(`SELECT id, at, length(kind) + coalesce(length(detail), 0) + coalesce(length(content), 0) FROM history ORDER BY id LIMIT ?1`, func(r row) error {
				if n < 0 || !old(bytes-gone, r.int(1)) {
					n = -1
					return nil
				}
				n++
				last = r.int(0)
				gone += historyRowBytes + r.int(2)
				return nil
			}, prunedAtOnce)
			more = n == prunedAtOnce
			if err != nil || last == 0 {
				return err
			}
			t.count(historyBytes, -gone)
			_, err = t.exec(`DELETE FROM history WHERE id <= ?1`, last)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

func (w *Workspace) thinMetrics(ctx context.Context) error {
	old := w.now().Add(-metricsKept)
	const day = int64(24 * time.Hour)
	return w.write(ctx, "thin the numbers of the past", func(t *tx) error {
		if _, err := t.exec(`DELETE FROM cycle WHERE started < ?1 AND n NOT IN
			(SELECT n FROM (SELECT n, max(to_marketo + to_salesforce) FROM cycle WHERE started < ?1 GROUP BY started / ?2))`, stamp(old), day); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM refusal WHERE hour < ?1`, old.Unix()/3600); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM field_day WHERE day < ?1`, old.Unix()/86400); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM audit WHERE day < ?1`, old.Unix()/86400); err != nil {
			return err
		}
		for _, table := range []string{"allowance", "call"} {
			if _, err := t.exec(`DELETE FROM `+table+` WHERE day < ?1`, old.UTC().Format(time.DateOnly)); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddAudit counts pairs that were read on both sides and held against their baselines, and how many were not clean.
func (w *Workspace) AddAudit(ctx context.Context, at time.Time, pairs, dirty int) error {
	return w.write(ctx, "keep the audit", func(t *tx) error {
		_, err := t.exec(`INSERT INTO audit(day, pairs, dirty) VALUES(?1, ?2, ?3) ON CONFLICT(day) DO UPDATE SET pairs = pairs + excluded.pairs, dirty = dirty + excluded.dirty`,
			at.Unix()/86400, pairs, dirty)
		return err
	})
}

// Audited is how many pairs were audited since a day began, and how many of them were not clean.
func (w *Workspace) Audited(ctx context.Context, since time.Time) (pairs, dirty int, err error) {
	err = w.read(ctx, "read the audit", func(t *tx) error {
		return t.query(`SELECT coalesce(sum(pairs), 0), coalesce(sum(dirty), 0) FROM audit WHERE day >= ?1`, func(r row) error {
			pairs, dirty = int(r.int(0)), int(r.int(1))
			return nil
		}, since.Unix()/86400)
	})
	return pairs, dirty, err
}

// Remove deletes a workspace's file with all its companions: logs, the scratch file, files that were set aside. It
// waits for nobody: ErrInUse when a process works in it.
func Remove(path string) (err error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return explainFile("remove the workspace", err)
	}
	if !locked {
		return explainFile("remove the workspace", ErrInUse)
	}
	defer func() {
		if unlockErr := lock.Unlock(); unlockErr != nil {
			err = errors.Join(err, unlockErr)
		} else if removeErr := os.Remove(path + ".lock"); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}()
	base := strings.TrimSuffix(path, ".db")
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return explainFile("remove the workspace", err)
	}
	for _, e := range entries {
		file := filepath.Join(filepath.Dir(path), e.Name())
		ours := file == path || file == path+"-wal" || file == path+"-shm" || file == path+".session" || file == path+suspectMark ||
			strings.HasPrefix(file, base+"-stage.db") || strings.HasPrefix(file, base+asideMark)
		if !ours {
			continue
		}
		if err := os.Remove(file); err != nil {
			return explainFile("remove the workspace", err)
		}
	}
	return nil
}
