package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// TestBareRows: what a first sync writes waits without a row of the outbox, and is told of as if it had one: an id alone, and values.
func TestBareRows(t *testing.T) {
	t.Run("ids", func(t *testing.T) { testBareRows(t, nil) })
	t.Run("values", func(t *testing.T) {
		testBareRows(t, []cycle.Change{{Field: 3, Value: record.Of("y"), Prior: 5, At: time.Unix(900, 0).UTC()}})
	})
}

func testBareRows(t *testing.T, values []cycle.Change) {
	ctx := context.Background()
	since := time.Unix(1000, 0).UTC()
	later := since.Add(time.Hour)
	leadID, person := record.ID("00Q000000000001AAA"), record.ID("7")
	lead := cycle.Row{
		Side: record.Salesforce, Object: record.Lead, Target: leadID, Source: person, Carry: person, Action: cycle.WriteID, State: cycle.Waiting,
		Lane: cycle.CycleLane, First: true, Cycle: 1, Since: since,
	}
	twin := lead
	twin.Side, twin.Object, twin.Target, twin.Source, twin.Carry = record.Marketo, record.Person, person, leadID, leadID
	lost, doubtful := int64(0), cycle.Waiting
	if values != nil {
		twin.Action, twin.Fields, twin.Carry = cycle.Update, values, ""
		lost, doubtful = 1, cycle.Sending
	}

	for name, test := range map[string]struct {
		do      func(w *Workspace, rows map[record.Side]cycle.Row) error
		want    func(lead, twin *cycle.Row) // as they are known afterwards; no action: gone
		dressed int64                       // rows of the outbox
		failed  int
	}{
		"put": {},
		"both arrive": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				return w.Acknowledge(ctx, []cycle.Answer{
					{Row: rows[1].ID, Link: 1, Side: 1, Outcome: cycle.Accepted}, {Row: rows[2].ID, Link: 1, Side: 2, Outcome: cycle.Accepted},
				})
			},
			want: func(lead, twin *cycle.Row) { lead.Action, twin.Action = 0, 0 },
		},
		"one arrives twice": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				a := []cycle.Answer{{Row: rows[1].ID, Link: 1, Side: 1, Outcome: cycle.Accepted}}
				if err := w.Acknowledge(ctx, a); err != nil {
					return err
				}
				return w.Acknowledge(ctx, a)
			},
			want: func(lead, _ *cycle.Row) { lead.Action = 0 },
		},
		"the answer is lost": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				if err := w.MarkSending(ctx, []int64{rows[1].ID, rows[2].ID}); err != nil {
					return err
				}
				doubtful, err := w.InDoubt(ctx, 10)
				if int64(len(doubtful)) != lost {
					t.Errorf("%d are in doubt: an id that is written once more is the same as once, a value is not", len(doubtful))
				}
				return err
			},
			want:    func(_, twin *cycle.Row) { twin.State = doubtful },
			dressed: lost,
		},
		"the answer of one is lost": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				if err := w.MarkSending(ctx, []int64{rows[1].ID, rows[2].ID}); err != nil {
					return err
				}
				return w.Acknowledge(ctx, []cycle.Answer{{Row: rows[1].ID, Link: 1, Side: 1, Outcome: cycle.Accepted}})
			},
			want:    func(lead, twin *cycle.Row) { lead.Action, twin.State = 0, doubtful },
			dressed: lost,
		},
		"the person becomes another": {
			do: func(w *Workspace, _ map[record.Side]cycle.Row) error {
				return w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{
					Link: cycle.Link{ID: 1, Object: record.Lead, State: cycle.Linked, Salesforce: leadID, Marketo: "8"}, PutLink: true,
				}}})
			},
			want: func(lead, twin *cycle.Row) {
				lead.Source, lead.Carry = "8", "8"
				if values == nil { // it goes with the link; what writes values stays as it was planned
					twin.Target = "8"
				}
			},
			dressed: lost,
		},
		"in doubt, for a backup was put back": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				return w.Doubt(ctx, []int64{rows[1].ID, rows[2].ID})
			},
			want:    func(lead, twin *cycle.Row) { lead.State, twin.State = cycle.Sending, cycle.Sending },
			dressed: 2,
		},
		"refused": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				return w.Acknowledge(ctx, []cycle.Answer{{Row: rows[1].ID, Link: 1, Side: 1, Outcome: cycle.Refused, Cause: "LOCKED", Next: later, At: later}})
			},
			want: func(lead, _ *cycle.Row) {
				lead.State, lead.Cause, lead.Next, lead.Tries = cycle.Failed, "LOCKED", later, 1
			},
			dressed: 1, failed: 1,
		},
		"put off": {
			do: func(w *Workspace, rows map[record.Side]cycle.Row) error {
				return w.Acknowledge(ctx, []cycle.Answer{{Row: rows[2].ID, Link: 1, Side: 2, Outcome: cycle.Postponed, Cause: "615", Next: later, At: later}})
			},
			want:    func(_, twin *cycle.Row) { twin.Cause, twin.Next, twin.Tries = "615", later, 1 },
			dressed: 1,
		},
		"asked for first": {
			do:      func(w *Workspace, _ map[record.Side]cycle.Row) error { return w.Hurry(ctx, []cycle.LinkID{1}) },
			want:    func(lead, twin *cycle.Row) { lead.Lane, twin.Lane = cycle.NowLane, cycle.NowLane },
			dressed: 2,
		},
		"a value joins it": {
			do: func(w *Workspace, _ map[record.Side]cycle.Row) error {
				with := lead
				with.Action, with.Fields = cycle.Update, []cycle.Change{{Field: 1, Value: record.Of("x"), At: since}}
				return w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{Link: cycle.Link{ID: 1}, Out: []cycle.Row{with}}}})
			},
			want: func(lead, _ *cycle.Row) {
				lead.Action, lead.Fields = cycle.Update, []cycle.Change{{Field: 1, Value: record.Of("x"), At: since}}
			},
			dressed: 1,
		},
		"taken back": {
			do: func(w *Workspace, _ map[record.Side]cycle.Row) error {
				return w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{Link: cycle.Link{ID: 1}, Out: []cycle.Row{{Side: record.Marketo, Object: record.Person}}}}})
			},
			want: func(_, twin *cycle.Row) { twin.Action = 0 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
			link := cycle.Link{Object: record.Lead, State: cycle.Linked, Salesforce: leadID, Marketo: person}
			if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{{Link: link, Out: []cycle.Row{lead, twin}}}}); err != nil {
				t.Fatal(err)
			}
			if n := ask(t, w, `SELECT count(*) FROM outbox`); n != 0 {
				t.Fatalf("%d rows of the outbox", n)
			}
			if test.do != nil {
				if err := test.do(w, knownRows(t, w)); err != nil {
					t.Fatal(err)
				}
			}
			lead, twin := lead, twin
			if test.want != nil {
				test.want(&lead, &twin)
			}
			want := map[record.Side]cycle.Row{}
			waiting := cycle.Backlog{}
			for _, r := range []cycle.Row{lead, twin} {
				if r.Action == 0 {
					continue
				}
				r.Link = 1
				want[r.Side] = r
				switch {
				case r.State == cycle.Failed:
				case r.Side == record.Salesforce:
					waiting.ToSalesforce++
				default:
					waiting.ToMarketo++
				}
			}
			got := knownRows(t, w)
			for side, r := range got {
				r.ID = 0
				got[side] = r
			}
			if d := cmp.Diff(want, got, cmp.AllowUnexported(record.Value{})); d != "" {
				t.Error(d)
			}
			backlog, err := w.Backlog(ctx)
			backlog.Oldest = 0
			if err != nil || backlog != waiting {
				t.Errorf("the backlog is %+v, %v", backlog, err)
			}
			counts, err := w.Counts(ctx)
			if err != nil || counts.Failures != test.failed || ask(t, w, `SELECT count(*) FROM outbox`) != test.dressed {
				t.Errorf("%d failures, %v, %d rows of the outbox", counts.Failures, err, ask(t, w, `SELECT count(*) FROM outbox`))
			}
			if kept, counted := ask(t, w, `SELECT coalesce(sum(n), 0) FROM tally WHERE name = 'bare'`), ask(t, w, `SELECT count(*) FROM outbox_first`); kept != counted {
				t.Errorf("%d bare rows by the number kept, %d counted", kept, counted)
			}
		})
	}
}

