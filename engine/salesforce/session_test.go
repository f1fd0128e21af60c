package salesforce_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// expiring answers 401 to all tokens but the newest.
func expiring(s *side) func(r request) reply {
	return func(r request) reply {
		s.mu.Lock()
		want := fmt.Sprintf("Bearer token%d", s.tokens)
		s.mu.Unlock()
		if r.header.Get("Authorization") != want {
			return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
		}
		return ok(`{"totalSize":7,"done":true,"records":[]}`)
	}
}

func TestOneSignInForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t}
		s.answer = expiring(s)
		c := newClient(t, s)
		count := func() {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if n, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead"); err != nil || n != 7 {
						t.Error(n, err)
					}
				})
			}
			wg.Wait()
		}
		count()
		if s.tokens != 1 {
			t.Fatalf("%d sign-ins for the first calls", s.tokens)
		}
		s.mu.Lock()
		s.tokens = 5 // whatever was given out is dead now
		s.mu.Unlock()
		count()
		if s.tokens != 6 {
			t.Errorf("%d sign-ins for one expiry", s.tokens-5)
		}
	})
}

// A token that dies again and again is not expiry: one new sign-in, then stop.
func TestSecondRefusalStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t, answer: func(request) reply { return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid") }}
		_, err := newClient(t, s).Count(t.Context(), "SELECT COUNT() FROM Lead")
		var failure pace.Failure
		if !errors.As(err, &failure) || failure.Class() != pace.SignIn || failure.Retryable() {
			t.Fatalf("err = %v", err)
		}
		if s.tokens != 2 || len(s.calls()) != 2 {
			t.Errorf("%d sign-ins, %d calls", s.tokens, len(s.calls()))
		}
	})
}

// Some refusals of a token are not cured by another one.
func TestRefusalsThatATokenDoesNotCure(t *testing.T) {
	for _, refusal := range []reply{
		refuse(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
		refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
	} {
		s := &side{t: t, answer: func(request) reply { return refusal }}
		if _, err := newClient(t, s).Limits(t.Context()); err == nil || s.tokens != 1 {
			t.Errorf("%d sign-ins, err = %v", s.tokens, err)
		}
	}
}

// The instance can change with every token; data calls follow it, and nothing else.
func TestInstanceIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t}
		s.answer = func(r request) reply {
			if r.host == "old.my.salesforce.com" {
				return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
			}
			return ok(`{"totalSize":1,"done":true,"records":[]}`)
		}
		s.token = func(request) reply {
			host := map[int]string{1: "old", 2: "new"}[s.tokens]
			return ok(fmt.Sprintf(`{"access_token":"token%d","instance_url":"https://%s.my.salesforce.com"}`, s.tokens, host))
		}
		if _, err := newClient(t, s).Count(t.Context(), "SELECT COUNT() FROM Lead"); err != nil {
			t.Fatal(err)
		}
		if calls := s.calls(); calls[1].host != "new.my.salesforce.com" {
			t.Errorf("asked %s", calls[1].host)
		}
	})
}

// A sign-in over TLS must not send the token on in the clear.
func TestInstanceMustBeSafe(t *testing.T) {
	for _, instance := range []string{"http://localhost:1", "http://acme.my.salesforce.com", "ftp://x", "::"} {
		s := &side{t: t, token: func(request) reply { return ok(`{"access_token":"a","instance_url":"` + instance + `"}`) }}
		if _, err := newClient(t, s).Limits(t.Context()); err == nil || len(s.calls()) > 0 {
			t.Errorf("%s: err = %v after %d calls", instance, err, len(s.calls()))
		}
	}
}

func refreshing(store func(ctx context.Context, token pace.Secret) error) option {
	return func(c *salesforce.Config) {
		c.Auth = &salesforce.RefreshToken{ClientID: "id", ClientSecret: "secret", Token: "refresh0", Store: store}
	}
}

