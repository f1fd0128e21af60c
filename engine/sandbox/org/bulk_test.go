package org

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// ingestJob creates a job, uploads a file and closes it.
func (b *bench) ingestJob(job, file string) string {
	b.t.Helper()
	id := b.send("POST", "jobs/ingest", job).at("id").(string)
	b.send("PUT", "jobs/ingest/"+id+"/batches", file, "Content-Type: text/csv").want(http.StatusCreated, "")
	b.send("PATCH", "jobs/ingest/"+id, `{"state":"UploadComplete"}`)
	return id
}

func (b *bench) state(path string) string {
	b.t.Helper()
	return b.send("GET", path, "").at("state").(string)
}

func (r reply) csv(body string) {
	r.t.Helper()
	if r.status != http.StatusOK || r.body != body || r.header.Get("Content-Type") != "text/csv" {
		r.t.Errorf("got %d %s\n%s\nwant\n%s", r.status, r.header.Get("Content-Type"), r.body, body)
	}
}

func (b *bench) kade(last string) string {
	b.t.Helper()
	id, err := b.Create("Lead", map[string]string{"LastName": last, "Company": "Kade", "Website": "https://kade.example"})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) has(id, field string) string {
	text := ""
	b.Look("Lead", id, func(get func(string) (string, bool)) { text, _ = get(field) })
	return text
}

func TestBulkUpdate(t *testing.T) {
	b := newBench(t)
	one, two := b.kade("One"), b.kade("Two")
	open := b.send("POST", "jobs/ingest", `{"object":"lead","operation":"update","contentType":"CSV","lineEnding":"LF"}`)
	id := open.at("id").(string)
	if !strings.HasPrefix(id, "750") || open.at("contentUrl") != "services/data/v61.0/jobs/ingest/"+id+"/batches" || open.at("apiVersion") != 61.0 {
		t.Errorf("created: %s", open.body)
	}
	b.send("GET", "jobs/ingest/"+id+"/failedResults", "").refused(http.StatusBadRequest, "INVALIDJOBSTATE")
	file := "Id,Title,Website\n" + one + ",\"a \"\"b\"\",\nc\",#N/A\n" + two + "," + strings.Repeat("x", 200) + ",\n"
	b.send("PUT", "jobs/ingest/"+id+"/batches", file, "Content-Type: text/csv; charset=UTF-8").want(http.StatusCreated, "")
	b.send("PUT", "jobs/ingest/"+id+"/batches", file, "Content-Type: text/csv").refused(http.StatusBadRequest, "CLIENTINPUTERROR")
	closed := b.send("PATCH", "jobs/ingest/"+id, `{"id":"`+id+`","state":"UploadComplete"}`)
	if closed.status != http.StatusOK || closed.at("state") != "UploadComplete" || strings.Contains(closed.body, "lineEnding") {
		t.Errorf("closed: %s", closed.body)
	}
	if b.has(one, "Title") != "" || b.state("jobs/ingest/"+id) != "UploadComplete" {
		t.Error("the job did not wait")
	}
	b.clock.Advance(time.Second)
	if got := b.state("jobs/ingest/" + id); got != "InProgress" {
		t.Errorf("after a second: %s", got)
	}
	b.clock.Advance(time.Second)
	if b.has(one, "Title") != "a \"b\",\nc" || b.has(one, "Website") != "" || b.has(two, "Website") != "https://kade.example" {
		t.Errorf("title %q, websites %q %q", b.has(one, "Title"), b.has(one, "Website"), b.has(two, "Website"))
	}
	done := b.send("GET", "jobs/ingest/"+id, "")
	if done.at("state") != "JobComplete" || done.at("numberRecordsProcessed") != 2.0 || done.at("numberRecordsFailed") != 1.0 || done.at("jobType") != "V2Ingest" {
		t.Errorf("done: %s", done.body)
	}
	b.send("GET", "jobs/ingest/"+id+"/successfulResults/", "").csv("\"sf__Id\",\"sf__Created\",Id,Title,Website\n\"" +
		one + "\",\"false\",\"" + one + "\",\"a \"\"b\"\",\nc\",\"#N/A\"\n")
	failed := b.send("GET", "jobs/ingest/"+id+"/failedResults", "").body
	if !strings.HasPrefix(failed, "\"sf__Id\",\"sf__Error\",Id,Title,Website\n\""+two+"\",\"STRING_TOO_LONG:") || !strings.Contains(failed, ":Title --\"") {
		t.Error(failed)
	}
	b.send("GET", "jobs/ingest/"+id+"/unprocessedRecords", "").csv("Id,Title,Website\n")
	b.send("PATCH", "jobs/ingest/"+id, `{"state":"Aborted"}`).refused(http.StatusBadRequest, "Aborting already Completed Job not allowed")
	if counts := b.log.Snapshot().Of(record.Salesforce); counts.Writes != 1 {
		t.Errorf("the journal holds %d writes", counts.Writes)
	}
	b.send("DELETE", "jobs/ingest/"+id, "").want(http.StatusNoContent, "")
	b.send("GET", "jobs/ingest/"+id, "").refused(http.StatusNotFound, "NOT_FOUND")
	if left := b.send("GET", "limits", "").at("DailyBulkApiBatches", "Remaining"); left != float64(dailyBatches-1) {
		t.Errorf("%v batches are left", left)
	}
}

