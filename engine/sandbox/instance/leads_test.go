package instance_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

func TestReadLeads(t *testing.T) {
	w := newWorld(t, 1500, instance.Config{})
	byID := w.ok("GET", "/rest/v1/lead/1.json", "")
	for _, key := range []string{"id", "updatedAt", "lastName", "email", "createdAt", "firstName"} {
		if _, ok := byID.Result[0][key]; !ok || len(byID.Result[0]) != 6 {
			t.Errorf("by default a person is read without %s, or with more", key)
		}
	}
	var ids []string
	for n := range 300 {
		ids = append(ids, fmt.Sprint(n+1))
	}
	many := w.ok("GET", "/rest/v1/leads.json?filterType=id&fields=email,unsubscribed,salesforceId&filterValues="+strings.Join(ids, ","), "")
	if len(many.Result) < 270 || len(many.Result) > 300 {
		t.Errorf("%d of 300 ids exist", len(many.Result))
	}
	rising := true
	for n := range many.Result {
		rising = rising && (n == 0 || many.id(n) > many.id(n-1))
		if _, ok := many.Result[n]["unsubscribed"].(bool); !ok {
			t.Error("a boolean is null")
		}
		if v, ok := many.Result[n]["salesforceId"]; !ok || v != nil {
			t.Error("an empty field is not null")
		}
	}
	if rising {
		t.Error("results come in the order of ids")
	}
	for name, row := range map[string]struct{ query, want string }{
		"no filter type":    {"filterValues=1", "1002"},
		"no values":         {"filterType=id", "1002"},
		"not searchable":    {"filterType=firstName&filterValues=x", "1011"},
		"unknown filter":    {"filterType=nothing&filterValues=x", "1011"},
		"unknown field":     {"filterType=id&filterValues=1&fields=nothing", "1006"},
		"301 values":        {"filterType=id&filterValues=" + strings.Join(append(ids, "301"), ","), "1003"},
		"too many matches":  {"filterType=leadPartitionId&filterValues=1", "1003"},
		"bad paging token":  {"filterType=id&filterValues=1&nextPageToken=ABC%3D", "1003"},
		"updatedAt is none": {"filterType=updatedAt&filterValues=1", "1011"},
	} {
		if got := w.get("/rest/v1/leads.json?" + row.query).code(); got != row.want {
			t.Errorf("%s: %q, want %s", name, got, row.want)
		}
	}
	if got := w.get("/rest/v1/lead/999999.json").code(); got != "1004" {
		t.Errorf("an unknown id: %q", got)
	}
	paged := 0
	for token := ""; ; {
		a := w.ok("GET", "/rest/v1/leads.json?filterType=segment&filterValues=Partner,Enterprise&batchSize=50&nextPageToken="+url.QueryEscape(token), "")
		paged += len(a.Result)
		if token = a.Token; token == "" {
			break
		}
	}
	whole := w.ok("GET", "/rest/v1/leads.json?filterType=segment&filterValues=Partner,Enterprise", "")
	if paged < 51 || (whole.Token == "" && len(whole.Result) != paged) {
		t.Errorf("pages hold %d people, the whole %d", paged, len(whole.Result))
	}
}

