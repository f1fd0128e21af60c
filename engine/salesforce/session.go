package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
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

// signIn exchanges the credentials for a token, and keeps what has to be kept of it.
func (c *Client) signIn(ctx context.Context) (Token, error) {
	token, err := c.present(ctx)
	if signed, ok := c.auth.(*JWT); ok && err != nil && signed.another(err) {
		var again error
		if token, again = c.present(ctx); again == nil {
			err = nil
		} else if signed.trying {
			signed.another(err) // the key that is known to have worked is tried first the next time too
		}
	}
	if err != nil {
		return Token{}, err
	}
	if err := c.auth.Accept(ctx, token); err != nil {
		return Token{}, err
	}
	if token.InstanceURL == "" {
		token.InstanceURL = c.instance
	}
	if token.InstanceURL == "" {
		return Token{}, localError(codeMalformed, errors.New("the sign-in did not say where the org is"))
	}
	return token, nil
}

// present asks for a token with what the Auth has.
func (c *Client) present(ctx context.Context) (Token, error) {
	form, err := c.auth.Form(ctx)
	if err != nil {
		return Token{}, err
	}
	return c.exchange(ctx, form)
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

// clocksDiffer reports whether this computer's clock is so far from the org's that a signed sign-in cannot hold: the org says only that
// it does not accept it.
func clocksDiffer(header http.Header, now time.Time) bool {
	server := wire.ServerTime(header)
	return !server.IsZero() && now.Sub(server).Abs() > jwtLife-time.Minute
}

// postForm makes one exchange.
func postForm(caller context.Context, client *http.Client, login string, form url.Values, o exchangeOptions) (tokenAnswer, int, error) {
	ctx, watch := wire.Watched(caller, o.timeout)
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, login+tokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return tokenAnswer{}, 0, localError(codeLocal, wire.WithoutURL(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", o.product)
	resp, err := client.Do(req)
	if err != nil {
		return tokenAnswer{}, 0, signInBroken(caller, ctx, err)
	}
	defer wire.Drain(resp.Body)
	body, done := watch.Unpack(resp)
	defer done()
	if resp.StatusCode >= 300 {
		refused := readOAuthRefusal(resp.StatusCode, resp.Header, body)
		if form.Has("assertion") && refused.Class() == pace.SignIn && clocksDiffer(resp.Header, o.now()) {
			refused = withStatus(localError(codeClock, refused), resp.StatusCode)
		}
		return tokenAnswer{}, resp.StatusCode, refused
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
	case errors.Is(context.Cause(attempt), wire.ErrTimeout):
		return localError(codeTimeout, wire.WithoutURL(err))
	}
	code, unsent := pace.NetworkCode(err)
	broken := localError(code, wire.WithoutURL(err))
	broken.unsent = unsent
	return broken
}

// OrgID is the id of the org that the client is signed in to, without a call where it is signed in already; empty where the org does not
// say.
func (c *Client) OrgID(ctx context.Context) (record.ID, error) {
	token, _, err := c.session.Get(ctx, "")
	if err != nil {
		return "", err
	}
	org, _ := token.IDs()
	return org, nil
}

// Revoke ends a permission that a sign-in gave, by its refresh token; sessions made of it end too (OAuth 2.0, revoke).
func (c *Client) Revoke(ctx context.Context, refresh pace.Secret) error {
	return c.send(ctx, &request{
		purpose: record.SignIn, method: http.MethodPost, path: "/services/oauth2/revoke", body: []byte(url.Values{"token": {string(refresh)}}.Encode()),
		contentType: "application/x-www-form-urlencoded", repeatable: true, decode: func(*answer) error { return nil },
	})
}
