package filter

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/record"
)

// test reads a field and what is asked of it.
func (p *parser) test() (Expr, *ParseError) {
	ref, at, err := p.reference()
	if err != nil {
		return nil, err
	}
	t := &Test{Field: ref}
	return p.predicate(t, at)
}

// kind is the kind of the test's field: on all objects it is of one family.
func (t *Test) kind() record.Kind {
	var k record.Kind
	for _, c := range t.Field.Of {
		// Whole and decimal numbers take the same tests; the narrower one decides which digits may stand there.
		if k == 0 || c.Field.Kind == record.Integer {
			k = c.Field.Kind
		}
	}
	return k
}

// predicates are the words that may follow a field, for suggestions.
var predicates = []string{"is", "in", "not", "contains", "starts", "ends", "begins", "includes", "excludes", "does", "within", "before", "after", "on", "older", "newer"}

func (p *parser) predicate(t *Test, field token) (Expr, *ParseError) {
	at := p.ahead()
	switch {
	case p.skipAny("=", "!=", "<>", "<", "<=", ">", ">="):
		return p.comparison(t, at)
	case p.skip("is", "not"), p.skip("does", "not"), p.skip("not"):
		t.Negated = true
		if at.is("is") {
			return p.state(t, field)
		}
		return p.relation(t, p.ahead())
	case p.skip("is"):
		return p.state(t, field)
	}
	if loose, label := p.loose(field); label != "" {
		return nil, p.fail(loose, "a label of several words stands in quotes", label)
	}
	return p.relation(t, at)
}

// comparison reads what follows a sign.
func (p *parser) comparison(t *Test, sign token) (Expr, *ParseError) {
	switch sign.value {
	case "=", "!=", "<>":
		t.Op, t.Negated = Equal, sign.value != "="
		if p.skipAny("null") {
			return p.blank(t, sign)
		}
	case "<":
		t.Op = Less
	case "<=":
		t.Op = LessOrEqual
	case ">":
		t.Op = Greater
	case ">=":
		t.Op = GreaterOrEqual
	}
	return p.compared(t, sign)
}

// compared reads the value of a comparison.
func (p *parser) compared(t *Test, op token) (Expr, *ParseError) {
	if f := familyOf(t.kind()); t.Op != Equal && f != numeric && f != temporal {
		return nil, p.fail(op, "only numbers and dates are smaller or greater")
	}
	if familyOf(t.kind()) == multiple && t.Op == Equal {
		return nil, p.fail(op, "a field of several values is asked with includes", "includes")
	}
	v, flip, err := p.value(t.kind())
	if err != nil {
		return nil, err
	}
	t.Values = []Value{v}
	if flip {
		t.Negated = !t.Negated
	}
	return negated(t), nil
}

// negated moves a "not" before an operator that has no negative form of its own.
func negated(t *Test) Expr {
	if !t.Negated || t.Op < Less || t.Op == Within || t.Op == Ahead {
		return t
	}
	t.Negated = false
	return &Not{t}
}

// state reads what follows "is" or "is not".
func (p *parser) state(t *Test, field token) (Expr, *ParseError) {
	at := p.ahead()
	switch {
	case p.skipAny("filled", "set"):
		t.Negated = !t.Negated
		return p.blank(t, at)
	case p.skipAny("blank", "empty", "null"):
		return p.blank(t, at)
	case p.skip("one", "of"), p.skip("in"):
		return p.list(t, In, at)
	case at.is("active", "inactive") && p.active(t):
		p.take()
		t.Op, t.Values = Equal, []Value{{Form: True}}
		if at.is("inactive") {
			t.Negated = !t.Negated
		}
		return t, nil
	case at.is("within", "before", "after", "on", "older", "newer"):
		return p.relation(t, at)
	}
	if at.kind == end {
		return nil, p.expected("a value, filled or blank")
	}
	if at.kind == word && !at.is("true", "false", "yes", "no", "ticked", "today", "yesterday", "tomorrow") && !t.chosen(at.value) && !(t.kind() == record.Reference && isID(at.value)) {
		// It may be a value, but as likely it is a word of the language with a slip in it.
		return nil, p.expected("filled, blank, or a value in quotes", append([]string{"filled", "blank", "empty", "true", "false", "active", "inactive", "not", "today"}, predicates...)...)
	}
	t.Op = Equal
	return p.compared(t, at)
}

// chosen reports whether a word is one of the values that the field's picklist offers: such a one needs no quotes.
func (t *Test) chosen(w string) bool {
	for _, c := range t.Field.Of {
		if slices.ContainsFunc(c.Field.Picklist, func(v string) bool { return strings.EqualFold(v, w) }) {
			return true
		}
	}
	return false
}

