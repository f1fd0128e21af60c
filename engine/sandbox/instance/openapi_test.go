package instance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// published is Adobe's specification of the API, as far as a test needs it.
type published struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Schema shape `json:"schema"`
		} `json:"responses"`
	} `json:"paths"`
	Definitions map[string]shape `json:"definitions"`
}

type shape struct {
	Ref        string           `json:"$ref"`
	Type       string           `json:"type"`
	Format     string           `json:"format"`
	Enum       []any            `json:"enum"`
	Required   []string         `json:"required"`
	Properties map[string]shape `json:"properties"`
	Items      *shape           `json:"items"`
}

// looser are the places where real answers are known to differ from the specification: a call and a place in its answer
// (both may begin alike for several), and how they differ.
var looser = []struct{ call, at, how string }{
	{"", "$: lacks errors", "absent when there are none"},
	{"", "$: lacks warnings", "absent when there are none"},
	{"", "$: lacks result", "absent when nothing matches, and in failures"},
	{"", "$.warnings[]: string", "text instead of an object"},
	{"", "$.result[]: lacks marketoGUID", "a record that was skipped has no id"},
	{"", "$.result[]: lacks id", "a record that was skipped has no id"},
	{"GET /rest/v1/activities", "$.result[].attributes[].value", "any JSON type"},
	{"GET /rest/v1/activities/leadchanges", "$.result[].fields[].", "null for a value that was empty or is now"},
	{"GET /rest/v1/activities/types", "$.result[]: lacks primaryAttribute", "type 12 has none"},
	{"", "$.result[].searchableFields", "arrays of names"},
	{"GET /rest/v1/leads/schema", "$.result[].description", "null when empty"},
	{"GET /rest/v1/companies/schema", "$.result[].description", "null when empty"},
	{"POST /rest/v1/programs/{programId}/members/status", "$.result[].status: created", "a word that the specification forgot"},
	{"GET /rest/asset/v1/program", "$.result[].type", "other words"},
	{"GET /rest/asset/v1/program", "$.result[].status", "other words, empty among them"},
	{"GET /rest/asset/v1/program", "$.result[].folder: lacks id", "value instead of id"},
	{"GET /rest/asset/v1/smartCampaign", "$.result[].recurrence: lacks", "only what is set"},
	{"GET /rest/asset/v1/smartCampaign", "$.result[]: lacks qualificationRule", "absent unless the rule is an interval"},
	{"GET /rest/asset/v1/smartCampaign", "$.result[]: lacks maxMembers", "absent unless set"},
	{"GET /rest/asset/v1/smartCampaign", "$.result[].rules.triggers[]", "objects like filters"},
	{"/bulk/v1/", "$.result[].status", "states that the specification forgot"},
}

// moments are the forms of a time in answers: those of the lead database and that of assets.
var moments = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z+0000", time.DateOnly}

// excused reports whether the sheet names the difference.
func excused(call, wrong string) bool {
	return slices.ContainsFunc(looser, func(one struct{ call, at, how string }) bool {
		return strings.Contains(call, one.call) && strings.HasPrefix(wrong, one.at)
	})
}

// reference reads a file of the references that may lie beside the repository. Without it the test has nothing to hold
// answers against.
func reference(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "..", "shared", "reference", name))
		if err == nil {
			return text
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Skip("the references are not here")
	}
}

func readPublished(t *testing.T) *published {
	t.Helper()
	p := &published{}
	if err := json.Unmarshal(reference(t, "marketo-openapi.json"), p); err != nil {
		t.Fatal(err)
	}
	return p
}

// thin are the calls whose answers were recorded with fewer keys than the specification requires.
var thin = map[string]bool{
	"/rest/v1/activities/external.json": true, "/rest/v1/customobjects.json": true, "/rest/v1/campaigns/{campaignId}/trigger.json": true,
}

