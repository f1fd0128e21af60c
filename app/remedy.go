package app

import (
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Fixer is who can end a group of failures.
type Fixer string

// The fixers. Nobody: it heals by itself.
const (
	FixSalesforceAdmin Fixer = "Salesforce admin"
	FixMarketoAdmin    Fixer = "Marketo admin"
	FixDataOwner       Fixer = "whoever owns the data"
	FixOperator        Fixer = "whoever runs Doppio"
	FixNobody          Fixer = "nobody: it heals by itself"
	FixMakers          Fixer = "the makers of Doppio"
)

// Remedy is what ends a group of failures: who, and the one step that does it.
type Remedy struct {
	Fixer Fixer
	Step  string
}

// remedies are the steps for the causes that have one of their own, by the key of their sentence. The causes, who can fix them and
// how are Adobe's and Salesforce's own advice.
var remedies = map[string]Remedy{
	"salesforce.validation":      {FixSalesforceAdmin, "Exempt the sync user in the validation rule (a check on its profile or permission set), or fill what the rule asks for before the person is synced."},
	"salesforce.required":        {FixSalesforceAdmin, "Give the field a default value, or do not require it of the sync user; fill it on the old records."},
	"salesforce.integrity":       {FixDataOwner, "Correct the value in Marketo so that country and state are in the org's lists and belong together; a rule for countries and states does it for everybody."},
	"salesforce.picklist":        {FixSalesforceAdmin, "Add the value to the picklist and to the record type, or correct it in Marketo; a rule can rewrite it on its way."},
	"salesforce.too.long":        {FixSalesforceAdmin, "Make the field longer, or shorten the text in Marketo."},
	"salesforce.range":           {FixDataOwner, "Correct the number in Marketo, or ask the Salesforce admin for a larger field."},
	"salesforce.email":           {FixDataOwner, "Correct the address in Marketo: Salesforce is stricter about addresses."},
	"salesforce.rule.duplicate":  {FixSalesforceAdmin, "Exempt the sync user in the duplicate rule or set it to report only; else merge the two records."},
	"salesforce.taken":           {FixDataOwner, "Find the record that holds the value already; merge the two, or change the value on one."},
	"salesforce.key.twice":       {FixDataOwner, "Merge the records that carry the same Marketo id, or clear it on the wrong one."},
	"salesforce.no.edit":         {FixSalesforceAdmin, "Give the sync user edit access to these records: object right, sharing, record type. An approval or a locked stage blocks too."},
	"salesforce.no.parent":       {FixSalesforceAdmin, "Give the sync user access to the account, owner or record type that the record points to, or stop writing that field."},
	"salesforce.no.create":       {FixSalesforceAdmin, "Give the sync user the object right to create and edit such records."},
	"salesforce.no.object":       {FixSalesforceAdmin, "Give the sync user read access to the object, or take it out of the mapping."},
	"salesforce.no.field":        {FixSalesforceAdmin, "Show the field to the sync user (field-level security), or take it out of the mapping."},
	"salesforce.missing.key":     {FixSalesforceAdmin, "Make the field Marketo_Person_Id__c (Text 40, external ID, unique) and show it to the sync user."},
	"salesforce.field.readonly":  {FixSalesforceAdmin, "Give the sync user edit access to the field (field-level security), or let it travel from Salesforce to Marketo only."},
	"salesforce.apex":            {FixSalesforceAdmin, "Find the Apex trigger that the message names; correct it, or exempt the sync user from it."},
	"salesforce.flow":            {FixSalesforceAdmin, "Find the flow that the message names; correct it, or exempt the sync user from it. The error id helps Salesforce's support."},
	"salesforce.approval":        {FixSalesforceAdmin, "Finish the approval, or let the sync user edit locked records."},
	"salesforce.lookup.filter":   {FixSalesforceAdmin, "Choose a record that the lookup's filter allows, or make the filter optional."},
	"salesforce.reference":       {FixMarketoAdmin, "Correct the id in the lookup field; it points to nothing that the sync user may use."},
	"salesforce.parent.missing":  {FixMarketoAdmin, "Correct the id in the lookup field, or wait until the record that it points to exists."},
	"salesforce.owner.inactive":  {FixSalesforceAdmin, "Give the records an active owner, or give the sync user the right Update Records with Inactive Owners."},
	"salesforce.owner.read":      {FixSalesforceAdmin, "Give the new owner read access to such records."},
	"salesforce.storage":         {FixSalesforceAdmin, "Make room in the org's data storage; tasks are often what fills it."},
	"salesforce.txn":             {FixSalesforceAdmin, "Exempt the sync user from the transaction security policy."},
	"salesforce.quota.daily":     {FixSalesforceAdmin, "See in Company Information who uses the daily calls; fewer of them, or more calls bought. It passes by itself within 24 hours."},
	"salesforce.busy.concurrent": {FixSalesforceAdmin, "Look for slow triggers and flows if it comes back every day; each time it passes by itself."},
	"marketo.value":              {FixDataOwner, "Correct the value in Salesforce: Marketo does not take it."},
	"marketo.type":               {FixDataOwner, "Correct the value in Salesforce, or map the field to one of its own type in Marketo."},
	"marketo.keyless":            {FixMarketoAdmin, "Make the field salesforceId of the person (Admin > Field Management > New Custom Field, type String): people without an address are created and found by it. Or fill in the address in Salesforce."},
	"marketo.several":            {FixMarketoAdmin, "Merge the people who share the key in Marketo, or decide which of them it is."},
	"marketo.field":              {FixMarketoAdmin, "Show the field to the API user, or take it out of the mapping."},
	"marketo.lookup":             {FixMarketoAdmin, "Make the field searchable for the API, or leave it out."},
	"marketo.partition":          {FixMarketoAdmin, "Give the API user's role access to the lead partition."},
	"marketo.partition.needed":   {FixOperator, "Set the partition in which people are created: doppioctl settings NAME set partition=…"},
	"marketo.partition.other":    {FixOperator, "Work in that partition, or leave the person out with a filter."},
	"marketo.owner":              {FixMarketoAdmin, "Let the sales person come over first, or leave the owner out of the mapping."},
	"marketo.denied":             {FixMarketoAdmin, "Tick the missing permission in the API user's role, and put this computer's address on the allowlist if there is one."},
	"marketo.native":             {FixOperator, "Companies, opportunities and sales people belong to Marketo's own sync here; leave them out."},
}

// remedyOf is what ends a failure. A cause without a step of its own has that of its kind.
func remedyOf(side record.Side, f pace.Failure) Remedy {
	if r, ok := remedies[f.Sentence().Key]; ok {
		return r
	}
	admin := FixSalesforceAdmin
	if side == record.Marketo {
		admin = FixMarketoAdmin
	}
	switch f.Class() {
	case pace.Transient, pace.Locked, pace.Quota, pace.Changed:
		return Remedy{FixNobody, "Nothing: Doppio tries again by itself."}
	case pace.Gone:
		return Remedy{FixNobody, "Nothing, when the record is really gone: Doppio ends the link with the next cycle."}
	case pace.SignIn:
		return Remedy{FixOperator, "Sign in again."}
	case pace.Permission:
		return Remedy{admin, "Give the sync user the right that is missing; doppioctl check names those that Doppio needs."}
	case pace.Duplicate:
		return Remedy{FixDataOwner, "Merge the two records, or change the value that both have."}
	case pace.Config:
		return Remedy{admin, "Compare the set-up with the mapping; doppioctl check and doppioctl fields show both."}
	case pace.Ours:
		return Remedy{FixMakers, "Report it with the code; the record waits until it is changed or tried again."}
	}
	if f.Who() == pace.Owner {
		return Remedy{FixDataOwner, "Correct the value at its source."}
	}
	return Remedy{admin, "Show the admin the code and an example; the org's own message says more when the same edit is made by hand as the sync user."}
}
