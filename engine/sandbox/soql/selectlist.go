package soql

import "strings"

// functions says what each function takes: whether an argument may be missing is COUNT's alone.
var functions = map[string]bool{
	"COUNT": true, "COUNT_DISTINCT": true, "SUM": true, "AVG": true, "MIN": true, "MAX": true,
	"TOLABEL": true, "FORMAT": true, "CONVERTCURRENCY": true,
	"CALENDAR_YEAR": true, "CALENDAR_QUARTER": true, "CALENDAR_MONTH": true, "DAY_IN_MONTH": true, "DAY_IN_WEEK": true,
	"DAY_IN_YEAR": true, "DAY_ONLY": true, "HOUR_IN_DAY": true, "WEEK_IN_MONTH": true, "WEEK_IN_YEAR": true,
	"FISCAL_YEAR": true, "FISCAL_QUARTER": true, "FISCAL_MONTH": true,
}

func (p *parser) selectList(q *Query) error {
	return p.list(func() error {
		item, err := p.item()
		q.Select = append(q.Select, item)
		return err
	})
}

func (p *parser) item() (Item, error) {
	switch {
	case p.is("("):
		return p.children()
	case p.is("TYPEOF"):
		return p.typeOf()
	}
	pos := p.ahead.pos
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	if p.is("(") && strings.EqualFold(path.String(), "FIELDS") {
		return p.expansion(pos)
	}
	operand, err := p.operandOf(path)
	if err != nil {
		return nil, err
	}
	column := &Column{Operand: operand}
	if p.ahead.kind == name && !p.is("FROM") {
		alias := p.ahead
		column.Alias = alias.value
		if err = p.advance(); err == nil && p.ahead.kind == name && !p.is("FROM") { // a misspelt FROM
			err = refuse(p.lexer.text, alias.pos, MalformedQuery, "unexpected token: '"+alias.value+"'")
		}
	}
	return column, err
}

func (p *parser) expansion(pos Pos) (Item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.isAny("ALL", "STANDARD", "CUSTOM") {
		return nil, p.unexpected()
	}
	e := &Expansion{Which: strings.ToUpper(p.ahead.value), Pos: pos}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) children() (Item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	q, err := p.query(childQuery)
	if err != nil {
		return nil, err
	}
	return &Children{q}, p.expect(")")
}

func (p *parser) typeOf() (Item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	relationship, err := p.path()
	if err != nil {
		return nil, err
	}
	t := &TypeOf{Relationship: relationship}
	if !p.is("WHEN") {
		return nil, p.unexpected()
	}
	for p.is("WHEN") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		branch := Branch{}
		if branch.Object, err = p.path(); err != nil {
			return nil, err
		}
		if err := p.expect("THEN"); err != nil {
			return nil, err
		}
		if branch.Then, err = p.paths(); err != nil {
			return nil, err
		}
		t.When = append(t.When, branch)
	}
	if ok, err := p.take("ELSE"); err != nil {
		return nil, err
	} else if ok {
		if t.Else, err = p.paths(); err != nil {
			return nil, err
		}
	}
	return t, p.expect("END")
}

func (p *parser) paths() (paths []Path, err error) {
	err = p.list(func() error {
		path, err := p.path()
		paths = append(paths, path)
		return err
	})
	return paths, err
}

// operand reads a field or a function of one.
func (p *parser) operand() (Operand, error) {
	path, err := p.path()
	if err != nil {
		return Operand{}, err
	}
	return p.operandOf(path)
}

// operandOf goes on after a path: a bracket makes it a function.
func (p *parser) operandOf(path Path) (Operand, error) {
	if !p.is("(") {
		return Operand{Path: path, Pos: path.Pos}, nil
	}
	o := Operand{Func: strings.ToUpper(path.String()), Pos: path.Pos}
	if !functions[o.Func] {
		return o, refuse(p.lexer.text, path.Pos, MalformedQuery, "unexpected token: '('")
	}
	if err := p.advance(); err != nil {
		return o, err
	}
	if p.is(")") && o.Func == "COUNT" {
		return o, p.advance()
	}
	inner, err := p.path()
	if err != nil {
		return o, err
	}
	o.Path = inner
	if p.is("(") {
		if !strings.EqualFold(inner.String(), "convertTimezone") || o.IsAggregate() {
			return o, p.unexpected()
		}
		if err := p.advance(); err != nil {
			return o, err
		}
		if o.Path, err = p.path(); err != nil {
			return o, err
		}
		o.Local = true
		if err := p.expect(")"); err != nil {
			return o, err
		}
	}
	return o, p.expect(")")
}
