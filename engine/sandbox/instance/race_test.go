package instance_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

// gate is a body that waits until it may be read.
type gate struct {
	io.Reader
	arrived chan<- struct{}
	open    <-chan struct{}
	once    sync.Once
}

func (g *gate) Read(b []byte) (int, error) {
	g.once.Do(func() {
		g.arrived <- struct{}{}
		<-g.open
	})
	return g.Reader.Read(b)
}

func (g *gate) Close() error { return nil }

// race sends requests that are all under way before the first is worked off. meanwhile runs while they wait.
func (w *world) race(bodies []string, meanwhile func()) []string {
	arrived, open := make(chan struct{}), make(chan struct{})
	out := make([]string, len(bodies))
	var wait sync.WaitGroup
	for n, body := range bodies {
		wait.Go(func() {
			r := httptest.NewRequest("POST", "/rest/v1/leads.json", &gate{Reader: strings.NewReader(body), arrived: arrived, open: open})
			r.Header.Set("Authorization", "Bearer "+w.token)
			r.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			w.i.ServeHTTP(rec, r)
			out[n] = rec.Body.String()
		})
	}
	for range bodies {
		<-arrived
	}
	meanwhile()
	close(open)
	wait.Wait()
	return out
}

// TestRacingUpsertsMakeDuplicates: requests under way together do not see what the others create, as in the real system.
func TestRacingUpsertsMakeDuplicates(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	body := `{"input":[{"email":"race@x.example"}]}`
	for _, text := range w.race([]string{body, body, body}, func() {}) {
		if !strings.Contains(text, "created") {
			t.Errorf("%.200s", text)
		}
	}
	found := w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues=race@x.example", "")
	if len(found.Result) != 3 {
		t.Errorf("three racing upserts made %d people", len(found.Result))
	}
	if a := w.ok("POST", "/rest/v1/leads.json", body); a.reason(0) != "1007" {
		t.Errorf("the upsert after the race: %.200s", a.Text)
	}
	one := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"calm@x.example"},{"email":"CALM@x.example","title":"x"}]}`)
	if one.Result[1]["status"] != "updated" || one.id(0) != one.id(1) {
		t.Errorf("a key twice in one request: %.200s", one.Text)
	}
}

func TestConcurrency(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	var bodies []string
	for n := range 10 {
		bodies = append(bodies, fmt.Sprintf(`{"input":[{"email":"c%d@x.example"}]}`, n))
	}
	answers := w.race(bodies, func() {
		if code := w.get("/rest/v1/leads/partitions.json").code(); code != "615" {
			t.Errorf("the eleventh at once: %q", code)
		}
	})
	for _, text := range answers {
		if !strings.Contains(text, "created") {
			t.Errorf("%.200s", text)
		}
	}
}
