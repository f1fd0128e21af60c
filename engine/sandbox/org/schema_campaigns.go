package org

import (
	"strconv"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// defineCampaigns makes Campaign, its members and its member statuses.
func (o *Org) defineCampaigns() {
	o.define("Campaign", "Campaign", "Campaigns", "701", ordinary, join(
		head("Campaign"),
		[]*field{
			text("Name", "Name", 80).required().naming().lookup(),
			reference("ParentId", "Parent Campaign ID", "Parent", "Campaign"),
			pick("Type", "Type", "Conference", "Webinar", "Trade Show", "Email", "Advertisement", "Telemarketing", "Other").byDefault("Conference"),
			pick("Status", "Status", "Planned", "In Progress", "Completed", "Aborted").byDefault("Planned"),
			date("StartDate", "Start Date"), date("EndDate", "End Date"),
			number("currency", "ExpectedRevenue", "Expected Revenue in Campaign", 18, 0),
			number("currency", "BudgetedCost", "Budgeted Cost in Campaign", 18, 0),
			number("currency", "ActualCost", "Actual Cost in Campaign", 18, 0),
			number("percent", "ExpectedResponse", "Expected Response (%)", 10, 2),
			number("double", "NumberSent", "Num Sent in Campaign", 18, 0),
			checkbox("IsActive", "Active"), area("Description", "Description", 32000),
			whole("NumberOfLeads", "Leads in Campaign", 9).computed(membersBy("leadid")).filled(),
			whole("NumberOfContacts", "Contacts in Campaign", 9).computed(membersBy("contactid")).filled(),
			owner("User"),
		},
		tail(), viewed(),
	))
	o.define("CampaignMember", "Campaign Member", "Campaign Members", "00v", ordinary, join(
		head("Campaign Member"),
		[]*field{
			reference("CampaignId", "Campaign ID", "Campaign", "Campaign").required().onCreate().searched(),
			reference("LeadId", "Lead ID", "Lead", "Lead").onCreate().searched(),
			reference("ContactId", "Contact ID", "Contact", "Contact").onCreate().searched(),
			reference("LeadOrContactId", "Related Record ID", "", "Contact", "Lead").system().computed(leadOrContact),
			pick("Status", "Status", "Sent", "Responded", "Registered", "Attended").byDefault("Sent"),
			checkbox("HasResponded", "Responded").computed(responded), date("FirstRespondedDate", "First Responded Date").readOnly(),
		},
		tail(),
	))
	o.define("CampaignMemberStatus", "Campaign Member Status", "Campaign Member Statuses", "01Y", ordinary, join(
		head("Campaign Member Status"),
		[]*field{
			reference("CampaignId", "Campaign ID", "Campaign", "Campaign").required().onCreate().searched(),
			text("Label", "Label", 765).required(), whole("SortOrder", "Sort Order", 9),
			checkbox("IsDefault", "Is Default"), checkbox("HasResponded", "Responded"),
		},
		tail(),
	))
}

// membersBy counts the members of a campaign whose field of that name is filled.
func membersBy(name string) computation {
	return func(o *Org, f *field, row table.Row) (string, bool) {
		members := o.byName["campaignmember"]
		count := 0
		for m := range members.table.Find(members.byName["campaignid"].column, f.object.longID(row.ID())) {
			if _, ok := m.Get(members.byName[name].column); ok && !members.isDeleted(m) {
				count++
			}
		}
		return strconv.Itoa(count), true
	}
}

func leadOrContact(_ *Org, f *field, row table.Row) (string, bool) {
	if id, ok := row.Get(f.object.byName["contactid"].column); ok {
		return id, true
	}
	return row.Get(f.object.byName["leadid"].column)
}

// responded follows the campaign's own member status, or the usual one where the campaign lists none.
func responded(o *Org, f *field, row table.Row) (string, bool) {
	status, _ := row.Get(f.object.byName["status"].column)
	campaign, _ := row.Get(f.object.byName["campaignid"].column)
	statuses := o.byName["campaignmemberstatus"]
	for s := range statuses.table.Find(statuses.byName["campaignid"].column, campaign) {
		if label, _ := s.Get(statuses.byName["label"].column); label == status && !statuses.isDeleted(s) {
			return o.value(statuses.byName["hasresponded"], s)
		}
	}
	if status == "Responded" || status == "Attended" {
		return "true", true
	}
	return "false", true
}
