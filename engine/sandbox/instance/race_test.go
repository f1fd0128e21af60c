package instance_test

import (
	"fmt"
	"io"
	"net/http"
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

// race sends n requests that are all under way before the first is worked off.
func (w *world) race(n int, body string) []answerText {
	arrived, open := make(chan struct{}), make(chan struct{})
	out := make([]answerText, n)
	var wait sync.WaitGroup
	for k := range n {
		wait.Go(func() {
			r := httptest.NewRequest("POST", "/rest/v1/leads.json", &gate{Reader: strings.NewReader(body), arrived: arrived, open: open})
			r.Header.Set("Authorization", "Bearer "+w.token)
			r.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			w.i.ServeHTTP(rec, r)
			out[k] = answerText(rec.Body.String())
		})
	}
	for range n {
		<-arrived
	}
	close(open)
	wait.Wait()
	return out
}

type answerText string

// TestRacingUpsertsMakeDuplicates: requests under way together do not see what the others create, as in the real system.
func TestRacingUpsertsMakeDuplicates(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	for _, text := range w.race(3, `{"input":[{"email":"race@x.example"}]}`) {
		if !strings.Contains(string(text), "created") {
			t.Errorf("%.200s", text)
		}
	}
	found := w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues=race@x.example", "")
	if len(found.Result) != 3 {
		t.Errorf("three racing upserts made %d people", len(found.Result))
	}
	if a := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"race@x.example"}]}`); a.reason(0) != "1007" {
		t.Errorf("the upsert after the race: %.200s", a.Text)
	}
	one := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"calm@x.example"},{"email":"CALM@x.example","title":"x"}]}`)
	if one.Result[1]["status"] != "updated" || one.id(0) != one.id(1) {
		t.Errorf("a key twice in one request: %.200s", one.Text)
	}
}

func TestConcurrency(t *testing.T) {
	w := newWorld(t, 10, instance.Config{})
	refused := 0
	arrived, open := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	for n := range 10 {
		wait.Go(func() {
			r := httptest.NewRequest("POST", "/rest/v1/leads.json", &gate{Reader: strings.NewReader(fmt.Sprintf(`{"input":[{"email":"c%d@x.example"}]}`, n)), arrived: arrived, open: open})
			r.Header.Set("Authorization", "Bearer "+w.token)
			r.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			w.i.ServeHTTP(rec, r)
			if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "created") {
				t.Errorf("%.200s", rec.Body)
			}
		})
	}
	for range 10 {
		<-arrived
	}
	for range 3 {
		if w.get("/rest/v1/leads/partitions.json").code() == "615" {
			refused++
		}
	}
	close(open)
	wait.Wait()
	if refused != 3 {
		t.Errorf("%d of 3 calls beyond ten at once were refused", refused)
	}
}
