package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// Where very many ids wait for Salesforce they go by bulk jobs: a dozen calls and more instead of one for every thousand. Cut off at any of
// the calls, the next cycle takes the job up; no record is written twice, and in the end both sides agree.
func TestBulkJobIsTakenUp(t *testing.T) {
	const people = 200
	jobCalls := func(said []string) (n int) {
		for _, s := range said {
			if strings.Contains(s, "/jobs/ingest") {
				n++
			}
		}
		return n
	}
	begin := func(t *testing.T, home string, bulk bool) (*App, *sandbox.Pair, *cutter) {
		pair, err := sandbox.New(sandbox.Options{People: people, Seed: 2})
		must(t, err)
		t.Cleanup(pair.Close)
		line := &cutter{recorder: recorder{next: pair.Transport()}}
		a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "bulk", Transport: line, Now: pair.Now})
		must(t, err)
		if bulk {
			a.world.engine = func(c cycle.Config) cycle.Config {
				c.Policy.BulkFrom = 30
				return c
			}
		}
		must(t, connectSample(t.Context(), a, pair.Credentials()), a.SetMode(t.Context(), sampleName, record.Live))
		pair.ResetJournal()
		return a, pair, line
	}
	settled := func(t *testing.T, a *App, pair *sandbox.Pair, writes int) {
		t.Helper()
		cycles(t, a, 2)
		s, err := a.Status(t.Context(), sampleName)
		if must(t, err); s.Backlog.sum() != 0 || s.People.Linked < people*8/10 {
			t.Errorf("%+v", s)
		}
		if n := pair.Journal().Of(record.Salesforce).Writes; writes != 0 && n != writes {
			t.Errorf("%d records were written in Salesforce, want %d", n, writes)
		}
	}
	writes, calls := 0, 0
	t.Run("without", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, _ := begin(t, home, false)
			settled(t, a, pair, 0)
			writes, calls = pair.Journal().Of(record.Salesforce).Writes, pair.Journal().Of(record.Salesforce).WriteCalls
		})
	})
	last := 0
	t.Run("with", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := begin(t, home, true)
			settled(t, a, pair, writes)
			last = jobCalls(line.after(0))
			t.Logf("%d records: %d calls that write without a job, %d calls of jobs", writes, calls, last)
		})
	})
	for at := range last/2 + 1 { // the second object's job is like the first one's
		for _, after := range []bool{false, true} {
			t.Run("cut", func(t *testing.T) {
				home := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					a, pair, line := begin(t, home, true)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					line.cut, line.at, line.afterwards = cancel, at, after
					if _, err := a.Sync(ctx, sampleName, SyncOptions{}); err == nil {
						t.Fatal("it was not cut off")
					}
					line.cut = nil
					time.Sleep(time.Minute)
					settled(t, a, pair, writes)
				})
			})
		}
	}
}

// cutter cuts the work off before or after a call of a bulk job.
type cutter struct {
	recorder
	cut        func()
	at         int
	afterwards bool
}

func (c *cutter) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.cut == nil || !strings.Contains(req.URL.Path, "/jobs/ingest") {
		return c.recorder.RoundTrip(req)
	}
	now := c.at == 0
	c.at--
	if now && !c.afterwards {
		c.cut()
		return nil, context.Canceled
	}
	resp, err := c.recorder.RoundTrip(req)
	if now {
		c.cut()
		if err == nil {
			err = resp.Body.Close()
		}
		return nil, errors.Join(context.Canceled, err)
	}
	return resp, err
}
