package sandbox_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
)

func newPair(t *testing.T, o sandbox.Options) *sandbox.Pair {
	t.Helper()
	pair, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	return pair
}

// ask sends one control request and decodes the answer; it returns the status.
func ask(t *testing.T, pair *sandbox.Pair, method, path, body string, into any) int {
	t.Helper()
	request, err := http.NewRequest(method, pair.Credentials().ControlURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Transport: pair.Transport()}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return answer.StatusCode
}

func TestControlEdit(t *testing.T) {
	type edited struct {
		Edited []sandbox.Edited `json:"edited"`
	}
	edit := func(t *testing.T, body string) []sandbox.Edited {
		var got edited
		pair := newPair(t, sandbox.Options{People: 400, Seed: 2})
		before := pair.Truth()
		if status := ask(t, pair, "POST", "/edit", body, &got); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		after := pair.Truth()
		if diff := cmp.Diff(before.Salesforce, after.Salesforce); diff != "" {
			t.Errorf("an edit made or removed records: %s", diff)
		}
		if s := pair.Journal(); s.Of(record.Salesforce).Writes+s.Of(record.Marketo).Writes != 0 {
			t.Error("an edit stands in the journal as if it had come from outside")
		}
		return got.Edited
	}
	both := edit(t, `{"side":"both","people":30,"seed":4}`)
	count := map[record.Side]map[string]bool{record.Salesforce: {}, record.Marketo: {}}
	for _, e := range both {
		if count[e.Side][e.ID] {
			t.Error("a record was edited twice")
		}
		count[e.Side][e.ID] = true
		if len(e.Fields) == 0 {
			t.Error("an edit without fields")
		}
	}
	for side, ids := range count {
		if len(ids) < 27 {
			t.Errorf("%v: %d of 30 records were edited", side, len(ids))
		}
	}
	if diff := cmp.Diff(both, edit(t, `{"side":"both","people":30,"seed":4}`)); diff != "" {
		t.Error("the same seed gave other edits")
	}
	for _, e := range edit(t, `{"side":"salesforce","people":10,"seed":4,"fields":["Title"]}`) {
		if _, ok := e.Fields["Title"]; !ok || len(e.Fields) != 1 || e.Side != record.Salesforce {
			t.Errorf("an edit of Title touched %d fields on %v", len(e.Fields), e.Side)
		}
	}
}

func TestControlRefusesNonsense(t *testing.T) {
	pair := newPair(t, sandbox.Options{People: 20, Seed: 1})
	for _, row := range []struct{ method, path, body string }{
		{"POST", "/edit", `{"side":"left","people":1}`},
		{"POST", "/edit", `{"side":"salesforce","people":-1}`},
		{"POST", "/edit", `{"side":"salesforce","people":1000}`},
		{"POST", "/edit", `{"side":"both","people":1,"typo":1}`},
		{"POST", "/edit", `{"side":"both","people":1}{}`},
		{"POST", "/edit", ``},
		{"POST", "/faults", `{"profile":"mild"}`},
		{"POST", "/faults", `{"single":{"no-such":0.5}}`},
		{"POST", "/faults", `{"single":{"lock-row":2}}`},
		{"POST", "/faults", `{"next":{"lock-row":-1}}`},
		{"POST", "/advance", `{"seconds":-1}`},
		{"POST", "/advance", `{"seconds":1e300}`},
	} {
		if status := ask(t, pair, row.method, row.path, row.body, nil); status != http.StatusBadRequest {
			t.Errorf("%s %s %s: status %d", row.method, row.path, row.body, status)
		}
	}
	if status := ask(t, pair, "GET", "/edit", "", nil); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /edit: status %d", status)
	}
}

