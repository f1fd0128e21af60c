package instance_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

const leadExport, activityExport = "/bulk/v1/leads/export", "/bulk/v1/activities/export"

// extract runs a job to its end and gives its file.
func (w *world) extract(base, body string) string {
	w.t.Helper()
	id := w.ok("POST", base+"/create.json", body).Result[0]["exportId"].(string)
	w.ok("POST", base+"/"+id+"/enqueue.json", "")
	w.clock.Advance(10 * time.Second)
	a := w.ok("GET", base+"/"+id+"/status.json", "")
	if a.Result[0]["status"] != "Completed" {
		w.t.Fatalf("after ten seconds: %s", a.Text)
	}
	file := w.get(base + "/" + id + "/file.json")
	sum := sha256.Sum256([]byte(file.Text))
	if file.Status != http.StatusOK || a.Result[0]["fileChecksum"] != "sha256:"+hex.EncodeToString(sum[:]) || a.Result[0]["fileSize"] != float64(len(file.Text)) {
		w.t.Fatalf("the file does not fit its status: %s", a.Text)
	}
	if records := strings.Count(file.Text, "\n") - 1; !strings.Contains(file.Text, `"`) && a.Result[0]["numberOfRecords"] != float64(records) {
		w.t.Fatalf("%d records: %s", records, a.Text)
	}
	return file.Text
}

