package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// BeginCycle gives the number of a new cycle; the first is 1.
func (w *Workspace) BeginCycle(ctx context.Context, started time.Time) (n int64, err error) {
	err = w.write(ctx, "begin a cycle", func(t *tx) error {
		if n, err = t.next("cycle"); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO cycle(n, started) VALUES(?1, ?2)`, n, stamp(started))
		return err
	})
	return n, err
}

// EndCycle keeps a cycle's report for the dashboard. When much room was freed, some of it is given back to the disk.
func (w *Workspace) EndCycle(ctx context.Context, r cycle.Report) error {
	err := w.write(ctx, "end a cycle", func(t *tx) error {
		report, err := json.Marshal(r)
		if err != nil {
			return err
		}
		changed, err := t.exec(`UPDATE cycle SET ended = ?2, to_marketo = ?3, to_salesforce = ?4, report = ?5 WHERE n = ?1`,
			r.N, stamp(r.Started.Add(r.Took)), r.Backlog.ToMarketo, r.Backlog.ToSalesforce, string(report))
		if err == nil && changed == 0 {
			err = fmt.Errorf("cycle %d was never begun", r.N)
		}
		return err
	})
	if err != nil {
		return err
	}
	return w.giveBack(ctx)
}
