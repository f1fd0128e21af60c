package app

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// firstSynced is what both sides hold after a first sync, and a few cycles.
func firstSynced(t *testing.T, a *App, pair *sandbox.Pair) sandbox.Truth {
	t.Helper()
	cycles(t, a, 3)
	s, err := a.Status(t.Context(), sampleName)
	if must(t, err); s.Backlog.sum() != 0 {
		t.Errorf("%+v", s.Backlog)
	}
	return pair.Truth()
}

func calls(line *cutter, method, part string) (n int) {
	for _, s := range line.after(0) {
		if strings.HasPrefix(s, method) && strings.Contains(s, part) {
			n++
		}
	}
	return n
}

// in2013 is bulky in a year in which there has been Marketo for some months.
func in2013(t *testing.T, home string, from int, on string) (*App, *sandbox.Pair, *cutter) {
	t.Helper()
	time.Sleep(time.Until(time.Date(2013, 6, 1, 9, 0, 0, 0, time.UTC)))
	return bulky(t, home, from, on)
}

// The people of a first sync come by extracts, month by month. Cut off it goes on where it was, no file is made or read twice, and both sides
// hold in the end what they hold without.
func TestExtractIsTakenUp(t *testing.T) {
	const on = "/bulk/v1/leads/export"
	var want sandbox.Truth
	t.Run("without", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := in2013(t, home, -1, on)
			if want = firstSynced(t, a, pair); calls(line, "", on) > 0 {
				t.Error("extracts without being asked for")
			}
		})
	})
	made, files, total := 0, 0, 0
	t.Run("with", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := in2013(t, home, 2, on)
			if diff := cmp.Diff(want, firstSynced(t, a, pair)); diff != "" {
				t.Errorf("by extracts both sides hold something else (-without +with):\n%s", diff)
			}
			made, files = calls(line, "POST", "/create.json"), calls(line, "GET", "/file.json")
			if made < 70 || files < made+3 {
				t.Errorf("%d extracts, %d parts of files", made, files)
			}
			if total = calls(line, "", on); strings.Contains(line.log.String(), "came to nothing") {
				t.Errorf("calls did the work:\n%s", line.log.String())
			}
		})
	})
	for _, at := range []int{0, 1, 8, 9, total / 2, total/2 + 1, total/2 + 2, total/2 + 3, total - 2, total - 1} {
		t.Run("cut", func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair, line := in2013(t, home, 2, on)
				endsAt(t, a, line, at, at%2 == 0)
				if diff := cmp.Diff(want, firstSynced(t, a, pair)); diff != "" || strings.Contains(line.log.String(), "came to nothing") {
					t.Errorf("cut off both sides hold something else (-want +got):\n%s", diff)
				}
				if n, read := calls(line, "POST", "/create.json"), calls(line, "GET", "/file.json"); n > made+1 || read > files+1 {
					t.Errorf("%d extracts and %d parts of files, want %d and %d, and one more at most", n, read, made, files)
				}
			})
		})
	}
}

// An extract that Marketo refuses, never finishes or makes of other people than the API user sees leaves people to calls.
func TestExtractComesToNothing(t *testing.T) {
	home := t.TempDir()
	var want sandbox.Truth
	synctest.Test(t, func(t *testing.T) {
		a, pair, _ := in2013(t, home, -1, "")
		want = firstSynced(t, a, pair)
	})
	refusal := func(code, message string) *http.Response {
		return canned(200, `{"requestId":"e42b#14272d07d78","success":false,"errors":[{"code":"`+code+`","message":"`+message+`"}]}`)
	}
	state := func(word string) *http.Response {
		return canned(200, `{"requestId":"a#1","success":true,"result":[{"exportId":"12345678-1234-1234-1234-123456789012","status":"`+word+`","fileSize":60}]}`)
	}
	csvOf := func(text string) *http.Response {
		resp := canned(206, text)
		resp.Header.Set("Content-Type", "text/csv")
		return resp
	}
	for name, instead := range map[string]func(what string, n int) *http.Response{
		"denied":      func(string, int) *http.Response { return refusal("603", "Access denied") },
		"unsupported": func(string, int) *http.Response { return refusal("1035", "Unsupported filter type") },
		"quota": func(what string, n int) *http.Response {
			if what == "enqueue.json" && n > 20 {
				return refusal("1029", "Export daily quota 500MB exceeded.")
			}
			return nil
		},
		"failed": func(what string, n int) *http.Response {
			if what == "status.json" && n > 20 {
				return state("Failed")
			}
			return nil
		},
		"endless": func(what string, _ int) *http.Response {
			if what == "status.json" {
				return state("Processing")
			}
			return nil
		},
		"garbage": func(what string, _ int) *http.Response {
			if what == "status.json" {
				return state("Completed")
			}
			if what == "file.json" {
				return csvOf(strings.Repeat("x", 60))
			}
			return nil
		},
		"gone": func(what string, _ int) *http.Response {
			if what == "file.json" {
				return canned(404, "File not found")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair, line := in2013(t, home, 30, "")
				seen := map[string]int{}
				line.instead = func(req *http.Request) *http.Response {
					if !strings.HasPrefix(req.URL.Path, "/bulk/v1/leads/export") {
						return nil
					}
					what := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
					seen[what]++
					return instead(what, seen[what])
				}
				if diff := cmp.Diff(want, firstSynced(t, a, pair)); diff != "" {
					t.Errorf("both sides hold something else (-want +got):\n%s", diff)
				}
				if len(seen) == 0 || !strings.Contains(line.log.String(), "came to nothing") {
					t.Errorf("no extract was tried in vain: %v", seen)
				}
			})
		})
	}
}

// Bulk jobs that read are no writes: a rehearsal uses them, and nothing changes on either side.
func TestRehearsalReadsByJobs(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair, line := in2013(t, home, 30, "")
		must(t, a.SetMode(t.Context(), sampleName, record.Rehearse))
		pair.ResetJournal()
		r, err := a.Sync(t.Context(), sampleName, SyncOptions{})
		must(t, err)
		if calls(line, "POST", "/jobs/query") == 0 || calls(line, "POST", "/bulk/v1/leads/export/create.json") == 0 || r.Cycle.Planned.Salesforce == 0 {
			t.Errorf("no jobs, or nothing planned: %+v", r.Cycle)
		}
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			if j := pair.Journal().Of(side); j.Writes+j.WriteCalls != 0 {
				t.Errorf("%s: %d writes in %d calls", side, j.Writes, j.WriteCalls)
			}
		}
	})
}
