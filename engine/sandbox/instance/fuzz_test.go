package instance_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// FuzzRequests: whatever is sent, every answer is an envelope with a code, or a bare status, and never a panic.
func FuzzRequests(f *testing.F) {
	for _, row := range [][4]string{
		{"POST", "/rest/v1/leads.json", "", `{"action":"createOrUpdate","lookupField":"email","input":[{"email":"a@x.example","leadScore":1.5e3,"title":null}]}`},
		{"GET", "/rest/v1/leads.json", "filterType=id&filterValues=1,2&fields=email&batchSize=2", ""},
		{"POST", "/rest/v1/companies.json", "", `{"dedupeBy":"dedupeFields","input":[{"externalCompanyId":"1","annualRevenue":"1e400"}]}`},
		{"POST", "/rest/v1/opportunities/roles.json", "_method=GET", `{"filterType":"dedupeFields","input":[{}]}`},
		{"GET", "/rest/v1/activities.json", "activityTypeIds=12,13&nextPageToken=AAAA", ""},
		{"GET", "/rest/v1/activities/pagingtoken.json", "sinceDatetime=2026-13-45T99:00:00Z", ""},
		{"POST", "/bulk/v1/leads/export/create.json", "", `{"fields":["id"],"filter":{"createdAt":{"startAt":"x","endAt":"y"}}}`},
		{"POST", "/rest/v1/activities/external.json", "", `{"input":[{"leadId":1,"activityTypeId":100002,"activityDate":"2026-01-01T00:00:00Z","primaryAttributeValue":{"a":1},"attributes":[{"name":"Guide"}]}]}`},
		{"POST", "/rest/v1/leads/1/merge.json", "leadIds=2,3", ""},
		{"POST", "/rest/v1/programs/1001/members.json", "", `{"input":[{"leadId":1,"acquiredBy":{}}]}`},
		{"GET", "/rest/asset/v1/programs.json", "offset=-1&maxReturn=999", ""},
	} {
		f.Add(row[0], row[1], row[2], row[3])
	}
	w := newWorld(f, 50, instance.Config{DailyCalls: 1 << 40, TokenLife: 1 << 50})
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		r, err := http.NewRequest(method, "http://host"+(&url.URL{Path: path}).EscapedPath(), strings.NewReader(body))
		if err != nil {
			return
		}
		r.URL.RawQuery = query
		r.Header.Set("Authorization", "Bearer "+w.token)
		r.Header.Set("Content-Type", "application/json")
		w.clock.Advance(time.Second / 4)
		rec := httptest.NewRecorder()
		w.i.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK || path == "/identity/oauth/token" {
			return
		}
		var a answer
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
			t.Fatalf("%s %s is answered with no envelope: %v\n%.300s", method, path, err, rec.Body)
		}
		if !a.Success && a.code() == "" {
			t.Errorf("%s %s failed without a code", method, path)
		}
	})
}

// FuzzImport: whatever file is uploaded, the import ends, and every row is imported or among the failures.
func FuzzImport(f *testing.F) {
	f.Add("csv", "email,lastName\na@x.example,\"A, b\"\n")
	f.Add("tsv", "email\tleadScore\nb@x.example\tmany\n\"")
	f.Add("ssv", "email;email\n;;;\n")
	f.Add("csv", "\xef\xbb\xbfemail\n\"unclosed")
	f.Fuzz(func(t *testing.T, format, file string) {
		w := newWorld(t, 0, instance.Config{})
		body, kind := multipartBody(map[string]string{"format": format, "lookupField": "email"}, file)
		a := w.send("POST", "/bulk/v1/leads.json", body, map[string]string{"Content-Type": kind})
		if a.Status != http.StatusOK || !a.Success {
			return
		}
		w.clock.Advance(10 * time.Second)
		id := strings.TrimSuffix(strings.SplitAfter(a.Text, `"batchId":`)[1], "")
		id, _, _ = strings.Cut(id, ",")
		state := w.ok("GET", "/bulk/v1/leads/batch/"+id+".json", "").Result[0]
		if state["status"] != "Complete" {
			t.Errorf("ten seconds later the import is %v", state["status"])
		}
	})
}
