package org

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

func TestVersions(t *testing.T) {
	b := newBench(t)
	b.token = "none"
	list := b.send("GET", "/services/data", "")
	if list.status != 200 || !strings.Contains(list.body, `{"label":"Winter '25","url":"/services/data/v62.0","version":"62.0"}`) {
		t.Errorf("%d %s", list.status, list.body)
	}
	if used, _ := b.Requests(); used != 0 || list.header.Get("Sforce-Limit-Info") != "" {
		t.Errorf("the list of versions counts %d requests and tells of usage", used)
	}
}

func TestSessions(t *testing.T) {
	b := newBench(t)
	good := b.token
	for _, token := range []string{"", "wrong"} {
		b.token = token
		b.send("GET", "sobjects/Lead", "").want(401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
	}
	b.send("GET", "sobjects/Lead", "", "Authorization: Basic x").refused(401, "INVALID_AUTH_HEADER")
	b.send("GET", "sobjects/Lead", "", "Authorization: OAuth "+good).refused(200, "objectDescribe")
	b.token = good
	b.clock.Advance(90 * time.Minute)
	b.send("GET", "sobjects/Lead", "").refused(200, "objectDescribe")
	b.clock.Advance(90 * time.Minute) // a session counts from its last use
	b.send("GET", "sobjects/Lead", "").refused(200, "objectDescribe")
	b.clock.Advance(3 * time.Hour)
	b.send("GET", "sobjects/Lead", "").refused(401, "INVALID_SESSION_ID")
}

func TestPaths(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	for _, path := range []string{
		"sobjects/Lead/" + id, "sobjects/lead/" + id + "/", "SObjects/LEAD/" + id[:15] + ".json", "/services/data/V61.0/sobjects/Lead/" + id,
		"/services/data/v61.0/sobjects/Lead/Id/" + id,
	} {
		if got := b.send("GET", path, ""); got.status != 200 || got.at("Id") != id {
			t.Errorf("%s: %d %.100s", path, got.status, got.body)
		}
	}
	b.send("POST", "sobjects/Lead/"+id+"?_HttpMethod=PATCH", `{"City":"Ulm"}`).want(204, "")
	b.send("GET", "/services/data/v20.0/limits", "").refused(410, "UNSUPPORTED_API_VERSION")
	b.send("GET", "/services/data/v99.0/limits", "").refused(404, "NOT_FOUND")
	b.send("GET", "sobjects/Lead?x="+strings.Repeat("y", maxURI), "").want(414, "")
}

func TestEncodings(t *testing.T) {
	b := newBench(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, `{"LastName":"A","Company":"B"}`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := b.send("POST", "sobjects/Lead", packed.String(), "Content-Encoding: gzip"); got.status != 201 {
		t.Errorf("a packed request: %d %s", got.status, got.body)
	}
	b.send("POST", "sobjects/Lead", "plain", "Content-Encoding: gzip").refused(415, "UNSUPPORTED_MEDIA_TYPE")
	b.send("POST", "sobjects/Lead", "<Lead/>", "Content-Type: application/xml").refused(415, "UNSUPPORTED_MEDIA_TYPE")

	r := httptest.NewRequest("GET", "/services/data/v61.0/sobjects/Lead/describe", nil)
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Accept-Encoding", "gzip")
	rec := httptest.NewRecorder()
	b.ServeHTTP(rec, r)
	if rec.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("a long answer is not packed")
	}
	unpack, err := gzip.NewReader(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(unpack); err != nil || !strings.Contains(string(body), `"keyPrefix":"00Q"`) {
		t.Errorf("the packed answer reads %.80s, %v", body, err)
	}
	if got := b.send("GET", "limits", "", "X-PrettyPrint: 1"); !strings.Contains(got.body, "\n  \"DailyApiRequests\"") {
		t.Errorf("not indented: %.80s", got.body)
	}
}

func TestQuota(t *testing.T) {
	b := newBench(t, func(c *Config) { c.DailyRequests = 10 })
	b.send("GET", "limits", "").refused(200, "DailyApiRequests")
	if got := b.send("GET", "sobjects/Nope", "").header.Get("Sforce-Limit-Info"); got != "api-usage=2/10" {
		t.Errorf("usage after two calls, one of them refused: %q", got)
	}
	b.SpendRequests(8)
	b.send("GET", "limits", "").want(403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`)
	if calls := b.log.Snapshot().Salesforce.Calls; calls != 2 {
		t.Errorf("%d calls counted, want 2: a refused call is not one", calls)
	}
	b.clock.Advance(23*time.Hour + 58*time.Minute)
	b.token = b.openSession(b.people.sync, "", "", nil).token
	b.send("GET", "limits", "").refused(403, "REQUEST_LIMIT_EXCEEDED")
	b.clock.Advance(3 * time.Minute) // the window rolls
	b.token = b.openSession(b.people.sync, "", "", nil).token
	b.send("GET", "limits", "").refused(200, "DailyApiRequests")
	if err := b.dice.Next(fault.QuotaCutoff, 1); err != nil {
		t.Fatal(err)
	}
	b.send("GET", "limits", "").refused(403, "REQUEST_LIMIT_EXCEEDED")
}

// TestJournal counts as the day's allowance and the promises are checked: what could write, what counts, what wrote.
func TestJournal(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	rows := []struct {
		name, method, path, body   string
		endpoint                   string
		calls, writeCalls, written int
	}{
		{"a change", "PATCH", "sobjects/Lead/" + id, `{"City":"Ulm"}`, "PATCH /sobjects/{object}/{id}", 1, 1, 1},
		{"a save without a change", "PATCH", "sobjects/Lead/" + id, `{"City":"Ulm"}`, "PATCH /sobjects/{object}/{id}", 1, 1, 0},
		{"a refused save", "PATCH", "sobjects/Lead/" + id, `{"LastName":null}`, "PATCH /sobjects/{object}/{id}", 1, 1, 0},
		{"a read", "GET", "sobjects/Lead/" + id, ``, "GET /sobjects/{object}/{id}", 1, 0, 0},
		{"a composite of reads", "POST", "composite", `{"compositeRequest":[{"method":"GET","url":"/services/data/v61.0/sobjects/Lead/` + id + `","referenceId":"a"},{"method":"POST","url":"/services/data/v61.0/composite/sobjects/Lead","referenceId":"b","body":{"ids":["` + id + `"],"fields":["Id"]}}]}`, "POST /composite", 1, 0, 0},
		{"a composite with a write", "POST", "composite", `{"compositeRequest":[{"method":"PATCH","url":"/services/data/v61.0/sobjects/Lead/` + id + `","referenceId":"a","body":{"City":"Rom"}}]}`, "POST /composite", 1, 1, 1},
		{"a collections read", "POST", "composite/sobjects/Lead", `{"ids":["` + id + `"],"fields":["Id"]}`, "POST /composite/sobjects/{object}", 1, 0, 0},
		{"a collections write", "POST", "composite/sobjects", `{"records":[{"attributes":{"type":"Lead"},"LastName":"A","Company":"B"},{"attributes":{"type":"Lead"}}]}`, "POST /composite/sobjects", 1, 1, 1},
		{"a read by POST", "POST", "sobjects/Lead/" + id + "?_HttpMethod=GET", ``, "GET /sobjects/{object}/{id}", 1, 0, 0},
		{"a delete", "DELETE", "sobjects/Lead/" + id, ``, "DELETE /sobjects/{object}/{id}", 1, 1, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b.t = t
			b.log.Reset()
			b.send(row.method, row.path, row.body)
			got := b.log.Snapshot().Salesforce
			if got.Calls != row.calls || got.WriteCalls != row.writeCalls || got.Writes != row.written || got.ByEndpoint[row.endpoint] != 1 {
				t.Errorf("got %+v, want %+v", got, row)
			}
		})
	}
}
