package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
)

func TestJournal(t *testing.T) {
	j := journal.New()
	j.Call(record.Salesforce, "GET /query", true, false)
	j.Call(record.Salesforce, "POST /services/oauth2/token", false, false)
	j.Call(record.Marketo, "POST /leads.json", true, true)
	j.Wrote(record.Marketo, "POST /leads.json", 3)
	first := j.Snapshot()
	want := journal.Snapshot{
		Salesforce: journal.Counts{Calls: 1, ByEndpoint: map[string]int{"GET /query": 1, "POST /services/oauth2/token": 1}, WritesByEndpoint: map[string]int{}},
		Marketo: journal.Counts{
			Calls: 1, WriteCalls: 1, Writes: 3, ByEndpoint: map[string]int{"POST /leads.json": 1}, WritesByEndpoint: map[string]int{"POST /leads.json": 3},
		},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	j.Call(record.Salesforce, "GET /query", true, false)
	if first.Of(record.Salesforce).ByEndpoint["GET /query"] != 1 {
		t.Error("a snapshot changed after it was taken")
	}
	j.Reset()
	if got := j.Snapshot().Of(record.Marketo); got.Calls != 0 || got.Writes != 0 || len(got.ByEndpoint)+len(got.WritesByEndpoint) != 0 {
		t.Errorf("after Reset: %+v", got)
	}
	var none *journal.Journal
	none.Call(record.Marketo, "GET /leads.json", true, false)
	none.Wrote(record.Marketo, "POST /leads.json", 1)
}
