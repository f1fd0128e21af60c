package pace

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func central(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A row is a history of calls, and what the next one is told.
func TestAdmit(t *testing.T) {
	chicago := central(t)
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	call := func(s *state, start, end time.Duration) {
		s.begin(at(start), record.Feed)
		s.end(at(end))
	}
	rows := []struct {
		name    string
		limits  Limits
		history func(s *state)
		now     time.Duration
		purpose record.Purpose
		urgent  bool
		want    decision
		reason  QuotaReason
	}{
		{name: "no limits at all", want: decision{admitted: true}},
		{name: "room in the window", limits: Limits{PerWindow: 2, Window: time.Minute}, now: 2 * time.Second, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, time.Second) }},
		{name: "window full: until the first call's end has left it", limits: Limits{PerWindow: 2, Window: time.Minute}, now: 9 * time.Second,
			want:    decision{at: at(61 * time.Second)},
			history: func(s *state) { call(s, 0, time.Second); call(s, 2*time.Second, 3*time.Second) }},
		{name: "window full of calls under way: until one ends", limits: Limits{PerWindow: 1, Window: time.Minute},
			history: func(s *state) { s.begin(noon, record.Feed) }},
		{name: "window free again", limits: Limits{PerWindow: 1, Window: time.Minute}, now: 61 * time.Second, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, time.Second) }},
		{name: "as many at once as allowed", limits: Limits{Concurrent: 1},
			history: func(s *state) { s.begin(noon, record.Feed) }},
		{name: "asked to wait a little", now: time.Second, want: decision{at: at(30 * time.Second)},
			history: func(s *state) { s.hold(at(30 * time.Second)) }},
		{name: "asked to wait for hours", now: time.Second, reason: AskedToWait,
			history: func(s *state) { s.hold(at(time.Hour)) }},
		{name: "own ceiling reached", limits: Limits{Daily: 1}, reason: ShareUsedUp, history: func(s *state) { call(s, 0, 0) }},
		{name: "half of the allowance is the share", limits: Limits{Allowance: 4, Share: 50}, reason: ShareUsedUp,
			history: func(s *state) { call(s, 0, 0); call(s, 0, 0) }},
		{name: "one call left in the share", limits: Limits{Allowance: 4, Share: 50}, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, 0) }},
		{name: "the last calls of the share are kept", limits: Limits{Daily: 100}, reason: ShareUsedUp,
			history: func(s *state) { s.restore(noon, "2026-11-24", 98) }},
		{name: "for a person they are there", limits: Limits{Daily: 100}, urgent: true, want: decision{admitted: true},
			history: func(s *state) { s.restore(noon, "2026-11-24", 98) }},
		{name: "an observed allowance replaces the known one", limits: Limits{Allowance: 10, Share: 50}, want: decision{admitted: true},
			history: func(s *state) { s.restore(noon, "2026-11-24", 5); s.observe(noon, 5, 100) }},
		{name: "other programs used up the allowance", reason: AllowanceUsedUp, now: time.Minute,
			history: func(s *state) { s.observe(noon, 100, 100) }},
		{name: "a quarter of an hour later one call finds out", now: 15 * time.Minute, want: decision{admitted: true},
			history: func(s *state) { s.observe(noon, 100, 100) }},
		{name: "first reads stop at nine tenths", purpose: record.FirstRead, reason: NearlyUsedUp,
			history: func(s *state) { s.observe(noon, 90, 100) }},
		{name: "feeds do not", want: decision{admitted: true}, history: func(s *state) { s.observe(noon, 90, 100) }},
		{name: "calls since the observation count", reason: AllowanceUsedUp,
			history: func(s *state) { s.observe(noon, 99, 100); call(s, 0, 0) }},
		{name: "refused by the side until a probe", reason: AllowanceUsedUp, now: 14 * time.Minute,
			history: func(s *state) { s.exhausted(noon, time.Time{}, nil) }},
		{name: "the probe", now: 15 * time.Minute, want: decision{admitted: true},
			history: func(s *state) { s.exhausted(noon, time.Time{}, nil) }},
		{name: "refused by the side until its midnight", limits: Limits{ResetIn: chicago}, now: 17*time.Hour + 59*time.Minute, reason: AllowanceUsedUp,
			history: func(s *state) { s.exhausted(noon, time.Time{}, nil) }},
		{name: "after its midnight", limits: Limits{ResetIn: chicago}, now: 18 * time.Hour, want: decision{admitted: true},
			history: func(s *state) { s.exhausted(noon, time.Time{}, nil) }},
		{name: "a new day, a new count", limits: Limits{Daily: 1, ResetIn: chicago}, now: 18 * time.Hour, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, 0) }},
		{name: "rolling: still within 24 hours", limits: Limits{Daily: 1}, now: 23*time.Hour + 59*time.Minute, reason: ShareUsedUp,
			history: func(s *state) { call(s, 0, 0) }},
		{name: "rolling: 24 hours and a slot later", limits: Limits{Daily: 1}, now: 24*time.Hour + slot, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, 0) }},
		{name: "the reserve is kept until its time", limits: Limits{Daily: 10, Reserve: 50, ReserveUntil: noon.Add(time.Hour)}, now: time.Minute, reason: Reserved,
			history: func(s *state) { call(s, 0, 0); call(s, 0, 0); call(s, 0, 0); call(s, 0, 0); call(s, 0, 0) }},
		{name: "a person may use it", limits: Limits{Daily: 10, Reserve: 50, ReserveUntil: noon.Add(time.Hour)}, now: time.Minute, urgent: true, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, 0); call(s, 0, 0); call(s, 0, 0); call(s, 0, 0); call(s, 0, 0) }},
		{name: "then everybody may", limits: Limits{Daily: 10, Reserve: 50, ReserveUntil: noon.Add(time.Hour)}, now: time.Hour, want: decision{admitted: true},
			history: func(s *state) { call(s, 0, 0); call(s, 0, 0); call(s, 0, 0); call(s, 0, 0); call(s, 0, 0) }},
		{name: "yesterday's observation is over with the day", limits: Limits{ResetIn: chicago}, now: 18 * time.Hour, want: decision{admitted: true},
			history: func(s *state) { s.observe(noon, 100, 100) }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := newState(row.limits)
			if row.history != nil {
				row.history(&s)
			}
			got := s.admit(at(row.now), row.purpose, row.urgent)
			if row.reason != 0 {
				if got.refused == nil || got.refused.Reason != row.reason {
					t.Fatalf("refused = %+v, want reason %d", got.refused, row.reason)
				}
				if !got.refused.Until.After(at(row.now)) {
					t.Errorf("goes on at %v, which is not after %v", got.refused.Until, at(row.now))
				}
				return
			}
			if got != row.want {
				t.Errorf("admit = %+v, want %+v", got, row.want)
			}
		})
	}
}

