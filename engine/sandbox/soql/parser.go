package soql

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads one statement. The error is always an *Error, worded as Salesforce words it.
func Parse(text string) (*Query, error) {
	if strings.TrimSpace(text) == "" {
		return nil, Plain(MalformedQuery, "A query string has to be specified")
	}
	if utf8.RuneCountInString(text) > MaxLength {
		return nil, Plain(MalformedQuery, fmt.Sprintf("SOQL statements cannot be longer than %d characters.", MaxLength))
	}
	p := &parser{lexer: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	q, err := p.query(topLevel)
	if err != nil {
		return nil, err
	}
	if p.ahead.kind != end {
		return nil, p.unexpected()
	}
	if err := check(q); err != nil {
		return nil, err
	}
	return q, nil
}

// where a SELECT stands: what may follow it and what may be in it differ.
type place uint8

const (
	topLevel place = iota
	childQuery
	semiJoin
)

type parser struct {
	lexer lexer
	ahead token
	depth int
}

func (p *parser) advance() error {
	t, err := p.lexer.next()
	p.ahead = t
	return err
}

// is reports whether the token ahead is this keyword or symbol; keywords are not reserved, so only the parser knows.
func (p *parser) is(word string) bool {
	return (p.ahead.kind == name || p.ahead.kind == symbol) && strings.EqualFold(p.ahead.value, word)
}

func (p *parser) isAny(words ...string) bool {
	for _, w := range words {
		if p.is(w) {
			return true
		}
	}
	return false
}

// take goes past the word if it is ahead.
func (p *parser) take(word string) (bool, error) {
	if !p.is(word) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) expect(words ...string) error {
	for _, word := range words {
		if !p.is(word) {
			return p.unexpected()
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) unexpected() error {
	t := p.ahead
	if t.kind == end {
		return refuse(p.lexer.text, t.pos, MalformedQuery, "unexpected token: <EOF>")
	}
	shown := t.value
	if t.kind == text {
		shown = "'" + shown + "'"
	}
	return refuse(p.lexer.text, t.pos, MalformedQuery, "unexpected token: '"+shown+"'")
}

func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return Plain("QUERY_TOO_COMPLICATED", "Query is either selecting too many fields or the filter conditions are too complicated.")
	}
	return nil
}

func (p *parser) query(at place) (*Query, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	q := &Query{text: p.lexer.text, pos: p.ahead.pos, Limit: -1, Offset: -1}
	if err := p.expect("SELECT"); err != nil {
		return nil, err
	}
	if err := p.selectList(q); err != nil {
		return nil, err
	}
	if err := p.expect("FROM"); err != nil {
		return nil, err
	}
	var err error
	if q.From, err = p.path(); err != nil {
		return nil, err
	}
	if _, err := p.take("AS"); err != nil {
		return nil, err
	}
	if p.ahead.kind == name && !p.isAny("USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "UPDATE") {
		q.Alias = p.ahead.value
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	for _, clause := range []func(*Query) error{p.scope, p.where, p.with, p.groupBy, p.having, p.orderBy, p.limit, p.offset, p.trailer} {
		if err := clause(q); err != nil {
			return nil, err
		}
	}
	return q, p.fits(q, at)
}

func (p *parser) scope(q *Query) error {
	if ok, err := p.take("USING"); !ok || err != nil {
		return err
	}
	if err := p.expect("SCOPE"); err != nil {
		return err
	}
	if p.ahead.kind != name {
		return p.unexpected()
	}
	q.Scope = p.ahead.value
	return p.advance()
}

func (p *parser) where(q *Query) (err error) {
	if ok, err := p.take("WHERE"); !ok || err != nil {
		return err
	}
	q.Where, err = p.condition()
	return err
}

func (p *parser) with(q *Query) error {
	if ok, err := p.take("WITH"); !ok || err != nil {
		return err
	}
	if !p.isAny("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE") {
		return p.unexpected()
	}
	q.Mode = strings.ToUpper(p.ahead.value)
	return p.advance()
}

func (p *parser) groupBy(q *Query) error {
	if ok, err := p.take("GROUP"); !ok || err != nil {
		return err
	}
	if err := p.expect("BY"); err != nil {
		return err
	}
	return p.list(func() error {
		o, err := p.operand()
		q.GroupBy = append(q.GroupBy, o)
		return err
	})
}

func (p *parser) having(q *Query) (err error) {
	if ok, err := p.take("HAVING"); !ok || err != nil {
		return err
	}
	q.Having, err = p.condition()
	return err
}

func (p *parser) orderBy(q *Query) error {
	if ok, err := p.take("ORDER"); !ok || err != nil {
		return err
	}
	if err := p.expect("BY"); err != nil {
		return err
	}
	return p.list(func() error {
		o, err := p.operand()
		if err != nil {
			return err
		}
		order := Order{Operand: o}
		if p.isAny("ASC", "DESC") {
			order.Desc = p.is("DESC")
			if err := p.advance(); err != nil {
				return err
			}
		}
		if ok, err := p.take("NULLS"); err != nil {
			return err
		} else if ok {
			if !p.isAny("FIRST", "LAST") {
				return p.unexpected()
			}
			order.NullsLast = p.is("LAST")
			if err := p.advance(); err != nil {
				return err
			}
		}
		q.OrderBy = append(q.OrderBy, order)
		return nil
	})
}

func (p *parser) limit(q *Query) error {
	n, err := p.count("LIMIT")
	q.Limit = n
	return err
}

func (p *parser) offset(q *Query) error {
	pos := p.ahead.pos
	n, err := p.count("OFFSET")
	if n > MaxOffset {
		return refuse(p.lexer.text, pos, NumberOutsideValidRange, fmt.Sprintf("Maximum SOQL offset allowed is %d", MaxOffset))
	}
	q.Offset = n
	return err
}

// count reads the whole number after a keyword, -1 where the keyword is missing.
func (p *parser) count(word string) (int, error) {
	if ok, err := p.take(word); !ok || err != nil {
		return -1, err
	}
	if p.ahead.kind != number {
		return -1, p.unexpected()
	}
	n, err := strconv.ParseInt(p.ahead.value, 10, 32)
	if err != nil || n < 0 {
		return -1, p.unexpected()
	}
	return int(n), p.advance()
}

// trailer reads FOR VIEW, FOR REFERENCE, UPDATE TRACKING and ALL ROWS; only the last one changes an answer.
func (p *parser) trailer(q *Query) error {
	for {
		switch {
		case p.is("FOR"):
			if err := p.advance(); err != nil {
				return err
			}
			if !p.isAny("VIEW", "REFERENCE") {
				return p.unexpected()
			}
		case p.is("UPDATE"):
			if err := p.advance(); err != nil {
				return err
			}
			if !p.isAny("TRACKING", "VIEWSTAT") {
				return p.unexpected()
			}
		case p.is("ALL"):
			if err := p.advance(); err != nil {
				return err
			}
			if !p.is("ROWS") {
				return p.unexpected()
			}
			q.AllRows = true
		default:
			return nil
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
}

// list reads one or more entries between commas.
func (p *parser) list(entry func() error) error {
	for {
		if err := entry(); err != nil {
			return err
		}
		if ok, err := p.take(","); !ok || err != nil {
			return err
		}
	}
}

func (p *parser) path() (Path, error) {
	path := Path{Pos: p.ahead.pos}
	for {
		if p.ahead.kind != name {
			return path, p.unexpected()
		}
		path.Names = append(path.Names, p.ahead.value)
		if err := p.advance(); err != nil {
			return path, err
		}
		if ok, err := p.take("."); !ok || err != nil {
			return path, err
		}
	}
}
