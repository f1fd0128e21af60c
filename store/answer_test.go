package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// sending commits a step with one row and marks that row as being sent.
func sending(t testing.TB, w *store.Workspace, s cycle.Step) cycle.Row {
	t.Helper()
	commit(t, w, s)
	rows := due(t, w, s.Out[0].Side)
	if len(rows) != 1 {
		t.Fatalf("%d rows are due, not one", len(rows))
	}
	must(t, w.MarkSending(context.Background(), []int64{rows[0].ID}))
	return rows[0]
}

func acknowledge(t testing.TB, w *store.Workspace, a cycle.Answer) {
	t.Helper()
	if a.At.IsZero() {
		a.At = epoch
	}
	must(t, w.Acknowledge(context.Background(), []cycle.Answer{a}))
}

func doubtful(t testing.TB, w *store.Workspace) []cycle.Row {
	t.Helper()
	rows, err := w.InDoubt(context.Background(), 10)
	must(t, err)
	return rows
}

func withRow(s cycle.Step, r cycle.Row) cycle.Step {
	s.Out = append(s.Out, r)
	return s
}

func TestWhatIsBeingSentIsInDoubtUntilItIsAnswered(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		row := sending(t, w, withRow(pair(), update(change(0, "Eve"))))
		if rows := due(t, w, record.Marketo); len(rows) != 0 {
			t.Fatal("a row that is being sent is due")
		}
		if known(t, w, record.Marketo, "7").Out[record.Marketo].State != cycle.Sending {
			t.Fatal("a row that is being sent waits")
		}
		row.State = cycle.Sending
		diff(t, "what is in doubt", doubtful(t, w), []cycle.Row{row})
		must(t, w.MarkSending(context.Background(), []int64{row.ID, 99})) // again, and one that is none
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: cycle.Accepted, Agreed: []cycle.Agreed{{Field: 0, Value: record.Of("Eve")}}})
		if len(doubtful(t, w)) != 0 {
			t.Fatal("an answered row is in doubt")
		}
		k := known(t, w, record.Marketo, "7")
		if k.Out[record.Marketo] != nil || !k.Baseline.Same(0, record.Of("Eve")) || !k.Baseline.Same(2, record.Of("")) {
			t.Fatal("an accepted row is still there, or its value is not agreed upon")
		}
	})
}

func TestAnAcceptedCreationMakesAPair(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		creation := cycle.Step{
			Link: cycle.Link{Object: record.Lead, Salesforce: leadID, State: cycle.Creating}, PutLink: true,
			Out: []cycle.Row{{Side: record.Marketo, Object: record.Person, Source: leadID, Action: cycle.Create, Fields: []cycle.Change{change(0, "Ada")}, Carry: leadID}},
		}
		row := sending(t, w, creation)
		acknowledge(t, w, cycle.Answer{
			Row: row.ID, Link: row.Link, Side: record.Marketo, Outcome: cycle.Accepted, Target: "12", Agreed: []cycle.Agreed{{Field: 0, Value: record.Of("Ada")}},
			Then:    []cycle.Row{{Side: record.Salesforce, Object: record.Lead, Target: leadID, Source: "12", Action: cycle.WriteID, Carry: "12"}},
			Events:  []cycle.Event{{At: epoch, Side: record.Marketo, Kind: "created", Field: cycle.NoField}},
			Recheck: true,
		})
		k := known(t, w, record.Marketo, "12")
		diff(t, "the link", k.Link, cycle.Link{ID: 1, Object: record.Lead, Salesforce: leadID, Marketo: "12", State: cycle.Linked})
		if next := k.Out[record.Salesforce]; next == nil || next.Carry != "12" || next.Link != 1 {
			t.Fatal("what comes next was not planned")
		}
		again, err := w.Rechecks(context.Background(), 5)
		must(t, err)
		diff(t, "what is read afresh", again, []cycle.LinkID{1})
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Rechecked: true})
		if again, err = w.Rechecks(context.Background(), 5); err != nil || len(again) != 0 {
			t.Fatal("a link that was read afresh is still on the list", err)
		}
	})
}

