package org

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	b := newBench(t)
	d := b.send("GET", "sobjects/lead/describe", "")
	fields := map[string]map[string]any{}
	for _, f := range d.at("fields").([]any) {
		m := f.(map[string]any)
		fields[m["name"].(string)] = m
	}
	want := map[string]map[string]any{
		"Email":                {"type": "email", "length": 80.0, "idLookup": true, "createable": true, "updateable": true, "permissionable": true, "unique": false},
		"LastName":             {"nillable": false, "permissionable": false, "compoundFieldName": "Name", "byteLength": 240.0, "soapType": "xsd:string"},
		"Marketo_Person_Id__c": {"externalId": true, "unique": true, "length": 40.0, "custom": true},
		"Lead_Score__c":        {"type": "double", "precision": 10.0, "scale": 0.0},
		"Region__c":            {"calculated": true, "updateable": false},
		"Segment__c":           {"restrictedPicklist": true},
		"OwnerId":              {"referenceTo": []any{"Group", "User"}, "relationshipName": "Owner", "defaultedOnCreate": true, "nillable": false},
		"SystemModstamp":       {"updateable": false, "createable": false, "type": "datetime"},
		"IsConverted":          {"createable": true, "updateable": false},
		"Description":          {"filterable": false, "length": 32000.0, "extraTypeInfo": "plaintextarea"},
	}
	for name, keys := range want {
		for key, value := range keys {
			if got := mustJSON(t, fields[name][key]); got != mustJSON(t, value) {
				t.Errorf("%s.%s is %s, want %s", name, key, got, mustJSON(t, value))
			}
		}
	}
	b.send("GET", "sobjects/Lead/describe", "", "If-Modified-Since: "+d.header.Get("Last-Modified")).want(304, "")
	b.send("GET", "sobjects", "").refused(200, "maxBatchSize")
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestBareUser sees what field-level security, object rights and sharing take away: absent, not empty.
func TestBareUser(t *testing.T) {
	b := newBench(t, bare)
	admin := b.openSession(b.people.admin, "", "", nil).token
	sync := b.token
	b.token = admin
	id := b.made("Lead", `{"LastName":"A","Company":"B","HasOptedOutOfEmail":true}`)
	hidden := b.made("Lead", `{"LastName":"A","Company":"B","OwnerId":"`+b.people.private+`"}`)
	queued := b.made("Lead", `{"LastName":"A","Company":"B","OwnerId":"`+b.people.queue+`"}`)
	locked := b.made("Lead", `{"LastName":"A","Company":"B","OwnerId":"`+b.people.locked+`"}`)
	private := b.made("Contact", `{"LastName":"A"}`)
	b.send("GET", "sobjects/Lead/"+id, "").refused(200, "HasOptedOutOfEmail")
	b.token = sync

	describe := b.send("GET", "sobjects/Lead/describe", "").body
	for _, absent := range []string{"HasOptedOutOfEmail", "Marketo_Person_Id__c", "Segment__c"} {
		if strings.Contains(describe, absent) {
			t.Errorf("describe tells of %s", absent)
		}
	}
	if strings.Contains(b.send("GET", "sobjects/Lead/"+id, "").body, "HasOptedOutOfEmail") {
		t.Error("a hidden field is in the row")
	}
	b.send("GET", "sobjects/Lead/"+id+"?fields=HasOptedOutOfEmail", "").refused(400, "INVALID_FIELD")
	b.send("PATCH", "sobjects/Lead/"+id, `{"HasOptedOutOfEmail":false}`).refused(400, "No such column 'HasOptedOutOfEmail' on sobject of type Lead")
	b.send("PATCH", "sobjects/Lead/"+id, `{"Rating":"Hot"}`).refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE")
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Ulm"}`).want(204, "")
	b.send("DELETE", "sobjects/Lead/"+id, "").refused(400, "INSUFFICIENT_ACCESS_OR_READONLY")
	b.send("POST", "sobjects/Contact", `{"LastName":"A"}`).refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
	for _, unseen := range []string{"Lead/" + hidden, "Lead/" + queued, "Contact/" + private, "Opportunity", "Opportunity/describe"} {
		b.send("GET", "sobjects/"+unseen, "").refused(404, "NOT_FOUND")
	}
	b.send("GET", "sobjects/Lead/"+locked, "").refused(200, "LastName")
	b.send("PATCH", "sobjects/Lead/"+locked, `{"City":"Ulm"}`).want(400,
		`[{"message":"insufficient access rights on object id","errorCode":"INSUFFICIENT_ACCESS_OR_READONLY","fields":[]}]`)
	b.send("PATCH", "sobjects/Lead/"+id, `{"OwnerId":"`+b.people.queue+`"}`).want(204, "")
	b.send("GET", "limits", "").refused(403, "INSUFFICIENT_ACCESS")
	if global := b.send("GET", "sobjects", "").body; strings.Contains(global, `"Opportunity"`) {
		t.Error("describe global tells of an object that the user may not read")
	}
	b.send("GET", "composite/sobjects/Lead?ids="+hidden+"&fields=Id", "").want(200, `[null]`)
}
