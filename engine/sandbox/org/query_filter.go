package org

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// compile makes a test of a condition, over rows or over groups: resolve finds what an operand is.
func compile[R any](s *scope, c soql.Condition, resolve func(soql.Operand) (operand[R], error), joins map[*soql.SemiJoin]*joined) (test[R], error) {
	switch c := c.(type) {
	case *soql.Logic:
		terms := make([]test[R], len(c.Terms))
		for i, term := range c.Terms {
			var err error
			if terms[i], err = compile(s, term, resolve, joins); err != nil {
				return nil, err
			}
		}
		return func(r R) bool {
			for _, term := range terms {
				if term(r) == c.Or {
					return c.Or
				}
			}
			return !c.Or
		}, nil
	case *soql.Not:
		term, err := compile(s, c.Term, resolve, joins)
		if err != nil {
			return nil, err
		}
		return func(r R) bool { return !term(r) }, nil
	case *soql.Comparison:
		x, err := filterable(s, c.Operand, resolve)
		if err != nil {
			return nil, err
		}
		return comparison(s, x, c.Op, c.Value)
	case *soql.Membership:
		x, err := filterable(s, c.Operand, resolve)
		if err != nil {
			return nil, err
		}
		if c.Includes {
			return includes(s, x, c)
		}
		return membership(s, x, c)
	case *soql.SemiJoin:
		x, err := filterable(s, c.Operand, resolve)
		if err != nil {
			return nil, err
		}
		return semiJoin(s, x, c, joins)
	}
	return func(R) bool { return true }, nil
}

// filterable resolves an operand and refuses fields that no filter may use.
func filterable[R any](s *scope, o soql.Operand, resolve func(soql.Operand) (operand[R], error)) (operand[R], error) {
	x, err := resolve(o)
	if err == nil && x.field != nil && !x.field.filterable {
		err = s.refuse(x.pos, soql.InvalidField, "field '"+x.name+"' can not be filtered in a query call")
	}
	return x, err
}

// membership compiles IN: a set for texts and ids, one comparison after the other for the rest.
func membership[R any](s *scope, x operand[R], c *soql.Membership) (test[R], error) {
	kind := natureOf(x.kind)
	if kind == textual || kind == identity {
		set, null, err := valueSet(s, x, kind, c.Values)
		if err != nil {
			return nil, err
		}
		return inSet(x, kind, set, null, c.Negated), nil
	}
	tests := make([]test[R], len(c.Values))
	for i, value := range c.Values {
		var err error
		if tests[i], err = comparison(s, x, soql.Equal, value); err != nil {
			return nil, err
		}
	}
	return func(r R) bool {
		for _, matches := range tests {
			if matches(r) {
				return !c.Negated
			}
		}
		return c.Negated
	}, nil
}

// valueSet folds the values of a list into keys of a set; null tells that null was among them.
func valueSet[R any](s *scope, x operand[R], kind nature, values []soql.Literal) (set map[string]struct{}, null bool, err error) {
	set = make(map[string]struct{}, len(values))
	for _, value := range values {
		if value.Kind == soql.Null {
			null = true
			continue
		}
		if err := fitting(s, kind, x, value); err != nil {
			return nil, false, err
		}
		key := strings.ToLower(value.Text())
		if kind == identity {
			if key, err = shortID(s, x, value); err != nil {
				return nil, false, err
			}
		}
		if key == "" {
			null = true
			continue
		}
		set[key] = struct{}{}
	}
	return set, null, nil
}

// memberKey is a value as valueSet keeps it.
func memberKey(kind nature, text string) string {
	if kind == identity {
		return text[:min(15, len(text))]
	}
	return strings.ToLower(text)
}

func inSet[R any](x operand[R], kind nature, set map[string]struct{}, null, negated bool) test[R] {
	return func(r R) bool {
		text, ok := x.get(r)
		if !ok {
			return null != negated
		}
		_, found := set[memberKey(kind, text)]
		return found != negated
	}
}

// includes compiles INCLUDES ('a;b','c'): all parts of one of the values are among the field's.
func includes[R any](s *scope, x operand[R], c *soql.Membership) (test[R], error) {
	if x.kind != "multipicklist" {
		return nil, s.refuse(x.pos, soql.InvalidQueryFilterOperator, "includes or excludes operator only valid on multipicklist field")
	}
	wanted := make([][]string, len(c.Values))
	for i, value := range c.Values {
		if err := fitting(s, textual, x, value); err != nil {
			return nil, err
		}
		wanted[i] = strings.Split(strings.ToLower(value.Text()), ";")
	}
	return func(r R) bool {
		text, ok := x.get(r)
		if !ok {
			return c.Negated
		}
		have := map[string]bool{}
		for _, part := range strings.Split(strings.ToLower(text), ";") {
			have[part] = true
		}
		for _, parts := range wanted {
			all := true
			for _, part := range parts {
				all = all && have[part]
			}
			if all {
				return !c.Negated
			}
		}
		return c.Negated
	}, nil
}

// joined is the inner SELECT of a semi-join: its values, read once before the outer rows.
type joined struct {
	plan   *plan
	column operand[table.Row]
	kind   nature
	set    map[string]struct{}
}

// fill reads the inner rows. It runs under the rows' lock.
func (j *joined) fill() {
	j.set = map[string]struct{}{}
	for row := range j.plan.rows() {
		if text, ok := j.column.get(row); ok {
			j.set[memberKey(j.kind, text)] = struct{}{}
		}
	}
}

func semiJoin[R any](s *scope, x operand[R], c *soql.SemiJoin, joins map[*soql.SemiJoin]*joined) (test[R], error) {
	inner, err := s.o.scopeOf(s.c, c.Query, s.now)
	if err != nil {
		return nil, err
	}
	column, err := inner.operand(c.Query.Select[0].(*soql.Column).Operand)
	if err != nil {
		return nil, err
	}
	if natureOf(x.kind) != identity || natureOf(column.kind) != identity {
		return nil, s.refuse(x.pos, soql.MalformedQuery, "The left operand of 'IN' and the selected field must be ids of the same kind")
	}
	p, err := inner.plan(false)
	if err != nil {
		return nil, err
	}
	j := &joined{plan: p, column: column, kind: identity}
	joins[c] = j
	return func(r R) bool {
		text, ok := x.get(r)
		if !ok {
			return c.Negated
		}
		_, found := j.set[memberKey(identity, text)]
		return found != c.Negated
	}, nil
}
