package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// refuse makes n links whose rows towards Marketo are refused for a cause.
func refuse(t testing.TB, w *store.Workspace, cause string, n int, at time.Time) {
	t.Helper()
	var steps []cycle.Step
	for i := range n {
		source := record.ID(fmt.Sprintf("00Q%s%08d", cause, i))
		steps = append(steps, cycle.Step{
			Link: cycle.Link{Object: record.Lead, Salesforce: source, State: cycle.Creating}, PutLink: true,
			Out: []cycle.Row{{Side: record.Marketo, Object: record.Person, Source: source, Action: cycle.Create, Lane: cycle.CycleLane, Since: at, Fields: []cycle.Change{change(0, "x")}}},
		})
	}
	commit(t, w, steps...)
	rows, err := w.Due(context.Background(), record.Marketo, at, n)
	must(t, err)
	var answers []cycle.Answer
	for _, r := range rows {
		answers = append(answers, cycle.Answer{Row: r.ID, Link: r.Link, Side: r.Side, Outcome: cycle.Refused, Cause: cause, Next: at, At: at})
	}
	must(t, w.Acknowledge(context.Background(), answers))
}

// refused are the first three of those that refuse made.
func refused(cause string) (few []store.FailureExample) {
	for i := range 3 {
		few = append(few, store.FailureExample{Source: record.ID(fmt.Sprintf("00Q%s%08d", cause, i))})
	}
	return few
}

func TestFailuresAreGroupedPagedAndTriedAgain(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		refuse(t, w, "1003", 5, epoch)
		refuse(t, w, "1006", 7, epoch.Add(time.Hour))
		groups, err := w.FailureGroups(ctx, 3)
		must(t, err)
		want := []store.FailureGroup{
			{ID: 2, Side: record.Marketo, Object: record.Person, Cause: "1006", Open: 7, Share: 7.0 / 12, First: epoch.Add(time.Hour), Last: epoch.Add(time.Hour), Examples: refused("1006")},
			{ID: 1, Side: record.Marketo, Object: record.Person, Cause: "1003", Open: 5, Share: 5.0 / 12, First: epoch, Last: epoch, Examples: refused("1003")},
		}
		diff(t, "the groups", groups, want)
		var seen []int64
		for after := int64(0); ; {
			rows, err := w.FailedRows(ctx, 2, after, 3)
			must(t, err)
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				seen = append(seen, r.ID)
			}
			after = seen[len(seen)-1]
		}
		diff(t, "the rows of a group, by pages", seen, []int64{6, 7, 8, 9, 10, 11, 12})
		planned, err := w.RowsAfter(ctx, 4, 2)
		must(t, err)
		if len(planned) != 2 || planned[0].ID != 5 || planned[1].ID != 6 {
			t.Fatalf("%d rows are planned after the fourth", len(planned))
		}
		must(t, w.RetryRow(ctx, 6))
		if err := w.RetryRow(ctx, 6); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("a row that waits was tried again: %v", err)
		}
		if n, err := w.RetryGroup(ctx, 2); err != nil || n != 6 {
			t.Fatalf("tried %d again (%v)", n, err)
		}
		if n, err := w.RetryAll(ctx); err != nil || n != 5 {
			t.Fatalf("tried %d again (%v)", n, err)
		}
		rows, err := w.Due(ctx, record.Marketo, epoch, 100)
		must(t, err)
		for _, r := range rows {
			if r.Lane != cycle.NowLane || len(r.Fields) != 1 {
				t.Fatal("a row that a person asked for does not go first")
			}
		}
		counts, err := w.Counts(ctx)
		must(t, err)
		if len(rows) != 12 || counts.Failures != 0 || counts.Waiting[record.Marketo] != 12 {
			t.Fatalf("%d rows are due, %d failed", len(rows), counts.Failures)
		}
		refusals, err := w.RefusalsBetween(ctx, epoch, epoch.Add(2*time.Hour))
		must(t, err)
		diff(t, "refusals by hour", refusals, []store.Refusals{{epoch, record.Marketo, "1003", 5}, {epoch.Add(time.Hour), record.Marketo, "1006", 7}})
	})
}

func TestHurryPutsPeopleFirst(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		refuse(t, w, "1003", 2, epoch)
		commit(t, w, withRow(pair(), update(change(0, "Eve"))))
		must(t, w.Hurry(ctx, []cycle.LinkID{2, 3, 99}))
		rows := due(t, w, record.Marketo)
		if len(rows) != 2 || rows[0].Lane != cycle.NowLane || rows[1].Lane != cycle.NowLane {
			t.Fatalf("%d rows are due", len(rows))
		}
		links, err := w.Rechecks(ctx, 10)
		must(t, err)
		diff(t, "what is read afresh", links, []cycle.LinkID{2, 3})
	})
}

