package org

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// access is the way to the rows: the narrowest that the filter allows. The filter is tested on every row all the same,
// so a path may be too wide, never too narrow.
type access struct {
	kind    accessKind
	ordered bool // the path's order is the one asked for
	field   *field
	texts   []string // of field, for byIndex
	ids     []uint64 // for byIDs
	join    *joined  // its values are added to texts or ids when the rows are read
	keys    keyRange // for byStamp and byID
}

type accessKind uint8

const (
	byID accessKind = iota // all rows after keys.id, in the order of ids
	byStamp
	byIDs
	byIndex
)

// String is what explain calls the path.
func (k accessKind) String() string {
	return [...]string{"TableScan", "Index", "Index", "Index"}[k]
}

// key is a place in the order of (SystemModstamp, Id).
type key struct {
	stamp int64
	id    uint64
}

func (a key) compare(b key) int {
	return cmp.Or(cmp.Compare(a.stamp, b.stamp), cmp.Compare(a.id, b.id))
}

// keyRange is what a filter says about (SystemModstamp, Id): rows come after the key, not above the last stamp.
type keyRange struct {
	after   key
	afterID uint64 // of Id alone, whatever the stamp
	last    int64
	lastID  uint64
	stamped bool // the filter bounds the stamp
}

var everything = keyRange{after: key{stamp: math.MinInt64}, last: math.MaxInt64, lastID: math.MaxUint64}

// maxIndexed is how many values of an IN are looked up one by one before a scan is cheaper.
const maxIndexed = 20_000

// access chooses among the terms that are joined by AND.
func (s *scope) access(where soql.Condition, joins map[*soql.SemiJoin]*joined, order []sortKey) access {
	terms := conjuncts(where)
	for _, choose := range []func(*scope, soql.Condition, map[*soql.SemiJoin]*joined) (access, bool){byIdentity, byLookup} {
		for _, term := range terms {
			if a, ok := choose(s, term, joins); ok {
				a.ordered = a.kind == byIDs && isOrder(order, isID)
				return a
			}
		}
	}
	keys := s.keys(terms)
	stampOrder := isOrder(order, isStamp) || isOrder(order, isStamp, isID)
	if keys.stamped || stampOrder && len(order) > 0 {
		return access{kind: byStamp, keys: keys, ordered: stampOrder}
	}
	return access{kind: byID, keys: keys, ordered: isOrder(order, isID)}
}

func isID(k sortKey) bool    { return k.row != nil }
func isStamp(k sortKey) bool { return k.stamp != nil }

// isOrder reports whether ORDER BY is ascending by just these; no order at all fits too.
func isOrder(order []sortKey, want ...func(sortKey) bool) bool {
	if len(order) == 0 {
		return true
	}
	if len(order) != len(want) {
		return false
	}
	for i, k := range order {
		if k.desc || !want[i](k) {
			return false
		}
	}
	return true
}

func conjuncts(c soql.Condition) []soql.Condition {
	switch c := c.(type) {
	case nil:
		return nil
	case *soql.Logic:
		if !c.Or {
			var all []soql.Condition
			for _, term := range c.Terms {
				all = append(all, conjuncts(term)...)
			}
			return all
		}
	}
	return []soql.Condition{c}
}

// direct is the row's own field that a bare operand names; nil for anything else.
func (s *scope) direct(o soql.Operand) *field {
	if names := s.names(o.Path); o.Func == "" && len(names) == 1 {
		return s.readable(s.obj, names[0])
	}
	return nil
}

// equals are the values that a term allows a field: of = or IN. Null among them means no index helps.
func equals(term soql.Condition) (soql.Operand, []soql.Literal) {
	switch term := term.(type) {
	case *soql.Comparison:
		if term.Op == soql.Equal {
			return term.Operand, []soql.Literal{term.Value}
		}
	case *soql.Membership:
		if !term.Negated && !term.Includes && len(term.Values) <= maxIndexed {
			return term.Operand, term.Values
		}
	}
	return soql.Operand{}, nil
}

func (s *scope) texts(values []soql.Literal) ([]string, bool) {
	texts := make([]string, len(values))
	for i, v := range values {
		if texts[i] = v.Text(); v.Kind != soql.Text || texts[i] == "" {
			return nil, false
		}
	}
	return texts, len(texts) > 0
}

func byIdentity(s *scope, term soql.Condition, joins map[*soql.SemiJoin]*joined) (access, bool) {
	if join, ok := term.(*soql.SemiJoin); ok && !join.Negated && s.obj.id != nil && s.direct(join.Operand) == s.obj.id {
		return access{kind: byIDs, join: joins[join]}, true
	}
	o, values := equals(term)
	if len(values) == 0 || s.obj.id == nil || s.direct(o) != s.obj.id {
		return access{}, false
	}
	texts, ok := s.texts(values)
	if !ok {
		return access{}, false
	}
	a := access{kind: byIDs}
	for _, text := range texts {
		if row, exact := s.obj.bound(text[:15]); exact {
			a.ids = append(a.ids, row)
		}
	}
	return a, true
}

