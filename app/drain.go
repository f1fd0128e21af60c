package app

import (
	"math"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// pipe is how fast a side takes what waits for it, and how many calls there are for that.
type pipe struct {
	perSecond float64   // records
	measured  bool      // by what was written, else by what the side allows
	perCall   float64   // records a call, what is read back included
	left      int       // calls until again
	daily     int       // calls of each day after
	again     time.Time // when the allowance starts again
}

// throughputLeast is how many records a cycle must have written to a side for its pace to count.
const throughputLeast = 300

// Records a call, with the reading that a write brings with it: Salesforce takes 400 with reading beside the write, and gives 2,000
// changed ones a page; Marketo takes 300 people, and tells of 300 changes.
const (
	salesforcePerWrite = 400
	salesforcePerRead  = 2000
	marketoPerCall     = 300
)

// Where nothing was measured: a call of four hundred rows a side by side of five takes the org some seconds.
const salesforcePerSecond = 150

// pipeTo is the pipe towards a side, measured by the cycles of the last day. The newest cycle comes first.
func pipeTo(side record.Side, cycles []store.Cycle, q Quota, s Settings, now time.Time) pipe {
	p := pipe{left: max(q.Share-q.Used, 0), daily: q.Share, again: q.Resets}
	if p.again.IsZero() {
		p.again = now.Add(24 * time.Hour) // what was spent longest ago comes back first, but nobody knows when that was
	}
	var records int
	var took time.Duration
	for _, c := range cycles {
		if c.Started.Before(now.Add(-24*time.Hour)) || len(cycles) == 0 {
			break
		}
		if n := c.Writes.On(side); n >= throughputLeast && c.Took > 0 {
			records, took = records+n, took+c.Took
		}
	}
	if side == record.Salesforce {
		p.perCall, p.perSecond = 1/(1.0/salesforcePerWrite+1.0/salesforcePerRead), salesforcePerSecond
	} else {
		p.perCall, p.perSecond = marketoPerCall/2.0, float64(s.Pace)/20*marketoPerCall/2
	}
	if took > 0 {
		p.perSecond, p.measured = float64(records)/took.Seconds(), true
	}
	if q.Share == 0 { // the side has not told yet: no limit is known
		p.left, p.daily = math.MaxInt32, math.MaxInt32
	}
	return p
}

// empties is when so many records are written, beginning at a time: as fast as the side takes them, with as many calls as there are each
// day. ok is false when not even a year is enough.
func (p pipe) empties(from time.Time, records int) (at time.Time, ok bool) {
	at = from
	left, again := p.left, p.again
	for !again.After(at) { // it begins after the allowance has started again
		left, again = p.daily, again.Add(24*time.Hour)
	}
	for range 366 {
		can := float64(left) * p.perCall
		if time := again.Sub(at).Seconds() * p.perSecond; time < can {
			can = time
		}
		if float64(records) <= can {
			return at.Add(time.Duration(float64(records) / p.perSecond * float64(time.Second))), true
		}
		records -= int(can)
		at, left, again = again, p.daily, again.Add(24*time.Hour)
	}
	return at, false
}

// emptyAt is when nothing waits any more in either direction; zero when nothing waits now, or nobody can tell.
func emptyAt(waiting Sides, cycles []store.Cycle, quotas []Quota, s Settings, now time.Time) (at time.Time) {
	for _, q := range quotas {
		n := waiting.ToSalesforce
		if q.Side == record.Marketo {
			n = waiting.ToMarketo
		}
		if n == 0 {
			continue
		}
		end, ok := pipeTo(q.Side, cycles, q, s, now).empties(now, n)
		if !ok {
			return time.Time{}
		}
		if end.After(at) {
			at = end
		}
	}
	return at
}
