package filter_test

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
)

// drawing makes conditions at random, with values that occur in the records, or nearly.
type drawing struct {
	*rand.Rand
	object  record.Object
	columns []filter.Column
	// seen are values of each column that occur.
	seen map[string][]string
}

func (d *drawing) expr(depth int) filter.Expr {
	if depth == 0 || d.IntN(3) == 0 {
		return d.test()
	}
	switch d.IntN(4) {
	case 0:
		return &filter.Not{Term: d.expr(depth - 1)}
	case 1:
		return &filter.Any{Terms: d.terms(depth, true)}
	}
	return &filter.All{Terms: d.terms(depth, false)}
}

func (d *drawing) terms(depth int, or bool) []filter.Expr {
	terms := make([]filter.Expr, 2+d.IntN(2))
	for i := range terms {
		terms[i] = d.expr(depth - 1)
		_, isAny := terms[i].(*filter.Any)
		_, isAll := terms[i].(*filter.All)
		if or && isAny || !or && isAll { // would be read back as one list in brackets
			terms[i] = d.test()
		}
	}
	return terms
}

func (d *drawing) test() filter.Expr {
	c := d.columns[d.IntN(len(d.columns))]
	t := &filter.Test{Field: filter.Ref{Written: strings.Split(c.Name, "."), Of: map[record.Object]filter.Column{d.object: c}}, Negated: d.IntN(2) == 0}
	if c.Field.Kind != record.Boolean && d.IntN(5) == 0 {
		t.Op = filter.Filled
		return t
	}
	switch c.Field.Kind {
	case record.Boolean:
		t.Op, t.Values = filter.Equal, []filter.Value{{Form: filter.True}}
	case record.Integer, record.Decimal:
		t.Op = []filter.Op{filter.Equal, filter.In, filter.Less, filter.LessOrEqual, filter.Greater, filter.GreaterOrEqual}[d.IntN(6)]
		t.Values = d.values(t.Op, func() filter.Value { return filter.Value{Form: filter.Number, Text: d.number(c)} })
	case record.Date, record.DateTime:
		t.Op = []filter.Op{filter.Equal, filter.Less, filter.LessOrEqual, filter.Greater, filter.GreaterOrEqual, filter.Within, filter.Ahead}[d.IntN(7)]
		t.Values = []filter.Value{d.moment(t.Op, c)}
	case record.MultiPicklist:
		t.Op = filter.Includes
		t.Values = d.values(filter.In, func() filter.Value { return filter.Value{Form: filter.Words, Text: d.text(c)} })
	case record.Reference:
		t.Op = []filter.Op{filter.Equal, filter.In}[d.IntN(2)]
		t.Values = d.values(t.Op, func() filter.Value { return filter.Value{Form: filter.Words, Text: d.id(c)} })
	default:
		t.Op = []filter.Op{filter.Equal, filter.In, filter.Contains, filter.StartsWith, filter.EndsWith}[d.IntN(5)]
		t.Values = d.values(t.Op, func() filter.Value {
			s := d.text(c)
			if t.Op > filter.In {
				s = d.piece(t.Op, s)
			}
			return filter.Value{Form: filter.Words, Text: s}
		})
	}
	if t.Negated && t.Op >= filter.Less && t.Op != filter.Within && t.Op != filter.Ahead {
		t.Negated = false
		return &filter.Not{Term: t}
	}
	return t
}

func (d *drawing) values(op filter.Op, one func() filter.Value) []filter.Value {
	n := 1
	if op == filter.In {
		n += d.IntN(4)
	}
	values := make([]filter.Value, n)
	for i := range values {
		values[i] = one()
	}
	return values
}

// occurring is a value of the column that a record has, or one that none has.
func (d *drawing) occurring(c filter.Column, none string) string {
	seen := d.seen[c.Name]
	if len(seen) == 0 || d.IntN(8) == 0 {
		return none
	}
	line, _, _ := strings.Cut(seen[d.IntN(len(seen))], "\n") // a sentence has no values of several lines
	return line
}

func (d *drawing) text(c filter.Column) string {
	s := d.occurring(c, "no such thing")
	switch d.IntN(4) {
	case 0:
		s = strings.ToUpper(s)
	case 1:
		s = strings.ToLower(s)
	}
	return s
}

// piece cuts a part out of a text, and sometimes puts a sign in that means something to LIKE.
func (d *drawing) piece(op filter.Op, s string) string {
	r := []rune(s)
	n := 1 + d.IntN(min(len(r), 6))
	switch op {
	case filter.StartsWith:
		r = r[:n]
	case filter.EndsWith:
		r = r[len(r)-n:]
	default:
		at := d.IntN(len(r) - n + 1)
		r = r[at : at+n]
	}
	s = strings.TrimFunc(string(r), unicode.IsSpace)
	if s == "" || d.IntN(6) == 0 {
		s += []string{"%", "_", `\`, "'", `"`, "”", "a%b"}[d.IntN(7)]
	}
	return s
}

func (d *drawing) number(c filter.Column) string {
	s := d.occurring(c, "7")
	if c.Field.Kind == record.Decimal && d.IntN(5) == 0 && !strings.Contains(s, ".") {
		s += ".5"
	}
	return s
}

func (d *drawing) id(c filter.Column) string {
	s := d.occurring(c, "00Q000000000000AAA")
	if d.IntN(2) == 0 {
		s = s[:15]
	}
	return s
}

func (d *drawing) moment(op filter.Op, c filter.Column) filter.Value {
	units := []filter.Unit{filter.Days, filter.Weeks, filter.Months, filter.Years}
	n, u := d.IntN(40), units[d.IntN(4)]
	switch {
	case op == filter.Within || op == filter.Ahead:
		if d.IntN(4) == 0 {
			u = filter.Hours
		}
		return filter.Value{Form: filter.Stretch, N: n, Unit: u}
	case (op == filter.Less || op == filter.GreaterOrEqual) && d.IntN(4) == 0:
		return filter.Value{Form: filter.Stretch, N: n, Unit: u}
	case d.IntN(3) == 0:
		if n == 0 {
			u = filter.Days
		}
		return filter.Value{Form: filter.Ago, N: n, Unit: u}
	case d.IntN(6) == 0:
		return filter.Value{Form: filter.On, N: 1 + n, Unit: u}
	}
	s := d.occurring(c, "2026-01-31")
	if len(s) > len("2026-01-31") && d.IntN(2) == 0 {
		return filter.Value{Form: filter.Moment, Text: s}
	}
	return filter.Value{Form: filter.Day, Text: s[:10]}
}
