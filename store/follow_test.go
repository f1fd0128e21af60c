package store

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

const contactID, roleID = record.ID("0035g00000K0001AAB"), record.ID("00K5g00000K0001AAB")

// A link is read afresh whenever a record that it follows gets another place in Marketo, and at no other time.
func TestFollowers(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	ctx := context.Background()
	commit := func(s cycle.Step) {
		t.Helper()
		if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{s}}); err != nil {
			t.Fatal(err)
		}
	}
	told := func() (links []cycle.LinkID) {
		t.Helper()
		links, err := w.Rechecks(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range links {
			commit(cycle.Step{Link: cycle.Link{ID: id}, Rechecked: true})
		}
		return links
	}
	contact := cycle.Link{ID: 1, Object: record.Contact, Salesforce: contactID, State: cycle.Alone}
	commit(cycle.Step{Link: cycle.Link{Object: record.Contact, Salesforce: contactID, State: cycle.Alone}, PutLink: true})
	role := cycle.Link{Object: record.OpportunityContactRole, Salesforce: roleID, State: cycle.Alone}
	commit(cycle.Step{Link: role, PutLink: true, Follow: &[]record.ID{contactID, "0065g00000K0009AAB"}})
	known, err := w.Known(ctx, record.Salesforce, []record.ID{roleID})
	if err != nil || !slices.Equal(known[0].Follows, []record.ID{contactID, "0065g00000K0009AAB"}) {
		t.Fatalf("follows %v, %v", known[0].Follows, err)
	}
	for _, row := range []struct {
		name   string
		change func()
		told   bool
	}{
		{"its creation is planned", func() { contact.State = cycle.Creating }, false},
		{"it is linked", func() { contact.State, contact.Marketo = cycle.Linked, "7" }, true},
		{"nothing changes", func() {}, false},
		{"it is another person in Marketo", func() { contact.Marketo = "8" }, true},
		{"it is gone", func() { contact.State = cycle.Ended }, true},
	} {
		row.change()
		commit(cycle.Step{Link: contact, PutLink: true})
		if links := told(); (len(links) == 1 && links[0] == 2) != row.told || len(links) > 1 {
			t.Errorf("%s: %v were told", row.name, links)
		}
	}
	// What changes in the page in which it was read afresh, it has not seen.
	contact.State = cycle.Linked
	if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{Link: contact, PutLink: true}, {Link: cycle.Link{ID: 2}, Rechecked: true}}}); err != nil {
		t.Fatal(err)
	}
	if links := told(); !slices.Equal(links, []cycle.LinkID{2}) {
		t.Errorf("read afresh in the page in which the other was linked: %v were told", links)
	}
	contact.State = cycle.Ended
	commit(cycle.Step{Link: contact, PutLink: true})
	told()
	// The filter keeps it out, and lets it in again.
	for _, state := range []cycle.LinkState{cycle.Frozen, cycle.Linked} {
		contact.State = state
		commit(cycle.Step{Link: contact, PutLink: true})
		if links := told(); !slices.Equal(links, []cycle.LinkID{2}) {
			t.Errorf("state %d: %v were told", state, links)
		}
	}
	contact.State = cycle.Ended
	commit(cycle.Step{Link: contact, PutLink: true})
	told()
	// One that is being created looks for itself when it is sent whether what it names has arrived, and is told that it is another one by now.
	role.ID, role.State = 2, cycle.Creating
	commit(cycle.Step{Link: role, PutLink: true, Out: []cycle.Row{{Side: record.Marketo, Object: record.OpportunityRole, Action: cycle.Create, Fields: []cycle.Change{{Field: 1}}}}})
	contact.State = cycle.Linked
	commit(cycle.Step{Link: contact, PutLink: true})
	if links := told(); len(links) != 0 {
		t.Errorf("%v were told while it was being created", links)
	}
	for _, change := range []func(){func() { contact.Marketo = "9" }, func() { contact.State = cycle.Ended }} {
		change()
		commit(cycle.Step{Link: contact, PutLink: true})
		if links := told(); !slices.Equal(links, []cycle.LinkID{2}) {
			t.Errorf("what a creation was planned with is gone: %v were told", links)
		}
	}
	commit(cycle.Step{Link: role, Follow: &[]record.ID{}})
	role.State = cycle.Alone
	commit(cycle.Step{Link: role, PutLink: true})
	contact.State = cycle.Alone
	commit(cycle.Step{Link: contact, PutLink: true})
	if links := told(); len(links) != 0 {
		t.Errorf("%v follow nobody and were told", links)
	}
	if n := ask(t, w, `SELECT count(*) FROM follow`); n != 0 {
		t.Errorf("%d are kept as followers", n)
	}
}

