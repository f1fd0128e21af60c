package app

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/store"
)

// TestWhatIsLeftAloneStaysAlone skips decisions: what both sides have stays as it is, is told (promise 8), and nobody is asked again until
// it is changed again; then nothing is lost (promises 1 and 6).
func TestWhatIsLeftAloneStaysAlone(t *testing.T) {
	for name, story := range map[string]func(s *town, lead, person string){
		"and another field is edited on each side": func(s *town, lead, person string) {
			s.set(lead, "FirstName", "Other")
			s.sync()
			s.setPerson(person, "city", "Bonn")
			s.sync()
			s.leftAlone(lead, "Title", "Of Salesforce", "Of Marketo")
		},
		"and the record is edited on both sides at once": func(s *town, lead, person string) {
			s.set(lead, "FirstName", "Other")
			s.setPerson(person, "city", "Bonn")
			s.sync()
			s.leftAlone(lead, "Title", "Of Salesforce", "Of Marketo")
		},
		"and both are compared afresh": func(s *town, lead, person string) {
			_, err := s.a.Sync(s.t.Context(), sampleName, SyncOptions{Now: []string{lead}, NowOnly: true})
			s.must(err)
			s.leftAlone(lead, "Title", "Of Salesforce", "Of Marketo")
		},
		"and Salesforce changes it again": func(s *town, lead, person string) {
			s.set(lead, "Title", "Changed again")
			s.sync()
			s.same(lead, person, "Changed again", record.Marketo, "Of Marketo")
		},
		"and Salesforce goes back to what both agreed upon": func(s *town, lead, person string) {
			s.set(lead, "Title", "Before")
			s.sync()
			s.same(lead, person, "Before", record.Marketo, "Of Marketo")
		},
		"and Marketo changes it again": func(s *town, lead, person string) {
			s.setPerson(person, "title", "Changed again")
			s.sync()
			s.same(lead, person, "Changed again", record.Salesforce, "Of Salesforce")
		},
		"and both come to say the same": func(s *town, lead, person string) {
			s.setPerson(person, "title", "Of Salesforce")
			s.sync()
			s.same(lead, person, "Of Salesforce", 0, "")
		},
		"and both change it again": func(s *town, lead, person string) {
			s.set(lead, "Title", "Anew in Salesforce")
			s.setPerson(person, "title", "Anew in Marketo")
			s.sync()
			if holds := s.open(lead); len(holds) != 1 {
				s.t.Errorf("%d decisions wait", len(holds))
			}
		},
		"and the lead is converted": func(s *town, lead, person string) {
			made, err := s.pair.Org().ConvertInto(lead, org.Conversion{})
			s.must(err)
			s.sync()
			s.set(made.Contact, "FirstName", "Other")
			s.sync()
			s.leftAlone(made.Contact, "Title", "Of Salesforce", "Of Marketo")
		},
		"and the sync filter keeps the lead out for a while": func(s *town, lead, person string) {
			setFilter(s.t, s.a, "LastName is not \"Out\"")
			s.set(lead, "LastName", "Out")
			s.sync()
			s.set(lead, "LastName", "In")
			s.sync()
			s.leftAlone(lead, "Title", "Of Salesforce", "Of Marketo")
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := newTown(t, home, "conflicts=hold")
				lead := s.make("Lead", map[string]string{"LastName": "Left", "Company": "Left GmbH", "Email": "left@alone.example", "Title": "Before"})
				s.sync()
				person, _ := s.salesforce(lead, "Marketo_Person_Id__c")
				s.set(lead, "Title", "Of Salesforce")
				s.setPerson(person, "title", "Of Marketo")
				s.sync()
				holds := s.open(lead)
				if len(holds) != 1 {
					t.Fatalf("%d decisions wait", len(holds))
				}
				s.must(s.a.Resolve(t.Context(), sampleName, holds[0], Decision{Skip: true}))
				s.sync()
				s.leftAlone(lead, "Title", "Of Salesforce", "Of Marketo")
				story(s, lead, person)
			})
		})
	}
}

