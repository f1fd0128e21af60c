package app

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
)

// A value that another record of Salesforce has in a unique field is foreseen to be refused, and so is the second of two that would write
// the same; not so one whose holder gives it up in the same plan. Going live refuses exactly those.
func TestATakenValueIsForeseen(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		s.sync()
		lead := func(name, number string) (person string) {
			id := s.make("Lead", map[string]string{"LastName": name, "Company": "Taken GmbH", "Email": name + "@taken.example", "Legacy_Number__c": number})
			s.sync()
			s.sync()
			person, _ = s.salesforce(id, "Marketo_Person_Id__c")
			return person
		}
		lead("holder", "T-1")
		wants, gives, takes := lead("wants", "T-2"), lead("gives", "T-3"), lead("takes", "T-4")
		first, second := lead("first", "T-5"), lead("second", "T-6")
		for person, number := range map[string]string{wants: "t-1", gives: "T-7", takes: "T-3", first: "T-8", second: "T-8"} {
			s.must(s.pair.Instance().Set(person, map[string]string{"legacyNumber": number}))
		}
		_, err := s.a.Sync(t.Context(), sampleName, SyncOptions{Rehearse: true})
		s.must(err)
		r, err := s.a.Rehearsal(t.Context(), sampleName)
		s.must(err)
		if len(r.Foreseen) != 1 || r.Foreseen[0].Code != codeTaken || r.Foreseen[0].Field != "Legacy_Number__c" || r.Foreseen[0].Side != record.Salesforce || r.Foreseen[0].Count != 2 {
			t.Fatalf("foreseen: %+v", r.Foreseen)
		}
		s.sync()
		s.sync()
		groups, err := s.a.Failures(t.Context(), sampleName, "")
		s.must(err)
		if i := slices.IndexFunc(groups, func(g Failure) bool { return g.Code == codeTaken }); i < 0 || groups[i].Count != 2 || !slices.Equal(groups[i].Fields, []string{"Legacy_Number__c"}) {
			t.Errorf("refused: %+v", groups)
		}
	})
}
