package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// An idle cycle sends no write and makes few calls, also right after so many writes that reading the overlap again takes
// several pages, and when Marketo's last hour is due to be read again (promise 2).
func TestIdleCyclesAreCheap(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const people = 4000 // whose leads alone fill more than a page
		a, pair := pairOf(t, home, sandbox.Options{People: people, Seed: 1})
		cycle := func() CycleResult {
			r, err := a.Sync(t.Context(), sampleName, SyncOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return r.Cycle
		}
		if first := cycle(); first.Writes.Salesforce < people*9/10 {
			t.Fatalf("the first sync wrote %d records to Salesforce: too few to fill pages", first.Writes.Salesforce)
		}
		if echo := cycle(); echo.Writes.Salesforce+echo.Writes.Marketo != 0 {
			t.Errorf("the cycle after the first sync wrote %d and %d records", echo.Writes.Salesforce, echo.Writes.Marketo)
		}
		for _, moment := range []struct {
			name  string
			after time.Duration
			log   bool // that stretch of Marketo's log which tells of the first sync is read again
		}{
			{"at once", 0, false}, {"once more", 0, false}, {"a minute later", time.Minute, false}, {"after the overlap", 5 * time.Minute, false},
			{"an hour later", time.Hour, true}, {"right after", 0, false}, {"two hours later", time.Hour, false}, {"half a day later", 10 * time.Hour, false},
		} {
			time.Sleep(moment.after)
			pair.ResetJournal()
			cycle()
			sf, mk := pair.Journal().Of(record.Salesforce), pair.Journal().Of(record.Marketo)
			if sf.WriteCalls+mk.WriteCalls != 0 {
				t.Errorf("%s: %d and %d calls that write", moment.name, sf.WriteCalls, mk.WriteCalls)
			}
			if sf.Calls > 2 || mk.Calls > 3 && !moment.log {
				t.Errorf("%s: %d calls to Salesforce, at most 2; %d to Marketo, at most 3: %v %v", moment.name, sf.Calls, mk.Calls, sf.ByEndpoint, mk.ByEndpoint)
			}
		}
	})
}