// Names of custom objects survive in the file, whatever process opens it.
func TestCustomObjectsAreStored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	w, err := Open(context.Background(), path, testKeys(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	const id = record.ID("a005g00000K0001AAB")
	if err := w.CommitPage(context.Background(), cycle.Page{Steps: []cycle.Step{{
		Link: cycle.Link{Object: "Plan_Item__c", Salesforce: id, State: cycle.Linked}, PutLink: true,
		Out: []cycle.Row{{Side: record.Marketo, Object: "plan_item_c", Action: cycle.Update, Fields: []cycle.Change{{Field: 1}}}},
	}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	customs.Clear() // another process has met none yet
	r, err := OpenReadOnly(context.Background(), path, testKeys(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	known, err := r.Known(context.Background(), record.Salesforce, []record.ID{id})
	if err != nil || known[0].Link.Object != "Plan_Item__c" || known[0].Out[record.Marketo].Object != "plan_item_c" {
		t.Errorf("%+v, %v", known[0], err)
	}
	counts, err := r.Counts(context.Background())
	if err != nil || counts.Linked["Plan_Item__c"] != 1 || counts.People() != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
}

// plant puts n rows of one kind into the outbox.
func plant(t *testing.T, w *Workspace, n int, object, target record.Object, action cycle.Action, since time.Time) {
	t.Helper()
	for from := 0; from < n; from += 2000 {
		var steps []cycle.Step
		for i := from; i < min(n, from+2000); i++ {
			steps = append(steps, cycle.Step{
				Link: cycle.Link{Object: object, State: cycle.Creating}, PutLink: true,
				Out: []cycle.Row{{Side: record.Marketo, Object: target, Target: "x", Lane: cycle.CycleLane, Action: action, Since: since, Fields: []cycle.Change{{Field: 1}}}},
			})
		}
		if err := w.CommitPage(context.Background(), cycle.Page{Steps: steps}); err != nil {
			t.Fatal(err)
		}
	}
}

// 20,000 of one kind do not keep five of another waiting, though they are older; what others name goes first and gets most; and what is
// due is found by the index alone.
func TestALargeObjectStarvesNobody(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	ctx, now := context.Background(), time.Unix(1_700_000_000, 0)
	plant(t, w, 20_000, record.Contact, record.Person, cycle.Update, now.Add(-time.Hour))
	plant(t, w, 5, record.Opportunity, record.MarketoOpportunity, cycle.Update, now)
	dueNow := func() map[record.Object]int {
		t.Helper()
		rows, err := w.Due(ctx, record.Marketo, now, 2100)
		if err != nil || len(rows) < 1800 || len(rows) > 2100 {
			t.Fatalf("%d rows are due, %v", len(rows), err)
		}
		n := map[record.Object]int{}
		for _, r := range rows {
			n[r.Object]++
		}
		return n
	}
	if n := dueNow(); n[record.MarketoOpportunity] != 5 || n[record.Person] != 1800 {
		t.Errorf("of 20,000 and 5: %v", n)
	}
	plant(t, w, 5000, record.Account, record.Company, cycle.Create, now)
	plant(t, w, 5000, record.OpportunityContactRole, record.OpportunityRole, cycle.Delete, now)
	n := dueNow()
	if n[record.MarketoOpportunity] != 5 || n[record.Company] < 1000 || n[record.Person] < 300 || n[record.OpportunityRole] < 300 {
		t.Errorf("of 20,000, 5000, 5000 and 5: %v", n)
	}
	rows, err := w.Due(ctx, record.Marketo, now, 2100)
	if err != nil || rows[0].Object != record.Company || rows[len(rows)-1].Object != record.MarketoOpportunity {
		t.Errorf("in the order of %s … %s, %v", rows[0].Object, rows[len(rows)-1].Object, err)
	}
	for object, n := range n {
		if object != record.MarketoOpportunity && n%300 != 0 {
			t.Errorf("%d of %s fill no whole calls", n, object)
		}
	}
	if err := w.look(ctx, "explain", func(x *tx) error {
		for _, flying := range [][]int64{nil, {1}} {
			from, args := due{tx: x, side: record.Marketo, flying: flying}.turn(35, 1)
			if err := x.query(`EXPLAIN QUERY PLAN `+selectRow+from, func(r row) error {
				if plan := r.text(3); strings.Contains(plan, " o ") && !strings.HasPrefix(plan, "SEARCH o USING INDEX outbox_waiting (side=? AND turn=?") {
					t.Errorf("what is due is found by: %s", plan)
				}
				return nil
			}, args...); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
