package store

import (
	"context"
	"strconv"
)

const (
	// spareShare is what part of the file may lie free for the next pages: one in so many.
	spareShare = 20
	// spareAnyway is how many free pages a small file may keep besides: a quarter of a megabyte is not worth a write.
	spareAnyway = 64
	// givenAtOnce is how many pages are given back in one transaction: 8 MB, so that nobody waits long for a turn.
	givenAtOnce = 2000
)

// giveBack shortens the file by the pages that lie free beyond a small share: after a first sync those of the outbox.
func (w *Workspace) giveBack(ctx context.Context) error {
	for {
		var free, pages int64
		err := w.look(ctx, "measure the file", func(t *tx) error {
			for pragma, to := range map[string]*int64{`PRAGMA freelist_count`: &free, `PRAGMA page_count`: &pages} {
				if err := t.query(pragma, func(r row) error { *to = r.int(0); return nil }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || free <= pages/spareShare+spareAnyway {
			return err
		}
		err = w.write(ctx, "give room back to the disk", func(t *tx) error {
			return t.query(`PRAGMA incremental_vacuum(`+strconv.Itoa(givenAtOnce)+`)`, func(row) error { return nil })
		})
		if err != nil {
			return err
		}
	}
}
