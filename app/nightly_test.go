package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// withFormula is a synced pair whose formula Region is mapped, and what is mapped.
func withFormula(t *testing.T, home string) (*App, *sandbox.Pair, MappingDocument) {
	t.Helper()
	a, pair := pairOf(t, home, sandbox.Options{People: 2600, Seed: 1})
	must(t, pair.Instance().AddField("region", "Region", "string"))
	found, err := a.SuggestMapping(t.Context(), sampleName, "likely")
	must(t, err)
	text, err := MarshalMapping(found.Mapping)
	must(t, err)
	_, err = a.SetMapping(t.Context(), sampleName, text)
	must(t, err)
	cycles(t, a, 2)
	return a, pair, found.Mapping
}

// A formula that comes to another result, without anybody touching a record, arrives in Marketo within a day, for one call of
// Salesforce per 2,000 linked records; where nothing changed nothing is written.
func TestFormulasArriveOvernight(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair, mapped := withFormula(t, home)
		if f := mappedField(t, &mapped, record.Lead, "Region__c"); f.Reread != rereadNightly || f.Travels != "to_marketo" {
			t.Fatalf("a formula is suggested as %+v", f)
		}
		people := linkedPeople(t, a)
		regions := func(want string) (n int) {
			for _, person := range people {
				pair.Instance().Look(record.Person, string(person), func(get func(string) (string, bool)) {
					if v, _ := get("region"); v == want {
						n++
					}
				})
			}
			return n
		}
		night := func() (sf, mk int) {
			t.Helper()
			time.Sleep(24 * time.Hour)
			before := pair.Journal()
			_, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
			must(t, err)
			after := pair.Journal()
			return after.Of(record.Salesforce).ByEndpoint["POST /composite/sobjects/Lead"] - before.Of(record.Salesforce).ByEndpoint["POST /composite/sobjects/Lead"] +
					after.Of(record.Salesforce).ByEndpoint["POST /composite/sobjects/Contact"] - before.Of(record.Salesforce).ByEndpoint["POST /composite/sobjects/Contact"],
				after.Of(record.Marketo).Writes - before.Of(record.Marketo).Writes
		}
		if reads, writes := night(); writes != 0 || reads > len(people)/2000+2*2 {
			t.Errorf("a night in which nothing changed reads %d times and writes %d records", reads, writes)
		}
		// Nobody touches a record: an admin edits the formula.
		pair.Org().EditFormula("Netherlands", "Low Countries")
		time.Sleep(time.Hour)
		cycles(t, a, 1)
		if n := regions("Low Countries"); n != 0 {
			t.Fatalf("%d people have the formula's new result before the night: it left a trace", n)
		}
		_, writes := night()
		if n := regions("Low Countries"); n == 0 || n != writes {
			t.Errorf("after the night %d people have the formula's new result, with %d writes", n, writes)
		}
		if _, writes := night(); writes != 0 {
			t.Errorf("the night after, %d records are written", writes)
		}
		cycles(t, a, 1)
		pair.ResetJournal()
		cycles(t, a, 1)
		if j := pair.Journal(); j.Of(record.Salesforce).Calls > 2 {
			t.Errorf("by day an idle cycle makes %d calls to Salesforce", j.Of(record.Salesforce).Calls)
		}
	})
}

// A night's reading that was cut off goes on where it stopped.
func TestANightIsResumed(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair, _ := withFormula(t, home)
		spare, asked := 1, 0
		a.world.engine = func(c cycle.Config) cycle.Config {
			c.Spare = func(record.Side) bool { asked++; return asked <= spare }
			return c
		}
		pair.Org().EditFormula("Netherlands", "Low Countries")
		time.Sleep(24 * time.Hour)
		written := func() int {
			before := pair.Journal().Of(record.Marketo).Writes
			_, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
			must(t, err)
			return pair.Journal().Of(record.Marketo).Writes - before
		}
		first := written()
		asked = 0
		second := written()
		if first == 0 || second == 0 {
			t.Errorf("in two shares %d and %d records were written", first, second)
		}
		asked = 0
		if third := written(); third != 0 {
			t.Errorf("with the night done %d more were written", third)
		}
	})
}