func TestACompanyHasNoIDAndIsAPairAllTheSame(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		const account record.ID = "001000000000001AAA"
		row := sending(t, w, cycle.Step{
			Link: cycle.Link{Object: record.Account, Salesforce: account, State: cycle.Creating}, PutLink: true,
			Out: []cycle.Row{{Side: record.Marketo, Object: record.Company, Source: account, Action: cycle.Create}},
		})
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: row.Link, Side: record.Marketo, Outcome: cycle.Accepted})
		diff(t, "the link", known(t, w, record.Salesforce, account).Link, cycle.Link{ID: 1, Object: record.Account, Salesforce: account, State: cycle.Linked})
	})
}

func TestTheAnswersThatDoNotEndARow(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		row := sending(t, w, withRow(pair(), update(change(0, "Eve"))))
		later := epoch.Add(time.Minute)
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Postponed, Next: later, Cause: "1015"})
		stored := known(t, w, record.Marketo, "7").Out[record.Marketo]
		if stored.State != cycle.Waiting || stored.Tries != 1 || !stored.Next.Equal(later) || stored.Cause != "1015" {
			t.Fatalf("postponed: state %d, tries %d, next %v", stored.State, stored.Tries, stored.Next)
		}
		if len(due(t, w, record.Marketo)) != 0 {
			t.Fatal("a postponed row is due before its time")
		}
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Refused, Next: later, Cause: "1003"})
		stored = known(t, w, record.Marketo, "7").Out[record.Marketo]
		if stored.State != cycle.Failed || stored.Tries != 2 || stored.Cause != "1003" {
			t.Fatalf("refused: state %d, tries %d", stored.State, stored.Tries)
		}
		if known(t, w, record.Marketo, "7").Baseline.Same(0, record.Of("Eve")) {
			t.Fatal("a refused value is agreed upon")
		}
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{update(change(0, "Eva"))}})
		if rows := due(t, w, record.Marketo); len(rows) != 1 || rows[0].Cause != "" {
			t.Fatal("a refused row whose content changed does not wait again")
		}
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Void})
		if known(t, w, record.Marketo, "7").Out[record.Marketo] != nil {
			t.Fatal("a void row is still there")
		}
	})
}

func TestWhatWasWrittenIsKnownUntilItsEchoWasRead(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		link := withRow(pair(), update(change(0, "Eve")))
		for n, name := range []string{"Eve", "Eva"} { // written to twice in one cycle
			row := sending(t, w, link)
			echo := &cycle.Echo{Cycle: 4, Since: time.Unix(int64(n+1), 0).UTC(), Fields: row.Fields}
			acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Accepted, Cycle: 4, Echo: echo})
			must(t, w.Forget(context.Background(), 4))
			k := known(t, w, record.Marketo, "7")
			if k.Out[record.Marketo] != nil {
				t.Fatal("what was written waits still")
			}
			if len(k.Echoes) != n+1 || k.Echoes[n].Fields[0].Value != record.Of(name) || k.Echoes[n].Fields[0].Prior != 99 || !k.Echoes[n].Since.Equal(echo.Since) {
				t.Fatalf("%d writes are known, want %d", len(k.Echoes), n+1)
			}
			link = cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{update(change(0, "Eva"))}}
		}
		must(t, w.Forget(context.Background(), 5))
		if k := known(t, w, record.Marketo, "7"); len(k.Echoes) != 0 {
			t.Fatal("an echo was not forgotten")
		}
	})
}

func TestOfAnEchoThatWasHeardWhatIsLeftIsKnown(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		row := sending(t, w, withRow(pair(), update(change(0, "Eve"), change(1, "Adams"))))
		acknowledge(t, w, cycle.Answer{
			Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Accepted, Cycle: 4, Echo: &cycle.Echo{Cycle: 4, Since: epoch, Fields: row.Fields},
		})
		for left := 1; left >= 0; left-- {
			e := known(t, w, record.Marketo, "7").Echoes[0]
			e.Fields = e.Fields[:left]
			must(t, w.CommitPage(context.Background(), cycle.Page{Heard: []cycle.Echo{e}}))
			switch k := known(t, w, record.Marketo, "7"); {
			case left == 0 && len(k.Echoes) != 0:
				t.Error("an echo that was heard whole is still listened for")
			case left == 1:
				diff(t, "what is listened for", k.Echoes, []cycle.Echo{e})
			}
		}
	})
}

