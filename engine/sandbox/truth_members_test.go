package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

func TestMemberTruth(t *testing.T) {
	p, err := sandbox.New(sandbox.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	must := func(id string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	campaign := must(p.Org().Create("Campaign", map[string]string{"Name": "Fair"}))
	var leads, people []string
	for _, name := range []string{"a", "b", "c"} {
		address := name + "@example.com"
		leads = append(leads, must(p.Org().Create("Lead", map[string]string{"LastName": name, "Company": "X", "Email": address})))
		people = append(people, must(p.Instance().Create(map[string]string{"email": address})))
	}
	stranger := must(p.Org().Create("Lead", map[string]string{"LastName": "s", "Company": "X"}))
	for i, status := range []string{"Invited", "Registered"} {
		must(p.Org().Create("CampaignMember", map[string]string{"CampaignId": campaign, "LeadId": leads[i], "Status": status}))
	}
	must(p.Org().Create("CampaignMember", map[string]string{"CampaignId": campaign, "LeadId": stranger, "Status": "Invited"}))
	for _, i := range []int{0, 2} {
		must("", p.Instance().SetProgress(1002, people[i], "Attended"))
	}
	pair := sandbox.MemberPair{Program: 1002, Campaign: campaign}
	want := sandbox.MemberTruth{MemberPair: pair, Both: 1, Differences: 1, OnlySalesforce: 1, OnlyMarketo: 1, Unlinked: 1}
	if got := p.Members(pair); got[0] != want {
		t.Errorf("the members are %+v, want %+v", got[0], want)
	}
	for query, status := range map[string]int{"1002:" + campaign: http.StatusOK, "1002": http.StatusBadRequest} {
		w := httptest.NewRecorder()
		p.Control.ServeHTTP(w, httptest.NewRequest("GET", "/truth?pair="+query, nil))
		if w.Code != status || status == http.StatusOK && !strings.Contains(w.Body.String(), `"members":[{"program":1002`) {
			t.Errorf("/truth?pair=%s is answered %d %s", query, w.Code, w.Body)
		}
	}
}

// The first campaign and its program are the same event, so that a pair can be linked at once.
func TestWebinarAgrees(t *testing.T) {
	p, err := sandbox.New(sandbox.Options{Seed: 3, People: 50})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var labels []string
	p.Org().Each("CampaignMemberStatus", func(_ string, get func(string) (string, bool)) bool {
		campaign, _ := get("CampaignId")
		p.Org().Look("Campaign", campaign, func(get func(string) (string, bool)) {
			if name, _ := get("Name"); name != "Product Webinar 2026" {
				campaign = ""
			}
		})
		if label, _ := get("Label"); campaign != "" {
			labels = append(labels, label)
		}
		return true
	})
	if got := strings.Join(labels, ","); got != "Invited,Registered,No Show,Attended" {
		t.Errorf("the webinar's statuses are %s", got)
	}
}
