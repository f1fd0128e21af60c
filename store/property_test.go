package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

var (
	addresses = []string{"ada@example.com", "eve@example.com", "bob@example.com"}
	values    = []string{"", "Ada", "Eve", "+31 20 1234", "true"}
)

// machine drives a store and a model with the same random pages and answers, and compares them after each.
type machine struct {
	store  *store.Workspace
	model  *model
	serial int
}

// TestTheStoreSaysWhatTheModelSays is the ledger's conformance: any pages, any answers, in any order.
func TestTheStoreSaysWhatTheModelSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, err := store.OpenMemory(context.Background(), keysOf(t), store.Options{Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}()
		m := &machine{store: w, model: newModel()}
		t.Repeat(map[string]func(*rapid.T){"": m.compare, "page": m.page, "send": m.send, "answer": m.answer, "join": m.join})
	})
}

// TestACrashLosesNothingThatWasKept copies the files as a crash would leave them, after every act, and opens the copy.
func TestACrashLosesNothingThatWasKept(t *testing.T) {
	dir := t.TempDir()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		home := filepath.Join(dir, fmt.Sprint(run))
		w, err := store.Open(context.Background(), filepath.Join(home, "pair.db"), keysOf(rt), store.Options{Now: clock})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := errors.Join(w.Close(), os.RemoveAll(home)); err != nil {
				rt.Error(err)
			}
		}()
		m := &machine{store: w, model: newModel()}
		for range rapid.IntRange(1, 4).Draw(rt, "acts") {
			rapid.SampledFrom([]func(*rapid.T){m.page, m.send, m.answer, m.join}).Draw(rt, "act")(rt)
		}
		copied := &machine{store: openCopy(rt, home), model: m.model}
		copied.compare(rt)
		if err := copied.store.Close(); err != nil {
			rt.Error(err)
		}
	})
}

// openCopy opens a copy of a file that is in use, with its log, as after a power cut.
func openCopy(t *rapid.T, home string) *store.Workspace {
	crashed := filepath.Join(home, "crashed")
	if err := os.MkdirAll(crashed, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pair.db", "pair.db-wal", "pair.db.session"} {
		if err := copyFile(filepath.Join(home, name), filepath.Join(crashed, name)); err != nil {
			t.Fatal(err)
		}
	}
	w, err := store.Open(context.Background(), filepath.Join(crashed, "pair.db"), keysOf(t), store.Options{Now: clock})
	if err != nil {
		t.Fatalf("open what a crash left: %v", err)
	}
	if w.Restored {
		t.Fatal("a crash was taken for a backup that was put back")
	}
	return w
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	target, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(target, source)
		err = errors.Join(err, target.Close())
	}
	return errors.Join(err, source.Close())
}

func keysOf(t *rapid.T) store.Keys {
	k, err := store.NewKeys([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (m *machine) compare(t *rapid.T) {
	want := m.model.picture(addresses, epoch)
	got, err := pictureOf(m.store, len(m.model.links)-1, addresses, values, epoch)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want, got, gocmp.AllowUnexported(record.Value{}), cmpopts.EquateEmpty(), cmpopts.IgnoreMapEntries(func(k any, v int) bool { return v == 0 })); d != "" {
		t.Fatalf("the store says something else than the model (-model +store):\n%s", d)
	}
}

func (m *machine) next() int { m.serial++; return m.serial }

func value(t *rapid.T) record.Value { return record.Of(rapid.SampledFrom(values).Draw(t, "value")) }

func moment(t *rapid.T) time.Time {
	return epoch.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "minutes")) * time.Minute)
}

