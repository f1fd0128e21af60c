package filter

import (
	"strings"
	"unicode"

	"github.com/doppio-sync/doppio/engine/record"
)

// Format writes a filter as a text that Parse reads back into the same filter. Fields are named as they were written.
func Format(f Filter) string { return writer{written}.filter(f) }

// Canonical is Format with fields named by their API names: it still means the same after a label was changed.
func Canonical(f Filter) string { return writer{byName}.filter(f) }

// FormatExpr writes a condition alone.
func FormatExpr(e Expr) string { return writer{written}.expr(e, 0) }

// writer writes filters; field says how fields are named.
type writer struct{ field func(*Test) string }

func written(t *Test) string {
	if len(t.Field.Written) == 1 && strings.EqualFold(t.Field.Written[0], "record type") {
		return "record type"
	}
	parts := make([]string, len(t.Field.Written))
	for i, part := range t.Field.Written {
		parts[i] = name(part)
	}
	return strings.Join(parts, ".")
}

func byName(t *Test) string {
	names := map[string]bool{}
	for _, c := range t.Field.Of {
		names[c.Name] = true
	}
	if len(names) != 1 { // fields of different names under one label
		return written(t)
	}
	for n := range names {
		return n
	}
	return written(t)
}

func (w writer) filter(f Filter) string {
	var lines []string
	for _, s := range f.Sentences {
		line := w.expr(s.Where, 0)
		if !s.Bare {
			var objects []string
			for _, o := range s.Objects {
				objects = append(objects, name(objectWord(o)))
			}
			line = strings.Join(objects, ", ") + " where " + line
		}
		lines = append(lines, line)
	}
	switch f.Leaving {
	case Unlink:
		lines = append(lines, "who leaves is unlinked")
	case Mark:
		lines = append(lines, "who leaves is marked in "+w.field(&Test{Field: f.Mark}))
	}
	return strings.Join(lines, "\n")
}

// objectWord is how a sentence names an object: standard ones in small letters, as people write them.
func objectWord(o record.Object) string {
	switch o {
	case record.Lead, record.Contact, record.Account, "Opportunity", "Campaign":
		return strings.ToLower(string(o))
	}
	return string(o)
}

// expr writes a condition. Brackets stand where they must, and around an "and" within an "or", for the reader: outer is
// 0 at the top, 1 within an "or", 2 within an "and", 3 after a "not".
func (w writer) expr(e Expr, outer int) string {
	var s string
	switch e := e.(type) {
	case *All:
		s = w.terms(e.Terms, " and ", 2)
	case *Any:
		s = w.terms(e.Terms, " or ", 1)
	case *Not:
		return "not " + w.expr(e.Term, 3)
	case *Test:
		return w.test(e)
	}
	if outer > 0 {
		return "(" + s + ")"
	}
	return s
}

func (w writer) terms(terms []Expr, between string, level int) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = w.expr(t, level)
	}
	return strings.Join(parts, between)
}

func (w writer) test(t *Test) string {
	field := w.field(t)
	not := func(positive, negative string) string {
		if t.Negated {
			return field + " " + negative
		}
		return field + " " + positive
	}
	dates := familyOf(t.kind()) == temporal
	switch t.Op {
	case Filled:
		return not("is filled", "is blank")
	case In:
		return not("in ", "not in ") + list(t.Values)
	case Contains:
		return not("contains ", "does not contain ") + value(t.Values[0])
	case StartsWith:
		return not("starts with ", "does not start with ") + value(t.Values[0])
	case EndsWith:
		return not("ends with ", "does not end with ") + value(t.Values[0])
	case Includes:
		return not("includes ", "excludes ") + list(t.Values)
	case Within:
		return not("within ", "not within ") + t.Values[0].span()
	case Ahead:
		return not("in the next ", "not in the next ") + t.Values[0].span()
	case Equal:
		switch {
		case dates:
			return not("on ", "not on ") + value(t.Values[0])
		case t.Values[0].Form == Number:
			return not("= ", "!= ") + value(t.Values[0])
		case t.Values[0].Form == True && activeOwner(t) && !strings.Contains(field, "."):
			return not("is active", "is not active")
		}
		return not("is ", "is not ") + value(t.Values[0])
	}
	if t.Values[0].Form == Stretch {
		return field + map[Op]string{Less: " older than ", GreaterOrEqual: " newer than "}[t.Op] + t.Values[0].span()
	}
	words := map[Op]string{Less: " < ", LessOrEqual: " <= ", Greater: " > ", GreaterOrEqual: " >= "}
	if dates {
		words = map[Op]string{Less: " before ", LessOrEqual: " on or before ", Greater: " after ", GreaterOrEqual: " on or after "}
	}
	return field + words[t.Op] + value(t.Values[0])
}

// activeOwner tells that a test asks whether a related record is active.
func activeOwner(t *Test) bool {
	for _, c := range t.Field.Of {
		if c.Via == "" || c.Field.Name != isActive {
			return false
		}
	}
	return true
}

func list(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = value(v)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func value(v Value) string {
	switch v.Form {
	case True:
		return "true"
	case Words:
		return quote(v.Text)
	case Ago:
		switch {
		case v.N == 0:
			return "today"
		case v.N == 1 && v.Unit == Days:
			return "yesterday"
		}
		return v.span() + " ago"
	case On:
		if v.N == 1 && v.Unit == Days {
			return "tomorrow"
		}
		return v.span() + " from now"
	}
	return v.Text
}

// quote writes a text so that it is read back as it is, whatever quotation marks are in it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r == '\\' || strings.ContainsRune(`"”“`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// name writes the name of a field or an object, in quotes where it is not one plain word.
func name(s string) string {
	plain := s != "" && !reserved(s)
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return quote(s)
}
