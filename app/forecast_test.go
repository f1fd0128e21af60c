package app

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// spent is a history of cycles, the newest first: one every five minutes for a time, each with 2 calls to Salesforce and
// 3 to Marketo.
func spent(now time.Time, span time.Duration) (cycles []store.Cycle) {
	for ago := 5 * time.Minute; ago <= span; ago += 5 * time.Minute {
		cycles = append(cycles, store.Cycle{Ended: true, Report: cycle.Report{Started: now.Add(-ago), Calls: cycle.Counts{Salesforce: 2, Marketo: 3}}})
	}
	return cycles
}

func TestForecasts(t *testing.T) {
	now := time.Date(2026, 3, 4, 18, 0, 0, 0, time.UTC)
	first := store.Cycle{Ended: true, Report: cycle.Report{First: true, Started: now.Add(-2*time.Hour - time.Minute), Calls: cycle.Counts{Salesforce: 9000, Marketo: 9000}}}
	for name, row := range map[string]struct {
		cycles              []store.Cycle
		salesforce, marketo int
	}{
		"no cycles":                      {nil, 0, 0},
		"too little to say":              {spent(now, 55*time.Minute), 0, 0},
		"two hours":                      {spent(now, 2*time.Hour), 576, 100 + 216},
		"the first sync happens once":    {append(spent(now, 2*time.Hour), first), 576, 100 + 216},
		"what was before a day is over":  {append(spent(now, 24*time.Hour), spent(now.Add(-24*time.Hour), time.Hour)...), 576, 100 + 216},
		"a day that had a long gap only": {spent(now, 24*time.Hour)[287:], 2, 100 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := Dashboard{Quotas: []Quota{{Side: record.Salesforce, Used: 70}, {Side: record.Marketo, Used: 100, Resets: now.Add(6 * time.Hour)}}}
			d.addForecasts(row.cycles, now)
			if row.marketo == 0 && d.Quotas[1].Forecast != 0 || row.marketo != 0 && d.Quotas[1].Forecast != row.marketo {
				t.Errorf("Marketo: %d, want %d", d.Quotas[1].Forecast, row.marketo)
			}
			if d.Quotas[0].Forecast != row.salesforce {
				t.Errorf("Salesforce: %d, want %d", d.Quotas[0].Forecast, row.salesforce)
			}
		})
	}
}
