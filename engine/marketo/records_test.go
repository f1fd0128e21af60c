package marketo_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

func textField(name, value string) marketo.Field {
	return marketo.Field{Name: name, Type: record.Type{Kind: record.Text}, Value: record.Of(value)}
}

// Each object is written and removed where it lives, by what it is known by, and gives back the id that Marketo knows it by.
func TestRecordsAreWrittenByTheirKeys(t *testing.T) {
	person := marketo.Field{Name: "leadId", Type: record.Type{Kind: record.Integer}, Value: record.Of("12")}
	triple := []marketo.Field{textField("externalOpportunityId", "006A"), person, textField("role", "Evaluator")}
	for _, row := range []struct {
		name         string
		object       record.Object
		write        marketo.Write
		path, delete string // bodies
	}{
		{"a company", record.Company, marketo.Write{LookupField: "externalCompanyId", LookupValue: "001A", Fields: []marketo.Field{textField("company", "Acme")}}, "/rest/v1/companies",
			`{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"externalCompanyId":"001A","company":"Acme"}]}`},
		{"a sales person", record.SalesPerson, marketo.Write{LookupField: "externalSalesPersonId", LookupValue: "005A"}, "/rest/v1/salespersons",
			`{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"externalSalesPersonId":"005A"}]}`},
		{"an opportunity", record.MarketoOpportunity, marketo.Write{LookupField: "externalOpportunityId", LookupValue: "006A", Fields: []marketo.Field{{Name: "amount", Type: record.Type{Kind: record.Decimal}}}}, "/rest/v1/opportunities",
			`{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"externalOpportunityId":"006A","amount":null}]}`},
		{"a role", record.OpportunityRole, marketo.Write{Fields: triple}, "/rest/v1/opportunities/roles",
			`{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"externalOpportunityId":"006A","leadId":12,"role":"Evaluator"}]}`},
		{"a role by its id", record.OpportunityRole, marketo.Write{ID: "dff23271-f996-47d7-984f-f2676861b5fa"}, "/rest/v1/opportunities/roles",
			`{"action":"updateOnly","dedupeBy":"idField","input":[{"marketoGUID":"dff23271-f996-47d7-984f-f2676861b5fa"}]}`},
		{"a custom object", "plan_c", marketo.Write{LookupField: "salesforceId", LookupValue: "a00A"}, "/rest/v1/customobjects/plan_c",
			`{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"salesforceId":"a00A"}]}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := &side{t: t, answer: func(r request) reply {
				return result(`{"seq":0,"marketoGUID":" cff23271-f996-47d7-984f-f2676861b5fb ","status":"created"}`)
			}}
			row.write.Key = 7
			results, err := newClient(t, s).WriteRecords(t.Context(), record.Push, row.object, []marketo.Write{row.write})
			if err != nil || results[0].Err != nil || !results[0].Created || results[0].ID != "cff23271-f996-47d7-984f-f2676861b5fb" || results[0].Key != 7 {
				t.Errorf("%+v, %v", results, err)
			}
			got := s.calls()[0]
			if got.path != row.path+".json" || !sameJSON(t, got.body, row.delete) {
				t.Errorf("%s: %s", got.path, got.body)
			}
			s.answer = func(request) reply { return result(`{"seq":0,"id":3,"status":"deleted"}`) }
			if results, err = newClient(t, s).DeleteRecords(t.Context(), record.Push, row.object, []marketo.Write{row.write}); err != nil || results[0].Err != nil {
				t.Errorf("removed: %+v, %v", results, err)
			}
			calls := s.calls()
			var sent struct {
				DeleteBy string           `json:"deleteBy"`
				Action   string           `json:"action"`
				Input    []map[string]any `json:"input"`
			}
			if err := json.Unmarshal(calls[len(calls)-1].body, &sent); err != nil {
				t.Fatal(err)
			}
			if calls[len(calls)-1].path != row.path+"/delete.json" || sent.Action != "" || (sent.DeleteBy == "idField") != (row.write.ID != "") || len(sent.Input) != 1 {
				t.Errorf("%s: %+v", calls[len(calls)-1].path, sent)
			}
		})
	}
}

func sameJSON(t *testing.T, a []byte, b string) bool {
	t.Helper()
	var one, other any
	if json.Unmarshal(a, &one) != nil || json.Unmarshal([]byte(b), &other) != nil {
		t.Fatalf("no JSON: %s", a)
	}
	return fmt.Sprint(one) == fmt.Sprint(other)
}

// What is gone already is removed; what others still use, or cannot be named, is not.
func TestRemovingRecords(t *testing.T) {
	s := &side{t: t, answer: func(request) reply {
		return result(`{"seq":0,"status":"skipped","reasons":[{"code":"1013","message":"Record not found"}]}`,
			`{"seq":2,"status":"skipped","reasons":[{"code":"1022","message":"Object in use"}]}`, `{"seq":1,"status":"deleted"}`)
	}}
	rows := []marketo.Write{{Key: 1, LookupValue: "a"}, {Key: 2, LookupValue: "b"}, {Key: 3, LookupValue: "c"}, {Key: 4}}
	results, err := newClient(t, s).DeleteRecords(t.Context(), record.Push, record.Company, rows)
	if err != nil || results[0].Err != nil || results[1].Err != nil || results[2].Err == nil || results[2].Err.Code() != "1022" || results[3].Err == nil {
		t.Errorf("%+v, %v", results, err)
	}
	if _, err := newClient(t, s).WriteRecords(t.Context(), record.Push, record.Person, rows); err == nil {
		t.Error("people were written as records")
	}
	if _, err := newClient(t, s).WriteRecords(t.Context(), record.Push, "../leads_c", rows); err == nil {
		t.Error("a name led out of its folder")
	}
}

// Two roles of one key never stand in one call, and 718, which Marketo tells of the whole call, is the fault of one.
func TestARoleOfOneKeyGoesAlone(t *testing.T) {
	role := func(key int64, word string) marketo.Write {
		return marketo.Write{Key: key, Fields: []marketo.Field{textField("externalOpportunityId", "006A"), textField("leadId", "12"), textField("role", word)}}
	}
	s := &saver{t: t}
	if _, err := newClient(t, &side{t: t, answer: s.answer}).WriteRecords(t.Context(), record.Push, record.OpportunityRole, []marketo.Write{role(1, "A"), role(2, "a"), role(3, "B")}); err != nil || !slices.Equal(s.sizes, []int{2, 1}) {
		t.Errorf("sent in %v, %v", s.sizes, err)
	}
	unknown := &side{t: t, answer: func(r request) reply {
		var body sent
		if err := json.Unmarshal(r.body, &body); err != nil {
			t.Fatal(err)
		}
		var elements []string
		for i, in := range body.Input {
			if in["externalSalesPersonId"] == "005X" {
				return refuse("718", "ExternalSalesPersonID '005X' not found")
			}
			elements = append(elements, fmt.Sprintf(`{"seq":%d,"status":"created"}`, i))
		}
		return result(elements...)
	}}
	var rows []marketo.Write
	for i := range int64(40) {
		owner := "005A"
		if i == 17 {
			owner = "005X"
		}
		rows = append(rows, marketo.Write{Key: i, LookupValue: fmt.Sprint("006", i), Fields: []marketo.Field{textField("externalSalesPersonId", owner)}})
	}
	results, err := newClient(t, unknown).WriteRecords(t.Context(), record.Push, record.MarketoOpportunity, rows)
	if err != nil || len(results) != 40 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for _, r := range results {
		if (r.Err != nil) != (r.Key == 17) {
			t.Errorf("row %d: %v", r.Key, r.Err)
		}
	}
}

// What an object looks like is asked of each; what is out of reach is left out, and a link is read in both of its spellings.
func TestDescribeRecords(t *testing.T) {
	s := &side{t: t, answer: func(r request) reply {
		switch r.path {
		case "/rest/v1/customobjects.json":
			return result(`{"name":"plan_c"}`, `{"name":"item_c"}`)
		case "/rest/v1/customobjects/plan_c/describe.json":
			return result(`{"name":"plan_c","displayName":"Plan","dedupeFields":["salesforceId"],"relationships":[{"field":"personId","type":"child","relatedTo":{"name":"Lead","field":"Id"}}],
				"fields":[{"name":"salesforceId","displayName":"Id","dataType":"string","length":18,"updateable":false}]}`)
		case "/rest/v1/customobjects/item_c/describe.json":
			return result(`{"name":"item_c","dedupeFields":["a","b"],"relationships":[{"field":"plan","object":{"name":"plan_c","field":"salesforceId"}},{"field":"company","relatedTo":{"name":"Company","field":"externalCompanyId"}}],
				"fields":[{"name":"a","dataType":"string"}]}`)
		case "/rest/v1/opportunities/describe.json":
			return refuse("603", "Access denied")
		case "/rest/v1/salespersons/describe.json":
			return refuse("1018", "CRM Enabled")
		}
		return result(`{"name":"x","dedupeFields":["role"],"fields":[{"name":"role","dataType":"string","updateable":true}]}`)
	}}
	c := newClient(t, s)
	names, err := c.CustomObjects(t.Context())
	if err != nil || !slices.Equal(names, []record.Object{"plan_c", "item_c"}) {
		t.Fatalf("%v, %v", names, err)
	}
	all, err := c.DescribeRecords(t.Context(), append([]record.Object{record.MarketoOpportunity, record.SalesPerson, record.OpportunityRole}, names...))
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	if all[0].Object != record.OpportunityRole || all[1].Label != "Plan" || !slices.Equal(all[1].Keys, []string{"salesforceId"}) || all[1].Fields[0].Length != 18 {
		t.Errorf("%+v", all)
	}
	if !maps.Equal(all[1].Links, map[string]marketo.Link{"personId": {Object: record.Person, Field: "Id"}}) ||
		!maps.Equal(all[2].Links, map[string]marketo.Link{"plan": {Object: "plan_c", Field: "salesforceId"}, "company": {Object: record.Company, Field: "externalCompanyId"}}) {
		t.Errorf("links %v, %v", all[1].Links, all[2].Links)
	}
}
