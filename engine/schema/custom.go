package schema

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Custom objects have their twins by name: Plan_Item__c and planItem_c are the same thing. A twin is known by one field of its own
// that holds the Salesforce id, and hangs on a person, a company or another twin by a field to which a lookup leads.

// IsCustom tells custom objects, of either side.
func IsCustom(o record.Object) bool { return strings.HasSuffix(string(o), "_c") }

// CustomTwins finds the custom objects of Salesforce that have a twin in Marketo by name, in the order of their names, with the twins.
func CustomTwins(salesforce, marketo []record.Object) (names, twins []record.Object) {
	by := map[string]record.Object{}
	for _, o := range marketo {
		if IsCustom(o) && o.Side() == record.Marketo {
			by[essence(o)] = o
		}
	}
	for _, o := range slices.Sorted(slices.Values(salesforce)) {
		if twin, ok := by[essence(o)]; ok && IsCustom(o) && o.Side() == record.Salesforce {
			delete(by, essence(o)) // of two that are spelt alike, the first
			names, twins = append(names, o), append(twins, twin)
		}
	}
	return names, twins
}

// essence is an object's name without what only tells that it is custom, or to which package it belongs.
func essence(o record.Object) string {
	name := strings.ToLower(string(o))
	name = strings.TrimSuffix(strings.TrimSuffix(name, "__c"), "_c")
	if i := strings.LastIndex(name, "__"); i >= 0 {
		name = name[i+2:]
	}
	return strings.ReplaceAll(name, "_", "")
}

// twins are the objects that can be mapped: the standard ones, then the custom ones that are described or were mapped, those first on
// which others hang.
func (m Mapping) twins(described Schemas) []twin {
	all := slices.Clone(twins)
	var customs []twin
	var salesforce, marketo []record.Object
	for o := range described {
		if o.Side() == record.Salesforce {
			salesforce = append(salesforce, o)
		} else {
			marketo = append(marketo, o)
		}
	}
	names, found := CustomTwins(salesforce, marketo)
	for i, name := range names {
		if key := keyOf(described[found[i]]); key != "" {
			customs = append(customs, twin{name, found[i], key})
		}
	}
	for _, o := range m.Objects {
		if IsCustom(o.Name) && !slices.ContainsFunc(customs, func(t twin) bool { return t.name == o.Name }) {
			customs = append(customs, twin{o.Name, o.Twin, o.Key})
		}
	}
	slices.SortStableFunc(customs, func(a, b twin) int {
		return cmp.Or(cmp.Compare(depth(a.twin, described, 0), depth(b.twin, described, 0)), cmp.Compare(a.name, b.name))
	})
	for _, t := range customs {
		if _, mapped := m.Object(t.name); mapped || anchored(append(all, customs...), t, described) {
			all = append(all, t)
		}
	}
	return all
}

// Twins are the objects that can be mapped, each with its twin in Marketo, in the order in which they are: those that both sides describe or
// that were mapped.
func (m Mapping) Twins(described Schemas) (pairs [][2]record.Object) {
	for _, t := range m.twins(described) {
		if _, mapped := m.Object(t.name); mapped || len(described[t.name]) > 0 && len(described[t.twin]) > 0 {
			pairs = append(pairs, [2]record.Object{t.name, t.twin})
		}
	}
	return pairs
}

// keyOf is the one field by which the records of a custom object are known, empty where it is not an id.
func keyOf(fields []Described) string {
	key := ""
	for _, f := range fields {
		if f.Key {
			if key != "" || !salesforceID(f.Name) {
				return ""
			}
			key = f.Name
		}
	}
	return key
}

// salesforceID reports whether a field is made for the id of a Salesforce record, by its name.
func salesforceID(name string) bool {
	return slices.Contains([]string{"salesforceid", "sfdcid", "crmid", "externalid"}, strings.ReplaceAll(strings.ToLower(name), "_", ""))
}

// deepest bounds how far down objects may hang on each other.
const deepest = 5

// depth is how far an object hangs below people and companies.
func depth(o record.Object, described Schemas, sofar int) int {
	deep := 0
	for _, f := range described[o] {
		if IsCustom(f.LinksTo) && sofar < deepest {
			deep = max(deep, 1+depth(f.LinksTo, described, sofar+1))
		}
	}
	return deep
}

// anchored reports whether a lookup leads to what a twin hangs on.
func anchored(all []twin, t twin, described Schemas) bool {
	for _, k := range described[t.twin] {
		for _, s := range described[t.name] {
			if leadsTo(all, s, k) != "" {
				return true
			}
		}
	}
	return false
}

// leadsTo is the object of Salesforce that a lookup names, when its twin is what a field of Marketo hangs on; else empty.
func leadsTo(all []twin, s, k Described) record.Object {
	for _, o := range s.ReferenceTo {
		for _, t := range all {
			if t.name == o && k.LinksTo != "" && t.twin == k.LinksTo {
				return o
			}
		}
	}
	return ""
}

// hangs is the field with the record that it names, where both sides say so.
func (f Field) hangs(all []twin, t twin, s, k Described) Field {
	if to := leadsTo(all, s, k); IsCustom(t.name) && to != "" {
		f.To, f.Needed = to, true
	}
	return f
}

// beginCustom are the first fields of a custom object: what its twin hangs on, and the pairs that are surely the same.
func (m Mapping) beginCustom(all []twin, t twin, described Schemas, now time.Time) []Field {
	var fields []Field
	add := func(f Field) {
		e := f.entry()
		e.Since = now
		f.Number, f.Entry = uint16(len(fields)), &e
		fields = append(fields, f)
	}
	linked := map[string]bool{}
	for _, k := range described[t.twin] {
		for _, s := range described[t.name] {
			if leadsTo(all, s, k) == "" {
				continue
			}
			linked[k.Name] = true
			f := Field{
				Salesforce: s.Name, Marketo: k.Name, Direction: ToMarketo, Type: record.Type{Kind: record.Reference},
				Entry: &Entry{Wished: ToMarketo, Salesforce: s, Marketo: k},
			}
			add(f.hangs(all, t, s, k))
		}
	}
	for _, s := range m.suggestions(t, described) {
		if s.Confidence == Sure && !linked[s.Marketo.Name] {
			add(s.Field())
		}
	}
	return fields
}
