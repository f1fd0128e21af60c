package org

import "github.com/doppio-sync/doppio/engine/sandbox/table"

// The constructors below name a field by describe's own type, with the flags that most fields of that type carry; the
// methods after them state what is different. Lengths and flags follow recorded describe answers.

func newField(kind, name, label string) *field {
	return &field{
		kind: kind, name: name, label: label, nillable: true, createable: true, updateable: true, permissionable: true,
		filterable: true, sortable: true, groupable: true, aggregatable: true,
	}
}

func text(name, label string, length int) *field {
	f := newField("string", name, label)
	f.length = length
	return f
}

func area(name, label string, length int) *field {
	f := newField("textarea", name, label)
	f.length, f.extra = length, "plaintextarea"
	if length > 255 { // long text cannot be filtered, sorted or grouped
		f.filterable, f.sortable, f.groupable, f.aggregatable = false, false, false, false
	}
	return f
}

func email(name, label string) *field {
	f := newField("email", name, label)
	f.length = 80
	return f
}

func phone(name, label string) *field {
	f := newField("phone", name, label)
	f.length = 40
	return f
}

func url255(name, label string) *field {
	f := newField("url", name, label)
	f.length = 255
	return f
}

func pick(name, label string, values ...string) *field {
	f := newField("picklist", name, label)
	f.length, f.picklist = 40, values
	return f
}

// multiple is a multi-select picklist: its values are stored with semicolons between them.
func multiple(name, label string, values ...string) *field {
	f := newField("multipicklist", name, label)
	f.length, f.picklist, f.sortable, f.groupable, f.aggregatable = 4099, values, false, false, false
	return f
}

func checkbox(name, label string) *field {
	f := newField("boolean", name, label)
	f.nillable, f.defaulted, f.defaultValue, f.aggregatable = false, true, "false", false
	return f
}

func whole(name, label string, digits int) *field {
	f := newField("int", name, label)
	f.digits = digits
	return f
}

func number(kind, name, label string, precision, scale int) *field {
	f := newField(kind, name, label)
	f.precision, f.scale, f.groupable = precision, scale, false
	return f
}

func date(name, label string) *field { return newField("date", name, label) }

func datetime(name, label string) *field {
	f := newField("datetime", name, label)
	f.groupable = false
	return f
}

func reference(name, label, relationship string, to ...string) *field {
	f := newField("reference", name, label)
	f.length, f.relationship, f.references = 18, relationship, to
	return f
}

// address is a compound of the parts with the given prefix; its JSON is made when it is read.
func address(name, label, prefix string) *field {
	f := newField("address", name, label).readOnly()
	f.sortable, f.groupable, f.aggregatable = false, false, false
	f.compute = func(o *Org, f *field, row table.Row) (string, bool) { return addressJSON(o, f.object, prefix, row) }
	return f
}

// computation makes a field's value when it is read.
type computation func(o *Org, f *field, row table.Row) (text string, ok bool)

// computed is a field whose value is made when it is read.
func (f *field) computed(compute computation) *field {
	f.compute = compute
	return f.readOnly()
}

func (f *field) required() *field {
	f.nillable, f.permissionable = false, false
	return f
}

// filled marks a computed field that is always filled.
func (f *field) filled() *field { f.nillable = false; return f }

// system marks what field-level security does not cover.
func (f *field) system() *field { f.permissionable = false; return f }

func (f *field) readOnly() *field { f.createable, f.updateable = false, false; return f }

func (f *field) onCreate() *field { f.updateable = false; return f }

func (f *field) onUpdate() *field { f.createable = false; return f }

func (f *field) auditable() *field { f.audit = true; return f.readOnly().system() }

// byDefault gives the value that a create without the field gets.
func (f *field) byDefault(value string) *field { f.defaulted, f.defaultValue = true, value; return f }

func (f *field) part(compound string) *field { f.compound = compound; return f }

func (f *field) person() *field { f.extra, f.compound = "personname", "Name"; return f.system() }

func (f *field) lookup() *field { f.idLookup, f.indexed = true, true; return f }

func (f *field) searched() *field { f.indexed = true; return f }

func (f *field) uniqueID() *field {
	f.externalID, f.unique = true, true
	return f.lookup()
}

func (f *field) restrict() *field { f.restricted = true; return f }

func (f *field) ofLength(n int) *field { f.length = n; return f }

func (f *field) naming() *field { f.nameField = true; return f }

func (f *field) formula(source string, compute computation) *field {
	f.calculated, f.calculatedFormula = true, source
	return f.computed(compute)
}