// check gives what is wrong with a value, as paths with a reason.
func (p *published) check(at string, s shape, v any) (wrong []string) {
	if s.Ref != "" {
		s = p.Definitions[strings.TrimPrefix(s.Ref, "#/definitions/")]
	}
	bad := func(what string) []string { return append(wrong, at+": "+what) }
	switch s.Type {
	case "array":
		list, ok := v.([]any)
		if !ok {
			return bad(fmt.Sprintf("%T instead of an array", v))
		}
		for _, one := range list {
			wrong = append(wrong, p.check(at+"[]", *s.Items, one)...)
		}
	case "object":
		object, ok := v.(map[string]any)
		if !ok {
			return bad(fmt.Sprintf("%T instead of an object", v))
		}
		for _, key := range s.Required {
			if _, there := object[key]; !there {
				wrong = append(wrong, at+": lacks "+key)
			}
		}
		for key, one := range object {
			if property, known := s.Properties[key]; known {
				wrong = append(wrong, p.check(at+"."+key, property, one)...)
			}
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			return bad(fmt.Sprintf("%T instead of a string", v))
		}
		if s.Format == "date-time" && !slices.ContainsFunc(moments, func(layout string) bool {
			_, err := time.Parse(layout, text)
			return err == nil
		}) {
			return bad(fmt.Sprintf("%q is no time", text))
		}
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			return bad(fmt.Sprintf("%v is none of %v", v, s.Enum))
		}
	case "integer", "number":
		if n, ok := v.(float64); !ok || (s.Type == "integer" && n != float64(int64(n))) {
			return bad(fmt.Sprintf("%v instead of an %s", v, s.Type))
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return bad(fmt.Sprintf("%T instead of a boolean", v))
		}
	}
	return wrong
}

// conform asks something and holds the answer against the specification.
func (p *published) conform(w *world, method, spec, path, body string, header map[string]string) answer {
	w.t.Helper()
	a := w.send(method, path, body, header)
	operation, ok := p.Paths[spec][strings.ToLower(method)]
	if !ok || a.Status != 200 {
		w.t.Errorf("%s %s: status %d, in the specification: %v", method, spec, a.Status, ok)
		return a
	}
	var text any
	if err := json.Unmarshal([]byte(a.Text), &text); err != nil {
		w.t.Fatal(err)
	}
	for _, wrong := range p.check("$", operation.Responses["200"].Schema, text) {
		if !excused(method+" "+spec, wrong) && !(thin[spec] && strings.Contains(wrong, ": lacks ")) {
			w.t.Errorf("%s %s: %s", method, path, wrong)
		}
	}
	w.clock.Advance(time.Second)
	return a
}

// TestAnswersHaveThePublishedShapes asks everything once and holds the answers against Adobe's specification, with and
// without Marketo's own sync, which refuses most writes and shows fields of its own.
func TestAnswersHaveThePublishedShapes(t *testing.T) {
	p := readPublished(t)
	for _, native := range []bool{false, true} {
		w := newWorld(t, 800, instance.Config{NativeSync: native})
		for _, row := range everyCall(url.QueryEscape(w.since(opening.AddDate(-1, 0, 0)))) {
			a := p.conform(w, row.method, row.spec, row.path, row.body, nil)
			if native {
				continue
			}
			if !a.Success {
				t.Errorf("%s %s: %.200s", row.method, row.path, a.Text)
			}
			if !row.empty && len(a.Result) == 0 && !strings.Contains(a.Text, "nextPageToken") {
				t.Errorf("%s %s: nothing to look at", row.method, row.path)
			}
		}
	}
}

// asked is one call of the test: the path in the specification, and the call itself.
type asked struct {
	method, spec, path, body string
	empty                    bool // its answer has no result, or none yet
}

