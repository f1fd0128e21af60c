package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Advice is what is worth knowing of a filter before it is set, one sentence each. It repeats values of picklists that nobody can
// choose: they were typed by the reader.
func Advice(f Filter, catalog Catalog) []string {
	var advice []string
	say := func(text string) {
		if !slices.Contains(advice, text) {
			advice = append(advice, text)
		}
	}
	for _, object := range f.Objects() {
		o, _ := catalog.Object(object)
		e := f.On(object)
		for _, t := range Tests(e) {
			c := t.Field.Of[object]
			if c.Field.Formula {
				say(c.Name + " on " + plural(o) + " is a formula: Salesforce changes its value without telling that the record changed. Everybody is looked at for it once a day, which costs a call for 2,000 records; until then it is seen only when something else on the record changes.")
			}
			if c.Field.Kind == record.Picklist || c.Field.Kind == record.MultiPicklist {
				for _, v := range t.Values {
					for _, part := range strings.Split(v.Text, ";") {
						if len(c.Field.Picklist) > 0 && (t.Op == Equal || t.Op == In || t.Op == Includes) && !containsFold(c.Field.Picklist, part) {
							say(c.Name + " on " + plural(o) + " offers no value “" + part + "”" + meant(part, c.Field.Picklist))
						}
					}
				}
			}
		}
		if !Indexed(e, object) {
			say(NoIndex(object, catalog))
		}
	}
	return advice
}

// NoIndex is the advice that Salesforce finds those who pass without an index.
func NoIndex(object record.Object, catalog Catalog) string {
	o, _ := catalog.Object(object)
	return "Salesforce can use no index to find the " + plural(o) + " that pass: it looks through all of them. Doppio asks so only when the filter is set or tested, not in its cycles."
}

func containsFold(values []string, s string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, s) })
}

func meant(word string, names []string) string {
	if near := closest(word, names); len(near) > 0 {
		return "; did you mean “" + near[0] + "”?"
	}
	return "."
}

// Indexed reports whether Salesforce can find the records that fit by an index: one term that must hold asks an indexed field for
// something that is there (Salesforce: query and search optimization cheat sheet). Whether it does depends on how many fit.
func Indexed(e Expr, object record.Object) bool {
	switch e := e.(type) {
	case *All:
		return slices.ContainsFunc(e.Terms, func(t Expr) bool { return Indexed(t, object) })
	case *Any:
		return !slices.ContainsFunc(e.Terms, func(t Expr) bool { return !Indexed(t, object) })
	case *Test:
		c := e.Field.Of[object]
		return c.Via == "" && c.Field.Indexed && !e.Negated && e.Op != Filled && e.Op != Contains && e.Op != EndsWith && e.Op != Includes
	}
	return false
}

// Used is the part of a catalog that a filter speaks of: enough to read it again.
func Used(f Filter, catalog Catalog) Catalog {
	wanted := map[record.Object]map[string]bool{}
	want := func(object record.Object, names ...string) {
		if wanted[object] == nil {
			wanted[object] = map[string]bool{}
		}
		for _, n := range names {
			wanted[object][n] = true
		}
	}
	for _, object := range f.Objects() {
		want(object)
		for _, t := range Tests(f.On(object)) {
			if c := t.Field.Of[object]; c.Via != "" {
				want(object, c.Via)
				want(c.To, c.Field.Name)
			} else {
				want(object, c.Field.Name)
			}
		}
	}
	if f.Leaving == Mark {
		want(record.Person, f.Mark.Of[record.Person].Field.Name)
	}
	var used Catalog
	for _, o := range catalog {
		if names := wanted[o.Name]; names != nil {
			o.Fields = slices.DeleteFunc(slices.Clone(o.Fields), func(f Field) bool { return !names[f.Name] })
			used = append(used, o)
		}
	}
	return used
}