// TestARowThatIsReplacedOnItsWayOutIsSentToo: between being read and being marked a row can be replaced by what the other side's
// answer plans. What was sent is the older one.
func TestARowThatIsReplacedOnItsWayOutIsSentToo(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		commit(t, w, withRow(pair(), update(change(0, "Eve"))))
		older := due(t, w, record.Marketo)[0]
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{update(change(0, "Eva"))}})
		must(t, w.MarkSending(context.Background(), []int64{older.ID}))
		acknowledge(t, w, cycle.Answer{Row: older.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Accepted, Agreed: []cycle.Agreed{{Field: 0, Value: record.Of("Eve")}}})
		if rows := due(t, w, record.Marketo); len(rows) != 1 || rows[0].Fields[0].Value != record.Of("Eva") {
			t.Fatal("a row that was never sent counts as sent")
		}
	})
}

func TestAnAnswerToAReplacedRowLeavesTheNewOneAlone(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		row := sending(t, w, withRow(pair(), update(change(0, "Eve"))))
		commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{update(change(0, "Eva"))}})
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Accepted, Agreed: []cycle.Agreed{{Field: 0, Value: record.Of("Eve")}}})
		rows := due(t, w, record.Marketo)
		if len(rows) != 1 || rows[0].ID == row.ID || rows[0].Fields[0].Value != record.Of("Eva") {
			t.Fatal("the answer to an older row took the newer one away")
		}
		if !known(t, w, record.Marketo, "7").Baseline.Same(0, record.Of("Eve")) {
			t.Fatal("what was accepted is not agreed upon")
		}
	})
}

func TestATargetThatIsGoneEndsTheLink(t *testing.T) {
	both(t, func(t *testing.T, w *store.Workspace) {
		s := withRow(pair(), update(change(0, "Eve")))
		s.Holds = []cycle.Hold{{Field: 3, Cause: "conflict", Since: epoch}}
		row := sending(t, w, s)
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 1, Side: record.Marketo, Outcome: cycle.Void, Ended: true})
		k := known(t, w, record.Marketo, "7")
		if k.Link.State != cycle.Ended || len(k.Out) != 0 || len(k.Holds) != 0 {
			t.Fatalf("state %d, %d rows, %d holds", k.Link.State, len(k.Out), len(k.Holds))
		}
	})
}

func TestACreationThatMetSomebody(t *testing.T) {
	create := func(t *testing.T, w *store.Workspace, met cycle.Step) cycle.Known {
		commit(t, w, met)
		row := sending(t, w, cycle.Step{
			Link: cycle.Link{Object: record.Lead, Salesforce: otherID, State: cycle.Creating}, PutLink: true,
			Out: []cycle.Row{{Side: record.Marketo, Object: record.Person, Source: otherID, Action: cycle.Create}},
		})
		acknowledge(t, w, cycle.Answer{Row: row.ID, Link: 2, Side: record.Marketo, Outcome: cycle.Accepted, Target: "7"})
		return known(t, w, record.Salesforce, otherID)
	}
	t.Run("who was alone becomes its other half", func(t *testing.T) {
		w := openMemory(t)
		k := create(t, w, cycle.Step{
			Link: cycle.Link{Object: record.Person, Marketo: "7", State: cycle.Alone}, PutLink: true,
			Emails: map[record.Side]record.Value{record.Marketo: record.Of("ada@example.com")},
			Events: []cycle.Event{{At: epoch, Kind: "held", Field: cycle.NoField}},
		})
		want := cycle.Link{ID: 2, Object: record.Lead, Salesforce: otherID, Marketo: "7", State: cycle.Linked}
		diff(t, "the link", k.Link, want)
		diff(t, "the link by the person", known(t, w, record.Marketo, "7").Link, want)
		found, err := w.ByEmail(context.Background(), []record.Value{record.Of("ada@example.com")})
		must(t, err)
		diff(t, "who has the address", found, [][]cycle.Link{{want}})
	})
	t.Run("who is in another pair stays there", func(t *testing.T) {
		w := openMemory(t)
		k := create(t, w, pair())
		if k.Link.State != cycle.Alone || k.Link.Marketo != "" || len(k.Holds) != 1 || k.Holds[0].Cause != "taken" || k.Holds[0].Candidates[0].ID != "7" {
			t.Fatalf("the link is in state %d with %d holds", k.Link.State, len(k.Holds))
		}
		if owner := known(t, w, record.Marketo, "7").Link; owner.Salesforce != leadID || owner.State != cycle.Linked {
			t.Fatal("the other pair was torn")
		}
	})
}
