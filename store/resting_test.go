package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// TestRestingRows: a row rests until its time, survives that the file is closed, is never counted by the brake, and can be made an
// ordinary one.
func TestRestingRows(t *testing.T) {
	w, now := openTemp(t), epoch
	ctx := context.Background()
	for n := range 3 {
		s := pair()
		s.Link.Salesforce, s.Link.Marketo = record.ID("00Q00000000000"+string(rune('1'+n))+"AAA"), record.MarketoID(int64(n+1))
		s.Emails = nil
		s.Out = []cycle.Row{{
			Side: record.Salesforce, Object: record.Lead, Target: s.Link.Salesforce, Action: cycle.Update, State: cycle.Resting, Cycle: int64(1 + n/2),
			Lane: cycle.CycleLane, Next: now.Add(time.Duration(n+1) * time.Hour), Since: now, Fields: []cycle.Change{{Field: 3, Value: record.Of("7")}, {Field: 4, With: true}},
		}}
		if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{s}}); err != nil {
			t.Fatal(err)
		}
	}
	due := func(at time.Time, limit, want int) []cycle.Row {
		t.Helper()
		rows, err := w.Due(ctx, record.Salesforce, at, limit)
		if err != nil || len(rows) != want {
			t.Fatalf("%d rows are due, want %d: %v", len(rows), want, err)
		}
		return rows
	}
	waits := func(want, brake int) {
		t.Helper()
		backlog, err := w.Backlog(ctx)
		counts, countErr := w.BrakeCounts(ctx)
		if err != nil || countErr != nil || backlog.ToSalesforce != want || counts.Updates[record.Salesforce] != brake {
			t.Fatalf("%d wait and the brake counts %d, want %d and %d: %v %v", backlog.ToSalesforce, counts.Updates[record.Salesforce], want, brake, err, countErr)
		}
	}
	due(now, 10, 0)
	waits(3, 0)
	rows := due(now.Add(time.Hour), 10, 1)
	if !rows[0].Fields[1].With || rows[0].Fields[0].With || rows[0].State != cycle.Resting {
		t.Fatalf("the row came back as %+v", rows[0])
	}
	due(now.Add(3*time.Hour), 2, 2)
	if err := w.MarkSending(ctx, []int64{rows[0].ID}); err != nil {
		t.Fatal(err)
	}
	due(now.Add(time.Hour), 10, 0)
	waits(3, 0)
	if doubt, err := w.InDoubt(ctx, 10); err != nil || len(doubt) != 1 {
		t.Fatalf("%d rows are in doubt, want 1: %v", len(doubt), err)
	}
	due(now.Add(time.Hour), 10, 0)
	waits(3, 0)
	if err := w.Unrest(ctx, record.Salesforce, 2); err != nil {
		t.Fatal(err)
	}
	waits(3, 1)
	due(now, 10, 1)
	if err := w.Unrest(ctx, record.Marketo, 1); err != nil {
		t.Fatal(err)
	}
	waits(3, 1)
}
