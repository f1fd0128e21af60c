package marketo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
)

// errShape says that an answer is JSON, but not what the API documents.
var errShape = wire.ErrShape

// request is one call of the API.
type request struct {
	purpose     record.Purpose
	method      string
	path        string
	query       url.Values
	body        []byte // JSON, unless contentType says otherwise
	contentType string
	accept      string // JSON, unless it says otherwise
	ranged      string // the bytes of a file that are asked for
	// repeatable says that sending it twice does no harm even if the first one was executed.
	repeatable bool
	write      bool // may take as long as the instance takes
	identity   bool // asks for the token itself
	// decode reads a 200 answer. It may be called again for the next try, and then starts afresh.
	decode func(a *answer) error
}

// answer is what came back, its body unpacked.
type answer struct {
	status int
	server time.Time // the instance's own clock, zero if it did not say
	body   io.Reader
}

// mostURI is where a GET becomes a POST with _method=GET (Marketo REST API: URIs of at most 8 KB).
const mostURI = 7 << 10

// send makes a call, signing in before or in between as needed. A token that Marketo does not know any more was not acted
// upon, so the call is repeated once with the next one; a second refusal of a token just made is not expiry, and stops.
func (c *Client) send(ctx context.Context, r *request) error {
	var stale pace.Secret
	for {
		g, fresh, err := c.session.Get(ctx, stale)
		if err != nil {
			return err
		}
		err = c.pacer.Do(ctx, r.purpose, func(ctx context.Context) (pace.Verdict, error) { return c.attempt(ctx, r, g.token) })
		var refused *Error
		if !errors.As(err, &refused) || refused.row.treat != refresh || fresh && stale != "" {
			return err
		}
		stale = g.token
	}
}

// attempt sends the request once.
func (c *Client) attempt(ctx context.Context, r *request, token pace.Secret) (verdict pace.Verdict, err error) {
	limit := c.timeout
	if r.write {
		limit = max(limit, writeTimeout)
	}
	attempt, watch := wire.Watched(ctx, limit)
	defer watch.Stop()
	began, status := c.now(), 0
	defer func() {
		c.calls(Call{Purpose: r.purpose, Endpoint: endpoint(r.method, r.path), Status: status, Took: c.now().Sub(began), Err: err})
	}()
	req, err := c.build(attempt, r, token)
	if err != nil {
		return pace.Done, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.broken(ctx, attempt, r, err)
	}
	defer wire.Drain(resp.Body)
	status = resp.StatusCode
	if refused := refusedStatus(resp); refused != nil {
		return refused.verdict(r.repeatable, wire.RetryAfter(resp.Header)), refused
	}
	body, done := watch.Unpack(resp)
	defer done()
	if err := r.decode(&answer{status: status, server: wire.ServerTime(resp.Header), body: body}); err != nil {
		return c.broken(ctx, attempt, r, wire.Judge(err))
	}
	return pace.Done, nil
}

func (c *Client) build(ctx context.Context, r *request, token pace.Secret) (*http.Request, error) {
	method, address := r.method, c.base+r.path
	var body io.Reader
	contentType := ""
	query := r.query.Encode()
	switch {
	case r.body != nil:
		body, contentType = bytes.NewReader(r.body), cmp.Or(r.contentType, "application/json")
	case method == http.MethodGet && len(address)+len(query) > mostURI:
		method, body, contentType = http.MethodPost, strings.NewReader(query), "application/x-www-form-urlencoded"
		query = "_method=GET"
	}
	if query != "" {
		address += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, localError(codeShape, errors.New("the call cannot be put into an address"))
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept", cmp.Or(r.accept, "application/json"))
	if r.ranged != "" {
		req.Header.Set("Range", r.ranged)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	if !r.identity {
		req.Header.Set("Authorization", "Bearer "+string(token))
	}
	return req, nil
}

// refusedStatus types an answer whose status says that it is none. Marketo refuses inside of 200; other statuses come
// from the identity service, from limits of size, and from gateways in front.
func refusedStatus(resp *http.Response) *Error {
	switch status := resp.StatusCode; {
	case status == http.StatusOK && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		return localError(codeHTML, nil)
	case status == http.StatusOK || status == http.StatusCreated || status == http.StatusAccepted || status == http.StatusPartialContent:
		return nil
	case status >= 300 && status < 400:
		e := localError(codeRedirect, nil)
		e.Status = status
		return e
	default:
		return NewError(status, "", "")
	}
}

// broken classifies an exchange that did not end with an answer that could be read.
func (c *Client) broken(caller, attempt context.Context, r *request, err error) (pace.Verdict, error) {
	var mode *pace.ModeError
	var known *Error
	var unreadable *wire.Unreadable
	switch {
	case caller.Err() != nil:
		return pace.Done, context.Cause(caller)
	case errors.As(err, &mode):
		return pace.Done, mode
	case errors.As(err, &known):
	case errors.Is(context.Cause(attempt), wire.ErrTimeout):
		known = localError(codeTimeout, nil)
	case errors.As(err, &unreadable) && unreadable.Fault == wire.Shape:
		known = localError(codeShape, nil)
	case errors.As(err, &unreadable):
		known = localError(codeBroken, nil)
	default:
		code, unsent := pace.NetworkCode(err)
		known = localError(code, wire.WithoutURL(err))
		known.unsent = unsent
	}
	return known.verdict(r.repeatable, 0), known
}
