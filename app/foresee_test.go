package app

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
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

// Whoever has no address cannot be told again by a Marketo that has no field for the Salesforce id: it is foreseen that nobody makes them,
// and who can mend it. Once the field is there they are made.
func TestKeylessAreForeseen(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 60, Seed: 3, Scenario: sandbox.Bare})
		sync := func(o SyncOptions) {
			t.Helper()
			_, err := a.Sync(ctx, sampleName, o)
			must(t, err)
		}
		refused := func() int {
			t.Helper()
			groups, err := a.Failures(ctx, sampleName, "")
			must(t, err)
			if i := slices.IndexFunc(groups, func(g Failure) bool { return g.Code == marketo.CodeKeyless }); i >= 0 {
				return groups[i].Count
			}
			return 0
		}
		must(t, a.SetMode(ctx, sampleName, record.Rehearse))
		sync(SyncOptions{Rehearse: true})
		r, err := a.Rehearsal(ctx, sampleName)
		must(t, err)
		i := slices.IndexFunc(r.Foreseen, func(f Foreseen) bool { return f.Code == marketo.CodeKeyless })
		if i < 0 || r.Foreseen[i].Side != record.Marketo || r.Foreseen[i].Fixer != FixMarketoAdmin {
			t.Fatalf("foreseen: %+v", r.Foreseen)
		}
		must(t, a.SetMode(ctx, sampleName, record.Live))
		sync(SyncOptions{})
		if n := refused(); n == 0 || n != r.Foreseen[i].Count {
			t.Errorf("%d were foreseen, %d refused", r.Foreseen[i].Count, n)
		}
		must(t, pair.Instance().AddField("salesforceId", "Salesforce Id", "string"))
		for range 2 {
			pair.Advance(25 * time.Hour) // by then the fields are read anew
			sync(SyncOptions{})
		}
		if truth := pair.Truth(); refused() != 0 || truth.OnlySalesforce != 0 || truth.CreatedTwice != 0 {
			t.Errorf("with the field %d are refused; %+v", refused(), truth)
		}
	})
}