func TestWriteLeads(t *testing.T) {
	w := newWorld(t, 100, instance.Config{})
	write := func(body string) answer { w.t.Helper(); return w.post("/rest/v1/leads.json", body) }
	made := write(`{"input":[{"email":"Ada@x.example","firstName":" Ada ","leadScore":7,"dateOfBirth":"1970-01-02","unsubscribed":true,"annualRevenue":"1200.5"}]}`)
	id := fmt.Sprint(made.id(0))
	read := w.ok("GET", "/rest/v1/lead/"+id+".json?fields=email,firstName,leadScore,dateOfBirth,unsubscribed,annualRevenue,mktoName,leadPartitionId,contactCompany", "").Result[0]
	for key, want := range map[string]any{
		"email": "Ada@x.example", "firstName": "Ada", "leadScore": 7.0, "dateOfBirth": "1970-01-02", "unsubscribed": true, "annualRevenue": 1200.5,
		"mktoName": "Ada", "leadPartitionId": "1", "contactCompany": id,
	} {
		if read[key] != want {
			t.Errorf("%s is %v, want %v", key, read[key], want)
		}
	}
	write(`{"action":"createDuplicate","input":[{"email":"two@x.example"},{"email":"two@x.example"}]}`)
	for name, row := range map[string]struct{ body, status, reason string }{
		"matches in another case": {`{"input":[{"email":"ADA@x.example","title":"CEO"}]}`, "updated", ""},
		"clears":                  {`{"input":[{"email":"ada@x.example","leadScore":null,"firstName":""}]}`, "updated", ""},
		"several match":           {`{"input":[{"email":"two@x.example"}]}`, "skipped", "1007"},
		"no key":                  {`{"input":[{"firstName":"x"}]}`, "skipped", "1002"},
		"unknown field":           {`{"input":[{"email":"n@x.example","nothing":1}]}`, "skipped", "1006"},
		"read-only field":         {`{"input":[{"email":"n@x.example","createdAt":"2020-01-01T00:00:00Z"}]}`, "skipped", "1006"},
		"wrong type":              {`{"input":[{"email":"n@x.example","leadScore":"many"}]}`, "skipped", "1003"},
		"too long":                {`{"input":[{"email":"n@x.example","title":"` + strings.Repeat("x", 256) + `"}]}`, "skipped", "1003"},
		"not an address":          {`{"input":[{"email":"bademail"}]}`, "skipped", "1003"},
		"an id that is given":     {`{"input":[{"email":"n@x.example","id":5}]}`, "skipped", "1003"},
		"only update, unknown":    {`{"action":"updateOnly","input":[{"email":"n@x.example"}]}`, "skipped", "1004"},
		"only update, unknown id": {`{"action":"updateOnly","lookupField":"id","input":[{"id":999999}]}`, "skipped", "1004"},
		"only create, exists":     {`{"action":"createOnly","input":[{"email":"ada@x.example"}]}`, "skipped", "1005"},
		"unknown company":         {`{"input":[{"email":"ada@x.example","externalCompanyId":"001X"}]}`, "skipped", "1003"},
	} {
		a := write(row.body)
		if !a.Success || a.Result[0]["status"] != row.status || a.reason(0) != row.reason {
			t.Errorf("%s: %.200s", name, a.Text)
		}
		w.clock.Advance(time.Second)
	}
	for name, row := range map[string]struct{ body, want string }{
		"unknown action":       {`{"action":"upsert","input":[{"email":"n@x.example"}]}`, "1003"},
		"no lookup field":      {`{"lookupField":"firstName","input":[{"firstName":"x"}]}`, "1011"},
		"unknown lookup field": {`{"lookupField":"nothing","input":[{"nothing":"x"}]}`, "1006"},
		"id to create":         {`{"lookupField":"id","input":[{"id":1}]}`, "1011"},
		"unknown partition":    {`{"partitionName":"Moon","input":[{"email":"n@x.example"}]}`, "1008"},
		"301 records":          {`{"input":[` + strings.TrimSuffix(strings.Repeat(`{"email":"n@x.example"},`, 301), ",") + `]}`, "1003"},
		"nothing":              {`{"input":[]}`, "1002"},
	} {
		if got := write(row.body).code(); got != row.want {
			t.Errorf("%s: %q, want %s", name, got, row.want)
		}
		w.clock.Advance(time.Second)
	}
	if a := w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues=n@x.example", ""); len(a.Result) != 0 {
		t.Error("a refused record left something behind")
	}
}

