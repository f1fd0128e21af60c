package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Catalog is what an org has, as far as filters may speak of it.
type Catalog []Object

// Object is one kind of record.
type Object struct {
	Name   record.Object `json:"name"`
	Label  string        `json:"label,omitempty"`
	Plural string        `json:"plural,omitempty"`
	Fields []Field       `json:"fields"`
}

// Field is one field of an object, as far as a filter depends on it.
type Field struct {
	Name     string      `json:"name"`
	Label    string      `json:"label,omitempty"`
	Kind     record.Kind `json:"kind"`
	Scale    int         `json:"scale,omitempty"`
	Picklist []string    `json:"picklist,omitempty"`
	// Hidden marks what Salesforce cannot filter by: long text, encrypted fields.
	Hidden  bool `json:"hidden,omitempty"`
	Formula bool `json:"formula,omitempty"`
	// Indexed tells that Salesforce keeps an index of the field.
	Indexed bool `json:"indexed,omitempty"`
	// Relationship is the name by which a reference's fields are reached, To where it leads.
	Relationship string          `json:"relationship,omitempty"`
	To           []record.Object `json:"to,omitempty"`
}

// KindOf is the family of a Salesforce field type (REST API Developer Guide, field types); 0 for what no filter can ask:
// addresses, locations, times of day.
func KindOf(salesforce string) record.Kind {
	switch strings.ToLower(salesforce) {
	case "string", "combobox", "encryptedstring":
		return record.Text
	case "textarea":
		return record.TextArea
	case "email":
		return record.Email
	case "phone":
		return record.Phone
	case "url":
		return record.URL
	case "picklist":
		return record.Picklist
	case "multipicklist":
		return record.MultiPicklist
	case "boolean":
		return record.Boolean
	case "int", "long":
		return record.Integer
	case "double", "currency", "percent":
		return record.Decimal
	case "date":
		return record.Date
	case "datetime":
		return record.DateTime
	case "id", "reference":
		return record.Reference
	}
	return 0
}

// family is what kinds have in common for a filter: which tests they take.
type family uint8

const (
	textual family = iota + 1
	multiple
	checkbox
	numeric
	temporal
	identity
)

func familyOf(k record.Kind) family {
	switch k {
	case record.MultiPicklist:
		return multiple
	case record.Boolean:
		return checkbox
	case record.Integer, record.Decimal:
		return numeric
	case record.Date, record.DateTime:
		return temporal
	case record.Reference:
		return identity
	}
	return textual
}

// Object finds an object by its API name.
func (c Catalog) Object(name record.Object) (Object, bool) {
	i := slices.IndexFunc(c, func(o Object) bool { return o.Name == name })
	if i < 0 {
		return Object{}, false
	}
	return c[i], true
}

// named finds an object by any of its names: API name, label, plural.
func (c Catalog) named(word string) (Object, bool) {
	for _, o := range c {
		if o.Name == record.Person { // sentences are about records in Salesforce
			continue
		}
		plural := o.Plural
		if plural == "" {
			plural = o.Label + "s"
		}
		for _, name := range []string{string(o.Name), bare(string(o.Name)), o.Label, plural} {
			if name != "" && strings.EqualFold(name, word) {
				return o, true
			}
		}
	}
	return Object{}, false
}

// bare is an API name without what Salesforce hangs on those of an org's own.
func bare(name string) string {
	for _, end := range []string{"__c", "__r"} {
		if short, own := strings.CutSuffix(name, end); own {
			return short
		}
	}
	return name
}

// field finds a field by its API name, then by that without its ending, then by its label. Of a label that several
// fields bear, all are given.
func (o Object) field(word string) []Field {
	for _, is := range []func(Field) bool{
		func(f Field) bool { return strings.EqualFold(f.Name, word) },
		func(f Field) bool { return strings.EqualFold(bare(f.Name), word) },
		func(f Field) bool { return strings.EqualFold(f.Label, word) },
	} {
		var found []Field
		for _, f := range o.Fields {
			if is(f) && f.Kind != 0 {
				found = append(found, f)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// relationship finds the reference whose related record a word names.
func (o Object) relationship(word string) (Field, bool) {
	for _, f := range o.Fields {
		if f.Relationship != "" && (strings.EqualFold(f.Relationship, word) || strings.EqualFold(bare(f.Relationship), word)) {
			return f, true
		}
	}
	return Field{}, false
}

// names are all words by which a field of the object can be called, labels first: what suggestions are made of.
func (o Object) names() []string {
	var names []string
	for _, f := range o.Fields {
		if f.Kind == 0 {
			continue
		}
		for _, n := range []string{f.Name, f.Label, bare(f.Name)} {
			if n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}
