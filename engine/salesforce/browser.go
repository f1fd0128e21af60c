package salesforce

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
)

// callbackPorts are the ports of the callback addresses that the app in the org must list. They are not the ports of
// Salesforce's own programs (1717, 7171). They are fixed, although RFC 8252 (7.3) wants any port of a loopback address to do: Salesforce has
// the port of an app of one's own entered in its callback URL, and another port in both places (Salesforce DX Developer Guide, Create an
// External Client App in Your Org, oauthLocalPort).
var callbackPorts = []int{43117, 43118, 43119}

const callbackPath = "/oauth/callback"

// CallbackURLs are the addresses that the Salesforce admin enters as callback URLs of the app. Salesforce accepts plain
// http for localhost only.
func CallbackURLs() []string {
	urls := make([]string, len(callbackPorts))
	for i, port := range callbackPorts {
		urls[i] = callbackURL(port)
	}
	return urls
}

func callbackURL(port int) string { return "http://localhost:" + strconv.Itoa(port) + callbackPath }

// AuthorizationCode is the sign-in by a person in the browser: the web-server flow with PKCE. It ends with a refresh
// token, with which RefreshToken signs in from then on.
type AuthorizationCode struct {
	LoginURL     string
	ClientID     string
	ClientSecret pace.Secret // only if the app requires one
	Scopes       []string    // nil means api, refresh_token and id
	LoginHint    string      // user name to fill in
	// Open shows an address in the person's browser. It must not wait for the browser to end.
	Open func(address string) error
	// Transport carries the exchange of the code; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout is that of the exchange, 0 for 20 seconds; Patience is how long to wait for the person, 0 for 5 minutes.
	Timeout  time.Duration
	Patience time.Duration
	// Ports are those to listen on, tried in order; nil means those of CallbackURLs.
	Ports []int
	// DonePage and FailedPage are the HTML that the browser shows at the end; empty means a plain English one.
	DonePage, FailedPage string
	Now                  func() time.Time
}

const (
	defaultPatience = 5 * time.Minute
	donePage        = "<!doctype html><title>Doppio</title><p>Signed in. You can close this window and go back to Doppio."
	failedPage      = "<!doctype html><title>Doppio</title><p>The sign-in did not work. Doppio says why; you can close this window."
)

// SignIn opens the browser and waits for the person. When the browser ends on an error page of Salesforce nothing ever
// comes back, so that waiting ends after Patience with a failure that says so. Nothing keeps listening afterwards.
func (a AuthorizationCode) SignIn(ctx context.Context) (Token, error) {
	login, err := Host(a.LoginURL)
	if err != nil {
		return Token{}, err
	}
	if a.Open == nil {
		return Token{}, errors.New("the sign-in needs a way to open a browser")
	}
	secrets, err := newProof()
	if err != nil {
		return Token{}, err
	}
	ports := a.Ports
	if ports == nil {
		ports = callbackPorts
	}
	listener, err := listen(ctx, ports)
	if err != nil {
		return Token{}, err
	}
	defer listener.close()
	redirect := callbackURL(listener.port)
	code, err := a.ask(ctx, listener, login, redirect, secrets)
	if err != nil {
		return Token{}, err
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {a.ClientID}, "redirect_uri": {redirect}, "code_verifier": {secrets.verifier}}
	if a.ClientSecret != "" {
		form.Set("client_secret", string(a.ClientSecret))
	}
	now := a.Now
	if now == nil {
		now = time.Now
	}
	timeout := a.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return exchange(ctx, newHTTP(a.Transport, nil), login, form, exchangeOptions{
		timeout: timeout, product: "doppio", now: now, calls: func(Call) {},
		pacer: pace.New(pace.Limits{}, now, func() float64 { return 0.5 }),
	})
}

// ask sends the person to Salesforce and waits for the answer.
func (a AuthorizationCode) ask(ctx context.Context, l *loopback, login, redirect string, secrets proof) (string, error) {
	patience := a.Patience
	if patience <= 0 {
		patience = defaultPatience
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, localError(codeSignInTimeout, nil))
	defer cancel()
	answers := make(chan callback, 1)
	l.serve(&callbackHandler{state: secrets.state, answers: answers, done: orElse(a.DonePage, donePage), failed: orElse(a.FailedPage, failedPage)})
	if err := a.Open(a.address(login, redirect, secrets)); err != nil {
		return "", err
	}
	select {
	case answer := <-answers:
		return answer.code, answer.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// address is the page to sign in on.
func (a AuthorizationCode) address(login, redirect string, secrets proof) string {
	scopes := a.Scopes
	if scopes == nil {
		scopes = []string{"api", "refresh_token", "id"}
	}
	challenge := sha256.Sum256([]byte(secrets.verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {redirect}, "scope": {strings.Join(scopes, " ")}, "state": {secrets.state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	if a.LoginHint != "" {
		q.Set("login_hint", a.LoginHint)
	}
	return login + "/services/oauth2/authorize?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// proof is what ties the answer in the browser to this sign-in: nobody else knows the state, nor the verifier whose
// digest Salesforce was given.
type proof struct{ state, verifier string }

func newProof() (proof, error) {
	var random [64]byte
	if _, err := io.ReadFull(rand.Reader, random[:]); err != nil {
		return proof{}, err
	}
	return proof{
		state:    base64.RawURLEncoding.EncodeToString(random[:32]),
		verifier: base64.RawURLEncoding.EncodeToString(random[32:]),
	}, nil
}

type callback struct {
	code string
	err  error
}

// callbackHandler takes the one request that carries our state. Others, from whatever page the browser shows, are
// refused and change nothing.
type callbackHandler struct {
	state        string
	answers      chan callback
	done, failed string
}

// ServeHTTP answers the browser.
func (h *callbackHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if r.URL.Path != callbackPath || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	q := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(h.state)) != 1 {
		http.Error(w, "This is not the sign-in that Doppio waits for.", http.StatusBadRequest)
		return
	}
	answer := callback{code: q.Get("code")}
	page := h.done
	switch {
	case q.Get("error") != "":
		answer.err = oauthError(0, q.Get("error"), q.Get("error_description"))
	case answer.code == "":
		answer.err = localError(codeMalformed, errors.New("neither a code nor an error"))
	}
	if answer.err != nil {
		page = h.failed
	}
	select {
	case h.answers <- answer:
	default: // the page was loaded again
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := io.WriteString(w, page); err != nil {
		return // the browser went away; its answer counts all the same
	}
}
