package app

import (
	"context"
	"net/http"
	"strings"
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
	return a, pair, mapFormula(t, a, pair)
}

// mapFormula maps the formula Region, and syncs.
func mapFormula(t *testing.T, a *App, pair *sandbox.Pair) MappingDocument {
	t.Helper()
	must(t, pair.Instance().AddField("region", "Region", "string"))
	found, err := a.SuggestMapping(t.Context(), sampleName, "likely")
	must(t, err)
	text, err := MarshalMapping(found.Mapping)
	must(t, err)
	_, err = a.SetMapping(t.Context(), sampleName, text)
	must(t, err)
	cycles(t, a, 2)
	return found.Mapping
}

// regions counts the linked people in Marketo whose region is a text.
func regions(t *testing.T, a *App, pair *sandbox.Pair, want string) (n int) {
	for _, person := range linkedPeople(t, a) {
		pair.Instance().Look(record.Person, string(person), func(get func(string) (string, bool)) {
			if v, _ := get("region"); v == want {
				n++
			}
		})
	}
	return n
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
		night := func() (sf, mk int) {
			t.Helper()
			time.Sleep(24 * time.Hour)
			before := pair.Journal()
			_, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
			must(t, err)
			after := pair.Journal()
			const reading = "POST /composite/sobjects/{object}"
			return after.Of(record.Salesforce).ByEndpoint[reading] - before.Of(record.Salesforce).ByEndpoint[reading],
				after.Of(record.Marketo).Writes - before.Of(record.Marketo).Writes
		}
		if reads, writes := night(); writes != 0 || reads == 0 || reads > len(people)/2000+2*2 {
			t.Errorf("a night in which nothing changed reads %d times and writes %d records", reads, writes)
		}
		// Nobody touches a record: an admin edits the formula.
		pair.Org().EditFormula("Netherlands", "Low Countries")
		time.Sleep(time.Hour)
		cycles(t, a, 1)
		if n := regions(t, a, pair, "Low Countries"); n != 0 {
			t.Fatalf("%d people have the formula's new result before the night: it left a trace", n)
		}
		_, writes := night()
		if n := regions(t, a, pair, "Low Countries"); n == 0 || n != writes {
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

// Where that takes half of the calls a night's reading comes by bulk queries, a page a cycle, whether the process lives on or not; and by
// id where a query comes to nothing. What arrives is the same.
func TestANightByBulkQuery(t *testing.T) {
	for _, broken := range []bool{false, true} {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := bulky(t, home, -1, "/jobs/query")
			mapFormula(t, a, pair)
			jobsFrom(a, 30)
			if broken {
				line.instead = func(req *http.Request) *http.Response {
					if req.Method == http.MethodGet && strings.Contains(req.URL.Path, "/results") {
						return canned(http.StatusNotFound, `[{"errorCode":"NOT_FOUND","message":"no"}]`)
					}
					return nil
				}
			}
			pair.Org().EditFormula("Netherlands", "Low Countries")
			time.Sleep(24 * time.Hour)
			before := pair.Journal().Of(record.Marketo).Writes
			for n := range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				if n%3 == 1 { // every third cycle ends in the middle
					line.cut, line.at, line.afterwards = cancel, 0, n%2 == 0
				}
				_, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
				if line.cut == nil && err != nil {
					t.Fatal(Say(err))
				}
				cancel()
				line.cut = nil
				time.Sleep(betweenCycles)
			}
			if n, wrote := regions(t, a, pair, "Low Countries"), pair.Journal().Of(record.Marketo).Writes-before; n == 0 || n != wrote {
				t.Errorf("broken %v: %d people have the formula's new result, with %d writes", broken, n, wrote)
			}
			most := 0
			for _, n := range line.next.(*smallPages).read {
				most = max(most, n)
			}
			if pages := len(line.next.(*smallPages).read); !broken && (pages < 4 || most > 2) {
				t.Errorf("%d pages were read, up to %d times", pages, most)
			}
		})
	}
}
