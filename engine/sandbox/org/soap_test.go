package org

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
)

// soap makes a call as the bench's user and gives the status and the answer's body.
func (b *bench) soap(call, body string) (int, string) {
	b.t.Helper()
	r := httptest.NewRequest("POST", "/services/Soap/u/61.0", strings.NewReader(
		`<?xml version="1.0"?><se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header xmlns="urn:partner.soap.sforce.com"><SessionHeader><sessionId>`+
			b.token+`</sessionId></SessionHeader></se:Header><se:Body xmlns="urn:partner.soap.sforce.com"><`+call+`>`+body+`</`+call+`></se:Body></se:Envelope>`))
	r.Header.Set("Content-Type", "text/xml")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// between is the text of the first element of that name.
func between(text, name string) string {
	_, rest, _ := strings.Cut(text, "<"+name+">")
	inner, _, _ := strings.Cut(rest, "</"+name+">")
	return inner
}

func TestSoapLogin(t *testing.T) {
	b := newBench(t)
	secret := b.Credentials()
	status, body := b.soap("n1:login", "<n1:username>"+secret.Username+"</n1:username><n1:password>"+secret.Password+"TOKEN</n1:password>")
	if status != 200 || between(body, "userId") != b.people.sync {
		t.Fatalf("%d %s", status, body)
	}
	b.token = between(body, "sessionId")
	b.send("GET", "sobjects/Lead", "").refused(200, "recentItems")
	if status, body := b.soap("login", "<username>x</username><password>&lt;</password>"); status != 500 || !strings.Contains(body, "<faultcode>sf:INVALID_LOGIN</faultcode>") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := b.soap("logout", ""); status != 200 {
		t.Errorf("%d", status)
	}
	if status, body := b.soap("merge", ""); status != 500 || !strings.Contains(body, "<faultcode>sf:INVALID_SESSION_ID</faultcode>") {
		t.Errorf("%d %s", status, body)
	}
	b.send("GET", "sobjects/Lead", "").refused(401, "INVALID_SESSION_ID")
}

// TestSoapConverts: into new records, into those that exist, which take over only what they have blank, and not twice.
func TestSoapConverts(t *testing.T) {
	b := newBench(t)
	account := b.made("Account", `{"Name":"Old","Website":"old.example"}`)
	contact := b.made("Contact", `{"LastName":"Old","Title":"CEO","AccountId":"`+account+`"}`)
	campaign := b.made("Campaign", `{"Name":"Fair"}`)
	first := b.made("Lead", `{"LastName":"A & B","Company":"Kade & Co","Title":"CFO","City":"Ulm"}`)
	second := b.made("Lead", `{"LastName":"C","Company":"Other","Title":"CFO","City":"Ulm","Website":"new.example","Email":"c@x.example"}`)
	member := b.made("CampaignMember", `{"CampaignId":"`+campaign+`","LeadId":"`+second+`"}`)
	task := b.made("Task", `{"WhoId":"`+second+`"}`)
	b.log.Reset()
	_, body := b.soap("convertLead", "<leadConverts><convertedStatus>Closed - Converted</convertedStatus><leadId>"+first+"</leadId></leadConverts>"+
		"<leadConverts><accountId>"+account+"</accountId><contactId>"+contact+"</contactId><convertedStatus>Closed - Converted</convertedStatus>"+
		"<doNotCreateOpportunity>true</doNotCreateOpportunity><leadId>"+second+"</leadId></leadConverts>"+
		"<leadConverts><convertedStatus>Open</convertedStatus><leadId>"+first+"</leadId></leadConverts>"+
		"<leadConverts><convertedStatus>Closed - Converted</convertedStatus><leadId>"+first+"</leadId></leadConverts>")
	results := strings.Split(body, "<result>")
	if len(results) != 5 {
		t.Fatalf("%s", body)
	}
	made := between(results[1], "contactId")
	if row := b.send("GET", "sobjects/Contact/"+made, ""); row.at("LastName") != "A & B" || row.at("MailingCity") != "Ulm" || row.at("OwnerId") != b.people.sync {
		t.Errorf("%s", row.body)
	}
	if name := b.send("GET", "sobjects/Opportunity/"+between(results[1], "opportunityId"), "").at("Name"); name != "Kade & Co" {
		t.Errorf("the opportunity is %v", name)
	}
	if between(results[2], "contactId") != contact || strings.Contains(results[2], "opportunityId") {
		t.Errorf("%s", results[2])
	}
	if row := b.send("GET", "sobjects/Contact/"+contact, ""); row.at("LastName") != "Old" || row.at("Title") != "CEO" || row.at("Email") != "c@x.example" {
		t.Errorf("%s", row.body)
	}
	if site := b.send("GET", "sobjects/Account/"+account, "").at("Website"); site != "old.example" {
		t.Errorf("the account's website is %v", site)
	}
	if row := b.send("GET", "sobjects/CampaignMember/"+member, ""); row.at("ContactId") != contact || row.at("LeadId") != second {
		t.Errorf("%s", row.body)
	}
	if who := b.send("GET", "sobjects/Task/"+task, "").at("WhoId"); who != contact {
		t.Errorf("the task is about %v", who)
	}
	for n, code := range map[int]string{3: "INVALID_STATUS", 4: "CANNOT_UPDATE_CONVERTED_LEAD"} {
		if between(results[n], "statusCode") != code || between(results[n], "success") != "false" {
			t.Errorf("%s", results[n])
		}
	}
	got := b.log.Snapshot().Of(record.Salesforce)
	if got.ByEndpoint["POST /Soap convertLead"] != 1 || got.WriteCalls != 1 || got.Writes != 7 {
		t.Errorf("the journal says %+v", got)
	}
}

// TestSoapMergesAndTheBin: the master keeps what it has, what belonged to the loser is the master's; a record comes back
// from the bin, and once the bin is emptied it does not.
func TestSoapMergesAndTheBin(t *testing.T) {
	b := newBench(t)
	winner, loser := b.made("Lead", `{"LastName":"W","Company":"K"}`), b.made("Lead", `{"LastName":"L","Company":"K","Title":"CEO","City":"Ulm"}`)
	fair, tour := b.made("Campaign", `{"Name":"Fair"}`), b.made("Campaign", `{"Name":"Tour"}`)
	for _, m := range [][2]string{{fair, winner}, {fair, loser}, {tour, loser}} {
		b.made("CampaignMember", `{"CampaignId":"`+m[0]+`","LeadId":"`+m[1]+`"}`)
	}
	merge := func(loser string) string {
		_, body := b.soap("merge", "<mergeRequests><masterRecord><type>Lead</type><Id>"+winner+"</Id><City>Bonn</City></masterRecord><recordToMergeIds>"+loser+"</recordToMergeIds></mergeRequests>")
		return body
	}
	if body := merge(loser); between(body, "success") != "true" || between(body, "mergedRecordIds") != loser {
		t.Fatalf("%s", body)
	}
	if row := b.send("GET", "sobjects/Lead/"+winner, ""); row.at("City") != "Bonn" || row.at("Title") != nil {
		t.Errorf("%s", row.body)
	}
	if rows := b.ask("SELECT CampaignId FROM CampaignMember WHERE LeadId = '" + winner + "'"); len(rows) != 2 {
		t.Errorf("the winner is a member %d times, of two campaigns", len(rows))
	}
	if body := merge(loser); between(body, "success") != "false" {
		t.Errorf("a record was merged twice: %s", body)
	}
	gone := b.send("GET", "queryAll?q=SELECT+MasterRecordId+FROM+Lead+WHERE+IsDeleted=true", "")
	if gone.at("records", 0, "MasterRecordId") != winner {
		t.Errorf("%s", gone.body)
	}
	b.send("DELETE", "sobjects/Lead/"+winner, "").want(204, "")
	if _, body := b.soap("undelete", "<ids>"+winner+"</ids><ids>"+fair+"</ids>"); between(body, "id") != winner || between(body, "statusCode") != "UNDELETE_FAILED" {
		t.Errorf("%s", body)
	}
	b.send("GET", "sobjects/Lead/"+winner, "").refused(200, "Bonn")
	b.send("DELETE", "sobjects/Lead/"+winner, "").want(204, "")
	if _, body := b.soap("emptyRecycleBin", "<ids>"+winner+"</ids>"); between(body, "success") != "true" {
		t.Errorf("%s", body)
	}
	if _, body := b.soap("undelete", "<ids>"+winner+"</ids>"); between(body, "success") != "false" {
		t.Errorf("%s", body)
	}
}

func TestSoapNeedsRights(t *testing.T) {
	b := newBench(t, bare)
	lead := b.lead()
	_, body := b.soap("convertLead", "<leadConverts><convertedStatus>Closed - Converted</convertedStatus><leadId>"+lead+"</leadId></leadConverts>")
	if between(body, "statusCode") != "INSUFFICIENT_ACCESS" {
		t.Errorf("%s", body)
	}
	_, body = b.soap("merge", fmt.Sprintf("<mergeRequests><masterRecord><Id>%s</Id></masterRecord><recordToMergeIds>%s</recordToMergeIds></mergeRequests>", lead, b.lead()))
	if between(body, "statusCode") != "INSUFFICIENT_ACCESS_OR_READONLY" {
		t.Errorf("%s", body)
	}
	if status, body := b.soap("describeTabs", ""); status != 500 || !strings.Contains(body, "No operation available") {
		t.Errorf("%d %s", status, body)
	}
}
