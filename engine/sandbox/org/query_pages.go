package org

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Page sizes of a query (REST API Developer Guide, Query Options Header).
const (
	pageRows    = 2000
	pageRowsMin = 200
)

// cursor is a query that has more rows than a page: the numbers of its rows, and what to show of them. Rows that changed
// since come with their values of the time of reading.
type cursor struct {
	user   string
	list   *selection
	rows   []uint64
	size   int
	object *object
	until  time.Time
}

// cursorState keeps open cursors for two days. A real org has room for any number; here the oldest give way.
type cursorState struct {
	mu    sync.Mutex
	open  map[string]*cursor
	order []string
}

const (
	cursorLife  = 48 * time.Hour
	mostCursors = 200
)

func (s *cursorState) keep(id string, c *cursor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]*cursor{}
	}
	s.open[id] = c
	if s.order = append(s.order, id); len(s.order) > mostCursors {
		delete(s.open, s.order[0])
		s.order = s.order[1:]
	}
}

// find is the cursor of that id, nil when there is none or its time is over.
func (s *cursorState) find(id string, now time.Time) *cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.open[id]; c != nil && now.Before(c.until) {
		return c
	}
	return nil
}

// nextPage answers a locator: an id and the number of the first row to show.
func (o *Org) nextPage(c *call, locator string) {
	at := max(strings.LastIndexByte(locator, '-'), 0) // the id may hold one too
	id := locator[:at]
	offset, err := strconv.Atoi(strings.TrimPrefix(locator[at:], "-"))
	cur := o.cursors.find(id, o.clock.Now())
	if err != nil || cur == nil || cur.user != c.session.user || offset < cur.size || offset >= cur.size+len(cur.rows) {
		c.fail(badRequest("INVALID_QUERY_LOCATOR", "invalid query locator"))
		return
	}
	rows := cur.rows[offset-cur.size:]
	more := len(rows) > cur.size
	if more {
		rows = rows[:cur.size]
	}
	o.view(c, func() {
		b := append(c.out.buf, `{"totalSize":`...)
		b = strconv.AppendInt(b, int64(cur.size+len(cur.rows)), 10)
		if more {
			b = append(b, `,"done":false,"nextRecordsUrl":"`...)
			b = append(b, c.href("query/"+id+"-"+strconv.Itoa(offset+cur.size))...)
			b = append(b, `","records":[`...)
		} else {
			b = append(b, `,"done":true,"records":[`...)
		}
		list := cur.list.of(c)
		for i, n := range rows {
			row, ok := cur.object.table.Get(n)
			if !ok {
				continue
			}
			if i > 0 && b[len(b)-1] != '[' {
				b = append(b, ',')
			}
			b = list.append(b, row)
		}
		c.out.buf = append(b, `]}`...)
		c.ok(http.StatusOK)
	})
}
