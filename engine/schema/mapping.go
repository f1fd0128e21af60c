// Package schema turns what both sides describe into the fields that are synced, each with the one type in which the
// sides are compared. Descriptions and a person's wishes flow in; a Mapping, suggestions, losses and notices flow out. It
// talks to nobody and remembers nothing.
package schema

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Field is one mapped field.
type Field struct {
	// Number is the field's place in its object's baselines. It never changes and is never given to another field.
	Number     uint16
	Salesforce string
	Marketo    string
	Type       record.Type
	// Direction is where the field travels: as wished, less what a side refuses.
	Direction Direction
	// Consent marks a field where true is a person's own wish (unsubscribed): at the first sync true wins on either side.
	Consent bool
	// Policy decides conflicts of this field; the zero Policy leaves them to the object.
	Policy Policy
	// NeverBlank gives the field its value back from the other side when it is cleared on one.
	NeverBlank bool
	// Rule names the rule that rewrites the value on its way; empty for none.
	Rule string
	// Quiet is the least time between two writes of the field.
	Quiet Quiet
	// To is the object of Salesforce that a reference names. What Marketo is given is its own name of that record: the
	// person's id, the Salesforce id for everything else, nothing for what it does not have. Empty for other fields.
	To record.Object `json:",omitempty"`
	// Needed marks a reference without which the twin cannot be: the record waits until what it names is in Marketo. Of several
	// fields of one Marketo name one is enough.
	Needed bool `json:",omitempty"`
	// Key marks the fields by which Marketo knows the twin, where Object.Key does not.
	Key bool `json:",omitempty"`
	// Blank stands in Marketo for an empty field, where it takes no blank.
	Blank string `json:",omitempty"`
	// Entry is what people want to know of the field and a cycle does not. Stored fields have one; it is never changed in place.
	Entry *Entry
}

// Entry is a field's entry in the data dictionary.
type Entry struct {
	Wished  Direction // whatever a side refuses
	Nightly bool      // read again every night, because its changes leave no trace (as formulas do)
	Why     string    // why it is synced
	Owner   string    // who answers for it
	Since   time.Time
	State   State
	// Salesforce and Marketo are the field as each side last described it.
	Salesforce, Marketo Described
}

// State says why a mapped field does not travel.
type State string

// The states of a mapped field.
const (
	Travels  State = ""
	Gone     State = "gone"      // a side does not show it: deleted, renamed or hidden
	ReadOnly State = "read-only" // no side takes it in the direction wished
	Retyped  State = "retyped"   // its type became one in which the baselines say nothing
	Removed  State = "removed"   // taken out of the mapping; kept for the sake of its number and its history
)

// On is the field's API name on a side.
func (f Field) On(s record.Side) string {
	if s == record.Salesforce {
		return f.Salesforce
	}
	return f.Marketo
}

// entry is the field's entry, an empty one where it has none.
func (f Field) entry() Entry {
	if f.Entry == nil {
		return Entry{Wished: f.Direction}
	}
	return *f.Entry
}

// Object is the mapping of one Salesforce object onto its twin in Marketo.
type Object struct {
	Name record.Object
	Twin record.Object
	// Key is the twin's field that holds the record's Salesforce id, and by which Marketo knows it. People have none, and
	// twins that are known by the fields marked as Key.
	Key    string  `json:",omitempty"`
	Fields []Field // by Number, ascending
	// Aside are the mapped fields that do not travel now, by Number, each with the reason in its entry's State. They keep
	// number and baselines, so that they go on where they stopped.
	Aside []Field
}

// on is the object's name on a side.
func (o Object) on(s record.Side) record.Object {
	if s == record.Salesforce {
		return o.Name
	}
	return o.Twin
}

// Columns are the fields to read on a side, in the order of Fields.
func (o Object) Columns(s record.Side) []record.Column {
	columns := make([]record.Column, len(o.Fields))
	for i, f := range o.Fields {
		columns[i] = record.Column{Name: f.On(s), Type: f.Type}
	}
	return columns
}

