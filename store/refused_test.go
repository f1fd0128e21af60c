package store_test

import (
	"context"
	"fmt"
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
				groups, err := w.FailureGroups(ctx, 3)
				must(t, err)
				if status.Failures != c.fails || len(groups) != c.fails || c.fails > 0 && (groups[0].Cause != "1003:title" || groups[0].Open != 1 || !groups[0].First.Equal(epoch)) {
					t.Errorf("%d failures, in groups %+v", status.Failures, groups)
				}
			})
		})
	}
}

// TestAWriteRefusedForSeveralCausesIsInTheGroupOfEach: whatever was refused first, and whether the rest of it was refused as a whole since.
func TestAWriteRefusedForSeveralCausesIsInTheGroupOfEach(t *testing.T) {
	ctx := context.Background()
	title := cycle.Refusal{Change: change(1, "too long"), Cause: "1003:title", Since: epoch.Add(time.Hour)}
	city := cycle.Refusal{Change: change(2, "nowhere"), Cause: "1006:city", Since: epoch}
	row := func(fields []cycle.Change, refused ...cycle.Refusal) cycle.Row {
		return cycle.Row{Side: record.Marketo, Object: record.Person, Target: "7", Action: cycle.Update, Lane: cycle.CycleLane, Since: epoch, Fields: fields, Refused: refused}
	}
	commitRow := func(t *testing.T, w *store.Workspace, link int64, row cycle.Row) {
		t.Helper()
		row.Target = record.ID(fmt.Sprint(link))
		commit(t, w, cycle.Step{
			Link:    cycle.Link{Object: record.Lead, Salesforce: record.ID(fmt.Sprintf("00Q%012dAAA", link)), Marketo: row.Target, State: cycle.Linked},
			PutLink: true, Out: []cycle.Row{row},
		})
	}
	both(t, func(t *testing.T, w *store.Workspace) {
		commitRow(t, w, 1, row(nil, title, city))
		commitRow(t, w, 2, row([]cycle.Change{change(3, "x")}, city, title))
		commitRow(t, w, 3, row(nil, title))
		commitRow(t, w, 4, row([]cycle.Change{change(3, "x")}, title))
		due, err := w.Due(ctx, record.Marketo, epoch, 10)
		must(t, err)
		for _, one := range due {
			if one.Link == 4 {
				must(t, w.MarkSending(ctx, []int64{one.ID}))
				must(t, w.Acknowledge(ctx, []cycle.Answer{{Row: one.ID, Link: 4, Side: record.Marketo, Outcome: cycle.Refused, Cause: "1007", Next: epoch, At: epoch.Add(2 * time.Hour)}}))
			}
		}
		says := func(want map[string][]cycle.LinkID) map[string]int64 {
			t.Helper()
			groups, err := w.FailureGroups(ctx, 3)
			must(t, err)
			ids := map[string]int64{}
			is := map[string][]cycle.LinkID{}
			for _, g := range groups {
				rows, err := w.FailedRows(ctx, g.ID, 0, 10)
				must(t, err)
				for i, r := range rows {
					is[g.Cause] = append(is[g.Cause], r.Link)
					if i < len(g.Examples) && g.Examples[i] != (store.FailureExample{Source: r.Source, Target: r.Target}) {
						t.Errorf("the examples of %s are %+v", g.Cause, g.Examples)
					}
				}
				if ids[g.Cause] = g.ID; g.Open != len(rows) || len(g.Examples) != min(len(rows), 3) {
					t.Errorf("%s has %d rows, %+v", g.Cause, len(rows), g)
				}
			}
			diff(t, "the groups", is, want)
			return ids
		}
		ids := says(map[string][]cycle.LinkID{"1003:title": {1, 2, 3, 4}, "1006:city": {1, 2}, "1007": {4}})
		page, err := w.FailedRows(ctx, ids["1003:title"], due[0].ID, 2)
		must(t, err)
		if len(page) != 2 || page[0].ID <= due[0].ID || page[1].ID <= page[0].ID {
			t.Errorf("a page of the group is %+v", page)
		}
		if n, err := w.RetryGroup(ctx, ids["1006:city"]); err != nil || n != 2 {
			t.Errorf("%d are tried again (%v)", n, err)
		}
		says(map[string][]cycle.LinkID{"1003:title": {3, 4}, "1007": {4}})
		status, err := w.Status(ctx)
		must(t, err)
		if status.Failures != 2 {
			t.Errorf("%d failures", status.Failures)
		}
		if n, err := w.RetryAll(ctx); err != nil || n != 2 {
			t.Errorf("%d are tried again (%v)", n, err)
		}
		says(map[string][]cycle.LinkID{})
	})
}

// tried turns how many were tried again into a mistake where it was not one.
func tried(n int, err error) error {
	if err == nil && n != 1 {
		err = store.ErrNotFound
	}
	return err
}
