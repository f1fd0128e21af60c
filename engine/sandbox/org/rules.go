package org

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Rules are the business rules that this org's admin has switched on. The zero Rules has none.
type Rules struct {
	// Duplicates says what the org does about a Lead or Contact that has the e-mail address and name of another row of
	// its object. The key is the object's name.
	Duplicates map[string]DuplicateAction
	// Validations refuse a save of a row on which they hold.
	Validations []Validation
	// Poison is a text that an Apex trigger on Lead and Contact cannot cope with: a save that writes it into any field
	// fails. Empty for no such trigger.
	Poison string
	// AssignLeadsTo is the owner that the lead assignment rule gives to every lead which is created or updated
	// without "Sforce-Auto-Assign: FALSE". Empty for no such rule.
	AssignLeadsTo string

	locked map[string]bool // by 18-character id
}

// DuplicateAction is what a duplicate rule does.
type DuplicateAction uint8

// The actions. An alert blocks an API save as well, unless the request says allowSave.
const (
	DuplicatesAllowed DuplicateAction = iota
	DuplicatesReported
	DuplicatesAlerted
	DuplicatesBlocked
)

// Validation is one validation rule: it holds on rows whose Field contains the text Contains, in any case, or, with
// Contains empty, on rows whose Field is blank.
type Validation struct {
	Object, Field, Contains string
	// Message is the admin's own text.
	Message string
	// OnField puts the refusal on the field rather than on the row.
	OnField bool
}

// SetRules replaces the org's business rules; locks of rows stay.
func (o *Org) SetRules(rules Rules) {
	o.mu.Lock()
	rules.locked = o.rules.locked
	o.rules = rules
	o.mu.Unlock()
	o.writeRules()
}

// StrictRules are those of an admin who wants clean data: twins are alerted, nobody is called "test", a job title says
// something, an old trigger cannot cope with rockets, and new leads go to the queue of inbound leads.
func (o *Org) StrictRules() Rules {
	return Rules{
		Duplicates: map[string]DuplicateAction{"Lead": DuplicatesAlerted, "Contact": DuplicatesAlerted},
		Validations: []Validation{
			{Object: "Lead", Field: "LastName", Contains: "test", Message: "Test records belong into the sandbox."},
			{Object: "Contact", Field: "LastName", Contains: "test", Message: "Test records belong into the sandbox."},
			{Object: "Lead", Field: "Title", Contains: "n/a", Message: "Leave the title empty if you do not know it.", OnField: true},
			{Object: "Contact", Field: "Title", Contains: "n/a", Message: "Leave the title empty if you do not know it.", OnField: true},
		},
		Poison: "🚀", AssignLeadsTo: o.people.queue,
	}
}

// Lock puts a row into an approval, or takes it out: nobody may edit it meanwhile.
func (o *Org) Lock(id string, locked bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rules.locked == nil {
		o.rules.locked = map[string]bool{}
	}
	o.rules.locked[id] = locked
}

func (o *Org) businessRules() Rules {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rules
}

// trigger runs the org's one Apex trigger.
func (r Rules) trigger(d *draft) []rowError {
	if r.Poison == "" || (d.object.name != "Lead" && d.object.name != "Contact") {
		return nil
	}
	for _, cell := range d.cells {
		if !cell.Null && strings.Contains(cell.Text, r.Poison) {
			event := "BeforeUpdate"
			if d.n == 0 {
				event = "BeforeInsert"
			}
			name := d.object.name + "Trigger"
			return []rowError{rowFault("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", name+": execution of "+event+
				"\n\ncaused by: System.NullPointerException: Attempt to de-reference a null object\n\nTrigger."+name+": line 12, column 1")}
		}
	}
	return nil
}

