package app

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// When a queue is empty follows from the pace, and from the calls where these are fewer than the pace would need.
func TestEmpties(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	midnight := now.Add(12 * time.Hour)
	for name, row := range map[string]struct {
		p       pipe
		records int
		want    time.Duration
	}{
		"by the pace":                  {pipe{perSecond: 10, perCall: 100, left: 1000, daily: 1000, again: midnight}, 600, time.Minute},
		"nothing":                      {pipe{perSecond: 10, perCall: 100, left: 0, daily: 1000, again: midnight}, 0, 0},
		"no calls left today":          {pipe{perSecond: 10, perCall: 100, left: 0, daily: 1000, again: midnight}, 600, 12*time.Hour + time.Minute},
		"some left":                    {pipe{perSecond: 10, perCall: 100, left: 3, daily: 1000, again: midnight}, 900, 12*time.Hour + time.Minute},
		"more than a day's calls":      {pipe{perSecond: 10, perCall: 100, left: 5, daily: 10, again: midnight}, 2100, 36*time.Hour + time.Minute},
		"more than a day at that pace": {pipe{perSecond: 0.01, perCall: 100, left: 1000, daily: 1000, again: midnight}, 864, 24 * time.Hour},
		"begun after the reset":        {pipe{perSecond: 10, perCall: 100, left: 0, daily: 1000, again: now.Add(-time.Hour)}, 600, time.Minute},
	} {
		if got, ok := row.p.empties(now, row.records); !ok || got.Sub(now) != row.want {
			t.Errorf("%s: %v (%v), want %v", name, got.Sub(now), ok, row.want)
		}
	}
	if _, ok := (pipe{perSecond: 10, perCall: 100, again: midnight}).empties(now, 1); ok {
		t.Error("without any calls it is never empty")
	}
}

// The pace is what cycles with many writes of the last day came to; before there are any, what the side allows.
func TestPipe(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	wrote := func(ago time.Duration, n int, took time.Duration) store.Cycle {
		return store.Cycle{Report: cycle.Report{Started: now.Add(-ago), Took: took, Writes: cycle.Counts{Marketo: n}}}
	}
	q := Quota{Side: record.Marketo, Used: 100, Share: 1000, Resets: now.Add(time.Hour)}
	s := DefaultSettings()
	if p := pipeTo(record.Marketo, nil, q, s, now); p.measured || p.perSecond != 375 || p.left != 900 || p.daily != 1000 {
		t.Errorf("nothing measured: %+v", p)
	}
	p := pipeTo(record.Marketo, []store.Cycle{wrote(time.Hour, 5, time.Second), wrote(2*time.Hour, 6000, time.Minute), wrote(3*time.Hour, 3000, 30*time.Second), wrote(25*time.Hour, 90000, time.Second)}, q, s, now)
	if !p.measured || p.perSecond != 100 {
		t.Errorf("measured: %+v", p)
	}
}

