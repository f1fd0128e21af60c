package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// apart is a page of a first sync of links from first on, whose ids are in no order.
func apart(first, n int) cycle.Page {
	steps := make([]cycle.Step, n)
	for i := range steps {
		sf, mk := idsOf(first + i)
		steps[i] = cycle.Step{Link: cycle.Link{Object: record.Contact, Salesforce: sf, Marketo: mk, State: cycle.Linked}, PutLink: true}
	}
	return cycle.Page{Steps: steps, Apart: true}
}

func idsOf(k int) (salesforce, marketo record.ID) {
	scattered := k * 7919 % 1_000_003
	return record.ID(fmt.Sprintf("003%012dAAA", scattered)), record.MarketoID(int64(1 + scattered))
}

// TestIDsThatStayBehindAreFound: whoever looks, writing or reading, in this process or after a crash, finds every link by its ids.
func TestIDsThatStayBehindAreFound(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "behind.db")
	w := openTest(t, path)
	commit := func(w *Workspace, page cycle.Page) {
		t.Helper()
		if err := w.CommitPage(ctx, page); err != nil {
			t.Fatal(err)
		}
	}
	lacks := func(w *Workspace) int64 {
		return ask(t, w, `SELECT (SELECT count(*) FROM link WHERE salesforce IS NOT NULL) - (SELECT count(*) FROM salesforce)
			+ (SELECT count(*) FROM link WHERE marketo IS NOT NULL) - (SELECT count(*) FROM marketo)`)
	}
	commit(w, apart(1, 100))
	commit(w, apart(101, 100))
	if n := lacks(w); n != 400 {
		t.Fatalf("the tables lack %d ids, not 400", n)
	}
	reader, err := OpenReadOnly(ctx, path, testKeys(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{1, 150, 200} {
		sf, mk := idsOf(k)
		for _, id := range []record.ID{sf, mk} {
			if found, err := reader.FindPerson(ctx, string(id)); err != nil || len(found) != 1 || found[0].ID != cycle.LinkID(k) {
				t.Errorf("%s leads to %v, %v", id, found, err)
			}
		}
	}
	if n := lacks(w); n != 400 {
		t.Errorf("a reader wrote: the tables lack %d ids", n)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = openTest(t, path)
	sf, mk := idsOf(42)
	owners, err := w.Owners(ctx, record.Salesforce, []record.ID{sf, "003nobody"})
	if err != nil || owners[0] != 42 || owners[1] != 0 {
		t.Errorf("owners %v, %v", owners, err)
	}
	if n := lacks(w); n != 0 {
		t.Errorf("the tables still lack %d ids", n)
	}

	// What comes after, of any kind, finds the tables whole.
	commit(w, apart(201, 50))
	_, taken := idsOf(230)
	commit(w, cycle.Page{Steps: []cycle.Step{{Link: cycle.Link{Object: record.Lead, Salesforce: "00Q000000000001AAA", Marketo: taken, State: cycle.Linked}, PutLink: true}}})
	known, err := w.Known(ctx, record.Marketo, []record.ID{mk, taken})
	if err != nil || known[0].Link.ID != 42 || known[1].Link.Salesforce != "00Q000000000001AAA" {
		t.Errorf("known %+v, %v", known, err)
	}
	if loser, err := w.KnownLinks(ctx, []cycle.LinkID{230}); err != nil || loser[0].Link.Marketo != "" || loser[0].Link.State != cycle.Alone {
		t.Errorf("who lost its id is %+v, %v", loser, err)
	}
	if n := lacks(w); n != 0 {
		t.Errorf("the tables lack %d ids", n)
	}
}

// TestIDsDoNotStayFarBehind: however many people there are, what is put into the tables at once is bounded.
func TestIDsDoNotStayFarBehind(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "far.db"))
	for first := 1; first < behindAtMost+8000; first += 8000 {
		if err := w.CommitPage(context.Background(), apart(first, 8000)); err != nil {
			t.Fatal(err)
		}
		if lack := ask(t, w, `SELECT (SELECT count(*) FROM link) - (SELECT count(*) FROM marketo)`); lack > behindAtMost {
			t.Errorf("%d links and more are behind", lack)
		}
	}
	if lack := ask(t, w, `SELECT (SELECT count(*) FROM link) - (SELECT count(*) FROM marketo)`); lack >= behindAtMost {
		t.Errorf("%d links are behind", lack)
	}
}
