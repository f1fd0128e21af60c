package org

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Conversion says what becomes of a lead (SOAP API Developer Guide, convertLead). The zero value makes an account and a
// contact and nothing else.
type Conversion struct {
	// Account and Contact are records to convert into, which take over only what they have blank; empty for new ones. A
	// contact needs its account named as well.
	Account, Contact string
	// Opportunity is the name of an opportunity to make; empty for none.
	Opportunity string
	// Owner of the new records; empty for the lead's, or whoever converts where that is a queue or has left.
	Owner string
}

// Converted are the records that a lead became.
type Converted struct{ Account, Contact, Opportunity string }

const convertedStatus = "Closed - Converted"

// Convert converts a lead into a contact of a new account, and, where opportunity is not empty, into an opportunity of
// that name: one transaction. The fields of the org's lead mapping are copied; Marketo_Person_Id__c is not among them.
func (o *Org) Convert(lead, opportunity string) (Converted, error) {
	return o.ConvertInto(lead, Conversion{Opportunity: opportunity})
}

// ConvertInto is Convert into records that may exist already.
func (o *Org) ConvertInto(lead string, into Conversion) (Converted, error) {
	o.settle()
	return o.convert(o.internal(), lead, into)
}

// accountMapping and contactMapping are the lead mapping with which an org begins: from the lead's fields to those of the records.
var (
	accountMapping = [][2]string{
		{"Company", "Name"}, {"Website", "Website"}, {"Industry", "Industry"}, {"Phone", "Phone"}, {"AnnualRevenue", "AnnualRevenue"},
		{"NumberOfEmployees", "NumberOfEmployees"}, {"Street", "BillingStreet"}, {"City", "BillingCity"}, {"State", "BillingState"},
		{"PostalCode", "BillingPostalCode"}, {"Country", "BillingCountry"},
	}
	contactMapping = [][2]string{
		{"Street", "MailingStreet"}, {"City", "MailingCity"}, {"State", "MailingState"}, {"PostalCode", "MailingPostalCode"},
		{"Country", "MailingCountry"}, {"Salutation", "Salutation"}, {"FirstName", "FirstName"}, {"LastName", "LastName"},
		{"Title", "Title"}, {"Email", "Email"}, {"Phone", "Phone"}, {"MobilePhone", "MobilePhone"}, {"Fax", "Fax"},
		{"LeadSource", "LeadSource"}, {"Description", "Description"}, {"HasOptedOutOfEmail", "HasOptedOutOfEmail"},
		{"HasOptedOutOfFax", "HasOptedOutOfFax"}, {"DoNotCall", "DoNotCall"}, {"Lead_Score__c", "Lead_Score__c"},
		{"Segment__c", "Segment__c"}, {"Do_Not_Sync_to_Marketo__c", "Do_Not_Sync_to_Marketo__c"},
	}
)

// convert converts as the call's user.
func (o *Org) convert(c *call, lead string, into Conversion) (Converted, error) {
	var made Converted
	err := o.update(c, func() error {
		obj := o.object("Lead")
		row, err := o.live(c, obj, lead)
		if err != nil {
			return err
		}
		if o.converted(row) {
			return refused{rowFault("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")}
		}
		if !c.rights.convertLeads || !c.rights.updates(obj) {
			return refused{rowFault("INSUFFICIENT_ACCESS", "insufficient access rights")}
		}
		if into.Contact != "" && into.Account == "" {
			return refused{rowFault("INVALID_CROSS_REFERENCE_KEY", "a contact to convert into needs its account", "AccountId")}
		}
		var owner []input
		if into.Owner == "" {
			into.Owner = o.activeOwner(row)
		}
		if into.Owner != "" {
			owner = []input{{"OwnerId", rawValue(into.Owner)}}
		}
		if made.Account, err = o.become(c, row, "Account", into.Account, accountMapping, owner); err != nil {
			return err
		}
		o.mu.Lock()
		mapping := contactMapping
		if o.contactMapping != nil {
			mapping = o.contactMapping
		}
		o.mu.Unlock()
		if made.Contact, err = o.become(c, row, "Contact", into.Contact, mapping, slices.Concat(owner, []input{{"AccountId", rawValue(made.Account)}})); err != nil {
			return err
		}
		if into.Opportunity != "" {
			n, errs := o.insert(c, o.object("Opportunity"), slices.Concat(owner, []input{
				{"AccountId", rawValue(made.Account)}, {"Name", rawValue(into.Opportunity)}, {"StageName", rawValue(stages[0])},
				{"CloseDate", rawValue(c.tx.Now().AddDate(0, 3, 0).Format(time.DateOnly))},
			}))
			if errs != nil {
				return refusal(errs)
			}
			made.Opportunity = o.object("Opportunity").longID(n)
		}
		return o.convertRow(c, obj, row, made)
	})
	return made, err
}