// page commits steps for new links and for some that are there, sometimes twice.
func (m *machine) page(t *rapid.T) {
	p := cycle.Page{Cycle: 1, At: epoch, Feed: "feed", From: m.model.cursor["feed"], To: cycle.Cursor(fmt.Sprint(m.next()))}
	for id := 1; id < len(m.model.links); id++ {
		if l := m.model.links[id]; l.ID != 0 && rapid.Bool().Draw(t, "touched") {
			s := cycle.Step{Link: l}
			if rapid.Bool().Draw(t, "put") {
				s.PutLink = true
				s.Link.State = rapid.SampledFrom([]cycle.LinkState{cycle.Alone, cycle.Creating, cycle.Linked, cycle.Ended}).Draw(t, "state")
			}
			if s.PutLink && l.Object == record.Lead && rapid.Bool().Draw(t, "converted") {
				s.Link.Object, s.Link.Salesforce, s.Unlearn = record.Contact, record.ID(fmt.Sprintf("003%015d", m.next())), true
			}
			m.fill(t, &s)
			p.Steps = append(p.Steps, s)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "new") {
		n := m.next()
		s := cycle.Step{PutLink: true, Link: cycle.Link{Object: record.Lead, State: cycle.Linked, Salesforce: record.ID(fmt.Sprintf("00Q%015d", n)), Marketo: record.MarketoID(int64(n))}}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			s.Link.Salesforce, s.Link.Object, s.Link.State = "", record.Person, cycle.Alone
		case 1:
			s.Link.Marketo, s.Link.State = "", cycle.Creating
		case 2:
			s.Link.Marketo, s.Link.Object, s.Link.State = "", record.Account, cycle.Alone
		}
		m.fill(t, &s)
		p.Steps = append(p.Steps, s)
	}
	ctx := context.Background()
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		want, got := m.model.commit(p), m.store.CommitPage(ctx, p)
		if !errors.Is(got, want) {
			t.Fatalf("the page: %v, wanted %v", got, want)
		}
	}
}

// fill draws what a step decides.
func (m *machine) fill(t *rapid.T, s *cycle.Step) {
	for _, side := range bothSides {
		if rapid.Bool().Draw(t, "address") {
			if s.Emails == nil {
				s.Emails = map[record.Side]record.Value{}
			}
			s.Emails[side] = record.Of(rapid.SampledFrom(append([]string{""}, addresses...)).Draw(t, "email"))
		}
		if rapid.Bool().Draw(t, "row") {
			s.Out = append(s.Out, m.row(t, side))
		}
	}
	for f := range uint16(fields) {
		if rapid.IntRange(0, 2).Draw(t, "agreed") == 0 {
			s.Agreed = append(s.Agreed, cycle.Agreed{Field: f, Value: value(t)})
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "forgets") == 0 {
		s.Forget = append(s.Forget, uint16(rapid.IntRange(0, fields-1).Draw(t, "forgotten")))
	}
	s.Holds = m.holds(t)
	if rapid.Bool().Draw(t, "event") {
		s.Events = append(s.Events, m.event(t))
	}
	if known, err := m.store.KnownLinks(context.Background(), []cycle.LinkID{s.Link.ID}); err == nil && s.Link.ID != 0 && len(s.Holds) == 0 {
		for _, h := range known[0].Holds {
			s.Release = append(s.Release, h.ID)
			delete(m.model.holds, at2{s.Link.ID, h.Field})
		}
	}
	s.Recheck, s.Rechecked = rapid.Bool().Draw(t, "recheck"), rapid.Bool().Draw(t, "rechecked")
}

func (m *machine) holds(t *rapid.T) (holds []cycle.Hold) {
	for _, f := range []uint16{1, cycle.NoField} {
		if rapid.IntRange(0, 3).Draw(t, "hold") == 0 {
			h := cycle.Hold{Field: f, Cause: "conflict", Salesforce: value(t), Marketo: value(t), Since: moment(t), Skipped: rapid.Bool().Draw(t, "skipped")}
			if f == cycle.NoField {
				h = cycle.Hold{Field: f, Cause: "ambiguous", Candidates: []record.Ref{{Object: record.Person, ID: "5"}}, Since: moment(t)}
			}
			holds = append(holds, h)
		}
	}
	return holds
}

// event draws a line of history; its detail is a serial number, by which lines of one transaction are told apart.
func (m *machine) event(t *rapid.T) cycle.Event {
	e := cycle.Event{At: moment(t), Cycle: 1, Side: record.Marketo, Kind: "written", Field: 2, New: value(t), Detail: fmt.Sprintf("%06d", m.next())}
	if rapid.Bool().Draw(t, "whole") {
		e.Field, e.New = cycle.NoField, record.Value{}
	}
	return e
}

func (m *machine) row(t *rapid.T, side record.Side) cycle.Row {
	r := cycle.Row{
		Side: side, Object: record.Person, Source: "src", Lane: rapid.SampledFrom([]cycle.Lane{cycle.NowLane, cycle.CycleLane}).Draw(t, "lane"),
		Action: rapid.SampledFrom([]cycle.Action{0, cycle.Create, cycle.Update, cycle.WriteID, cycle.Delete}).Draw(t, "action"),
		First:  rapid.Bool().Draw(t, "first"), Cycle: 1, Since: moment(t), Next: moment(t),
	}
	switch r.Action {
	case cycle.Update:
		r.Target = "tgt"
		r.Fields = []cycle.Change{{Field: 1, Value: value(t), Prior: rapid.Uint64().Draw(t, "prior"), At: moment(t)}}
		if rapid.Bool().Draw(t, "loses") {
			lost := value(t)
			r.Fields[0].Lost = &lost
		}
	case cycle.WriteID:
		r.Target, r.Carry = "tgt", "carried"
	}
	return r
}

// send marks what is due as being sent.
func (m *machine) send(t *rapid.T) {
	ctx := context.Background()
	for _, side := range bothSides {
		rows, err := m.store.Due(ctx, side, epoch, rapid.IntRange(1, 5).Draw(t, "at once"))
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
			m.model.mark(at{r.Link, side})
		}
		if err := m.store.MarkSending(ctx, ids); err != nil {
			t.Fatal(err)
		}
	}
	// As after a crash: what was under way is in doubt.
	if _, err := m.store.InDoubt(ctx, 1); err != nil {
		t.Fatal(err)
	}
}

