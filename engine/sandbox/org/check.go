package org

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// check asks of a draft everything that an org asks before it saves, in the order of a save: platform checks (all of
// their refusals together), triggers, validation rules, duplicate rules.
func (o *Org) check(c *call, d *draft) []rowError {
	errs := append(o.required(d), o.placed(d)...)
	for f := range d.cells {
		if f.kind == "reference" {
			errs = append(errs, o.referenced(c, d, f)...)
		}
		if f.unique {
			errs = append(errs, o.taken(c, d, f)...)
		}
	}
	switch d.object.name {
	case "CampaignMember":
		errs = append(errs, o.checkMember(d)...)
	case "Task", "Event":
		errs = append(errs, o.checkTask(d)...)
	}
	if errs != nil {
		return errs
	}
	rules := o.businessRules()
	if errs := rules.trigger(d); errs != nil {
		return errs
	}
	if errs := rules.validate(d); errs != nil {
		return errs
	}
	return o.duplicates(c, d, rules)
}

// required looks at every required field, also those that the save does not touch.
func (o *Org) required(d *draft) []rowError {
	var missing []string
	for _, f := range d.object.fields {
		if f.nillable || f.column < 0 || f.kind == "boolean" || f.audit || !f.createable {
			continue
		}
		if !d.has(f) {
			missing = append(missing, f.name)
		}
	}
	if missing == nil {
		return nil
	}
	return []rowError{rowFault("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+strings.Join(missing, ", ")+"]", missing...)}
}

// referenced checks that a reference leads to a live row of a right object that the user may see, and puts the
// 18-character form of the id in its place.
func (o *Org) referenced(c *call, d *draft, f *field) []rowError {
	id, ok := d.get(f)
	if !ok {
		return nil
	}
	obj, n, err := o.parseID(id)
	if err != nil {
		return []rowError{rowFault("MALFORMED_ID", f.label+": id value of incorrect type: "+id, f.name)}
	}
	lawful := false
	for _, to := range f.references {
		lawful = lawful || (obj != nil && obj.name == to)
	}
	if !lawful {
		return []rowError{rowFault("FIELD_INTEGRITY_EXCEPTION", f.label+": id value of incorrect type: "+id, f.name)}
	}
	row, ok := obj.table.Get(n)
	switch {
	case n == 0 || !ok || obj.isDeleted(row):
		return []rowError{rowFault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")}
	case !o.visible(c, obj, row):
		return []rowError{rowFault("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id: "+id[:15])}
	case obj.name == "User" && f.name == "OwnerId":
		if active, _ := o.value(obj.field("IsActive"), row); active != "true" {
			return []rowError{rowFault("INACTIVE_OWNER_OR_USER", "operation performed with inactive user ["+obj.longID(n)+"] as owner of "+strings.ToLower(d.object.name))}
		}
	}
	d.cells[f] = table.Text(obj.longID(n))
	return nil
}

// taken checks a unique field against the live rows; the text counts the same in any case.
func (o *Org) taken(c *call, d *draft, f *field) []rowError {
	text, ok := d.get(f)
	if !ok {
		return nil
	}
	for other := range d.object.table.Find(f.column, text) {
		if other.ID() == d.n || d.object.isDeleted(other) {
			continue
		}
		holder := "<unknown>"
		if o.visible(c, d.object, other) {
			holder = d.object.longID(other.ID())[:15]
		}
		return []rowError{rowFault("DUPLICATE_VALUE", "duplicate value found: "+f.name+" duplicates value on record with id: "+holder)}
	}
	return nil
}

// checkMember keeps a campaign's members: one lead or one contact, once.
func (o *Org) checkMember(d *draft) []rowError {
	lead, contact := d.object.byName["leadid"], d.object.byName["contactid"]
	campaign, _ := d.get(d.object.byName["campaignid"])
	if d.has(lead) == d.has(contact) && d.n == 0 {
		return []rowError{rowFault("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId]", "LeadId")}
	}
	for _, f := range []*field{lead, contact} {
		id, ok := d.get(f)
		if !ok {
			continue
		}
		for other := range d.object.table.Find(f.column, id) {
			of, _ := other.Get(d.object.byName["campaignid"].column)
			if of == campaign && other.ID() != d.n && !d.object.isDeleted(other) {
				return []rowError{rowFault("DUPLICATE_VALUE", "Already a campaign member.")}
			}
		}
	}
	return nil
}

// checkTask refuses a task or an event about a lead that is related to something else as well.
func (o *Org) checkTask(d *draft) []rowError {
	who, _ := d.get(d.object.byName["whoid"])
	if strings.HasPrefix(who, o.byName["lead"].prefix) && d.has(d.object.byName["whatid"]) {
		return []rowError{rowFault("FIELD_INTEGRITY_EXCEPTION", "Related To ID: cannot be set for a task whose name is a lead", "WhatId")}
	}
	return nil
}

// isLocked reports whether an approval process holds the row.
func (o *Org) isLocked(obj *object, n uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rules.locked[obj.longID(n)]
}

// afterSave does what automation of the platform itself does: a closed task is its person's last activity.
func (o *Org) afterSave(c *call, d *draft) {
	if d.object.name != "Task" {
		return
	}
	who, ok := d.get(d.object.byName["whoid"])
	status, _ := d.get(d.object.byName["status"])
	if !ok || status != "Completed" {
		return
	}
	day, ok := d.get(d.object.byName["activitydate"])
	if !ok {
		day = c.tx.Now().Format("2006-01-02")
	}
	person, n, err := o.parseID(who)
	if err != nil || person == nil || person.active == nil {
		return
	}
	row, ok := person.table.Get(n)
	if was, had := row.Get(person.active.column); !ok || (had && was >= day) {
		return
	}
	// The person's stamp moves, its LastModifiedDate does not.
	if err := c.tx.Update(person.table, n, map[int]table.Cell{person.active.column: table.Text(day)}); err != nil {
		panic("org: a row that was just read is gone: " + err.Error())
	}
}
