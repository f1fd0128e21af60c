package app

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// newest lets who edited a field last win, whatever the object.
func (s *town) newest(field string) {
	s.t.Helper()
	s.must((&reality{a: s.a}).maps(s.t.Context(), []*modelField{{lead: "-", contact: "-", person: field, policy: "newest"}}))
}

// TestModelFoundValues tells the shortest stories of what the model found to be wrong once with values.
func TestModelFoundValues(t *testing.T) {
	found(t, map[string]func(s *town){
		"what cannot be decided by who was newer is no clearer after a conversion": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Turns", "Company": "Found GmbH", "City": "Bonn"})
			s.newest("city")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.set(id, "City", "Contested in Salesforce")
			s.setPerson(person, "city", "Contested in Marketo")
			made, err := s.pair.Org().ConvertInto(id, org.Conversion{})
			s.must(err)
			time.Sleep(10 * time.Minute)
			s.setPerson(person, "title", "Edited")
			s.sync()
			s.sync()
			if city, _ := s.salesforce(made.Contact, "MailingCity"); city != "Contested in Salesforce" {
				s.t.Errorf("the city is %q", city)
			}
		},
		"who was newer is not known of a person whom Doppio wrote to": func(s *town) {
			s.newest("city")
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "deletes=unlink")
			s.must(err)
			id := s.contact("Gone", "dated@found.example")
			s.set(id, "MailingCity", "Of who is gone")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			next := s.contact("Next", "dated@found.example")
			s.set(next, "MailingCity", "Of who is next")
			s.later()
			s.set(id, "Title", "Written to the person")
			s.sync()
			s.must(s.pair.Org().Delete(id))
			s.later()
			s.linked(next, person)
			if city, _ := s.salesforce(next, "MailingCity"); city != "Of who is next" || len(s.open(next)) != 1 {
				s.t.Errorf("the city is %q, and %d decisions wait", city, len(s.open(next)))
			}
		},
		"who was newer is not known of a person whom the filter parted from its record": func(s *town) {
			s.newest("city")
			id := s.contact("Out", "parted@found.example")
			s.set(id, "MailingCity", "Of who is out")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			next := s.make("Lead", map[string]string{"LastName": "Next", "Company": "Found GmbH", "Email": "parted@found.example", "City": "Of who is next"})
			s.later()
			s.set(id, "Title", "Written to the person")
			s.sync()
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true\nwho leaves is unlinked")
			s.set(id, doNotSync, "true")
			s.later()
			s.linked(next, person)
			if city, _ := s.salesforce(next, "City"); city != "Of who is next" || len(s.open(next)) != 1 {
				s.t.Errorf("the city is %q, and %d decisions wait", city, len(s.open(next)))
			}
		},
		"who was newer is not known of a pair that the filter kept out": func(s *town) {
			s.newest("city")
			id := s.make("Lead", map[string]string{"LastName": "Out", "Company": "Found GmbH", "City": "Before"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.later()
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true\nwho leaves is frozen")
			s.set(id, "City", "First, in Salesforce")
			time.Sleep(10 * time.Minute)
			s.setPerson(person, "city", "Then, in Marketo")
			s.set(id, doNotSync, "true")
			s.later()
			s.set(id, "Title", "Edited")
			time.Sleep(10 * time.Minute)
			s.setPerson(person, "title", "Edited too")
			s.set(id, doNotSync, "false")
			s.later()
			if city, _ := s.marketo(person, "city"); city != "Then, in Marketo" || len(s.open(id)) == 0 {
				s.t.Errorf("the city is %q, and %d decisions wait", city, len(s.open(id)))
			}
		},
		"a value that is written a second time within the hour is not taken for what was written the first time": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "merges=marketo", "conflicts=marketo")
			s.must(err)
			id := s.contact("Merged", "merged@found.example")
			lead := s.make("Lead", map[string]string{"LastName": "Joins", "Company": "Found GmbH", "Title": "Twice"})
			s.later()
			account, _ := s.salesforce(id, "AccountId")
			_, err = s.pair.Org().ConvertInto(lead, org.Conversion{Contact: id, Account: account}) // the merge brings the title to the person before it is written
			s.must(err)
			s.sync()
			s.sync()
			for _, title := range []string{"Between", "Twice"} {
				s.set(id, "Title", title)
				s.sync()
				s.sync()
			}
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			ours, _ := s.salesforce(id, "Title")
			theirs, _ := s.marketo(person, "title")
			if ours != "Twice" || theirs != "Twice" {
				s.t.Errorf("the title is %q and %q", ours, theirs)
			}
		},
		"a value that waited for a decision is older than what its record became": func(s *town) {
			s.newest("title")
			id, winner := s.contact("Waits", "waits@found.example"), s.contact("Wins", "")
			s.sync()
			spare, _ := s.salesforce(winner, "Marketo_Person_Id__c")
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Merge(person, spare))
			s.set(winner, "Title", "Of who wins")
			s.sync()
			s.set(id, "Title", "Contested in Salesforce")
			s.setPerson(person, "title", "Contested in Marketo")
			s.sync()
			time.Sleep(10 * time.Minute)
			s.must(s.pair.Org().Merge(winner, id))
			s.setPerson(person, "city", "Edited")
			s.sync()
			s.sync()
			if title, _ := s.marketo(person, "title"); title != "Of who wins" {
				s.t.Errorf("the title is %q", title)
			}
		},
		"a blank in Salesforce empties no field that goes to Marketo only, when people are merged there": func(s *town) {
			s.must((&reality{a: s.a}).maps(s.t.Context(), []*modelField{{lead: "Fax", contact: "Fax", person: "fax", oneWay: true}}))
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "deletes=unlink")
			s.must(err)
			id := s.contact("Leaves", "leaves@found.example")
			s.set(id, "Fax", "+49 30 1")
			lead := s.make("Lead", map[string]string{"LastName": "Stays", "Company": "Found GmbH", "Fax": "+49 30 2"})
			s.sync()
			winner, _ := s.salesforce(id, "Marketo_Person_Id__c")
			loser, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			s.set(lead, "Fax", "")
			s.must(s.pair.Org().Delete(id))
			s.sync()
			s.must(s.pair.Instance().Merge(winner, loser))
			s.later()
			s.setPerson(winner, "fax", "+49 30 3")
			s.setPerson(winner, "fax", "+49 30 1")
			s.later()
			s.linked(lead, winner)
			if fax, _ := s.marketo(winner, "fax"); fax != "+49 30 1" {
				s.t.Errorf("the fax number is %q", fax)
			}
		},
		"what waits for a decision is overwritten by a merge, and put back": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "conflicts=hold", "merges=marketo")
			s.must(err)
			id, winner := s.contact("Waits", "held@found.example"), s.contact("Wins", "")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			other, _ := s.salesforce(winner, "Marketo_Person_Id__c")
			s.set(id, "MobilePhone", "+49 30 7")
			s.setPerson(person, "mobilePhone", "+49 30 6")
			s.sync()
			s.must(s.pair.Org().Merge(winner, id))
			s.sync()
			s.sync()
			s.sync()
			s.linked(winner, other)
			k, _ := (&life{town: s}).link(winner)
			if phone, _ := s.marketo(other, "mobilePhone"); phone != "+49 30 6" || len(k.Holds) != 1 {
				s.t.Errorf("the number is %q, and %d decisions wait", phone, len(k.Holds))
			}
		},
		"what a person decided stays decided when another field is edited": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "conflicts=hold")
			s.must(err)
			lead := s.make("Lead", map[string]string{"LastName": "Decided", "Company": "Found GmbH", "Email": "decided@found.example"})
			s.sync()
			person, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			s.set(lead, "Title", "Of Salesforce")
			s.setPerson(person, "title", "Of Marketo")
			made, err := s.pair.Org().ConvertInto(lead, org.Conversion{}) // what both agreed upon is not known of the contact
			s.must(err)
			id := made.Contact
			s.sync()
			for _, h := range s.open(id) {
				s.must(s.a.Resolve(s.t.Context(), sampleName, h, Decision{Take: record.Marketo}))
			}
			s.set(id, "FirstName", "Edited")
			s.sync()
			s.sync()
			if title, _ := s.salesforce(id, "Title"); title != "Of Marketo" || len(s.open(id)) > 0 {
				s.t.Errorf("the title is %q, and %d decisions are open", title, len(s.open(id)))
			}
		},
		"what waits for a decision since a conversion, and is edited on one side, is a conflict still": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "conflicts=hold")
			s.must(err)
			lead := s.make("Lead", map[string]string{"LastName": "Decided", "Company": "Found GmbH", "Title": "Agreed upon"})
			s.sync()
			person, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			s.set(lead, "Title", "Of Salesforce")
			s.setPerson(person, "title", "Of Marketo")
			made, err := s.pair.Org().ConvertInto(lead, org.Conversion{})
			s.must(err)
			s.later()
			s.set(made.Contact, "Title", "Edited")
			s.sync()
			if title, _ := s.marketo(person, "title"); title != "Of Marketo" || len(s.open(made.Contact)) != 1 {
				s.t.Errorf("the title is %q, and %d decisions are open", title, len(s.open(made.Contact)))
			}
		},
		"a value is told as overwritten when it was, not when that was planned": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Told", "Company": "Found GmbH", "Title": "Before"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.set(id, "Title", "Of Salesforce")
			s.setPerson(person, "title", "Of Marketo")
			told := func() (n int) {
				_, events := (&life{town: s}).link(id)
				for _, e := range events {
					if e.Kind == "overwrote" && e.Old.Text() == "Of Salesforce" {
						n++
					}
				}
				return n
			}
			s.must(s.a.SetMode(s.t.Context(), sampleName, record.Rehearse))
			s.sync()
			if told() != 0 {
				s.t.Error("it is told while nothing was written")
			}
			s.must(s.a.SetMode(s.t.Context(), sampleName, record.Live))
			s.sync()
			s.sync()
			if n := told(); n != 1 {
				s.t.Errorf("it is told %d times", n)
			}
		},
		"what was decided by who was newer stays decided when another field is edited": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "conflicts=newest")
			s.must(err)
			id := s.contact("Newest", "newest@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.set(id, "Title", "Contested in Salesforce")
			s.setPerson(person, "title", "Contested in Marketo")
			s.sync()
			time.Sleep(10 * time.Minute)
			s.setPerson(person, "title", "Decided in Marketo")
			time.Sleep(10 * time.Minute)
			s.set(id, "FirstName", "Edited")
			s.sync()
			s.sync()
			if title, _ := s.salesforce(id, "Title"); title != "Decided in Marketo" {
				s.t.Errorf("the title is %q", title)
			}
		},
	})
}

func (s *town) contact(name, email string) string {
	s.t.Helper()
	return s.make("Contact", map[string]string{"LastName": name, "Email": email, "AccountId": s.make("Account", map[string]string{"Name": "Firm of " + name})})
}

// later runs cycles until the log is no longer read a second time.
func (s *town) later() {
	s.t.Helper()
	for range 3 {
		s.sync()
		time.Sleep(2 * time.Hour)
	}
	s.sync()
}

// linked fails unless a record is linked, with a person where one is named.
func (s *town) linked(id, person string) {
	s.t.Helper()
	l := &life{town: s, name: id}
	if k, _ := l.link(id); k.Link.State != cycle.Linked || person != "" && string(k.Link.Marketo) != person {
		s.t.Errorf("%s is linked with %q (state %d), wanted %q", id, k.Link.Marketo, k.Link.State, person)
	}
}
