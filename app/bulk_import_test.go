package app

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// imported lives through a first sync, whose ids wait for Marketo, and a mass change in Salesforce. cut is called before each of the two.
func imported(t *testing.T, a *App, pair *sandbox.Pair, before func(n int)) sandbox.Truth {
	t.Helper()
	once := func(n int) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if before != nil {
			a.world.transport.(*cutter).cut = cancel
			before(n)
		}
		_, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
		if ctx.Err() == nil {
			must(t, err)
		}
		a.world.transport.(*cutter).cut = nil
		for range 4 {
			time.Sleep(betweenCycles)
			_, err := a.Sync(t.Context(), sampleName, SyncOptions{AllowBrake: true})
			must(t, err)
		}
	}
	once(0)
	_, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 100, Seed: 1, Fields: []string{"Title"}})
	must(t, err)
	once(1)
	s, err := a.Status(t.Context(), sampleName)
	if must(t, err); s.Backlog.sum() != 0 {
		t.Errorf("%+v", s.Backlog)
	}
	return pair.Truth()
}

// What very many people in Marketo get goes by imports. Cut off at any of their calls, before it or after it, the next cycle knows what
// became of the file; both sides hold in the end what they hold without, and nobody is created twice.
func TestImportIsTakenUp(t *testing.T) {
	const on = "/bulk/v1/leads"
	var want sandbox.Truth
	calls := func(line *cutter) (n int) {
		for _, s := range line.after(0) {
			if strings.Contains(s, on) {
				n++
			}
		}
		return n
	}
	t.Run("without", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := bulky(t, home, -1, on)
			want = imported(t, a, pair, nil)
			if n := calls(line); n > 0 || want.CreatedTwice > 0 {
				t.Errorf("%d calls of imports, and %d created twice", n, want.CreatedTwice)
			}
		})
	})
	var at [2]int
	t.Run("with", func(t *testing.T) {
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			a, pair, line := bulky(t, home, 20, on)
			got := imported(t, a, pair, func(n int) { line.cut, at[n] = nil, calls(line) })
			at[0], at[1] = at[1], calls(line)-at[1]
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("by imports both sides hold something else (-without +with):\n%s", diff)
			}
			if at[0] < 2 || at[1] < 2 {
				t.Fatalf("%v calls of imports: nothing to be cut off", at)
			}
		})
	})
	for stage, calls := range at {
		for n := range min(calls, 3) {
			for _, after := range []bool{false, true} {
				t.Run("cut", func(t *testing.T) {
					home := t.TempDir()
					synctest.Test(t, func(t *testing.T) {
						a, pair, line := bulky(t, home, 20, on)
						got := imported(t, a, pair, func(now int) {
							if line.at, line.afterwards = n, after; now != stage {
								line.cut = nil
							}
						})
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("cut off both sides hold something else (-want +got):\n%s", diff)
						}
					})
				})
			}
		}
	}
}