// TestClockSetBack: what was counted by a clock that went wrong holds nobody up for longer than it should.
func TestClockSetBack(t *testing.T) {
	s := newState(Limits{PerWindow: 2, Window: 20 * time.Second})
	for range 2 {
		s.begin(noon, record.Feed)
		s.end(noon)
	}
	s.exhausted(noon, noon.Add(20*time.Hour), nil)
	s.hold(noon.Add(time.Minute))
	back := noon.Add(-72 * time.Hour)
	if d := s.admit(back, record.Feed, false); d.refused != nil || d.at.After(back.Add(20*time.Second)) {
		t.Errorf("set back: %+v", d)
	}
	if d := s.admit(back.Add(21*time.Second), record.Feed, false); !d.admitted {
		t.Errorf("a window later: %+v", d)
	}
}

func TestRestore(t *testing.T) {
	chicago := central(t)
	rows := []struct {
		name   string
		limits Limits
		days   map[string]int
		now    time.Time
		want   int
	}{
		{"today counts", Limits{ResetIn: chicago}, map[string]int{"2026-11-24": 7}, noon, 7},
		{"yesterday does not", Limits{ResetIn: chicago}, map[string]int{"2026-11-23": 7}, noon, 0},
		{"the day is the side's own: 02:00 UTC is yesterday in Chicago", Limits{ResetIn: chicago}, map[string]int{"2026-11-23": 7}, noon.Add(-10 * time.Hour), 7},
		{"rolling: yesterday's may lie within 24 hours", Limits{}, map[string]int{"2026-11-23": 7, "2026-11-24": 2}, noon, 9},
		{"rolling: the day before cannot", Limits{}, map[string]int{"2026-11-22": 7}, noon, 0},
		{"tomorrow is nonsense", Limits{}, map[string]int{"2026-11-25": 7}, noon, 0},
		{"no date is nonsense", Limits{}, map[string]int{"x": 7}, noon, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := newState(row.limits)
			for day, used := range row.days {
				s.restore(row.now, day, used+1)
				s.restore(row.now, day, used) // the second call replaces the first
			}
			if got := s.usage(row.now).Used; got != row.want {
				t.Errorf("used %d, want %d", got, row.want)
			}
		})
	}
}