func knownRows(t *testing.T, w *Workspace) map[record.Side]cycle.Row {
	t.Helper()
	known, err := w.KnownLinks(context.Background(), []cycle.LinkID{1})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[record.Side]cycle.Row{}
	for side, r := range known[0].Out {
		rows[side] = *r
	}
	return rows
}

// TestBareRowsComeInPages: what is planned, what is due and what a bulk job carries are read in pages, each row once.
func TestBareRowsComeInPages(t *testing.T) {
	ctx := context.Background()
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	const pairs = 7
	plantBare(t, w, pairs, func(n int, lead *cycle.Row) {
		if n == 0 { // one that is a row of the outbox, for it is asked for first
			lead.Lane = cycle.NowLane
		}
	})
	pages := func(read func(after int64) ([]cycle.Row, error)) int {
		seen := map[int64]bool{}
		for after := int64(0); ; {
			rows, err := read(after)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				return len(seen)
			}
			for _, r := range rows {
				if seen[r.ID] || r.ID <= after {
					t.Fatalf("row %d comes twice or out of order", r.ID)
				}
				seen[r.ID], after = true, r.ID
			}
		}
	}
	if n := pages(func(after int64) ([]cycle.Row, error) { return w.RowsAfter(ctx, after, 3) }); n != 2*pairs {
		t.Errorf("%d rows are planned", n)
	}
	if n := pages(func(after int64) ([]cycle.Row, error) {
		return w.Carriers(ctx, record.Salesforce, record.Lead, time.Unix(5000, 0), after, 3)
	}); n != pairs {
		t.Errorf("a bulk job carries %d ids", n)
	}
	if n := pages(func(after int64) ([]cycle.Row, error) {
		return w.Carriers(ctx, record.Marketo, record.Person, time.Unix(5000, 0), after, 3)
	}); n != pairs {
		t.Errorf("a file carries %d ids", n)
	}
	due, err := w.Due(ctx, record.Salesforce, time.Unix(5000, 0), 5)
	if err != nil || len(due) != 5 || due[0].Lane != cycle.NowLane {
		t.Errorf("%d rows are due, %v", len(due), err)
	}
	if n, err := w.RecheckWaiting(ctx); err != nil || n != pairs {
		t.Errorf("%d are read afresh, %v", n, err)
	}
}