// Index is the place in Fields of a field number, -1 when it does not travel.
func (o Object) Index(number uint16) int { return indexOf(o.Fields, number) }

// indexOf halves by hand: it is asked for every value that travels, and slices.BinarySearchFunc hands each field that it looks at over whole.
func indexOf(fields []Field, number uint16) int {
	from, to := 0, len(fields)
	for from < to {
		if at := (from + to) / 2; fields[at].Number < number {
			from = at + 1
		} else {
			to = at
		}
	}
	if from == len(fields) || fields[from].Number != number {
		return -1
	}
	return from
}

// Numbered finds a field by its number, whether it travels or not.
func (o Object) Numbered(number uint16) (Field, bool) {
	for _, fields := range [][]Field{o.Fields, o.Aside} {
		if i := indexOf(fields, number); i >= 0 {
			return fields[i], true
		}
	}
	return Field{}, false
}

// All are the fields of the mapping, travelling or not, by number. Removed ones are left out.
func (o Object) All() []Field {
	all := slices.Clone(o.Fields)
	for _, f := range o.Aside {
		if f.entry().State != Removed {
			all = append(all, f)
		}
	}
	sortFields(all)
	return all
}

func sortFields(fields []Field) {
	slices.SortFunc(fields, func(a, b Field) int { return int(a.Number) - int(b.Number) })
}

// Free is the lowest number that no field of the object ever had.
func (o Object) Free() uint16 {
	next := uint16(len(standard[o.Name])) // the numbers of the standard mapping are taken, mapped or not
	for _, fields := range [][]Field{o.Fields, o.Aside} {
		for _, f := range fields {
			next = max(next, f.Number+1)
		}
	}
	return next
}

// Mapping is what a workspace syncs.
type Mapping struct {
	Objects []Object
	// MarketoID and SalesforceID are the fields that carry the other side's id; empty where the side lacks one.
	MarketoID    string
	SalesforceID string
	// GoneInMarketo and GoneInSalesforce are the fields that say that a record's twin on the other side was deleted; empty where the
	// side lacks one.
	GoneInMarketo    string `json:",omitempty"`
	GoneInSalesforce string `json:",omitempty"`
	// Known are the names of all fields that a side last showed, by its object: what is not among them is new.
	Known map[record.Object][]string
	// Notices are what changed on either side and may matter, the oldest first.
	Notices []Notice
	// Missing names fields of the standard mapping that a side does not show, as "Lead.Segment__c" or "Person.segment".
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

// Numbers are the names of a person's mapped fields in Marketo, by the numbers by which its activities name them: also of those that it
// does not show any more.
func (m Mapping) Numbers() map[int64]string {
	names := map[int64]string{}
	for _, o := range m.Objects {
		for _, f := range o.everything() {
			if id := f.entry().Marketo.ID; id != 0 {
				names[int64(id)] = f.Marketo
			}
		}
	}
	return names
}

// Travelling is the mapping without the objects of which nothing travels now: what a cycle goes by.
func (m Mapping) Travelling() Mapping {
	m.Objects = slices.DeleteFunc(slices.Clone(m.Objects), func(o Object) bool { return len(o.Fields) == 0 })
	return m
}

// Resumed are the objects of which something travels, or travels further, that did not in an earlier mapping and yet was in it:
// what changed meanwhile was not read.
func (m Mapping) Resumed(earlier Mapping) []record.Object {
	var objects []record.Object
	for _, o := range m.Objects {
		was, _ := earlier.Object(o.Name)
		if slices.ContainsFunc(o.Fields, func(f Field) bool {
			before, known := was.Numbered(f.Number)
			return known && (before.entry().State != Travels || f.Direction != before.Direction && before.Direction != Both)
		}) {
			objects = append(objects, o.Name)
		}
	}
	return objects
}

// Of gives the mapping that fills an object of Marketo other than a person; ok is false when none does.
func (m Mapping) Of(twin record.Object) (Object, bool) {
	for _, o := range m.Objects {
		if o.Twin == twin && !o.Name.IsPerson() {
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
		if o.Twin != record.Person {
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
