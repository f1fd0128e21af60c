package app

import (
	"context"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// metaPruned is the setting that holds when the past was last shortened.
const metaPruned = "pruned"

// prune shortens the past to what the settings keep of it, once a day.
func (s *session) prune(ctx context.Context) error {
	text, err := s.ws.Setting(ctx, metaPruned)
	if err != nil {
		return err
	}
	var last time.Time
	if err := decodeFact(text, &last); err != nil {
		return err
	}
	now := s.app.world.now()
	if !pace.Over(now, last, 24*time.Hour) {
		return nil
	}
	if err := s.ws.Prune(ctx, store.Retention{History: time.Duration(s.settings.RetentionDays) * 24 * time.Hour}); err != nil {
		return fmt.Errorf("shorten the history: %w", err)
	}
	if text, err = encodeFact(now); err != nil {
		return err
	}
	return s.ws.SetSetting(ctx, metaPruned, text)
}

// distrust puts all that waits in a backup that was put back in doubt: it may have been sent since. Creations are then looked up and
// pairs read afresh before anything is sent (promises 1 and 3).
func (a *App) distrust(ctx context.Context, w *store.Workspace) error {
	const atOnce = 5000
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		for {
			rows, err := w.Due(ctx, side, a.world.now().AddDate(10, 0, 0), atOnce)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			ids := make([]int64, len(rows))
			for i, row := range rows {
				ids[i] = row.ID
			}
			if err := w.Doubt(ctx, ids); err != nil {
				return err
			}
		}
	}
	if err := cycle.EndEpoch(ctx, w, cycle.BackupRestored); err != nil {
		return err
	}
	a.log.Warn("a backup of the workspace's file was put back: what waits in it is looked up before it is sent")
	return nil
}
