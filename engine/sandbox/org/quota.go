package org

import (
	"strconv"
	"sync"
	"time"
)

// quota counts the day's API requests over the 24 hours that rolled by, to the minute (Salesforce limits and
// allocations: a rolling 24-hour window).
type quota struct {
	mu      sync.Mutex
	now     func() time.Time
	limit   int
	minutes [24 * 60]int
	at      int64 // the minute that was counted last
	sum     int
}

func newQuota(now func() time.Time, limit int) *quota {
	return &quota{now: now, limit: limit, at: now().Unix() / 60}
}

// roll forgets the minutes that have left the window.
func (q *quota) roll() {
	now := q.now().Unix() / 60
	if now-q.at >= int64(len(q.minutes)) {
		clear(q.minutes[:])
		q.sum, q.at = 0, now
	}
	for q.at < now {
		q.at++
		slot := &q.minutes[q.at%int64(len(q.minutes))]
		q.sum -= *slot
		*slot = 0
	}
}

// spend counts n requests, unless the allowance is used up.
func (q *quota) spend(n int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	if q.sum >= q.limit {
		return false
	}
	q.minutes[q.at%int64(len(q.minutes))] += n
	q.sum += n
	return true
}

// use counts what other apps of the org have spent; the allowance may be overdrawn by it.
func (q *quota) use(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	q.minutes[q.at%int64(len(q.minutes))] += n
	q.sum += n
}

// usage is what the window holds, and the allowance.
func (q *quota) usage() (used, limit int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	return q.sum, q.limit
}

// info is the text of Sforce-Limit-Info.
func (q *quota) info() string {
	used, limit := q.usage()
	return "api-usage=" + strconv.Itoa(used) + "/" + strconv.Itoa(limit)
}

// SpendRequests uses up n of the day's requests, as other apps of the org would.
func (o *Org) SpendRequests(n int) { o.quota.use(n) }

// SetDailyRequests changes the day's allowance; what was spent stays spent.
func (o *Org) SetDailyRequests(limit int) {
	o.quota.mu.Lock()
	defer o.quota.mu.Unlock()
	o.quota.limit = limit
}

// Requests are the requests of the rolling day, and the allowance.
func (o *Org) Requests() (used, limit int) { return o.quota.usage() }
