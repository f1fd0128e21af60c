package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// refusals counts answers that say that calls come too fast.
type refusals struct {
	next http.RoundTripper
	n    atomic.Int64
}

func (r *refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	plain := body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if plain, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	if bytes.Contains(plain, []byte(`"code":"606"`)) {
		r.n.Add(1)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// Runs in quick succession, each with a session of its own as separate processes have, keep within Marketo's rate together (promise 7).
func TestRunsShareTheRate(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(sandbox.Options{People: 6000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		line := &refusals{next: pair.Transport()}
		a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "rate", Transport: line, Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := connectSample(t.Context(), a, pair.Credentials()); err != nil {
			t.Fatal(err)
		}
		if err := a.SetMode(t.Context(), sampleName, record.Live); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // what connecting took has left the window
		before, calls := pair.Journal(), 0
		for range 4 {
			r, err := a.Sync(t.Context(), sampleName, SyncOptions{})
			if err != nil {
				t.Fatal(err)
			}
			calls += r.Cycle.Calls.Marketo
		}
		if made := pair.Journal().Of(record.Marketo).Calls - before.Of(record.Marketo).Calls; calls < 100 || made < calls {
			t.Errorf("%d calls counted, %d made: too few to tell", calls, made)
		}
		if n := line.n.Load(); n != 0 {
			t.Errorf("Marketo said %d times that calls come too fast", n)
		}
	})
}

// A process that is killed in the midst of a cycle leaves behind what it has spent, rather too much of it than too little.
func TestSpentSurvivesAKill(t *testing.T) {
	master, err := store.NewMaster()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := store.NewKeys(master)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pair.db")
	synctest.Test(t, func(t *testing.T) {
		a, err := New(Options{Home: t.TempDir(), Secrets: SecretsMemory, Version: "kill"})
		if err != nil {
			t.Fatal(err)
		}
		ws, err := store.Open(t.Context(), path, keys, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		begin := func() *session {
			s := &session{app: a, ws: ws, settings: DefaultSettings()}
			s.sfPace, s.mkPace = pace.New(pace.Limits{}, time.Now, a.world.jitter), pace.New(pace.Limits{}, time.Now, a.world.jitter)
			if err := s.setPace(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.restoreQuotas(t.Context()); err != nil {
				t.Fatal(err)
			}
			return s
		}
		const made = 98
		killed := begin()
		err = killed.counted(t.Context(), func(ctx context.Context) error {
			for range made {
				if err := killed.mkPace.Do(ctx, record.Feed, func(context.Context) (pace.Verdict, error) { return pace.Done, nil }); err != nil {
					return err
				}
			}
			time.Sleep(keptEvery + time.Second)
			next := begin() // as a process sees it that finds what a killed one left
			if used := next.mkPace.Usage().Used; used < made || used > made+25 {
				t.Errorf("the next process counts %d calls of the day, %d were made", used, made)
			}
			began := time.Now()
			if err := next.mkPace.Do(ctx, record.Feed, func(context.Context) (pace.Verdict, error) { return pace.Done, nil }); err != nil {
				return err
			}
			if waited := time.Since(began); waited < 13*time.Second {
				t.Errorf("the next process waited %v with its first call: the window was full until 14 seconds later", waited)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if used := begin().mkPace.Usage().Used; used != made {
			t.Errorf("after a cycle that ended by itself %d calls are counted, %d were made", used, made)
		}
	})
}
