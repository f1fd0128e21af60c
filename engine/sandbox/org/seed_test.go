package org

import (
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// TestSeedIsLawful: every person of the invented world could have been saved through the API as it stands. A save of
// what a row already holds is refused for no row but converted leads and those of the inactive owner.
func TestSeedIsLawful(t *testing.T) {
	b := newBench(t)
	w := people.New(people.Options{People: 3000, Seed: 1, Opening: opening})
	for _, load := range []func() error{
		func() error { return b.LoadUsers(w.Users()) }, func() error { return b.LoadAccounts(w.Accounts()) },
		func() error { return b.LoadContacts(w.Contacts()) }, func() error { return b.LoadLeads(w.Leads()) },
		func() error { return b.LoadCampaigns(w.Campaigns()) }, func() error { return b.LoadCampaignMemberStatuses(w.MemberStatuses()) },
		func() error { return b.LoadCampaignMembers(w.Members()) }, func() error { return b.LoadOpportunities(w.Opportunities()) },
		func() error { return b.LoadOpportunityContactRoles(w.Roles()) },
	} {
		if err := load(); err != nil {
			t.Fatal(err)
		}
	}
	c := b.internal()
	converted, checked := 0, 0
	err := b.update(c, func() error {
		for _, name := range []string{"Account", "Contact", "Lead", "Opportunity", "Campaign", "CampaignMember"} {
			obj := b.object(name)
			for row := range obj.table.ByID(0) {
				if name == "Lead" && b.converted(row) {
					converted++
					continue
				}
				var in []input
				for _, f := range obj.fields {
					if text, ok := b.value(f, row); ok && f.updateable && f != obj.owner && f.compute == nil && !f.absent.Load() {
						in = append(in, input{f.name, rawValue(text)})
					}
				}
				checked++
				if errs := b.change(c, obj, row.ID(), in); errs != nil {
					t.Errorf("%s %d: %s %s", name, row.ID(), errs[0].Code, errs[0].Message)
				}
				now, _ := obj.table.Get(row.ID())
				for _, f := range obj.fields {
					was, had := b.value(f, row)
					is, has := b.value(f, now)
					if f.updateable && f.column >= 0 && (was != is || had != has) {
						t.Errorf("%s.%s was seeded in a form that a save reshapes", name, f.name)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if converted == 0 || checked < 3000 {
		t.Errorf("%d converted leads, %d rows checked", converted, checked)
	}
	if c.wrote != 0 {
		t.Errorf("%d saves of what was there counted as changes", c.wrote)
	}
}