// TestNoOpWritesAreSilent: a value that stands there already changes nothing and tells nothing.
func TestNoOpWritesAreSilent(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	body := `{"input":[{"email":"q@x.example","firstName":"Q","leadScore":3,"unsubscribed":false,"title":null}]}`
	w.ok("POST", "/rest/v1/leads.json", body)
	w.journal.Reset()
	w.clock.Advance(time.Hour / 2)
	token := w.since(w.clock.Now())
	before := w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues=q@x.example", "").Result[0]["updatedAt"]
	if a := w.ok("POST", "/rest/v1/leads.json", body); a.Result[0]["status"] != "updated" {
		t.Errorf("%.200s", a.Text)
	}
	if all, _ := w.activities(token, "12,13,22"); len(all) != 0 {
		t.Errorf("%d activities", len(all))
	}
	if after := w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues=q@x.example", "").Result[0]["updatedAt"]; after != before {
		t.Errorf("updatedAt moved from %v to %v", before, after)
	}
	if n := w.journal.Snapshot().Of(record.Marketo); n.Writes != 0 || n.WriteCalls != 1 {
		t.Errorf("%d writes in %d calls", n.Writes, n.WriteCalls)
	}
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"q@x.example","legacyNumber":"L-1"}]}`)
	if after := w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues=q@x.example", "").Result[0]["updatedAt"]; after != before {
		t.Error("the visible updatedAt reacts to a custom field")
	}
}

func TestDeleteAndMerge(t *testing.T) {
	w := newWorld(t, 60, instance.Config{})
	start := w.since(w.clock.Now())
	a := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"w@x.example","title":"Boss"},{"email":"l@x.example","title":"Other","phone":"123"}]}`)
	winner, loser := a.id(0), a.id(1)
	merged := w.ok("POST", fmt.Sprintf("/rest/v1/leads/%d/merge.json?leadIds=%d", winner, loser), "")
	if strings.Contains(merged.Text, "result") {
		t.Errorf("a merge has a result: %s", merged.Text)
	}
	read := w.ok("GET", fmt.Sprintf("/rest/v1/lead/%d.json?fields=title,phone,email", winner), "").Result[0]
	if read["title"] != "Boss" || read["phone"] != "123" || read["email"] != "w@x.example" {
		t.Errorf("the winner after the merge: %v", read)
	}
	del := w.ok("POST", "/rest/v1/leads/delete.json", fmt.Sprintf(`{"input":[{"id":%d},{"id":%d}]}`, winner, loser))
	if del.Result[0]["status"] != "deleted" || del.reason(1) != "1004" {
		t.Errorf("deleting the winner and the loser: %.200s", del.Text)
	}
	all, _ := w.activities(start, "12,13,32,37")
	var kinds []string
	for _, one := range all {
		kinds = append(kinds, fmt.Sprint(one["activityTypeId"]))
	}
	if got := strings.Join(kinds, " "); got != "12 12 32 37" {
		t.Fatalf("the log tells %s", got)
	}
	ids, _ := attribute(all[2], "Merge IDs")
	if fmt.Sprint(ids) != fmt.Sprintf("[%d]", loser) || int64(all[2]["leadId"].(float64)) != winner {
		t.Errorf("the merge tells of %v", ids)
	}
	gone := w.ok("GET", "/rest/v1/activities/deletedleads.json?nextPageToken="+url.QueryEscape(start), "")
	if len(gone.Result) != 1 || int64(gone.Result[0]["leadId"].(float64)) != winner || *gone.More {
		t.Errorf("the deletions: %.300s", gone.Text)
	}
	w.clock.Advance(14*24*time.Hour + time.Minute)
	w.signIn(w.i.Credentials())
	if gone := w.ok("GET", "/rest/v1/activities/deletedleads.json?nextPageToken="+url.QueryEscape(start), ""); len(gone.Result) != 0 {
		t.Error("a deletion is told after 14 days")
	}
	for path, want := range map[string]string{
		"/rest/v1/leads/1/merge.json?leadIds=999999": "1004", "/rest/v1/leads/1/merge.json": "1002",
		"/rest/v1/leads/1/merge.json?leadIds=1": "1003", "/rest/v1/leads/1/merge.json?mergeInCRM=true&leadIds=2": "1003",
		"/rest/v1/leads/1/merge.json?leadIds=" + strings.TrimSuffix(strings.Repeat("2,", 26), ","): "1080",
	} {
		if got := w.post(path, "").code(); got != want {
			t.Errorf("%s: %q, want %s", path, got, want)
		}
	}
}

func TestCompanyValues(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	w.ok("POST", "/rest/v1/companies.json", `{"input":[{"externalCompanyId":"001A","company":"Acme","industry":"Energy"},{"externalCompanyId":"001B","company":"Bolt"}]}`)
	a := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"c1@x.example","company":"Own","externalCompanyId":null},{"email":"c2@x.example","externalCompanyId":"001A"},{"email":"c3@x.example","externalCompanyId":"001A","company":"Mine"}]}`)
	if a.reason(2) != "1021" {
		t.Errorf("a company field beside a company: %.200s", a.Text)
	}
	read := func() string {
		r := w.ok("GET", "/rest/v1/leads.json?fields=company,industry,externalCompanyId&filterType=email&filterValues=c2@x.example", "").Result[0]
		return fmt.Sprint(r["company"], " ", r["industry"], " ", r["externalCompanyId"])
	}
	if got := read(); got != "Acme Energy 001A" {
		t.Errorf("the person shows %s", got)
	}
	if a := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"c2@x.example","company":"Mine"}]}`); a.reason(0) != "1021" {
		t.Errorf("a company field of a person in a company: %.200s", a.Text)
	}
	w.ok("POST", "/rest/v1/companies.json", `{"input":[{"externalCompanyId":"001A","industry":"Retail"}]}`)
	if got := read(); got != "Acme Retail 001A" {
		t.Errorf("after a change of the company the person shows %s", got)
	}
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"c2@x.example","externalCompanyId":"001B"}]}`)
	w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"c2@x.example","externalCompanyId":null}]}`)
	if got := read(); got != "Bolt <nil> 001B" {
		t.Errorf("in another company the person shows %s", got)
	}
	if a := w.ok("POST", "/rest/v1/companies/delete.json", `{"input":[{"externalCompanyId":"001B"},{"externalCompanyId":"001A"},{"externalCompanyId":"001C"}]}`); a.reason(0) != "1022" || a.Result[1]["status"] != "deleted" || a.reason(2) != "1013" {
		t.Errorf("deleting companies: %.300s", a.Text)
	}
}
