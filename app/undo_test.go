package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/store"
)

// Any value that was written over can be put back, singly and by cycle, on both sides: also one that nobody lost to a conflict, and one
// that a person had as a lead. What somebody changed since stays, and what was created is not taken away.
func TestWhatWasWrittenOverCanBePutBack(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		var people []*life
		for range 4 {
			people = append(people, s.born(tale{}))
		}
		s.sync()
		s.sync()
		for _, l := range people {
			l.find()
			s.set(l.lead, "Title", "Told early")
		}
		s.sync()
		sales, marketing, both, later := people[0], people[1], people[2], people[3]
		s.set(sales.lead, "Title", "By sales")
		s.setPerson(marketing.person, "title", "By marketing")
		s.set(both.lead, "Title", "Lost to marketing")
		s.setPerson(both.person, "title", "Won by marketing")
		s.set(later.lead, "Title", "By sales")
		cycle := s.sync().Cycle.N
		s.sync()
		s.set(later.lead, "Title", "Changed since")
		s.sync()
		stands := func(l *life, want string) {
			t.Helper()
			a, _ := s.salesforce(l.lead, "Title")
			b, _ := s.marketo(l.person, "title")
			if a != want || b != want {
				t.Errorf("%s holds %q in Salesforce and %q in Marketo, wanted %q", l.name, a, b, want)
			}
		}
		yes := func(UndoResult) (bool, error) { return true, nil }
		undo := func(o UndoOptions, sure func(UndoResult) (bool, error)) UndoResult {
			t.Helper()
			r, err := s.a.Undo(t.Context(), sampleName, o, sure)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		// First it is only said.
		if r := undo(UndoOptions{Cycle: cycle}, func(UndoResult) (bool, error) { return false, nil }); r.Done || len(r.Changes) != 3 || len(r.Left) != 1 {
			t.Errorf("the cycle comes to %+v", r)
		}
		stands(sales, "By sales")
		// One change, then the rest of the cycle with it, of which nothing but that is left.
		if r := undo(UndoOptions{Change: s.change(marketing, "written", "By marketing")}, yes); !r.Done || len(r.Changes) != 1 {
			t.Errorf("one change comes to %+v", r)
		}
		stands(marketing, "Told early")
		if r := undo(UndoOptions{Cycle: cycle}, yes); !r.Done || len(r.Changes) != 2 || len(r.Left) != 2 {
			t.Errorf("the rest of the cycle comes to %+v", r)
		}
		stands(sales, "Told early")
		stands(both, "Lost to marketing")
		stands(later, "Changed since")
		undo(UndoOptions{Change: s.change(later, "written", "By sales")}, yes)
		stands(later, "Told early")
		undo(UndoOptions{Record: sales.email}, yes) // what was put back is a change like others
		stands(sales, "By sales")
		s.sync()
		before := s.pair.Journal()
		s.sync()
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			if n := s.pair.Journal().Of(side).Writes - before.Of(side).Writes; n != 0 {
				t.Errorf("a quiet pair was written to: %d records in %s", n, side)
			}
		}
	})
}

// A write whose answer was lost, and which is found to stand, is put back with its cycle like any other: found in the same cycle, or a day later,
// where the program was ended in between.
func TestWhatWasFoundToStandCanBePutBack(t *testing.T) {
	for name, later := range map[string]time.Duration{"at once": 0, "a day later": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := newTown(t, home, "")
				id := s.make("Lead", map[string]string{"LastName": "Found", "Company": "Found GmbH", "Title": "Title before"})
				s.later()
				person, _ := s.salesforce(id, "Marketo_Person_Id__c")
				s.setPerson(person, "city", "City before")
				s.later()
				s.set(id, "Title", "Title after")
				for _, city := range []string{"City between", "City after"} {
					s.setPerson(person, "city", city)
				}
				s.setPerson(person, "fax", "+49 30 1")
				before := s.written()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				lost := &losing{RoundTripper: s.line.next, wrote: map[record.Side]func() bool{
					record.Salesforce: func() bool { city, _ := s.salesforce(id, "City"); return city == "City after" },
					record.Marketo:    func() bool { title, _ := s.marketo(person, "title"); return title == "Title after" },
				}}
				if later > 0 {
					lost.then = cancel
				}
				s.line.next = lost
				found, err := s.a.Sync(ctx, sampleName, SyncOptions{})
				s.line.next = lost.RoundTripper
				if len(lost.wrote) > 0 || (err != nil) != (later > 0) {
					t.Fatalf("%d sides got no writes: %v", len(lost.wrote), err)
				}
				if later > 0 {
					time.Sleep(later)
					found = s.sync()
				}
				for field, n := range s.written() {
					if n -= before[field]; n != map[string]int{"Title": 1, "City": 1, "Fax": 1}[field] {
						t.Errorf("of %s, %d values count as written", field, n)
					}
				}
				r, err := s.a.Undo(t.Context(), sampleName, UndoOptions{Cycle: found.Cycle.N}, func(UndoResult) (bool, error) { return true, nil })
				s.must(err)
				s.sync()
				for field, want := range map[string]string{"Title": "Title before", "City": "City before", "Fax": ""} {
					ours, _ := s.salesforce(id, field)
					if theirs, _ := s.marketo(person, strings.ToLower(field)); ours != want || theirs != want {
						t.Errorf("%s is %q and %q, wanted %q: %+v", field, ours, theirs, want, r)
					}
				}
			})
		})
	}
}

