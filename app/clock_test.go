package app

import (
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// The rest between two cycles is over when its time has passed, whatever the clock on the wall is set to meanwhile, and when a laptop
// wakes for which the wall's clock alone went on.
func TestRestIsOver(t *testing.T) {
	for name, row := range map[string]struct{ jump, want time.Duration }{
		"nothing happens":       {0, 5 * time.Minute},
		"the clock is set back": {-72 * time.Hour, 5 * time.Minute},
		"the laptop slept":      {8 * time.Hour, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, looks := time.Now(), 0
			must(t, waitBy(t.Context(), 5*time.Minute, func() time.Time {
				if looks++; looks > 2 {
					return time.Now().Add(row.jump)
				}
				return time.Now()
			}))
			if took := time.Since(began); took > row.want || row.jump == 0 && took != row.want {
				t.Errorf("%s: it rested for %v, want %v", name, took, row.want)
			}
		})
	}
}

// This computer's clock may be wrong and be set right between two cycles, forwards and backwards, while both sides' clocks go on: nothing is
// lost, nobody stands twice, and no allowance stays closed for it.
func TestClockJumps(t *testing.T) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, 11)
	synctest.Test(t, func(t *testing.T) {
		a, staff, _ := opened(t, home, 12, nil)
		staff.rng = rand.New(rand.NewPCG(12, 5))
		var skew time.Duration
		a.world.now = func() time.Time { return staff.pair.Now().Add(skew) }
		cycles(t, a, 2)
		for _, to := range []time.Duration{-72 * time.Hour, 40 * 24 * time.Hour, -time.Hour, 30 * time.Minute, 0} {
			skew = to
			staff.edits()
			staff.works()
			time.Sleep(betweenCycles)
			cycles(t, a, 1)
		}
		time.Sleep(time.Hour + time.Minute)
		cycles(t, a, 3)
		for _, broken := range judge(t, a, staff) {
			t.Error(broken)
		}
	})
}

// What is done once a day is done a day after the clock was set right too, and not when the day is over by which the clock was wrong.
func TestADayIsADayAfterTheClockWasWrong(t *testing.T) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, 7)
	synctest.Test(t, func(t *testing.T) {
		a, o, line := opened(t, home, 7, nil)
		line.wrong.Store(int64(10 * 24 * time.Hour))
		e := linkedEvent(t, a, o)
		lead, person := e.member("Invited")
		line.wrong.Store(0)
		e.office.pair.Instance().Leave(e.pair.Program, person) // which no log tells
		for range 2 {
			time.Sleep(25 * time.Hour)
			e.cycles(2)
		}
		e.sees("two days later", lead, person, "/")
	})
}

// gone is a network that may be away.
type gone struct {
	next http.RoundTripper
	mu   sync.Mutex
	away bool
}

func (g *gone) set(away bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.away = away
}

func (g *gone) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	away := g.away
	g.mu.Unlock()
	if away {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}}
	}
	return g.next.RoundTrip(r)
}

// While the network is away a running workspace says so and needs nobody; when another network is there it goes on by itself, and what was
// changed meanwhile is written once. Paused, it starts nothing.
func TestNetworkComesBack(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		pair, err := sandbox.New(sandbox.Options{People: 100, Seed: 8})
		must(t, err)
		defer pair.Close()
		line := &gone{next: pair.Transport()}
		a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "away", Transport: line, Now: pair.Now})
		must(t, err, connectSample(ctx, a, pair.Credentials()), a.SetMode(ctx, sampleName, record.Live))
		s, err := a.openSession(ctx, sampleName)
		must(t, err)
		r := start(s, a.Named(""), nil, a.world.now, betweenCycles, nil)
		defer func() { must(t, r.Close()) }()
		after(3 * betweenCycles)
		line.set(true)
		after(2 * betweenCycles)
		if d := board(t, r); d.Wait == nil || d.Problem != nil || d.Paused {
			t.Errorf("without a network: wait %v, problem %v, paused %v", d.Wait, d.Problem, d.Paused)
		}
		edited, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 5, Seed: 2, Fields: []string{"Title", "title"}})
		must(t, err)
		after(8 * time.Hour)
		pair.ResetJournal()
		line.set(false)
		after(3 * betweenCycles)
		j := pair.Journal()
		if n := j.Of(record.Salesforce).Writes + j.Of(record.Marketo).Writes; n < 1 || n > len(edited) {
			t.Errorf("%d records were written for %d edits", n, len(edited))
		}
		if d := board(t, r); d.Wait != nil || d.Waiting.Sum() != 0 || pair.Truth().CreatedTwice != 0 {
			t.Errorf("with the network back: wait %v, %+v waits", d.Wait, d.Waiting)
		}
		r.Pause()
		after(time.Minute)
		pair.ResetJournal()
		after(3 * betweenCycles)
		if n := pair.Journal().Of(record.Salesforce).Calls; n != 0 {
			t.Errorf("paused, it made %d calls", n)
		}
		r.Resume()
		after(time.Minute)
		if n := pair.Journal().Of(record.Salesforce).Calls; n == 0 {
			t.Error("resumed, it did nothing")
		}
	})
}
