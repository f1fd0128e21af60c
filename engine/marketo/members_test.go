package marketo_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

func TestPrograms(t *testing.T) {
	s := &side{t: t}
	s.answer = func(r request) reply {
		switch {
		case r.path == "/rest/asset/v1/program/1002.json", r.path == "/rest/asset/v1/program/byName.json" && r.query.Get("name") == "Webinar, 2026":
			return result(`{"id":1002,"name":"Webinar, 2026","type":"Event","channel":"Webinar","sfdcId":"701000000000001AAA"}`)
		case r.path == "/rest/asset/v1/channel/byName.json" && r.query.Get("name") == "Webinar":
			return result(`{"id":2,"name":"Webinar","progressionStatuses":[{"name":"Not in Program","hidden":true,"type":null,"step":0,"success":false},{"name":"Invited","hidden":false,"step":10,"success":false},{"name":"Attended","step":40,"success":true}]}`)
		}
		return ok(`{"requestId":"a#b","success":true,"warnings":["No assets found for the given search criteria."]}`)
	}
	c := newClient(t, s)
	for _, name := range []string{"1002", "Webinar, 2026"} {
		p, found, err := c.Program(t.Context(), name)
		if want := (marketo.Program{ID: 1002, Name: "Webinar, 2026", Type: "Event", Channel: "Webinar", Campaign: "701000000000001AAA"}); err != nil || !found || p != want {
			t.Errorf("%s: %+v, %v, %v", name, p, found, err)
		}
	}
	if _, found, err := c.Program(t.Context(), "Webinar"); err != nil || found {
		t.Errorf("a program that does not exist: %v, %v", found, err)
	}
	list, found, err := c.Progressions(t.Context(), "Webinar")
	want := []marketo.Progression{{Name: "Not in Program", Hidden: true}, {Name: "Invited", Step: 10}, {Name: "Attended", Step: 40, Success: true}}
	if err != nil || !found || !slices.Equal(list, want) {
		t.Errorf("%+v, %v, %v", list, found, err)
	}
}

func TestMembersAreRead(t *testing.T) {
	s := &side{t: t}
	s.answer = func(r request) reply {
		if r.path == "/rest/v1/programs/1002/members.json" {
			if r.query.Get("filterType") != "leadId" || r.query.Get("filterValues") != "7,8" {
				t.Errorf("asked with %v", r.query)
			}
			return result(`{"seq":0,"leadId":7,"statusName":"Invited","updatedAt":"2026-05-27T19:50:29Z"}`)
		}
		if r.query.Get("nextPageToken") == "" { // this reading pages by the token alone
			return ok(`{"requestId":"a#b","success":true,"result":[{"id":7,"membership":{"id":1,"progressionStatus":"Invited"}}],"nextPageToken":"A="}`)
		}
		return result(`{"id":8,"membership":{"progressionStatus":"Attended","updatedAt":"2026-05-27T19:50:29Z"}}`)
	}
	c := newClient(t, s)
	first, err := c.ProgramMembers(t.Context(), record.FirstRead, 1002, "")
	if err != nil || !first.More || len(first.Members) != 1 || first.Members[0] != (marketo.ProgramMember{Person: "7", Status: "Invited"}) {
		t.Fatalf("%+v, %v", first, err)
	}
	last, err := c.ProgramMembers(t.Context(), record.FirstRead, 1002, first.Next)
	if err != nil || last.More || last.Members[0].Person != "8" || last.Members[0].Updated.IsZero() {
		t.Errorf("%+v, %v", last, err)
	}
	among, err := c.MembersAmong(t.Context(), record.Reread, 1002, []record.ID{"7", "8"})
	if err != nil || len(among) != 1 || among[0].Status != "Invited" {
		t.Errorf("%+v, %v", among, err)
	}
	stuck := newClient(t, &side{t: t, answer: func(request) reply {
		return ok(`{"requestId":"a#b","success":true,"result":[],"nextPageToken":"A="}`)
	}})
	if _, err := stuck.ProgramMembers(t.Context(), record.FirstRead, 1002, "A="); err == nil {
		t.Error("a page that leads to itself was taken")
	}
}

