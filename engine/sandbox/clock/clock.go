// Package clock is the time that both imitated systems live by: real time, moved forward on request.
package clock

import (
	"sync/atomic"
	"time"
)

// Clock tells a time that runs with its base and can be moved forward. It is safe for concurrent use.
//
// Nothing is scheduled on it: whoever has to do something at a time (a token that ends, a job that moves on) asks Now
// when it is next asked itself.
type Clock struct {
	base   func() time.Time
	offset atomic.Int64
}

// New makes a clock on base; nil is time.Now, which in a testing/synctest bubble is the bubble's time.
func New(base func() time.Time) *Clock {
	if base == nil {
		base = time.Now
	}
	return &Clock{base: base}
}

// Now is the clock's time in UTC, without a monotonic reading: it is the other side's clock, not ours.
func (c *Clock) Now() time.Time {
	return c.base().Add(time.Duration(c.offset.Load())).Round(0).UTC()
}

// Advance moves the clock forward. A negative or zero d moves nothing: neither system's clock runs backwards.
func (c *Clock) Advance(d time.Duration) {
	if d > 0 {
		c.offset.Add(int64(d))
	}
}