// plantBare makes pairs that wait for each other's id, and are numbered from 1 on.
func plantBare(t *testing.T, w *Workspace, pairs int, change func(n int, lead *cycle.Row)) {
	t.Helper()
	var steps []cycle.Step
	for n := range pairs {
		s := step(n)
		s.Link = cycle.Link{Object: record.Lead, State: cycle.Linked, Salesforce: s.Link.Salesforce, Marketo: record.MarketoID(int64(n + 1))}
		row := cycle.Row{Action: cycle.WriteID, Lane: cycle.CycleLane, First: true, Cycle: 1, Since: time.Unix(1000, 0)}
		lead, twin := row, row
		lead.Side, lead.Object, lead.Target, lead.Source, lead.Carry = record.Salesforce, record.Lead, s.Link.Salesforce, s.Link.Marketo, s.Link.Marketo
		twin.Side, twin.Object, twin.Target, twin.Source, twin.Carry = record.Marketo, record.Person, s.Link.Marketo, s.Link.Salesforce, s.Link.Salesforce
		change(n, &lead)
		s.Out = []cycle.Row{lead, twin}
		steps = append(steps, s)
	}
	if err := w.CommitPage(context.Background(), cycle.Page{Steps: steps}); err != nil {
		t.Fatal(err)
	}
}

// TestBareRowsOfOthersStay: of a batch that left somebody out for later, and of which somebody was taken by a person meanwhile, exactly the
// others are done with.
func TestBareRowsOfOthersStay(t *testing.T) {
	ctx := context.Background()
	const pairs = 60
	for _, leftOut := range [][]cycle.LinkID{{}, {4}, {30}, {4, 5, 59}, {2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28}} {
		for _, taken := range [][]cycle.LinkID{{}, {3}, {1}, {31}, {3, 29, 60}} {
			w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
			plantBare(t, w, pairs, func(int, *cycle.Row) {})
			var answers []cycle.Answer
			for link := cycle.LinkID(1); link <= pairs; link++ {
				if !slices.Contains(leftOut, link) {
					answers = append(answers, cycle.Answer{Row: newQueue(record.Marketo, turnPerson).id(link), Link: link, Side: record.Marketo, Outcome: cycle.Accepted})
				}
			}
			if err := w.Hurry(ctx, taken); err != nil {
				t.Fatal(err)
			}
			if err := w.Acknowledge(ctx, answers); err != nil {
				t.Fatal(err)
			}
			var left []cycle.LinkID
			due, err := w.Due(ctx, record.Marketo, time.Unix(5000, 0), pairs)
			for _, r := range due {
				left = append(left, r.Link)
			}
			slices.Sort(left)
			if want := sorted(append(slices.Clone(leftOut), taken...)); err != nil || !slices.Equal(left, want) {
				t.Errorf("without %v, and with %v taken: %v are due, want %v, %v", leftOut, taken, left, want, err)
			}
			if kept, counted := ask(t, w, `SELECT coalesce(sum(n), 0) FROM tally WHERE name = 'bare'`), ask(t, w, `SELECT count(*) FROM outbox_first`); kept != counted {
				t.Errorf("%d bare rows by the number kept, %d counted", kept, counted)
			}
		}
	}
}