// TestBulkFiles says what becomes of files by how they are written.
// Whoever asks for a big job is not kept until it is through, and it can be stopped meanwhile.
func TestABigJobKeepsNobodyWaiting(t *testing.T) {
	b := newBench(t)
	one := b.kade("One")
	id := b.ingestJob(`{"object":"Lead","operation":"update"}`, "Id,Title\n"+strings.Repeat(one+",CEO\n", 5*besideFrom))
	b.clock.Advance(time.Minute)
	if got := b.state("jobs/ingest/" + id); got != "InProgress" {
		t.Errorf("when it is due: %s", got)
	}
	b.send("PATCH", "jobs/ingest/"+id, `{"state":"Aborted"}`)
	for b.state("jobs/ingest/"+id) == "InProgress" {
		runtime.Gosched()
	}
	if got := b.state("jobs/ingest/" + id); got != "Aborted" {
		t.Errorf("in the end: %s", got)
	}
}

func TestBulkFiles(t *testing.T) {
	for _, row := range []struct {
		name, job, file string
		state, message  string
		failed, rows    float64
	}{
		{"semicolons and CRLF", `,"lineEnding":"CRLF","columnDelimiter":"SEMICOLON"`, "LastName;Company\r\nNg;\"Kade;\"\r\n", "JobComplete", "", 0, 1},
		{"the other line end", "", "LastName,Company\r\nNg,Kade\r\n", "Failed", "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF", 0, 0},
		{"no line end at the end", "", "LastName,Company\nNg,Kade", "JobComplete", "", 0, 1},
		{"an unknown column", "", "LastName,Company,Foo__c\nNg,Kade,1\n", "Failed", "InvalidBatch : Field name not found : Foo__c", 0, 0},
		{"a blank before a quote", "", "LastName,Company\nNg, \"Kade\"\nLi,Kade\n", "JobComplete", "", 1, 2},
		{"a quote that never closes", "", "LastName,Company\nLi,Kade\nNg,\"Kade\n", "JobComplete", "", 0, 2},
		{"a cell too few", "", "LastName,Company\nNg\n", "JobComplete", "", 1, 1},
		{"nothing", "", "", "Failed", "InvalidBatch : The content has no header row", 0, 0},
		{"a required field is blank", "", "LastName,Company\n,Kade\n", "JobComplete", "", 1, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			id := b.ingestJob(`{"object":"Lead","operation":"insert","externalIdFieldName":""`+row.job+`}`, row.file)
			b.clock.Advance(10 * time.Second)
			got := b.send("GET", "jobs/ingest/"+id, "")
			if got.at("state") != row.state || got.at("numberRecordsFailed") != row.failed || got.at("numberRecordsProcessed") != row.rows {
				t.Error(got.body)
			}
			if row.message != "" && got.at("errorMessage") != row.message {
				t.Error(got.body)
			}
		})
	}
}

