package soql

import "strings"

// fits refuses what a SELECT may not hold in its place: a semi-join has one column and no order, a child query none of
// the groups (SOQL and SOSL Reference, comparison operators and relationship queries).
func (p *parser) fits(q *Query, at place) error {
	switch at {
	case semiJoin:
		column, ok := q.Select[0].(*Column)
		if !ok || len(q.Select) > 1 || column.Func != "" || len(q.OrderBy) > 0 || q.Limit >= 0 || q.Offset >= 0 || len(q.GroupBy) > 0 || len(q.From.Names) > 1 {
			return refuse(q.text, q.pos, MalformedQuery, "The inner select must select exactly one field and must not group, order or limit its rows")
		}
	case childQuery:
		for _, item := range q.Select {
			if column, ok := item.(*Column); ok && column.IsAggregate() {
				return refuse(q.text, column.Pos, MalformedQuery, "Only root queries support aggregate expressions")
			}
		}
		if len(q.GroupBy) > 0 || q.Having != nil || len(q.From.Names) > 1 {
			return refuse(q.text, q.pos, MalformedQuery, "Only root queries support aggregate expressions")
		}
	case topLevel:
		if len(q.From.Names) > 1 {
			return refuse(q.text, q.From.Pos, MalformedQuery, "unexpected token: '.'")
		}
	}
	return nil
}

// check refuses what only the whole statement shows.
func check(q *Query) error {
	for _, inner := range children(q) {
		if err := check(inner); err != nil {
			return err
		}
	}
	if err := checkSelect(q); err != nil {
		return err
	}
	joins := 0
	if err := checkCondition(q, q.Where, false, &joins); err != nil {
		return err
	}
	return checkCondition(q, q.Having, false, &joins)
}

func children(q *Query) (inner []*Query) {
	for _, item := range q.Select {
		if c, ok := item.(*Children); ok {
			inner = append(inner, c.Query)
		}
	}
	return inner
}

func checkSelect(q *Query) error {
	aggregates, plain := 0, 0
	for _, item := range q.Select {
		switch item := item.(type) {
		case *Column:
			if item.IsAggregate() {
				aggregates++
			} else {
				plain++
			}
			if item.Func == "COUNT" && item.Path.Names == nil && (len(q.Select) > 1 || len(q.GroupBy) > 0) {
				return refuse(q.text, item.Pos, MalformedQuery, "COUNT() must be the only element in the SELECT list")
			}
			if item.Alias != "" && item.Func == "" && len(q.GroupBy) == 0 {
				return refuse(q.text, item.Pos, MalformedQuery, "only aggregate expressions use field aliasing")
			}
		case *Expansion, *Children, *TypeOf:
			plain++
			if all, ok := item.(*Expansion); ok && all.Which != "STANDARD" && !bounded(q) {
				return refuse(q.text, all.Pos, MalformedQuery, "The SOQL FIELDS function must have a LIMIT of at most 200")
			}
			if len(q.GroupBy) > 0 {
				return refuse(q.text, item.Begin(), MalformedQuery, "a grouped query selects grouped fields and aggregates only")
			}
		}
	}
	if aggregates > 0 && plain > 0 && len(q.GroupBy) == 0 {
		for _, item := range q.Select {
			if c, ok := item.(*Column); !ok || !c.IsAggregate() {
				return refuse(q.text, item.Begin(), MalformedQuery, "Field must be grouped or aggregated: "+label(item))
			}
		}
	}
	if q.Having != nil && len(q.GroupBy) == 0 {
		return refuse(q.text, q.pos, MalformedQuery, "having clause requires a group by clause")
	}
	return checkGroups(q)
}

// bounded reports whether a query gives 200 rows at most: by its limit, or because it names them.
func bounded(q *Query) bool {
	in, named := q.Where.(*Membership)
	return q.Limit >= 0 && q.Limit <= 200 || named && !in.Negated && len(in.Values) <= 200 && strings.EqualFold(in.Operand.Path.String(), "Id")
}

func checkGroups(q *Query) error {
	if len(q.GroupBy) == 0 {
		return nil
	}
	grouped := map[string]bool{}
	for _, o := range q.GroupBy {
		if o.IsAggregate() {
			return refuse(q.text, o.Pos, MalformedQuery, "Grouped field should not be aggregated: "+o.Path.String())
		}
		grouped[key(o)] = true
	}
	for _, item := range q.Select {
		if c, ok := item.(*Column); ok && !c.IsAggregate() && !grouped[key(c.Operand)] {
			return refuse(q.text, c.Pos, MalformedQuery, "Field must be grouped or aggregated: "+label(item))
		}
	}
	return nil
}

func key(o Operand) string { return strings.ToLower(o.Func + "(" + o.Path.String()) }

func label(item Item) string {
	if c, ok := item.(*Column); ok {
		return c.Path.String()
	}
	return "FIELDS"
}

// checkCondition counts semi-joins: at most two, none under OR, none inside another.
func checkCondition(q *Query, c Condition, underOr bool, joins *int) error {
	switch c := c.(type) {
	case *Logic:
		for _, term := range c.Terms {
			if err := checkCondition(q, term, underOr || c.Or, joins); err != nil {
				return err
			}
		}
	case *Not:
		return checkCondition(q, c.Term, underOr, joins)
	case *SemiJoin:
		if *joins++; *joins > 2 {
			return refuse(q.text, c.Operand.Pos, ExceededSemiJoins, "maximum number of semi join sub-selects is 2")
		}
		if underOr {
			return refuse(q.text, c.Operand.Pos, MalformedQuery, "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.")
		}
		if nests(c.Query.Where) {
			return refuse(q.text, c.Query.pos, MalformedQuery, "Nesting of semi join sub-selects is not supported")
		}
		if strings.EqualFold(c.Query.From.String(), q.From.String()) && strings.EqualFold(c.Operand.Path.String(), "Id") {
			return refuse(q.text, c.Query.From.Pos, MalformedQuery, "The inner and outer selects should not be on the same object type")
		}
	}
	return nil
}

func nests(c Condition) bool {
	switch c := c.(type) {
	case *Logic:
		for _, term := range c.Terms {
			if nests(term) {
				return true
			}
		}
	case *Not:
		return nests(c.Term)
	case *SemiJoin:
		return true
	}
	return false
}
