package app

import (
	"slices"
	"testing"

	"github.com/doppio-sync/doppio/store"
)

// TestSimulatedFound tells the shortest stories of what simulated days found to be wrong once.
func TestSimulatedFound(t *testing.T) {
	found(t, map[string]func(s *town){
		"a band is taken away, what was written meanwhile overwrites a score, and the band is set again before that is heard of": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Banded", "Company": "Found GmbH", "Lead_Score__c": "93"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			band := `{"rules":[{"name":"score","fields":["Lead.Lead_Score__c"],"do":[{"band":{"margin":3}}]}]}`
			s.rules(band)
			s.setPerson(person, "leadScore", "251") // in the band of 93
			s.sync()
			s.rules(`{}`)
			s.set(id, "Title", "Edited")
			s.sync()
			if score, _ := s.marketo(person, "leadScore"); score != "93" {
				s.t.Fatalf("the score is %q: nothing was overwritten", score)
			}
			s.rules(band)
			s.sync()
			s.told(id, "251")
		},
	})
}

func (s *town) rules(file string) {
	s.t.Helper()
	_, err := s.a.SetRules(s.t.Context(), sampleName, []byte(file))
	s.must(err)
}

// told fails unless the history of a record tells that a value was overwritten.
func (s *town) told(id, value string) {
	s.t.Helper()
	if _, events := (&life{town: s}).link(id); !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "overwrote" && e.Old.Text() == value }) {
		s.t.Errorf("nobody is told that %q was overwritten: %+v", value, events)
	}
}
