package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// *store.Workspace is what a cycle asks for.
var _ cycle.Ledger = (*store.Workspace)(nil)

// keys are always the same, so that a file can be opened again.
func keys(t testing.TB) store.Keys {
	t.Helper()
	k, err := store.NewKeys([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func clock() time.Time { return epoch }

// openFile opens a workspace in a real file, closed at the end of the test.
func openFile(t testing.TB, path string) *store.Workspace {
	t.Helper()
	w, err := store.Open(context.Background(), path, keys(t), store.Options{Now: clock})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { closeOf(t, w) })
	return w
}

func openTemp(t testing.TB) *store.Workspace {
	return openFile(t, filepath.Join(t.TempDir(), "pair.db"))
}

func openMemory(t testing.TB) *store.Workspace {
	t.Helper()
	w, err := store.OpenMemory(context.Background(), keys(t), store.Options{Now: clock})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { closeOf(t, w) })
	return w
}

func closeOf(t testing.TB, w *store.Workspace) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// both runs a test against a file and in memory.
func both(t *testing.T, run func(t *testing.T, w *store.Workspace)) {
	t.Run("file", func(t *testing.T) { run(t, openTemp(t)) })
	t.Run("memory", func(t *testing.T) { run(t, openMemory(t)) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func commit(t testing.TB, w *store.Workspace, steps ...cycle.Step) {
	t.Helper()
	must(t, w.CommitPage(context.Background(), cycle.Page{Steps: steps, At: epoch}))
}

// known gives what is remembered of one record.
func known(t testing.TB, w *store.Workspace, side record.Side, id record.ID) cycle.Known {
	t.Helper()
	k, err := w.Known(context.Background(), side, []record.ID{id})
	must(t, err)
	return k[0]
}

const (
	leadID  record.ID = "00Q000000000001EAA"
	otherID record.ID = "00Q000000000002EAA"
)

// pair is a new link of a lead and person 7 who agree on two fields.
func pair() cycle.Step {
	return cycle.Step{
		Link:    cycle.Link{Object: record.Lead, Salesforce: leadID, Marketo: "7", State: cycle.Linked},
		PutLink: true,
		Emails:  map[record.Side]record.Value{record.Salesforce: record.Of("ada@example.com"), record.Marketo: record.Of("ada@example.com")},
		Agreed:  []cycle.Agreed{{Field: 0, Value: record.Of("Ada")}, {Field: 2, Value: record.Of("")}},
	}
}

// update is a waiting row towards Marketo.
func update(fields ...cycle.Change) cycle.Row {
	return cycle.Row{Side: record.Marketo, Object: record.Person, Target: "7", Source: leadID, Action: cycle.Update, Lane: cycle.CycleLane, Since: epoch, Cycle: 1, Fields: fields}
}

func change(field uint16, text string) cycle.Change {
	return cycle.Change{Field: field, Value: record.Of(text), Prior: 99, At: epoch}
}

func due(t testing.TB, w *store.Workspace, side record.Side) []cycle.Row {
	t.Helper()
	rows, err := w.Due(context.Background(), side, epoch, 100)
	must(t, err)
	return rows
}