func everyCall(token string) []asked {
	get := func(spec, path string) asked { return asked{"GET", spec, path, "", false} }
	same := func(path string) asked { return asked{"GET", path, path, "", false} }
	post := func(path, body string) asked { return asked{"POST", path, path, body, false} }
	r, b, as := "/rest/v1", "/bulk/v1", "/rest/asset/v1"
	return []asked{
		post(r+"/leads.json", `{"input":[{"email":"a@x.example","lastName":"A"},{"email":"b@x.example","leadScore":"many"}]}`),
		same(r + "/leads/describe.json"), same(r + "/leads/describe2.json"), same(r + "/leads/partitions.json"),
		get(r+"/lead/{leadId}.json", r+"/lead/10.json"), get(r+"/leads.json", r+"/leads.json?filterType=id&filterValues=1,2,3,4,5"),
		same(r + "/leads/schema/fields.json"), get(r+"/leads/schema/fields/{fieldApiName}.json", r+"/leads/schema/fields/email.json"),
		post(r+"/leads/schema/fields.json", `{"input":[{"name":"shoeSize","displayName":"Shoe Size","dataType":"integer"}]}`),
		{"POST", r + "/leads/schema/fields/{fieldApiName}.json", r + "/leads/schema/fields/shoeSize.json", `{"input":[{"isHidden":true}]}`, false},
		post(r+"/leads/partitions.json", `{"input":[{"id":10,"partitionName":"Europe"},{"id":9999999,"partitionName":"Europe"}]}`),
		post(r+"/leads/push.json", `{"programName":"Lead Lifecycle","lookupField":"email","input":[{"email":"pushed@x.example"}]}`),
		post(r+"/leads/delete.json", `{"input":[{"id":20},{"id":9999999}]}`),
		{"POST", r + "/leads/{leadId}/merge.json", r + "/leads/10/merge.json?leadIds=11,12", "", true},
		same(r + "/activities/types.json"), get(r+"/activities.json", r+"/activities.json?activityTypeIds=12,13,32,37,100,104,145&nextPageToken="+token),
		get(r+"/activities/pagingtoken.json", r+"/activities/pagingtoken.json?sinceDatetime=2026-01-01T00:00:00Z"),
		get(r+"/activities/leadchanges.json", r+"/activities/leadchanges.json?fields=lastName,email&nextPageToken="+token),
		get(r+"/activities/deletedleads.json", r+"/activities/deletedleads.json?nextPageToken="+token),
		post(r+"/activities/external.json", `{"input":[{"leadId":10,"activityDate":"2026-07-14T08:00:00Z","activityTypeId":100002,"primaryAttributeValue":"Lyon","attributes":[{"name":"Guide","value":"Ana"}]}]}`),
		same(r + "/activities/external/types.json"), get(r+"/activities/external/type/{apiName}/describe.json", r+"/activities/external/type/attendedPlantTour/describe.json"),
		post(r+"/salespersons.json", `{"input":[{"externalSalesPersonId":"005A","email":"rep@acme.example","lastName":"Rep"}]}`),
		same(r + "/salespersons/describe.json"), get(r+"/salespersons.json", r+"/salespersons.json?filterType=externalSalesPersonId&filterValues=005A"),
		post(r+"/companies.json", `{"input":[{"externalCompanyId":"001A","company":"Acme"},{"externalCompanyId":"001B","company":"Bolt"},{"externalCompanyId":"001B"}]}`),
		same(r + "/companies/describe.json"), get(r+"/companies.json", r+"/companies.json?filterType=externalCompanyId&filterValues=001A,001B"),
		same(r + "/companies/schema/fields.json"),
		post(r+"/opportunities.json", `{"input":[{"externalOpportunityId":"006A","name":"Deal","amount":12.5,"externalCompanyId":"001A"},{"externalOpportunityId":"006B"}]}`),
		same(r + "/opportunities/describe.json"), get(r+"/opportunities.json", r+"/opportunities.json?filterType=externalOpportunityId&filterValues=006A"),
		post(r+"/opportunities/roles.json", `{"input":[{"externalOpportunityId":"006A","leadId":10,"role":"Buyer","isPrimary":true}]}`),
		same(r + "/opportunities/roles/describe.json"), get(r+"/opportunities/roles.json", r+"/opportunities/roles.json?filterType=leadId&filterValues=10"),
		same(r + "/customobjects.json"), get(r+"/customobjects/{customObjectName}/describe.json", r+"/customobjects/car_c/describe.json"),
		{"POST", r + "/customobjects/{customObjectName}.json", r + "/customobjects/car_c.json", `{"input":[{"vin":"V1","owner":10,"brand":"Fiat"}]}`, false},
		get(r+"/customobjects/{customObjectName}.json", r+"/customobjects/car_c.json?filterType=owner&filterValues=10"),
		{"POST", r + "/customobjects/{customObjectName}/delete.json", r + "/customobjects/car_c/delete.json", `{"input":[{"vin":"V1"},{"vin":"V2"}]}`, false},
		post(r+"/companies/delete.json", `{"input":[{"externalCompanyId":"001B"}]}`),
		same(r + "/lists.json"), get(r+"/lists/{listId}.json", r+"/lists/1001.json"),
		{"POST", r + "/lists/{listId}/leads.json", r + "/lists/1001/leads.json", `{"input":[{"id":10},{"id":9999999}]}`, false},
		get(r+"/lists/{listId}/leads.json", r+"/lists/1001/leads.json"), get(r+"/list/{listId}/leads.json", r+"/list/1002/leads.json"),
		get(r+"/lists/{listId}/leads/ismember.json", r+"/lists/1001/leads/ismember.json?id=10,13"),
		get(r+"/leads/{leadId}/listMembership.json", r+"/leads/10/listMembership.json"),
		{"DELETE", r + "/lists/{listId}/leads.json", r + "/lists/1001/leads.json?id=10&id=13", "", false},
		same(r + "/programs/members/describe.json"), same(r + "/program/members/describe.json"),
		{"POST", r + "/programs/{programId}/members/status.json", r + "/programs/1002/members/status.json", `{"statusName":"Invited","input":[{"leadId":10}]}`, false},
		{"POST", r + "/programs/{programId}/members.json", r + "/programs/1002/members.json", `{"input":[{"leadId":10,"statusReason":"asked"}]}`, false},
		get(r+"/programs/{programId}/members.json", r+"/programs/1002/members.json?filterType=leadId&filterValues=10"),
		get(r+"/leads/programs/{programId}.json", r+"/leads/programs/1002.json"),
		get(r+"/leads/{leadId}/programMembership.json", r+"/leads/10/programMembership.json"),
		{"POST", r + "/programs/{programId}/members/delete.json", r + "/programs/1002/members/delete.json", `{"input":[{"leadId":10}]}`, false},
		same(r + "/campaigns.json"), get(r+"/campaigns/{campaignId}.json", r+"/campaigns/3001.json"),
		{"POST", r + "/campaigns/{campaignId}/trigger.json", r + "/campaigns/3003/trigger.json", `{"input":{"leads":[{"id":10}]}}`, true},
		get(r+"/leads/{leadId}/smartCampaignMembership.json", r+"/leads/10/smartCampaignMembership.json"),
		same(as + "/programs.json"), get(as+"/program/{id}.json", as+"/program/1001.json"), same(as + "/channels.json"),
		{"GET", as + "/program/byName.json", as + "/program/byName.json?name=Nobody", "", true}, same(as + "/smartLists.json"),
		get(as+"/smartList/{id}.json", as+"/smartList/2001.json?includeRules=true"), same(as + "/smartCampaigns.json"),
		get(as+"/smartCampaign/{id}.json", as+"/smartCampaign/3001.json"),
		get(as+"/smartCampaign/{id}/smartList.json", as+"/smartCampaign/3001/smartList.json?includeRules=true"),
		same(as + "/staticLists.json"), get(as+"/staticList/{id}.json", as+"/staticList/1001.json"), same(as + "/folders.json"),
		{"POST", as + "/smartCampaign/{id}/deactivate.json", as + "/smartCampaign/3001/deactivate.json", "", false},
		same(r + "/stats/usage.json"), same(r + "/stats/usage/last7days.json"), same(r + "/stats/errors.json"), same(r + "/stats/errors/last7days.json"),
		post(b+"/leads/export/create.json", `{"fields":["id"],"filter":{"staticListId":1001}}`), same(b + "/leads/export.json"),
		post(b+"/activities/export/create.json", `{"filter":{"createdAt":{"startAt":"2026-07-01T00:00:00Z","endAt":"2026-07-14T00:00:00Z"}}}`),
		post(b+"/program/members/export/create.json", `{"fields":["leadId","email"],"filter":{"programId":1001}}`),
	}
}
