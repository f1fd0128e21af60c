package org

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// query answers vNN/query and vNN/queryAll, a new statement or the next page of one.
func (o *Org) query(c *call, all bool, tail []string) {
	if !c.allow(http.MethodGet) {
		return
	}
	if len(tail) > 0 {
		o.nextPage(c, tail[0])
		return
	}
	if text := c.query.Get("explain"); text != "" {
		o.explain(c, text)
		return
	}
	text := c.query.Get("q")
	if text == "" {
		c.fail(badRequest("MALFORMED_QUERY", "A query string has to be specified"))
		return
	}
	o.run(c, text, all)
}

// toolingQuery answers vNN/tooling/query: by the same rules, and for the objects that only it knows.
func (o *Org) toolingQuery(c *call) { o.query(c, false, nil) }

// run parses and answers one statement.
func (o *Org) run(c *call, text string, all bool) {
	q, err := soql.Parse(text)
	if err != nil {
		c.fail(queryRefusal(err))
		return
	}
	o.view(c, func() {
		if strings.EqualFold(q.From.String(), "UserRecordAccess") {
			if err := o.recordAccess(c, q); err != nil {
				c.fail(queryRefusal(err))
			}
			return
		}
		s, err := o.scopeOf(c, q, o.clock.Now())
		if err != nil {
			c.fail(queryRefusal(err))
			return
		}
		p, err := s.plan(all)
		if err != nil {
			c.fail(queryRefusal(err))
			return
		}
		if err := o.answerQuery(c, s, p); err != nil {
			c.fail(queryRefusal(err))
		}
	})
}

// queryRefusal is a refusal in SOQL's words.
func queryRefusal(err error) *apiError {
	var refused *soql.Error
	if errors.As(err, &refused) {
		return badRequest(refused.Code, refused.Message)
	}
	return badRequest(soql.MalformedQuery, err.Error())
}

// answerQuery writes the result of a planned statement. It runs under the rows' lock.
func (o *Org) answerQuery(c *call, s *scope, p *plan) error {
	if isCount(s.q) {
		b := append(c.out.buf, `{"totalSize":`...)
		b = strconv.AppendInt(b, int64(p.count()), 10)
		c.out.buf = append(b, `,"done":true,"records":[]}`...)
		c.ok(http.StatusOK)
		return nil
	}
	if grouped(s.q) {
		return o.answerGroups(c, s, p)
	}
	list, err := s.selection(s.q.Select)
	if err != nil {
		return err
	}
	size := pageSizeOf(c)
	if o.dice.Roll(fault.ShortPage) && size > 2 {
		size = size/2 + 1
	}
	// The head needs the number of all rows, which is known when the last of them was seen; it is put in front afterwards.
	body := o.buffers.take()
	defer func() { o.buffers.give(body) }()
	var rest []uint64
	n := 0
	for row := range p.rows() {
		if n < size {
			if n > 0 {
				body = append(body, ',')
			}
			body = list.append(body, row)
		} else {
			rest = append(rest, row.ID())
		}
		n++
	}
	o.writePage(c, body, n, rest, list, s.obj, size, size)
	return nil
}

// writePage writes one page. rest are the rows that do not fit; first is where they begin.
func (o *Org) writePage(c *call, body []byte, total int, rest []uint64, list *selection, obj *object, first, size int) {
	b := append(c.out.buf, `{"totalSize":`...)
	b = strconv.AppendInt(b, int64(total), 10)
	if len(rest) > 0 {
		id := "0r8" + o.opaque("cursor")[:15]
		o.cursors.keep(id, &cursor{user: c.session.user, list: list, rows: rest, size: size, object: obj, until: o.clock.Now().Add(cursorLife)})
		b = append(b, `,"done":false,"nextRecordsUrl":"`...)
		b = append(b, c.href("query/"+id+"-"+strconv.Itoa(first))...)
		b = append(b, `","records":[`...)
	} else {
		b = append(b, `,"done":true,"records":[`...)
	}
	b = append(b, body...)
	c.out.buf = append(b, `]}`...)
	c.ok(http.StatusOK)
}

