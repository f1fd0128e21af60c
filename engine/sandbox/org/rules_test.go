package org

import (
	"strings"
	"testing"
)

func TestDuplicateRules(t *testing.T) {
	b := newBench(t)
	first := b.made("Contact", `{"LastName":"Smith","Email":"s@example.com"}`)
	const twin = `{"LastName":"smith","Email":"S@example.com"}`
	b.SetRules(Rules{Duplicates: map[string]DuplicateAction{"Contact": DuplicatesAlerted}})
	b.send("POST", "sobjects/Contact", twin).want(400, `[{"duplicateResut":{"allowSave":true,"duplicateRule":"Standard_Contact_Duplicate_Rule","duplicateRuleEntityType":"Contact",
		"errorMessage":"You're creating a duplicate record. We recommend you use an existing record instead.","matchResults":[{"entityType":"Contact","errors":[],"matchEngine":"FuzzyMatchEngine",
		"matchRecords":[{"additionalInformation":[],"fieldDiffs":[],"matchConfidence":100.0,"record":{"attributes":{"type":"Contact","url":"/services/data/v61.0/sobjects/Contact/`+first+`"},"Id":"`+first+`"}}],
		"rule":"Standard_Contact_Match_Rule_v1_1","size":1,"success":true}]},"errorCode":"DUPLICATES_DETECTED","message":"You're creating a duplicate record. We recommend you use an existing record instead."}]`)
	b.send("POST", "composite/sobjects", `{"records":[{"attributes":{"type":"Contact"},"LastName":"Smith","Email":"s@example.com"}]}`).want(200,
		`[{"success":false,"errors":[{"statusCode":"DUPLICATES_DETECTED","message":"You're creating a duplicate record. We recommend you use an existing record instead.","fields":[]}]}]`)
	b.send("POST", "sobjects/Contact", twin, "Sforce-Duplicate-Rule-Header: allowSave=true").refused(201, "id")
	b.SetRules(Rules{Duplicates: map[string]DuplicateAction{"Contact": DuplicatesBlocked}})
	b.send("POST", "sobjects/Contact", twin, "Sforce-Duplicate-Rule-Header: allowSave=true").refused(400, "DUPLICATES_DETECTED")
	b.send("PATCH", "sobjects/Contact/"+first, `{"Title":"x"}`).want(204, "") // neither name nor address is touched
	b.SetRules(Rules{Duplicates: map[string]DuplicateAction{"Contact": DuplicatesReported}})
	b.send("POST", "sobjects/Contact", twin).refused(201, "id")
}

func TestBusinessRules(t *testing.T) {
	b := newBench(t)
	id := b.made("Account", `{"Name":"ACME","Phone":"123"}`)
	lead := b.lead()
	b.SetRules(Rules{
		Validations: []Validation{
			{Object: "Account", Field: "Name", Contains: "acme", Message: "no ACME accounts"},
			{Object: "Account", Field: "Phone", Contains: "123", Message: "no 123 phone"},
			{Object: "Lead", Field: "Email", Message: "an address, please", OnField: true},
		},
		Poison: "poison", AssignLeadsTo: b.people.queue,
	})
	b.send("PATCH", "sobjects/Account/"+id, `{"Site":"x"}`).want(400,
		`[{"message":"no ACME accounts","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":[]},{"message":"no 123 phone","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":[]}]`)
	b.send("PATCH", "sobjects/Lead/"+lead, `{"City":"Ulm"}`).want(400, `[{"message":"an address, please","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["Email"]}]`)
	b.send("PATCH", "sobjects/Lead/"+lead, `{"City":"a poison b","Email":"a@example.com"}`).refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
	b.send("PATCH", "sobjects/Lead/"+lead, `{"Email":"a@example.com"}`, "Sforce-Auto-Assign: FALSE").want(204, "")
	if owner := b.send("GET", "sobjects/Lead/"+lead, "").at("OwnerId"); owner == b.people.queue {
		t.Error("an update with Sforce-Auto-Assign: FALSE re-routed the owner")
	}
	b.send("PATCH", "sobjects/Lead/"+lead, `{"City":"Ulm"}`).want(204, "")
	if owner := b.send("GET", "sobjects/Lead/"+lead, "").at("OwnerId"); owner != b.people.queue {
		t.Errorf("the assignment rule did not run: owner %v", owner)
	}
	b.Lock(lead, true)
	b.send("PATCH", "sobjects/Lead/"+lead, `{"City":"Rom"}`).want(400, `[{"message":"the entity is locked for editing","errorCode":"ENTITY_IS_LOCKED","fields":[]}]`)
	b.Lock(lead, false)
	b.send("PATCH", "sobjects/Lead/"+lead, `{"City":"Rom"}`).want(204, "")
}

