package org

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// group is the rows that share the values of GROUP BY, and what was computed over them.
type group struct {
	keys   []sortCell
	totals []*total
}

// total is one aggregate over one group.
type total struct {
	n        int
	sum      float64
	least    sortCell
	most     sortCell
	distinct map[string]bool
}

// aggregate is one column of a grouped query: an aggregate, or the place of a key.
type aggregate struct {
	name  string
	kind  string // of the value, for its JSON
	fn    string // "" for a key
	key   int
	field operand[table.Row]
}

// answerGroups writes the result of a query with aggregates. Groups stand in the order of their keys unless ORDER BY names
// one of them; HAVING is answered for conditions on what is selected.
func (o *Org) answerGroups(c *call, s *scope, p *plan) error {
	keys := make([]operand[table.Row], len(s.q.GroupBy))
	for i, g := range s.q.GroupBy {
		var err error
		if keys[i], err = s.operand(g); err != nil {
			return err
		}
	}
	columns, err := s.aggregates(keys)
	if err != nil {
		return err
	}
	groups := map[string]*group{}
	for row := range p.matching() {
		g := groupOf(groups, keys, len(columns), row)
		for i, col := range columns {
			g.totals[i].add(col, row)
		}
	}
	if len(keys) == 0 && len(groups) == 0 {
		groups[""] = newGroup(nil, len(columns))
	}
	ordered := make([]*group, 0, len(groups))
	for _, g := range groups {
		ordered = append(ordered, g)
	}
	slices.SortFunc(ordered, func(a, b *group) int {
		for i := range keys {
			if order := compareCells(natureOf(keys[i].kind), a.keys[i], b.keys[i], s.descends(i), false); order != 0 {
				return order
			}
		}
		return 0
	})
	if s.q.Having != nil {
		test, err := compile(s, s.q.Having, func(x soql.Operand) (operand[*group], error) { return s.having(x, columns) }, p.joins)
		if err != nil {
			return err
		}
		ordered = slices.DeleteFunc(ordered, func(g *group) bool { return !test(g) })
	}
	if s.q.Limit >= 0 && len(ordered) > s.q.Limit {
		ordered = ordered[:s.q.Limit]
	}
	b := append(c.out.buf, `{"totalSize":`...)
	b = strconv.AppendInt(b, int64(len(ordered)), 10)
	b = append(b, `,"done":true,"records":[`...)
	for i, g := range ordered {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"attributes":{"type":"AggregateResult"}`...)
		for j, col := range columns {
			b = append(b, ',', '"')
			b = append(b, col.name...)
			b = append(b, '"', ':')
			text, ok := g.value(col, j)
			b = appendValue(b, &field{kind: col.kind}, text, ok)
		}
		b = append(b, '}')
	}
	c.out.buf = append(b, `]}`...)
	c.ok(http.StatusOK)
	return nil
}

func newGroup(keys []sortCell, n int) *group {
	g := &group{keys: keys, totals: make([]*total, n)}
	for i := range g.totals {
		g.totals[i] = &total{distinct: map[string]bool{}}
	}
	return g
}

func groupOf(groups map[string]*group, keys []operand[table.Row], n int, row table.Row) *group {
	cells := make([]sortCell, len(keys))
	var id strings.Builder
	for i, k := range keys {
		cells[i].text, cells[i].ok = k.get(row)
		id.WriteString(strconv.FormatBool(cells[i].ok) + memberKey(natureOf(k.kind), cells[i].text) + "\x00")
	}
	g := groups[id.String()]
	if g == nil {
		g = newGroup(cells, n)
		groups[id.String()] = g
	}
	return g
}

// descends reports whether ORDER BY wants a key of the groups from its end.
func (s *scope) descends(key int) bool {
	for _, o := range s.q.OrderBy {
		if strings.EqualFold(o.Operand.Path.String(), s.q.GroupBy[key].Path.String()) {
			return o.Desc
		}
	}
	return false
}

// aggregates compiles the select list of a grouped query. Aggregates without an alias are expr0, expr1, ...
func (s *scope) aggregates(keys []operand[table.Row]) ([]aggregate, error) {
	var columns []aggregate
	unnamed := 0
	for _, item := range s.q.Select {
		column, ok := item.(*soql.Column)
		if !ok {
			return nil, s.refuse(item.Begin(), soql.MalformedQuery, "only fields and aggregates can be selected in a grouped query")
		}
		if !column.IsAggregate() {
			at := slices.IndexFunc(s.q.GroupBy, func(g soql.Operand) bool {
				return g.Func == column.Func && strings.EqualFold(g.Path.String(), column.Path.String())
			})
			if at < 0 {
				return nil, s.refuse(column.Pos, soql.MalformedQuery, "Field must be grouped or aggregated: "+column.Path.String())
			}
			columns = append(columns, aggregate{name: nameOr(column.Alias, column.Path.Last()), kind: keys[at].kind, key: at})
			continue
		}
		a := aggregate{name: column.Alias, fn: column.Func, kind: "int"}
		if a.name == "" {
			a.name = "expr" + strconv.Itoa(unnamed)
			unnamed++
		}
		if len(column.Path.Names) > 0 {
			bare := column.Operand
			bare.Func = ""
			x, err := s.operand(bare)
			if err != nil {
				return nil, err
			}
			a.field = x
			switch a.fn {
			case "MIN", "MAX":
				a.kind = x.kind
			case "SUM", "AVG":
				a.kind = "double"
			}
		}
		columns = append(columns, a)
	}
	return columns, nil
}

func (t *total) add(a aggregate, row table.Row) {
	if a.fn == "" {
		return
	}
	if a.field.get == nil {
		t.n++
		return
	}
	text, ok := a.field.get(row)
	if !ok {
		return
	}
	t.n++
	kind := natureOf(a.field.kind)
	switch a.fn {
	case "COUNT_DISTINCT":
		t.distinct[memberKey(kind, text)] = true
	case "SUM", "AVG":
		t.sum += parseNumber(text)
	case "MIN", "MAX":
		if !t.least.ok || compareValues(kind, text, t.least.text) < 0 {
			t.least = sortCell{text, true}
		}
		if !t.most.ok || compareValues(kind, text, t.most.text) > 0 {
			t.most = sortCell{text, true}
		}
	}
}

// value is what a group has for a column.
func (g *group) value(a aggregate, i int) (string, bool) {
	t := g.totals[i]
	switch a.fn {
	case "":
		return g.keys[a.key].text, g.keys[a.key].ok
	case "COUNT":
		return strconv.Itoa(t.n), true
	case "COUNT_DISTINCT":
		return strconv.Itoa(len(t.distinct)), true
	case "SUM":
		return strconv.FormatFloat(t.sum, 'f', -1, 64), t.n > 0
	case "AVG":
		return strconv.FormatFloat(t.sum/float64(max(t.n, 1)), 'f', -1, 64), t.n > 0
	case "MIN":
		return t.least.text, t.least.ok
	}
	return t.most.text, t.most.ok
}

// having finds an operand of HAVING among the columns.
func (s *scope) having(x soql.Operand, columns []aggregate) (operand[*group], error) {
	for i, item := range s.q.Select {
		column, ok := item.(*soql.Column)
		if ok && column.Func == x.Func && slices.EqualFunc(column.Path.Names, x.Path.Names, strings.EqualFold) {
			return operand[*group]{kind: columns[i].kind, name: columns[i].name, pos: x.Pos, get: func(g *group) (string, bool) { return g.value(columns[i], i) }}, nil
		}
	}
	return operand[*group]{}, s.refuse(x.Pos, soql.MalformedQuery, "HAVING can only look at what is selected")
}

// children compiles a query over a child relationship.
func (s *scope) children(item *soql.Children) (entry, error) {
	name := item.Query.From.String()
	if r, ok := s.obj.child(name); ok && s.c.rights.sees(r.child) {
		inner := &scope{o: s.o, c: s.c, obj: r.child, q: item.Query, now: s.now, zone: s.zone, alias: item.Query.Alias}
		p, err := inner.plan(false)
		if err != nil {
			return entry{}, err
		}
		list, err := inner.selection(item.Query.Select)
		if err != nil {
			return entry{}, err
		}
		return entry{r.name, func(b []byte, row table.Row) []byte { return s.appendChildren(b, p, list, r.field, row) }}, nil
	}
	return entry{}, s.refuse(item.Begin(), soql.InvalidType, "Didn't understand relationship '"+name+"' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.")
}

// appendChildren writes the rows that point to a parent, null when there are none.
func (s *scope) appendChildren(b []byte, p *plan, list *selection, via *field, parent table.Row) []byte {
	id := s.obj.longID(parent.ID())
	own := *p
	own.under = func(child table.Row) bool {
		text, ok := s.o.value(via, child)
		return ok && text == id
	}
	if via.indexed && own.access.kind == byID {
		own.access = access{kind: byIndex, field: via, texts: []string{id}}
	}
	var rows [][]byte
	for child := range own.rows() {
		rows = append(rows, list.append(nil, child))
	}
	if len(rows) == 0 {
		return append(b, "null"...)
	}
	b = append(b, `{"totalSize":`...)
	b = strconv.AppendInt(b, int64(len(rows)), 10)
	b = append(b, `,"done":true,"records":[`...)
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, r...)
	}
	return append(b, `]}`...)
}
