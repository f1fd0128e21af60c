package marketo

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

const tokenPath = "/identity/oauth/token"

// early is how long before its end a token is no longer used: Marketo hands out the same token until it expires, so
// one may come with a second left.
const early = 15 * time.Second

// session holds the access token. However many calls find it missing or dead, one exchange is made for all of them.
type session struct {
	id       string
	secret   pace.Secret
	now      func() time.Time
	exchange func(ctx context.Context, id string, secret pace.Secret) (grant, error)

	mu     sync.Mutex
	held   grant
	flight chan struct{} // closed when the exchange under way has ended
	failed error
}

// grant is an answer of the identity service.
type grant struct {
	token pace.Secret
	scope string // the API-only user
	until time.Time
}

// token gives a token that is neither stale nor about to end, and whether it was made while asking. A caller whose stale
// token differs from the one held gets the one held.
func (s *session) token(ctx context.Context, stale pace.Secret) (g grant, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.held.token != "" && s.held.token != stale && s.now().Before(s.held.until) {
			return s.held, fresh, nil
		}
		if ctx.Err() != nil {
			return grant{}, false, context.Cause(ctx)
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
			return grant{}, false, s.failed
		}
		fresh = true
	}
}

// make asks for a token; the lock is given up meanwhile. It finishes what it began even if the caller gives up.
func (s *session) make(ctx context.Context) (grant, bool, error) {
	done := make(chan struct{})
	s.flight = done
	s.mu.Unlock()
	g, err := s.exchange(context.WithoutCancel(ctx), s.id, s.secret)
	s.mu.Lock()
	s.flight, s.failed = nil, err
	close(done)
	if err != nil {
		s.held = grant{}
		return grant{}, false, err
	}
	s.held = g
	return g, true, nil
}

// exchange asks the identity service. The answer names a token that may be the one held before.
func (c *Client) exchange(ctx context.Context, id string, secret pace.Secret) (g grant, err error) {
	query := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {string(secret)}}
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
