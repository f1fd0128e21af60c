package org

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

// nature is how values of a kind compare.
type nature uint8

const (
	textual nature = iota
	boolean
	numeric
	daily
	momentary
	identity
)

func natureOf(kind string) nature {
	switch kind {
	case "boolean":
		return boolean
	case "int", "double", "currency", "percent":
		return numeric
	case "date":
		return daily
	case "datetime":
		return momentary
	case "id", "reference":
		return identity
	}
	return textual
}

// compareText orders texts without regard to case (SOQL and SOSL Reference, comparison operators).
func compareText(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x >= 0x80 || y >= 0x80 {
			return strings.Compare(strings.ToLower(a[i:]), strings.ToLower(b[i:]))
		}
		if x >= 'A' && x <= 'Z' {
			x += 'a' - 'A'
		}
		if y >= 'A' && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareValues orders two canonical texts of a kind.
func compareValues(kind nature, a, b string) int {
	switch kind {
	case numeric:
		return cmp.Compare(parseNumber(a), parseNumber(b))
	case textual:
		return compareText(a, b)
	}
	return strings.Compare(a, b)
}

// parseNumber reads a canonical number; those are always readable.
func parseNumber(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

func holds(op soql.Operator, order int) bool {
	switch op {
	case soql.Equal:
		return order == 0
	case soql.NotEqual:
		return order != 0
	case soql.Less:
		return order < 0
	case soql.LessOrEqual:
		return order <= 0
	case soql.Greater:
		return order > 0
	}
	return order >= 0
}

// test is a compiled condition.
type test[R any] func(R) bool

// comparison compiles operand, operator, value. Null is equal to null and to the empty text, differs from every value,
// and is neither less nor greater than any.
func comparison[R any](s *scope, x operand[R], op soql.Operator, value soql.Literal) (test[R], error) {
	if value.Kind == soql.Null || value.Kind == soql.Text && value.Text() == "" && natureOf(x.kind) == textual && op != soql.Like {
		return nullTest(x, op), nil
	}
	kind := natureOf(x.kind)
	if err := fitting(s, kind, x, value); err != nil {
		return nil, err
	}
	if op == soql.Like {
		return like(s, x, value)
	}
	switch kind {
	case boolean:
		if op != soql.Equal && op != soql.NotEqual {
			return nil, s.refuse(x.pos, soql.InvalidQueryFilterOperator, "invalid operator")
		}
		return ordered(x, op, func(text string) int { return strings.Compare(text, value.Raw) }), nil
	case numeric:
		want := parseNumber(value.Raw)
		return ordered(x, op, func(text string) int { return cmp.Compare(parseNumber(text), want) }), nil
	case daily, momentary:
		return dated(s, x, op, value), nil
	case identity:
		return identified(s, x, op, value)
	}
	want := value.Text()
	if op == soql.Equal || op == soql.NotEqual {
		return func(r R) bool {
			text, ok := x.get(r)
			return (ok && strings.EqualFold(text, want)) == (op == soql.Equal)
		}, nil
	}
	return ordered(x, op, func(text string) int { return compareText(text, want) }), nil
}

// ordered compares by an order; null only satisfies "not equal".
func ordered[R any](x operand[R], op soql.Operator, order func(text string) int) test[R] {
	return func(r R) bool {
		text, ok := x.get(r)
		if !ok {
			return op == soql.NotEqual
		}
		return holds(op, order(text))
	}
}

func nullTest[R any](x operand[R], op soql.Operator) test[R] {
	return func(r R) bool {
		_, ok := x.get(r)
		switch op {
		case soql.Equal:
			return !ok
		case soql.NotEqual:
			return ok
		}
		return false
	}
}

func like[R any](s *scope, x operand[R], value soql.Literal) (test[R], error) {
	switch natureOf(x.kind) {
	case textual:
	case identity:
		return nil, s.refuse(x.pos, soql.InvalidQueryFilterOperator, "invalid operator on id field")
	default:
		return nil, s.refuse(x.pos, soql.InvalidQueryFilterOperator, "invalid operator")
	}
	pattern := value.Pattern()
	return func(r R) bool {
		text, ok := x.get(r)
		return ok && pattern.Matches(text)
	}, nil
}

// fitting refuses a literal of the wrong type, in Salesforce's words.
func fitting[R any](s *scope, kind nature, x operand[R], value soql.Literal) error {
	want, quoted, ok := "string", true, value.Kind == soql.Text
	switch kind {
	case boolean:
		want, quoted, ok = "boolean", false, value.Kind == soql.Boolean
	case numeric:
		want, quoted, ok = map[bool]string{true: "int", false: "double"}[x.kind == "int"], false, value.Kind == soql.Number
	case daily:
		want, quoted, ok = "date", false, value.Kind == soql.Date || value.Kind == soql.Range
	case momentary:
		want, quoted, ok = "dateTime", false, value.Kind == soql.DateTime || value.Kind == soql.Range
	}
	if ok {
		return nil
	}
	enclosed := "should not be enclosed in quotes"
	if quoted {
		enclosed = "should be enclosed in quotes"
	}
	return s.refuse(x.pos, soql.InvalidField, "value of filter criterion for field '"+x.name+"' must be of type "+want+" and "+enclosed)
}

// dated compares dates and moments with a value or a span: less is before its begin, greater at or after its end.
func dated[R any](s *scope, x operand[R], op soql.Operator, value soql.Literal) test[R] {
	layout, step := stampLayout, time.Second
	if natureOf(x.kind) == daily {
		layout, step = time.DateOnly, 24*time.Hour
	}
	var span soql.Span
	switch value.Kind {
	case soql.Range:
		span = value.Span(s.now.In(s.zone))
		if layout == stampLayout {
			span = soql.Span{Begin: span.Begin.UTC(), End: span.End.UTC()}
		}
	case soql.Date:
		// The parser has read the day already.
		begin, err := time.Parse(time.DateOnly, value.Raw)
		if err != nil {
			return func(R) bool { return false }
		}
		span = soql.Span{Begin: begin, End: begin.Add(step)}
	default:
		span = soql.Span{Begin: value.Time, End: value.Time.Add(step)}
	}
	if x.stamp != nil {
		begin, end := span.Begin.Unix(), span.End.Unix()
		return func(r R) bool { return holds(op, within(x.stamp(r), begin, end)) }
	}
	begin, end := span.Begin.Format(layout), span.End.Format(layout)
	return ordered(x, op, func(text string) int { return within(text, begin, end) })
}

// within says on which side of [begin, end) a value lies.
func within[T cmp.Ordered](at, begin, end T) int {
	switch {
	case at < begin:
		return -1
	case at >= end:
		return 1
	}
	return 0
}

// identified compares ids by their first 15 characters, in which case counts.
func identified[R any](s *scope, x operand[R], op soql.Operator, value soql.Literal) (test[R], error) {
	short, err := shortID(s, x, value)
	if err != nil {
		return nil, err
	}
	if short == "" {
		return nullTest(x, op), nil
	}
	if x.row != nil {
		bound, exact := x.object.bound(short)
		return func(r R) bool {
			order := cmp.Compare(x.row(r), bound)
			if order == 0 && !exact {
				order = 1
			}
			return holds(op, order)
		}, nil
	}
	return ordered(x, op, func(text string) int { return strings.Compare(text[:min(15, len(text))], short) }), nil
}

// shortID is the first 15 characters of an id in a filter, empty for an empty text, which is null.
func shortID[R any](s *scope, x operand[R], value soql.Literal) (string, error) {
	text := value.Text()
	if text == "" {
		return "", nil
	}
	if len(text) != 15 && len(text) != 18 || strings.ContainsFunc(text, func(r rune) bool { return !isLetterOrDigit(r) }) {
		return "", s.refuse(x.pos, soql.InvalidQueryFilterOperator, "invalid ID field: "+text)
	}
	return text[:15], nil
}

// bound is the row number at which an id stands among the object's own; not exact where the id belongs between two
// numbers, just after the one that is returned.
func (obj *object) bound(short string) (row uint64, exact bool) {
	head := obj.longID(1)[:6]
	switch strings.Compare(short[:6], head) {
	case -1:
		return 0, false
	case 1:
		return math.MaxUint64, false
	}
	n := uint64(0)
	for i := 6; i < 15; i++ {
		n = n*62 + digit62(short[i])
	}
	if n <= firstInOrg {
		return 0, false
	}
	return n - firstInOrg, true
}
