package org

import (
	"fmt"
	"iter"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

func someLeads(n int) iter.Seq[people.Lead] {
	return func(yield func(people.Lead) bool) {
		for i := range n {
			day := time.Date(2025, 1, 1, 0, 0, i, 0, time.UTC)
			if !yield(people.Lead{
				Number: uint64(i + 1), FirstName: "Ada", LastName: fmt.Sprintf("Keller %d", i), Company: fmt.Sprintf("Company %d", i/5),
				Email: fmt.Sprintf("ada.%d@example.com", i), Title: "Analyst", Phone: "+1 555 0100", LeadSource: "Web", Status: "Open - Not Contacted",
				AnnualRevenue: "125000", NumberOfEmployees: "12", Score: "17", Segment: "Partner", Owner: 3, DoNotCall: i%2 == 0,
				LegacyNumber: fmt.Sprintf("L-%d", i),
				Address:      people.Address{Street: "Main Street 1", City: "Köln", State: "NRW", PostalCode: "50667", Country: "Germany"},
				Audit:        people.Audit{Created: day, Modified: day, CreatedBy: 1, ModifiedBy: 2},
			}) {
				return
			}
		}
	}
}

func TestLoad(t *testing.T) {
	b := newBench(t)
	day := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	audit := people.Audit{Created: day, Modified: day.Add(time.Hour), CreatedBy: 1, ModifiedBy: 1}
	one := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	one(b.LoadUsers(seq(people.User{Number: 1, FirstName: "Rita", LastName: "Rep", Email: "r@example.com", Username: "r@example.com", Active: true, Audit: audit})))
	one(b.LoadAccounts(seq(people.Account{Number: 1, Name: "Acme", LegacyNumber: "A-1", Owner: 1, Audit: audit})))
	one(b.LoadContacts(seq(people.Contact{Number: 1, Account: 1, LastName: "L", Score: "5", DoNotSync: true, Owner: 1, Audit: audit})))
	one(b.LoadOpportunities(seq(people.Opportunity{Number: 1, Account: 1, Name: "Deal", Stage: "Closed Won", CloseDate: "2024-06-01", Owner: 1, Audit: audit})))
	one(b.LoadOpportunityContactRoles(seq(people.OpportunityContactRole{Number: 1, Opportunity: 1, Contact: 1, Role: "Evaluator", Primary: true, Audit: audit})))
	one(b.LoadCampaigns(seq(people.Campaign{Number: 1, Name: "Fair", Active: true, Owner: 1, Audit: audit})))
	one(b.LoadCampaignMemberStatuses(seq(people.CampaignMemberStatus{Number: 1, Campaign: 1, Label: "Visited", SortOrder: 3, Responded: true, Audit: audit})))
	one(b.LoadCampaignMembers(seq(people.CampaignMember{Number: 1, Campaign: 1, Contact: 1, Status: "Visited", Audit: audit})))
	one(b.LoadLeads(seq(people.Lead{Number: 1, LastName: "L", Company: "C", ConvertedContact: 1, ConvertedAccount: 1, Converted: day, Queue: true, Audit: audit})))

	contact := b.object("Contact").longID(1)
	b.send("GET", "sobjects/Contact/"+contact+"?fields=LastName,Lead_Score__c,Do_Not_Sync_to_Marketo__c,CreatedDate,LastModifiedDate,SystemModstamp", "").want(200,
		`{"attributes":{"type":"Contact","url":"/services/data/v61.0/sobjects/Contact/`+contact+`"},"LastName":"L","Lead_Score__c":5.0,"Do_Not_Sync_to_Marketo__c":true,
		"CreatedDate":"2024-05-06T07:08:09.000+0000","LastModifiedDate":"2024-05-06T08:08:09.000+0000","SystemModstamp":"2024-05-06T08:08:09.000+0000","Id":"`+contact+`"}`)
	if name := b.send("GET", "sobjects/Contact/"+contact+"/Account", "").at("Name"); name != "Acme" {
		t.Errorf("the contact's account is %v", name)
	}
	if got := b.send("GET", "sobjects/CampaignMember/"+b.object("CampaignMember").longID(1), ""); got.at("HasResponded") != true || got.at("LeadOrContactId") != contact {
		t.Errorf("the member reads %s", got.body)
	}
	lead := b.object("Lead").longID(1)
	if got := b.send("GET", "sobjects/Lead/"+lead, ""); got.at("ConvertedContactId") != contact || got.at("OwnerId") != b.people.queue || got.at("IsConverted") != true {
		t.Errorf("the lead reads %s", got.body)
	}
	if next := b.lead(); next != b.object("Lead").longID(2) {
		t.Errorf("the next lead is %s", next)
	}
	if n := b.Counts(); n["Lead"] != 2 || n["Account"] != 1 || n["Opportunity"] != 1 {
		t.Errorf("counts: %v", n)
	}
	count := 0
	b.Each("Lead", func(id string, get func(string) (string, bool)) bool {
		if company, ok := get("Company"); !ok || company == "" {
			t.Errorf("%s has no company", id)
		}
		count++
		return true
	})
	if count != 2 {
		t.Errorf("Each gave %d leads", count)
	}
}

func seq[T any](rows ...T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	o := newBench(&testing.T{})
	b.ReportAllocs()
	if err := o.LoadLeads(someLeads(b.N)); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCollectionsRead reads 2,000 leads of 30 fields a call.
func BenchmarkCollectionsRead(b *testing.B) {
	o := newBench(&testing.T{})
	if err := o.LoadLeads(someLeads(2000)); err != nil {
		b.Fatal(err)
	}
	var ids []string
	for i := range 2000 {
		ids = append(ids, `"`+o.object("Lead").longID(uint64(i+1))+`"`)
	}
	fields := `"Id","SystemModstamp","LastModifiedDate","IsDeleted","MasterRecordId","IsConverted","Email","FirstName","LastName","Title","Company","Phone","MobilePhone","Fax","Website","Street","City","State","PostalCode","Country","LeadSource","Status","Industry","Rating","AnnualRevenue","NumberOfEmployees","Lead_Score__c","Segment__c","HasOptedOutOfEmail","Marketo_Person_Id__c"`
	body := `{"ids":[` + strings.Join(ids, ",") + `],"fields":[` + fields + `]}`
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		r := httptest.NewRequest("POST", "/services/data/v61.0/composite/sobjects/Lead", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+o.token)
		w := httptest.NewRecorder()
		o.ServeHTTP(w, r)
		b.SetBytes(int64(w.Body.Len()))
	}
}
