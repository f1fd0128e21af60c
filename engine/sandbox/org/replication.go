package org

import (
	"net/http"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// How far back the replication calls look (REST API: 30 days, 15 days) and how many ids they give.
const (
	updatedDays     = 30
	deletedDays     = 15
	maxReplicated   = 600_000
	recycleBinStays = 15 * 24 * time.Hour
)

// span reads start and end, cut to the minute; both ends are inclusive.
func (o *Org) span(c *call, obj *object, days int, least time.Duration) (start, end time.Time, refusal *apiError) {
	if !obj.flags.replicateable {
		return start, end, badRequest("INVALID_TYPE", "sObject type '"+obj.name+"' is not replicateable")
	}
	now := o.clock.Now()
	read := func(name string) (time.Time, *apiError) {
		at, err := parseMoment(c.query.Get(name))
		if err != nil {
			return at, badRequest("INVALID_REPLICATION_DATE", "The parameter "+name+" is missing or is not a date-time with an offset")
		}
		return at.UTC().Truncate(time.Minute), nil
	}
	if start, refusal = read("start"); refusal != nil {
		return
	}
	if end, refusal = read("end"); refusal != nil {
		return
	}
	switch {
	case !end.After(start) || end.Sub(start) < least:
		refusal = badRequest("INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than the startDate")
	case now.Sub(start) > time.Duration(days)*24*time.Hour:
		refusal = badRequest("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
	case start.After(now):
		refusal = badRequest("INVALID_REPLICATION_DATE", "startDate cannot be in the future")
	}
	return start, end, refusal
}

// covered is until when the answer is complete: not past now, and not past the start of the oldest open transaction.
func (o *Org) covered(end time.Time) time.Time {
	at := o.clock.Now().UTC().Truncate(time.Minute)
	if end.Before(at) {
		at = end
	}
	if stamp, open := o.late.oldest(); open {
		if oldest := time.Unix(stamp, 0).UTC().Truncate(time.Minute); oldest.Before(at) {
			at = oldest
		}
	}
	return at
}

// changedIn calls fn with the rows whose stamp lies in the span, oldest first, until fn answers false. The end counts
// with the whole second that it names.
func changedIn(obj *object, start, end time.Time, fn func(table.Row) bool) {
	for row := range obj.table.ByStamp(start.Unix()-1, ^uint64(0)) {
		if row.Stamp() > end.Unix() || !fn(row) {
			return
		}
	}
}

// updated answers sobjects/Lead/updated/?start=&end=: ids of rows created or changed.
func (o *Org) updated(c *call, obj *object) {
	if !c.allow(http.MethodGet) {
		return
	}
	start, end, refusal := o.span(c, obj, updatedDays, time.Minute)
	if refusal != nil {
		c.fail(refusal)
		return
	}
	o.view(c, func() {
		c.out.buf = append(c.out.buf, `{"ids":[`...)
		n := 0
		changedIn(obj, start, end, func(row table.Row) bool {
			if obj.isDeleted(row) || !o.visible(c, obj, row) {
				return true
			}
			if n > 0 {
				c.out.buf = append(c.out.buf, ',')
			}
			n++
			c.out.buf = append(c.out.buf, '"')
			c.out.buf = obj.appendID(c.out.buf, row.ID())
			c.out.buf = append(c.out.buf, '"')
			return n <= maxReplicated
		})
		if n > maxReplicated {
			c.fail(badRequest("EXCEEDED_ID_LIMIT", "the number of changed records exceeds 600000"))
			return
		}
		c.out.buf = append(c.out.buf, `],"latestDateCovered":`...)
		c.out.buf = appendMoment(c.out.buf, o.covered(end))
		c.out.buf = append(c.out.buf, '}')
		c.ok(http.StatusOK)
	})
}

// deleted answers sobjects/Lead/deleted/?start=&end=: ids of rows put into the bin, merge losers among them.
func (o *Org) deleted(c *call, obj *object) {
	if !c.allow(http.MethodGet) {
		return
	}
	start, end, refusal := o.span(c, obj, deletedDays, 2*time.Minute)
	if refusal != nil {
		c.fail(refusal)
		return
	}
	o.view(c, func() {
		c.out.buf = append(c.out.buf, `{"deletedRecords":[`...)
		n := 0
		changedIn(obj, start, end, func(row table.Row) bool {
			if !obj.isDeleted(row) || !o.visible(c, obj, row) {
				return true
			}
			if n > 0 {
				c.out.buf = append(c.out.buf, ',')
			}
			n++
			c.out.buf = append(c.out.buf, `{"id":"`...)
			c.out.buf = obj.appendID(c.out.buf, row.ID())
			c.out.buf = append(c.out.buf, `","deletedDate":`...)
			c.out.buf = appendMoment(c.out.buf, time.Unix(row.Stamp(), 0))
			c.out.buf = append(c.out.buf, '}')
			return n <= maxReplicated
		})
		if n > maxReplicated {
			c.fail(badRequest("EXCEEDED_ID_LIMIT", "the number of deleted records exceeds 600000"))
			return
		}
		c.out.buf = append(c.out.buf, `],"earliestDateAvailable":`...)
		c.out.buf = appendMoment(c.out.buf, o.clock.Now().Add(-recycleBinStays).Truncate(time.Minute))
		c.out.buf = append(c.out.buf, `,"latestDateCovered":`...)
		c.out.buf = appendMoment(c.out.buf, o.covered(end))
		c.out.buf = append(c.out.buf, '}')
		c.ok(http.StatusOK)
	})
}

// appendMoment appends a date-time as answers write it.
func appendMoment(b []byte, at time.Time) []byte {
	b = append(b, '"')
	b = appendStamp(b, at.Unix())
	return append(b[:len(b)-1], `.000+0000"`...)
}