// TestARecordIsLeftAlone skips the question who a record is.
func TestARecordIsLeftAlone(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		lead := func(name, email string) string {
			return s.make("Lead", map[string]string{"LastName": name, "Company": "Left GmbH", "Email": email})
		}
		for _, email := range []string{"one@alone.example", "two@alone.example"} {
			lead("Other", email)
			lead("Another", email)
		}
		id := lead("Left", "one@alone.example")
		s.sync()
		s.must(s.a.Resolve(t.Context(), sampleName, s.open(id)[0], Decision{Skip: true}))
		s.set(id, "Title", "Edited")
		s.sync()
		s.sync()
		if e, err := s.a.Explain(t.Context(), sampleName, id); err != nil || len(s.open(id)) != 0 || len(e.Waiting) != 0 || len(e.Left) != 1 {
			t.Errorf("%d decisions wait, and %d were left alone (%v)", len(s.open(id)), len(e.Left), err)
		}
		s.set(id, "Email", "two@alone.example")
		s.sync()
		if len(s.open(id)) != 1 {
			t.Error("with another address nobody is asked who it is")
		}
	})
}

// open are the decisions that wait about a record of Salesforce.
func (s *town) open(id string) (holds []int64) {
	s.t.Helper()
	all, err := s.a.Holds(s.t.Context(), sampleName)
	s.must(err)
	for _, h := range all {
		if string(h.Salesforce) == id {
			holds = append(holds, h.ID)
		}
	}
	return holds
}

// leftAlone fails unless both sides keep what they said, nothing waits, and explain tells why.
func (s *town) leftAlone(id, field, salesforce, marketo string) {
	s.t.Helper()
	before := s.pair.Journal()
	s.sync()
	if after := s.pair.Journal(); after.Salesforce.Writes+after.Marketo.Writes != before.Salesforce.Writes+before.Marketo.Writes {
		s.t.Error("a quiet cycle writes")
	}
	e, err := s.a.Explain(s.t.Context(), sampleName, id)
	s.must(err)
	ours, _ := s.salesforce(id, field)
	theirs, _ := s.marketo(string(e.Person.Marketo), "title")
	if ours != salesforce || theirs != marketo || len(s.open(id)) != 0 || len(e.Waiting) != 0 {
		s.t.Errorf("%s is %q and %q, %d decisions wait, %+v", field, ours, theirs, len(s.open(id)), e.Waiting)
	}
	if len(e.Left) != 1 || e.Left[0].Field != field || *e.Left[0].Values != (Values{salesforce, marketo}) {
		s.t.Errorf("what was left alone is told as %+v", e.Left)
	}
}

// same fails unless both sides have a title, nothing is left alone any more, and what was lost on a side is told.
func (s *town) same(lead, person, title string, side record.Side, lost string) {
	s.t.Helper()
	s.sync()
	ours, _ := s.salesforce(lead, "Title")
	theirs, _ := s.marketo(person, "title")
	k, events := (&life{town: s}).link(lead)
	if ours != title || theirs != title || len(k.Holds) != 0 {
		s.t.Errorf("the title is %q and %q, %+v", ours, theirs, k.Holds)
	}
	if side != 0 && !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "overwrote" && e.Side == side && e.Old.Text() == lost }) {
		s.t.Errorf("nothing tells that %q was overwritten", lost)
	}
}

