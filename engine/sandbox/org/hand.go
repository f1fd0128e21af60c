package org

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// What the screens, Apex or SOAP can do and REST cannot. All of it happens as the admin, outside the journal.

// ErrNoRecord tells that an id names no live record of the right object.
var ErrNoRecord = errors.New("the id names no such record")

// Create makes a record as a user does on a page of the screen. Fields are canonical texts by API name; a rule of the org
// that refuses one is an error.
func (o *Org) Create(object string, fields map[string]string) (id string, err error) {
	obj := o.object(object)
	if obj == nil {
		return "", ErrNoRecord
	}
	in := make([]input, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		in = append(in, input{name, rawValue(fields[name])})
	}
	c := o.internal()
	o.settle()
	err = o.update(c, func() error {
		n, errs := o.insert(c, obj, in)
		if errs != nil {
			return refusal(errs)
		}
		id = obj.longID(n)
		return nil
	})
	return id, err
}

// Converted are the records that a lead became.
type Converted struct{ Account, Contact, Opportunity string }

// Convert converts a lead into a contact of a new account, and, where opportunity is not empty, into an opportunity of
// that name: one transaction. The fields of the org's lead mapping are copied; Marketo_Person_Id__c is not among them.
func (o *Org) Convert(lead, opportunity string) (Converted, error) {
	var made Converted
	c := o.internal()
	o.settle()
	err := o.update(c, func() error {
		obj := o.object("Lead")
		row, err := o.live(obj, lead)
		if err != nil {
			return err
		}
		if o.converted(row) {
			return fmt.Errorf("the lead is converted already: %w", ErrNoRecord)
		}
		text := func(name string) value { t, _ := o.value(obj.field(name), row); return rawValue(t) }
		account, errs := o.insert(c, o.object("Account"), []input{
			{"Name", text("Company")}, {"Website", text("Website")}, {"Industry", text("Industry")}, {"Phone", text("Phone")},
			{"AnnualRevenue", text("AnnualRevenue")}, {"NumberOfEmployees", text("NumberOfEmployees")},
			{"BillingStreet", text("Street")}, {"BillingCity", text("City")}, {"BillingState", text("State")},
			{"BillingPostalCode", text("PostalCode")}, {"BillingCountry", text("Country")},
		})
		if errs != nil {
			return refusal(errs)
		}
		made.Account = o.object("Account").longID(account)
		in := []input{
			{"AccountId", rawValue(made.Account)}, {"MailingStreet", text("Street")}, {"MailingCity", text("City")},
			{"MailingState", text("State")}, {"MailingPostalCode", text("PostalCode")}, {"MailingCountry", text("Country")},
		}
		for _, name := range []string{
			"Salutation", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone", "Fax", "LeadSource", "Description",
			"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "Lead_Score__c", "Segment__c", "Do_Not_Sync_to_Marketo__c",
		} {
			in = append(in, input{name, text(name)})
		}
		contact, errs := o.insert(c, o.object("Contact"), present(in))
		if errs != nil {
			return refusal(errs)
		}
		made.Contact = o.object("Contact").longID(contact)
		if opportunity != "" {
			n, errs := o.insert(c, o.object("Opportunity"), []input{
				{"AccountId", rawValue(made.Account)}, {"Name", rawValue(opportunity)}, {"StageName", rawValue(stages[0])},
				{"CloseDate", rawValue(c.tx.Now().AddDate(0, 3, 0).Format(time.DateOnly))},
			})
			if errs != nil {
				return refusal(errs)
			}
			made.Opportunity = o.object("Opportunity").longID(n)
		}
		return o.convertRow(c, obj, row, made)
	})
	return made, err
}

// present drops the inputs without a text: a blank checkbox would be refused.
func present(in []input) []input {
	var out []input
	for _, m := range in {
		if m.value.text != "" {
			out = append(out, m)
		}
	}
	return out
}

func (o *Org) convertRow(c *call, obj *object, row table.Row, made Converted) error {
	now := c.tx.Now()
	set := map[int]table.Cell{}
	for name, text := range map[string]string{
		"IsConverted": "true", "Status": "Closed - Converted", "ConvertedDate": now.Format(time.DateOnly), "ConvertedAccountId": made.Account,
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
	members := o.object("CampaignMember")
	for m := range members.table.Find(members.field("LeadId").column, obj.longID(row.ID())) {
		set := map[int]table.Cell{members.field("ContactId").column: table.Text(made.Contact)}
		if err := c.tx.Update(members.table, m.ID(), set); err != nil {
			return err
		}
	}
	return nil
}

// live finds a row that is not in the bin, by its id.
func (o *Org) live(obj *object, id string) (table.Row, error) {
	of, n, err := o.parseID(id)
	if err != nil || of == nil || (obj != nil && of != obj) || n == 0 {
		return table.Row{}, ErrNoRecord
	}
	row, ok := of.table.Get(n)
	if !ok || of.isDeleted(row) {
		return table.Row{}, ErrNoRecord
	}
	return row, nil
}

func refusal(errs []rowError) error { return fmt.Errorf("%s: %s", errs[0].Code, errs[0].Message) }

// Merge merges one or two losers into a winner of the same object. The winner takes over what it has blank, the losers
// go to the bin with the winner's id on them, their children move to the winner.
func (o *Org) Merge(winner string, losers ...string) error {
	c := o.internal()
	o.settle()
	return o.update(c, func() error {
		obj, n, err := o.parseID(winner)
		if err != nil || obj == nil || !obj.flags.mergeable || len(losers) == 0 || len(losers) > 2 {
			return fmt.Errorf("a merge takes a Lead, Contact or Account and one or two others: %w", ErrNoRecord)
		}
		first, err := o.live(obj, winner)
		if err != nil {
			return err
		}
		d := &draft{object: obj, n: n, old: first, cells: map[*field]table.Cell{}}
		var rows []table.Row
		for _, id := range losers {
			row, err := o.live(obj, id)
			if err != nil || row.ID() == n {
				return ErrNoRecord
			}
			rows = append(rows, row)
			for _, f := range obj.fields {
				if text, ok := o.value(f, row); ok && f.column >= 0 && f.updateable && !f.unique && f.kind != "boolean" && !d.has(f) {
					d.cells[f] = table.Text(text)
				}
			}
		}
		for _, row := range rows {
			if err := o.reparent(c, obj, row.ID(), obj.longID(n)); err != nil {
				return err
			}
			if err := o.bin(c, obj, row.ID(), obj.longID(n)); err != nil {
				return err
			}
		}
		return o.save(c, d)
	})
}

// reparent moves the children of a loser to the winner.
func (o *Org) reparent(c *call, obj *object, loser uint64, winner string) error {
	for _, r := range obj.children {
		if !r.field.indexed {
			continue
		}
		for child := range r.child.table.Find(r.field.column, obj.longID(loser)) {
			set := map[int]table.Cell{r.field.column: table.Text(winner)}
			if r.child.modified != nil {
				set[r.child.modified.column] = table.Text(stampText(c.tx.Now().Unix()))
			}
			if err := c.tx.Update(r.child.table, child.ID(), set); err != nil {
				return err
			}
		}
	}
	return nil
}
