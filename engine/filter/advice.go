package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Note is one thing that is worth knowing of a filter before it is set.
type Note struct {
	About NoteAbout
	// Object is what the object's records are called within a sentence.
	Object string
	// Field is the API name of the field, Value what the filter asks of it and nobody can choose, Meant what may have been meant. They
	// repeat what the reader typed.
	Field, Value, Meant string
}

// NoteAbout is what a note is about.
type NoteAbout uint8

// What there is to note.
const (
	FormulaNote NoteAbout = iota + 1 // Salesforce changes the field's value without telling that the record changed
	ValueNote                        // the field's picklist does not offer the value
	IndexNote                        // Salesforce finds those who pass without an index
)

// String is the note as a sentence.
func (n Note) String() string {
	switch n.About {
	case FormulaNote:
		return n.Field + " on " + n.Object + " is a formula: Salesforce changes its value without telling that the record changed. Everybody is looked at for it once a day, which costs a call for 2,000 records; until then it is seen only when something else on the record changes."
	case ValueNote:
		if n.Meant != "" {
			return n.Field + " on " + n.Object + " offers no value “" + n.Value + "”; did you mean “" + n.Meant + "”?"
		}
		return n.Field + " on " + n.Object + " offers no value “" + n.Value + "”."
	}
	return "Salesforce can use no index to find the " + n.Object + " that pass: it looks through all of them. Doppio asks so only when the filter is set or tested, not in its cycles."
}

// Notes are what is worth knowing of a filter before it is set.
func Notes(f Filter, catalog Catalog) []Note {
	var notes []Note
	say := func(n Note) {
		if !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}
	for _, object := range f.Objects() {
		o, _ := catalog.Object(object)
		e := f.On(object)
		for _, t := range Tests(e) {
			c := t.Field.Of[object]
			if c.Field.Formula {
				say(Note{About: FormulaNote, Object: plural(o), Field: c.Name})
			}
			if !(c.Field.Kind == record.Picklist || c.Field.Kind == record.MultiPicklist) || len(c.Field.Picklist) == 0 || t.Op != Equal && t.Op != In && t.Op != Includes {
				continue
			}
			for _, v := range t.Values {
				for _, part := range strings.Split(v.Text, ";") {
					if !containsFold(c.Field.Picklist, part) {
						n := Note{About: ValueNote, Object: plural(o), Field: c.Name, Value: part}
						if near := closest(part, c.Field.Picklist); len(near) > 0 {
							n.Meant = near[0]
						}
						say(n)
					}
				}
			}
		}
		if !Indexed(e, object) {
			say(NoIndex(object, catalog))
		}
	}
	return notes
}

// Advice is Notes as sentences.
func Advice(f Filter, catalog Catalog) []string {
	var advice []string
	for _, n := range Notes(f, catalog) {
		advice = append(advice, n.String())
	}
	return advice
}

// NoIndex is the note that Salesforce finds those who pass without an index.
func NoIndex(object record.Object, catalog Catalog) Note {
	o, _ := catalog.Object(object)
	return Note{About: IndexNote, Object: plural(o)}
}

func containsFold(values []string, s string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, s) })
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
