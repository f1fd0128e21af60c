package app

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// TestModelFound tells the shortest stories of what the model found to be wrong once with who is who.
func TestModelFound(t *testing.T) {
	found(t, map[string]func(s *town){
		"a contact is edited while its person is deleted, and still gets the mark": func(s *town) {
			id := s.contact("Marked", "marked@found.example")
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
			id := s.contact("Certain", "people@found.example")
			s.later()
			s.must(s.pair.Instance().Delete(one))
			s.sync()
			s.sync()
			s.linked(id, two)
		},
		"of two people with one address one is merged into the other": func(s *town) {
			one := s.makePerson(map[string]string{"lastName": "One", "email": "merged@found.example"})
			two := s.makePerson(map[string]string{"lastName": "Two", "email": "merged@found.example"})
			id := s.contact("Certain", "merged@found.example")
			s.later()
			s.must(s.pair.Instance().Merge(two, one))
			s.sync()
			s.sync()
			s.linked(id, two)
		},
		"somebody is entered in Marketo beside a person whom Doppio made, and whose contact is gone": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "create_in_salesforce=true")
			s.must(err)
			id := s.contact("Made", "made@found.example")
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
			id := s.contact("Gone", "gone@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.sync()
			s.must(s.pair.Org().Delete(id))
			s.sync()
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "gone@found.example", "company": "Found GmbH"})
			s.sync()
			s.sync()
			s.linked(second, second)
		},
		"whoever takes the place of a deleted contact takes the mark away": func(s *town) {
			first, second := s.contact("One", "place@found.example"), ""
			s.sync()
			second = s.contact("Two", "place@found.example")
			s.sync()
			person, _ := s.salesforce(first, "Marketo_Person_Id__c")
			s.must(s.pair.Org().Delete(first))
			s.sync()
			s.sync()
			s.linked(second, person)
			if flag, _ := s.marketo(person, schema.GoneInSalesforceField); flag == "true" {
				s.t.Error("the person is marked as without a record in Salesforce")
			}
		},
		"a contact that waited for a decision is deleted and taken back, when nothing is to be decided any more": func(s *town) {
			first, second := s.contact("One", "back@found.example"), s.contact("Two", "back@found.example")
			s.sync()
			s.must(s.pair.Org().Delete(second))
			s.sync()
			s.must(s.pair.Org().Delete(first))
			s.sync()
			s.must(s.pair.Org().Undelete(second))
			s.sync()
			s.sync()
			s.linked(second, "")
		},
		"a contact whose person was deleted is deleted and taken back": func(s *town) {
			id := s.contact("Again", "again@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.later()
			s.must(s.pair.Org().Delete(id))
			s.sync()
			s.must(s.pair.Org().Undelete(id))
			s.later()
			s.linked(id, "")
			if flag, _ := s.salesforce(id, schema.GoneInMarketoField); flag == "true" {
				s.t.Error("the contact is marked as without a person in Marketo")
			}
		},
		"a contact whose person was deleted is deleted and taken back, and the answer to its creation is lost": func(s *town) {
			id := s.contact("Doubted", "doubted@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.later()
			s.must(s.pair.Org().Delete(id))
			s.later()
			s.must(s.pair.Org().Undelete(id))
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			lost := &losing{RoundTripper: s.line.next, then: cancel, wrote: map[record.Side]func() bool{record.Marketo: func() bool {
				there := false
				s.pair.Instance().Each(record.Person, func(_ string, get func(string) (string, bool)) bool {
					email, _ := get("email")
					there = there || email == "doubted@found.example"
					return true
				})
				return there
			}}}
			s.line.next = lost
			if _, err := s.a.Sync(ctx, sampleName, SyncOptions{}); err == nil {
				s.t.Fatal("the answer was not lost")
			}
			s.line.next = lost.RoundTripper
			s.later()
			s.linked(id, "")
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
			s.later()
			s.contact("Since", "taken@found.example")
			s.later()
			s.must(s.pair.Org().Undelete(id))
			s.later()
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
			s.later()
			s.must(s.pair.Org().Delete(id))
			s.later()
			s.make("Lead", lead)
			s.later()
			s.must(s.pair.Org().Undelete(id))
			s.sync()
			if flag, _ := s.salesforce(id, schema.GoneInMarketoField); flag == "true" || len(s.open(id)) != 1 {
				s.t.Errorf("the mark is %q, and %d decisions wait", flag, len(s.open(id)))
			}
		},
		"of two people whose records became one, the one that was kept is deleted": func(s *town) {
			id := s.contact("Kept", "")
			lead := s.make("Lead", map[string]string{"LastName": "Joins", "Company": "Found GmbH", "Email": "joins@found.example"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			other, _ := s.salesforce(lead, "Marketo_Person_Id__c")
			account, _ := s.salesforce(id, "AccountId")
			_, err := s.pair.Org().ConvertInto(lead, org.Conversion{Contact: id, Account: account})
			s.must(err)
			s.later()
			s.must(s.pair.Instance().Delete(person))
			s.later()
			s.linked(id, other)
		},
		"a person and a second lead are entered at once, where a lead lost its person": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "deletes=unlink")
			s.must(err)
			lead := map[string]string{"LastName": "Lead", "Company": "Found GmbH", "Email": "entered@found.example"}
			id := s.make("Lead", lead)
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.later()
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "entered@found.example"})
			s.make("Lead", lead)
			s.sync()
			if k, _ := (&life{town: s}).link(second); k.Link.State != cycle.Alone {
				s.t.Errorf("the person is linked with %s, one of two leads", k.Link.Salesforce)
			}
		},
		"of two people with one address Doppio merges one into somebody else": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "merges=marketo", "create_in_salesforce=true")
			s.must(err)
			id := s.contact("Kept", "kept@found.example")
			lead := s.make("Lead", map[string]string{"LastName": "Joins", "Company": "Found GmbH", "Email": "twice@found.example"})
			s.sync()
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "twice@found.example", "company": "Found GmbH"})
			s.later()
			account, _ := s.salesforce(id, "AccountId")
			_, err = s.pair.Org().ConvertInto(lead, org.Conversion{Contact: id, Account: account})
			s.must(err)
			s.later()
			s.linked(second, second)
		},
		"of two leads with one address the filter keeps one out": func(s *town) {
			lead := map[string]string{"LastName": "Twin", "Company": "Found GmbH", "Email": "sieved@found.example"}
			one, two := s.make("Lead", lead), s.make("Lead", lead)
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true")
			s.sync()
			s.set(one, doNotSync, "true")
			s.sync()
			s.linked(two, "")
		},
		"a lead whose person was deleted is kept out by the filter, and another one has its address": func(s *town) {
			lead := map[string]string{"LastName": "Out", "Company": "Found GmbH", "Email": "out@found.example"}
			id := s.make("Lead", lead)
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.later()
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true")
			s.set(id, doNotSync, "true")
			s.later()
			other := s.make("Lead", lead)
			s.sync()
			s.linked(other, "")
		},
		"of two contacts with one address, one of which lost its person, a new filter keeps that one out": func(s *town) {
			id := s.contact("Out", "new@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.later()
			other := s.contact("Waits", "new@found.example")
			s.set(id, doNotSync, "true")
			s.later()
			if len(s.open(other)) != 1 {
				s.t.Fatal("nobody is asked who it is")
			}
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true")
			s.later()
			s.linked(other, "")
		},
		"the person of a lead that the filter keeps out is deleted, and so is one of two others with the address": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Out", "Company": "Found GmbH", "Email": "frozen@found.example"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			setFilter(s.t, s.a, "Do_Not_Sync_to_Marketo is not true\nwho leaves is frozen")
			s.set(id, doNotSync, "true")
			s.later()
			second := s.makePerson(map[string]string{"lastName": "Second", "email": "frozen@found.example"})
			third := s.makePerson(map[string]string{"lastName": "Third", "email": "frozen@found.example"})
			s.later()
			s.must(s.pair.Instance().Delete(person))
			s.later()
			s.must(s.pair.Instance().Delete(third))
			s.later()
			if k, _ := (&life{town: s}).link(second); k.Link.State != cycle.Alone {
				s.t.Errorf("the person is linked with %q, which the filter keeps out", k.Link.Salesforce)
			}
		},
		"a person who is about to be merged by Doppio is nobody else's": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "merges=marketo")
			s.must(err)
			id := s.contact("Kept", "kept@found.example")
			fields := map[string]string{"LastName": "Joins", "Company": "Found GmbH", "Email": "spoken@found.example", "Phone": "+49 30 1"}
			lead := s.make("Lead", fields)
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			second := s.make("Lead", fields)
			s.later()
			account, _ := s.salesforce(id, "AccountId")
			_, err = s.pair.Org().ConvertInto(lead, org.Conversion{Contact: id, Account: account})
			s.must(err)
			s.later()
			if phone, _ := s.marketo(person, "phone"); phone != "+49 30 1" {
				s.t.Errorf("the person was not merged: its number is %q", phone)
			}
			s.linked(second, "")
		},
		"a contact that is in the bin keeps its person, into whom another is merged": func(s *town) {
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "deletes=unlink")
			s.must(err)
			id, other := s.contact("Binned", "binned@found.example"), s.contact("Other", "other@found.example")
			winner := s.contact("Winner", "winner@found.example")
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			loser, _ := s.salesforce(other, "Marketo_Person_Id__c")
			s.must(s.pair.Org().Delete(id))
			s.must(s.pair.Org().Merge(winner, other)) // two people are left, and one record
			s.later()
			s.must(s.pair.Instance().Merge(person, loser))
			s.later()
			s.must(s.pair.Org().Undelete(id))
			s.later()
			s.linked(id, person)
			if _, events := (&life{town: s}).link(id); !slices.ContainsFunc(events, func(e store.Event) bool { return e.Detail == "undeleted" }) {
				s.t.Error("the pair was not taken up again")
			}
		},
		"of two contacts with one address one is given another address": func(s *town) {
			id := s.contact("One", "corrected@found.example")
			other := s.contact("Two", "corrected@found.example")
			s.sync()
			if len(s.open(id)) != 1 {
				s.t.Fatal("nobody is asked who it is")
			}
			s.set(other, "Email", "other@found.example")
			s.sync()
			s.linked(id, "")
			s.linked(other, "")
		},
		"a contact takes over the address of another one, and Doppio writes that to its person": func(s *town) {
			id := s.contact("Linked", "given@found.example")
			s.sync()
			second := s.contact("Second", "given@found.example")
			s.sync()
			s.set(id, "Email", "taken@found.example")
			s.sync()
			s.sync()
			s.linked(id, "")
			s.linked(second, "")
		},
		"a contact that is marked takes over a pair, and loses its mark": func(s *town) {
			id, other := s.contact("Marked", "was@found.example"), s.contact("Other", "is@found.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Instance().Delete(person))
			s.later()
			s.must(s.pair.Org().Merge(id, other))
			s.sync()
			s.sync()
			s.linked(id, "")
			if flag, _ := s.salesforce(id, schema.GoneInMarketoField); flag == "true" {
				s.t.Error("the contact is marked as without a person in Marketo")
			}
		},
	})
}

// found tells stories, each in a town of its own whose fields for marks are there.
func found(t *testing.T, stories map[string]func(s *town)) {
	t.Helper()
	for name, story := range stories {
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
