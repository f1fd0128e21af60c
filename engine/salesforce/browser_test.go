package salesforce_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// browser plays the person's browser: it looks at the address and goes where visits say, on a connection of its own.
type browser struct {
	t      *testing.T
	visits func(asked url.Values) []string
	asked  url.Values
	pages  []int // the status of each visit
	going  sync.WaitGroup
}

func (b *browser) open(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Scheme != "https" || u.Host != loginHost || u.Path != "/services/oauth2/authorize" || strings.Contains(address, "+") {
		b.t.Errorf("the browser was sent to %s", address)
	}
	b.asked = u.Query()
	b.going.Go(func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		for _, visit := range b.visits(b.asked) {
			resp, err := client.Get(visit)
			if err != nil {
				b.t.Error(err)
				return
			}
			b.pages = append(b.pages, resp.StatusCode)
			if err := resp.Body.Close(); err != nil {
				b.t.Error(err)
			}
		}
	})
	return nil
}

func back(asked url.Values, answer url.Values) string {
	if answer.Get("state") == "" {
		answer.Set("state", asked.Get("state"))
	}
	return asked.Get("redirect_uri") + "?" + answer.Encode()
}

func TestBrowserSignIn(t *testing.T) {
	b := &browser{t: t, visits: func(asked url.Values) []string {
		return []string{
			back(asked, url.Values{"code": {"stolen"}, "state": {"guess"}}),
			strings.Replace(back(asked, url.Values{"code": {"x"}}), "/oauth/callback", "/favicon.ico", 1),
			back(asked, url.Values{"code": {"aPrx=="}}),
		}
	}}
	s := &side{t: t}
	s.token = func(r request) reply {
		form, err := url.ParseQuery(string(r.body))
		if err != nil {
			t.Error(err)
		}
		challenge := sha256.Sum256([]byte(form.Get("code_verifier")))
		if form.Get("code") != "aPrx==" || form.Get("grant_type") != "authorization_code" || form.Get("redirect_uri") != b.asked.Get("redirect_uri") ||
			base64.RawURLEncoding.EncodeToString(challenge[:]) != b.asked.Get("code_challenge") || len(form.Get("code_verifier")) < 43 {
			t.Errorf("exchanged %v", form)
		}
		return ok(strings.Replace(tokenBody(1), "{", `{"refresh_token":"refresh1",`, 1))
	}
	token, err := salesforce.AuthorizationCode{
		LoginURL: "login.salesforce.com/", ClientID: "consumer", ClientSecret: "secret", Open: b.open, Transport: s, Ports: []int{0},
	}.SignIn(t.Context())
	b.going.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if token.Refresh != "refresh1" || token.InstanceURL != "https://"+instanceHost {
		t.Errorf("token %+v", token)
	}
	if org, user := token.IDs(); org != orgID || user != userID {
		t.Errorf("org %s, user %s", org, user)
	}
	if want := []int{400, 404, 200}; len(b.pages) != 3 || b.pages[0] != want[0] || b.pages[1] != want[1] || b.pages[2] != want[2] {
		t.Errorf("the browser saw %v, want %v", b.pages, want)
	}
	if b.asked.Get("code_challenge_method") != "S256" || b.asked.Get("scope") != "api refresh_token id" || !strings.HasPrefix(b.asked.Get("redirect_uri"), "http://localhost:") {
		t.Errorf("asked %v", b.asked)
	}
}

func TestBrowserSaysNo(t *testing.T) {
	for _, code := range []string{"access_denied", "access-denied"} {
		b := &browser{t: t, visits: func(asked url.Values) []string {
			return []string{back(asked, url.Values{"error": {code}, "error_description": {"end-user denied authorization"}})}
		}}
		s := &side{t: t}
		_, err := salesforce.AuthorizationCode{LoginURL: loginHost, ClientID: "c", Open: b.open, Transport: s, Ports: []int{0}}.SignIn(t.Context())
		b.going.Wait()
		var failure pace.Failure
		if !errors.As(err, &failure) || failure.Sentence().Key != "salesforce.oauth.denied" || s.tokens != 0 {
			t.Errorf("err = %v after %d exchanges", err, s.tokens)
		}
	}
}

// When the browser ends on an error page of Salesforce nothing comes back.
func TestBrowserNeverComesBack(t *testing.T) {
	silent := func(string) error { return nil }
	_, err := salesforce.AuthorizationCode{LoginURL: loginHost, ClientID: "c", Open: silent, Transport: &side{t: t}, Ports: []int{0}, Patience: time.Millisecond}.SignIn(t.Context())
	var failure pace.Failure
	if !errors.As(err, &failure) || failure.Code() != "SIGN_IN_TIMEOUT" || !strings.Contains(failure.Sentence().Text, "error page") {
		t.Errorf("err = %v", err)
	}
	broken := errors.New("no browser")
	fails := func(string) error { return broken }
	if _, err := (salesforce.AuthorizationCode{LoginURL: loginHost, Open: fails, Ports: []int{0}}).SignIn(t.Context()); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}

// A taken port is passed over; when all are taken the failure says so.
func TestBrowserPorts(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := taken.Close(); err != nil {
			t.Error(err)
		}
	}()
	port := taken.Addr().(*net.TCPAddr).Port
	b := &browser{t: t, visits: func(asked url.Values) []string { return []string{back(asked, url.Values{"code": {"c"}})} }}
	flow := salesforce.AuthorizationCode{LoginURL: loginHost, ClientID: "c", Open: b.open, Transport: &side{t: t}, Ports: []int{port, 0}}
	if _, err := flow.SignIn(t.Context()); err != nil {
		t.Error(err)
	}
	b.going.Wait()
	flow.Ports = []int{port}
	var failure pace.Failure
	if _, err := flow.SignIn(t.Context()); !errors.As(err, &failure) || failure.Code() != "NO_FREE_PORT" {
		t.Errorf("err = %v", err)
	}
	for _, address := range salesforce.CallbackURLs() {
		if !strings.HasPrefix(address, "http://localhost:") {
			t.Errorf("callback %s: plain http is taken for localhost only", address)
		}
	}
}
