package schema

import (
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Suggest makes the standard mapping, as far as both sides have its fields. An object that a side does not show is left out.
func Suggest(described Schemas) Mapping { return Begin(described, time.Time{}) }

// Begin makes the mapping of a new workspace: the standard one, as far as both sides have its fields.
func Begin(described Schemas, now time.Time) Mapping { return Mapping{}.Refresh(described, now) }

// Refresh holds a mapping against what both sides describe now. A field that a side no longer shows or takes is set aside; one
// that is back goes on. Of the fields that are not mapped only those of the standard mapping are added, and those only
// with an object that was not mapped before.
func (m Mapping) Refresh(described Schemas, now time.Time) Mapping {
	out := Mapping{}
	missing := map[string]bool{}
	for _, t := range twins {
		salesforce, marketo := described.index(t.name), described.index(t.twin)
		object, mapped := m.Object(t.name)
		object.Name, object.Twin, object.Key = t.name, t.twin, t.key
		if len(salesforce) == 0 || len(marketo) == 0 {
			if mapped { // hidden for the moment: nothing of it travels, all of it is kept
				out.Objects = append(out.Objects, object.setAside())
			}
			continue
		}
		wished := object.everything()
		if !mapped {
			wished = begin(t.name, now)
		}
		object.Fields, object.Aside = nil, nil
		for _, f := range wished {
			object.place(f.refers(t.name).resolve(salesforce, marketo))
		}
		for _, p := range standard[t.name] {
			if _, ok := salesforce.find(p.salesforce); !ok {
				missing[fmt.Sprintf("%s.%s", t.name, p.salesforce)] = true
			}
			if _, ok := marketo.find(p.marketo); !ok {
				missing[fmt.Sprintf("%s.%s", t.twin, p.marketo)] = true
			}
		}
		out.Objects = append(out.Objects, object)
	}
	_, onLead := described.index(record.Lead).find(MarketoIDField)
	_, onContact := described.index(record.Contact).find(MarketoIDField)
	if onLead && onContact {
		out.MarketoID = MarketoIDField
	}
	if _, ok := described.index(record.Person).find(SalesforceIDField); ok {
		out.SalesforceID = SalesforceIDField
	}
	for name := range missing {
		out.Missing = append(out.Missing, name)
	}
	slices.Sort(out.Missing)
	return out
}

// begin are an object's fields of the standard mapping, before anybody looked which of them there are.
func begin(name record.Object, now time.Time) []Field {
	fields := make([]Field, len(standard[name]))
	for number, p := range standard[name] {
		fields[number] = Field{
			Number: uint16(number), Salesforce: p.salesforce, Marketo: p.marketo, Type: record.Type{Kind: p.kind}, Direction: p.direction, Consent: p.consent,
			Entry: &Entry{Wished: p.direction, Since: now},
		}
	}
	return fields
}

// refers is the field with what the standard mapping knows of the record that it names.
func (f Field) refers(object record.Object) Field {
	for _, p := range standard[object] {
		if p.salesforce == f.Salesforce && p.marketo == f.Marketo {
			r := references[object][p.salesforce]
			f.To, f.Needed, f.Key, f.Blank = r.to, r.needed, r.key, r.blank
		}
	}
	return f
}

// everything are the fields of an object, travelling or not, removed ones included, by number.
func (o Object) everything() []Field {
	all := append(slices.Clone(o.Fields), o.Aside...)
	sortFields(all)
	return all
}

// setAside is the object with none of its fields travelling.
func (o Object) setAside() Object {
	for _, f := range o.Fields {
		e := f.entry()
		e.State = Gone
		f.Entry = &e
		o.Aside = append(o.Aside, f)
	}
	sortFields(o.Aside)
	o.Fields = nil
	return o
}

// place adds a field, in the order of numbers, to those that travel or to those that do not. One that both sides never
// showed together has never been agreed upon: nothing is to be kept of it.
func (o *Object) place(f Field) {
	switch e := f.entry(); {
	case e.State == Travels:
		o.Fields = append(o.Fields, f)
	case e.Salesforce.Name != "" && e.Marketo.Name != "":
		o.Aside = append(o.Aside, f)
	}
}

// resolve looks a field up on both sides: its spelling, its type, where it may travel.
func (f Field) resolve(salesforce, marketo index) Field {
	e := f.entry()
	if e.State == Removed {
		return f
	}
	s, onSalesforce := salesforce.find(f.Salesforce)
	k, onMarketo := marketo.find(f.Marketo)
	e.State = Travels
	switch {
	case !onSalesforce || !onMarketo:
		e.State = Gone
	default:
		e.Salesforce, e.Marketo = s, k
		f.Salesforce, f.Marketo = s.Name, k.Name
		f.Type = join(f.Type.Kind, s, k)
		if f.Direction = narrow(e.Wished, s.Writable, k.Writable || f.Key); f.Direction == 0 {
			f.Direction, e.State = e.Wished, ReadOnly
		}
	}
	f.Entry = &e
	return f
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