// An import that Marketo refuses, fails, keeps in its queue or takes in part leaves the rest to calls.
func TestImportComesToNothing(t *testing.T) {
	home := t.TempDir()
	var want sandbox.Truth
	synctest.Test(t, func(t *testing.T) {
		a, pair, _ := bulky(t, home, -1, "")
		want = imported(t, a, pair, nil)
	})
	state := func(word string) string {
		return `{"requestId":"e42b#14272d07d78","success":true,"result":[{"batchId":7,"importId":"7","status":"` + word + `","numOfRowsFailed":0,"numOfRowsWithWarning":0}]}`
	}
	refusal := func(code string) string {
		return `{"requestId":"e42b#14272d07d78","success":false,"errors":[{"code":"` + code + `","message":"no"}]}`
	}
	for name, instead := range map[string]func(req *http.Request) *http.Response{
		"denied": func(*http.Request) *http.Response { return canned(200, refusal("603")) },
		"full":   func(*http.Request) *http.Response { return canned(200, refusal("1016")) },
		"large":  func(*http.Request) *http.Response { return canned(413, "") },
		"failed": func(req *http.Request) *http.Response {
			if req.Method == http.MethodPost {
				return canned(200, state("Queued"))
			}
			return canned(200, state("Failed"))
		},
		"hidden": func(req *http.Request) *http.Response {
			if req.Method == http.MethodPost {
				return canned(200, state("Queued"))
			}
			return canned(200, refusal("603"))
		},
		"forgotten": func(req *http.Request) *http.Response {
			if req.Method == http.MethodPost {
				return canned(200, state("Queued"))
			}
			return canned(200, refusal("1013"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair, line := bulky(t, home, 30, "")
				line.instead = func(req *http.Request) *http.Response {
					if strings.HasPrefix(req.URL.Path, "/bulk/v1/leads") {
						return instead(req)
					}
					return nil
				}
				if diff := cmp.Diff(want, imported(t, a, pair, nil)); diff != "" {
					t.Errorf("both sides hold something else (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// massTitles syncs, then gives many leads and contacts in Salesforce a new title, and names the linked ones with their people.
func massTitles(t *testing.T, a *App, pair *sandbox.Pair) (people map[string]record.ID) {
	t.Helper()
	cycles(t, a, 2)
	edited, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 100, Seed: 1, Fields: []string{"Title"}})
	must(t, err)
	people = map[string]record.ID{}
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
		links, err := w.Links(t.Context(), 0, 100_000)
		for _, l := range links {
			for _, e := range edited {
				if string(l.Salesforce) == e.ID && l.State == cycle.Linked {
					people[e.ID] = l.Marketo
				}
			}
		}
		return err
	}))
	return people
}

func titles(pair *sandbox.Pair, id string, person record.ID) (salesforce, marketo string) {
	object := "Lead"
	if strings.HasPrefix(id, "003") {
		object = "Contact"
	}
	pair.Org().Look(object, id, func(get func(string) (string, bool)) { salesforce, _ = get("Title") })
	pair.Instance().Look(record.Person, string(person), func(get func(string) (string, bool)) { marketo, _ = get("title") })
	return salesforce, marketo
}

// A row that an import does not take is sent by a call, which says why, or takes it; the others are not sent again.
func TestImportTakesAllButOne(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair, line := bulky(t, home, 30, "")
		people := massTitles(t, a, pair)
		var left string // the person whose row does not arrive
		line.instead = func(req *http.Request) *http.Response {
			switch path := req.URL.Path; {
			case path == "/bulk/v1/leads.json":
				body, err := io.ReadAll(req.Body)
				must(t, err)
				rows := strings.Split(string(body), "\n")
				for i, row := range rows {
					if id, _, ok := strings.Cut(row, ","); ok && id != "id" && left == "" && !strings.Contains(row, ":") {
						left = id
						rows = append(rows[:i:i], rows[i+1:]...)
						break
					}
				}
				text := strings.Join(rows, "\n")
				req.Body, req.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			case strings.HasSuffix(path, "/failures.json"):
				return canned(200, "id,title,Import Failure Reason\n"+left+",x,Invalid data type in field Title\n")
			case strings.HasPrefix(path, "/bulk/v1/leads/batch/"):
				return canned(200, `{"requestId":"a#1","success":true,"result":[{"batchId":1022,"status":"Complete","numOfRowsFailed":1}]}`)
			}
			return nil
		}
		seen := len(line.after(0))
		_, err := a.Sync(t.Context(), sampleName, SyncOptions{AllowBrake: true})
		must(t, err)
		sent := 0
		for _, s := range line.after(seen) {
			if strings.HasPrefix(s, "POST /rest/v1/leads.json") {
				// A blank cannot be imported.
				if sent++; !strings.Contains(s, `"id":`+left+`,`) || strings.Count(s, `"title":"`) != 1 {
					t.Errorf("sent by a call: %s", s)
				}
			}
		}
		if left == "" || sent != 1 {
			t.Errorf("%d calls for the one that was left out", sent)
		}
		time.Sleep(betweenCycles)
		cycles(t, a, 1) // the import comes through with the next call
		for id, person := range people {
			if sf, mk := titles(pair, id, person); sf != mk {
				t.Errorf("%s is %q in Salesforce and %q in Marketo", id, sf, mk)
			}
		}
	})
}

