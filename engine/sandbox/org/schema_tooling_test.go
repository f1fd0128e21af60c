package org

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// tooling asks the Tooling API.
func (b *bench) tooling(soql string) []map[string]any {
	b.t.Helper()
	r := b.send("GET", "tooling/query?q="+url.QueryEscape(soql), "")
	var body struct {
		Records []map[string]any `json:"records"`
	}
	if err := json.Unmarshal([]byte(r.body), &body); err != nil || r.status != 200 {
		b.t.Fatalf("%s: %d %.300s", soql, r.status, r.body)
	}
	return body.Records
}

// TestWhatMayInterfere asks for everything that a check of an org looks at: objects, fields, triggers, rules, flows.
func TestWhatMayInterfere(t *testing.T) {
	b := newBench(t)
	count := func(rows []map[string]any, want int, what string) {
		t.Helper()
		if len(rows) != want {
			t.Errorf("%s: %d rows, want %d", what, len(rows), want)
		}
	}
	rules := func(want int) {
		t.Helper()
		count(b.tooling(`SELECT Name, TableEnumOrId, Status, UsageBeforeInsert, UsageBeforeUpdate, UsageAfterInsert, UsageAfterUpdate, NamespacePrefix FROM ApexTrigger WHERE TableEnumOrId = 'Lead' AND Status = 'Active'`), want, "triggers")
		count(b.tooling(`SELECT ValidationName, Active, ErrorMessage, ErrorDisplayField, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true AND EntityDefinition.QualifiedApiName = 'Lead'`), 2*want, "validation rules")
		count(b.ask(`SELECT DeveloperName, MasterLabel, IsActive, SobjectType FROM DuplicateRule WHERE SobjectType = 'Lead'`), want, "duplicate rules")
		count(b.ask(`SELECT DeveloperName FROM MatchingRule`), 2*want, "matching rules")
		count(b.ask(`SELECT Id, Name, Active, SobjectType FROM AssignmentRule`), want, "assignment rules")
	}
	rules(0)
	b.SetRules(b.StrictRules())
	rules(1)
	display := b.tooling(`SELECT ErrorDisplayField FROM ValidationRule WHERE ErrorMessage LIKE '%title%' AND EntityDefinition.QualifiedApiName = 'Contact'`)
	if len(display) != 1 || display[0]["ErrorDisplayField"] != "Title" {
		t.Errorf("%v", display)
	}
	b.SetRules(Rules{})
	rules(0)
	count(b.tooling(`SELECT Name, TableEnumOrId FROM WorkflowRule WHERE TableEnumOrId = 'Lead'`), 0, "workflow rules")
	count(b.ask(`SELECT ApiName, Label, ProcessType, TriggerType, TriggerObjectOrEvent.QualifiedApiName, RecordTriggerType, IsActive FROM FlowDefinitionView WHERE IsActive = true AND TriggerType IN ('RecordBeforeSave','RecordAfterSave')`), 0, "flows")
	count(b.tooling(`SELECT QualifiedApiName, Label, KeyPrefix, IsQueryable FROM EntityDefinition WHERE QualifiedApiName IN ('Lead','Contact')`), 2, "objects")
	count(b.tooling(`SELECT Id, DeveloperName, TableEnumOrId FROM CustomField WHERE TableEnumOrId = 'Lead'`), 7, "custom fields")
	fields := func() (text string) {
		for _, row := range b.tooling(`SELECT QualifiedApiName, Label, DataType, Length, IsIndexed FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead'`) {
			if row["QualifiedApiName"] == marketoIDField {
				return row["DataType"].(string)
			}
		}
		return ""
	}
	if got := fields(); got != "Text(40) (External ID) (Unique Case Insensitive)" {
		t.Errorf("the id field is a %q", got)
	}
	b.SetFieldPresent("Lead."+marketoIDField, false)
	if got := fields(); got != "" {
		t.Errorf("a field that is gone is a %q", got)
	}
}

// TestToolingIsApart: what only the Tooling API knows is no object elsewhere, and needs the right to see the setup.
func TestToolingIsApart(t *testing.T) {
	b := newBench(t)
	b.send("GET", "query?q=SELECT+Id+FROM+ApexTrigger", "").refused(400, "INVALID_TYPE")
	b.send("GET", "sobjects/ApexTrigger/describe", "").refused(404, "NOT_FOUND")
	if all := b.send("GET", "sobjects", ""); strings.Contains(all.body, "ApexTrigger") {
		t.Error("describe global lists it")
	}
	b = newBench(t, bare)
	b.send("GET", "tooling/query?q=SELECT+Id+FROM+ApexTrigger", "").refused(400, "INVALID_TYPE")
}