// active turns "owner is active" into a test of the owner's checkbox; false where the field leads to nobody who can be active.
func (p *parser) active(t *Test) bool {
	of := map[record.Object]Column{}
	for _, o := range p.objects {
		c := t.Field.Of[o.Name]
		via, ok := o.relationship(strings.SplitN(c.Name, ".", 2)[0])
		if !ok || c.Via == "" || c.Field.Name != relatedName {
			return false
		}
		if c, ok = p.through(via, isActive); !ok {
			return false
		}
		of[o.Name] = c
	}
	t.Field.Of = of
	return true
}

// blank makes a test of whether anything stands there at all: Negated asks for something.
func (p *parser) blank(t *Test, at token) (Expr, *ParseError) {
	if t.kind() == record.Boolean {
		return nil, p.fail(at, "a checkbox is never blank: ask whether it is true")
	}
	t.Op, t.Values, t.Negated = Filled, nil, !t.Negated
	return t, nil
}

// relation reads an operator that is a word.
func (p *parser) relation(t *Test, at token) (Expr, *ParseError) {
	f := familyOf(t.kind())
	switch {
	case p.skip("in", "the", "last"), p.skip("in", "last"), p.skipAny("within"):
		return p.stretch(t, at, Within)
	case p.skip("in", "the", "next"), p.skip("in", "next"):
		return p.stretch(t, at, Ahead)
	case p.skipAny("in"):
		return p.list(t, In, at)
	case p.skipAny("contains", "contain"):
		if f == multiple {
			return nil, p.fail(at, "a field of several values is asked with includes", "includes")
		}
		return p.part(t, Contains, at)
	case p.skip("starts", "with"), p.skip("start", "with"), p.skip("begins", "with"), p.skip("begin", "with"):
		return p.part(t, StartsWith, at)
	case p.skip("ends", "with"), p.skip("end", "with"):
		return p.part(t, EndsWith, at)
	case p.skipAny("includes", "include"):
		return p.list(t, Includes, at)
	case p.skipAny("excludes", "exclude"):
		t.Negated = !t.Negated
		return p.list(t, Includes, at)
	case p.skip("older", "than"):
		return p.stretch(t, at, Less)
	case p.skip("newer", "than"):
		return p.stretch(t, at, GreaterOrEqual)
	case p.skip("on", "or", "before"):
		t.Op = LessOrEqual
	case p.skip("on", "or", "after"):
		t.Op = GreaterOrEqual
	case p.skip("on"):
		t.Op = Equal
	case p.skip("before"):
		t.Op = Less
	case p.skip("after"):
		t.Op = Greater
	default:
		return nil, p.expected("what is asked of the field (is, in, contains, =, …)", predicates...)
	}
	if f != temporal {
		return nil, p.fail(at, "only dates are before or after something")
	}
	return p.compared(t, at)
}

// part reads contains, starts with, ends with.
func (p *parser) part(t *Test, op Op, at token) (Expr, *ParseError) {
	if familyOf(t.kind()) != textual {
		return nil, p.fail(at, "only texts are searched for a part")
	}
	v, _, err := p.value(t.kind())
	t.Op, t.Values = op, []Value{v}
	return t, err
}

// list reads the values in brackets; includes takes one without.
func (p *parser) list(t *Test, op Op, at token) (Expr, *ParseError) {
	f := familyOf(t.kind())
	switch {
	case op == Includes && f != multiple:
		return nil, p.fail(at, "only a field of several values includes something", "contains", "in")
	case op == In && f == multiple:
		return nil, p.fail(at, "a field of several values is asked with includes", "includes")
	case op == In && (f == temporal || f == checkbox):
		return nil, p.fail(at, "a list is for texts and numbers: in the last 30 days, is true")
	}
	t.Op = op
	if !p.skip("(") {
		if op == Includes {
			v, _, err := p.value(t.kind())
			t.Values = []Value{v}
			return t, err
		}
		return nil, p.expected("a list in brackets", "(")
	}
	for {
		v, _, err := p.value(t.kind())
		if err != nil {
			return nil, err
		}
		t.Values = append(t.Values, v)
		if p.skip(")") {
			return t, nil
		}
		if !p.skip(",") {
			return nil, p.expected("a comma or a closing bracket", ",", ")")
		}
	}
}

