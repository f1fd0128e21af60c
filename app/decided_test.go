package app

import (
	"slices"
	"testing"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// TestAPersonDecidesWhoItIs carries out what people decide about records that nobody can tell apart.
func TestAPersonDecidesWhoItIs(t *testing.T) {
	twins := func(s *town) (one, two string) {
		lead := map[string]string{"LastName": "Twin", "Company": "Firm of Gone", "Email": "twins@decided.example"}
		return s.make("Lead", lead), s.make("Lead", lead)
	}
	decide := func(s *town, id string, d Decision) {
		s.t.Helper()
		holds := s.open(id)
		if len(holds) != 1 {
			s.t.Fatalf("%d decisions wait about %s", len(holds), id)
		}
		s.must(s.a.Resolve(s.t.Context(), sampleName, holds[0], d))
	}
	asked := func(s *town, id string) {
		s.t.Helper()
		if len(s.open(id)) != 1 {
			s.t.Errorf("%d decisions wait about %s", len(s.open(id)), id)
		}
	}
	found(t, map[string]func(s *town){
		"it is somebody of its own, also when it is edited before that is carried out": func(s *town) {
			one, two := twins(s)
			s.sync()
			decide(s, one, Decision{Create: true})
			s.set(one, "Title", "Edited")
			s.sync()
			s.sync()
			s.linked(one, "")
			asked(s, two)
			decide(s, two, Decision{Create: true})
			s.sync()
			s.sync()
			s.linked(two, "")
		},
		"it is a person whom nobody has": func(s *town) {
			one, two := twins(s)
			person := s.makePerson(map[string]string{"lastName": "Twin", "email": "twins@decided.example", "title": "Of Marketo"})
			s.sync()
			decide(s, one, Decision{Link: record.ID(person)})
			s.sync()
			s.sync()
			s.linked(one, person)
			asked(s, two)
			if title, _ := s.salesforce(one, "Title"); title != "Of Marketo" {
				s.t.Errorf("the title is %q", title)
			}
		},
		"it is a person whose contact is gone, and who is no longer marked": func(s *town) {
			id := s.contact("Gone", "twins@decided.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.must(s.pair.Org().Delete(id))
			s.sync()
			one, _ := twins(s)
			s.sync()
			decide(s, one, Decision{Link: record.ID(person)})
			s.later()
			s.linked(one, person)
			if flag, _ := s.marketo(person, schema.GoneInSalesforceField); flag == "true" {
				s.t.Error("the person is marked as without a record in Salesforce")
			}
		},
		"it is a person whom another record has, which is asked about then": func(s *town) {
			id := s.contact("Has", "twins@decided.example")
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			lead := s.make("Lead", map[string]string{"LastName": "Takes", "Company": "Firm of Has", "Email": "twins@decided.example"})
			s.sync()
			s.setPerson(person, "title", "Waits to be written to the contact")
			decide(s, lead, Decision{Link: record.ID(person)})
			s.sync()
			s.sync()
			s.linked(lead, person)
			asked(s, id)
			if title, _ := s.salesforce(id, "Title"); title != "" {
				s.t.Errorf("the title of the contact is %q", title)
			}
			k, events := (&life{town: s}).link(id)
			if k.Link.State != cycle.Alone || !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "unlinked" }) {
				s.t.Errorf("state %d, %v", k.Link.State, events)
			}
		},
	})
}