// validate runs every validation rule of the object, also those on fields that the save does not touch.
func (r Rules) validate(d *draft) []rowError {
	var errs []rowError
	for _, v := range r.Validations {
		f := d.object.field(v.Field)
		if !strings.EqualFold(v.Object, d.object.name) || f == nil || f.column < 0 {
			continue
		}
		text, ok := d.get(f)
		holds := !ok
		if v.Contains != "" {
			holds = ok && strings.Contains(strings.ToLower(text), strings.ToLower(v.Contains))
		}
		if !holds {
			continue
		}
		fault := rowFault("FIELD_CUSTOM_VALIDATION_EXCEPTION", v.Message)
		if v.OnField {
			fault.Fields = []string{f.name}
		}
		errs = append(errs, fault)
	}
	return errs
}

// assign runs the lead assignment rule, unless the request switches it off.
func (o *Org) assign(c *call, d *draft) {
	rules := o.businessRules()
	if d.object.name != "Lead" || rules.AssignLeadsTo == "" || strings.EqualFold(c.header.Get("Sforce-Auto-Assign"), "FALSE") {
		return
	}
	d.cells[d.object.owner] = table.Text(rules.AssignLeadsTo)
}

// duplicates runs the duplicate rule of leads and contacts: exact on e-mail address and last name.
func (o *Org) duplicates(c *call, d *draft, rules Rules) []rowError {
	action := rules.Duplicates[d.object.name]
	if action < DuplicatesAlerted {
		return nil
	}
	mail, last := d.object.field("Email"), d.object.field("LastName")
	if mail == nil || last == nil {
		return nil
	}
	_, setMail := d.cells[mail]
	_, setLast := d.cells[last]
	address, ok := d.get(mail)
	if !ok || (d.n != 0 && !setMail && !setLast) {
		return nil
	}
	name, _ := d.get(last)
	allow := headerFlag(c.header.Get("Sforce-Duplicate-Rule-Header"), "allowSave")
	if action == DuplicatesAlerted && allow {
		return nil
	}
	var matches []table.Row
	for row := range d.object.table.Find(mail.column, address) {
		other, _ := row.Get(last.column)
		if row.ID() != d.n && !d.object.isDeleted(row) && strings.EqualFold(other, name) {
			matches = append(matches, row)
		}
	}
	if matches == nil {
		return nil
	}
	const message = "You're creating a duplicate record. We recommend you use an existing record instead."
	fault := rowFault("DUPLICATES_DETECTED", message)
	fault.duplicate = o.duplicateResult(c, d.object, matches, action == DuplicatesAlerted, message)
	return []rowError{fault}
}

// headerFlag reads "allowSave=true; includeRecordDetails=true".
func headerFlag(header, name string) bool {
	for part := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == ',' }) {
		key, text, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) && strings.EqualFold(strings.TrimSpace(text), "true") {
			return true
		}
	}
	return false
}

// duplicateResult is the ready JSON that a single-row refusal carries. Rows that the user may not see are left out.
func (o *Org) duplicateResult(c *call, obj *object, rows []table.Row, allowSave bool, message string) []byte {
	b := []byte(`{"allowSave":`)
	b = append(b, map[bool]string{true: "true", false: "false"}[allowSave]...)
	b = append(b, `,"duplicateRule":"Standard_`+obj.name+`_Duplicate_Rule","duplicateRuleEntityType":"`+obj.name+`",`...)
	b = appendPair(b, "errorMessage", message)
	b = append(b, `,"matchResults":[{"entityType":"`+obj.name+`","errors":[],"matchEngine":"FuzzyMatchEngine","matchRecords":[`...)
	shown := 0
	for _, row := range rows {
		if !o.visible(c, obj, row) {
			continue
		}
		if shown > 0 {
			b = append(b, ',')
		}
		shown++
		b = append(b, `{"additionalInformation":[],"fieldDiffs":[],"matchConfidence":100.0,"record":`...)
		b = o.appendRow(b, c, obj, row, []*field{obj.id})
		b = append(b, '}')
	}
	b = append(b, `],"rule":"Standard_`+obj.name+`_Match_Rule_v1_1","size":`...)
	b = append(b, byte('0'+min(shown, 9)))
	return append(b, `,"success":true}]}`...)
}
