package app

import (
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// wire carries each call after a delay that follows from what it says, so that calls made side by side arrive in an order
// that a seed repeats. Something can be made to happen right before or right after one of them is served.
type wire struct {
	next  http.RoundTripper
	power *power
	trail *trail // nil where nobody asks what stood when
	// plain asks for answers that are not packed: packing and unpacking is a fourteenth of a day.
	plain bool
	// bulkFrom is from how many records on bulk jobs carry them; 0 leaves it to the calls that either takes.
	bulkFrom int
	// wrong is by how much the computer's clock is wrong.
	wrong atomic.Int64

	mu            sync.Mutex
	story         []string // each call, and when it was made
	calls         int
	before, after map[int][]func()
}

// clock is the computer's, where right gives the time.
func (w *wire) clock(right func() time.Time) func() time.Time {
	return func() time.Time { return right().Add(time.Duration(w.wrong.Load())) }
}

// expect begins to count calls anew; before and after say what happens at which of them.
func (w *wire) expect(before, after map[int][]func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.before, w.after = 0, before, after
}

// due counts a call and gives what happens at it.
func (w *wire) due(r *http.Request) (before, after []func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, fmt.Sprint(time.Now().UnixMicro(), " ", r.Method, " ", r.URL.Path, " ", r.ContentLength))
	n := w.calls
	w.calls++
	return w.before[n], w.after[n]
}

// last is the call that was made last.
func (w *wire) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.story[len(w.story)-1]
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := travel(r); err != nil {
		return nil, err
	}
	if err := w.power.gone(); err != nil {
		return nil, err
	}
	before, after := w.due(r)
	for _, act := range before {
		act()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if w.plain {
		r = r.Clone(r.Context())
		r.Header.Del("Accept-Encoding")
	}
	answer, err := w.next.RoundTrip(r)
	if r.Method != http.MethodGet {
		w.trail.follow()
	}
	for _, act := range after {
		act()
	}
	return answer, err
}

// travel lets a call wait between 1 and 101 milliseconds.
func travel(r *http.Request) error {
	text := fnv.New64a()
	fmt.Fprint(text, r.Method, r.URL)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return err
		}
		defer body.Close()
		if _, err := io.Copy(text, body); err != nil {
			return err
		}
	}
	select {
	case <-time.After(time.Millisecond + time.Duration(text.Sum64()%100_000)*time.Microsecond):
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// wired is Doppio on a pair over a line that can be made to fail, with power that can, and with a bug planted in the engine or without.
func wired(home string, pair *sandbox.Pair, bug func(cycle.Config) cycle.Config) (*App, *wire, error) {
	line := &wire{next: pair.Transport(), power: &power{}}
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "simulated", Transport: line, Now: line.clock(pair.Now)})
	if err != nil {
		return nil, nil, err
	}
	a.world.jitter = func() float64 { return 0.5 }
	a.world.engine = func(c cycle.Config) cycle.Config {
		if line.bulkFrom != 0 {
			c.Policy.BulkFrom = line.bulkFrom
		}
		if bug != nil {
			c = bug(c)
		}
		c.Ledger = powered{c.Ledger, line.power}
		return c
	}
	return a, line, nil
}
