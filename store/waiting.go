package store

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// RecheckWaiting has every link read afresh on both sides for which something waits, rests, was refused or is held between two values: what
// decides about it has changed. It gives how many there are.
func (w *Workspace) RecheckWaiting(ctx context.Context) (n int, err error) {
	err = w.write(ctx, "look again at what waits", func(t *tx) error {
		return t.query(`INSERT INTO recheck(link) SELECT link FROM outbox WHERE state IN (1, 4, 6) UNION SELECT `+bareLinkOf+` FROM outbox_first o
			UNION SELECT link FROM hold WHERE field <> ? ON CONFLICT(link) DO NOTHING RETURNING link`,
			func(row) error { n++; return nil }, int64(cycle.NoField))
	})
	return n, err
}