// written is how many values of each field of leads count as written.
func (s *town) written() map[string]int {
	s.t.Helper()
	counts := map[string]int{}
	s.must(s.a.within(s.t.Context(), sampleName, func(w *store.Workspace) error {
		m, err := mappingOf(s.t.Context(), w)
		if err != nil {
			return err
		}
		values, _, err := w.Written(s.t.Context(), time.Time{})
		object, _ := m.Object(record.Lead)
		for _, f := range object.Fields {
			counts[f.Salesforce] = values[record.Lead][f.Number]
		}
		return err
	}))
	return counts
}

// losing is a line on which the answer to the first write of each side is lost; then comes after the last of them.
type losing struct {
	http.RoundTripper
	mu    sync.Mutex
	wrote map[record.Side]func() bool
	then  func()
}

func (l *losing) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(q)
	if err != nil || q.Method == http.MethodGet {
		return answer, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for side, wrote := range l.wrote {
		if wrote() {
			if delete(l.wrote, side); len(l.wrote) == 0 && l.then != nil {
				l.then()
			}
			return nil, errors.Join(io.ErrUnexpectedEOF, answer.Body.Close())
		}
	}
	return answer, err
}

// What is put back on a lead that was converted a moment before stands on the contact.
func TestWhatIsPutBackFollowsAConversion(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		l := s.born(tale{})
		s.sync()
		s.sync()
		l.find()
		s.set(l.lead, "Title", "Told early")
		s.sync()
		s.setPerson(l.person, "title", "By marketing")
		s.sync()
		l.convert(org.Conversion{})
		if _, err := s.a.Undo(t.Context(), sampleName, UndoOptions{Change: s.change(l, "written", "By marketing")}, func(UndoResult) (bool, error) { return true, nil }); err != nil {
			t.Fatal(err)
		}
		s.sync()
		s.sync()
		contact, _ := s.salesforce(l.record, "Title")
		person, _ := s.marketo(l.person, "title")
		if contact != "Told early" || person != "Told early" {
			t.Errorf("the contact holds %q and its person %q", contact, person)
		}
	})
}

// Somebody who edits what is being put back goes before it, and the history says that it was not put back.
func TestWhatIsEditedIsNotPutBack(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		l := s.born(tale{})
		s.sync()
		s.sync()
		l.find()
		for _, title := range []string{"First", "Second"} {
			s.set(l.lead, "Title", title)
			s.sync()
		}
		_, err := s.a.Undo(t.Context(), sampleName, UndoOptions{Change: s.change(l, "written", "Second")}, func(UndoResult) (bool, error) {
			s.set(l.lead, "Title", "Third")
			return true, nil
		})
		s.must(err)
		s.sync()
		sales, _ := s.salesforce(l.lead, "Title")
		if marketing, _ := s.marketo(l.person, "title"); sales != "Third" || marketing != "Third" {
			t.Errorf("the title is %q in Salesforce and %q in Marketo", sales, marketing)
		}
		_, events := l.link(l.lead)
		if n := len(slices.DeleteFunc(events, func(e store.Event) bool { return e.Kind != "overwrote" || e.Old.Text() != "First" })); n != 1 {
			t.Errorf("%d lines of history say that it was not put back", n)
		}
	})
}

// change is the number of the line of a person's history that tells of a value.
func (s *town) change(l *life, kind, value string) (id int64) {
	s.t.Helper()
	_, events := l.link(l.lead)
	for _, e := range events {
		if e.Kind == kind && e.New.Text() == value {
			id = e.ID
		}
	}
	if id == 0 {
		s.t.Fatal(fmt.Sprintf("the history of %s does not tell of %q", l.name, value), kinds(events))
	}
	return id
}

func kinds(events []store.Event) (list []string) {
	for _, e := range events {
		list = append(list, e.Kind)
	}
	return list
}

// A value that Marketo had blank does not go back where Salesforce requires one: everything else of the record does.
func TestWhatIsRequiredIsNotPutBackToNothing(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		lead := s.make("Lead", map[string]string{"LastName": "Undone", "Company": "Undone GmbH", "Email": "undone@lives.example", "Title": "Of Salesforce"})
		person := s.makePerson(map[string]string{"lastName": "Undone", "email": "undone@lives.example", "title": "Of Marketo"})
		s.sync()
		s.sync()
		if status, _ := s.marketo(person, "leadStatus"); status == "" {
			t.Fatal("Marketo was not given the status")
		}
		r, err := s.a.Undo(t.Context(), sampleName, UndoOptions{Record: lead}, func(UndoResult) (bool, error) { return true, nil })
		s.must(err)
		s.sync()
		ours, _ := s.salesforce(lead, "Title")
		theirs, _ := s.marketo(person, "title")
		if status, _ := s.salesforce(lead, "Status"); ours != "Of Marketo" || theirs != "Of Marketo" || status == "" || r.Failures != 0 {
			t.Errorf("the title is %q and %q, the status %q, %d are refused", ours, theirs, status, r.Failures)
		}
	})
}
