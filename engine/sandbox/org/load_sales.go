package org

import (
	"iter"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// LoadOpportunities seeds opportunities.
func (o *Org) LoadOpportunities(rows iter.Seq[people.Opportunity]) error {
	accounts, campaigns := o.object("Account"), o.object("Campaign")
	names := [][]string{{
		"AccountId", "Name", "StageName", "Type", "LeadSource", "NextStep", "Amount", "Probability", "CloseDate", "Description",
		"CampaignId", "OwnerId",
	}, auditNames}
	return load(o, "Opportunity", rows, names, func(f *filler, p people.Opportunity) (uint64, time.Time) {
		f.id(accounts, p.Account)
		f.put(p.Name, p.Stage, p.Type, p.LeadSource, p.NextStep, p.Amount, p.Probability, p.CloseDate, p.Description)
		f.id(campaigns, p.Campaign)
		f.owner(p.Owner)
		f.audit(p.Audit)
		return p.Number, p.Audit.Modified
	})
}

// LoadOpportunityContactRoles seeds who has to do with which opportunity.
func (o *Org) LoadOpportunityContactRoles(rows iter.Seq[people.OpportunityContactRole]) error {
	opportunities, contacts := o.object("Opportunity"), o.object("Contact")
	names := [][]string{{"OpportunityId", "ContactId", "Role", "IsPrimary"}, auditNames}
	return load(o, "OpportunityContactRole", rows, names, func(f *filler, r people.OpportunityContactRole) (uint64, time.Time) {
		f.id(opportunities, r.Opportunity)
		f.id(contacts, r.Contact)
		f.put(r.Role)
		f.flags(r.Primary)
		f.audit(r.Audit)
		return r.Number, r.Audit.Modified
	})
}

// LoadCampaigns seeds campaigns.
func (o *Org) LoadCampaigns(rows iter.Seq[people.Campaign]) error {
	campaigns := o.object("Campaign")
	names := [][]string{{
		"Name", "Type", "Status", "StartDate", "EndDate", "BudgetedCost", "ActualCost", "ExpectedRevenue", "Description",
		"IsActive", "ParentId", "OwnerId",
	}, auditNames}
	return load(o, "Campaign", rows, names, func(f *filler, p people.Campaign) (uint64, time.Time) {
		f.put(p.Name, p.Type, p.Status, p.StartDate, p.EndDate, p.BudgetedCost, p.ActualCost, p.ExpectedRevenue, p.Description)
		f.flags(p.Active)
		f.id(campaigns, p.Parent)
		f.owner(p.Owner)
		f.audit(p.Audit)
		return p.Number, p.Audit.Modified
	})
}

// LoadCampaignMemberStatuses seeds the statuses that campaigns' members may have.
func (o *Org) LoadCampaignMemberStatuses(rows iter.Seq[people.CampaignMemberStatus]) error {
	campaigns := o.object("Campaign")
	names := [][]string{{"CampaignId", "Label", "SortOrder", "IsDefault", "HasResponded"}, auditNames}
	return load(o, "CampaignMemberStatus", rows, names, func(f *filler, s people.CampaignMemberStatus) (uint64, time.Time) {
		f.id(campaigns, s.Campaign)
		f.put(s.Label, strconv.Itoa(s.SortOrder))
		f.flags(s.Default, s.Responded)
		f.audit(s.Audit)
		return s.Number, s.Audit.Modified
	})
}

// LoadCampaignMembers seeds who is in which campaign.
func (o *Org) LoadCampaignMembers(rows iter.Seq[people.CampaignMember]) error {
	campaigns, leads, contacts := o.object("Campaign"), o.object("Lead"), o.object("Contact")
	names := [][]string{{"CampaignId", "LeadId", "ContactId", "Status", "FirstRespondedDate"}, auditNames}
	return load(o, "CampaignMember", rows, names, func(f *filler, m people.CampaignMember) (uint64, time.Time) {
		f.id(campaigns, m.Campaign)
		f.id(leads, m.Lead)
		f.id(contacts, m.Contact)
		f.put(m.Status, m.FirstResponded)
		f.audit(m.Audit)
		return m.Number, m.Audit.Modified
	})
}
