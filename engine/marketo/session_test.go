package marketo_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

const usage = `{"date":"2026-11-25","total":7,"users":[{"userId":"api@acme.example","count":7}]}`

// expiring knows no token but the newest.
func expiring(s *side, code string) func(r request) reply {
	return func(r request) reply {
		s.mu.Lock()
		want := fmt.Sprintf("Bearer token%d:ab", s.tokens)
		s.mu.Unlock()
		if r.header.Get("Authorization") != want {
			return refuse(code, "Access token invalid")
		}
		return result(usage)
	}
}

// TestOneTokenForAll: whether a token is missing or dead, one is asked for, and all calls go on with it.
func TestOneTokenForAll(t *testing.T) {
	for _, code := range []string{"601", "602"} {
		synctest.Test(t, func(t *testing.T) {
			s := &side{t: t}
			s.answer = expiring(s, code)
			c := newClient(t, s)
			all := func() {
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						if used, err := c.Usage(t.Context()); err != nil || used.Today != 7 {
							t.Error(used, err)
						}
					})
				}
				wg.Wait()
			}
			all()
			if s.tokens != 1 {
				t.Fatalf("%d tokens for the first calls", s.tokens)
			}
			s.mu.Lock()
			s.tokens = 5 // whatever was given out is dead now
			s.mu.Unlock()
			all()
			if s.tokens != 6 {
				t.Errorf("%d tokens for one expiry", s.tokens-5)
			}
		})
	}
}

// TestTokenIsRenewedEarly: Marketo hands out a token as long as it lives, so one may come with seconds left; none is used
// in its last moments.
func TestTokenIsRenewedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t, answer: func(request) reply { return result(usage) }}
		s.token = func(request) reply {
			if s.tokens == 1 {
				return ok(tokenBody(1, 60))
			}
			return ok(tokenBody(s.tokens, 3600))
		}
		c := newClient(t, s)
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {40 * time.Second, 1}, {10 * time.Second, 2}, {50 * time.Minute, 2}, {10 * time.Minute, 3}} {
			time.Sleep(step.wait)
			if _, err := c.Usage(t.Context()); err != nil || s.tokens != step.want {
				t.Errorf("%d tokens, want %d (%v)", s.tokens, step.want, err)
			}
		}
	})
}

// TestSignInFails: what the identity service answers becomes a sentence, and neither id nor secret stands in it.
func TestSignInFails(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer reply
		code   string
		class  pace.Class
		asked  int
	}{
		{"wrong secret", reply{status: 401, body: `{"error":"unauthorized","error_description":"No client with requested id: id"}`}, "HTTP_401", pace.SignIn, 1},
		{"wrong secret, politely", ok(`{"error":"invalid_client","error_description":"hush"}`), "INVALID_CLIENT", pace.SignIn, 1},
		{"no token", ok(`{}`), "INVALID_CLIENT", pace.SignIn, 1},
		{"wrong host", reply{status: 404, body: "not here"}, "HTTP_404", pace.Config, 1},
		{"a web page", ok("<html>sign in to the hotel's network</html>"), "BROKEN_ANSWER", pace.Transient, 5},
		{"down", reply{status: 503}, "HTTP_503", pace.Transient, 5},
		{"reset", reply{err: &url.Error{Op: "Get", URL: "https://x/?client_secret=hush", Err: errors.New("reset")}}, "NETWORK", pace.Transient, 5},
		{"redirect", reply{status: 302, header: map[string]string{"Location": "https://evil.example/"}}, "REDIRECT", pace.Config, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, token: func(request) reply { return row.answer }}
				_, err := newClient(t, s, inMode(record.Observe)).Usage(t.Context())
				var failure pace.Failure
				if !errors.As(err, &failure) || failure.Code() != row.code || failure.Class() != row.class {
					t.Fatalf("err = %v", err)
				}
				if text := err.Error() + failure.Sentence().Text; containsAny(text, "hush", "requested id") {
					t.Errorf("the error tells too much: %v", err)
				}
				if s.tokens != row.asked || len(s.calls()) != 0 {
					t.Errorf("asked %d times, want %d; %d calls", s.tokens, row.asked, len(s.calls()))
				}
			})
		})
	}
}

// TestTokenTravelsInTheHeader alone: addresses are written down by everything on the way.
func TestTokenTravelsInTheHeader(t *testing.T) {
	s := &side{t: t, answer: func(request) reply { return result(usage) }}
	if _, err := newClient(t, s).Usage(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.calls()[0]
	if r.header.Get("Authorization") != "Bearer token1:ab" || r.query.Has("access_token") {
		t.Errorf("asked with %v", r.query)
	}
	if r.header.Get("Accept-Encoding") != "gzip" {
		t.Errorf("the answer may not be packed: %v", r.header)
	}
}

// TestRetryAfterIsHeeded: a gateway that says how long it wants to be left alone is left alone.
func TestRetryAfterIsHeeded(t *testing.T) {
	for _, row := range []struct {
		status int
		header string
		least  time.Duration
		most   time.Duration
	}{
		{429, "7", 7 * time.Second, 8 * time.Second}, {503, "9", 9 * time.Second, 10 * time.Second}, {503, "", 0, 3 * time.Second}, {429, "", 20 * time.Second, 21 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &side{t: t}
			s.answer = func(request) reply {
				if len(s.calls()) == 1 {
					return reply{status: row.status, header: map[string]string{"Retry-After": row.header}}
				}
				return result(usage)
			}
			began := time.Now()
			_, err := newClient(t, s).Usage(t.Context())
			if took := time.Since(began); err != nil || took < row.least || took > row.most {
				t.Errorf("%d with %q: went on after %v, want %v to %v (%v)", row.status, row.header, took, row.least, row.most, err)
			}
		})
	}
}

// TestQuotaStops: 607 ends all calls until midnight US Central, and says so.
func TestQuotaStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t, answer: func(request) reply { return refuse("607", "Daily quota reached") }}
		central, err := time.LoadLocation("America/Chicago")
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, s, func(cfg *marketo.Config) {
			cfg.Pacer = pace.New(pace.Limits{ResetIn: central}, time.Now, func() float64 { return 0 })
		})
		for range 2 {
			_, err := c.Usage(t.Context())
			var quota *pace.QuotaError
			if !errors.As(err, &quota) || quota.Until.In(central).Hour() != 0 {
				t.Fatalf("err = %v", err)
			}
		}
		if n := len(s.calls()); n != 1 {
			t.Errorf("%d calls were sent", n)
		}
	})
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}
