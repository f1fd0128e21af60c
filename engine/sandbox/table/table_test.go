package table_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

const columns = 11

func newTable() (*table.DB, *table.Table, *time.Time) {
	now := time.Unix(1_000_000, 0)
	db := table.NewDB(func() time.Time { return now })
	return db, db.Create(table.Spec{Name: "T", Columns: columns, Unique: []int{1}, Lookup: []int{2}}), &now
}

// model is a row as the test remembers it.
type model struct {
	stamp   int64
	version uint32
	cells   [columns]table.Cell
}

// TestAgainstModel runs random transactions, some taken back, and compares every way of reading with plain maps.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db, tab, now := newTable()
		want := map[uint64]model{}
		cell := rapid.Custom(func(t *rapid.T) table.Cell {
			if rapid.Bool().Draw(t, "null") {
				return table.Null
			}
			return table.Text(rapid.SampledFrom([]string{"", "a", "A", "long text", "Long Text", "Ünï", "ÜNÏ", strings.Repeat("x", 300)}).Draw(t, "text"))
		})
		refuse := errors.New("taken back")
		for range rapid.IntRange(1, 12).Draw(t, "transactions") {
			*now = now.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "later")) * time.Second)
			draft := maps.Clone(want)
			keep := rapid.Bool().Draw(t, "keep")
			err := db.Update(func(tx *table.Tx) error {
				for range rapid.IntRange(0, 6).Draw(t, "writes") {
					id := rapid.Uint64Range(1, 12).Draw(t, "id")
					write(t, tx, tab, draft, id, cell)
				}
				if keep {
					return nil
				}
				return refuse
			})
			if keep != (err == nil) {
				t.Fatalf("kept %v, but the transaction answered %v", keep, err)
			}
			if keep {
				want = draft
			}
			compare(t, db, tab, want)
		}
	})
}

func write(t *rapid.T, tx *table.Tx, tab *table.Table, draft map[uint64]model, id uint64, cell *rapid.Generator[table.Cell]) {
	old, exists := draft[id]
	clash := func(m model) bool {
		for other, o := range draft {
			if other != id && !m.cells[1].Null && !o.cells[1].Null && strings.EqualFold(o.cells[1].Text, m.cells[1].Text) {
				return true
			}
		}
		return false
	}
	var err error
	next := old
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		for i := range next.cells {
			next.cells[i] = cell.Draw(t, "cell")
		}
		next.version, next.stamp = 1, tx.Now().Unix()
		err = tx.Insert(tab, id, next.cells[:])
		if exists && !errors.Is(err, table.ErrExists) {
			t.Fatalf("inserting a taken id answered %v", err)
		}
		if exists {
			return
		}
	case 1:
		col := rapid.IntRange(0, columns-1).Draw(t, "col")
		next.cells[col] = cell.Draw(t, "cell")
		next.version, next.stamp = old.version+1, tx.Now().Unix()
		err = tx.Update(tab, id, map[int]table.Cell{col: next.cells[col]})
	case 2:
		next.stamp = rapid.Int64Range(-5, 1_000_005).Draw(t, "stamp")
		err = tx.SetStamp(tab, id, next.stamp)
	default:
		err = tx.Delete(tab, id)
		if exists == (err != nil) {
			t.Fatalf("deleting: exists %v, answered %v", exists, err)
		}
		delete(draft, id)
		return
	}
	switch {
	case next.version == 0 || (next.version == 1 && next.stamp != tx.Now().Unix() && !exists), errors.Is(err, table.ErrMissing):
		if exists || !errors.Is(err, table.ErrMissing) {
			t.Fatalf("a missing row answered %v", err)
		}
	case clash(next):
		if _, ok := table.IsUnique(err); !ok {
			t.Fatalf("a text held twice answered %v", err)
		}
	case err != nil:
		t.Fatalf("refused: %v", err)
	default:
		draft[id] = next
	}
}

func compare(t *rapid.T, db *table.DB, tab *table.Table, want map[uint64]model) {
	db.View(func() {
		if tab.Len() != len(want) {
			t.Fatalf("%d rows, want %d", tab.Len(), len(want))
		}
		ids := slices.Sorted(maps.Keys(want))
		byStamp := slices.SortedFunc(maps.Keys(want), func(a, b uint64) int {
			if d := want[a].stamp - want[b].stamp; d != 0 {
				return int(d)
			}
			return int(a) - int(b)
		})
		for i := range len(ids) + 1 {
			after := uint64(0)
			if i > 0 {
				after = ids[i-1]
			}
			same(t, "ByID", tab.ByID(after), ids[i:])
			if i > 0 {
				last := byStamp[i-1]
				same(t, "ByStamp", tab.ByStamp(want[last].stamp, last), byStamp[i:])
				down := slices.Clone(byStamp[:i-1])
				slices.Reverse(down)
				same(t, "ByStampBackward", tab.ByStampBackward(want[last].stamp, last), down)
			}
		}
		down := slices.Clone(ids)
		slices.Reverse(down)
		same(t, "ByIDBackward", tab.ByIDBackward(0), down)
		for id, m := range want {
			row, ok := tab.Get(id)
			if !ok || row.Stamp() != m.stamp || row.Version() != m.version {
				t.Fatalf("row %d: found %v, stamp %d version %d, want %d %d", id, ok, row.Stamp(), row.Version(), m.stamp, m.version)
			}
			seen := map[int]string{}
			row.Each(func(col int, text string) { seen[col] = text })
			for col, c := range m.cells {
				text, ok := row.Get(col)
				if ok == c.Null || text != c.Text {
					t.Fatalf("row %d column %d differs", id, col)
				}
				if each, had := seen[col]; had == c.Null || each != c.Text {
					t.Fatalf("row %d column %d: Each differs from Get", id, col)
				}
			}
		}
		for _, col := range []int{1, 2} {
			for _, text := range []string{"", "a", "LONG TEXT", "üNï"} {
				var found []uint64
				for _, id := range ids {
					if c := want[id].cells[col]; !c.Null && strings.EqualFold(c.Text, text) {
						found = append(found, id)
					}
				}
				same(t, fmt.Sprintf("Find column %d %q", col, text), tab.Find(col, text), found)
			}
		}
	})
}

func same(t *rapid.T, what string, rows func(func(table.Row) bool), want []uint64) {
	var got []uint64
	for r := range rows {
		got = append(got, r.ID())
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}