func TestHoldsAndHistoryArePagedByKey(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		for range 2 {
			n, err := w.BeginCycle(ctx, epoch)
			must(t, err)
			s := cycle.Step{Link: cycle.Link{Object: record.Lead, State: cycle.Alone}, PutLink: true, Holds: []cycle.Hold{{Field: 4, Cause: "conflict", Salesforce: record.Of("a"), Marketo: record.Of("b"), Since: epoch}}}
			for range 3 {
				s.Events = append(s.Events, cycle.Event{At: epoch, Cycle: n, Side: record.Salesforce, Kind: "overwrote", Field: 4, Old: record.Of("a"), New: record.Of("b"), Detail: "d"})
			}
			commit(t, w, s)
			must(t, w.EndCycle(ctx, cycle.Report{N: n, Started: epoch, Took: time.Second, Waited: cycle.Backlog{ToMarketo: int(n)}}))
		}
		holds, err := w.Holds(ctx, 1, 10)
		must(t, err)
		diff(t, "the second hold", holds, []cycle.Hold{{ID: 2, Link: 2, Field: 4, Cause: "conflict", Salesforce: record.Of("a"), Marketo: record.Of("b"), Since: epoch}})
		one, err := w.HoldByID(ctx, 2)
		must(t, err)
		diff(t, "the same by its id", one, holds[0])
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 2}, Release: []int64{2}})
		if _, err := w.HoldByID(ctx, 2); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("a released hold: %v", err)
		}
		ids := func(events []store.Event, err error) (ids []int64) {
			must(t, err)
			for _, e := range events {
				ids = append(ids, e.ID)
				if e.Old != record.Of("a") || e.New != record.Of("b") || e.Detail != "d" || e.Field != 4 {
					t.Fatal("a line of history came back changed")
				}
			}
			return ids
		}
		diff(t, "a link's story", ids(w.EventsOf(ctx, 2, 2)), []int64{6, 5})
		diff(t, "everybody's story", ids(w.EventsBefore(ctx, 5, 10)), []int64{4, 3, 2, 1})
		diff(t, "the end of everybody's story", ids(w.EventsBefore(ctx, 0, 1)), []int64{6})
		diff(t, "what cycle 1 did", ids(w.EventsOfCycle(ctx, 1, 0, 10)), []int64{1, 2, 3})
		diff(t, "what cycle 2 did", ids(w.EventsOfCycle(ctx, 2, 4, 10)), []int64{5, 6})
		if e, err := w.EventByID(ctx, 5); err != nil || e.Link != 2 {
			t.Fatal("one line is not found", err)
		}
		if _, err := w.EventByID(ctx, 50); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("a line that is none: %v", err)
		}
		cycles, err := w.Cycles(ctx, 1)
		must(t, err)
		if len(cycles) != 1 || cycles[0].N != 2 || !cycles[0].Ended || cycles[0].Took != time.Second {
			t.Fatalf("the last cycle is %+v", cycles)
		}
		series, err := w.BacklogBetween(ctx, epoch.Add(-time.Hour), epoch.Add(time.Hour), 10)
		must(t, err)
		diff(t, "the backlog by time", series, []store.BacklogPoint{{At: epoch, ToMarketo: 2}})
		_, err = w.BeginCycle(ctx, epoch)
		must(t, err)
		status, err := w.Status(ctx)
		must(t, err)
		if !status.Running || status.Last == nil || status.Last.N != 2 {
			t.Fatal("a running cycle does not show")
		}
	})
}

func TestThePastIsPrunedFromTheOldEnd(t *testing.T) {
	now := epoch
	w, err := store.OpenMemory(context.Background(), keys(t), store.Options{Now: func() time.Time { return now }})
	must(t, err)
	defer closeOf(t, w)
	ctx := context.Background()
	commit(t, w, pair())
	const day = 24 * time.Hour
	for d := range 200 {
		at := epoch.Add(time.Duration(d) * day)
		var events []cycle.Event
		for range 100 {
			events = append(events, cycle.Event{At: at, Kind: "written", Field: 0, New: record.Of("Eve")})
		}
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Events: events})
		for range 2 {
			n, err := w.BeginCycle(ctx, at)
			must(t, err)
			must(t, w.EndCycle(ctx, cycle.Report{N: n, Started: at, Waited: cycle.Backlog{ToMarketo: int(n) % 2}}))
		}
	}
	now = epoch.Add(200 * day)
	must(t, w.Prune(ctx, store.Retention{History: 150 * day}))
	left, err := w.EventsOf(ctx, 1, 100000)
	must(t, err)
	if len(left) != 15000 || left[len(left)-1].At != epoch.Add(50*day) {
		t.Fatalf("%d lines are left", len(left))
	}
	must(t, w.Prune(ctx, store.Retention{HistoryBytes: 500_000}))
	shorter, err := w.EventsOf(ctx, 1, 100000)
	must(t, err)
	if len(shorter) < 3000 || len(shorter) > 12000 || shorter[0].ID != left[0].ID {
		t.Fatalf("%d lines are left of 500 kB", len(shorter))
	}
	cycles, err := w.Cycles(ctx, 1000)
	must(t, err)
	if len(cycles) != 110+2*90 { // one a day of the old ones, that with the highest backlog
		t.Fatalf("%d cycles are left", len(cycles))
	}
	if old := cycles[len(cycles)-1]; old.Waited.ToMarketo != 1 {
		t.Fatal("a day's highest backlog was thinned away")
	}
}

func TestCallsSurviveAProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	ctx := context.Background()
	for process := 1; process <= 2; process++ {
		w := openFile(t, path)
		used, err := w.CallsOn(ctx, record.Marketo, "2026-03-01")
		must(t, err)
		if used != (process-1)*30 {
			t.Fatalf("process %d begins with %d calls", process, used)
		}
		for _, n := range []int{10, 30} {
			must(t, w.KeepCalls(ctx, map[record.Side]store.Calls{
				record.Marketo: {Day: "2026-03-01", Used: used + n, Limit: 50000, Share: 25000, ByPurpose: map[record.Purpose]int{record.Feed: n / 2, record.Push: n / 2}},
			}, nil))
		}
		spent, err := w.CallsByPurpose(ctx, record.Marketo, "2026-03-01")
		must(t, err)
		diff(t, "what it was spent on", spent, map[record.Purpose]int{record.Feed: 15 * process, record.Push: 15 * process})
		status, err := w.Status(ctx)
		must(t, err)
		diff(t, "the quota", status.Calls[record.Marketo], store.Calls{Day: "2026-03-01", Used: 30 * process, Limit: 50000, Share: 25000, At: epoch})
		closeOf(t, w)
	}
}

func TestSettingsAreOfOnePiece(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		must(t, w.SetSettings(ctx, map[string]string{"app.a": "1", "app.b": "2", "other": "3"}))
		if err := w.SetSettings(ctx, map[string]string{"app.a": "9", "store.open": ""}); err == nil {
			t.Fatal("a setting of the store's own was set")
		}
		must(t, w.SetSetting(ctx, "app.b", ""))
		all, err := w.Settings(ctx, "app.")
		must(t, err)
		diff(t, "the settings", all, map[string]string{"app.a": "1"})
		if v, err := w.Setting(ctx, "other"); err != nil || v != "3" {
			t.Fatalf("%q, %v", v, err)
		}
		all, err = w.Settings(ctx, "")
		must(t, err)
		diff(t, "all settings", all, map[string]string{"app.a": "1", "other": "3"})
	})
}

func TestAPersonIsFoundByWhateverNamesThem(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		commit(t, w, pair())
		for _, text := range []string{"ADA@example.com ", string(leadID), string(leadID[:15]), "7"} {
			found, err := w.FindPerson(ctx, text)
			must(t, err)
			if len(found) != 1 || found[0].ID != 1 {
				t.Errorf("%q finds %d", text, len(found))
			}
		}
		for _, text := range []string{"", "8", "eve@example.com", string(otherID), "'; DROP TABLE link"} {
			if found, err := w.FindPerson(ctx, text); err != nil || len(found) != 0 {
				t.Errorf("%q finds %d (%v)", text, len(found), err)
			}
		}
	})
}

func TestTheAuditIsCountedByDay(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		must(t, w.AddAudit(ctx, epoch, 100, 1))
		must(t, w.AddAudit(ctx, epoch, 50, 0))
		must(t, w.AddAudit(ctx, epoch.Add(-48*time.Hour), 10, 10))
		pairs, dirty, err := w.Audited(ctx, epoch)
		must(t, err)
		diff(t, "the audit", []int{pairs, dirty}, []int{150, 1})
		commit(t, w, pair(), cycle.Step{Link: cycle.Link{Object: record.Lead, State: cycle.Alone, Salesforce: otherID}, PutLink: true})
		links, err := w.LinkedAfter(ctx, 0, 10)
		must(t, err)
		last, err := w.LastLink(ctx)
		must(t, err)
		if len(links) != 1 || links[0].ID != 1 || last != 2 {
			t.Fatalf("%d pairs, the last link is %d", len(links), last)
		}
	})
}