func pageSizeOf(c *call) int {
	for part := range strings.SplitSeq(c.header.Get("Sforce-Query-Options"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if n, err := strconv.Atoi(value); err == nil && strings.EqualFold(name, "batchSize") {
			return min(max(n, pageRowsMin), pageRows)
		}
	}
	return pageRows
}

// selection is a compiled select list: how a row is written.
type selection struct {
	o       *Org
	c       *call
	obj     *object
	scope   *scope
	plain   []*field // all of it, where only own fields are asked for
	entries []entry
}

// entry writes one name of a row.
type entry struct {
	name  string
	write func(b []byte, row table.Row) []byte
}

// of is the selection for another call of the same user.
func (l *selection) of(c *call) *selection {
	other := *l
	other.c = c
	return &other
}

func (l *selection) append(b []byte, row table.Row) []byte {
	if l.plain != nil {
		return l.o.appendRow(b, l.c, l.obj, row, l.plain)
	}
	b = append(b, '{')
	b = l.o.appendAttributes(b, l.c, l.obj, row)
	for _, e := range l.entries {
		b = append(b, ',', '"')
		b = append(b, e.name...)
		b = append(b, '"', ':')
		b = e.write(b, row)
	}
	return append(b, '}')
}

// selection compiles a select list.
func (s *scope) selection(items []soql.Item) (*selection, error) {
	list := &selection{o: s.o, c: s.c, obj: s.obj, scope: s}
	plain := true
	parents := map[string]*parentEntry{}
	for _, item := range items {
		switch item := item.(type) {
		case *soql.Column:
			steps, f, err := s.resolve(item.Path)
			if err != nil {
				return nil, err
			}
			switch {
			case len(steps) > 0:
				plain = false
				list.addParent(parents, s.names(item.Path), steps, f)
			case item.Func != "":
				plain = false
				x, err := s.operand(item.Operand)
				if err != nil {
					return nil, err
				}
				list.addValue(nameOr(item.Alias, f.name), x)
			default:
				list.plain = append(list.plain, f)
				list.entries = append(list.entries, entry{f.name, func(b []byte, row table.Row) []byte { return s.o.appendField(b, f, row) }})
			}
		case *soql.Expansion:
			for _, f := range s.obj.fields {
				custom := strings.HasSuffix(f.name, "__c")
				if s.c.rights.reads(f) && (item.Which == "ALL" || (item.Which == "CUSTOM") == custom) {
					list.plain = append(list.plain, f)
					list.entries = append(list.entries, entry{f.name, func(b []byte, row table.Row) []byte { return s.o.appendField(b, f, row) }})
				}
			}
			if len(list.plain) == 0 {
				return nil, s.refuse(item.Pos, soql.MalformedQuery, "'FIELDS("+item.Which+")' expansion function must result in at least one field being selected.")
			}
		case *soql.Children:
			plain = false
			child, err := s.children(item)
			if err != nil {
				return nil, err
			}
			list.entries = append(list.entries, child)
		case *soql.TypeOf:
			plain = false
			kinds, err := list.typeOf(item)
			if err != nil {
				return nil, err
			}
			list.entries = append(list.entries, kinds)
		}
	}
	if !plain {
		list.plain = nil
	}
	return list, nil
}

func nameOr(alias, name string) string {
	if alias != "" {
		return alias
	}
	return name
}

func (l *selection) addValue(name string, x operand[table.Row]) {
	shown := &field{kind: x.kind}
	l.entries = append(l.entries, entry{name, func(b []byte, row table.Row) []byte {
		text, ok := x.get(row)
		return appendValue(b, shown, text, ok)
	}})
}

// parentEntry gathers the fields asked for of one parent, so that it is written once.
type parentEntry struct {
	steps  []step
	fields []*field
	deeper map[string]*parentEntry
	order  []string
}

func (l *selection) addParent(parents map[string]*parentEntry, names []string, steps []step, f *field) {
	level := parents
	var at *parentEntry
	for i := range steps {
		name := steps[i].field.relationship
		next := level[strings.ToLower(name)]
		if next == nil {
			next = &parentEntry{steps: steps[:i+1], deeper: map[string]*parentEntry{}}
			level[strings.ToLower(name)] = next
			if at != nil {
				at.order = append(at.order, name)
			} else {
				root := next
				l.entries = append(l.entries, entry{name, func(b []byte, row table.Row) []byte { return l.appendParent(b, root, row) }})
			}
		}
		at, level = next, next.deeper
	}
	at.fields = append(at.fields, f)
}

func (l *selection) appendParent(b []byte, p *parentEntry, row table.Row) []byte {
	obj, at, ok := l.scope.climb(row, p.steps)
	if !ok {
		return append(b, "null"...)
	}
	b = append(b, '{')
	b = l.o.appendAttributes(b, l.c, obj, at)
	for _, f := range p.fields {
		own := f
		if own.object != obj {
			own = obj.field(f.name)
		}
		b = append(b, ',', '"')
		b = append(b, f.name...)
		b = append(b, '"', ':')
		if own == nil {
			b = append(b, "null"...)
			continue
		}
		b = l.o.appendField(b, own, at)
	}
	for _, name := range p.order {
		b = append(b, ',', '"')
		b = append(b, name...)
		b = append(b, '"', ':')
		b = l.appendParent(b, p.deeper[strings.ToLower(name)], row)
	}
	return append(b, '}')
}