// TestBareRowsOfOtherRecords: companies, opportunities and their roles that a first sync makes in Marketo wait as bare rows, come in the order
// in which Marketo needs them, companies before the people and opportunities behind them, and are known by what became of them.
func TestBareRowsOfOtherRecords(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(5000, 0).UTC()
	const each = 30
	kinds := []struct {
		object record.Object // in Salesforce
		twin   record.Object
		prefix string
	}{
		{record.OpportunityContactRole, record.OpportunityRole, "00K"}, {record.Opportunity, record.MarketoOpportunity, "006"},
		{record.Contact, record.Person, "003"}, {record.Account, record.Company, "001"},
	}
	value := cycle.Change{Field: 2, Value: record.Of("v"), Prior: 5, At: time.Unix(900, 0).UTC()}
	open := func(t *testing.T) *Workspace {
		w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
		var steps []cycle.Step
		for _, k := range kinds {
			for n := range each {
				id := record.ID(fmt.Sprintf("%s0000000000%02dAAA", k.prefix, n))
				steps = append(steps, cycle.Step{Link: cycle.Link{Object: k.object, State: cycle.Creating, Salesforce: id}, Out: []cycle.Row{{
					Side: record.Marketo, Object: k.twin, Source: id, Action: cycle.Create, Lane: cycle.CycleLane, First: true, Cycle: 1,
					Since: time.Unix(1000, 0).UTC(), Fields: []cycle.Change{value},
				}}})
			}
		}
		if err := w.CommitPage(ctx, cycle.Page{Steps: steps}); err != nil {
			t.Fatal(err)
		}
		return w
	}
	due := func(t *testing.T, w *Workspace, limit int, but ...record.Object) []cycle.Row {
		t.Helper()
		rows, err := w.Due(ctx, record.Marketo, now, limit, but...)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	objects := func(rows []cycle.Row) (in []record.Object) {
		for _, r := range rows {
			if len(in) == 0 || in[len(in)-1] != r.Object {
				in = append(in, r.Object)
			}
		}
		return in
	}
	inOrder := []record.Object{record.Company, record.Person, record.MarketoOpportunity, record.OpportunityRole}

	t.Run("in their order", func(t *testing.T) {
		w := open(t)
		if n := ask(t, w, `SELECT count(*) FROM outbox`); n != 0 {
			t.Errorf("%d rows of the outbox", n)
		}
		if got := objects(due(t, w, 4*each)); !slices.Equal(got, inOrder) {
			t.Errorf("they come as %v", got)
		}
		if got := due(t, w, each); len(got) != each || got[0].Object != record.Company || got[each-1].Object != record.Company {
			t.Errorf("first come %d, %v", len(got), objects(got))
		}
		if got := objects(due(t, w, 4*each, record.Person)); !slices.Equal(got, slices.DeleteFunc(slices.Clone(inOrder), record.Object.IsPerson)) {
			t.Errorf("without people they come as %v", got)
		}
		want := cycle.Row{
			ID: due(t, w, 1)[0].ID, Link: 3*each + 1, Side: record.Marketo, Object: record.Company, Source: "001000000000000AAA", Action: cycle.Create,
			State: cycle.Waiting, Lane: cycle.CycleLane, First: true, Cycle: 1, Since: time.Unix(1000, 0).UTC(), Fields: []cycle.Change{value},
		}
		if d := cmp.Diff(want, due(t, w, 1)[0], cmp.AllowUnexported(record.Value{})); d != "" {
			t.Error(d)
		}
	})
	t.Run("beside rows of the outbox", func(t *testing.T) {
		w := open(t)
		if err := w.Hurry(ctx, []cycle.LinkID{1, each + 1}); err != nil {
			t.Fatal(err)
		}
		if err := w.Acknowledge(ctx, []cycle.Answer{{Row: due(t, w, 3)[2].ID, Link: 3*each + 1, Side: record.Marketo, Outcome: cycle.Postponed, Next: now, At: now}}); err != nil {
			t.Fatal(err)
		}
		got := due(t, w, 4*each)
		if want := append([]record.Object{record.MarketoOpportunity, record.OpportunityRole}, inOrder...); len(got) != 4*each || !slices.Equal(objects(got), want) {
			t.Errorf("%d come, as %v", len(got), objects(got))
		}
		seen := map[cycle.LinkID]bool{}
		for _, r := range got {
			if seen[r.Link] {
				t.Errorf("the row of link %d comes twice", r.Link)
			}
			seen[r.Link] = true
		}
	})
	t.Run("while others are under way", func(t *testing.T) {
		w := open(t)
		var flight []int64
		for _, r := range due(t, w, 2*each+each/2) { // of the opportunities the first half
			if r.Link%3 != 0 { // some are left out, to fill calls
				flight = append(flight, r.ID)
			}
		}
		if err := w.MarkSending(ctx, flight); err != nil {
			t.Fatal(err)
		}
		got := due(t, w, 4*each)
		if len(got) != 4*each-len(flight) || !slices.Equal(objects(got), inOrder) {
			t.Errorf("%d come beside %d, as %v", len(got), len(flight), objects(got))
		}
	})
	t.Run("answered", func(t *testing.T) {
		w := open(t)
		var answers []cycle.Answer
		rows := due(t, w, 4*each)
		for n, r := range rows {
			a := cycle.Answer{Row: r.ID, Link: r.Link, Side: r.Side, Outcome: cycle.Accepted, At: now, Target: record.ID(fmt.Sprintf("twin %d", n)), Agreed: []cycle.Agreed{{Field: 2, Value: value.Value}}}
			switch {
			case r.Object == record.Person:
				a.Target = record.MarketoID(int64(n))
			case r.Object == record.OpportunityRole:
				a = cycle.Answer{Row: r.ID, Link: r.Link, Side: r.Side, Outcome: cycle.Refused, Cause: "1006", At: now, Next: now}
			}
			answers = append(answers, a)
		}
		for range 2 { // the second time nobody is there any more
			if err := w.Acknowledge(ctx, answers[:3*each]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Acknowledge(ctx, answers[3*each:]); err != nil {
			t.Fatal(err)
		}
		for n, r := range rows {
			known, err := w.KnownLinks(ctx, []cycle.LinkID{r.Link})
			if err != nil {
				t.Fatal(err)
			}
			k, waits := known[0], known[0].Out[record.Marketo]
			if r.Object == record.OpportunityRole {
				if k.Link.State != cycle.Creating || waits == nil || waits.State != cycle.Failed || waits.Object != r.Object || waits.Action != cycle.Create || !slices.Equal(waits.Fields, r.Fields) {
					t.Errorf("a refused role is %v, and its row %+v", k.Link.State, waits)
				}
			} else if k.Link.State != cycle.Linked || k.Link.Marketo != answers[n].Target || waits != nil {
				t.Errorf("%s %d is %v with %q, and its row %+v", r.Object, r.Link, k.Link.State, k.Link.Marketo, waits)
			}
		}
		if kept, there := ask(t, w, `SELECT coalesce(sum(n), 0) FROM tally WHERE name = 'bare'`), ask(t, w, `SELECT count(*) FROM outbox_first`); kept != 0 || there != 0 {
			t.Errorf("%d bare rows by the number kept, %d counted", kept, there)
		}
		if backlog, err := w.Backlog(ctx); err != nil || backlog.ToMarketo != 0 {
			t.Errorf("the backlog is %+v, %v", backlog, err)
		}
	})
	t.Run("synced no more", func(t *testing.T) {
		w := open(t)
		if err := w.Withdraw(ctx, record.OpportunityRole); err != nil {
			t.Fatal(err)
		}
		if got := due(t, w, 4*each); len(got) != 3*each || !slices.Equal(objects(got), inOrder[:3]) {
			t.Errorf("%d come, as %v", len(got), objects(got))
		}
		if backlog, err := w.Backlog(ctx); err != nil || backlog.ToMarketo != 3*each {
			t.Errorf("the backlog is %+v, %v", backlog, err)
		}
	})
	t.Run("in doubt", func(t *testing.T) {
		w := open(t)
		rows := due(t, w, 4*each)
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		if err := w.MarkSending(ctx, ids); err != nil {
			t.Fatal(err)
		}
		doubtful, err := w.InDoubt(ctx, 5*each) // as after a crash: it is not known which of them were made
		if err != nil || len(doubtful) != len(rows) {
			t.Fatalf("%d of %d are in doubt, %v", len(doubtful), len(rows), err)
		}
		of := map[cycle.LinkID]record.Object{}
		for _, r := range rows {
			of[r.Link] = r.Object
		}
		for _, r := range doubtful {
			if r.Object != of[r.Link] || r.State != cycle.Sending || len(r.Fields) != 1 {
				t.Errorf("in doubt is %+v", r)
			}
		}
	})
}
