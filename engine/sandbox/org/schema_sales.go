package org

import (
	"math"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

var (
	stages = []string{
		"Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis",
		"Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost",
	}
	roles = []string{
		"Business User", "Decision Maker", "Economic Buyer", "Economic Decision Maker", "Evaluator", "Executive Sponsor",
		"Influencer", "Technical Buyer", "Other",
	}
)

// defineSales makes Opportunity, its contact roles, Task and Event.
func (o *Org) defineSales() {
	stage := pick("StageName", "Stage", stages...).required()
	closes := date("CloseDate", "Close Date").required()
	o.define("Opportunity", "Opportunity", "Opportunities", "006", ordinary, join(
		head("Opportunity"),
		[]*field{
			reference("AccountId", "Account ID", "Account", "Account").searched(),
			text("Name", "Name", 120).required().naming(), area("Description", "Description", 32000),
			stage, number("currency", "Amount", "Amount", 18, 2), number("percent", "Probability", "Probability (%)", 3, 0),
			closes, pick("Type", "Opportunity Type", "Existing Business", "New Business"), text("NextStep", "Next Step", 255),
			pick("LeadSource", "Lead Source", sources...),
			checkbox("IsClosed", "Closed").system().computed(stageIs("Closed Won", "Closed Lost")),
			checkbox("IsWon", "Won").system().computed(stageIs("Closed Won")),
			reference("CampaignId", "Campaign ID", "Campaign", "Campaign").searched(),
			number("currency", "ExpectedRevenue", "Expected Amount", 18, 2).computed(expected),
			number("double", "TotalOpportunityQuantity", "Quantity", 18, 2),
			pick("ForecastCategoryName", "Forecast Category", "Omitted", "Pipeline", "Best Case", "Commit", "Closed").computed(forecast),
			whole("FiscalQuarter", "Fiscal Quarter", 9).system().computed(fiscal(quarter)),
			whole("FiscalYear", "Fiscal Year", 9).system().computed(fiscal(time.Time.Year)),
			owner("User"),
		},
		tail(), viewed(),
	))
	o.define("OpportunityContactRole", "Opportunity Contact Role", "Opportunity Contact Roles", "00K", ordinary, join(
		head("Contact Role"),
		[]*field{
			reference("OpportunityId", "Opportunity ID", "Opportunity", "Opportunity").required().onCreate().searched(),
			reference("ContactId", "Contact ID", "Contact", "Contact").required().onCreate().searched(),
			pick("Role", "Role", roles...), checkbox("IsPrimary", "Primary"),
		},
		tail(),
	))
	o.define("Task", "Task", "Tasks", "00T", ordinary, join(
		head("Activity"), related(),
		[]*field{
			combobox("Subject", "Subject"), date("ActivityDate", "Due Date Only"),
			pick("Status", "Status", "Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred").required().byDefault("Not Started"),
			pick("Priority", "Priority", "High", "Normal", "Low").required().byDefault("Normal"),
			area("Description", "Description", 32000), pick("Type", "Type", "Call", "Email", "Meeting", "Other"),
			pick("TaskSubtype", "Task Subtype", "Task", "Email", "List Email", "Cadence", "Call", "LinkedIn").onCreate().system().byDefault("Task"),
			checkbox("IsClosed", "Closed").system().computed(taskClosed),
			owner("Group", "User"),
		},
		tail(),
	))
	o.define("Event", "Event", "Events", "00U", ordinary, join(
		head("Activity"), related(),
		[]*field{
			combobox("Subject", "Subject"), text("Location", "Location", 255), checkbox("IsAllDayEvent", "All-Day Event"),
			datetime("ActivityDateTime", "Due Date Time"), date("ActivityDate", "Due Date Only"), whole("DurationInMinutes", "Duration", 8),
			area("Description", "Description", 32000), pick("Type", "Type", "Call", "Email", "Meeting", "Other"),
			owner("User"),
		},
		tail(),
	))
}

// activityIDField carries the id of the Marketo activity that a task was made of; the scenario "bare" lacks it. A custom
// field of activities stands on tasks and events alike.
const activityIDField = "Marketo_Activity_Id__c"

// related are the fields by which a task or an event says whom it is about, and the one of the set-up.
func related() []*field {
	return []*field{
		reference("WhoId", "Name ID", "Who", "Contact", "Lead").searched(),
		reference("WhatId", "Related To ID", "What", "Account", "Campaign", "Opportunity").searched(),
		text(activityIDField, "Marketo Activity Id", 128).uniqueID(),
	}
}

func combobox(name, label string) *field {
	f := newField("combobox", name, label)
	f.length = 255
	return f
}

func stageIs(names ...string) computation {
	return func(_ *Org, f *field, row table.Row) (string, bool) {
		stage, _ := row.Get(f.object.byName["stagename"].column)
		for _, name := range names {
			if stage == name {
				return "true", true
			}
		}
		return "false", true
	}
}

// expected is the amount by its probability.
func expected(_ *Org, f *field, row table.Row) (string, bool) {
	amount, ok := row.Get(f.object.byName["amount"].column)
	chance, also := row.Get(f.object.byName["probability"].column)
	a, err := strconv.ParseFloat(amount, 64)
	p, err2 := strconv.ParseFloat(chance, 64)
	if !ok || !also || err != nil || err2 != nil {
		return "", false
	}
	return strconv.FormatFloat(math.Round(a*p)/100, 'f', -1, 64), true
}

// forecast is the category that a stage has by default.
func forecast(_ *Org, f *field, row table.Row) (string, bool) {
	switch stage, _ := row.Get(f.object.byName["stagename"].column); stage {
	case "Closed Won":
		return "Closed", true
	case "Closed Lost":
		return "Omitted", true
	}
	return "Pipeline", true
}

// fiscal is a part of the closing date in an org whose fiscal year begins in January.
func fiscal(part func(time.Time) int) computation {
	return func(_ *Org, f *field, row table.Row) (string, bool) {
		text, _ := row.Get(f.object.byName["closedate"].column)
		closes, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return "", false
		}
		return strconv.Itoa(part(closes)), true
	}
}

func taskClosed(_ *Org, f *field, row table.Row) (string, bool) {
	if status, _ := row.Get(f.object.byName["status"].column); status == "Completed" {
		return "true", true
	}
	return "false", true
}