func TestControlFaultsAndClock(t *testing.T) {
	pair := newPair(t, sandbox.Options{Seed: 1, Faults: "hostile"})
	var got struct {
		Faults map[string]float64 `json:"faults"`
	}
	for _, row := range []struct {
		body string
		want map[string]float64
	}{
		{`{"profile":"none"}`, map[string]float64{}},
		{`{"profile":"none","single":{"lock-row":0.25,"reset":1}}`, map[string]float64{"lock-row": 0.25, "reset": 1}},
		{`{"single":{"reset":0},"next":{"html-500":1},"rotate_refresh_token":true}`, map[string]float64{"lock-row": 0.25}},
	} {
		got.Faults = nil
		if status := ask(t, pair, "POST", "/faults", row.body, &got); status != http.StatusOK {
			t.Fatalf("%s: status %d", row.body, status)
		}
		if diff := cmp.Diff(row.want, got.Faults); diff != "" {
			t.Errorf("%s: %s", row.body, diff)
		}
	}
	before := pair.Now()
	if status := ask(t, pair, "POST", "/advance", `{"seconds":3600}`, nil); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if moved := pair.Now().Sub(before); moved < time.Hour || moved > time.Hour+time.Minute {
		t.Errorf("the clocks moved by %v", moved)
	}
}

func TestControlJournal(t *testing.T) {
	pair := newPair(t, sandbox.Options{People: 10, Seed: 1})
	client := &http.Client{Transport: pair.Transport()}
	answer, err := client.Get(pair.Credentials().Salesforce.LoginURL + "/services/data/v61.0/query?q=SELECT+Id+FROM+Lead")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a query without a token is answered %d", answer.StatusCode)
	}
	var got journal.Snapshot
	ask(t, pair, "POST", "/journal/reset", "", nil)
	if status := ask(t, pair, "GET", "/journal", "", &got); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if got.Salesforce.Calls != 0 || len(got.Salesforce.ByEndpoint) != 0 || got.Salesforce.ByEndpoint == nil {
		t.Errorf("after a reset: %+v", got.Salesforce)
	}
}

// TestTruth holds /truth against /truth?compare=1 and against what is known of the world.
func TestTruth(t *testing.T) {
	pair := newPair(t, sandbox.Options{People: 3000, Seed: 3})
	var got sandbox.Truth
	if status := ask(t, pair, "GET", "/truth", "", &got); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if got.Salesforce["Lead"]+got.Salesforce["Contact"] != 3000 {
		t.Errorf("%d leads and %d contacts, want 3000 in all", got.Salesforce["Lead"], got.Salesforce["Contact"])
	}
	if dense := float64(got.Marketo["people"]) / float64(got.Marketo["last_id"]-got.Marketo["first_id"]+1); dense < 0.9 {
		t.Errorf("Marketo's ids are %.2f dense", dense)
	}
	if got.Linked < 1800 || got.OnlyMarketo == 0 || got.OnlySalesforce == 0 || got.CreatedTwice != 0 || got.Differences == 0 {
		t.Errorf("linked %d, only Salesforce %d, only Marketo %d, created twice %d, differences %d",
			got.Linked, got.OnlySalesforce, got.OnlyMarketo, got.CreatedTwice, got.Differences)
	}
	answer, err := (&http.Client{Transport: pair.Transport()}).Get(pair.Credentials().ControlURL + "/truth?compare=1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := 0
	for scan := bufio.NewScanner(answer.Body); scan.Scan(); lines++ {
		var d sandbox.Difference
		if err := json.Unmarshal(scan.Bytes(), &d); err != nil || d.Salesforce == d.Marketo {
			t.Fatalf("line %d is no difference: %v", lines, err)
		}
	}
	if lines != got.Differences {
		t.Errorf("%d lines, %d differences", lines, got.Differences)
	}
}

// TestEditsAreOfTheSeed: the same seed edits the same records in the same way, also where another record has changed meanwhile.
func TestEditsAreOfTheSeed(t *testing.T) {
	edits := func(touched bool) map[string]string {
		pair := newPair(t, sandbox.Options{People: 400, Seed: 2})
		first, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 60, Seed: 8})
		if err != nil {
			t.Fatal(err)
		}
		if !touched {
			pair = newPair(t, sandbox.Options{People: 400, Seed: 2})
		}
		again, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 60, Seed: 9})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, e := range again {
			if !slices.ContainsFunc(first, func(f sandbox.Edited) bool { return f.ID == e.ID }) {
				out[e.ID] = fmt.Sprint(e.Fields)
			}
		}
		return out
	}
	if diff := cmp.Diff(edits(false), edits(true)); diff != "" {
		t.Errorf("records that nobody had touched were edited in another way:\n%s", diff)
	}
}
