package org

import (
	"strings"
	"sync/atomic"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// object is one sObject of the org's schema. It does not change after New, but for which fields are absent.
type object struct {
	name, label, plural string
	prefix              string // key prefix, "00Q"
	fields              []*field
	byName              map[string]*field // lower case
	exact               map[string]*field // as written, which most callers do
	table               *table.Table
	width               int        // columns of the table
	children            []relation // whose references point here
	flags               objectFlags
	nextRow             uint64 // the last row number given out; moves under the write lock only

	id, owner, deleted, master   *field // nil where the object has none
	stamp                        *field // SystemModstamp where it is the row's own stamp
	created, createdBy           *field
	modified, modifiedBy, active *field
}

type objectFlags struct {
	createable, updateable, deletable, mergeable, undeletable, replicateable, triggerable bool
	custom                                                                                bool
	tooling                                                                               bool // known to /tooling/query only
}

// relation is a child relationship as describe lists it.
type relation struct {
	child   *object
	field   *field
	name    string // relationshipName, "" for none
	cascade bool
}

// child finds a child relationship by its name in any case.
func (obj *object) child(name string) (relation, bool) {
	for _, r := range obj.children {
		if r.name != "" && strings.EqualFold(r.name, name) {
			return r, true
		}
	}
	return relation{}, false
}

// named reports whether the object has that API name, in any case.
func (obj *object) named(name string) bool { return strings.EqualFold(obj.name, name) }

// field finds a field by its API name in any case; nil when there is none or this org was not given it.
func (obj *object) field(name string) *field {
	f := obj.exact[name]
	if f == nil {
		f = obj.byName[strings.ToLower(name)]
	}
	if f == nil || f.absent.Load() {
		return nil
	}
	return f
}

// byRelationship finds the reference field of a parent relationship ("Account", "Owner"); nil when there is none.
func (obj *object) byRelationship(name string) *field {
	for _, f := range obj.fields {
		if f.relationship != "" && strings.EqualFold(f.relationship, name) && !f.absent.Load() {
			return f
		}
	}
	return nil
}

// field is one field. Its canonical text, by kind (describe's "type"):
//
//	boolean                    "true", "false", never null
//	int                        "42"
//	double, currency, percent  "300", "12.5": no exponent, no zeros at the end
//	date                       "2026-01-01"
//	datetime                   "2026-01-01T10:00:00Z": always UTC, so that text order is time order
//	id, reference              18 characters
//	address                    ready JSON, never stored
//	all others                 the text, never empty
type field struct {
	object *object
	index  int // in object.fields
	name   string
	label  string
	kind   string
	column int // of the table; -1 for a computed field

	length, digits, precision, scale int
	nillable, createable, updateable bool
	defaulted                        bool // defaultedOnCreate
	defaultValue                     string
	permissionable                   bool
	custom, calculated               bool
	calculatedFormula                string
	externalID, unique, idLookup     bool
	nameField, htmlFormatted         bool
	filterable, sortable, groupable  bool
	aggregatable                     bool
	indexed                          bool // table.Find works on its column
	picklist                         []string
	labels, validFor                 []string // of its entries; nil where they are the values, and hang on nothing
	controller                       string   // the picklist on which this one hangs
	restricted                       bool
	compound                         string // compoundFieldName
	extra                            string // extraTypeInfo
	references                       []string
	relationship                     string
	audit                            bool // writable on create by who may set audit fields
	compute                          computation
	absent                           atomic.Bool
}

// value is the field's canonical text in the row; ok is false for null.
func (o *Org) value(f *field, row table.Row) (text string, ok bool) {
	switch {
	case f.compute != nil:
		return f.compute(o, f, row)
	case f.kind == "boolean":
		if text, ok = row.Get(f.column); !ok {
			return "false", true
		}
		return text, true
	}
	return row.Get(f.column)
}

// isDeleted reports whether the row lies in the recycle bin.
func (obj *object) isDeleted(row table.Row) bool {
	if obj.deleted == nil {
		return false
	}
	text, ok := row.Get(obj.deleted.column)
	return ok && text == "true"
}