func TestCampaignMembersAndTasks(t *testing.T) {
	b := newBench(t)
	lead := b.lead()
	campaign := b.made("Campaign", `{"Name":"Fair"}`)
	b.send("POST", "sobjects/CampaignMember", `{"CampaignId":"`+campaign+`"}`).refused(400, "REQUIRED_FIELD_MISSING")
	b.made("CampaignMember", `{"CampaignId":"`+campaign+`","LeadId":"`+lead+`","Status":"Responded"}`)
	b.send("POST", "sobjects/CampaignMember", `{"CampaignId":"`+campaign+`","LeadId":"`+lead+`"}`).want(400,
		`[{"message":"Already a campaign member.","errorCode":"DUPLICATE_VALUE","fields":[]}]`)
	if n := b.send("GET", "sobjects/Campaign/"+campaign, "").at("NumberOfLeads"); n != 1.0 {
		t.Errorf("NumberOfLeads is %v", n)
	}
	b.clock.Advance(60e9)
	b.made("Task", `{"WhoId":"`+lead+`","Status":"Completed","ActivityDate":"2026-11-20"}`)
	row := b.send("GET", "sobjects/Lead/"+lead, "")
	if row.at("LastActivityDate") != "2026-11-20" || row.at("SystemModstamp") != "2026-11-24T10:01:00.000+0000" || row.at("LastModifiedDate") != "2026-11-24T10:00:00.000+0000" {
		t.Errorf("a closed task must move the stamp and not the edit date: %s", row.body)
	}
}

func TestEventsAndActivityIDs(t *testing.T) {
	b := newBench(t)
	lead := b.lead()
	b.send("POST", "sobjects/Event", `{"WhoId":"`+lead+`","WhatId":"`+b.made("Account", `{"Name":"A"}`)+`"}`).refused(400, "FIELD_INTEGRITY_EXCEPTION")
	event := b.made("Event", `{"WhoId":"`+lead+`","Subject":"Demo","ActivityDateTime":"2026-11-24T12:00:00Z","DurationInMinutes":30}`)
	b.made("Task", `{"WhoId":"`+lead+`","Marketo_Activity_Id__c":"77"}`)
	b.send("POST", "sobjects/Task", `{"WhoId":"`+lead+`","Marketo_Activity_Id__c":"77"}`).refused(400, "DUPLICATE_VALUE")
	made, err := b.Convert(lead, "")
	if err != nil {
		t.Fatal(err)
	}
	if who := b.send("GET", "sobjects/Event/"+event, "").at("WhoId"); who != made.Contact {
		t.Errorf("after the conversion the event is about %v, want %s", who, made.Contact)
	}
}

