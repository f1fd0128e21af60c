package soql

import (
	"strconv"
	"strings"
	"time"
)

// condition reads terms joined by AND or by OR. Salesforce wants brackets wherever the two are mixed, and calls the
// second kind of word an unexpected token.
func (p *parser) condition() (Condition, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	first, err := p.term()
	if err != nil || !p.isAny("AND", "OR") {
		return first, err
	}
	logic := &Logic{Or: p.is("OR"), Terms: []Condition{first}}
	word := "AND"
	if logic.Or {
		word = "OR"
	}
	for {
		if ok, err := p.take(word); err != nil {
			return nil, err
		} else if !ok {
			break
		}
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		logic.Terms = append(logic.Terms, term)
	}
	if p.isAny("AND", "OR") {
		return nil, p.unexpected()
	}
	return logic, nil
}

func (p *parser) term() (Condition, error) {
	if ok, err := p.take("NOT"); err != nil {
		return nil, err
	} else if ok {
		if err := p.deeper(); err != nil {
			return nil, err
		}
		defer func() { p.depth-- }()
		inner, err := p.term()
		return &Not{inner}, err
	}
	if ok, err := p.take("("); err != nil {
		return nil, err
	} else if ok {
		inner, err := p.condition()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	operand, err := p.operand()
	if err != nil {
		return nil, err
	}
	return p.predicate(operand)
}

var operators = map[string]Operator{
	"=": Equal, "!=": NotEqual, "<>": NotEqual, "<": Less, "<=": LessOrEqual, ">": Greater, ">=": GreaterOrEqual,
}

// predicate reads what follows the operand.
func (p *parser) predicate(operand Operand) (Condition, error) {
	if p.ahead.kind == symbol {
		op, ok := operators[p.ahead.value]
		if !ok {
			return nil, p.unexpected()
		}
		return p.comparison(operand, op)
	}
	switch {
	case p.is("LIKE"):
		pos := p.ahead.pos
		c, err := p.comparison(operand, Like)
		if err == nil && c.Value.Kind != Text {
			return nil, refuse(p.lexer.text, pos, MalformedQuery, "invalid value for LIKE: only a string can be compared")
		}
		return c, err
	case p.isAny("INCLUDES", "EXCLUDES"):
		m := &Membership{Operand: operand, Includes: true, Negated: p.is("EXCLUDES")}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if err := p.expect("("); err != nil {
			return nil, err
		}
		return m, p.values(m)
	case p.is("NOT"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		if !p.is("IN") {
			return nil, p.unexpected()
		}
		return p.membership(operand, true)
	case p.is("IN"):
		return p.membership(operand, false)
	}
	return nil, p.unexpected()
}

func (p *parser) comparison(operand Operand, op Operator) (*Comparison, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	value, err := p.literal()
	return &Comparison{Operand: operand, Op: op, Value: value}, err
}

func (p *parser) membership(operand Operand, negated bool) (Condition, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if p.is("SELECT") {
		q, err := p.query(semiJoin)
		if err != nil {
			return nil, err
		}
		return &SemiJoin{Operand: operand, Negated: negated, Query: q}, p.expect(")")
	}
	m := &Membership{Operand: operand, Negated: negated}
	return m, p.values(m)
}

func (p *parser) values(m *Membership) error {
	err := p.list(func() error {
		value, err := p.literal()
		m.Values = append(m.Values, value)
		return err
	})
	if err != nil {
		return err
	}
	return p.expect(")")
}

func (p *parser) literal() (Literal, error) {
	t := p.ahead
	l := Literal{Pos: t.pos, Raw: t.value}
	switch t.kind {
	case text:
		l.Kind, l.escaped, l.Raw = Text, t.value, ""
	case number:
		if _, err := strconv.ParseFloat(t.value, 64); err != nil {
			return l, p.unexpected()
		}
		l.Kind = Number
	case date:
		at, err := time.Parse(time.DateOnly, t.value)
		if err != nil || !inCalendar(at) {
			return l, refuse(p.lexer.text, t.pos, MalformedQuery, "Invalid date: "+t.value)
		}
		l.Kind = Date
	case dateTime:
		at, ok := parseDateTime(t.value)
		if !ok {
			return l, refuse(p.lexer.text, t.pos, MalformedQuery, "Invalid datetime: "+t.value)
		}
		l.Kind, l.Time = DateTime, at
	case name:
		l.Raw = strings.ToUpper(t.value)
		known, counted := isRange(l.Raw)
		switch {
		case l.Raw == "NULL":
			l.Kind = Null
		case l.Raw == "TRUE" || l.Raw == "FALSE":
			l.Kind, l.Raw = Boolean, strings.ToLower(l.Raw)
		case known && counted:
			return p.counted(l)
		case known:
			l.Kind = Range
		default:
			return l, p.unexpected()
		}
	default:
		return l, p.unexpected()
	}
	return l, p.advance()
}

// maxRange keeps LAST_N_YEARS:n inside what a date can say.
const maxRange = 9999

func (p *parser) counted(l Literal) (Literal, error) {
	if err := p.advance(); err != nil {
		return l, err
	}
	if err := p.expect(":"); err != nil {
		return l, err
	}
	n, err := strconv.Atoi(p.ahead.value)
	if p.ahead.kind != number || err != nil || n < 0 || n > maxRange {
		return l, p.unexpected()
	}
	l.Kind, l.N = Range, n
	return l, p.advance()
}
