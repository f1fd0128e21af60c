package schema

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Begin makes the mapping of a new workspace: the standard one, as far as both sides have its fields. An object that a side does
// not show is left out.
func Begin(described Schemas, now time.Time) Mapping { return Mapping{}.Refresh(described, now) }

// Refresh holds a mapping against what both sides describe now. A field that a side no longer shows or takes is set aside; one
// that is back goes on where it stopped; what changed is noted. Of fields that are not mapped only those of the standard
// mapping are added, and those only with an object that was not mapped before.
func (m Mapping) Refresh(described Schemas, now time.Time) Mapping {
	out := Mapping{Known: map[record.Object][]string{}}
	log := &noticing{now: now}
	missing := map[string]bool{}
	all := m.twins(described)
	for _, t := range all {
		object, mapped := m.Object(t.name)
		object.Name, object.Twin, object.Key = t.name, t.twin, t.key
		if len(described[t.name]) == 0 || len(described[t.twin]) == 0 {
			if mapped { // hidden for the moment: nothing of it travels, all of it is kept
				out.Objects = append(out.Objects, object.setAside(log))
			}
			continue
		}
		wished := object.everything()
		switch {
		case !mapped && IsCustom(t.name):
			wished = m.beginCustom(all, t, described, now)
		case !mapped:
			wished = begin(t, described, now)
		}
		object.Fields, object.Aside = nil, nil
		for _, f := range wished {
			is := f.refers(t.name).resolve(t, described)
			is = is.hangs(all, t, is.entry().Salesforce, is.entry().Marketo)
			log.field(object, f, is)
			object.place(is)
		}
		for _, p := range standard[t.name] {
			if _, ok := described.find(t.name, p.salesforce); !ok {
				missing[fmt.Sprintf("%s.%s", t.name, p.salesforce)] = true
			}
			if _, ok := described.find(t.twin, p.marketo); !ok {
				missing[fmt.Sprintf("%s.%s", t.twin, p.marketo)] = true
			}
		}
		out.Objects = append(out.Objects, object)
	}
	_, onLead := described.find(record.Lead, MarketoIDField)
	_, onContact := described.find(record.Contact, MarketoIDField)
	if onLead && onContact {
		out.MarketoID = MarketoIDField
	}
	if _, ok := described.find(record.Person, SalesforceIDField); ok {
		out.SalesforceID = SalesforceIDField
	}
	_, onLead = described.find(record.Lead, GoneInMarketoField)
	_, onContact = described.find(record.Contact, GoneInMarketoField)
	if onLead && onContact {
		out.GoneInMarketo = GoneInMarketoField
	}
	if _, ok := described.find(record.Person, GoneInSalesforceField); ok {
		out.GoneInSalesforce = GoneInSalesforceField
	}
	out.Missing = slices.Sorted(maps.Keys(missing))
	log.appeared(m.Known, described, out)
	maps.Copy(out.Known, m.Known) // what an object that is hidden now has shown is remembered
	for object, fields := range described {
		out.Known[object] = names(fields)
	}
	log.leadOnly(out, m.Notices)
	out.Notices = log.after(m.Notices, out)
	return out
}

func names(fields []Described) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

// begin are an object's fields of the standard mapping that both sides have, in types that fit each other.
func begin(t twin, described Schemas, now time.Time) []Field {
	var fields []Field
	for number, p := range standard[t.name] {
		s, onSalesforce := described.find(t.name, p.salesforce)
		k, onMarketo := described.find(t.twin, p.marketo)
		kind, _ := Fit(s, k)
		if refers := references[t.name][p.salesforce].to != ""; refers || kind != 0 && family(kind) == family(p.kind) {
			kind = p.kind
		}
		if !onSalesforce || !onMarketo || kind == 0 {
			continue
		}
		fields = append(fields, Field{
			Number: uint16(number), Salesforce: p.salesforce, Marketo: p.marketo, Type: record.Type{Kind: kind}, Direction: p.direction, Consent: p.consent,
			Entry: &Entry{Wished: p.direction, Since: now, Nightly: s.Calculated, Salesforce: s, Marketo: k},
		})
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

// fit is Fit for this field: of one that names a record, what that is known by on the other side is written, whatever its type.
func (f Field) fit(s, k Described) (record.Kind, Said) {
	if f.To != "" {
		return record.Reference, Said{}
	}
	return fits(s, k)
}

// everything are the fields of an object, travelling or not, removed ones included, by number.
func (o Object) everything() []Field {
	all := append(slices.Clone(o.Fields), o.Aside...)
	sortFields(all)
	return all
}

// setAside is the object with none of its fields travelling.
func (o Object) setAside(log *noticing) Object {
	for _, f := range o.Fields {
		e := f.entry()
		e.State = Gone
		is := f
		is.Entry = &e
		log.field(o, f, is)
		o.Aside = append(slices.Clone(o.Aside), is)
	}
	sortFields(o.Aside)
	o.Fields = nil
	return o
}

// place adds a field, in the order of numbers, to those that travel or to those that do not.
func (o *Object) place(f Field) {
	if f.entry().State == Travels {
		o.Fields = append(o.Fields, f)
	} else {
		o.Aside = append(o.Aside, f)
	}
}

// resolve looks a field up on both sides: its spelling, its type, where it may travel. What it was when its values were last
// agreed upon stays in its entry as long as it does not travel.
func (f Field) resolve(t twin, described Schemas) Field {
	e := f.entry()
	if e.State == Removed {
		return f
	}
	s, onSalesforce := described.find(t.name, f.Salesforce)
	k, onMarketo := described.find(t.twin, f.Marketo)
	k.Writable = k.Writable || f.Key // a key is given with every record
	kind, _ := f.fit(s, k)
	retyped := e.Salesforce.Type != s.Type || e.Marketo.Type != k.Type
	switch direction := reach(e.Wished, s, k); {
	case !onSalesforce || !onMarketo:
		e.State = Gone
	case kind == 0 || retyped && family(kind) != family(f.Type.Kind):
		e.State = Retyped
	case direction == 0:
		e.State = ReadOnly
	default:
		if retyped {
			f.Type.Kind = kind
		}
		f.Salesforce, f.Marketo, f.Type, f.Direction = s.Name, k.Name, join(f.Type.Kind, s, k), direction
		e.State, e.Salesforce, e.Marketo = Travels, s, k
	}
	f.Entry = &e
	return f
}
