package instance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// TestObjects goes through the common pattern of companies, opportunities, roles, sales persons and custom objects.
func TestObjects(t *testing.T) {
	w := newWorld(t, 30, instance.Config{})
	for n, row := range []struct{ name, path, body, status, reason string }{
		{"a sales person", "/salespersons", `{"input":[{"externalSalesPersonId":"005A","email":"a@acme.example"}]}`, "created", ""},
		{"a company", "/companies", `{"input":[{"externalCompanyId":"001A","company":"Acme","externalSalesPersonId":"005A"}]}`, "created", ""},
		{"the same again", "/companies", `{"input":[{"externalCompanyId":"001a","company":"Acme"}]}`, "updated", ""},
		{"only create", "/companies", `{"action":"createOnly","input":[{"externalCompanyId":"001A"}]}`, "skipped", "1017"},
		{"only update", "/companies", `{"action":"updateOnly","input":[{"externalCompanyId":"001Z"}]}`, "skipped", "1013"},
		{"no key", "/companies", `{"input":[{"company":"x"}]}`, "skipped", "1002"},
		{"unknown field", "/companies", `{"input":[{"externalCompanyId":"001A","nothing":1}]}`, "skipped", "1006"},
		{"wrong type", "/companies", `{"input":[{"externalCompanyId":"001A","numberOfEmployees":"many"}]}`, "skipped", "1001"},
		{"unknown owner of a company", "/companies", `{"input":[{"externalCompanyId":"001A","externalSalesPersonId":"005Z"}]}`, "skipped", "1013"},
		{"an opportunity without a name", "/opportunities", `{"input":[{"externalOpportunityId":"006A"}]}`, "skipped", "1002"},
		{"an opportunity", "/opportunities", `{"input":[{"externalOpportunityId":"006A","name":"Deal","amount":10.239,"isWon":true}]}`, "created", ""},
		{"a role of nobody", "/opportunities/roles", `{"input":[{"externalOpportunityId":"006A","leadId":9999999,"role":"Buyer"}]}`, "skipped", "1004"},
		{"a role of no opportunity", "/opportunities/roles", `{"input":[{"externalOpportunityId":"006Z","leadId":1,"role":"Buyer"}]}`, "skipped", "1013"},
		{"a role", "/opportunities/roles", `{"input":[{"externalOpportunityId":"006A","leadId":1,"role":"Buyer"}]}`, "created", ""},
		{"another role", "/opportunities/roles", `{"input":[{"externalOpportunityId":"006A","leadId":1,"role":"Coach"}]}`, "created", ""},
		{"delete what is used", "/opportunities/delete", `{"input":[{"externalOpportunityId":"006A"}]}`, "skipped", "1022"},
		{"delete who is used", "/salespersons/delete", `{"input":[{"externalSalesPersonId":"005A"}]}`, "skipped", "1022"},
		{"delete nothing", "/companies/delete", `{"input":[{"externalCompanyId":"001Z"}]}`, "skipped", "1013"},
		{"a car", "/customobjects/car_c", `{"input":[{"vin":"V1","owner":1,"price":"9999.99"}]}`, "created", ""},
		{"a car of nobody", "/customobjects/car_c", `{"input":[{"vin":"V2","owner":9999999}]}`, "skipped", "1004"},
		{"delete a role", "/opportunities/roles/delete", `{"input":[{"externalOpportunityId":"006A","leadId":1,"role":"Coach"}]}`, "deleted", ""},
	} {
		a := w.post("/rest/v1"+row.path+".json", row.body)
		if !a.Success || a.Result[0]["status"] != row.status || a.reason(0) != row.reason || a.Result[0]["seq"] != 0.0 {
			t.Errorf("%d %s: %.300s", n, row.name, a.Text)
		}
		w.clock.Advance(time.Second)
	}
	twice := w.ok("POST", "/rest/v1/companies.json", `{"input":[{"externalCompanyId":"001B","company":"B"},{"externalCompanyId":"001b","company":"b"}]}`)
	if twice.Result[0]["status"] != "created" || twice.reason(1) != "1036" || twice.Result[1]["seq"] != 1.0 {
		t.Errorf("a key twice: %s", twice.Text)
	}
	if got := w.post("/rest/v1/opportunities.json", `{"input":[{"externalOpportunityId":"006B","name":"x"},{"externalOpportunityId":"006C","name":"x","externalSalesPersonId":"005Z"}]}`).code(); got != "718" {
		t.Errorf("an unknown sales person: %q", got)
	}
	if a := w.ok("GET", "/rest/v1/opportunities.json?filterType=dedupeFields&filterValues=006A,006B&fields=name,amount,isWon,isClosed", ""); len(a.Result) != 1 || a.Result[0]["amount"] != 10.24 || a.Result[0]["isWon"] != true || a.Result[0]["isClosed"] != false {
		t.Errorf("opportunities: %s", a.Text)
	}
	compound := w.ok("POST", "/rest/v1/opportunities/roles.json?_method=GET", `{"filterType":"dedupeFields","fields":["role"],"input":[{"externalOpportunityId":"006A","leadId":1,"role":"Buyer"},{"externalOpportunityId":"006A","leadId":1,"role":"Coach"}]}`)
	if len(compound.Result) != 1 || compound.Result[0]["role"] != "Buyer" {
		t.Errorf("by a compound key: %s", compound.Text)
	}
	guid := compound.Result[0]["marketoGUID"].(string)
	if a := w.ok("GET", "/rest/v1/opportunities/roles.json?filterType=idField&filterValues="+guid, ""); len(a.Result) != 1 || len(guid) != 36 {
		t.Errorf("by id: %s", a.Text)
	}
	byID := w.ok("POST", "/rest/v1/opportunities/roles.json", `{"action":"updateOnly","dedupeBy":"idField","input":[{"marketoGUID":"`+guid+`","isPrimary":true}]}`)
	if byID.Result[0]["status"] != "updated" {
		t.Errorf("an update by id: %s", byID.Text)
	}
	for path, want := range map[string]string{
		"/rest/v1/companies.json?filterType=industry&filterValues=x":               "1011",
		"/rest/v1/companies.json?filterType=id":                                    "1002",
		"/rest/v1/companies.json?filterType=id&filterValues=1&fields=nothing":      "1006",
		"/rest/v1/opportunities/roles.json?filterType=dedupeFields&filterValues=x": "1003",
		"/rest/v1/customobjects/nothing_c/describe.json":                           "1013",
	} {
		if got := w.get(path).code(); got != want {
			t.Errorf("%s: %q, want %s", path, got, want)
		}
	}
	if got := w.post("/rest/v1/companies.json", `{"dedupeBy":"idField","input":[{"id":1}]}`).code(); got != "1003" {
		t.Errorf("creating by id: %q", got)
	}
	people := w.ok("GET", "/rest/v1/salespersons.json?filterType=email&filterValues=a@acme.example", "")
	if len(people.Result) != 1 || people.Result[0]["email"] != "a@acme.example" || people.Result[0]["phone"] != nil {
		t.Errorf("a sales person with all filled fields: %s", people.Text)
	}
	count := 0
	w.i.Each(record.Company, func(id string, get func(string) (string, bool)) bool {
		name, _ := get("company")
		external, ok := get("externalCompanyId")
		if !ok || name == "" || external == "" {
			t.Errorf("company %s", id)
		}
		count++
		return true
	})
	if count != 2 {
		t.Errorf("%d companies", count)
	}
}