func TestLeadExtract(t *testing.T) {
	w := newWorld(t, 800, instance.Config{})
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example","lastName":"Quo\"te, line\nend","doNotCall":true}]}`)
	file := w.extract(leadExport, `{"fields":["id","email","lastName","doNotCall","title","createdAt"],"columnHeaderNames":{"email":"Mail"},
		"filter":{"createdAt":{"startAt":"2026-07-14T09:30:00Z","endAt":"2026-07-14T09:30:00Z"}}}`)
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if got := strings.Join(rows[0], " "); got != "id Mail lastName doNotCall title createdAt" {
		t.Errorf("the header is %s", got)
	}
	if got := strings.Join(rows[1][1:], "|"); got != "n@x.example|Quo\"te, line\nend|true|null|2026-07-14T09:30:00Z" {
		t.Errorf("the row is %q", got)
	}
	// Every seeded person was changed at some second: windows of 31 days over all the years hold each once.
	total := 0
	for from := opening.AddDate(-7, 0, 0); from.Before(opening); from = from.Add(31*24*time.Hour + time.Second) {
		span := fmt.Sprintf(`{"startAt":%q,"endAt":%q}`, from.Format(time.RFC3339), from.Add(31*24*time.Hour).Format(time.RFC3339))
		total += strings.Count(w.extract(leadExport, `{"fields":["id"],"filter":{"updatedAt":`+span+`}}`), "\n") - 1
		w.signIn(w.i.Credentials())
	}
	if want := w.i.Counts()["people"]; total != want && total != want-1 {
		t.Errorf("windows hold %d people of %d", total, want)
	}
	for name, row := range map[string]struct{ body, want string }{
		"no fields":       {`{"filter":{"staticListId":1001}}`, "1002"},
		"no filter":       {`{"fields":["id"]}`, "1003"},
		"two filters":     {`{"fields":["id"],"filter":{"staticListId":1001,"smartListId":2001}}`, "1003"},
		"unknown field":   {`{"fields":["nothing"],"filter":{"staticListId":1001}}`, "1006"},
		"32 days":         {`{"fields":["id"],"filter":{"createdAt":{"startAt":"2026-06-01T00:00:00Z","endAt":"2026-07-03T00:00:00Z"}}}`, "1003"},
		"milliseconds":    {`{"fields":["id"],"filter":{"createdAt":{"startAt":"2026-07-01T00:00:00.000Z","endAt":"2026-07-03T00:00:00Z"}}}`, "704"},
		"another format":  {`{"format":"XLSX","fields":["id"],"filter":{"staticListId":1001}}`, "1003"},
		"unknown list":    {`{"fields":["id"],"filter":{"staticListId":5}}`, "1013"},
		"not even a body": {``, "612"},
	} {
		if got := w.post(leadExport+"/create.json", row.body).code(); got != row.want {
			t.Errorf("%s: %q, want %s", name, got, row.want)
		}
	}
	w.i.SetUpdatedAtFilter(false)
	if got := w.post(leadExport+"/create.json", `{"fields":["id"],"filter":{"updatedAt":{"startAt":"2026-07-01T00:00:00Z","endAt":"2026-07-03T00:00:00Z"}}}`).code(); got != "1035" {
		t.Errorf("a subscription without updatedAt: %q", got)
	}
	if n := w.journal.Snapshot().Of(record.Marketo); n.WriteCalls != 1 {
		t.Errorf("%d write calls: an export job is none", n.WriteCalls)
	}
}

func TestActivityExtract(t *testing.T) {
	w := newWorld(t, 100, instance.Config{})
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example"}]}`)
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"n@x.example","title":"CEO","city":"Lyon"}]}`)
	span := `"createdAt":{"startAt":"2026-07-14T09:30:00Z","endAt":"2026-07-14T09:31:00Z"}`
	file := w.extract(activityExport, `{"filter":{`+span+`,"activityTypeIds":[13],"primaryAttributeValues":["Job Title"]}}`)
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	var attributes map[string]any
	if err := json.Unmarshal([]byte(rows[1][7]), &attributes); err != nil || attributes["New Value"] != "CEO" {
		t.Errorf("the attributes: %s", rows[1][7])
	}
	if got := w.post(activityExport+"/create.json", `{"filter":{`+span+`,"activityTypeIds":[37]}}`).code(); got != "1003" {
		t.Errorf("deletions: %q", got)
	}
}

func TestExportQueue(t *testing.T) {
	w := newWorld(t, 50, instance.Config{})
	create := func() string {
		return w.ok("POST", leadExport+"/create.json", `{"fields":["id"],"filter":{"smartListId":2001}}`).Result[0]["exportId"].(string)
	}
	status := func(id string) any {
		return w.ok("GET", leadExport+"/"+id+"/status.json", "").Result[0]["status"]
	}
	first := create()
	if got := w.get(leadExport + "/" + first + "/file.json"); got.Status != http.StatusNotFound || strings.Contains(got.Text, "{") {
		t.Errorf("the file of a job that has not run: %d", got.Status)
	}
	w.ok("POST", leadExport+"/"+first+"/enqueue.json", "")
	if got := w.post(leadExport+"/"+first+"/enqueue.json", "").Errors[0].Message; got != "Job already queued" {
		t.Errorf("queued again: %s", got)
	}
	for range 9 {
		w.ok("POST", leadExport+"/"+create()+"/enqueue.json", "")
	}
	last := create()
	if got := w.post(leadExport+"/"+last+"/enqueue.json", "").Errors[0].Message; got != "Too many jobs in queue" {
		t.Errorf("the eleventh: %s", got)
	}
	states := []any{status(first)}
	w.clock.Advance(time.Second)
	states = append(states, status(first))
	w.clock.Advance(time.Second)
	states = append(states, status(first))
	if fmt.Sprint(states) != "[Queued Processing Completed]" {
		t.Errorf("states: %v", states)
	}
	if err := w.dice.Next(fault.EmptyPage, 1); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusNotFound, http.StatusOK} {
		if got := w.get(leadExport + "/" + first + "/file.json").Status; got != want {
			t.Errorf("right after its completion a file is answered %d, want %d", got, want)
		}
	}
	w.clock.Advance(8 * time.Second)
	done := w.ok("GET", leadExport+".json?status=Completed", "")
	if len(done.Result) != 10 {
		t.Errorf("ten seconds after they were queued %d of 10 jobs are complete", len(done.Result))
	}
	cancel := w.ok("POST", leadExport+"/"+last+"/cancel.json", "")
	listed := w.ok("GET", leadExport+".json?status=Canceled", "")
	if cancel.Result[0]["status"] != "Cancelled" || len(listed.Result) != 1 || listed.Result[0]["status"] != "Canceled" {
		t.Errorf("both spellings: %s %s", cancel.Text, listed.Text)
	}
	part := w.send("GET", leadExport+"/"+first+"/file.json", "", map[string]string{"Range": "bytes=0-1", "Accept-Encoding": "gzip"})
	if part.Status != http.StatusPartialContent || part.Text != "id" || !strings.HasPrefix(part.Header.Get("Content-Range"), "bytes 0-1/") {
		t.Errorf("a range: %d %q %s", part.Status, part.Text, part.Header.Get("Content-Range"))
	}
	other, err := w.i.AddService("other@acme.example", "Read-Only Lead")
	if err != nil {
		t.Fatal(err)
	}
	w.signIn(other)
	if got := w.get(leadExport + "/" + first + "/status.json").code(); got != "1013" {
		t.Errorf("somebody else's job: %q", got)
	}
}

func multipartBody(fields map[string]string, file string) (body, contentType string) {
	b := &strings.Builder{}
	for name, value := range fields {
		fmt.Fprintf(b, "--XX\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, value)
	}
	fmt.Fprintf(b, "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\nContent-Type: text/csv\r\n\r\n%s\r\n--XX--\r\n", file)
	return b.String(), "multipart/form-data; boundary=XX"
}

func TestLeadImport(t *testing.T) {
	w := newWorld(t, 50, instance.Config{})
	token := w.since(w.clock.Now())
	body, kind := multipartBody(map[string]string{"format": "csv", "lookupField": "email", "listId": "1001"},
		"email,lastName,leadScore\r\ni1@x.example,\"One, \"\"1\"\"\",5\r\n,Nobody,1\r\ni2@x.example,Two,many\r\nbad,Three,\r\n")
	started := w.send("POST", "/bulk/v1/leads.json", body, map[string]string{"Content-Type": kind})
	if !started.Success || started.Result[0]["status"] != "Queued" {
		t.Fatalf("%.300s", started.Text)
	}
	id := fmt.Sprint(int(started.Result[0]["batchId"].(float64)))
	if busy := w.send("POST", "/bulk/v1/leads.json", body, map[string]string{"Content-Type": kind}); busy.code() != "1019" {
		t.Errorf("another import into the list: %q", busy.code())
	}
	w.clock.Advance(time.Second)
	if a := w.ok("GET", "/bulk/v1/leads/batch/"+id+".json", ""); a.Result[0]["status"] != "Importing" {
		t.Errorf("%s", a.Text)
	}
	w.clock.Advance(9 * time.Second)
	a := w.ok("GET", "/bulk/v1/leads/batch/"+id+".json", "").Result[0]
	if a["status"] != "Complete" || a["numOfLeadsProcessed"] != 1.0 || a["numOfRowsFailed"] != 3.0 || a["numOfRowsWithWarning"] != 1.0 {
		t.Errorf("the import ended as %v", a)
	}
	failures := w.get("/bulk/v1/leads/batch/" + id + "/failures.json").Text
	for _, want := range []string{"email,lastName,leadScore,Import Failure Reason\n", ",missing.dedupe.fields\n", "Invalid data type in field Lead Score"} {
		if !strings.Contains(failures, want) {
			t.Errorf("the failures lack %q: %s", want, failures)
		}
	}
	if warnings := w.get("/bulk/v1/leads/batch/" + id + "/warnings.json").Text; !strings.Contains(warnings, "Invalid email address") {
		t.Errorf("the warnings: %s", warnings)
	}
	found := w.ok("GET", "/rest/v1/leads.json?fields=lastName,leadScore&filterType=email&filterValues=i1@x.example", "")
	if len(found.Result) != 1 || found.Result[0]["lastName"] != `One, "1"` || found.Result[0]["leadScore"] != 5.0 {
		t.Errorf("imported: %.300s", found.Text)
	}
	all, _ := w.activities(token, "12,24")
	if len(all) != 2 || all[1]["primaryAttributeValue"] != "Sync to Salesforce now" {
		t.Errorf("%d activities", len(all))
	}
	if n := w.journal.Snapshot().Of(record.Marketo); n.Writes != 1 || n.WriteCalls != 2 {
		t.Errorf("%d writes in %d write calls", n.Writes, n.WriteCalls)
	}
	small, kind := multipartBody(map[string]string{"format": "csv"}, "email\na@x.example\n")
	id = fmt.Sprint(int(w.send("POST", "/bulk/v1/leads.json", small, map[string]string{"Content-Type": kind}).Result[0]["batchId"].(float64)))
	w.clock.Advance(10 * time.Second)
	if got := w.get("/bulk/v1/leads/batch/" + id + "/failures.json").Status; got != http.StatusNotFound {
		t.Errorf("failures where none are: %d", got)
	}
	huge, kind := multipartBody(map[string]string{"format": "csv"}, "email\n"+strings.Repeat("x", 10<<20))
	if got := w.send("POST", "/bulk/v1/leads.json", huge, map[string]string{"Content-Type": kind}).Status; got != http.StatusRequestEntityTooLarge {
		t.Errorf("more than 10 MB: %d", got)
	}
	if got := w.send("POST", "/bulk/v1/leads.json?format=csv", "email\n", map[string]string{"Content-Type": "text/csv"}).code(); got != "613" {
		t.Errorf("not multipart: %q", got)
	}
}
