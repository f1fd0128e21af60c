package schema

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Described is one field as a side describes it, reduced to what a mapping needs.
type Described struct {
	Name  string
	Label string `json:",omitempty"`
	// Type is the side's own word: "string", "multipicklist", "score".
	Type      string `json:",omitempty"`
	Length    int    `json:",omitempty"` // in characters; Marketo counts a text area's in bytes
	Precision int    `json:",omitempty"` // digits of a number, those behind the point included
	Scale     int    `json:",omitempty"` // digits behind the point
	Writable  bool   `json:",omitempty"` // by the user whose credentials Doppio holds
	Picklist  []string
	// Restricted: other values than those of Picklist are refused.
	Restricted bool `json:",omitempty"`
	Calculated bool `json:",omitempty"` // a formula or a roll-up: it changes without a trace
	Required   bool `json:",omitempty"` // a record cannot be without it
	Unique     bool `json:",omitempty"`
	Custom     bool `json:",omitempty"`
	HTML       bool `json:",omitempty"` // rich text
	Encrypted  bool `json:",omitempty"` // may come masked
	// ReferenceTo are the objects that a lookup of Salesforce may name.
	ReferenceTo []record.Object `json:",omitempty"`
	// LinksTo is the object of Marketo on which this field of a custom object hangs its record.
	LinksTo record.Object `json:",omitempty"`
	Key     bool          `json:",omitempty"` // Marketo knows the record by it
	// ID is the number by which Marketo's activities name a person's field.
	ID int `json:",omitempty"`
}

// Schemas are the fields that both sides describe, by object; record.Person, record.Company and the like are Marketo's.
type Schemas map[record.Object][]Described

// find looks for one field by name: the one that is spelt so, or else the first whose name differs in case alone.
func (s Schemas) find(object record.Object, name string) (f Described, ok bool) {
	for _, is := range s[object] {
		if is.Name == name {
			return is, true
		}
		if !ok && strings.EqualFold(is.Name, name) {
			f, ok = is, true
		}
	}
	return f, ok
}
