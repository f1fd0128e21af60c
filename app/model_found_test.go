package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/engine/schema"
)

// newest lets who edited a field last win, whatever the object.
func (s *town) newest(field string) {
	s.t.Helper()
	s.must((&reality{a: s.a}).maps(s.t.Context(), []*modelField{{lead: "-", contact: "-", person: field, policy: "newest"}}))
}

// TestModelFound tells the shortest stories of what the model found to be wrong once.
func TestModelFound(t *testing.T) {
	contact := func(s *town, name, email string) string {
		return s.make("Contact", map[string]string{"LastName": name, "Email": email, "AccountId": s.make("Account", map[string]string{"Name": "Firm of " + name})})
	}
	open := (*town).open
	later := func(s *town) { // until the log is no longer read a second time
		for range 3 {
			s.sync()
			time.Sleep(2 * time.Hour)
		}
		s.sync()
	}
	linked := func(s *town, id, person string) {
		s.t.Helper()
		l := &life{town: s, name: id}
		if k, _ := l.link(id); k.Link.State != cycle.Linked || person != "" && string(k.Link.Marketo) != person {
			s.t.Errorf("%s is linked with %q (state %d), wanted %q", id, k.Link.Marketo, k.Link.State, person)
		}
	}
	for name, story := range map[string]func(s *town){
		"a contact is edited while its person is deleted, and still gets the mark": func(s *town) {
			id := contact(s, "Marked", "marked@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.set(id, "Title", "Edited")
			s.sync()
			s.sync()
			if flag, _ := s.salesforce(id, schema.GoneInMarketoField); flag != "true" {
				s.t.Errorf("the mark is %q", flag)
			}
		},
		"of two people with one address one is deleted": func(s *town) {
			one := s.makePerson(map[string]string{"lastName": "One", "email": "people@found.example"})
			two := s.makePerson(map[string]string{"lastName": "Two", "email": "people@found.example"})
			id := contact(s, "Certain", "people@found.example")
			later(s)
			s.must(s.pair.Instance().Delete(one))
			s.sync()
			s.sync()
			linked(s, id, two)
		},
		"of two people with one address one is merged into the other": func(s *town) {
			one := s.makePerson(map[string]string{"lastName": "One", "email": "merged@found.example"})
			two := s.makePerson(map[string]string{"lastName": "Two", "email": "merged@found.example"})
			id := contact(s, "Certain", "merged@found.example")
			later(s)
			s.must(s.pair.Instance().Merge(two, one))
			s.sync()
			s.sync()
			linked(s, id, two)
		},
		"somebody is entered in Marketo beside a person whom Doppio made, and whose contact is gone": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "create_in_salesforce=true")
			s.must(err)
			id := contact(s, "Made", "made@found.example")
			s.sync()
			s.sync()
			s.must(s.pair.Org().Delete(id))
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "made@found.example", "company": "Found GmbH"})
			s.sync()
			s.sync()
			if k, _ := (&life{town: s}).link(second); k.Link.State != cycle.Alone {
				s.t.Error("two people have one address, and a lead was made of one of them")
			}
		},
		"somebody has the address of a person and a contact who are both gone": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "create_in_salesforce=true")
			s.must(err)
			id := contact(s, "Gone", "gone@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.sync()
			s.must(s.pair.Org().Delete(id))
			s.sync()
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "gone@found.example", "company": "Found GmbH"})
			s.sync()
			s.sync()
			linked(s, second, second)
		},
		"whoever takes the place of a deleted contact takes the mark away": func(s *town) {
			first, second := contact(s, "One", "place@found.example"), ""
			s.sync()
			second = contact(s, "Two", "place@found.example")
			s.sync()
			person, _ := s.salesforce(first, "Marketo_Person_Id__c")
			s.must(s.pair.Org().Delete(first))
			s.sync()
			s.sync()
			linked(s, second, person)
			if flag, _ := s.marketo(person, schema.GoneInSalesforceField); flag == "true" {
				s.t.Error("the person is marked as without a record in Salesforce")
			}
		},
		"a contact that waited for a decision is deleted and taken back, when nothing is to be decided any more": func(s *town) {
			first, second := contact(s, "One", "back@found.example"), contact(s, "Two", "back@found.example")
			s.sync()
			s.must(s.pair.Org().Delete(second))
			s.sync()
			s.must(s.pair.Org().Delete(first))
			s.sync()
			s.must(s.pair.Org().Undelete(second))
			s.sync()
			s.sync()
			linked(s, second, "")
		},
		"a contact whose person was deleted is deleted and taken back": func(s *town) {
			id := contact(s, "Again", "again@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			later(s)
			s.must(s.pair.Org().Delete(id))
			s.sync()
			s.must(s.pair.Org().Undelete(id))
			later(s)
			linked(s, id, "")
			if flag, _ := s.salesforce(id, schema.GoneInMarketoField); flag == "true" {
				s.t.Error("the contact is marked as without a person in Marketo")
			}
		},
		"a lead whose person was deleted is taken back, when a contact has its address": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "deletes=delete")
			s.must(err)
			id := s.make("Lead", map[string]string{"LastName": "Before", "Company": "Found GmbH", "Email": "taken@found.example"})
			s.sync()
			s.must(s.pair.Org().Delete(id))
			later(s)
			contact(s, "Since", "taken@found.example")
			later(s)
			s.must(s.pair.Org().Undelete(id))
			later(s)
			if k, _ := (&life{town: s}).link(id); k.Link.State != cycle.Alone || len(k.Holds) == 0 {
				s.t.Errorf("state %d, %d decisions", k.Link.State, len(k.Holds))
			}
		},
		"a lead is taken back after its person was deleted, and no longer marked in the cycle that meets it": func(s *town) {
			lead := map[string]string{"LastName": "Marked", "Company": "Found GmbH", "Email": "unmarked@found.example"}
			id := s.make("Lead", lead)
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			later(s)
			s.must(s.pair.Org().Delete(id))
			later(s)
			s.make("Lead", lead)
			later(s)
			s.must(s.pair.Org().Undelete(id))
			s.sync()
			if flag, _ := s.salesforce(id, schema.GoneInMarketoField); flag == "true" || len(open(s, id)) != 1 {
				s.t.Errorf("the mark is %q, and %d decisions wait", flag, len(open(s, id)))
			}
		},
		"of two people whose records became one, the one that was kept is deleted": func(s *town) {
			id := contact(s, "Kept", "")
			lead := s.make("Lead", map[string]string{"LastName": "Joins", "Company": "Found GmbH", "Email": "joins@found.example"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			other, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			account, _ := s.salesforce(id, "AccountId")
			_, err := s.pair.Org().ConvertInto(lead, org.Conversion{Contact: id, Account: account})
			s.must(err)
			later(s)
			s.must(s.pair.Instance().Delete(person))
			later(s)
			linked(s, id, other)
		},
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
		"a value that waited for a decision is older than what its record became": func(s *town) {
			s.newest("title")
			id, winner := contact(s, "Waits", "waits@found.example"), contact(s, "Wins", "")
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
			id := contact(s, "Leaves", "leaves@found.example")
			s.set(id, "Fax", "+49 30 1")
			lead := s.make("Lead", map[string]string{"LastName": "Stays", "Company": "Found GmbH", "Fax": "+49 30 2"})
			s.sync()
			winner, _ := s.salesforce(id, "Marketo_Person_Id__c")
			loser, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			s.set(lead, "Fax", "")
			s.must(s.pair.Org().Delete(id))
			s.sync()
			s.must(s.pair.Instance().Merge(winner, loser))
			later(s)
			s.setPerson(winner, "fax", "+49 30 3")
			s.setPerson(winner, "fax", "+49 30 1")
			later(s)
			linked(s, lead, winner)
			if fax, _ := s.marketo(winner, "fax"); fax != "+49 30 1" {
				s.t.Errorf("the fax number is %q", fax)
			}
		},
		"a person and a second lead are entered at once, where a lead lost its person": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "deletes=unlink")
			s.must(err)
			lead := map[string]string{"LastName": "Lead", "Company": "Found GmbH", "Email": "entered@found.example"}
			id := s.make("Lead", lead)
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			later(s)
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "entered@found.example"})
			s.make("Lead", lead)
			s.sync()
			if k, _ := (&life{town: s}).link(second); k.Link.State != cycle.Alone {
				s.t.Errorf("the person is linked with %s, one of two leads", k.Link.Salesforce)
			}
		},
		"what waits for a decision is overwritten by a merge, and put back": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "conflicts=hold", "merges=marketo")
			s.must(err)
			id, winner := contact(s, "Waits", "held@found.example"), contact(s, "Wins", "")
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
			linked(s, winner, other)
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
			for _, h := range open(s, id) {
				s.must(s.a.Resolve(s.t.Context(), sampleName, h, Decision{Take: record.Marketo}))
			}
			s.set(id, "FirstName", "Edited")
			s.sync()
			s.sync()
			if title, _ := s.salesforce(id, "Title"); title != "Of Marketo" || len(open(s, id)) > 0 {
				s.t.Errorf("the title is %q, and %d decisions are open", title, len(open(s, id)))
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
			later(s)
			s.set(made.Contact, "Title", "Edited")
			s.sync()
			if title, _ := s.marketo(person, "title"); title != "Of Marketo" || len(open(s, made.Contact)) != 1 {
				s.t.Errorf("the title is %q, and %d decisions are open", title, len(open(s, made.Contact)))
			}
		},
		"of two people with one address Doppio merges one into somebody else": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "merges=marketo", "create_in_salesforce=true")
			s.must(err)
			id := contact(s, "Kept", "kept@found.example")
			lead := s.make("Lead", map[string]string{"LastName": "Joins", "Company": "Found GmbH", "Email": "twice@found.example"})
			s.sync()
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "twice@found.example", "company": "Found GmbH"})
			later(s)
			account, _ := s.salesforce(id, "AccountId")
			_, err = s.pair.Org().ConvertInto(lead, org.Conversion{Contact: id, Account: account})
			s.must(err)
			later(s)
			linked(s, second, second)
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
			id := contact(s, "Newest", "newest@found.example")
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
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := newTown(t, home, "")
				s.must(s.pair.Instance().AddField(schema.GoneInSalesforceField, "SFDC Is Deleted", "boolean"))
				for _, object := range []string{"Lead", "Contact"} {
					s.pair.Org().SetFieldPresent(object+"."+schema.GoneInMarketoField, true)
				}
				story(s)
			})
		})
	}
}
