package filter

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// SOQL is a condition as the WHERE of a query on object says it, "" for none. Moments are absolute, by the clock: Salesforce's
// own words for days go by the user's time zone and not by the org's.
//
// A "not" is carried inwards to the fields, and what a blank field does is said there in so many words: what NOT does with
// null is nowhere promised (SOQL and SOSL Reference, comparison operators).
func SOQL(e Expr, object record.Object, clock Clock) string {
	if e == nil {
		return ""
	}
	return (&querying{object, clock}).expr(e, false, true)
}

// NotSOQL is the opposite of SOQL: every record that fits one of them fits the other not. Of no condition it is "".
func NotSOQL(e Expr, object record.Object, clock Clock) string {
	if e == nil {
		return ""
	}
	return (&querying{object, clock}).expr(e, true, true)
}

type querying struct {
	object record.Object
	clock  Clock
}

// expr writes a condition or its opposite. Salesforce wants brackets wherever AND and OR meet; top needs none.
func (q *querying) expr(e Expr, opposite, top bool) string {
	switch e := e.(type) {
	case *Not:
		return q.expr(e.Term, !opposite, top)
	case *Test:
		return q.test(e, e.Negated != opposite)
	case *All:
		return q.terms(e.Terms, opposite, opposite, top)
	case *Any:
		return q.terms(e.Terms, !opposite, opposite, top)
	}
	return ""
}

func (q *querying) terms(terms []Expr, or, opposite, top bool) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = q.expr(t, opposite, false)
	}
	s := strings.Join(parts, map[bool]string{false: " AND ", true: " OR "}[or])
	if top {
		return s
	}
	return "(" + s + ")"
}

func (q *querying) test(t *Test, negated bool) string {
	c := t.Field.Of[q.object]
	if familyOf(c.Field.Kind) == temporal && t.Op != Filled {
		return q.dated(t, c, negated)
	}
	// orBlank writes the negative form of what Salesforce does not promise to answer for blank fields.
	orBlank := func(s string) string { return "(" + c.Name + " = null OR " + s + ")" }
	pick := func(positive, negative string) string {
		if negated {
			return negative
		}
		return positive
	}
	switch t.Op {
	case Filled:
		return c.Name + pick(" != ", " = ") + "null"
	case Equal:
		return c.Name + pick(" = ", " != ") + literal(t.Values[0])
	case In:
		return pick(c.Name+" IN "+literals(t.Values), orBlank(c.Name+" NOT IN "+literals(t.Values)))
	case Includes:
		return pick(c.Name+" INCLUDES "+literals(t.Values), orBlank(c.Name+" EXCLUDES "+literals(t.Values)))
	case Contains, StartsWith, EndsWith:
		pattern := likeEscapes.Replace(t.Values[0].Text)
		if t.Op != StartsWith {
			pattern = "%" + pattern
		}
		if t.Op != EndsWith {
			pattern += "%"
		}
		like := c.Name + " LIKE '" + pattern + "'"
		return pick(like, orBlank("(NOT "+like+")"))
	}
	signs := map[Op][2]string{Less: {" < ", " >= "}, LessOrEqual: {" <= ", " > "}, Greater: {" > ", " <= "}, GreaterOrEqual: {" >= ", " < "}}[t.Op]
	v := literal(t.Values[0])
	return pick(c.Name+signs[0]+v, orBlank(c.Name+signs[1]+v))
}

// dated writes a test of a date: everything is a stretch of time, closed at its begin and open at its end.
func (q *querying) dated(t *Test, c Column, negated bool) string {
	in := q.clock.covers(t, c.Field.Kind)
	var inside, outside []string
	if in.begin != "" {
		inside, outside = append(inside, c.Name+" >= "+in.begin), append(outside, c.Name+" < "+in.begin)
	}
	if in.end != "" {
		inside, outside = append(inside, c.Name+" < "+in.end), append(outside, c.Name+" >= "+in.end)
	}
	switch {
	case negated:
		return "(" + c.Name + " = null OR " + strings.Join(outside, " OR ") + ")"
	case len(inside) == 1:
		return inside[0]
	}
	return "(" + strings.Join(inside, " AND ") + ")"
}

// covers is the stretch of time in which a test of a date holds.
func (c Clock) covers(t *Test, k record.Kind) interval {
	if t.Op == Within || t.Op == Ahead {
		return c.window(t.Op, t.Values[0], k)
	}
	in := c.interval(t.Values[0], k)
	switch t.Op {
	case Less:
		return interval{"", in.begin}
	case LessOrEqual:
		return interval{"", in.end}
	case Greater:
		return interval{in.end, ""}
	case GreaterOrEqual:
		return interval{in.begin, ""}
	}
	return in
}

// These are all escapes that SOQL knows and a filter's text can need: it holds no control characters.
var (
	textEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	likeEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, `%`, `\%`, `_`, `\_`)
)

func literal(v Value) string {
	switch v.Form {
	case Words:
		return "'" + textEscapes.Replace(v.Text) + "'"
	case True:
		return "true"
	}
	return v.Text
}

func literals(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = literal(v)
	}
	return "(" + strings.Join(parts, ",") + ")"
}
