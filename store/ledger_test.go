package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

func diff(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.AllowUnexported(record.Value{})); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

func TestALinkIsKnownByBothIDsAndByAddress(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		commit(t, w, pair())
		want := cycle.Link{ID: 1, Object: record.Lead, Salesforce: leadID, Marketo: "7", State: cycle.Linked}
		for side, id := range map[record.Side]record.ID{record.Salesforce: leadID, record.Marketo: "7"} {
			k := known(t, w, side, id)
			diff(t, "the link by its id on "+side.String(), k.Link, want)
			b := k.Baseline
			if !b.Has(0) || !b.Same(0, record.Of("Ada")) || b.Same(0, record.Of("ada")) || b.Print(0) != b.Prints(0, record.Of("Ada")) || b.Print(0) == 0 {
				t.Error("the agreed value is not known again")
			}
			if b.Has(1) || b.Print(1) != 0 || b.Same(1, record.Of("")) {
				t.Error("a field that was never agreed upon has a baseline")
			}
			if !b.Has(2) || !b.Same(2, record.Of("")) {
				t.Error("an agreed blank is not known")
			}
			if b.Has(9) || b.Has(cycle.NoField) {
				t.Error("a field beyond the highest has a baseline")
			}
		}
		found, err := w.ByEmail(context.Background(), []record.Value{record.Of("eva@example.com"), {}, record.Of("ada@example.com"), record.Of("ada@example.com")})
		must(t, err)
		diff(t, "who carries the address", found, [][]cycle.Link{nil, nil, {want}, {want}})
		none := known(t, w, record.Marketo, "8")
		if none.Link.ID != 0 || none.Baseline.Has(0) {
			t.Error("a stranger is known")
		}
	})
}

func TestAnAddressIsFoundUntilBothSidesGaveItUp(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		commit(t, w, pair())
		find := func(address string) int {
			found, err := w.ByEmail(context.Background(), []record.Value{record.Of(address)})
			must(t, err)
			return len(found[0])
		}
		set := func(side record.Side, address string) {
			commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Emails: map[record.Side]record.Value{side: record.Of(address)}})
		}
		set(record.Marketo, "new@example.com")
		if find("ada@example.com") != 1 || find("new@example.com") != 1 {
			t.Fatal("one of two addresses is not found")
		}
		set(record.Salesforce, "new@example.com")
		if find("ada@example.com") != 0 || find("new@example.com") != 1 {
			t.Fatal("an address that nobody has is found, or the common one is not")
		}
		set(record.Salesforce, "")
		set(record.Marketo, "")
		if find("new@example.com") != 0 {
			t.Fatal("a removed address is found")
		}
	})
}

func TestAPageIsKeptOnceAndOnlyFromWhereItWasRead(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		ctx := context.Background()
		page := cycle.Page{Feed: "f", From: "", To: "1", Steps: []cycle.Step{pair()}}
		must(t, w.CommitPage(ctx, page))
		if err := w.CommitPage(ctx, page); !errors.Is(err, cycle.ErrStale) {
			t.Fatalf("a repeated page: %v", err)
		}
		at, err := w.Cursor(ctx, "f")
		must(t, err)
		diff(t, "the cursor", at, cycle.Cursor("1"))
		if k, err := w.KnownLinks(ctx, []cycle.LinkID{2}); err != nil || k[0].Link.ID != 0 {
			t.Fatal("the repeated page left a link", err)
		}
		bad := cycle.Page{Feed: "f", From: "1", To: "2", Steps: []cycle.Step{pair(), {Link: cycle.Link{Object: "Nonsense", State: cycle.Alone}, PutLink: true}}}
		if err := w.CommitPage(ctx, bad); err == nil {
			t.Fatal("an unknown object was kept")
		}
		if at, err = w.Cursor(ctx, "f"); err != nil || at != "1" {
			t.Fatalf("a page that failed moved the feed to %q (%v)", at, err)
		}
	})
}

func TestARowTakesThePlaceOfTheOneBefore(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		first := pair()
		first.Out = []cycle.Row{update(change(0, "Ada"), change(3, "+1"))}
		commit(t, w, first)
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{update(change(0, "Eve"))}})
		rows := due(t, w, record.Marketo)
		want := update(change(0, "Eve"))
		want.ID, want.Link, want.State = 2, 1, cycle.Waiting // the first may be on its way
		diff(t, "what is due", rows, []cycle.Row{want})
		k := known(t, w, record.Marketo, "7")
		diff(t, "what is known to wait", k.Out[record.Marketo], &want)
		backlog, err := w.Backlog(context.Background())
		must(t, err)
		diff(t, "the backlog", backlog, cycle.Backlog{ToMarketo: 1})
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{{Side: record.Marketo}}})
		if rows := due(t, w, record.Marketo); len(rows) != 0 {
			t.Fatal("an empty row did not remove what waited")
		}
	})
}

func TestRowsAreSentInTurn(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		var steps []cycle.Step
		for i, r := range []cycle.Row{
			{Lane: cycle.CycleLane, Object: record.Person, Since: epoch.Add(-time.Hour)},
			{Lane: cycle.CycleLane, Object: record.Company, Since: epoch},
			{Lane: cycle.CycleLane, Object: record.Person, Since: epoch.Add(-2 * time.Hour)},
			{Lane: cycle.NowLane, Object: record.Person, Since: epoch},
			{Lane: cycle.CycleLane, Object: record.Person, Since: epoch.Add(-3 * time.Hour), Next: epoch.Add(time.Second)},
		} {
			r.Side, r.Action, r.Source = record.Marketo, cycle.Create, record.ID("s"+string(rune('0'+i)))
			steps = append(steps, cycle.Step{Link: cycle.Link{Object: record.Lead, Salesforce: r.Source, State: cycle.Creating}, PutLink: true, Out: []cycle.Row{r}})
		}
		commit(t, w, steps...)
		var order []record.ID
		for _, r := range due(t, w, record.Marketo) {
			order = append(order, r.Source)
		}
		diff(t, "the order of sending", order, []record.ID{"s3", "s1", "s2", "s0"})
		b, err := w.Backlog(context.Background())
		must(t, err)
		diff(t, "the backlog", b, cycle.Backlog{ToMarketo: 5, Oldest: 3 * time.Hour})
	})
}