// TestAnIDThatMovesTakesItsLookUpAlong is a merge: the winner takes a person over from a link that ends in the same page.
func TestAnIDThatMovesTakesItsLookUpAlong(t *testing.T) {
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		w := openMemory(t)
		commit(t, w, pair(), cycle.Step{Link: cycle.Link{Object: record.Lead, Salesforce: otherID, State: cycle.Alone}, PutLink: true})
		moves := []cycle.Step{
			{Link: cycle.Link{ID: 1, Object: record.Lead, Salesforce: leadID, State: cycle.Ended}, PutLink: true},
			{Link: cycle.Link{ID: 2, Object: record.Lead, Salesforce: otherID, Marketo: "7", State: cycle.Linked}, PutLink: true},
		}
		commit(t, w, moves[order[0]], moves[order[1]])
		want := moves[1].Link
		diff(t, "whose person 7 is", known(t, w, record.Marketo, "7").Link, want)
		diff(t, "the ended link", known(t, w, record.Salesforce, leadID).Link, moves[0].Link)
		counts, err := w.Counts(context.Background())
		must(t, err)
		if d := cmp.Diff(map[record.Object]int{record.Lead: 1}, counts.Linked, cmpopts.EquateEmpty()); d != "" || counts.Alone[record.Salesforce] != 0 {
			t.Errorf("the counts: %s, %d alone", d, counts.Alone[record.Salesforce])
		}
	}
}

func TestAStolenIDLeavesItsOwnerAlone(t *testing.T) {
	w := openMemory(t)
	commit(t, w, pair())
	commit(t, w, cycle.Step{Link: cycle.Link{Object: record.Lead, Salesforce: otherID, Marketo: "7", State: cycle.Linked}, PutLink: true})
	diff(t, "who lost it", known(t, w, record.Salesforce, leadID).Link, cycle.Link{ID: 1, Object: record.Lead, Salesforce: leadID, State: cycle.Alone})
	if got := known(t, w, record.Marketo, "7").Link.ID; got != 2 {
		t.Fatalf("the id leads to link %d", got)
	}
}

func TestErrorsAreSentences(t *testing.T) {
	for _, err := range []error{
		store.ErrInUse, store.ErrNewer, store.ErrOutdated, store.ErrDiskFull, store.ErrReadOnly, store.ErrWrongKey,
		&store.BrokenError{Path: "p", Reason: "r"}, &store.BrokenError{Path: "p", Aside: "a", Reason: "r"},
	} {
		if text := err.Error(); len(strings.Fields(text)) < 6 || strings.Contains(text, "%!") {
			t.Errorf("%q is no sentence", text)
		}
	}
}

// A person is found by the ids that it had before it was converted or merged, with one story in which each line knows whose fields
// it speaks of.
func TestAPersonIsFoundByWhatItWasBefore(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		lead, contact, duplicate := record.ID("00Q000000000001EAA"), record.ID("003000000000001AAA"), record.ID("00Q000000000002EAA")
		told := func(detail string) []cycle.Event {
			return []cycle.Event{{At: epoch, Side: record.Marketo, Kind: "written", Field: 2, New: record.Of("x"), Detail: detail}}
		}
		must(t, w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{
			{PutLink: true, Link: cycle.Link{Object: record.Lead, State: cycle.Linked, Salesforce: lead, Marketo: "7"}, Events: told("as a lead")},
			{PutLink: true, Link: cycle.Link{Object: record.Lead, State: cycle.Linked, Salesforce: duplicate, Marketo: "8"}, Events: told("as another lead")},
		}}))
		must(t, w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{
			{PutLink: true, Unlearn: true, Absorb: 2, Link: cycle.Link{ID: 1, Object: record.Contact, State: cycle.Linked, Salesforce: contact, Marketo: "7"}, Events: told("as a contact")},
		}}))
		for _, who := range []string{string(lead), string(contact), string(duplicate), "7", "8"} {
			links, err := w.FindPerson(ctx, who)
			if err != nil || len(links) != 1 || links[0].ID != 1 || links[0].Salesforce != contact {
				t.Errorf("%s leads to %v (%v)", who, links, err)
			}
		}
		known, err := w.Former(ctx, record.Salesforce, []record.ID{lead, contact, duplicate})
		must(t, err)
		diff(t, "former links", []cycle.LinkID{known[0].Link.ID, known[1].Link.ID, known[2].Link.ID}, []cycle.LinkID{1, 0, 1})
		events, err := w.EventsOf(ctx, 1, 10)
		must(t, err)
		var objects []record.Object
		for _, e := range events {
			objects = append(objects, e.Object)
		}
		diff(t, "whose fields", objects, []record.Object{"", record.Lead, record.Lead})
	})
}
