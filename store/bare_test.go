package store

import (
	"context"
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
