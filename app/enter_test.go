package app

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// Turned on, the making of leads reaches those whom Marketo alone has already; turned off again before anybody was entered, nobody is.
func TestEnteringReachesBack(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 200, Seed: 3})
		alone := func() int {
			t.Helper()
			status, err := a.Status(t.Context(), sampleName)
			must(t, err)
			return status.People.Unlinked.Marketo
		}
		turn := func(on string) int {
			t.Helper()
			changed, err := a.ChangeSettings(t.Context(), sampleName, "create_in_salesforce="+on)
			must(t, err)
			return changed.Entering
		}
		leads := func() int { return pair.Org().Counts()["Lead"] }
		cycles(t, a, 2)
		before, there := alone(), leads()
		if before < 10 {
			t.Fatalf("%d people are in Marketo only: too few to tell anything", before)
		}

		must(t, a.SetMode(t.Context(), sampleName, record.Rehearse))
		if n := turn("true"); n != before {
			t.Errorf("%d people are said to be looked at, and %d are in Marketo only", n, before)
		}
		cycles(t, a, 1)
		turn("false")
		must(t, a.SetMode(t.Context(), sampleName, record.Live))
		cycles(t, a, 2)
		if leads() != there || alone() != before {
			t.Errorf("after a rehearsal and turned off: %d leads and %d in Marketo only, before: %d and %d", leads(), alone(), there, before)
		}

		x, err := a.Explain(t.Context(), sampleName, "18")
		must(t, err)
		if x.Person.Object != record.Person || !strings.Contains(x.Sentence, "create_in_salesforce") {
			t.Errorf("of somebody who is not made a lead is said: %+v %s", x.Person, x.Sentence)
		}

		turn("true")
		cycles(t, a, 2)
		failures, err := a.Failures(t.Context(), sampleName, "")
		must(t, err)
		refused := 0
		for _, f := range failures {
			if f.Side == record.Salesforce {
				refused += f.Count
			}
		}
		if made := leads() - there; made == 0 || made+alone() != before || alone() > refused {
			t.Errorf("turned on: %d leads were made and %d refused, and %d people are in Marketo only", made, refused, alone())
		}
		pair.ResetJournal()
		cycles(t, a, 1)
		if j := pair.Journal(); j.Salesforce.Writes+j.Marketo.Writes > 0 || j.Marketo.Calls > 3 {
			t.Errorf("the next cycle is not idle: %+v", j)
		}
	})
}