func TestBulkOperations(t *testing.T) {
	b := newBench(t)
	run := func(job, file string) (good, bad string) {
		t.Helper()
		id := b.ingestJob(job, file)
		b.clock.Advance(10 * time.Second)
		return b.send("GET", "jobs/ingest/"+id+"/successfulResults", "").body, b.send("GET", "jobs/ingest/"+id+"/failedResults", "").body
	}
	upsert := `{"object":"Lead","operation":"upsert","externalIdFieldName":"Legacy_Number__c"}`
	good, bad := run(upsert, "Legacy_Number__c,LastName,Company\nB-1,Ng,Kade\nB-2,Li,Kade\nB-2,Li,Kade\n")
	if strings.Count(good, `"true"`) != 1 || strings.Count(bad, "DUPLICATE_VALUE:Duplicate external id specified: B-2:Legacy_Number__c --") != 2 {
		t.Error(good, bad)
	}
	if good, _ = run(upsert, "Legacy_Number__c,Title\nB-1,Boss\n"); !strings.Contains(good, `"false"`) {
		t.Error(good)
	}
	one, two := b.kade("One"), b.kade("Two")
	if good, bad = run(`{"object":"Lead","operation":"delete"}`, "Id\n"+one+"\n00Q\n"); strings.Count(good, "\n") != 2 || !strings.Contains(bad, "MALFORMED_ID") {
		t.Error(good, bad)
	}
	if good, _ = run(`{"object":"Lead","operation":"hardDelete"}`, "Id\n"+two+"\n"); strings.Count(good, "\n") != 2 {
		t.Error(good)
	}
	all := b.send("GET", "queryAll?q=SELECT+Id+FROM+Lead+WHERE+IsDeleted=true", "").body
	if !strings.Contains(all, one) || strings.Contains(all, two) {
		t.Error("the bin holds", all)
	}
	for job, code := range map[string]string{
		`{"object":"Nothing","operation":"insert"}`:                                      "INVALIDJOB",
		`{"object":"Lead","operation":"upsert"}`:                                         "INVALIDJOB",
		`{"object":"Lead","operation":"upsert","externalIdFieldName":"Title"}`:           "INVALIDJOB",
		`{"object":"Lead","operation":"merge"}`:                                          "INVALIDJOB",
		`{"object":"Lead","operation":"insert","contentType":"XML"}`:                     "INVALIDJOB",
		`{"object":"Lead","operation":"insert","lineEnding":"CR"}`:                       "INVALIDJOB",
		`{"object":"Lead","operation":"insert","columnDelimiter":"SLASH"}`:               "INVALIDJOB",
		`{"object":"Lead","operation":"update","externalIdFieldName":"","lineEnding":[]`: "JSON_PARSER_ERROR",
	} {
		b.send("POST", "jobs/ingest", job).refused(http.StatusBadRequest, code)
	}
	poor := newBench(t, bare)
	poor.send("POST", "jobs/ingest", `{"object":"Lead","operation":"hardDelete"}`).refused(http.StatusBadRequest, "FEATURENOTENABLED")
	id := b.ingestJob(`{"object":"Lead","operation":"insert"}`, "LastName,Company\nAborted,Kade\n")
	b.send("PATCH", "jobs/ingest/"+id, `{"state":"Aborted"}`)
	b.clock.Advance(10 * time.Second)
	b.send("GET", "jobs/ingest/"+id+"/unprocessedrecords", "").csv("LastName,Company\n\"Aborted\",\"Kade\"\n")
	if b.send("GET", "jobs/ingest", "").at("records", 0, "jobType") != "V2Ingest" {
		t.Error("the list is empty")
	}
}

func TestBulkMultipart(t *testing.T) {
	b := newBench(t)
	body := "--b\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{\"object\":\"Lead\",\"operation\":\"insert\"}\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\nContent-Type: text/csv\r\n\r\nLastName,Company\nNg,Kade\n\r\n--b--\r\n"
	made := b.send("POST", "jobs/ingest", body, "Content-Type: multipart/form-data; boundary=b")
	if made.at("state") != "UploadComplete" {
		t.Fatal(made.body)
	}
	b.clock.Advance(10 * time.Second)
	if b.Counts()["Lead"] != 1 {
		t.Error("no lead was made")
	}
}

