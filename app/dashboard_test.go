package app

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestQuotaOf(t *testing.T) {
	chicago := zone(t, "America/Chicago")
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, chicago)
	springs := time.Date(2026, 3, 8, 12, 30, 0, 0, chicago) // the day has 23 hours, of which 11.5 have passed
	tomorrow := time.Date(2026, 3, 5, 0, 0, 0, 0, chicago)
	for name, row := range map[string]struct {
		side record.Side
		kept store.Calls
		now  time.Time
		want Quota
	}{
		"Marketo at noon":             {record.Marketo, store.Calls{Day: "2026-03-04", Used: 600, Limit: 50_000, Share: 25_000}, noon, Quota{Used: 600, Share: 25_000, Limit: 50_000, Resets: tomorrow}},
		"a day of 23 hours":           {record.Marketo, store.Calls{Day: "2026-03-08", Used: 600, Limit: 50_000, Share: 25_000}, springs, Quota{Used: 600, Share: 25_000, Limit: 50_000, Resets: time.Date(2026, 3, 9, 0, 0, 0, 0, chicago)}},
		"yesterday's calls are over":  {record.Marketo, store.Calls{Day: "2026-03-03", Used: 600, Limit: 50_000, Share: 25_000}, noon, Quota{Share: 25_000, Limit: 50_000, Resets: tomorrow}},
		"nothing known":               {record.Marketo, store.Calls{}, noon, Quota{Share: 25_000, Limit: 50_000, Resets: tomorrow}},
		"Salesforce's window rolls":   {record.Salesforce, store.Calls{Day: "2026-03-04", Used: 7, Limit: 1000, Share: 500}, noon, Quota{Used: 7, Share: 500, Limit: 1000}},
		"Salesforce's days are UTC's": {record.Salesforce, store.Calls{Day: "2026-03-04", Used: 7, Limit: 1000}, noon.Add(7 * time.Hour), Quota{Share: 500, Limit: 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			got := quotaOf(row.side, row.kept, DefaultSettings(), row.now)
			row.want.Side = row.side
			if !got.Resets.Equal(row.want.Resets) {
				t.Errorf("starts again at %v, want %v", got.Resets, row.want.Resets)
			}
			if got.Resets = row.want.Resets; got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestClassOf(t *testing.T) {
	for cause, want := range map[string]CauseClass{
		"STRING_TOO_LONG": CauseBad, "DUPLICATES_DETECTED": CauseBad, "ENTITY_IS_DELETED": CauseBad,
		"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": CauseWarning, "INSUFFICIENT_ACCESS_OR_READONLY": CauseWarning,
		"UNABLE_TO_LOCK_ROW": CauseOther, "REQUEST_LIMIT_EXCEEDED": CauseOther,
	} {
		if got := classOf(explainCause(record.Salesforce, record.Lead, cause)); got != want {
			t.Errorf("%s is %d, want %d", cause, got, want)
		}
	}
}

// TestBarsOf looks at zones whose midnight is no full hour of UTC, and at the days of 23 and 25 hours.
func TestBarsOf(t *testing.T) {
	for name, now := range map[string]time.Time{
		"UTC":                  time.Date(2026, 6, 10, 10, 45, 0, 0, time.UTC),
		"a half hour":          time.Date(2026, 6, 10, 10, 45, 0, 0, zone(t, "Asia/Kolkata")),
		"the clock went ahead": time.Date(2026, 3, 31, 10, 45, 0, 0, zone(t, "Europe/Amsterdam")),
		"the clock went back":  time.Date(2026, 10, 27, 0, 15, 0, 0, zone(t, "Europe/Amsterdam")),
	} {
		t.Run(name, func(t *testing.T) {
			first, today := midnight(now, 1-barsShown), midnight(now, 0)
			bars := barsOf(now, []store.Refusals{
				{Hour: first, Side: record.Salesforce, Cause: "FIELD_CUSTOM_VALIDATION_EXCEPTION", N: 2},
				{Hour: today.Add(-30 * time.Minute), Side: record.Salesforce, Cause: "UNABLE_TO_LOCK_ROW", N: 3},
				{Hour: today, Side: record.Salesforce, Cause: "INSUFFICIENT_ACCESS_OR_READONLY", N: 5},
				{Hour: midnight(now, 1), Side: record.Salesforce, Cause: "UNABLE_TO_LOCK_ROW", N: 100},
			})
			if len(bars) != barsShown {
				t.Fatalf("%d bars", len(bars))
			}
			for i, b := range bars {
				if y, m, d := b.From.Date(); b.From.Hour()+b.From.Minute() != 0 || !time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).Equal(b.Until) {
					t.Errorf("bar %d is no day: %v to %v", i, b.From, b.Until)
				}
			}
			last := bars[barsShown-1]
			if bars[0].Bad != 2 || bars[0].Sum() != 2 || bars[barsShown-2].Other != 3 || last.Warning != 5 || last.Sum() != 5 {
				t.Errorf("got %+v", bars)
			}
		})
	}
}

// TestQuotaCounts takes up what a running cycle has spent, and what the side has said of its allowance by now.
func TestQuotaCounts(t *testing.T) {
	q := Quota{Used: 7, Share: 100, Limit: 200}
	q.count(pace.Usage{Today: 5})
	if q != (Quota{Used: 7, Share: 100, Limit: 200}) {
		t.Errorf("less than what is kept: %+v", q)
	}
	q.count(pace.Usage{Today: 9, Limit: 1000, Share: 500})
	if q != (Quota{Used: 9, Share: 500, Limit: 1000}) {
		t.Errorf("%+v", q)
	}
}

// TestSpentOn adds up both sides by purpose, of today only, the most first.
func TestSpentOn(t *testing.T) {
	ctx := t.Context()
	s, err := openSample(ctx, 60, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := s.app.Sync(ctx, sampleName, SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.app.within(ctx, sampleName, func(ws *store.Workspace) error {
		status, err := ws.Status(ctx)
		if err != nil {
			return err
		}
		list, err := spentOn(ctx, ws, status.Calls, s.app.world.now())
		if err != nil {
			return err
		}
		var salesforce, marketo int
		for i, one := range list {
			salesforce, marketo = salesforce+one.Salesforce, marketo+one.Marketo
			if i > 0 && one.Sum() > list[i-1].Sum() {
				t.Errorf("%+v comes after %+v", one, list[i-1])
			}
		}
		if want := status.Calls; salesforce == 0 || salesforce != want[record.Salesforce].Used || marketo != want[record.Marketo].Used {
			t.Errorf("%d and %d calls have a purpose, of %d and %d", salesforce, marketo, want[record.Salesforce].Used, want[record.Marketo].Used)
		}
		later, err := spentOn(ctx, ws, status.Calls, s.app.world.now().Add(48*time.Hour))
		if len(later) != 0 {
			t.Errorf("two days later: %+v", later)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
