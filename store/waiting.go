package store

import "context"

// RecheckWaiting has every link read afresh on both sides for which something waits, rests or was refused: what decides about it has
// changed. It gives how many there are.
func (w *Workspace) RecheckWaiting(ctx context.Context) (n int, err error) {
	err = w.write(ctx, "look again at what waits", func(t *tx) error {
		return t.query(`INSERT INTO recheck(link) SELECT link FROM outbox WHERE state IN (1, 4, 6) UNION SELECT link FROM outbox_first WHERE true ON CONFLICT(link) DO NOTHING RETURNING link`,
			func(row) error { n++; return nil })
	})
	return n, err
}
