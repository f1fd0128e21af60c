package instance

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Marketo REST API, Get Leads by Filter Type: 300 values, 300 records a page, 1,000 matches in all.
const (
	maxValues  = 300
	maxPage    = 300
	maxMatches = 1000
)

// leadByID answers one person. An unknown id is 1004 in "errors": the documentation does not say, and this is the
// reading that a client is likelier to overlook.
func leadByID(c *call) error {
	id, err := strconv.ParseUint(c.vars[0], 10, 64)
	if err != nil {
		return fail(1001, "Invalid value '"+c.vars[0]+"'. Required of type 'Integer'")
	}
	fields, err := c.leadFieldList()
	if err != nil {
		return err
	}
	found := false
	c.i.db.View(func() {
		row, ok := c.i.people.Get(id)
		if found = ok; !ok {
			return
		}
		var p person
		c.i.load(&p, row)
		c.element()
		c.buf = p.appendJSON(c.buf, fields)
	})
	if !found {
		return fail(1004, "Lead '"+c.vars[0]+"' not found")
	}
	return nil
}

// batchSize reads the parameter of that name.
func (c *call) batchSize() (int, error) {
	text := c.q.Get("batchSize")
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fail(1001, "Invalid value '"+text+"'. Required of type 'Integer'")
	}
	return min(n, maxPage), nil
}

func leadsByFilter(c *call) error {
	name := c.q.Get("filterType")
	if name == "" {
		return missing("filterType")
	}
	if c.q.Get("filterValues") == "" {
		return missing("filterValues")
	}
	values := strings.Split(c.q.Get("filterValues"), ",")
	if len(values) > maxValues {
		return fail(1003, "The number of filterValues exceeds the limit of 300")
	}
	size, err := c.batchSize()
	if err != nil {
		return err
	}
	fields, err := c.leadFieldList()
	if err != nil {
		return err
	}
	from := 0
	if text := c.q.Get("nextPageToken"); text != "" {
		place, ok := c.i.readToken(text)
		if !ok || place.kind != offsetToken {
			return errToken
		}
		from = int(place.at)
	}
	var rows []table.Row
	c.i.db.View(func() {
		f := c.i.schema.visible(name)
		if f == nil || !f.search {
			err = fail(1011, "Filter type '"+name+"' not supported")
			return
		}
		rows, err = c.i.matches(f, values)
		if err != nil {
			return
		}
		// Results do not come in the order of the values, nor of the ids.
		slices.SortFunc(rows, func(a, b table.Row) int {
			x, y := (a.ID()^c.i.seed)*0x9e3779b97f4a7c15, (b.ID()^c.i.seed)*0x9e3779b97f4a7c15
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
		var p person
		for _, row := range rows[min(from, len(rows)):min(from+size, len(rows))] {
			c.i.load(&p, row)
			c.element()
			c.buf = p.appendJSON(c.buf, fields)
		}
	})
	if err == nil && from+size < len(rows) {
		c.page(c.i.token(place{offsetToken, uint64(from + size)}), true)
	}
	return err
}

// matches gives the people who have one of the values, each once. It is called under the lock.
func (i *Instance) matches(f *field, values []string) ([]table.Row, error) {
	var rows []table.Row
	seen := map[uint64]struct{}{}
	for _, value := range values {
		for row := range i.having(f, strings.TrimSpace(value)) {
			if _, again := seen[row.ID()]; again {
				continue
			}
			seen[row.ID()] = struct{}{}
			if rows = append(rows, row); len(rows) > maxMatches {
				return nil, fail(1003, "Too many results match the filter")
			}
		}
	}
	return rows, nil
}

// having gives the people with a value in a field, in any case.
func (i *Instance) having(f *field, value string) iter.Seq[table.Row] {
	return func(yield func(table.Row) bool) {
		switch {
		case value == "":
		case f.name == "id":
			id, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return
			}
			if row, ok := i.people.Get(id); ok {
				yield(row)
			}
		case f.indexed:
			for row := range i.people.Find(f.column, value) {
				if !yield(row) {
					return
				}
			}
		default:
			for row := range i.people.ByID(0) {
				text, ok := row.Get(f.column)
				if !ok && f == i.schema.partition {
					text, ok = "1", true
				}
				if ok && strings.EqualFold(text, value) && !yield(row) {
					return
				}
			}
		}
	}
}