// stretch reads "24 months".
func (p *parser) stretch(t *Test, at token, op Op) (Expr, *ParseError) {
	if familyOf(t.kind()) != temporal {
		return nil, p.fail(at, "only dates lie within a time")
	}
	p.skip("the", "last")
	n, u, err := p.span()
	if err != nil {
		return nil, err
	}
	t.Op, t.Values = op, []Value{{Form: Stretch, N: n, Unit: u}}
	return negated(t), nil
}

func (p *parser) span() (int, Unit, *ParseError) {
	t := p.ahead()
	n, whole := wholeNumber(t.value)
	if t.kind != number || !whole {
		return 0, 0, p.expected("a whole number of days, weeks, months or years")
	}
	p.take()
	u, known := unitOf(p.ahead().value)
	if !known || p.ahead().kind != word {
		return 0, 0, p.expected("hours, days, weeks, months or years", "hours", "days", "weeks", "months", "years", "hour", "day", "week", "month", "year")
	}
	p.take()
	if n > mostUnits[u] {
		return 0, 0, p.fail(t, "that is more than a hundred years")
	}
	return n, u, nil
}

// value reads one value for a field of a kind. flip tells that the opposite was meant: false is not true.
func (p *parser) value(k record.Kind) (v Value, flip bool, err *ParseError) {
	t := p.ahead()
	switch familyOf(k) {
	case checkbox:
		switch {
		case p.skipAny("true", "yes", "ticked"):
			return Value{Form: True}, false, nil
		case p.skipAny("false", "no"):
			return Value{Form: True}, true, nil
		}
		return v, false, p.expected("true or false", "true", "false")
	case numeric:
		if t.kind != number {
			return v, false, p.expected("a number")
		}
		if k == record.Integer && strings.Contains(t.value, ".") {
			return v, false, p.fail(t, "this field holds whole numbers")
		}
		p.take()
		return Value{Form: Number, Text: t.value}, false, nil
	case temporal:
		v, err = p.date()
		return v, false, err
	}
	if t.kind != text && t.kind != word && t.kind != number || t.kind == word && reserved(t.value) {
		return v, false, p.expected("a value, in quotes where it has several words")
	}
	switch {
	case strings.TrimSpace(t.value) == "":
		return v, false, p.fail(t, `an empty text stands nowhere: say "is blank"`)
	case utf8.RuneCountInString(t.value) > 255:
		return v, false, p.fail(t, "a value has 255 characters at the most")
	case k == record.Reference && !isID(t.value):
		return v, false, p.fail(t, "this field holds ids, of 15 or 18 letters and digits")
	}
	p.take()
	return Value{Form: Words, Text: t.value}, false, nil
}

// isID reports whether a text can be an id. The end of a long one is not looked at, as in Salesforce.
func isID(s string) bool {
	if len(s) != 15 && len(s) != 18 {
		return false
	}
	_, err := record.LongID(s[:15])
	return err == nil
}

// date reads a day, a moment, or one that is counted from today.
func (p *parser) date() (Value, *ParseError) {
	t := p.ahead()
	switch {
	case p.skipAny("today"):
		return Value{Form: Ago, Unit: Days}, nil
	case p.skipAny("yesterday"):
		return Value{Form: Ago, N: 1, Unit: Days}, nil
	case p.skipAny("tomorrow"):
		return Value{Form: On, N: 1, Unit: Days}, nil
	case t.kind == number:
		n, u, err := p.span()
		if err != nil {
			return Value{}, err
		}
		form := On
		switch {
		case u == Hours:
			return Value{}, p.fail(t, "days are the least here; within takes hours")
		case p.skip("ago"):
			form = Ago
		case p.skip("from", "now"), p.skip("from", "today"):
		default:
			return Value{}, p.expected("ago or from now", "ago", "from")
		}
		if n == 0 {
			form, u = Ago, Days
		}
		return Value{Form: form, N: n, Unit: u}, nil
	}
	raw := t.value
	if t.kind == text { // a date in quotes is meant all the same
		switch {
		case isDay(raw):
			t.kind = day
		case isMoment(raw):
			t.kind = moment
		}
	}
	switch t.kind {
	case day:
		p.take()
		return Value{Form: Day, Text: raw}, nil
	case moment:
		p.take()
		at, err := record.ParseTime(strings.ToUpper(raw))
		if err != nil {
			return Value{}, p.fail(t, "this is no moment")
		}
		return Value{Form: Moment, Text: canon(at, record.DateTime)}, nil
	}
	return Value{}, p.expected("a date: 2026-01-31, today, 30 days ago", "today", "yesterday", "tomorrow")
}
