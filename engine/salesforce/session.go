package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Token is an answer of the token endpoint. There is no expiry in it: the only sign is the next 401.
type Token struct {
	Access pace.Secret
	// Refresh is set by the code flow, and by a refresh when the app rotates its tokens: the one used before is dead.
	Refresh     pace.Secret
	InstanceURL string // where all data calls go, normalised
	IdentityURL string // ends with org id and user id
	Scope       string
}

// IDs are the org and the user that the token is for, blank if the answer did not say.
func (t Token) IDs() (org, user record.ID) {
	parts := strings.Split(strings.TrimSuffix(t.IdentityURL, "/"), "/")
	if len(parts) < 3 {
		return "", ""
	}
	org, err1 := record.LongID(parts[len(parts)-2])
	user, err2 := record.LongID(parts[len(parts)-1])
	if err1 != nil || err2 != nil {
		return "", ""
	}
	return org, user
}

// session holds the access token. However many calls find it missing or dead, one exchange is made for all of them.
type session struct {
	auth     Auth
	instance string
	exchange func(ctx context.Context, form url.Values) (Token, error)

	mu     sync.Mutex
	held   Token
	flight chan struct{} // closed when the exchange under way has ended; nil if none is
	failed error         // how the last exchange ended
}

// token gives a token that is not stale, and whether it was made while asking. A caller whose stale token differs from
// the one held gets the one held.
func (s *session) token(ctx context.Context, stale pace.Secret) (t Token, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.held.Access != "" && s.held.Access != stale {
			return s.held, fresh, nil
		}
		if ctx.Err() != nil {
			return Token{}, false, context.Cause(ctx)
		}
		if s.flight == nil {
			return s.make(ctx)
		}
		flight := s.flight
		s.mu.Unlock()
		select {
		case <-flight:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if s.failed != nil && s.flight == nil && ctx.Err() == nil {
			return Token{}, false, s.failed
		}
		fresh = true
	}
}

// make exchanges the credentials for a token; the lock is given up meanwhile.
func (s *session) make(ctx context.Context) (Token, bool, error) {
	done := make(chan struct{})
	s.flight = done
	s.mu.Unlock()
	token, err := s.signIn(ctx)
	s.mu.Lock()
	s.flight, s.failed = nil, err
	close(done)
	if err != nil {
		s.held = Token{}
		return Token{}, false, err
	}
	s.held = token
	return token, true, nil
}

// signIn finishes what it began even if the caller gives up, within the time-out of a call: the answer may hold the
// only refresh token that is still good.
func (s *session) signIn(ctx context.Context) (Token, error) {
	ctx = context.WithoutCancel(ctx)
	form, err := s.auth.Form(ctx)
	if err != nil {
		return Token{}, err
	}
	token, err := s.exchange(ctx, form)
	if err != nil {
		return Token{}, err
	}
	if err := s.auth.Accept(ctx, token); err != nil {
		return Token{}, err
	}
	if token.InstanceURL == "" {
		token.InstanceURL = s.instance
	}
	if token.InstanceURL == "" {
		return Token{}, localError(codeMalformed, errors.New("the sign-in did not say where the org is"))
	}
	return token, nil
}

// exchange posts a form to the token endpoint.
func (c *Client) exchange(ctx context.Context, form url.Values) (Token, error) {
	return exchange(ctx, c.http, c.login, form, exchangeOptions{timeout: c.timeout, product: c.product, pacer: c.pacer, now: c.now, calls: c.calls})
}

type exchangeOptions struct {
	timeout time.Duration
	product string
	pacer   *pace.Pacer
	now     func() time.Time
	calls   func(Call)
}

const tokenEndpoint = "/services/oauth2/token"

// exchange asks for a token at most twice, with a code of the browser once: a code works once; with rotation an answer that is lost has used up the refresh token, and
// asking on would only hide that.
func exchange(ctx context.Context, client *http.Client, login string, form url.Values, o exchangeOptions) (Token, error) {
	var token Token
	tries := 0
	err := o.pacer.Do(ctx, record.SignIn, func(ctx context.Context) (pace.Verdict, error) {
		tries++
		began := o.now()
		answer, status, err := postForm(ctx, client, login, form, o)
		o.calls(Call{Purpose: record.SignIn, Endpoint: "POST " + tokenEndpoint, Status: status, Took: o.now().Sub(began), Err: err})
		if err == nil {
			token, err = answer.token(login)
		}
		var refused *Error
		if errors.As(err, &refused) && refused.Class() == pace.Transient && tries < 2 && (refused.unsent || form.Get("grant_type") != "authorization_code") {
			return pace.Retry, err
		}
		return pace.Done, err
	})
	return token, err
}

type tokenAnswer struct {
	AccessToken      string `json:"access_token"`
	RefreshToken     string `json:"refresh_token"`
	InstanceURL      string `json:"instance_url"`
	ID               string `json:"id"`
	Scope            string `json:"scope"`
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
}

func (a tokenAnswer) token(login string) (Token, error) {
	if a.AccessToken == "" {
		return Token{}, localError(codeNoSignIn, errors.New("no access token in the answer"))
	}
	t := Token{Access: pace.Secret(a.AccessToken), Refresh: pace.Secret(a.RefreshToken), IdentityURL: a.ID, Scope: a.Scope}
	if a.InstanceURL != "" {
		instance, err := Host(a.InstanceURL)
		if err != nil || (strings.HasPrefix(login, "https:") && !strings.HasPrefix(instance, "https:")) {
			return Token{}, localError(codeMalformed, errors.New("the sign-in names an org that tokens must not be sent to"))
		}
		t.InstanceURL = instance
	}
	return t, nil
}

// postForm makes one exchange.
func postForm(caller context.Context, client *http.Client, login string, form url.Values, o exchangeOptions) (tokenAnswer, int, error) {
	ctx, watch := watched(caller, o.timeout)
	defer watch.stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, login+tokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return tokenAnswer{}, 0, localError(codeLocal, withoutURL(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", o.product)
	resp, err := client.Do(req)
	if err != nil {
		return tokenAnswer{}, 0, signInBroken(caller, ctx, err)
	}
	defer drain(resp.Body)
	body, done := unpack(resp, watch)
	defer done()
	if resp.StatusCode >= 300 {
		return tokenAnswer{}, resp.StatusCode, readOAuthRefusal(resp.StatusCode, resp.Header, body)
	}
	var answer tokenAnswer
	err = decodeJSON(body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, &answer) })
	if err != nil {
		return tokenAnswer{}, resp.StatusCode, signInBroken(caller, ctx, err)
	}
	if answer.Error != "" {
		return tokenAnswer{}, resp.StatusCode, oauthError(resp.StatusCode, answer.Error, answer.ErrorDescription)
	}
	return answer, resp.StatusCode, nil
}

func signInBroken(caller, attempt context.Context, err error) error {
	var known *Error
	var mode *pace.ModeError
	switch {
	case caller.Err() != nil:
		return context.Cause(caller)
	case errors.As(err, &mode):
		return mode
	case errors.As(err, &known):
		return known
	case errors.Is(context.Cause(attempt), errTimeout):
		return localError(codeTimeout, withoutURL(err))
	}
	code, unsent := pace.NetworkCode(err)
	broken := localError(code, withoutURL(err))
	broken.unsent = unsent
	return broken
}