// While an import of values stands in the queue no people are written otherwise, so that nothing older arrives after something newer; what
// was changed meanwhile on either side arrives when it is over.
func TestImportIsNotOvertaken(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair, line := bulky(t, home, 30, "")
		people := massTitles(t, a, pair)
		queued := true
		line.instead = func(req *http.Request) *http.Response {
			if queued && strings.HasPrefix(req.URL.Path, "/bulk/v1/leads/batch/") {
				return canned(200, `{"requestId":"a#1","success":true,"result":[{"batchId":1022,"status":"Importing"}]}`)
			}
			return nil
		}
		sync := func(o SyncOptions) {
			t.Helper()
			_, err := a.Sync(t.Context(), sampleName, o)
			must(t, err)
			time.Sleep(betweenCycles)
		}
		sync(SyncOptions{AllowBrake: true})
		sync(SyncOptions{}) // it comes through, and nobody hears of it
		ids := slices.Sorted(maps.Keys(people))
		newer, theirs := ids[0], ids[len(ids)-1]
		must(t, pair.Org().Set(newer, map[string]string{"Title": "Newer"}), pair.Instance().Set(string(people[theirs]), map[string]string{"title": "Theirs"}))
		before := len(line.after(0))
		sync(SyncOptions{})
		sync(SyncOptions{})
		for _, s := range line.after(before) {
			if strings.HasPrefix(s, "POST /rest/v1/leads.json") {
				t.Errorf("while the import was in the queue people were written: %s", s)
			}
		}
		queued = false
		sync(SyncOptions{})
		sync(SyncOptions{})
		for id, person := range people {
			sf, mk := titles(pair, id, person)
			if sf != mk || id == newer && sf != "Newer" || id == theirs && sf != "Theirs" {
				t.Errorf("%s is %q in Salesforce and %q in Marketo", id, sf, mk)
			}
		}
		s, err := a.Status(t.Context(), sampleName)
		if must(t, err); s.Backlog.sum() != 0 {
			t.Errorf("%+v", s.Backlog)
		}
	})
}

// What stands in the queue of imports has passed the brake, and does not stop the cycles that follow. An import that never comes through is
// given up after a day, and calls write its people.
func TestImportThatNeverComes(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair, line := bulky(t, home, 30, "")
		people := massTitles(t, a, pair)
		_, err := a.ChangeSettings(t.Context(), sampleName, "brake_records=20")
		must(t, err)
		line.instead = func(req *http.Request) *http.Response {
			if strings.HasPrefix(req.URL.Path, "/bulk/v1/leads") {
				return canned(200, `{"requestId":"a#1","success":true,"result":[{"batchId":1022,"status":"Queued"}]}`)
			}
			return nil
		}
		_, err = a.Sync(t.Context(), sampleName, SyncOptions{AllowBrake: true})
		must(t, err)
		cycles(t, a, 3)
		if s, err := a.Status(t.Context(), sampleName); err != nil || s.Backlog.sum() < 30 {
			t.Errorf("%+v wait, %v", s.Backlog, err)
		}
		one := slices.Sorted(maps.Keys(people))[0]
		told, err := a.Explain(t.Context(), sampleName, one)
		if must(t, err); len(told.Waiting) != 1 || !strings.Contains(told.Waiting[0].Sentence, "import stands in Marketo's queue since") {
			t.Errorf("why %s waits: %+v", one, told.Waiting)
		}
		time.Sleep(25 * time.Hour)
		line.instead = func(req *http.Request) *http.Response {
			if strings.HasPrefix(req.URL.Path, "/bulk/v1/leads/batch") {
				return canned(200, `{"requestId":"a#1","success":true,"result":[{"batchId":1022,"status":"Queued"}]}`)
			}
			return nil
		}
		jobsFrom(a, 1000)
		for range 2 {
			_, err = a.Sync(t.Context(), sampleName, SyncOptions{AllowBrake: true})
			must(t, err)
		}
		for id, person := range people {
			if sf, mk := titles(pair, id, person); sf != mk {
				t.Errorf("%s is %q in Salesforce and %q in Marketo", id, sf, mk)
			}
		}
	})
}
