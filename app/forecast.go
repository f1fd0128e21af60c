package app

import (
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// How far back the pace of calls is measured: as many cycles, at most a day of them, and no less than an hour.
const (
	paceCycles = 288
	paceLeast  = time.Hour
)

// perDay is how many calls a side gets in 24 hours at the pace of the cycles of the last 24, 0 while too little is
// known. The first sync is no pace: it happens once. The newest cycle comes first.
func perDay(side record.Side, cycles []store.Cycle, now time.Time) float64 {
	calls, since := 0, now
	for _, c := range cycles {
		if c.First || c.Started.Before(now.Add(-24*time.Hour)) {
			break
		}
		since = c.Started
		if side == record.Salesforce {
			calls += c.Calls.Salesforce
		} else {
			calls += c.Calls.Marketo
		}
	}
	span := now.Sub(since)
	if span < paceLeast {
		return 0
	}
	return float64(calls) * float64(24*time.Hour) / float64(span)
}

// addForecasts says of each side how many calls it will have got by the end of its day. Salesforce counts the last 24
// hours, so there it is what any 24 hours come to.
func (d *Dashboard) addForecasts(cycles []store.Cycle, now time.Time) {
	for i := range d.Quotas {
		q := &d.Quotas[i]
		pace := perDay(q.Side, cycles, now)
		switch {
		case pace == 0:
			q.Forecast = 0
		case q.Resets.IsZero():
			q.Forecast = int(pace + 0.5)
		default:
			q.Forecast = q.Used + int(pace*float64(q.Resets.Sub(now))/float64(24*time.Hour)+0.5)
		}
	}
}
