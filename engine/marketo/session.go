package marketo

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

const tokenPath = "/identity/oauth/token"

// early is how long before its end a token is no longer used: Marketo hands out the same token until it expires, so
// one may come with a second left.
const early = 15 * time.Second

// grant is an answer of the identity service.
type grant struct {
	token pace.Secret
	scope string // the API-only user
	until time.Time
}

// signIn asks the identity service. The answer names a token that may be the one held before.
func (c *Client) signIn(ctx context.Context) (g grant, err error) {
	query := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {string(c.secret)}}
	r := &request{purpose: record.SignIn, method: http.MethodGet, path: tokenPath, query: query, repeatable: true, identity: true}
	r.decode = func(a *answer) error {
		var body struct {
			AccessToken string `json:"access_token"`
			ExpiresIn   int64  `json:"expires_in"`
			Scope       string `json:"scope"`
			Error       string `json:"error"`
		}
		if err := decodeInto(a.body, &body); err != nil {
			return err
		}
		if body.Error != "" || body.AccessToken == "" {
			return NewError(a.status, codeSecret, body.Error)
		}
		life := time.Duration(body.ExpiresIn) * time.Second
		g = grant{token: pace.Secret(body.AccessToken), scope: body.Scope, until: c.now().Add(max(life-early, time.Second))}
		return nil
	}
	err = c.pacer.Do(ctx, record.SignIn, func(ctx context.Context) (pace.Verdict, error) { return c.attempt(ctx, r, "") })
	return g, err
}