func TestMembersAreWritten(t *testing.T) {
	s := &side{t: t}
	s.answer = func(r request) reply {
		var body struct {
			StatusName string
			Input      []struct{ LeadID int64 }
		}
		if err := json.Unmarshal(r.body, &body); err != nil || len(body.Input) != 3 || body.Input[1].LeadID != 8 {
			t.Errorf("%s: %v", r.body, err)
		}
		if strings.HasSuffix(r.path, "/status.json") {
			if body.StatusName != "Invited" {
				t.Errorf("the status is %q", body.StatusName)
			}
			return result(`{"seq":0,"status":"skipped","reasons":[{"code":"1037","message":"Lead skipped because it is already in or past this status"}]}`, `{"seq":1,"status":"updated","leadId":8}`, `{"seq":2,"status":"created","leadId":9}`)
		}
		return result(`{"seq":0,"status":"deleted","leadId":7}`, `{"seq":1,"status":"skipped","leadId":8,"reasons":[{"code":"1037","message":"Lead not in program"}]}`, `{"seq":2,"status":"skipped","reasons":[{"code":"1004","message":"Lead not found"}]}`)
	}
	c := newClient(t, s)
	rows := []marketo.MemberWrite{{Key: 1, Person: "7"}, {Key: 2, Person: "8"}, {Key: 3, Person: "9"}}
	results, err := c.SetProgress(t.Context(), record.Push, 1002, "Invited", rows)
	if err != nil || len(results) != 3 || results[0].Err == nil || results[0].Err.Code() != "1037" || results[0].Err.Class() != pace.Refused || results[1].Err != nil || results[1].Created || !results[2].Created || results[2].Key != 3 {
		t.Errorf("%+v, %v", results, err)
	}
	results, err = c.RemoveMembers(t.Context(), record.Push, 1002, rows)
	if err != nil || results[0].Err != nil || results[1].Err != nil || results[2].Err != nil {
		t.Errorf("whoever is not in a program is not taken out: %+v, %v", results, err)
	}
	var doubt *pace.InDoubt
	gone := newClient(t, &side{t: t, answer: func(request) reply { return reply{err: errors.New("reset")} }})
	if _, err := gone.SetProgress(t.Context(), record.Push, 1002, "Invited", rows); !errors.As(err, &doubt) || !slices.Equal(doubt.Keys, []int64{1, 2, 3}) {
		t.Errorf("%v", err)
	}
	short := newClient(t, &side{t: t, answer: func(request) reply { return result(`{"seq":0,"status":"updated"}`) }})
	if _, err := short.SetProgress(t.Context(), record.Push, 1002, "Invited", rows); !errors.As(err, &doubt) {
		t.Errorf("an answer about one of three is no doubt: %v", err)
	}
}

func TestCustomActivities(t *testing.T) {
	s := &side{t: t}
	s.answer = func(r request) reply {
		if r.method == "GET" {
			return result(`{"id":100001,"apiName":"other","name":"Other","status":"draft","attributes":[]}`,
				`{"id":100003,"apiName":"salesforceActivity","name":"Salesforce Activity","status":"approved","primaryAttribute":{"name":"Id"},"attributes":[{"apiName":"subject","name":"Subject","dataType":"string"}]}`)
		}
		const want = `{"input":[{"leadId":7,"activityDate":"2026-11-24T09:00:00Z","activityTypeId":100003,"primaryAttributeValue":"00T1","attributes":[{"name":"Subject","value":"Call"}]}]}`
		if string(r.body) != want {
			t.Errorf("sent\n%s, want\n%s", r.body, want)
		}
		return result(`{"id":50,"marketoGUID":"50","status":"added"}`)
	}
	c := newClient(t, s)
	kind, found, err := c.CustomType(t.Context(), "salesforceActivity")
	if err != nil || !found || !kind.Approved || kind.ID != 100003 || !slices.Equal(kind.Attributes, []string{"Subject"}) {
		t.Errorf("%+v, %v, %v", kind, found, err)
	}
	if kind, found, err := c.CustomType(t.Context(), "other"); err != nil || !found || kind.Approved {
		t.Errorf("a draft counts as approved: %+v, %v, %v", kind, found, err)
	}
	if _, found, err := c.CustomType(t.Context(), "none"); err != nil || found {
		t.Errorf("%v, %v", found, err)
	}
	rows := []marketo.ActivityWrite{{Key: 5, Person: "7", Type: 100003, At: time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("", 3600)), Primary: record.Of("00T1"),
		Attributes: []marketo.Field{{Name: "Subject", Value: record.Of("Call")}, {Name: "Status"}}}}
	results, err := c.AddActivities(t.Context(), record.Push, rows)
	if err != nil || len(results) != 1 || results[0].Key != 5 || results[0].ID != "50" || !results[0].Created {
		t.Errorf("%+v, %v", results, err)
	}
	gone := newClient(t, &side{t: t, answer: func(request) reply {
		return result(`{"status":"skipped","errors":[{"code":"1004","message":"Lead not found"}]}`)
	}})
	if results, err := gone.AddActivities(t.Context(), record.Push, rows); err != nil || results[0].Err == nil || results[0].Err.Class() != pace.Gone {
		t.Errorf("%+v, %v", results, err)
	}
}

// TestVisits: what a person did keeps its asset and its details; a change of status its old and its new one.
func TestVisits(t *testing.T) {
	s := &side{t: t, answer: func(request) reply {
		return reply{status: 200, body: `{"requestId":"a#b","success":true,"nextPageToken":"N=","moreResult":false,"result":[
			{"marketoGUID":"1","leadId":7,"activityDate":"2026-01-16T23:32:19Z","activityTypeId":104,"primaryAttributeValueId":1002,"primaryAttributeValue":"Webinar",
			 "attributes":[{"name":"Old Status","value":"Invited"},{"name":"New Status","value":"Attended"},{"name":"Success","value":true}]},
			{"marketoGUID":"2","leadId":7,"activityDate":"2026-01-16T23:32:19Z","activityTypeId":11,"primaryAttributeValueId":5,"primaryAttributeValue":"Webinar.Mail","attributes":[{"name":"Link","value":"https://example.com"}]}]}`}
	}}
	page, err := newClient(t, s).Activities(t.Context(), record.Feed, "T=", []int{104, 11})
	if err != nil || len(page.Changes) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	if moved := page.Changes[0]; moved.Asset != 1002 || moved.AssetName != "Webinar" || moved.Old != "Invited" || moved.New != "Attended" || !moved.HasNew || moved.Details != nil {
		t.Errorf("%+v", moved)
	}
	if click := page.Changes[1]; click.Asset != 5 || click.AssetName != "Webinar.Mail" || len(click.Details) != 1 || click.Details[0].Value.Text() != "https://example.com" {
		t.Errorf("%+v", click)
	}
}
