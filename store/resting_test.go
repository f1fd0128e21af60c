package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
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

// TestNothingWaitsForAClockThatWasWrong: what was put off, or came to rest, by a clock that was set back since is due as if it had been said by the
// right one; what was said by that one keeps its time.
func TestNothingWaitsForAClockThatWasWrong(t *testing.T) {
	ctx := context.Background()
	for name, cycles := range map[string]func(w *store.Workspace, wrong time.Time) error{
		"in a cycle":                      func(w *store.Workspace, wrong time.Time) error { return cycleAt(w, wrong, 0) },
		"while a cycle ran":               func(w *store.Workspace, wrong time.Time) error { return cycleAt(w, epoch, wrong.Sub(epoch)) },
		"in a cycle that was interrupted": func(w *store.Workspace, _ time.Time) error { _, err := w.BeginCycle(ctx, epoch); return err },
	} {
		t.Run(name, func(t *testing.T) {
			w, wrong := openTemp(t), epoch.AddDate(0, 0, 3)
			for n, row := range []cycle.Row{
				{State: cycle.Waiting, Next: wrong.Add(time.Minute)},
				{State: cycle.Waiting, Next: epoch.Add(time.Minute)},
				{State: cycle.Resting, Next: wrong.Add(time.Minute)},
				{State: cycle.Resting, Next: epoch.Add(12 * time.Hour)},
			} {
				s := pair()
				s.Link.Salesforce, s.Link.Marketo, s.Emails = record.ID("00Q00000000000"+string(rune('1'+n))+"AAA"), record.MarketoID(int64(n+1)), nil
				row.Side, row.Object, row.Target, row.Action, row.Fields = record.Salesforce, record.Lead, s.Link.Salesforce, cycle.Update, []cycle.Change{change(3, "7")}
				s.Out = []cycle.Row{row}
				commit(t, w, s)
			}
			must(t, cycles(w, wrong))
			_, err := w.BeginCycle(ctx, epoch)
			must(t, err)
			for at, want := range map[time.Time]int{epoch: 2, epoch.Add(time.Minute): 3, epoch.Add(12 * time.Hour): 4} {
				rows, err := w.Due(ctx, record.Salesforce, at, 10)
				if must(t, err); len(rows) != want {
					t.Errorf("%s later %d are due, want %d", at.Sub(epoch), len(rows), want)
				}
			}
		})
	}
}

// cycleAt is a cycle that began at a time and took so long.
func cycleAt(w *store.Workspace, at time.Time, took time.Duration) error {
	n, err := w.BeginCycle(context.Background(), at)
	if err != nil {
		return err
	}
	return w.EndCycle(context.Background(), cycle.Report{N: n, Started: at, Took: took})
}
