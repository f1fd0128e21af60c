package app

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// smallPages lets bulk queries answer with pages of a few rows, as a server may, and counts how often each page was read.
type smallPages struct {
	next http.RoundTripper
	mu   sync.Mutex
	read map[string]int
}

func (s *smallPages) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.Contains(req.URL.Path, "/jobs/query/") && req.URL.RawQuery != "" {
		req = req.Clone(req.Context())
		req.URL.RawQuery = strings.Replace(req.URL.RawQuery, "maxRecords=50000", "maxRecords=40", 1)
		s.mu.Lock()
		s.read[req.URL.String()]++
		s.mu.Unlock()
	}
	return s.next.RoundTrip(req)
}

// bulky is a workspace on a fresh pair whose bulk jobs begin with so many records, and the line to both sides.
func bulky(t *testing.T, home string, from int, on string) (*App, *sandbox.Pair, *cutter) {
	t.Helper()
	pair, err := sandbox.New(sandbox.Options{People: 200, Seed: 2})
	must(t, err)
	t.Cleanup(pair.Close)
	line := &cutter{recorder: recorder{next: &smallPages{next: pair.Transport(), read: map[string]int{}}}, on: on}
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "bulk", Transport: line, Now: pair.Now, Log: slog.New(slog.NewTextHandler(&line.log, nil))})
	must(t, err)
	jobsFrom(a, from)
	must(t, connectSample(t.Context(), a, pair.Credentials()), a.SetMode(t.Context(), sampleName, record.Live))
	pair.ResetJournal()
	return a, pair, line
}

// jobsFrom lets bulk jobs begin with so many records.
func jobsFrom(a *App, n int) {
	a.world.engine = func(c cycle.Config) cycle.Config {
		c.Policy.BulkFrom = n
		return c
	}
}

// What a first sync of a large org reads comes by bulk queries. Cut off at any of their calls it goes on where it was: no page is read more
// than twice, no job is made more than twice, and both sides hold in the end what they hold without.
func TestBulkQueryIsTakenUp(t *testing.T) {
	const on = "/jobs/query"
	linked, truth := 0, map[string]int{}
	settled := func(t *testing.T, a *App, pair *sandbox.Pair) (int, map[string]int) {
		t.Helper()
		cycles(t, a, 2)
		s, err := a.Status(t.Context(), sampleName)
		if must(t, err); s.Backlog.sum() != 0 {
			t.Errorf("%+v", s.Backlog)
		}
		return s.People.Linked, map[string]int{
			"salesforce": pair.Journal().Of(record.Salesforce).Writes, "marketo": pair.Journal().Of(record.Marketo).Writes,
		}
	}
	pagesOf := func(line *cutter) map[string]int { return line.next.(*smallPages).read }
	t.Run("without", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := bulky(t, home, -1, on)
			linked, truth = settled(t, a, pair)
			for _, s := range line.after(0) {
				if strings.Contains(s, "/jobs/") || strings.Contains(s, "COUNT()") {
					t.Errorf("switched off, and yet: %s", s)
				}
			}
		})
	})
	agree := func(t *testing.T, a *App, pair *sandbox.Pair) {
		t.Helper()
		if n, wrote := settled(t, a, pair); n != linked || wrote["salesforce"] != truth["salesforce"] || wrote["marketo"] != truth["marketo"] {
			t.Errorf("%d linked and %v written, want %d and %v", n, wrote, linked, truth)
		}
	}
	calls := 0
	t.Run("with", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := bulky(t, home, 30, on)
			agree(t, a, pair)
			for _, s := range line.after(0) {
				if strings.Contains(s, on) {
					calls++
				}
			}
			if n := len(pagesOf(line)); n < 6 {
				t.Errorf("%d pages: too few to be cut off between", n)
			}
		})
	})
	for at := range calls {
		t.Run("cut", func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair, line := bulky(t, home, 30, on)
				endsAt(t, a, line, at, at%2 == 0)
				agree(t, a, pair)
				twice := 0
				for page, n := range pagesOf(line) {
					if twice += n - 1; n > 2 {
						t.Errorf("read %d times: %s", n, page)
					}
				}
				if twice > 1 {
					t.Errorf("%d pages were read twice", twice)
				}
			})
		})
	}
}

// A bulk query that is refused, fails, never ends or is gone leaves its object to plain queries.
func TestBulkQueryComesToNothing(t *testing.T) {
	answer := func(status int, body string) func(*http.Request) *http.Response {
		return func(*http.Request) *http.Response { return canned(status, body) }
	}
	job := func(state string) string {
		return `{"id":"750000000000001AAA","state":"` + state + `","object":"Contact","operation":"queryAll"}`
	}
	for name, instead := range map[string]map[string]func(*http.Request) *http.Response{
		"refused": {"POST /jobs/query": answer(403, `[{"errorCode":"FEATURENOTENABLED","message":"no"}]`)},
		"quota":   {"POST /jobs/query": answer(400, `[{"errorCode":"EXCEEDEDQUOTA","message":"no"}]`)},
		"uncounted": {"POST /composite": func(req *http.Request) *http.Response {
			body, err := io.ReadAll(req.Body)
			must(t, err)
			req.Body = io.NopCloser(bytes.NewReader(body))
			if strings.Contains(string(body), "COUNT") {
				return canned(503, "")
			}
			return nil
		}},
		"failed":  {"GET /jobs/query/": answer(200, job("Failed"))},
		"aborted": {"GET /jobs/query/": answer(200, job("Aborted"))},
		"endless": {"GET /jobs/query/": answer(200, job("InProgress")), "PATCH /jobs/query/": answer(200, job("Aborted"))},
		"gone":    {"GET results": answer(404, `[{"errorCode":"NOT_FOUND","message":"no"}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, _, line := bulky(t, home, 30, "")
				line.instead = func(req *http.Request) *http.Response {
					for on, answer := range instead {
						verb, part, _ := strings.Cut(on, " ")
						if req.Method == verb && strings.Contains(req.URL.Path, part) {
							return answer(req)
						}
					}
					return nil
				}
				cycles(t, a, 2)
				s, err := a.Status(t.Context(), sampleName)
				if must(t, err); s.Backlog.sum() != 0 || s.People.Linked < 160 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}