func TestHours(t *testing.T) {
	h := Hours{8, 18}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.Local) } // the 4th is a Wednesday
	for _, row := range []struct{ from, want time.Time }{
		{at(4, 8), at(4, 8)}, {at(4, 17), at(4, 17)}, {at(4, 18), at(5, 8)}, {at(4, 7), at(4, 8)}, {at(6, 18), at(9, 8)}, {at(8, 3), at(9, 8)},
	} {
		if got := h.next(row.from); !got.Equal(row.want) {
			t.Errorf("from %v: %v, want %v", row.from, got, row.want)
		}
	}
	if got := (Hours{}).next(at(4, 12)); !got.Equal(at(4, 12)) {
		t.Errorf("no hours at all: %v", got)
	}
	for _, row := range []struct {
		from, to time.Time
		hours    int
	}{{at(4, 16), at(4, 20), 2}, {at(4, 16), at(5, 9), 3}, {at(4, 19), at(5, 7), 0}, {at(6, 17), at(9, 9), 2}, {at(4, 9), at(4, 10), 1}, {at(2, 0), at(9, 0), 50}} {
		if got := h.within(row.from, row.to); got != time.Duration(row.hours)*time.Hour {
			t.Errorf("%v to %v: %v, want %d hours", row.from, row.to, got, row.hours)
		}
	}
	for _, text := range []string{"8-18", "0-24", "9-9"} {
		if h, err := parseHours(text); err != nil || h.String() != text {
			t.Errorf("%q: %v %v", text, h, err)
		}
	}
	for _, text := range []string{"", "8", "18-8", "8-25", "-1-4", "8-18 h", "08-18"} {
		if _, err := parseHours(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// A change on very many people is foretold without a call: with few calls left it waits for tomorrow's, in business hours it would be
// noticed, and in shares at night it would not.
func TestWhatIf(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 600, Seed: 4})
		cycles(t, a, 2)
		time.Sleep(2*24*time.Hour + 10*time.Hour) // to a Monday, ten o'clock
		_, err := a.Sync(ctx, sampleName, SyncOptions{})
		must(t, err)
		before := pair.Journal()
		ask := func(w WhatIf) WhatIfResult {
			t.Helper()
			r, err := a.WhatIf(ctx, sampleName, w)
			must(t, err)
			return r
		}
		fifty := WhatIf{Object: record.Lead, Field: "title", Records: 50_000}
		r := ask(fifty)
		if r.Field != "Title" || r.CallsBySide.Marketo != 2*167 || r.CallsBySide.Salesforce != 25 || r.Calls != 359 || !r.Brake || r.DrainS < 60 || r.DrainS > 600 {
			t.Errorf("plenty of calls: %+v", r)
		}
		_, err = a.ChangeSettings(ctx, sampleName, "marketo_daily_calls=1000", "share_marketo=20") // 200 a day
		must(t, err)
		r = ask(fifty)
		if r.DrainS < 12*3600 || r.Delays.BusinessS < 3600 || r.Shares == nil || r.Shares.Nights < 2 || r.Shares.Records*r.Shares.Nights < 50_000 ||
			!strings.Contains(r.Sentence, "nights, nobody notices") || !strings.Contains(r.Sentence, "left of today's share") {
			t.Errorf("few calls: %+v", r)
		}
		part := ask(WhatIf{Object: record.Lead, Field: "Title", Records: r.Shares.Records, At: "20:00"})
		if part.Delays.BusinessS != 0 || !strings.HasSuffix(part.Starts.Local().Format("15:04"), "20:00") {
			t.Errorf("one share at night: %+v", part)
		}
		for _, wrong := range []WhatIf{{Object: "Leed", Field: "Title", Records: 1}, {Object: record.Lead, Field: "Titel", Records: 1}, {Object: record.Lead, Field: "Title"}, {Object: record.Lead, Field: "Title", Records: 1, At: "8 pm"}} {
			if _, err := a.WhatIf(ctx, sampleName, wrong); ExitCode(err) != ExitUsage {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if after := pair.Journal(); after.Of(record.Marketo).Calls != before.Of(record.Marketo).Calls || after.Of(record.Salesforce).Calls != before.Of(record.Salesforce).Calls {
			t.Error("it called somebody")
		}
	})
}

// At night a part of the share is kept for the business day: the cycle ends with the quota's exit code, says until when, and goes on in
// the morning. Whoever is asked for by name may use it.
func TestReserveForTheBusinessDay(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 60, Seed: 4})
		cycles(t, a, 2)
		// Some time before business opens, on a day of Marketo's that is not over by then.
		for s := DefaultSettings(); ; time.Sleep(15 * time.Minute) {
			if _, mk := s.limits(false, time.Now()); mk.Reserve > 0 && time.Until(mk.ReserveUntil) < 2*time.Hour && time.Until(mk.ReserveUntil) > 90*time.Minute {
				break
			}
		}
		_, err := a.ChangeSettings(ctx, sampleName, "marketo_daily_calls=100", "share_marketo=40", "reserve_percent=50")
		must(t, err)
		var last error
		n := 0
		for last == nil && n < 60 {
			_, last = a.Sync(ctx, sampleName, SyncOptions{})
			time.Sleep(time.Minute)
			n++
		}
		if ExitCode(last) != ExitQuota || !strings.Contains(Say(last), "business day") {
			t.Fatalf("after %d cycles: %v", n, last)
		}
		everyone := pair.Journal().Of(record.Marketo).Calls
		edited, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 1, Seed: 1, Fields: []string{"Title"}})
		must(t, err)
		r, err := a.Sync(ctx, sampleName, SyncOptions{Now: []string{edited[0].ID}, NowOnly: true})
		if must(t, err); r.Now[0].State != NowWritten || pair.Journal().Of(record.Marketo).Calls == everyone {
			t.Errorf("%+v", r.Now)
		}
		time.Sleep(2 * time.Hour) // business opens
		if _, err := a.Sync(ctx, sampleName, SyncOptions{}); err != nil {
			t.Errorf("in business hours: %v", err)
		}
	})
}