// answer acknowledges what is being sent, in every way.
func (m *machine) answer(t *rapid.T) {
	rows, err := m.store.InDoubt(context.Background(), 5)
	if err != nil {
		t.Fatal(err)
	}
	var answers []cycle.Answer
	seen := map[cycle.LinkID]bool{}
	for _, r := range rows {
		if seen[r.Link] {
			continue // a link's two answers come from two sides, in two transactions
		}
		seen[r.Link] = true
		a := cycle.Answer{
			Row: r.ID, Link: r.Link, Side: r.Side, Cycle: 2, At: epoch, Next: moment(t), Recheck: rapid.Bool().Draw(t, "recheck"),
			Outcome: rapid.SampledFrom([]cycle.Outcome{cycle.Accepted, cycle.Refused, cycle.Postponed, cycle.Void}).Draw(t, "outcome"),
		}
		switch a.Outcome {
		case cycle.Accepted:
			if rapid.Bool().Draw(t, "echo") {
				a.Echo = &cycle.Echo{Cycle: 2, Since: epoch, Fields: r.Fields}
			}
			if r.Action == cycle.Update && rapid.Bool().Draw(t, "address") {
				email := record.Of(rapid.SampledFrom(addresses).Draw(t, "its address"))
				a.Email = &email
			}
			if r.Action == cycle.Create && m.model.links[r.Link].On(r.Side) == "" {
				a.Target = record.MarketoID(int64(1000 + m.next()))
			}
			a.Agreed = []cycle.Agreed{{Field: 1, Value: value(t)}}
		case cycle.Refused, cycle.Postponed:
			a.Cause = rapid.SampledFrom([]string{"1003", "1015"}).Draw(t, "cause")
		case cycle.Void:
			a.Ended = rapid.Bool().Draw(t, "ended")
		}
		if !a.Ended && rapid.Bool().Draw(t, "then") {
			a.Then = []cycle.Row{m.row(t, r.Side.Other())}
			a.Holds = m.holds(t)
			a.Events = []cycle.Event{m.event(t)}
		}
		answers = append(answers, a)
	}
	// Within one transaction the order is the store's: that of links. Whoever ends shares its address with nobody behind it any more.
	for _, a := range slices.SortedFunc(slices.Values(answers), func(a, b cycle.Answer) int { return cmp.Compare(a.Link, b.Link) }) {
		m.model.acknowledge(a)
	}
	if err := m.store.Acknowledge(context.Background(), answers); err != nil {
		t.Fatal(err)
	}
}

// join makes one link of a person who is alone and a lead whose twin is being created.
func (m *machine) join(t *rapid.T) {
	var lead, person cycle.Link
	for _, l := range m.model.links {
		switch {
		case l.Object == record.Person && l.Salesforce == "" && l.Marketo != "" && l.State == cycle.Alone:
			person = l
		case l.Object == record.Lead && l.Marketo == "" && l.Salesforce != "" && l.State != cycle.Ended:
			lead = l
		}
	}
	if lead.ID == 0 || person.ID == 0 {
		return
	}
	s := cycle.Step{Link: lead, PutLink: true, Absorb: person.ID, Events: []cycle.Event{m.event(t)}}
	s.Link.Marketo, s.Link.State = person.Marketo, cycle.Linked
	p := cycle.Page{Steps: []cycle.Step{s}}
	if err := errors.Join(m.model.commit(p), m.store.CommitPage(context.Background(), p)); err != nil {
		t.Fatal(err)
	}
}