func TestConvertMergeBin(t *testing.T) {
	b := newBench(t)
	lead := b.made("Lead", `{"LastName":"A","Company":"B","Email":"a@example.com","Marketo_Person_Id__c":"7","Country":"Germany"}`)
	b.clock.Advance(60e9)
	made, err := b.Convert(lead, "Big deal")
	if err != nil {
		t.Fatal(err)
	}
	row := b.send("GET", "sobjects/Lead/"+lead, "")
	if row.at("IsConverted") != true || row.at("ConvertedContactId") != made.Contact || row.at("ConvertedOpportunityId") != made.Opportunity {
		t.Errorf("the lead reads %s", row.body)
	}
	contact := b.send("GET", "sobjects/Contact/"+made.Contact, "")
	if contact.at("Email") != "a@example.com" || contact.at("AccountId") != made.Account || contact.at("Region__c") != "EMEA" || contact.at("Marketo_Person_Id__c") != nil {
		t.Errorf("the contact reads %s", contact.body)
	}
	b.send("PATCH", "composite/sobjects", `{"records":[{"attributes":{"type":"Lead"},"id":"`+lead+`","City":"x"}]}`).want(200,
		`[{"success":false,"errors":[{"statusCode":"CANNOT_UPDATE_CONVERTED_LEAD","message":"cannot reference converted lead","fields":[]}]}]`)
	if _, err := b.Convert(lead, ""); err == nil {
		t.Error("a lead was converted twice")
	}

	campaign := b.made("Campaign", `{"Name":"Fair"}`)
	again := b.made("Lead", `{"LastName":"A","Company":"B"}`)
	of := func(who, id string) string {
		return b.made("CampaignMember", `{"CampaignId":"`+campaign+`","`+who+`":"`+id+`"}`)
	}
	first, second := of("ContactId", made.Contact), of("LeadId", again)
	if _, err := b.ConvertInto(again, Conversion{Account: made.Account, Contact: made.Contact}); err != nil {
		t.Fatal(err)
	}
	if who := b.send("GET", "sobjects/CampaignMember/"+first, "").at("ContactId"); who != made.Contact {
		t.Errorf("the contact's own membership belongs to %v", who)
	}
	b.send("GET", "sobjects/CampaignMember/"+second, "").refused(404, "NOT_FOUND") // nobody is in a campaign twice

	winner, loser := b.made("Contact", `{"LastName":"W"}`), b.made("Contact", `{"LastName":"L","Title":"CEO","AccountId":"`+made.Account+`"}`)
	task := b.made("Task", `{"WhoId":"`+loser+`"}`)
	if err := b.Merge(winner, loser); err != nil {
		t.Fatal(err)
	}
	if got := b.send("GET", "sobjects/Contact/"+winner, ""); got.at("Title") != "CEO" || got.at("AccountId") != made.Account || got.at("LastName") != "W" {
		t.Errorf("the winner reads %s", got.body)
	}
	if who := b.send("GET", "sobjects/Task/"+task, "").at("WhoId"); who != winner {
		t.Errorf("the loser's task belongs to %v", who)
	}
	b.send("PATCH", "sobjects/Contact/"+loser, `{"Title":"x"}`).refused(404, "ENTITY_IS_DELETED")
	obj, n, err := b.parseID(loser)
	if err != nil {
		t.Fatal(err)
	}
	dead, _ := obj.table.Get(n)
	if master, _ := b.value(obj.master, dead); master != winner {
		t.Errorf("MasterRecordId is %q", master)
	}

	b.clock.Advance(60e9)
	b.send("DELETE", "sobjects/Account/"+made.Account, "").want(204, "")
	b.send("GET", "sobjects/Contact/"+made.Contact, "").refused(404, "NOT_FOUND")
	if err := b.Undelete(made.Account); err != nil {
		t.Fatal(err)
	}
	b.send("GET", "sobjects/Contact/"+made.Contact, "").refused(200, "a@example.com")
	if err := b.Delete(made.Contact); err != nil {
		t.Fatal(err)
	}
	if err := b.EmptyBin(); err != nil {
		t.Fatal(err)
	}
	if err := b.Undelete(made.Contact); err == nil || !strings.Contains(err.Error(), "no such record") {
		t.Errorf("a purged record came back: %v", err)
	}
	if n := b.Counts()["Contact"]; n != 1 {
		t.Errorf("%d contacts, want the winner", n)
	}
}
