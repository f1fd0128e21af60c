package filter

import (
	"strings"
	"unicode"

	"github.com/doppio-sync/doppio/engine/record"
)

// Format writes a filter as a text that Parse reads back into the same filter. Fields are named as they were written.
func Format(f Filter) string { return RowsOf(f).Text() }

// Canonical is Format with fields named by their API names: it still means the same after a label was changed.
func Canonical(f Filter) string { return rowsOf(f, byName).Text() }

// FormatExpr writes a condition alone.
func FormatExpr(e Expr) string { return NodeOf(e).Text() }

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

// objectWord is how a sentence names an object: standard ones in small letters, as people write them.
func objectWord(o record.Object) string {
	switch o {
	case record.Lead, record.Contact, record.Account, "Opportunity", "Campaign":
		return strings.ToLower(string(o))
	}
	return string(o)
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
