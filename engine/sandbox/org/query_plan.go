package org

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// plan is a compiled SELECT without its select list: which rows, in which order. It reads under the rows' lock.
type plan struct {
	s      *scope
	where  test[table.Row]
	joins  map[*soql.SemiJoin]*joined
	access access
	order  []sortKey
	all    bool // rows in the recycle bin take part
	under  func(table.Row) bool
}

// scopeOf resolves FROM. An object that the user does not see is one that does not exist.
func (o *Org) scopeOf(c *call, q *soql.Query, now time.Time) (*scope, error) {
	obj := o.object(q.From.String())
	if obj == nil || !c.rights.sees(obj) || obj.flags.tooling && !c.is("tooling") {
		return nil, q.At(q.From.Pos, soql.InvalidType, soql.NoSuchObject(q.From.String()))
	}
	return &scope{o: o, c: c, obj: obj, q: q, now: now, zone: o.zoneOf(c), alias: q.Alias}, nil
}

// plan compiles the filter and the order of the scope's SELECT.
func (s *scope) plan(all bool) (*plan, error) {
	p := &plan{s: s, joins: map[*soql.SemiJoin]*joined{}, all: all || s.q.AllRows}
	var err error
	if p.where, err = compile(s, s.q.Where, s.operand, p.joins); err != nil {
		return nil, err
	}
	if len(s.q.GroupBy) == 0 {
		for _, o := range s.q.OrderBy {
			key, err := s.sortKey(o)
			if err != nil {
				return nil, err
			}
			p.order = append(p.order, key)
		}
	}
	p.access = s.access(s.q.Where, p.joins, p.order)
	return p, nil
}

// sortKey is one entry of ORDER BY.
type sortKey struct {
	operand[table.Row]
	desc, nullsLast bool
}

func (s *scope) sortKey(o soql.Order) (sortKey, error) {
	x, err := s.operand(o.Operand)
	if err == nil && x.field != nil && !x.field.sortable {
		err = s.refuse(x.pos, soql.InvalidField, "field '"+x.name+"' can not be sorted in a query call")
	}
	return sortKey{x, o.Desc, o.NullsLast}, err
}

// matching are the rows that fit, in the order of the access path.
func (p *plan) matching() iter.Seq[table.Row] {
	for _, j := range p.joins {
		j.fill()
	}
	obj, c := p.s.obj, p.s.c
	return func(yield func(table.Row) bool) {
		for row := range p.access.rows(p) {
			if !p.all && obj.isDeleted(row) || !p.where(row) || p.under != nil && !p.under(row) || !p.s.o.visible(c, obj, row) {
				continue
			}
			if !yield(row) {
				return
			}
		}
	}
}

// rows are the rows that fit, in the order asked for, less OFFSET and LIMIT. Where the access path is in that order
// already, a page costs what it returns; else everything that fits is sorted.
func (p *plan) rows() iter.Seq[table.Row] {
	seq := p.matching()
	if len(p.order) > 0 && !p.access.ordered {
		seq = slices.Values(p.sorted(seq))
	}
	skip, limit := max(p.s.q.Offset, 0), p.s.q.Limit
	if skip == 0 && limit < 0 {
		return seq
	}
	return func(yield func(table.Row) bool) {
		if limit == 0 {
			return
		}
		skip, left := skip, limit
		for row := range seq {
			if skip > 0 {
				skip--
				continue
			}
			if !yield(row) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// cell is a value read once for sorting.
type sortCell struct {
	text string
	ok   bool
}

// sorted reads every row's keys once and sorts; rows that are equal stay in the order of their ids.
func (p *plan) sorted(seq iter.Seq[table.Row]) []table.Row {
	type keyed struct {
		row   table.Row
		cells []sortCell
	}
	var all []keyed
	for row := range seq {
		k := keyed{row, make([]sortCell, len(p.order))}
		for i, key := range p.order {
			k.cells[i].text, k.cells[i].ok = key.get(row)
		}
		all = append(all, k)
	}
	kinds := make([]nature, len(p.order))
	for i, key := range p.order {
		kinds[i] = natureOf(key.kind)
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for i, key := range p.order {
			if order := compareCells(kinds[i], a.cells[i], b.cells[i], key.desc, key.nullsLast); order != 0 {
				return order
			}
		}
		return 0
	})
	rows := make([]table.Row, len(all))
	for i, k := range all {
		rows[i] = k.row
	}
	return rows
}

// compareCells puts nulls first, or last where asked, in either direction.
func compareCells(kind nature, a, b sortCell, desc, nullsLast bool) int {
	switch {
	case !a.ok && !b.ok:
		return 0
	case a.ok != b.ok:
		if a.ok == nullsLast {
			return -1
		}
		return 1
	}
	order := compareValues(kind, a.text, b.text)
	if desc {
		return -order
	}
	return order
}

// count is how many rows fit. Without a filter and for a user who sees all rows, nothing is read.
func (p *plan) count() int {
	q, obj := p.s.q, p.s.obj
	if q.Where == nil && p.under == nil && q.Limit < 0 && q.Offset < 0 && (p.s.c.rights.viewAll || obj.owner == nil) {
		if p.all || obj.deleted == nil {
			return obj.table.Len()
		}
		if obj.deleted.indexed {
			gone := 0
			for range obj.table.Find(obj.deleted.column, "true") {
				gone++
			}
			return obj.table.Len() - gone
		}
	}
	n := 0
	for range p.rows() {
		n++
	}
	return n
}

// zoneOf is the time zone of the call's user, in which date literals count.
func (o *Org) zoneOf(c *call) *time.Location {
	users := o.object("User")
	_, number, err := o.parseID(c.session.user)
	if err != nil {
		return time.UTC
	}
	row, ok := users.table.Get(number)
	if !ok {
		return time.UTC
	}
	name, _ := o.value(users.byName["timezonesidkey"], row)
	zone, err := time.LoadLocation(strings.TrimSpace(name))
	if err != nil {
		return time.UTC
	}
	return zone
}

func isCount(q *soql.Query) bool {
	if len(q.Select) != 1 {
		return false
	}
	column, ok := q.Select[0].(*soql.Column)
	return ok && column.Func == "COUNT" && len(column.Path.Names) == 0
}

func grouped(q *soql.Query) bool {
	if len(q.GroupBy) > 0 {
		return true
	}
	for _, item := range q.Select {
		if column, ok := item.(*soql.Column); ok && column.IsAggregate() {
			return true
		}
	}
	return false
}
