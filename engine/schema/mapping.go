// Package schema turns what both sides describe into the fields that are synced, each with the one type in which the
// sides are compared. Descriptions flow in, a Mapping flows out; it talks to nobody.
package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Direction says towards which sides a field is written.
type Direction uint8

// The directions.
const (
	Both Direction = iota + 1
	ToMarketo
	ToSalesforce
)

// Writes reports whether a field of this direction is written to a side.
func (d Direction) Writes(s record.Side) bool {
	return d == Both || (d == ToMarketo && s == record.Marketo) || (d == ToSalesforce && s == record.Salesforce)
}

// Field is one mapped field.
type Field struct {
	// Number is the field's place in its object's baselines. It never changes and is never given to another field.
	Number     uint16
	Salesforce string
	Marketo    string
	Type       record.Type
	Direction  Direction
	// Consent marks a field where true is a person's own wish (unsubscribed): at the first sync true wins on either side.
	Consent bool
}

// On is the field's API name on a side.
func (f Field) On(s record.Side) string {
	if s == record.Salesforce {
		return f.Salesforce
	}
	return f.Marketo
}

// Object is the mapping of one Salesforce object onto a person or a company.
type Object struct {
	Name   record.Object // Lead, Contact, Account
	Fields []Field       // by Number, ascending
}

// Columns are the fields to read on a side, in the order of Fields.
func (o Object) Columns(s record.Side) []record.Column {
	columns := make([]record.Column, len(o.Fields))
	for i, f := range o.Fields {
		columns[i] = record.Column{Name: f.On(s), Type: f.Type}
	}
	return columns
}

// Index is the place in Fields of a field number, -1 when it is not mapped.
func (o Object) Index(number uint16) int {
	i, found := slices.BinarySearchFunc(o.Fields, number, func(f Field, n uint16) int { return int(f.Number) - int(n) })
	if !found {
		return -1
	}
	return i
}

// Mapping is what a workspace syncs.
type Mapping struct {
	Objects []Object
	// MarketoID and SalesforceID are the fields that carry the other side's id; empty where the side lacks one.
	MarketoID    string
	SalesforceID string
	// Missing names mapped fields that a side does not show, as "Lead.Segment__c" or "Person.segment".
	Missing []string
}

// Object gives the mapping of a Salesforce object; ok is false when it is not synced.
func (m Mapping) Object(name record.Object) (Object, bool) {
	for _, o := range m.Objects {
		if o.Name == name {
			return o, true
		}
	}
	return Object{}, false
}

// PersonColumns are all fields to read of a Marketo person, each once: leads and contacts share a person's fields. The
// second result tells for each object where its fields stand among the columns.
func (m Mapping) PersonColumns() ([]record.Column, map[record.Object][]int) {
	var columns []record.Column
	places := map[record.Object][]int{}
	seen := map[string]int{}
	for _, o := range m.Objects {
		if o.Name == record.Account {
			continue
		}
		for _, f := range o.Fields {
			at, known := seen[f.Marketo]
			if !known {
				at = len(columns)
				seen[f.Marketo] = at
				columns = append(columns, record.Column{Name: f.Marketo, Type: f.Type})
			}
			places[o.Name] = append(places[o.Name], at)
		}
	}
	return columns, places
}

// Described is one field as a side describes it, reduced to what a mapping needs.
type Described struct {
	Name     string
	Type     string
	Length   int
	Scale    int
	Writable bool
	Picklist []string
}

// Suggest makes the standard mapping, as far as both sides have its fields. The objects are keyed by their own names;
// record.Person and record.Company are Marketo's. An object that a side does not show is left out.
func Suggest(described map[record.Object][]Described) Mapping {
	var m Mapping
	lookup := map[record.Object]map[string]Described{}
	for object, fields := range described {
		names := make(map[string]Described, len(fields))
		for _, f := range fields {
			names[strings.ToLower(f.Name)] = f
		}
		lookup[object] = names
	}
	missing := map[string]bool{}
	for _, name := range []record.Object{record.Lead, record.Contact, record.Account} {
		twin := record.Person
		if name == record.Account {
			twin = record.Company
		}
		if len(lookup[name]) == 0 || len(lookup[twin]) == 0 {
			continue
		}
		object := Object{Name: name}
		for number, p := range standard[name] {
			s, onSalesforce := lookup[name][strings.ToLower(p.salesforce)]
			k, onMarketo := lookup[twin][strings.ToLower(p.marketo)]
			if !onSalesforce {
				missing[fmt.Sprintf("%s.%s", name, p.salesforce)] = true
			}
			if !onMarketo {
				missing[fmt.Sprintf("%s.%s", twin, p.marketo)] = true
			}
			if onSalesforce && onMarketo {
				if direction := narrow(p.direction, s.Writable, k.Writable); direction != 0 {
					object.Fields = append(object.Fields, Field{
						Number: uint16(number), Salesforce: s.Name, Marketo: k.Name,
						Type: join(p.kind, s, k), Direction: direction, Consent: p.consent,
					})
				}
			}
		}
		m.Objects = append(m.Objects, object)
	}
	_, onLead := lookup[record.Lead][strings.ToLower(MarketoIDField)]
	_, onContact := lookup[record.Contact][strings.ToLower(MarketoIDField)]
	if onLead && onContact {
		m.MarketoID = MarketoIDField
	}
	if _, ok := lookup[record.Person][strings.ToLower(SalesforceIDField)]; ok {
		m.SalesforceID = SalesforceIDField
	}
	for name := range missing {
		m.Missing = append(m.Missing, name)
	}
	slices.Sort(m.Missing)
	return m
}

// narrow takes from a direction what the side's permissions do not allow; 0 when nothing is left.
func narrow(d Direction, salesforce, marketo bool) Direction {
	toSalesforce := d.Writes(record.Salesforce) && salesforce
	toMarketo := d.Writes(record.Marketo) && marketo
	switch {
	case toSalesforce && toMarketo:
		return Both
	case toMarketo:
		return ToMarketo
	case toSalesforce:
		return ToSalesforce
	}
	return 0
}

// join is the type in which a field of both sides is compared: the coarser scale, and Salesforce's spelling of picklists.
// The length is Salesforce's or Marketo's, whichever is shorter, for warnings; values are never cut to it.
func join(kind record.Kind, s, k Described) record.Type {
	t := record.Type{Kind: kind, Length: s.Length}
	if k.Length > 0 && (t.Length == 0 || k.Length < t.Length) {
		t.Length = k.Length
	}
	switch kind {
	case record.Picklist:
		t.Values = s.Picklist
	case record.Decimal:
		t.Scale = s.Scale
		if k.Type == "integer" || k.Type == "score" || k.Type == "percent" {
			t.Scale = 0
		}
	}
	return t
}
