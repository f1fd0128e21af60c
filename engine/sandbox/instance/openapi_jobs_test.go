package instance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// TestJobsHaveThePublishedShapes follows each kind of bulk job from its creation to its end.
func TestJobsHaveThePublishedShapes(t *testing.T) {
	p := readPublished(t)
	w := newWorld(t, 300, instance.Config{})
	w.ok("POST", "/rest/v1/customobjects/car_c.json", `{"input":[{"vin":"V1","owner":10,"brand":"Fiat"}]}`)
	for _, row := range []struct{ spec, path, body string }{
		{"/bulk/v1/leads/export", "/bulk/v1/leads/export", `{"fields":["id"],"filter":{"staticListId":1002}}`},
		{"/bulk/v1/activities/export", "/bulk/v1/activities/export", `{"filter":{"createdAt":{"startAt":"2026-07-01T00:00:00Z","endAt":"2026-07-14T00:00:00Z"}}}`},
		{"/bulk/v1/program/members/export", "/bulk/v1/program/members/export", `{"fields":["leadId"],"filter":{"programId":1001}}`},
		{"/bulk/v1/customobjects/{apiName}/export", "/bulk/v1/customobjects/car_c/export", `{"fields":["vin"],"filter":{"staticListId":1002}}`},
	} {
		created := p.conform(w, "POST", row.spec+"/create.json", row.path+"/create.json", row.body, nil)
		if !created.Success {
			t.Fatalf("%s: %.200s", row.path, created.Text)
		}
		job, spec := row.path+"/"+created.Result[0]["exportId"].(string), row.spec+"/{exportId}"
		p.conform(w, "GET", spec+"/status.json", job+"/status.json", "", nil)
		p.conform(w, "POST", spec+"/enqueue.json", job+"/enqueue.json", "", nil)
		p.conform(w, "GET", spec+"/status.json", job+"/status.json", "", nil)
		w.clock.Advance(time.Minute)
		done := p.conform(w, "GET", spec+"/status.json", job+"/status.json", "", nil)
		if done.Result[0]["status"] != "Completed" {
			t.Errorf("%s ended as %v", row.path, done.Result[0]["status"])
		}
		p.conform(w, "GET", row.spec+".json", row.path+".json", "", nil)
		other := w.ok("POST", row.path+"/create.json", row.body)
		p.conform(w, "POST", spec+"/cancel.json", row.path+"/"+other.Result[0]["exportId"].(string)+"/cancel.json", "", nil)
	}
}

func TestImportsHaveThePublishedShapes(t *testing.T) {
	p := readPublished(t)
	w := newWorld(t, 300, instance.Config{})
	body, kind := multipartBody(map[string]string{"format": "csv"}, "email,lastName\ni1@x.example,One\n,Two\n")
	header := map[string]string{"Content-Type": kind}
	follow := func(started answer, spec, path string) {
		t.Helper()
		if !started.Success {
			t.Fatalf("%.200s", started.Text)
		}
		path = strings.Replace(path, "{batchId}", fmt.Sprint(int(started.Result[0]["batchId"].(float64))), 1)
		for range 3 {
			p.conform(w, "GET", spec, path, "", nil)
			w.clock.Advance(5 * time.Second)
		}
	}
	b := "/bulk/v1"
	follow(p.conform(w, "POST", b+"/leads.json", b+"/leads.json", body, header), b+"/leads/batch/{batchId}.json", b+"/leads/batch/{batchId}.json")
	follow(p.conform(w, "POST", b+"/program/{programId}/members/import.json", b+"/program/1001/members/import.json?programMemberStatus=Member", body, header),
		b+"/program/members/import/{batchId}/status.json", b+"/program/members/import/{batchId}/status.json")
	body, kind = multipartBody(map[string]string{"format": "csv"}, "vin,owner,brand\nV9,10,Fiat\n")
	header = map[string]string{"Content-Type": kind}
	follow(p.conform(w, "POST", b+"/customobjects/{apiName}/import.json", b+"/customobjects/car_c/import.json", body, header),
		b+"/customobjects/{apiName}/import/{batchId}/status.json", b+"/customobjects/car_c/import/{batchId}/status.json")
}

// TestFailuresHaveThePublishedShapes asks what is refused, as a whole and record by record.
func TestFailuresHaveThePublishedShapes(t *testing.T) {
	p := readPublished(t)
	w := newWorld(t, 50, instance.Config{})
	for _, row := range []struct{ method, spec, path, body, code string }{
		{"GET", "/rest/v1/leads.json", "/rest/v1/leads.json?filterType=updatedAt&filterValues=1", "", "1011"},
		{"GET", "/rest/v1/leads.json", "/rest/v1/leads.json?filterType=id&filterValues=1&fields=nope", "", "1006"},
		{"GET", "/rest/v1/lead/{leadId}.json", "/rest/v1/lead/999999.json", "", "1004"},
		{"GET", "/rest/v1/activities/pagingtoken.json", "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01T00:00:00.123Z", "", "704"},
		{"GET", "/rest/v1/activities.json", "/rest/v1/activities.json?activityTypeIds=12&nextPageToken=XXX", "", "1003"},
		{"POST", "/rest/v1/leads/{leadId}/merge.json", "/rest/v1/leads/10/merge.json?leadId=999999", "", "1004"},
		{"POST", "/rest/v1/opportunities.json", "/rest/v1/opportunities.json", `{"input":[{"externalOpportunityId":"O","name":"N","externalSalesPersonId":"none"}]}`, "718"},
		{"GET", "/rest/asset/v1/program/{id}.json", "/rest/asset/v1/program/999999.json", "", ""},
		{"POST", "/rest/v1/leads.json", "/rest/v1/leads.json", `{"input":[{"lastName":"no key"}]}`, ""},
	} {
		if a := p.conform(w, row.method, row.spec, row.path, row.body, nil); a.code() != row.code {
			t.Errorf("%s %s: %.200s", row.method, row.path, a.Text)
		}
	}
}