// activeOwner is the user who owns a row, "" where nobody at work does.
func (o *Org) activeOwner(row table.Row) string {
	user := o.object("User")
	id, _ := row.Get(o.object("Lead").owner.column)
	of, n, err := o.parseID(id)
	if err != nil || of != user {
		return ""
	}
	if owner, ok := user.table.Get(n); ok {
		if active, _ := o.value(user.field("IsActive"), owner); active == "true" {
			return id
		}
	}
	return ""
}

// become makes a record of a lead's fields, or fills what an existing one has blank. set are the fields of a new one
// that do not come from the lead.
func (o *Org) become(c *call, lead table.Row, object, existing string, mapping [][2]string, set []input) (string, error) {
	from, to := o.object("Lead"), o.object(object)
	var in []input
	var old table.Row
	if existing != "" {
		row, err := o.live(c, to, existing)
		if err != nil {
			return "", err
		}
		old = row
	} else {
		in = append(in, set...)
	}
	for _, pair := range mapping {
		source, f := from.field(pair[0]), to.field(pair[1])
		if source == nil || f == nil { // deleted since
			continue
		}
		text, ok := o.value(source, lead)
		if !ok || text == "" {
			continue
		}
		if existing != "" {
			if _, filled := o.value(f, old); filled {
				continue
			}
		}
		in = append(in, input{f.name, rawValue(text)})
	}
	n, errs := uint64(0), []rowError(nil)
	switch {
	case existing == "":
		n, errs = o.insert(c, to, in)
	case len(in) > 0:
		n, errs = old.ID(), o.change(c, to, old.ID(), in)
	default:
		n = old.ID()
	}
	if errs != nil {
		return "", refusal(errs)
	}
	return to.longID(n), nil
}

// convertRow marks the lead. Its campaign memberships belong to the contact as well from now on, its tasks and events to
// the contact alone.
func (o *Org) convertRow(c *call, obj *object, row table.Row, made Converted) error {
	now := c.tx.Now()
	set := map[int]table.Cell{}
	for name, text := range map[string]string{
		"IsConverted": "true", "Status": convertedStatus, "ConvertedDate": now.Format(time.DateOnly), "ConvertedAccountId": made.Account,
		"ConvertedContactId": made.Contact, "LastModifiedDate": stampText(now.Unix()), "LastModifiedById": c.session.user,
	} {
		set[obj.field(name).column] = table.Text(text)
	}
	if made.Opportunity != "" {
		set[obj.field("ConvertedOpportunityId").column] = table.Text(made.Opportunity)
	}
	if err := c.tx.Update(obj.table, row.ID(), set); err != nil {
		return err
	}
	c.wrote++
	for _, link := range []struct{ object, by, to string }{{"CampaignMember", "LeadId", "ContactId"}, {"Task", "WhoId", "WhoId"}, {"Event", "WhoId", "WhoId"}} {
		child := o.object(link.object)
		for one := range child.table.Find(child.field(link.by).column, obj.longID(row.ID())) {
			if to := child.field(link.to); child.name == "CampaignMember" && o.isMember(child, one, to, made.Contact) {
				if err := o.bin(c, child, one.ID(), ""); err != nil {
					return err
				}
				continue
			}
			set := map[int]table.Cell{child.field(link.to).column: table.Text(made.Contact)}
			if err := c.tx.Update(child.table, one.ID(), set); err != nil {
				return err
			}
		}
	}
	return nil
}