// TestAnIdThatCannotBeGiven has a record of Salesforce that cannot be given its person's id, which is unique: everything else travels.
func TestAnIdThatCannotBeGiven(t *testing.T) {
	enter := func(s *town) string {
		return s.make("Lead", map[string]string{"LastName": "Keeps", "Company": "Left GmbH", "Email": "keeps@alone.example"})
	}
	for name, story := range map[string]func(s *town){
		"a converted lead keeps it": func(s *town) {
			lead := enter(s)
			s.sync()
			person, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			made, err := s.pair.Org().ConvertInto(lead, org.Conversion{})
			s.must(err)
			s.sync()
			s.setPerson(person, "city", "Bonn")
			s.must(s.pair.Org().Delete(made.Contact))
			s.sync()
			again := enter(s)
			s.sync()
			s.sync()
			id, _ := s.salesforce(again, "Marketo_Person_Id__c")
			city, _ := s.salesforce(again, "City")
			status, err := s.a.Status(s.t.Context(), sampleName)
			s.must(err)
			if k, _ := (&life{town: s}).link(again); id != "" || city != "Bonn" || k.Link.State != cycle.Linked || status.Failures != 0 || status.Holds != 0 {
				s.t.Errorf("the id is %q, the city %q, state %d, %d failures, %d decisions", id, city, k.Link.State, status.Failures, status.Holds)
			}
			if e, err := s.a.Explain(s.t.Context(), sampleName, again); err != nil || len(e.Left) != 1 {
				s.t.Errorf("that the id is lacking is told as %+v (%v)", e.Left, err)
			}
			before := s.pair.Journal().Salesforce
			s.setPerson(person, "city", "Köln")
			s.sync()
			s.sync()
			after := s.pair.Journal().Salesforce
			if city, _ := s.salesforce(again, "City"); city != "Köln" || after.WriteCalls-before.WriteCalls != 1 {
				s.t.Errorf("the city is %q after %d calls", city, after.WriteCalls-before.WriteCalls)
			}
		},
		"a contact that the filter keeps out keeps it": func(s *town) {
			out := s.contact("Out", "keeps@alone.example")
			s.sync()
			person, _ := s.salesforce(out, "Marketo_Person_Id__c")
			s.set(out, doNotSync, "true")
			next := s.contact("Next", "keeps@alone.example")
			s.sync()
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true\nwho leaves is unlinked")
			s.sync()
			s.sync()
			s.linked(next, person)
			groups, err := s.a.Failures(s.t.Context(), sampleName, "")
			if s.must(err); len(groups) != 0 {
				s.t.Errorf("refused: %+v", groups)
			}
			if e, err := s.a.Explain(s.t.Context(), sampleName, next); err != nil || len(e.Left) != 1 {
				s.t.Errorf("that the id is lacking is told as %+v (%v)", e.Left, err)
			}
			s.setPerson(person, "city", "Köln")
			s.sync()
			if city, _ := s.salesforce(next, "MailingCity"); city != "Köln" {
				s.t.Errorf("the city is %q", city)
			}
		},
		"somebody else has it": func(s *town) {
			lead := enter(s)
			s.sync()
			person, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			twin := map[string]string{"LastName": "Twin", "Company": "Left GmbH", "Email": "twins@alone.example"}
			other := s.make("Lead", twin)
			s.make("Lead", twin) // two with one address: neither is linked
			s.sync()
			s.set(lead, "Marketo_Person_Id__c", "")
			s.set(other, "Marketo_Person_Id__c", person)
			s.setPerson(person, "city", "Bonn")
			s.sync()
			s.sync()
			groups, err := s.a.Failures(s.t.Context(), sampleName, "")
			s.must(err)
			if city, _ := s.salesforce(lead, "City"); city != "Bonn" || len(groups) != 1 || groups[0].Code != "DUPLICATE_VALUE" || groups[0].Count != 1 {
				s.t.Fatalf("the city is %q, and is refused: %+v", city, groups)
			}
			s.set(other, "Marketo_Person_Id__c", "")
			_, _, err = s.a.Retry(s.t.Context(), sampleName, Retried{})
			s.must(err)
			if id, _ := s.salesforce(lead, "Marketo_Person_Id__c"); id != person {
				s.t.Errorf("the id is %q", id)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) { story(newTown(t, home, "deletes=unlink")) })
		})
	}
}