// With rotation the new refresh token is kept before anything is done with the new access token.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stored []string
		dead := ""
		s := &side{t: t}
		s.answer = func(r request) reply {
			token := strings.TrimPrefix(r.header.Get("Authorization"), "Bearer token")
			if token == dead {
				return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
			}
			if !slices.Contains(stored, "refresh"+token) {
				t.Errorf("token %s was used before its refresh token was kept", token)
			}
			return ok(`{"totalSize":7,"done":true,"records":[]}`)
		}
		s.token = func(r request) reply {
			form, err := url.ParseQuery(string(r.body))
			if err != nil || form.Get("grant_type") != "refresh_token" || form.Get("client_secret") != "secret" {
				t.Errorf("asked with %v", form)
			}
			if want := fmt.Sprintf("refresh%d", s.tokens-1); form.Get("refresh_token") != want {
				t.Errorf("asked with %s, want %s", form.Get("refresh_token"), want)
			}
			return ok(strings.Replace(tokenBody(s.tokens), "{", fmt.Sprintf(`{"refresh_token":"refresh%d",`, s.tokens), 1))
		}
		c := newClient(t, s, refreshing(func(_ context.Context, token pace.Secret) error {
			stored = append(stored, string(token))
			return nil
		}))
		for n := 1; n <= 3; n++ {
			if _, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead"); err != nil {
				t.Fatal(err)
			}
			dead = fmt.Sprint(n)
		}
		if want := []string{"refresh1", "refresh2", "refresh3"}; !slices.Equal(stored, want) {
			t.Errorf("kept %v, want %v", stored, want)
		}
	})
}

func TestRotatedTokenMustBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locked := errors.New("the keychain is locked")
		s := &side{t: t, answer: func(request) reply { return ok(`{}`) }}
		s.token = func(request) reply {
			return ok(`{"access_token":"a","refresh_token":"new","instance_url":"https://x.my.salesforce.com"}`)
		}
		_, err := newClient(t, s, refreshing(func(context.Context, pace.Secret) error { return locked })).Limits(t.Context())
		var failure pace.Failure
		if !errors.Is(err, locked) || !errors.As(err, &failure) || failure.Class() != pace.SignIn {
			t.Errorf("err = %v", err)
		}
		if len(s.calls()) > 0 {
			t.Error("the access token was used")
		}
	})
}

// A caller that gives up does not lose a rotated token: the exchange is finished, and serves the next caller.
func TestExchangeIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := 0
		s := &side{t: t}
		s.answer = func(r request) reply { return ok(`{"totalSize":1,"done":true,"records":[]}`) }
		s.token = func(request) reply {
			time.Sleep(5 * time.Second)
			return ok(`{"access_token":"a","refresh_token":"new","instance_url":"https://x.my.salesforce.com"}`)
		}
		c := newClient(t, s, refreshing(func(context.Context, pace.Secret) error { kept++; return nil }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Count(ctx, "SELECT COUNT() FROM Lead"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if _, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead"); err != nil {
			t.Fatal(err)
		}
		if kept != 1 || s.tokens != 1 {
			t.Errorf("kept %d times after %d exchanges", kept, s.tokens)
		}
	})
}

// An exchange is asked for twice at most: a lost answer may have used up the refresh token.
func TestExchangeIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t, token: func(request) reply { return reply{err: errors.New("reset")} }}
		_, err := newClient(t, s).Limits(t.Context())
		var failure pace.Failure
		if !errors.As(err, &failure) || failure.Code() != "NETWORK" || s.tokens != 2 {
			t.Errorf("%d exchanges, err = %v", s.tokens, err)
		}
	})
}

