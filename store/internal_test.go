package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

func testKeys(t testing.TB) Keys {
	t.Helper()
	k, err := NewKeys([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func openTest(t testing.TB, path string) *Workspace {
	t.Helper()
	w, err := Open(context.Background(), path, testKeys(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// run runs statements on the writer's connection, outside a transaction.
func run(t testing.TB, w *Workspace, statements ...string) {
	t.Helper()
	err := w.writer.do(context.Background(), func(x *tx) error {
		for _, s := range statements {
			if err := x.query(s, func(row) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func step(n int) cycle.Step {
	return cycle.Step{
		Link: cycle.Link{Object: record.Lead, Salesforce: record.ID("00Q" + time.Duration(n).String()), State: cycle.Alone}, PutLink: true,
		Agreed: []cycle.Agreed{{Field: 200, Value: record.Of("x")}},
	}
}

func TestAFullDiskLosesNothing(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	ctx := context.Background()
	run(t, w, `PRAGMA max_page_count = 60`)
	var err error
	kept := 0
	for ; err == nil; kept++ {
		err = w.CommitPage(ctx, cycle.Page{Feed: "f", From: cursorOf(kept), To: cursorOf(kept + 1), Steps: []cycle.Step{step(kept), step(1000 + kept)}})
	}
	if kept--; !errors.Is(err, ErrDiskFull) {
		t.Fatalf("a full disk: %v", err)
	}
	at, err := w.Cursor(ctx, "f")
	if err != nil || at != cursorOf(kept) {
		t.Fatalf("the feed stands at %q after %d pages (%v)", at, kept, err)
	}
	run(t, w, `PRAGMA max_page_count = 100000`)
	if err := w.CommitPage(ctx, cycle.Page{Feed: "f", From: at, To: "end", Steps: []cycle.Step{step(kept)}}); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	counts, err := w.Counts(ctx)
	if err != nil || counts.Alone[record.Salesforce] != 2*kept+1 {
		t.Fatalf("%d links after %d pages (%v)", counts.Alone[record.Salesforce], kept, err)
	}
}

func cursorOf(n int) cycle.Cursor {
	if n == 0 {
		return ""
	}
	return cycle.Cursor(time.Duration(n).String())
}

func TestAFileThatMayNotBeWritten(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	run(t, w, `PRAGMA query_only = true`)
	if err := w.SetSetting(context.Background(), "a", "b"); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("a read-only file: %v", err)
	}
	run(t, w, `PRAGMA query_only = false`)
}

func TestFilesOfOtherVersionsAndPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		want   error
		reader error
	}{
		"newer":   {`PRAGMA user_version = 999`, ErrNewer, ErrNewer},
		"foreign": {`PRAGMA application_id = 7`, ErrForeign, ErrForeign},
		"older":   {`PRAGMA user_version = 3`, nil, ErrOutdated}, // goose knows better and has nothing to do
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pair.db")
			w, err := Open(context.Background(), path, testKeys(t), Options{})
			if err != nil {
				t.Fatal(err)
			}
			run(t, w, c.change)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if r, err := OpenReadOnly(context.Background(), path, Keys{}, Options{}); !errors.Is(err, c.reader) {
				t.Errorf("to a reader: %v, %v", r, err)
			}
			again, err := Open(context.Background(), path, testKeys(t), Options{})
			if !errors.Is(err, c.want) {
				t.Errorf("to a writer: %v", err)
			}
			if err == nil {
				err = again.Close()
				if err != nil {
					t.Error(err)
				}
			}
			if _, err := os.Stat(path); err != nil {
				t.Error("the file was taken away")
			}
		})
	}
}

// TestEveryEarlierVersionComesUpToDate stops the migration at each version, puts rows in as that version had them, and
// lets Open do the rest.
func TestEveryEarlierVersionComesUpToDate(t *testing.T) {
	rows := []string{
		1:  `INSERT INTO link(id, object, state, salesforce, marketo) VALUES(1, 1, 3, '00Q000000000001AAA', 7); INSERT INTO tally(name, n) VALUES('last.link', 1)`,
		2:  `INSERT INTO outbox(id, link, side, object, action, state, turn, first, cycle, tries, next, since, carry) VALUES(1, 1, 2, 4, 3, 1, 3, 0, 1, 0, 0, 5, 'x')`,
		3:  `INSERT INTO history(id, link, at, cycle, side, kind) VALUES(1, 1, 5, 1, 2, 'linked')`,
		4:  `INSERT INTO cycle(n, started, events) VALUES(1, 5, 0)`,
		5:  `INSERT INTO outbox(id, link, side, object, action, state, turn, first, cycle, tries, next, since, carry) VALUES(2, 1, 1, 1, 2, 6, 3, 0, 1, 0, 7, 5, 'x')`,
		6:  `INSERT INTO follow(parent, link) VALUES('003000000000001AAA', 1)`,
		7:  `INSERT INTO outbox_echo(id, link, cycle, since, fields) VALUES(1, 2, 1, 5, x'00')`,
		8:  `INSERT INTO outbox_flight(id, rows) VALUES(1, '[1]')`,
		9:  `INSERT INTO former(side, id, link) VALUES(1, '00Q000000000002AAA', 1)`,
		10: `INSERT INTO field_day(day, object, field, n) VALUES(20000, 1, 4, 2)`,
		11: `INSERT INTO outbox_id(side, link, cycle, since) VALUES(1, 1, 1, 5)`,
		12: `INSERT INTO outbox_first(side, link, cycle, since, action, carries) VALUES(1, 2, 1, 5, 2, 0)`,
		13: `INSERT INTO hold(id, link, field, cause, since, skipped) VALUES(1, 2, 7, 'conflict', 5, 1)`,
		14: `INSERT INTO rehearsed(side, link, print) VALUES(1, 2, 77)`,
		15: `INSERT INTO marketo(id, link) VALUES(8, 2)`,
		17: `INSERT INTO outbox_first(id, does, cycle, since) VALUES(3, 10, 1, 5)`,
		16: `INSERT INTO outbox_failure(id, side, object, cause, n, first, last) VALUES(1, 2, 4, '1003:title', 0, 5, 5)`,
	}
	if len(rows) != schemaVersion+1 {
		t.Fatalf("version %d has no row here", schemaVersion)
	}
	for version := 1; version <= schemaVersion; version++ {
		path := filepath.Join(t.TempDir(), "pair.db")
		for earlier, statement := range rows[1 : version+1] {
			old := &Workspace{path: path, keys: testKeys(t), now: time.Now, turn: make(chan struct{}, 1)}
			if err := old.openAt(int64(earlier + 1)); err != nil {
				t.Fatal(err)
			}
			if _, err := old.db.Exec(statement); err != nil {
				t.Fatalf("version %d: %v", earlier+1, err)
			}
			if err := old.db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		w := openTest(t, path)
		known, err := w.KnownLinks(context.Background(), []cycle.LinkID{1})
		if err != nil || known[0].Link.Marketo != "7" || (known[0].Out[record.Marketo] != nil) != (version >= 2) {
			t.Fatalf("from version %d: %v, %v", version, known[0].Link.Marketo, err)
		}
		if err := w.CommitPage(context.Background(), cycle.Page{Steps: []cycle.Step{step(1)}}); err != nil {
			t.Fatalf("from version %d: %v", version, err)
		}
	}
}

// TestKeptNumbersAreTrue counts by scanning what is otherwise never counted.
func TestKeptNumbersAreTrue(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	ctx := context.Background()
	for n := range 60 {
		s := step(n)
		s.Link.State = cycle.LinkState(1 + n%4)
		s.Holds = []cycle.Hold{{Field: uint16(n), Cause: "conflict", Skipped: n%5 == 0}}
		s.Events = []cycle.Event{{Kind: "linked", Field: cycle.NoField}}
		s.Out = []cycle.Row{{Side: record.Side(1 + n%2), Object: record.Person, Action: cycle.Create, State: cycle.RowState(1 + n%6), Cause: "c"}}
		if n%7 == 0 {
			s.Out[0].Refused = []cycle.Refusal{{Change: cycle.Change{Field: 3}, Cause: "c:f", Since: time.Unix(5, 0)}}
		}
		if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{s}}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		`SELECT coalesce(sum(n), 0) FROM tally WHERE name LIKE 'link.%'`:    `SELECT count(*) FROM link`,
		`SELECT coalesce(sum(n), 0) FROM tally WHERE name LIKE 'outbox.%'`:  `SELECT count(*) FROM outbox`,
		`SELECT coalesce(sum(n), 0) FROM tally WHERE name = 'hold'`:         `SELECT count(*) FROM hold WHERE skipped = 0`,
		`SELECT coalesce(sum(n), 0) FROM tally WHERE name LIKE 'refused.%'`: `SELECT count(*) FROM outbox WHERE failure IS NOT NULL AND state <> 4`,
		`SELECT coalesce(sum(n), 0) FROM outbox_failure`:                    `SELECT count(*) FROM outbox WHERE failure IS NOT NULL`,
		`SELECT n FROM tally WHERE name = 'last.history'`:                   `SELECT max(id) FROM history`,
	} {
		if kept, counted := ask(t, w, query), ask(t, w, want); kept != counted || counted == 0 {
			t.Errorf("%s: %d, counted %d", query, kept, counted)
		}
	}
}

func ask(t testing.TB, w *Workspace, query string) (n int64) {
	t.Helper()
	if err := w.look(context.Background(), "ask", func(x *tx) error {
		return x.query(query, func(r row) error { n = r.int(0); return nil })
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnOldSQLiteIsRefused(t *testing.T) {
	for version, ok := range map[string]bool{"3.51.3": true, "3.51.2": false, "3.50.9": false, "3.54.1": true, "4.0.0": true, "3.52": true, "x": false} {
		if err := checkSQLite(version); (err == nil) != ok {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(packFields([]cycle.Change{{Field: 3, Value: record.Of("x"), Prior: 1 << 63, At: time.Unix(5, 0), Ruled: true}}))
	f.Add(packHold(cycle.Hold{Salesforce: record.Of("x"), Candidates: []record.Ref{{Object: record.Lead, ID: "1"}}}))
	f.Add(packRecord(&record.Record{Object: record.Lead, ID: "1", Values: []record.Value{record.Of("a")}, Err: errors.New("e")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if fields, refused, err := unpackFields(b); err == nil {
			if again, still, err := unpackFields(packFields(fields, refused...)); err != nil || len(again) != len(fields) || len(still) != len(refused) {
				t.Fatal("fields do not survive")
			}
		}
		var h cycle.Hold
		if err := unpackHold(b, &h); err != nil && !errors.Is(err, errPacked) {
			t.Fatal(err)
		}
		if r, err := unpackRecord(b); err == nil {
			if id, err := packedID(packRecord(&r)); err != nil || id != r.ID {
				t.Fatal("a record's id is another one without the rest of it")
			}
			if again, err := unpackRecord(packRecord(&r)); err != nil || again.ID != r.ID || len(again.Values) != len(r.Values) {
				t.Fatal("a record does not survive")
			}
		}
	})
}

// openAt makes a file as an earlier version left it.
func (w *Workspace) openAt(version int64) error {
	db, err := w.connect()
	if err != nil {
		return err
	}
	w.db = db
	return w.migrateTo(context.Background(), version)
}
