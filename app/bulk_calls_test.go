package app

import (
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// With -bulk-people 100000 the table of the decisions is measured.
var bulkPeople = flag.Int("bulk-people", 1000, "people with whom the calls of bulk jobs are measured")

// What a first sync and a mass change of a field take in calls with bulk jobs and without, as the imitated systems counted them. What jobs
// take besides what they carry is told under a purpose of its own.
func TestBulkCalls(t *testing.T) {
	people, from := *bulkPeople, max(*bulkPeople/20, 30)
	count := func(from int) (calls [2]cycle.Counts, polls int) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair := pairOf(t, home, sandbox.Options{People: people, Seed: 2})
			jobsFrom(a, from)
			sync := func() (c cycle.Counts) {
				pair.ResetJournal()
				_, err := a.Sync(t.Context(), sampleName, SyncOptions{AllowBrake: true})
				must(t, err)
				j := pair.Journal()
				return cycle.Counts{Salesforce: j.Of(record.Salesforce).Calls, Marketo: j.Of(record.Marketo).Calls}
			}
			calls[0] = sync()
			cycles(t, a, 1)
			_, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: people / 4, Seed: 1, Fields: []string{"Title"}})
			must(t, err)
			calls[1] = sync()
			must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
				for _, side := range []record.Side{record.Salesforce, record.Marketo} {
					spent, err := w.CallsByPurpose(t.Context(), side, pair.Now().In(dayZone(side)).Format(time.DateOnly))
					if polls += spent[record.Bulk]; err != nil {
						return err
					}
				}
				return nil
			}))
		})
		return calls, polls
	}
	plain, none := count(-1)
	bulk, polls := count(from)
	t.Logf("%d people, jobs from %d records on: calls to Salesforce and to Marketo", people, from)
	for i, what := range []string{"first sync", fmt.Sprintf("%d new titles", people/4)} {
		t.Logf("%-16s without jobs %5d %5d   with jobs %5d %5d", what, plain[i].Salesforce, plain[i].Marketo, bulk[i].Salesforce, bulk[i].Marketo)
	}
	if none != 0 || polls == 0 {
		t.Errorf("%d calls for jobs without any, %d with", none, polls)
	}
	if people >= 100_000 && (bulk[0].Salesforce >= plain[0].Salesforce || bulk[0].Marketo >= plain[0].Marketo || bulk[1].Marketo >= plain[1].Marketo) {
		t.Error("jobs save nothing")
	}
}
