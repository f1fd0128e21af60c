package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// TestWhatWasRefusedWaitsBesideTheRest: a row of which something was refused is one failure, of one group, whatever becomes of the rest of it,
// until it is tried again or gone; and no answer to it takes away what came in its place meanwhile.
func TestWhatWasRefusedWaitsBesideTheRest(t *testing.T) {
	refusal := cycle.Refusal{Change: change(1, "too long"), Cause: "1003:title", Since: epoch}
	later := epoch.Add(time.Hour)
	answer := func(row cycle.Row, outcome cycle.Outcome, then ...cycle.Row) cycle.Answer {
		return cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: outcome, Next: epoch, At: later, Cause: "", Then: then}
	}
	rest := func(row cycle.Row) cycle.Row { row.Fields = nil; return row }
	for name, c := range map[string]struct {
		does   func(ctx context.Context, w *store.Workspace, row cycle.Row) error
		state  cycle.RowState // what is left; 0 for nothing
		fields int
		fails  int
	}{
		"nothing happens": {func(context.Context, *store.Workspace, cycle.Row) error { return nil }, cycle.Waiting, 1, 1},
		"it is put off": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			return w.Acknowledge(ctx, []cycle.Answer{answer(row, cycle.Postponed)})
		}, cycle.Waiting, 1, 1},
		"it is in doubt": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			return w.Doubt(ctx, []int64{row.ID})
		}, cycle.Sending, 1, 1},
		"the rest arrives": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			return w.Acknowledge(ctx, []cycle.Answer{answer(row, cycle.Accepted, rest(row))})
		}, cycle.Failed, 0, 1},
		"the rest is void": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			return w.Acknowledge(ctx, []cycle.Answer{answer(row, cycle.Void, rest(row))})
		}, cycle.Failed, 0, 1},
		"all of it is moot": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			return w.Acknowledge(ctx, []cycle.Answer{answer(row, cycle.Void)})
		}, 0, 0, 0},
		"all are tried":      {func(ctx context.Context, w *store.Workspace, _ cycle.Row) error { return tried(w.RetryAll(ctx)) }, cycle.Waiting, 2, 0},
		"its group is tried": {func(ctx context.Context, w *store.Workspace, _ cycle.Row) error { return tried(w.RetryGroup(ctx, 1)) }, cycle.Waiting, 2, 0},
		"it is tried":        {func(ctx context.Context, w *store.Workspace, row cycle.Row) error { return w.RetryRow(ctx, row.ID) }, cycle.Waiting, 2, 0},
		"it is wanted": {func(ctx context.Context, w *store.Workspace, _ cycle.Row) error {
			return w.Hurry(ctx, []cycle.LinkID{1})
		}, cycle.Waiting, 2, 0},
		"it is put aside": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			row.State = cycle.Held
			return w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{Link: cycle.Link{ID: 1}, Out: []cycle.Row{row}}}})
		}, cycle.Held, 1, 0},
		"another takes its place before it is answered": {func(ctx context.Context, w *store.Workspace, row cycle.Row) error {
			next := row
			next.Fields, next.Refused = []cycle.Change{change(2, "x"), change(3, "y"), change(4, "z")}, nil
			if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{Link: cycle.Link{ID: 1}, Out: []cycle.Row{next}}}}); err != nil {
				return err
			}
			return w.Acknowledge(ctx, []cycle.Answer{answer(row, cycle.Accepted, rest(row))})
		}, cycle.Waiting, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, w *store.Workspace) {
				ctx := context.Background()
				commit(t, w, cycle.Step{
					Link: cycle.Link{Object: record.Lead, Salesforce: "00Q000000000001AAA", Marketo: "7", State: cycle.Linked}, PutLink: true,
					Out: []cycle.Row{{
						Side: record.Marketo, Object: record.Person, Target: "7", Action: cycle.Update, Lane: cycle.CycleLane, Since: epoch, Fields: []cycle.Change{change(0, "x")},
						Refused: []cycle.Refusal{refusal},
					}},
				})
				due, err := w.Due(ctx, record.Marketo, epoch, 10)
				must(t, err)
				must(t, c.does(ctx, w, due[0]))
				known, err := w.KnownLinks(ctx, []cycle.LinkID{1})
				must(t, err)
				row := known[0].Out[record.Marketo]
				switch {
				case row == nil:
					if c.state != 0 {
						t.Error("nothing is left")
					}
				case row.State != c.state || len(row.Fields) != c.fields:
					t.Errorf("%+v is left", row)
				case c.state != cycle.Waiting || c.fails > 0:
					diff(t, "what was refused", row.Refused, []cycle.Refusal{refusal})
				}
				status, err := w.Status(ctx)
				must(t, err)
				groups, err := w.FailureGroups(ctx)
				must(t, err)
				if status.Failures != c.fails || len(groups) != c.fails || c.fails > 0 && (groups[0].Cause != "1003:title" || groups[0].Open != 1 || !groups[0].First.Equal(epoch)) {
					t.Errorf("%d failures, in groups %+v", status.Failures, groups)
				}
			})
		})
	}
}

// tried turns how many were tried again into a mistake where it was not one.
func tried(n int, err error) error {
	if err == nil && n != 1 {
		err = store.ErrNotFound
	}
	return err
}