func byLookup(s *scope, term soql.Condition, joins map[*soql.SemiJoin]*joined) (access, bool) {
	if join, ok := term.(*soql.SemiJoin); ok && !join.Negated {
		if f := s.direct(join.Operand); f != nil && f.indexed && f.compute == nil {
			return access{kind: byIndex, field: f, join: joins[join]}, true
		}
		return access{}, false
	}
	o, values := equals(term)
	if len(values) == 0 {
		return access{}, false
	}
	f := s.direct(o)
	if f == nil || !f.indexed || f.compute != nil {
		return access{}, false
	}
	texts, ok := s.texts(values)
	if !ok {
		return access{}, false
	}
	if natureOf(f.kind) == identity {
		for i, text := range texts {
			texts[i] = longForm(text)
		}
	}
	return access{kind: byIndex, field: f, texts: texts}, true
}

// keys reads what the terms say about SystemModstamp and Id. An OR says what its weakest side says: the usual keyset
// (SystemModstamp > t OR Id > id) beside SystemModstamp >= t starts at (t, id).
func (s *scope) keys(terms []soql.Condition) keyRange {
	r := everything
	var either []*soql.Logic
	for _, term := range terms {
		switch term := term.(type) {
		case *soql.Comparison:
			s.narrow(&r, term)
		case *soql.Logic:
			either = append(either, term)
		}
	}
	r.after.id = max(r.after.id, r.afterID)
	for _, or := range either {
		weakest := key{stamp: math.MaxInt64, id: math.MaxUint64}
		for _, term := range or.Terms {
			k := s.keys(append(plain(terms), conjuncts(term)...)).after
			if k.compare(weakest) < 0 {
				weakest = k
			}
		}
		if weakest.compare(r.after) > 0 {
			r.after, r.stamped = weakest, true
		}
	}
	return r
}

// plain are the terms that compare, without the ORs that keys is working on.
func plain(terms []soql.Condition) (out []soql.Condition) {
	for _, term := range terms {
		if _, ok := term.(*soql.Comparison); ok {
			out = append(out, term)
		}
	}
	return out
}

func (s *scope) narrow(r *keyRange, c *soql.Comparison) {
	f := s.direct(c.Operand)
	switch {
	case f == nil:
	case f == s.obj.id && c.Value.Kind == soql.Text:
		if text := c.Value.Text(); len(text) >= 15 {
			row, exact := s.obj.bound(text[:15])
			switch c.Op {
			case soql.Greater:
				r.afterID = max(r.afterID, row)
			case soql.GreaterOrEqual:
				if exact {
					row--
				}
				r.afterID = max(r.afterID, row)
			case soql.Less, soql.LessOrEqual:
				r.lastID = min(r.lastID, row)
			}
		}
	case f.name == "SystemModstamp" && f.compute != nil && (c.Value.Kind == soql.DateTime || c.Value.Kind == soql.Range):
		s.narrowStamp(r, c)
	}
}

func (s *scope) narrowStamp(r *keyRange, c *soql.Comparison) {
	begin, end := c.Value.Time.Unix(), c.Value.Time.Unix()+1
	if c.Value.Kind == soql.Range {
		span := c.Value.Span(s.now.In(s.zone))
		begin, end = span.Begin.Unix(), span.End.Unix()
	}
	from, last := int64(math.MinInt64), int64(math.MaxInt64)
	switch c.Op {
	case soql.Greater:
		from = end
	case soql.GreaterOrEqual:
		from = begin
	case soql.Less:
		last = begin - 1
	case soql.LessOrEqual:
		last = end - 1
	case soql.Equal:
		from, last = begin, end-1
	default:
		return
	}
	r.stamped = true
	r.after.stamp = max(r.after.stamp, from)
	r.last = min(r.last, last)
}

// rows walks the path. It runs under the rows' lock.
func (a access) rows(p *plan) iter.Seq[table.Row] {
	t := p.s.obj.table
	switch a.kind {
	case byStamp:
		return func(yield func(table.Row) bool) {
			for row := range t.ByStamp(a.keys.after.stamp, a.keys.after.id) {
				if row.Stamp() > a.keys.last || !yield(row) {
					return
				}
			}
		}
	case byIDs:
		return func(yield func(table.Row) bool) {
			for _, id := range slices.Compact(slices.Sorted(slices.Values(a.rowNumbers(p.s.obj)))) {
				if row, ok := t.Get(id); ok && !yield(row) {
					return
				}
			}
		}
	case byIndex:
		return a.found(t)
	}
	return func(yield func(table.Row) bool) {
		for row := range t.ByID(a.keys.afterID) {
			if row.ID() > a.keys.lastID || !yield(row) {
				return
			}
		}
	}
}

func (a access) rowNumbers(obj *object) []uint64 {
	ids := a.ids
	if a.join != nil {
		for short := range a.join.set {
			if row, exact := obj.bound(short); exact {
				ids = append(ids, row)
			}
		}
	}
	return ids
}

// found looks the texts up and gives each row once, in the order of ids.
func (a access) found(t *table.Table) iter.Seq[table.Row] {
	texts := a.texts
	if a.join != nil {
		for short := range a.join.set {
			texts = append(texts, longForm(short))
		}
	}
	return func(yield func(table.Row) bool) {
		var rows []table.Row
		for _, text := range texts {
			for row := range t.Find(a.field.column, text) {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(x, y table.Row) int { return cmp.Compare(x.ID(), y.ID()) })
		rows = slices.CompactFunc(rows, func(x, y table.Row) bool { return x.ID() == y.ID() })
		for _, row := range rows {
			if !yield(row) {
				return
			}
		}
	}
}
