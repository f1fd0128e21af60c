package store

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// A page of what goes by a bulk job or an import is read from where the last one ended: whatever else waits is not sorted for it.
func TestAPageOfABulkJobReadsNoOther(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	now := time.Unix(1_700_000_000, 0)
	plant(t, w, 4000, record.Contact, record.Person, cycle.Update, now)
	var plan []string
	if err := w.look(t.Context(), "explain", func(x *tx) error {
		return x.query(`EXPLAIN QUERY PLAN `+selectRow+orderedRows, func(r row) error { plan = append(plan, r.text(3)); return nil },
			int64(0), int64(record.Marketo), int64(cycle.Update), int64(0), int64(0), int64(1))
	}); err != nil {
		t.Fatal(err)
	}
	if len(plan) != 1 || plan[0] != "SEARCH o USING INTEGER PRIMARY KEY (rowid>?)" {
		t.Errorf("a page is found by: %q", plan)
	}
}
