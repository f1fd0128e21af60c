package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

func openStage(t testing.TB, w *store.Workspace) cycle.Stage {
	t.Helper()
	s, err := w.OpenStage(context.Background())
	must(t, err)
	return s
}

func lead(n int, email, other string) record.Record {
	return record.Record{
		Object: record.Lead, ID: record.ID(fmt.Sprintf("00Q%015d", n)), Email: record.Of(email), OtherID: record.ID(other),
		Modified: epoch, Edited: epoch, Values: []record.Value{record.Of("value"), {}, record.Of(fmt.Sprint(n))},
	}
}

func person(n int, email, other string) record.Record {
	return record.Record{Object: record.Person, ID: record.MarketoID(int64(n)), Email: record.Of(email), OtherID: record.ID(other), Modified: epoch, Values: []record.Value{record.Of("m")}}
}

// allByEmail walks through the groups.
func allByEmail(t testing.TB, s cycle.Stage, limit int) (all []cycle.StagedGroup) {
	t.Helper()
	for after, done := "", false; !done; {
		var groups []cycle.StagedGroup
		var err error
		groups, after, done, err = s.ByEmail(context.Background(), after, limit)
		must(t, err)
		all = append(all, groups...)
	}
	return all
}

func allByID(t testing.TB, s cycle.Stage, limit int) (all []string) {
	t.Helper()
	for after, done := "", false; !done; {
		var pairs []cycle.StagedGroup
		var err error
		pairs, after, done, err = s.ByID(context.Background(), after, limit)
		must(t, err)
		for _, p := range pairs {
			if len(p.Salesforce) != 1 || len(p.Marketo) != 1 {
				t.Fatal("a pair is not one to one")
			}
			all = append(all, string(p.Salesforce[0].ID[len(p.Salesforce[0].ID)-2:]+"="+p.Marketo[0].ID))
		}
	}
	return all
}

func TestStagedRecordsComeTogetherByAddress(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		s := openStage(t, w)
		ctx := context.Background()
		odd := lead(90, "", "")
		odd.Deleted, odd.MergedInto, odd.Converted, odd.ConvertedTo, odd.Parent, odd.Err = true, "a", true, "b", "c", errors.New("not a date")
		var leads, people []record.Record
		for i := range 40 {
			leads = append(leads, lead(i, fmt.Sprintf("p%d@example.com", i/2), ""))
			people = append(people, person(i+1, fmt.Sprintf("P%d@example.com", i), ""))
		}
		must(t, s.Put(ctx, "l", "c1", append(leads, odd)))
		must(t, s.Put(ctx, "m", "c2", people))
		must(t, s.Put(ctx, "l", "c3", []record.Record{lead(5, "moved@example.com", "")}))
		for _, limit := range []int{1, 7, 1000} {
			groups := allByEmail(t, s, limit)
			if len(groups) != 42 { // p0 to p39, moved, and the one without an address
				t.Fatalf("%d groups in parts of %d", len(groups), limit)
			}
			sizes := map[[2]int]int{}
			for _, g := range groups {
				sizes[[2]int{len(g.Salesforce), len(g.Marketo)}]++
				if len(g.Salesforce) == 1 && g.Salesforce[0].Deleted {
					got := g.Salesforce[0]
					if got.Err == nil || got.Err.Error() != odd.Err.Error() {
						t.Fatal("an unreadable record became readable")
					}
					got.Err, odd.Err = nil, nil
					diff(t, "the record that came back", got, odd)
					odd.Err = errors.New("not a date")
				}
			}
			diff(t, "the sizes of the groups", sizes, map[[2]int]int{{2, 1}: 19, {1, 1}: 1, {0, 1}: 20, {1, 0}: 2})
		}
		at, err := s.Cursor(ctx, "l")
		must(t, err)
		diff(t, "the cursor", at, cycle.Cursor("c3"))
	})
}

func TestStagedPairsAreFoundByTheIDsTheyCarry(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		s := openStage(t, w)
		ctx := context.Background()
		id := func(n int) string { return string(lead(n, "", "").ID) }
		must(t, s.Put(ctx, "l", "1", []record.Record{
			lead(1, "", "11"), // only pointed at by its own word, and 11 is in a pair with 4
			lead(2, "", "12"), // each other's
			lead(3, "", ""),   // carried by 13
			lead(4, "", "11"), // each other's
			lead(5, "", "99"), // carries an id that nobody has
			lead(6, "", "16"), // carries 16, which carries none
		}))
		must(t, s.Put(ctx, "m", "1", []record.Record{person(11, "", id(4)), person(12, "", id(2)), person(13, "", id(3)), person(16, "", ""), person(17, "", "")}))
		for _, limit := range []int{1, 2, 100} {
			got := allByID(t, s, limit)
			if len(got) != 5 {
				t.Fatalf("pairs in parts of %d: %v", limit, got)
			}
			first, rest := map[string]bool{got[0]: true, got[1]: true}, map[string]bool{got[2]: true, got[3]: true, got[4]: true}
			diff(t, "the mutual pairs", first, map[string]bool{"02=12": true, "04=11": true})
			diff(t, "the other pairs", rest, map[string]bool{"01=11": true, "03=13": true, "06=16": true})
		}
	})
}

func TestAStageOutlivesItsWorkspaceUntilItIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	ctx := context.Background()
	for n := range 2 {
		w, err := store.Open(ctx, path, keys(t), store.Options{Now: clock})
		must(t, err)
		s := openStage(t, w)
		must(t, s.Put(ctx, "l", "1", []record.Record{lead(n, "", ""), lead(9, fmt.Sprintf("moved%d@example.com", n), "")}))
		if n == 1 {
			must(t, s.Close())
			openStage(t, w)
		}
		closeOf(t, w)
	}
	w := openFile(t, path)
	s := openStage(t, w)
	if got := len(allByEmail(t, s, 10)); got != 3 {
		t.Fatalf("%d of 3 records outlived the process", got)
	}
	must(t, s.Remove())
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*stage*"))
	must(t, err)
	if len(left) > 0 {
		t.Fatalf("the scratch file left %v", left)
	}
	if s = openStage(t, w); len(allByEmail(t, s, 10)) != 0 {
		t.Fatal("a removed stage still holds records")
	}
}

// TestAStageOfAnotherVersionIsReadAgain: what an earlier version of Doppio read is in a form of its own.
func TestAStageOfAnotherVersionIsReadAgain(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "pair-stage.db"))
	must(t, err)
	_, err = db.ExecContext(ctx, `CREATE TABLE staged (place INTEGER PRIMARY KEY) STRICT; CREATE TABLE feed (name TEXT PRIMARY KEY, cursor TEXT NOT NULL); INSERT INTO feed VALUES('l', 'done')`)
	must(t, err)
	must(t, db.Close())
	s := openStage(t, openFile(t, filepath.Join(dir, "pair.db")))
	at, err := s.Cursor(ctx, "l")
	must(t, err)
	diff(t, "the cursor", at, cycle.Cursor(""))
}
