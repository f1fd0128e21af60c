// Package filter is the sync filter: the rule, written as a sentence, that says which records take part.
//
//	lead where Do_Not_Sync_to_Marketo is not true and Email is filled and Country in ("NL", "BE")
//
// A text and a Catalog of what the org has flow in; a Filter flows out, which can be written again (Format), said in
// English (English), asked of Salesforce (SOQL), and decided here (Compile). The last two agree on every record. The
// package is pure: the moment that "today" means is handed in.
package filter

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
)

// Filter is a set of sentences. A record takes part when every sentence about its object holds; an object without a
// sentence takes part whole. The zero Filter lets everything pass.
type Filter struct {
	Sentences []Sentence
	Leaving   Leaving
	// Mark is the checkbox of a person in Marketo that is ticked for whom leaves, of a Leaving that is Mark.
	Mark Ref
}

// MarkField is the API name of Mark, empty where nobody is marked.
func (f Filter) MarkField() string { return f.Mark.Of[record.Person].Name }

// Sentence is one rule: about which objects, and what must hold. Bare is true where no object was named, which means
// leads and contacts alike.
type Sentence struct {
	Objects []record.Object
	Bare    bool
	Where   Expr
}

// Leaving says what becomes of a linked pair whose record no longer passes.
type Leaving uint8

// The ways to leave. The zero one keeps the link and lets nothing travel until the record passes again.
const (
	Freeze Leaving = iota
	// Unlink ends the pair; both records stay as they are.
	Unlink
	// Mark is Freeze, and ticks a checkbox of the person in Marketo until the record passes again.
	Mark
)

// String is the word that a filter's text uses.
func (l Leaving) String() string {
	return [...]string{"frozen", "unlinked", "marked"}[l]
}

// Expr is a condition: *All, *Any, *Not or *Test.
type Expr interface{ expr() }

// All holds when each of its two or more terms does.
type All struct{ Terms []Expr }

// Any holds when one of its two or more terms does.
type Any struct{ Terms []Expr }

// Not holds when its term does not.
type Not struct{ Term Expr }

// Test looks at one field.
type Test struct {
	Field   Ref
	Op      Op
	Negated bool
	Values  []Value // of Filled none, of In and Includes one or more, else one
}

func (*All) expr()  {}
func (*Any) expr()  {}
func (*Not) expr()  {}
func (*Test) expr() {}

// Op is what a Test asks of a field. A blank field satisfies none of them, hence each of their opposites. A checkbox
// is never blank.
type Op uint8

// The operators. Less and those after it take dates and numbers; only dates know Within and Ahead.
const (
	Filled Op = iota + 1
	Equal
	In
	Contains
	StartsWith
	EndsWith
	// Includes asks a multi-select picklist for one of the values; "a;b" in a value asks for both.
	Includes
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	// Within reaches from a stretch of time ago to the end of today, Ahead from now to a stretch of time on.
	Within
	Ahead
)

// Ref is a field as a sentence names it.
type Ref struct {
	// Written is the path as it stands in the text, without quotes: "account", "Industry".
	Written []string
	// Of is what it means on each object of the sentence.
	Of map[record.Object]Column
}

// Column is a field of one object, or of a record that it points at.
type Column struct {
	// Name is the path by API names, as a query asks for it: Account.Industry.
	Name  string
	Label string
	Field Field
	// Via is the reference that leads to the related record, empty for a field of the object itself; To is the object there.
	Via string
	To  record.Object
}

// column is the way in which the column is read from Salesforce.
func (c Column) column() record.Column {
	return record.Column{Name: c.Name, Type: record.Type{Kind: c.Field.Kind, Scale: c.Field.Scale}}
}

// On is what holds for an object: the conditions of all sentences about it; nil when there is none.
func (f Filter) On(object record.Object) Expr {
	var terms []Expr
	for _, s := range f.Sentences {
		if slices.Contains(s.Objects, object) {
			terms = append(terms, s.Where)
		}
	}
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return &All{terms}
}

// Objects are those that a sentence is about, in the order of the text.
func (f Filter) Objects() []record.Object {
	var objects []record.Object
	for _, s := range f.Sentences {
		for _, o := range s.Objects {
			if !slices.Contains(objects, o) {
				objects = append(objects, o)
			}
		}
	}
	return objects
}

// Place is the number of a part within a condition, Part the part of that number, nil where there is none. They let a part be named
// where its text must not be.
func Place(e, part Expr) int {
	for n := 0; ; n++ {
		switch Part(e, n) {
		case part:
			return n
		case nil:
			return -1
		}
	}
}

// Part is the part of a condition that Place numbered; 0 is the whole.
func Part(e Expr, n int) Expr {
	var found Expr
	var walk func(Expr)
	walk = func(e Expr) {
		if n == 0 {
			found = e
		}
		n--
		switch e := e.(type) {
		case *All:
			for _, t := range e.Terms {
				walk(t)
			}
		case *Any:
			for _, t := range e.Terms {
				walk(t)
			}
		case *Not:
			walk(e.Term)
		}
	}
	if e != nil {
		walk(e)
	}
	return found
}

// Tests are the tests of a condition, in the order of the text.
func Tests(e Expr) []*Test {
	switch e := e.(type) {
	case *All:
		return testsOf(e.Terms)
	case *Any:
		return testsOf(e.Terms)
	case *Not:
		return Tests(e.Term)
	case *Test:
		return []*Test{e}
	}
	return nil
}

func testsOf(terms []Expr) (tests []*Test) {
	for _, t := range terms {
		tests = append(tests, Tests(t)...)
	}
	return tests
}