func TestBulkQuery(t *testing.T) {
	b := newBench(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, b.kade(fmt.Sprintf("Row \"%d\"", i)))
	}
	if err := b.Delete(ids[4]); err != nil {
		t.Fatal(err)
	}
	start := func(operation, query string) string {
		t.Helper()
		made := b.send("POST", "jobs/query", `{"operation":"`+operation+`","query":"`+query+`"}`)
		if made.at("state") != "UploadComplete" {
			t.Fatal(made.body)
		}
		return made.at("id").(string)
	}
	id := start("query", "SELECT Id, LastName, Owner.Name, AnnualRevenue, HasOptedOutOfEmail, SystemModstamp FROM Lead ORDER BY Id")
	b.send("GET", "jobs/query/"+id+"/results", "").refused(http.StatusBadRequest, "INVALIDJOBSTATE")
	b.send("DELETE", "jobs/query/"+id, "").refused(http.StatusBadRequest, "API_ERROR")
	b.clock.Advance(2 * time.Second)
	done := b.send("GET", "jobs/query/"+id, "")
	if done.at("state") != "JobComplete" || done.at("numberRecordsProcessed") != 4.0 || done.at("jobType") != "V2Query" {
		t.Fatal(done.body)
	}
	if err := b.Set(ids[0], map[string]string{"LastName": "Later"}); err != nil {
		t.Fatal(err)
	}
	owner := b.has(ids[0], "OwnerId")
	name := ""
	b.Look("User", owner, func(get func(string) (string, bool)) { name, _ = get("Name") })
	header := "\"Id\",\"LastName\",\"Owner.Name\",\"AnnualRevenue\",\"HasOptedOutOfEmail\",\"SystemModstamp\"\n"
	line := func(i int) string {
		return fmt.Sprintf("\"%s\",\"Row \"\"%d\"\"\",\"%s\",\"\",\"false\",\"2026-11-24T10:00:00.000Z\"\n", ids[i], i, name)
	}
	page := b.send("GET", "jobs/query/"+id+"/results?maxRecords=3", "")
	page.csv(header + line(0) + line(1) + line(2))
	next := page.header.Get("Sforce-Locator")
	if page.header.Get("Sforce-NumberOfRecords") != "3" || next == "null" || next == "" {
		t.Errorf("headers %v", page.header)
	}
	page = b.send("GET", "jobs/query/"+id+"/results/?maxRecords=3&locator="+next, "")
	page.csv(header + line(3))
	if page.header.Get("Sforce-NumberOfRecords") != "1" || page.header.Get("Sforce-Locator") != "null" {
		t.Errorf("headers %v", page.header)
	}
	b.send("GET", "jobs/query/"+id+"/results?locator=xx", "").refused(http.StatusBadRequest, "INVALIDLOCATOR")
	b.send("GET", "/services/data/v60.0/jobs/query/"+id+"/results", "").refused(http.StatusConflict, "API_ERROR")
	b.send("GET", "jobs/query/"+id+"/resultPages", "").want(http.StatusOK,
		`{"resultPages":[{"resultUrl":"/services/data/v61.0/jobs/query/`+id+`/results"}],"nextRecordsUrl":null,"done":true}`)

	all := start("queryAll", "SELECT Id FROM Lead")
	none := start("query", "SELECT Id FROM Contact")
	stopped := start("query", "SELECT Id FROM Lead")
	b.send("PATCH", "jobs/query/"+stopped, `{"state":"Aborted"}`)
	b.clock.Advance(2 * time.Second)
	if got := b.send("GET", "jobs/query/"+all+"/results", "").header.Get("Sforce-NumberOfRecords"); got != "5" {
		t.Errorf("queryAll gives %s rows", got)
	}
	b.send("GET", "jobs/query/"+none+"/results", "").csv("\"Id\"\n")
	if got := b.state("jobs/query/" + stopped); got != "Aborted" {
		t.Errorf("an aborted query is %s", got)
	}
	b.send("DELETE", "jobs/query/"+stopped, "").want(http.StatusNoContent, "")
	for query, code := range map[string]string{
		"SELECT COUNT() FROM Lead": "FUNCTIONALITY_NOT_ENABLED", "SELECT Status FROM Lead GROUP BY Status": "FUNCTIONALITY_NOT_ENABLED",
		"SELECT Id, (SELECT Id FROM Contacts) FROM Account": "FUNCTIONALITY_NOT_ENABLED", "SELECT Address FROM Lead": "FUNCTIONALITY_NOT_ENABLED",
		"SELECT Nope FROM Lead": "INVALID_FIELD", "SELECT Id FROM Nope": "INVALID_TYPE", "SELECT": "MALFORMED_QUERY",
	} {
		b.send("POST", "jobs/query", `{"operation":"query","query":"`+query+`"}`).refused(http.StatusBadRequest, code)
	}
	if calls := b.log.Snapshot().Of(record.Salesforce).WriteCalls; calls != 0 {
		t.Errorf("queries count as %d calls that write", calls)
	}
	if left := b.send("GET", "limits", "").at("DailyBulkV2QueryJobs", "Remaining"); left != float64(dailyQueries-4) {
		t.Errorf("%v queries are left", left)
	}
}

// FuzzCSV: whatever is uploaded, what is written from the cells of a good file reads back as the same cells.
func FuzzCSV(f *testing.F) {
	f.Add("Id,Title\n1,\"a \"\"b\"\",\nc\"\n", false)
	f.Add("a;b\r\n\"\"x,\r\n", true)
	f.Fuzz(func(t *testing.T, file string, crlf bool) {
		header, rows, problem := parseCSV(file, ',', crlf)
		if problem != "" {
			return
		}
		w := csvWriter{',', map[bool]string{true: "\r\n", false: "\n"}[crlf]}
		for _, row := range rows {
			if row.problem != "" {
				continue
			}
			if len(row.cells) != len(header) {
				t.Fatalf("%d cells under %d names", len(row.cells), len(header))
			}
			var b []byte
			for i, cell := range row.cells {
				b = w.cell(b, i == 0, cell)
			}
			again, _, _ := parseRow(string(append(b, w.end...)), ',')
			if again.problem != "" || strings.Join(again.cells, "\x00") != strings.Join(row.cells, "\x00") {
				t.Fatalf("%q reads back as %q", row.cells, again.cells)
			}
		}
	})
}
