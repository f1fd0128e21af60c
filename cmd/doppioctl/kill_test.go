package main

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

var (
	killPeople = flag.Int("kill-people", 1000, "how many people the killed sync is about")
	killSeed   = flag.Uint64("kill-seed", 1, "draws the moments")
	kills      = flag.Int("kills", 10, "how often the process is ended")
)

// A process that is ended with SIGKILL, again and again, in the midst of a first sync and of the cycles after it, ends where
// one that was left in peace ends: nobody lost, nobody doubled, no other difference (promises 1, 3 and 4).
func TestKilled(t *testing.T) {
	t.Parallel()
	o := sandbox.Options{People: *killPeople, Seed: 5}
	peace := newDesk(t, o)
	peace.connects()
	peace.settles()
	killed := newDesk(t, o)
	killed.connects()
	rng := rand.New(rand.NewPCG(*killSeed, 0xdead))
	most := peace.requests()
	for range *kills {
		killed.killedOnce(rng, most)
	}
	killed.settles()
	agree(t, "after the first sync", peace, killed)
	if diff := cmp.Diff(peace.differences(), killed.differences()); diff != "" {
		t.Errorf("after the first sync other fields differ (-peace +killed):\n%s", diff)
	}

	for round := range uint64(3) {
		for _, d := range []*desk{peace, killed} {
			if _, err := d.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: *killPeople / 10, Seed: round}); err != nil {
				t.Fatal(err)
			}
		}
		peace.settles()
		for range 2 {
			killed.killedOnce(rng, 16)
		}
		killed.settles()
	}
	// Both desks number Marketo's people in another order, so the same edits went to other people.
	agree(t, "after the cycles", peace, killed)
	for _, d := range []*desk{peace, killed} {
		if fields := d.unexplained(); len(fields) > 0 {
			t.Errorf("nothing explains %d differences: %v", len(fields), fields)
		}
	}
	killed.sound()
}

// requests is about how many the first sync took.
func (d *desk) requests() int {
	j := d.pair.Journal()
	return j.Of(record.Salesforce).Calls + j.Of(record.Marketo).Calls
}

// killedOnce runs a cycle and ends its process: before one of its first requests is served, after, in the midst of the answer, or a moment later.
func (d *desk) killedOnce(rng *rand.Rand, most int) {
	d.t.Helper()
	at, how, moment := rng.IntN(most), rng.IntN(4), time.Duration(rng.IntN(40))*time.Millisecond
	cmd := d.command(d.t.Context(), "sync", workspace, "--once")
	ready := make(chan struct{})
	kill := func() {
		<-ready
		_ = cmd.Process.Signal(syscall.SIGKILL) // that it has ended by itself is seen below
	}
	d.watch(func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler) {
		switch {
		case n != at:
			serve.ServeHTTP(w, r)
		case how == 0:
			kill()
		case how == 1:
			serve.ServeHTTP(&unheard{header: http.Header{}}, r)
			kill()
		case how == 2:
			serve.ServeHTTP(&torn{ResponseWriter: w, left: 200}, r)
			kill()
		default:
			serve.ServeHTTP(w, r)
			time.AfterFunc(moment, kill)
		}
	})
	_, said, code := d.endsOrIsEnded(cmd, ready)
	d.watch(nil)
	if code != -1 && code != 0 && code != 3 {
		d.t.Fatalf("ended with %d before it was killed at request %d (%d): %s", code, at, how, said)
	}
}

// unheard takes an answer that nobody hears.
type unheard struct{ header http.Header }

func (u *unheard) Header() http.Header         { return u.header }
func (u *unheard) Write(b []byte) (int, error) { return len(b), nil }
func (u *unheard) WriteHeader(int)             {}

// torn lets the first bytes of an answer through.
type torn struct {
	http.ResponseWriter
	left int
}

func (c *torn) Write(b []byte) (int, error) {
	n := min(c.left, len(b))
	c.left -= n
	if _, err := c.ResponseWriter.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// agree holds two desks' pairs against each other.
func agree(t *testing.T, when string, peace, killed *desk) {
	t.Helper()
	want, got := peace.pair.Truth(), killed.pair.Truth()
	delete(want.Marketo, "last_id")
	delete(got.Marketo, "last_id")
	want.Differences, got.Differences = 0, 0 // those of refused records
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s the killed process left another truth (-peace +killed):\n%s", when, diff)
	}
	if got.CreatedTwice != 0 {
		t.Errorf("%s %d records stand twice", when, got.CreatedTwice)
	}
}

// differences names the fields in which pairs differ, by the side that both desks number alike.
func (d *desk) differences() []string {
	var all []string
	d.pair.Compare(func(one sandbox.Difference) bool {
		all = append(all, fmt.Sprintf("%s %s %s", one.Object, one.SalesforceID, one.SalesforceField))
		return true
	})
	slices.Sort(all)
	return all
}

// unexplained are the differences of records that no open failure or hold is about.
func (d *desk) unexplained() []string {
	d.t.Helper()
	explained := map[string]bool{}
	var groups []struct{ Group string }
	d.reads(&groups, "failures", workspace)
	for _, g := range groups {
		var one []struct {
			Examples []struct{ Source, Target string }
		}
		d.reads(&one, "failures", workspace, "--group", g.Group)
		for _, e := range one[0].Examples {
			explained[e.Source], explained[e.Target] = true, true
		}
	}
	var holds []struct{ Salesforce, Marketo string }
	d.reads(&holds, "holds", workspace)
	for _, h := range holds {
		explained[h.Salesforce], explained[h.Marketo] = true, true
	}
	var fields []string
	d.pair.Compare(func(one sandbox.Difference) bool {
		if !explained[one.SalesforceID] && !explained[one.MarketoID] {
			fields = append(fields, fmt.Sprintf("%s %s %s", one.Object, one.SalesforceID, one.SalesforceField))
		}
		return true
	})
	return fields
}

// reads runs what prints one JSON document.
func (d *desk) reads(into any, args ...string) {
	d.t.Helper()
	if err := oneDocument(d.does(append([]string{"--json"}, args...)...), into); err != nil {
		d.t.Fatal(err)
	}
}

// sound checks the workspace's file as SQLite does.
func (d *desk) sound() {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.home, "doppio", "*", workspace, "*.db"))
	if err != nil || len(files) == 0 {
		d.t.Fatalf("no database found: %v", err)
	}
	for _, file := range files {
		db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
		if err != nil {
			d.t.Fatal(err)
		}
		var verdict string
		if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			d.t.Errorf("%s: %s %v", filepath.Base(file), verdict, err)
		}
		if err := db.Close(); err != nil {
			d.t.Error(err)
		}
	}
}
