package app

import (
	"fmt"
	"testing"
	"testing/cryptotest"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// event is a linked pair, and what its people do.
type event struct {
	t *testing.T
	a *App
	*office
	pair sandbox.MemberPair
}

// linkedEvent runs a first sync and links the webinar, which both sides have.
func linkedEvent(t *testing.T, a *App, o *office) *event {
	t.Helper()
	cycles(t, a, 2)
	p, err := a.LinkPair(t.Context(), sampleName, people.Webinar, people.Webinar, func(PairPreview) (bool, error) { return true, nil })
	must(t, err)
	return &event{t, a, o, sandbox.MemberPair{Program: int(p.Program), Campaign: p.Campaign}}
}

func (e *event) members() sandbox.MemberTruth { return e.office.pair.Members(e.pair)[0] }

// alike fails unless every linked person is in both with one status.
func (e *event) alike(when string) {
	e.t.Helper()
	if m := e.members(); m.OnlySalesforce+m.OnlyMarketo+m.Differences+m.Twice > 0 || m.Both == 0 {
		e.t.Errorf("%s the members are %+v", when, m)
	}
}

// statuses are the status of a person's member in Salesforce and in Marketo, "" where there is none.
func (e *event) statuses(lead, person string) (inSalesforce, inMarketo, member string) {
	e.office.pair.Org().Each("CampaignMember", func(id string, get func(string) (string, bool)) bool {
		campaign, _ := get("CampaignId")
		who, isContact := get("ContactId")
		if !isContact {
			who, _ = get("LeadId")
		}
		if campaign == e.pair.Campaign && who == lead {
			inSalesforce, _ = get("Status")
			member = id
		}
		return true
	})
	e.office.pair.Instance().Members(e.pair.Program, func(id, status string) {
		if id == person {
			inMarketo = status
		}
	})
	return inSalesforce, inMarketo, member
}

// couple gives a linked lead and person who are in neither.
func (e *event) couple() (lead, person string) {
	e.t.Helper()
	e.office.pair.Org().Each("Lead", func(id string, get func(string) (string, bool)) bool {
		if converted, _ := get("IsConverted"); converted == "true" {
			return true
		}
		carries, _ := get("Marketo_Person_Id__c")
		if s, m, _ := e.statuses(id, carries); carries != "" && s == "" && m == "" {
			lead, person = id, carries
			return false
		}
		return true
	})
	if lead == "" {
		e.t.Fatal("everybody is in it")
	}
	return lead, person
}

func (e *event) sees(when, lead, person, want string) {
	e.t.Helper()
	s, m, _ := e.statuses(lead, person)
	if got := fmt.Sprintf("%s/%s", s, m); got != want {
		e.t.Errorf("%s the member is %s, want %s", when, got, want)
	}
}

func (e *event) invites(lead, status string) {
	e.t.Helper()
	_, err := e.office.pair.Org().Create("CampaignMember", map[string]string{"CampaignId": e.pair.Campaign, "LeadId": lead, "Status": status})
	must(e.t, err)
}

func (e *event) progresses(person, status string) {
	e.t.Helper()
	must(e.t, e.office.pair.Instance().SetProgress(e.pair.Program, person, status))
}

func (e *event) sets(lead, person, status string) {
	e.t.Helper()
	_, _, member := e.statuses(lead, person)
	must(e.t, e.office.pair.Org().Set(member, map[string]string{"Status": status}))
}

func (e *event) removes(lead, person string) {
	e.t.Helper()
	_, _, member := e.statuses(lead, person)
	must(e.t, e.office.pair.Org().Delete(member))
}

// Members and their statuses travel both ways between a program and its campaign, removals too.
func TestMembersTravel(t *testing.T) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, 7)
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		e := linkedEvent(t, a, o)
		cycles(t, a, 2)
		e.alike("after linking")
		lead, person := e.couple()

		e.invites(lead, "Invited")
		cycles(t, a, 1)
		e.sees("put into the campaign,", lead, person, "Invited/Invited")
		e.progresses(person, "Registered")
		cycles(t, a, 1)
		e.sees("moved in Marketo,", lead, person, "Registered/Registered")
		e.sets(lead, person, "Attended")
		cycles(t, a, 1)
		e.sees("moved in Salesforce,", lead, person, "Attended/Attended")
		e.removes(lead, person)
		cycles(t, a, 1)
		e.sees("taken out in Salesforce,", lead, person, "/")
		e.progresses(person, "Invited")
		cycles(t, a, 1)
		e.sees("put into the program again,", lead, person, "Invited/Invited")
		e.progresses(person, "Not in Program")
		cycles(t, a, 1)
		e.sees("taken out in Marketo,", lead, person, "/")
		e.invites(lead, "Registered")
		cycles(t, a, 1)
		e.sees("put into the campaign again,", lead, person, "Registered/Registered")
		cycles(t, a, 1)
		e.alike("in the end")

		for _, broken := range judge(t, a, o) {
			t.Error(broken)
		}
		o.pair.ResetJournal()
		cycles(t, a, 1)
		if j := o.pair.Journal(); j.Salesforce.Calls > 2 || j.Marketo.Calls > 3 || j.Salesforce.Writes+j.Marketo.Writes > 0 {
			t.Errorf("an idle cycle makes %d and %d calls and %d writes", j.Salesforce.Calls, j.Marketo.Calls, j.Salesforce.Writes+j.Marketo.Writes)
		}
	})
}
