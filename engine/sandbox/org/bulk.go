package org

import (
	"net/http"
	"sync"
	"time"
)

// bulkState counts the day's bulk jobs, which the limits show.
type bulkState struct {
	mu              sync.Mutex
	day             string
	batches, querys int
}

func (b *bulkState) turn(now time.Time) {
	if day := now.UTC().Format(time.DateOnly); day != b.day {
		b.day, b.batches, b.querys = day, 0, 0
	}
}

func (b *bulkState) batchesToday(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	return b.batches
}

func (b *bulkState) queriesToday(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	return b.querys
}

// jobs refuses bulk jobs, as an org without the feature does.
func (o *Org) jobs(c *call, tail []string) {
	c.fail(fault1(http.StatusForbidden, "FEATURENOTENABLED", "Bulk API is not enabled for this organization or user."))
}
