package salesforce_test

import (
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// Records go into the bin a thousand a call; one that is there already, or that nobody ever saw, stops no other.
func TestOrgDeletes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t)
		if _, err := c.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		var rows []salesforce.Removal
		for key := range int64(450) {
			rows = append(rows, salesforce.Removal{Key: key, ID: a.lead(t)})
		}
		if err := a.Delete(string(rows[3].ID)); err != nil {
			t.Fatal(err)
		}
		a.SetObjectAccess("Account", true, true, true, false)
		account, err := a.Create("Account", map[string]string{"Name": "Kept"})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.dice.Next(fault.LostResponse, 1); err != nil {
			t.Fatal(err)
		}
		results, err := c.Delete(t.Context(), record.Push, record.Lead, rows)
		if err != nil || len(results) != len(rows) {
			t.Fatalf("%d results, %v", len(results), err)
		}
		for i, r := range results {
			if r.Err != nil || r.Key != int64(i) || r.ID != rows[i].ID {
				t.Errorf("row %d: %+v", i, r)
			}
		}
		left := 0
		a.Each("Lead", func(string, func(string) (string, bool)) bool { left++; return true })
		if left != 0 {
			t.Errorf("%d leads are left", left)
		}
		results, err = c.Delete(t.Context(), record.Push, record.Account, []salesforce.Removal{{Key: 1, ID: record.ID(account)}})
		if err != nil || results[0].Err == nil || results[0].Err.Code() != "INSUFFICIENT_ACCESS_OR_READONLY" {
			t.Errorf("without the right: %+v, %v", results, err)
		}
		if _, err := c.Delete(t.Context(), record.Push, record.Lead, []salesforce.Removal{{Key: 1, ID: "x"}}); err == nil {
			t.Error("an id that is none was sent")
		}
	})
}

// A feed of members knows the linked campaigns only.
func TestOrgFeedWhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t)
		create := func(object string, fields map[string]string) record.ID {
			id, err := a.Create(object, fields)
			if err != nil {
				t.Fatal(err)
			}
			return record.ID(id)
		}
		one, two, three := create("Campaign", map[string]string{"Name": "1"}), create("Campaign", map[string]string{"Name": "2"}), create("Campaign", map[string]string{"Name": "3"})
		lead := a.lead(t)
		want := map[record.ID]bool{}
		for _, campaign := range []record.ID{one, two, three} {
			member := create("CampaignMember", map[string]string{"CampaignId": string(campaign), "LeadId": string(lead)})
			want[member] = campaign != two
		}
		got := walk(t, c, salesforce.Feed{Object: "CampaignMember", Where: "CampaignId IN ('" + string(one) + "','" + string(three) + "')"})
		if len(got) != 2 || !want[got[0].ID] || !want[got[1].ID] {
			t.Errorf("%d members", len(got))
		}
		if got := walk(t, c, salesforce.Feed{Object: "CampaignMember"}); len(got) != 3 {
			t.Errorf("without a limit %d members", len(got))
		}
	})
}
