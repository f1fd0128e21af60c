package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// Where very many ids wait for Salesforce they go by bulk jobs: a dozen calls and more instead of one for every thousand. Cut off at any of
// the calls, the next cycle takes the job up; no record is written twice, and in the end both sides agree.
func TestBulkJobIsTakenUp(t *testing.T) {
	jobCalls := func(said []string) (n int) {
		for _, s := range said {
			if strings.Contains(s, "/jobs/ingest") {
				n++
			}
		}
		return n
	}
	settled := func(t *testing.T, a *App, pair *sandbox.Pair, writes int) {
		t.Helper()
		cycles(t, a, 4) // the cut may have taken the answer to an import in Marketo too: after ten minutes its people are read afresh
		s, err := a.Status(t.Context(), sampleName)
		if must(t, err); s.Backlog.sum() != 0 || s.People.Linked < 160 {
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
			a, pair, _ := bulky(t, home, -1, "/jobs/ingest")
			settled(t, a, pair, 0)
			writes, calls = pair.Journal().Of(record.Salesforce).Writes, pair.Journal().Of(record.Salesforce).WriteCalls
		})
	})
	last := 0
	t.Run("with", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := bulky(t, home, 30, "/jobs/ingest")
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
					a, pair, line := bulky(t, home, 30, "/jobs/ingest")
					endsAt(t, a, line, at, after)
					settled(t, a, pair, writes)
				})
			})
		}
	}
}

// cutter cuts the work off before or after a call whose path holds on, and may answer in place of a side.
type cutter struct {
	recorder
	on         string
	log        bytes.Buffer // what the workspace says meanwhile
	instead    func(*http.Request) *http.Response
	cut        func()
	at         int
	afterwards bool
}

func (c *cutter) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.instead != nil {
		if resp := c.instead(req); resp != nil {
			return resp, nil
		}
	}
	if c.cut == nil || !strings.Contains(req.URL.Path, c.on) {
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

// canned is a JSON answer.
func canned(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

// endsAt runs a cycle that ends at one of the calls that the line may cut, before it is served or afterwards, and lets a minute pass.
func endsAt(t *testing.T, a *App, line *cutter, at int, afterwards bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line.cut, line.at, line.afterwards = cancel, at, afterwards
	if _, err := a.Sync(ctx, sampleName, SyncOptions{}); err == nil {
		t.Fatal("it was not cut off")
	}
	line.cut = nil
	time.Sleep(time.Minute)
}
