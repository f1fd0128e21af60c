package filter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Rule is a condition made ready for the records of one object. It is safe for concurrent use.
type Rule struct {
	columns []record.Column
	root    check
	expr    Expr
}

// check decides one condition by a record's columns, and tells the part of it that decided.
type check func(values []record.Value) (holds bool, by Expr)

// Compile makes a condition ready for records of an object: nil for no condition, which every record passes. Days count
// by the clock.
func Compile(e Expr, object record.Object, clock Clock) *Rule {
	if e == nil {
		return nil
	}
	r := &Rule{expr: e}
	r.root = r.compile(e, object, clock)
	return r
}

// Columns are what must be read of a record for the rule, in the order in which Passes wants the values.
func (r *Rule) Columns() []record.Column {
	if r == nil {
		return nil
	}
	return r.columns
}

// Passes decides. values stand in the order of Columns.
func (r *Rule) Passes(values []record.Value) bool {
	if r == nil {
		return true
	}
	holds, _ := r.root(values)
	return holds
}

// Why is Passes with the condition that decided: of several that had to hold the first that did not, of several of which
// one would have done the first that held. It is the whole where no part decides alone.
func (r *Rule) Why(values []record.Value) (bool, Expr) {
	if r == nil {
		return true, nil
	}
	return r.root(values)
}

func (r *Rule) compile(e Expr, object record.Object, clock Clock) check {
	switch e := e.(type) {
	case *Not:
		term := r.compile(e.Term, object, clock)
		return func(values []record.Value) (bool, Expr) {
			holds, by := term(values)
			if by == e.Term {
				by = e
			}
			return !holds, by
		}
	case *Test:
		c := e.Field.Of[object]
		at := slices.IndexFunc(r.columns, func(other record.Column) bool { return other.Name == c.Name })
		if at < 0 {
			at = len(r.columns)
			r.columns = append(r.columns, c.column())
		}
		holds := predicate(e, c.Field.Kind, clock)
		return func(values []record.Value) (bool, Expr) { return holds(values[at].Text()) != e.Negated, e }
	case *All:
		return r.terms(e, e.Terms, false, object, clock)
	case *Any:
		return r.terms(e, e.Terms, true, object, clock)
	}
	return func([]record.Value) (bool, Expr) { return true, e }
}

// terms joins terms: the first that is as decides settles it.
func (r *Rule) terms(whole Expr, terms []Expr, decides bool, object record.Object, clock Clock) check {
	checks := make([]check, len(terms))
	for i, t := range terms {
		checks[i] = r.compile(t, object, clock)
	}
	return func(values []record.Value) (bool, Expr) {
		for _, c := range checks {
			if holds, by := c(values); holds == decides {
				return decides, by
			}
		}
		return !decides, whole
	}
}

// predicate decides a test by a field's canonical text, without regard to Negated. A blank satisfies none; a checkbox that
// is blank, as of a related record that is not there, is not ticked.
func predicate(t *Test, k record.Kind, clock Clock) func(string) bool {
	if t.Op == Filled {
		return func(s string) bool { return s != "" }
	}
	switch familyOf(k) {
	case checkbox:
		return func(s string) bool { return s == "true" }
	case numeric:
		return compareNumber(t)
	case temporal:
		in := clock.covers(t, k)
		return func(s string) bool {
			return s != "" && s >= in.begin && (in.end == "" || s < in.end)
		}
	case multiple:
		return includes(t.Values)
	case identity:
		return oneOf(t.Values, shortID)
	}
	if t.Op == Equal {
		want := t.Values[0].Text
		return func(s string) bool { return strings.EqualFold(s, want) }
	}
	if t.Op == In {
		return oneOf(t.Values, strings.ToLower)
	}
	part := strings.ToLower(t.Values[0].Text)
	find := map[Op]func(string, string) bool{Contains: strings.Contains, StartsWith: strings.HasPrefix, EndsWith: strings.HasSuffix}[t.Op]
	return func(s string) bool { return find(strings.ToLower(s), part) }
}

func oneOf(values []Value, key func(string) string) func(string) bool {
	set := make(map[string]bool, len(values))
	for _, v := range values {
		set[key(v.Text)] = true
	}
	return func(s string) bool { return s != "" && set[key(s)] }
}

// shortID is what ids are compared by: their first 15 characters, in which case counts.
func shortID(id string) string { return id[:min(15, len(id))] }

// includes holds where all parts of one of the values are among the field's (SOQL and SOSL Reference, querying
// multi-select picklists).
func includes(values []Value) func(string) bool {
	wanted := make([][]string, len(values))
	for i, v := range values {
		wanted[i] = strings.Split(strings.ToLower(v.Text), ";")
	}
	return func(s string) bool {
		if s == "" {
			return false
		}
		have := strings.Split(strings.ToLower(s), ";")
		return slices.ContainsFunc(wanted, func(parts []string) bool {
			return !slices.ContainsFunc(parts, func(part string) bool { return !slices.Contains(have, part) })
		})
	}
}

func compareNumber(t *Test) func(string) bool {
	var wants []float64
	for _, v := range t.Values {
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
			wants = append(wants, n)
		}
	}
	return func(s string) bool {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || len(wants) == 0 { // blank: canonical numbers can always be read
			return false
		}
		switch t.Op {
		case Less:
			return n < wants[0]
		case LessOrEqual:
			return n <= wants[0]
		case Greater:
			return n > wants[0]
		case GreaterOrEqual:
			return n >= wants[0]
		}
		return slices.Contains(wants, n)
	}
}