// The calls of the last window count on after a restart, also those whose ends the clock has not reached.
func TestResume(t *testing.T) {
	limits := Limits{PerWindow: 2, Window: time.Minute}
	before := newState(limits)
	before.begin(noon.Add(-2*time.Minute), record.Feed)
	before.end(noon.Add(-2 * time.Minute)) // has left the window
	before.begin(noon, record.Feed)
	before.end(noon.Add(time.Second))
	before.begin(noon, record.Feed) // under way
	after := newState(limits)
	after.resume(noon, before.recent(noon.Add(2*time.Second)))
	if got := after.admit(noon.Add(2*time.Second), record.Feed, false); got.admitted || !got.at.Equal(noon.Add(time.Minute)) {
		t.Errorf("admit = %+v, want to be asked again a minute after noon", got)
	}
}

// What a Pacer says of today is what the next one needs to go on counting.
func TestUsageRestores(t *testing.T) {
	for _, zone := range []*time.Location{nil, central(t)} {
		before := newState(Limits{ResetIn: zone, Daily: 100})
		for range 5 {
			before.begin(noon, record.Feed)
			before.end(noon)
		}
		u := before.usage(noon)
		after := newState(Limits{ResetIn: zone, Daily: 100})
		after.restore(noon, u.Day, u.Today)
		if got := after.usage(noon).Used; got != 5 {
			t.Errorf("zone %v: used %d after a restart, want 5", zone, got)
		}
		if u.ByPurpose[record.Feed] != 5 || u.Share != 100 {
			t.Errorf("zone %v: usage %+v", zone, u)
		}
	}
}

func TestBackoff(t *testing.T) {
	for n := 1; n < 20; n++ {
		least, most := Backoff(n, 0), Backoff(n, 1)
		if least <= 0 || most < least || most > backoffMost {
			t.Errorf("try %d: %v to %v", n, least, most)
		}
		if n > 1 && most < Backoff(n-1, 1) {
			t.Errorf("try %d waits less than the one before", n)
		}
	}
	if Backoff(1, 1) != backoffFirst || Backoff(3, 1) != 4*backoffFirst {
		t.Errorf("the waits do not double: %v, %v", Backoff(1, 1), Backoff(3, 1))
	}
}

// A side whose day rolls is asked before and after midnight: what is counted by purpose belongs to the day that it is kept for.
func TestPurposesOfTheDay(t *testing.T) {
	s := newState(Limits{})
	for _, at := range []time.Duration{-14 * time.Hour, 0, time.Hour} {
		s.begin(noon.Add(at), record.Feed)
		s.end(noon.Add(at))
	}
	if u := s.usage(noon.Add(time.Hour)); u.Used != 3 || u.Today != 2 || u.ByPurpose[record.Feed] != 2 {
		t.Errorf("%+v", u)
	}
}

// TestAllowanceOfASilentSide: a side that tells what was used but not of how much is held against the limit set here.
func TestAllowanceOfASilentSide(t *testing.T) {
	p := New(Limits{Allowance: 100}, func() time.Time { return time.Unix(1_000_000, 0) }, func() float64 { return 0 })
	p.Observe(100, 0)
	called := false
	err := p.Do(t.Context(), record.Feed, func(context.Context) (Verdict, error) { called = true; return Done, nil })
	if !errors.Is(err, ErrQuota) || called {
		t.Errorf("called %v, %v", called, err)
	}
	if got := p.Usage(); got.SideUsed != 100 || got.Limit != 100 {
		t.Errorf("%+v", got)
	}
}
