package app

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// recorder keeps what every call said, in the order of the calls.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	said []string // method, path and body
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	said := req.Method + " " + req.URL.Path + " "
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		said += string(body)
	}
	r.mu.Lock()
	r.said = append(r.said, said)
	r.mu.Unlock()
	return r.next.RoundTrip(req)
}

// after are the calls since the first n.
func (r *recorder) after(n int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said[n:]
}

// backlogged is a workspace in which nearly everybody waits to be written, and what was said so far.
func backlogged(t *testing.T, home string, people int) (*App, *sandbox.Pair, *recorder) {
	pair, err := sandbox.New(sandbox.Options{People: people, Seed: 3})
	must(t, err)
	t.Cleanup(pair.Close)
	line := &recorder{next: pair.Transport()}
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "now", Transport: line, Now: pair.Now})
	must(t, err, connectSample(t.Context(), a, pair.Credentials()))
	rehearse(t, a)
	return a, pair, line
}

// Whoever is asked for is read, planned and written before the 20,000 rows that wait, with a handful of calls and no feed; also
// somebody who was entered a moment ago and whom no cycle has seen yet.
func TestNowComesFirst(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair, line := backlogged(t, home, 12_500)
		before, err := a.Status(ctx, sampleName)
		must(t, err)
		if before.Backlog.sum() < 20_000 {
			t.Fatalf("only %d rows wait", before.Backlog.sum())
		}
		old, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 1, Seed: 8, Fields: []string{"Title"}})
		must(t, err)
		account, err := pair.Org().Create("Account", map[string]string{"Name": "Nieuw B.V."})
		must(t, err)
		fresh, err := pair.Org().Create("Contact", map[string]string{"LastName": "Nieuw", "Email": "nieuw@example.com", "AccountId": account})
		must(t, err)
		person, err := pair.Instance().Create(map[string]string{"lastName": "Alleen", "email": "alleen@example.com"})
		must(t, err)
		must(t, a.SetMode(ctx, sampleName, record.Live))

		n, started := len(line.after(0)), time.Now()
		asked := []string{old[0].ID, "NIEUW@example.com", person, "nobody@example.com"}
		r, err := a.Sync(ctx, sampleName, SyncOptions{Now: asked, NowOnly: true})
		must(t, err)
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
		for i, want := range []NowState{NowWritten, NowWritten, NowNothing, NowUnknown} {
			if got := r.Now[i]; got.Person != asked[i] || got.State != want || got.Sentence == "" {
				t.Errorf("got %+v, want %s", got, want)
			}
		}
		said := line.after(n)
		if len(said) > 20 {
			t.Errorf("%d calls: %s", len(said), heads(said))
		}
		for _, s := range said {
			if strings.Contains(s, "BY%20SystemModstamp") || strings.Contains(s, "activities") {
				t.Errorf("a feed was read: %.200s", s)
			}
		}
		after, err := a.Status(ctx, sampleName)
		must(t, err)
		if left := after.Backlog.sum(); left < before.Backlog.sum()-8 {
			t.Errorf("%d of %d rows still wait: others were written too", left, before.Backlog.sum())
		}
		standing := map[string]string{}
		for _, id := range r.Now[1].Marketo {
			pair.Instance().Look(record.Person, string(id), func(get func(string) (string, bool)) { standing["email"], _ = get("email") })
		}
		if standing["email"] != "nieuw@example.com" {
			t.Errorf("Marketo has %v for %s", standing, fresh)
		}

		// With a whole cycle behind it, the first writes are still those of who was asked for.
		edited, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Marketo}, People: 1, Seed: 9, Fields: []string{"title"}})
		must(t, err)
		n = len(line.after(0))
		var told []NowPerson
		toldAt := 0
		r, err = a.Sync(ctx, sampleName, SyncOptions{Now: []string{edited[0].ID}, AllowBrake: true, Told: func(now []NowPerson) { told, toldAt = now, len(line.after(n)) }})
		must(t, err)
		if len(told) != 1 || told[0].State != NowWritten || r.Now[0].State != NowWritten || toldAt > 10 {
			t.Errorf("told %+v after %d calls, and %+v at the end", told, toldAt, r.Now)
		}
		if r.Backlog.sum() > before.Backlog.sum()/100 { // what names somebody who is on the way comes a moment later
			t.Errorf("%d rows wait after a whole cycle", r.Backlog.sum())
		}
	})
}

// heads are calls without their bodies.
func heads(said []string) string {
	var b strings.Builder
	for _, s := range said {
		method, rest, _ := strings.Cut(s, " ")
		path, _, _ := strings.Cut(rest, " ")
		fmt.Fprintf(&b, "\n%s %s", method, path)
	}
	return b.String()
}
