package org

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// draft is a row as a save would leave it: the old row, if there is one, and the cells that the save sets.
type draft struct {
	object *object
	n      uint64    // row number, 0 for a new row
	old    table.Row // of an existing row
	cells  map[*field]table.Cell
}

// get is a stored field's text after the save; ok is false for null.
func (d *draft) get(f *field) (string, bool) {
	if cell, set := d.cells[f]; set {
		return cell.Text, !cell.Null
	}
	if d.n == 0 {
		return "", false
	}
	return d.old.Get(f.column)
}

// has reports whether the stored field is filled after the save.
func (d *draft) has(f *field) bool { _, ok := d.get(f); return ok }

// changed reports whether the save gives any field another value.
func (d *draft) changed() bool {
	for f, cell := range d.cells {
		was, had := d.old.Get(f.column)
		if !had && f.kind == "boolean" {
			was, had = "false", true
		}
		if had == cell.Null || was != cell.Text {
			return true
		}
	}
	return false
}

// set is what table.Tx.Update takes.
func (d *draft) set() map[int]table.Cell {
	set := make(map[int]table.Cell, len(d.cells)+4)
	for f, cell := range d.cells {
		if f.kind == "boolean" && cell.Text == "false" {
			cell = table.Null // false is what null means
		}
		set[f.column] = cell
	}
	return set
}

// mistyped finds the first value whose JSON type its field does not take. Such a body is refused whole.
func (o *Org) mistyped(c *call, obj *object, in []input) *apiError {
	for _, m := range in {
		f := obj.field(m.name)
		if f == nil || f.compute != nil || m.value.raw {
			continue
		}
		if _, _, wrong := f.canonical(m.value); wrong != nil {
			return parserError(wrong.message, c.body, m.value.at)
		}
	}
	return nil
}

// fill reads what was sent into the draft: every refusal that a field can know by itself. A field that does not exist
// or is hidden ends it at once, as the service does; so do fields that may not be written.
func (o *Org) fill(c *call, d *draft, in []input) []rowError {
	var errs []rowError
	var locked []string
	for _, m := range in {
		if strings.EqualFold(m.name, "attributes") {
			continue
		}
		f := d.object.field(m.name)
		if parent := d.object.byRelationship(m.name); f == nil && parent != nil && m.value.kind == '{' && c.rights.reads(parent) {
			id, fault := o.foreignKey(c, parent, m.value)
			if fault != nil {
				errs = append(errs, *fault)
				continue
			}
			f, m.value = parent, value{kind: '"', text: id}
		}
		if f == nil || !c.rights.reads(f) {
			return []rowError{{Code: "INVALID_FIELD", Message: "No such column '" + m.name + "' on sobject of type " + d.object.name}}
		}
		writable := (d.n == 0 && (f.createable || (f.audit && c.rights.setAudit))) || (d.n != 0 && f.updateable)
		if !writable || !c.rights.edits(f) {
			locked = append(locked, f.name)
			continue
		}
		cell, faults, wrong := f.canonical(m.value)
		if wrong != nil { // a CSV or SOAP caller has not asked mistyped
			faults = []rowError{rowFault("INVALID_TYPE_ON_FIELD_IN_RECORD", f.label+": value not of required type: "+m.value.text, f.name)}
		}
		errs = append(errs, faults...)
		if faults == nil {
			d.cells[f] = cell
		}
	}
	if locked != nil {
		return []rowError{rowFault("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+strings.Join(locked, ", ")+
			". Please check the security settings of this field and verify that it is read/write for your profile or permission set.", locked...)}
	}
	return errs
}

// foreignKey finds the id of a parent that is named by an external id: "Account":{"Legacy_Number__c":"A-17"}.
func (o *Org) foreignKey(c *call, f *field, v value) (string, *rowError) {
	for _, to := range f.references {
		parent := o.object(to)
		if kind := attributesType(v); kind != "" && !strings.EqualFold(kind, to) {
			continue
		}
		for _, m := range v.members {
			key := parent.field(m.name)
			if strings.EqualFold(m.name, "attributes") || key == nil || !key.idLookup || !c.rights.sees(parent) {
				continue
			}
			rows := o.byKeyValue(c, parent, key, m.value.text)
			if len(rows) == 1 {
				return parent.longID(rows[0].ID()), nil
			}
			fault := rowFault("INVALID_FIELD", "Foreign key external ID: "+strings.ToLower(m.value.text)+" not found for field "+key.name+" in entity "+parent.name)
			return "", &fault
		}
	}
	fault := rowFault("INVALID_FIELD", "No such column '"+f.relationship+"' on sobject of type "+f.object.name)
	return "", &fault
}

// byKeyValue finds the live, visible rows whose key field holds a text; the key is the id or an indexed field.
func (o *Org) byKeyValue(c *call, obj *object, key *field, text string) []table.Row {
	if key == obj.id {
		of, n, err := o.parseID(text)
		if err != nil || of != obj {
			return nil
		}
		if row, ok := o.find(c, obj, n); ok && !obj.isDeleted(row) {
			return []table.Row{row}
		}
		return nil
	}
	var rows []table.Row
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	for row := range obj.table.Find(key.column, text) {
		if !obj.isDeleted(row) && o.visible(c, obj, row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// attributesType is the "type" of the "attributes" of a record that was sent.
func attributesType(v value) string {
	a, _ := v.get("attributes")
	return a.word("type")
}