// Every OAuth error that is known has a sentence of its own, and none of the sentences needs the description.
func TestOAuthErrors(t *testing.T) {
	cases := []struct {
		code, description string
		class             pace.Class
		who               pace.Who
		key               string
	}{
		{"invalid_grant", "expired authorization code", pace.SignIn, pace.Operator, "code.expired"},
		{"invalid_grant", "expired access/refresh token", pace.SignIn, pace.Operator, "refresh.expired"},
		{"invalid_grant", "inactive user", pace.SignIn, pace.Admin, "user.inactive"},
		{"inactive_user", "user is inactive", pace.SignIn, pace.Admin, "user.inactive"},
		{"invalid_grant", "user hasn't approved this consumer", pace.Permission, pace.Admin, "user.unapproved"},
		{"invalid_grant", "authentication failure - Invalid Password", pace.SignIn, pace.Operator, "authentication"},
		{"invalid_grant", "ip restricted or invalid login hours", pace.Permission, pace.Admin, "ip"},
		{"invalid_grant", "user is not admin approved to access this app", pace.Permission, pace.Admin, "app.unapproved"},
		{"invalid_grant", "no client credentials user enabled", pace.SignIn, pace.Admin, "client.user"},
		{"invalid_grant", "request not supported on this domain", pace.SignIn, pace.Operator, "domain"},
		{"invalid_grant", "Audience validation failed", pace.SignIn, pace.Operator, "audience"},
		{"invalid_grant", "audience is invalid", pace.SignIn, pace.Operator, "audience"},
		{"invalid_grant", "invalid assertion", pace.SignIn, pace.Operator, "assertion"},
		{"invalid_grant", "something new", pace.SignIn, pace.Operator, "grant"},
		{"invalid_client_id", "client identifier invalid", pace.SignIn, pace.Operator, "client.id"},
		{"invalid_client", "invalid client credentials", pace.SignIn, pace.Operator, "client.secret"},
		{"invalid_client", "app must be installed into org", pace.SignIn, pace.Admin, "app.uninstalled"},
		{"redirect_uri_mismatch", "redirect_uri must match configuration", pace.SignIn, pace.Admin, "redirect"},
		{"invalid_scope", "the requested scope is not allowed", pace.SignIn, pace.Admin, "scope"},
		{"inactive_org", "organization is locked, closed, or suspended", pace.SignIn, pace.Admin, "org.locked"},
		{"rate_limit_exceeded", "login rate exceeded", pace.Quota, pace.Us, "rate"},
		{"brand_new", "ada@example.com", pace.SignIn, pace.Operator, "other"},
	}
	for _, row := range cases {
		for _, encoded := range []bool{false, true} {
			body := fmt.Sprintf(`{"error":%q,"error_description":%q}`, row.code, row.description)
			if encoded {
				body = url.Values{"error": {row.code}, "error_description": {row.description}}.Encode()
			}
			s := &side{t: t, token: func(request) reply { return reply{status: 400, body: body} }}
			_, err := newClient(t, s).SignIn(t.Context())
			var failure pace.Failure
			if !errors.As(err, &failure) || failure.Class() != row.class || failure.Who() != row.who || failure.Code() != row.code {
				t.Errorf("%s / %s: %v", row.code, row.description, err)
				continue
			}
			if got := failure.Sentence().Key; got != "salesforce.oauth."+row.key {
				t.Errorf("%s / %s: sentence %s, want %s", row.code, row.description, got, row.key)
			}
			if strings.Contains(err.Error(), row.description) && strings.Contains(row.description, "@") {
				t.Errorf("the description is printed: %v", err)
			}
			if s.tokens != 1 {
				t.Errorf("%s: asked %d times", row.code, s.tokens)
			}
		}
	}
}

func TestJWT(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	read, err := salesforce.ParseKey(der)
	if err != nil || !read.Equal(key) {
		t.Fatal("the key does not read back", err)
	}
	if _, err := salesforce.ParseKey([]byte("-----BEGIN X-----")); err == nil {
		t.Error("nonsense was taken for a key")
	}
	now := func() time.Time { return epoch }
	auth := &salesforce.JWT{ClientID: "consumer", Username: "sync@acme.com", Audience: "https://test.salesforce.com", Key: read, Now: now}
	form, err := auth.Form(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(form.Get("assertion"), claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience("https://test.salesforce.com"), jwt.WithIssuer("consumer"),
		jwt.WithSubject("sync@acme.com"), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now))
	if err != nil || !token.Valid {
		t.Errorf("the assertion does not hold: %v", err)
	}
	if form.Has("client_secret") || form.Has("client_id") {
		t.Error("more is sent than the assertion")
	}
	for login, want := range map[string]string{
		"https://login.salesforce.com":                     "https://login.salesforce.com",
		"https://acme.my.salesforce.com":                   "https://login.salesforce.com",
		"https://acme--uat.sandbox.my.salesforce.com":      "https://test.salesforce.com",
		"https://test.salesforce.com":                      "https://test.salesforce.com",
		"http://127.0.0.1:8080":                            "http://127.0.0.1:8080",
		"https://acme-dev-ed.develop.my.salesforce.com":    "https://login.salesforce.com",
		"https://evil.example/.sandbox.my.salesforce.com/": "https://evil.example/.sandbox.my.salesforce.com/",
	} {
		if got := salesforce.JWTAudience(login); got != want {
			t.Errorf("audience of %s: %s, want %s", login, got, want)
		}
	}
}

// Only reads pass in Observe, and every sign-in does.
func TestSignInPassesInObserve(t *testing.T) {
	s := &side{t: t}
	if _, err := newClient(t, s, inMode(record.Observe)).SignIn(t.Context()); err != nil {
		t.Error(err)
	}
}
