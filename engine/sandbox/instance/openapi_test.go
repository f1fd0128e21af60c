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
	Enum       []any            `json:"enum"`
	Required   []string         `json:"required"`
	Properties map[string]shape `json:"properties"`
	Items      *shape           `json:"items"`
}

// looser are the places where real answers are known to differ from the specification: what may be absent, null, or of
// another type or wording there.
var looser = map[string]string{
	"errors": "absent when there are none", "warnings": "strings, or absent",
	"primaryAttribute":          "type 12 has none",
	"searchableFields":          "arrays of names",
	"triggers":                  "objects like filters",
	"type":                      "other words for programs",
	"status":                    "other words for programs",
	"filterMatchType":           "case",
	"folder":                    "value instead of id on programs",
	"value":                     "any JSON type",
	"recurrence":                "only what is set",
	"description":               "null when empty",
	"result":                    "absent when nothing matches",
	"folderType":                "other words",
	"tags":                      "not when browsing",
	"costs":                     "not when browsing",
	"marketoGUID":               "not on records that were skipped",
	"id":                        "not on records that were skipped",
	"newValue":                  "null for a field that was emptied",
	"qualificationRuleInterval": "null unless interval", "qualificationRuleUnit": "null unless interval", "maxMembers": "null unless set",
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
	name := at[strings.LastIndexByte(at, '.')+1:]
	if _, known := looser[strings.TrimSuffix(name, "[]")]; known && at != "$" {
		if strings.TrimSuffix(name, "[]") != "result" {
			return nil
		}
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
			_, lenient := looser[key]
			if _, there := object[key]; !there && !lenient {
				wrong = append(wrong, at+": lacks "+key)
			}
		}
		for key, one := range object {
			if property, known := s.Properties[key]; known {
				wrong = append(wrong, p.check(at+"."+key, property, one)...)
			}
		}
	case "string":
		if _, ok := v.(string); !ok {
			return bad(fmt.Sprintf("%T instead of a string", v))
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

// TestAnswersHaveThePublishedShapes asks everything once and holds the answers against Adobe's specification.
func TestAnswersHaveThePublishedShapes(t *testing.T) {
	p := readPublished(t)
	w := newWorld(t, 800, instance.Config{})
	token := url.QueryEscape(w.since(opening.AddDate(-1, 0, 0)))
	for _, row := range everyCall(token) {
		operation, ok := p.Paths[row.spec][strings.ToLower(row.method)]
		if !ok {
			t.Errorf("%s %s is not in the specification", row.method, row.spec)
			continue
		}
		a := w.send(row.method, row.path, row.body, nil)
		if a.Status != 200 || !a.Success {
			t.Errorf("%s %s: status %d, %.200s", row.method, row.path, a.Status, a.Text)
			continue
		}
		var body any
		if err := json.Unmarshal([]byte(a.Text), &body); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range p.check("$", operation.Responses["200"].Schema, body) {
			if thin[row.spec] && strings.Contains(wrong, ": lacks ") {
				continue
			}
			t.Errorf("%s %s: %s", row.method, row.path, wrong)
		}
		if !row.empty && len(a.Result) == 0 && !strings.Contains(a.Text, "nextPageToken") {
			t.Errorf("%s %s: nothing to look at", row.method, row.path)
		}
		w.clock.Advance(time.Second)
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