func TestListsAndPrograms(t *testing.T) {
	w := newWorld(t, 300, instance.Config{})
	token := w.since(w.clock.Now())
	step := func(method, path, body, status, reason string) {
		t.Helper()
		a := w.ok(method, path, body)
		if a.Result[0]["status"] != status || a.reason(0) != reason {
			t.Errorf("%s %s %s: %.300s", method, path, body, a.Text)
		}
		w.clock.Advance(time.Second)
	}
	const list, member = "/rest/v1/lists/1001/leads", "/rest/v1/programs/1002/members"
	step("POST", list+".json?id=1", "", "added", "")
	step("POST", list+".json", `{"input":[{"id":1}]}`, "added", "")
	step("POST", list+".json?id=999999", "", "skipped", "1004")
	step("GET", list+"/ismember.json?id=1", "", "memberof", "")
	step("DELETE", list+".json?id=1", "", "removed", "")
	step("DELETE", list+".json?id=1", "", "skipped", "1015")
	step("GET", list+"/ismember.json?id=1", "", "notmemberof", "")
	step("POST", member+"/status.json", `{"statusName":"Registered","input":[{"leadId":1}]}`, "created", "")
	step("POST", member+"/status.json", `{"statusName":"Invited","input":[{"leadId":1}]}`, "skipped", "1037")
	step("POST", member+"/status.json", `{"statusName":"Attended","input":[{"leadId":1}]}`, "updated", "")
	step("POST", member+".json", `{"input":[{"leadId":1,"registrationCode":"R-1"}]}`, "updated", "")
	step("POST", member+".json", `{"input":[{"leadId":1,"statusName":"Invited"}]}`, "skipped", "1006")
	read := w.ok("GET", member+".json?filterType=leadId&filterValues=1&fields=statusName,reachedSuccess,registrationCode,leadId", "").Result[0]
	if read["statusName"] != "Attended" || read["reachedSuccess"] != true || read["registrationCode"] != "R-1" {
		t.Errorf("the member: %v", read)
	}
	step("POST", member+"/delete.json", `{"input":[{"leadId":1}]}`, "deleted", "")
	step("POST", member+"/delete.json", `{"input":[{"leadId":1}]}`, "skipped", "1037")
	if got := w.post(member+"/status.json", `{"statusName":"Dreaming","input":[{"leadId":1}]}`).code(); got != "1025" {
		t.Errorf("an unknown status: %q", got)
	}
	all, _ := w.activities(token, "24,25,104,123")
	var kinds []float64
	for _, one := range all {
		kinds = append(kinds, one["activityTypeId"].(float64))
	}
	if fmt.Sprint(kinds) != "[24 25 104 104 123]" {
		t.Errorf("the log tells %v", kinds)
	}
	// Tokens of lists of people come without moreResult.
	page := w.ok("GET", "/rest/v1/lists/1002/leads.json?batchSize=3", "")
	if page.Token == "" || page.More != nil || len(page.Result) != 3 {
		t.Errorf("a page of a list: %.300s", page.Text)
	}
	made := w.send("POST", "/rest/asset/v1/staticLists.json", "name=Fresh&folder=%7B%22id%22%3A12%2C%22type%22%3A%22Folder%22%7D", map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
	if !made.Success || made.Result[0]["createdAt"] != "2026-07-14T09:30:14Z+0000" {
		t.Errorf("a new list: %s", made.Text)
	}
	again := w.send("POST", "/rest/asset/v1/staticLists.json", "name=Fresh&folder=%7B%22id%22%3A12%2C%22type%22%3A%22Folder%22%7D", map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
	if again.code() != "709" {
		t.Errorf("a list of the same name: %s", again.Text)
	}
	offset := w.ok("GET", "/rest/asset/v1/programs.json?maxReturn=3&offset=3", "")
	if len(offset.Result) != 1 {
		t.Errorf("the second page of programs: %.300s", offset.Text)
	}
	none := w.ok("GET", "/rest/asset/v1/programs.json?offset=100", "")
	if none.Result != nil || len(none.Warnings) != 1 || none.Warnings[0] != "No assets found for the given search criteria." {
		t.Errorf("no programs: %s", none.Text)
	}
	rules := w.ok("GET", "/rest/asset/v1/smartCampaign/3003/smartList.json?includeRules=true", "")
	triggers := rules.Result[0]["rules"].(map[string]any)["triggers"].([]any)
	if len(triggers) != 1 || triggers[0].(map[string]any)["name"] != "Campaign is Requested" {
		t.Errorf("the rules of a campaign: %s", rules.Text)
	}
	if active := w.ok("GET", "/rest/asset/v1/smartCampaigns.json?isActive=true", ""); len(active.Result) != 2 {
		t.Errorf("active campaigns: %d", len(active.Result))
	}
	if got := w.post("/rest/v1/campaigns/3001/trigger.json", `{"input":{"leads":[{"id":1}]}}`).code(); got != "1003" {
		t.Errorf("a campaign that cannot be requested: %q", got)
	}
}

func TestAdminsChangeTheSchema(t *testing.T) {
	w := newWorld(t, 20, instance.Config{Scenario: "bare"})
	if got := w.post("/rest/v1/leads.json", `{"lookupField":"salesforceId","input":[{"salesforceId":"00Q1"}]}`).code(); got != "1006" {
		t.Errorf("a bare instance has salesforceId: %q", got)
	}
	w.ok("POST", "/rest/v1/leads/schema/fields.json", `{"input":[{"name":"salesforceId","displayName":"Salesforce Id","dataType":"string"}]}`)
	a := w.ok("POST", "/rest/v1/leads.json", `{"lookupField":"salesforceId","input":[{"salesforceId":"00Q1","lastName":"New"}]}`)
	if a.Result[0]["status"] != "created" {
		t.Errorf("an upsert by the new field: %s", a.Text)
	}
	if again := w.ok("POST", "/rest/v1/leads.json", `{"lookupField":"salesforceId","input":[{"salesforceId":"00q1","lastName":"Newer"}]}`); again.Result[0]["status"] != "updated" {
		t.Errorf("the upsert again: %s", again.Text)
	}
	for body, want := range map[string]string{
		`{"input":[{"name":"salesforceId","displayName":"Other","dataType":"string"}]}`: "skipped",
		`{"input":[{"name":"1st","displayName":"First","dataType":"string"}]}`:          "skipped",
		`{"input":[{"name":"notes2","displayName":"Notes 2","dataType":"text"}]}`:       "skipped",
		`{"input":[{"name":"size2","displayName":"Size 2","dataType":"float"}]}`:        "created",
	} {
		if a := w.ok("POST", "/rest/v1/leads/schema/fields.json", body); a.Result[0]["status"] != want {
			t.Errorf("%s: %s", body, a.Text)
		}
	}
	if err := w.i.HideField("title", true); err != nil {
		t.Fatal(err)
	}
	if got := w.get("/rest/v1/leads.json?filterType=id&filterValues=1&fields=title").code(); got != "1006" {
		t.Errorf("a hidden field: %q", got)
	}
	if err := w.i.AddField("x", "X", "nonsense"); err == nil {
		t.Error("a field of no type was made")
	}
}
