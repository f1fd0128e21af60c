package marketo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

var (
	zeroTime   time.Time
	errTimeout = errors.New("no progress within the time-out")
	errShape   = errors.New("the answer has another shape than documented")
)

// request is one call of the API.
type request struct {
	purpose record.Purpose
	method  string
	path    string
	query   url.Values
	body    []byte // JSON
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
		g, fresh, err := c.session.token(ctx, stale)
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
	attempt, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(errTimeout) })
	defer func() {
		timer.Stop()
		cancel(nil)
	}()
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
	defer drain(resp.Body)
	status = resp.StatusCode
	if refused := refusedStatus(resp); refused != nil {
		return refused.verdict(r.repeatable), refused
	}
	body := io.Reader(&patientReader{from: resp.Body, timer: timer, limit: limit})
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return c.broken(ctx, attempt, r, err)
		}
		body = unzipped
	}
	server, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		server = zeroTime
	}
	if err := r.decode(&answer{status: status, server: server.UTC(), body: body}); err != nil {
		return c.broken(ctx, attempt, r, err)
	}
	return pace.Done, nil
}

// patientReader lets a body take as long as it likes while it keeps coming.
type patientReader struct {
	from  io.Reader
	timer *time.Timer
	limit time.Duration
}

func (p *patientReader) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	p.timer.Reset(p.limit)
	return n, err
}

func (c *Client) build(ctx context.Context, r *request, token pace.Secret) (*http.Request, error) {
	method, address := r.method, c.base+r.path
	var body io.Reader
	contentType := ""
	query := r.query.Encode()
	switch {
	case r.body != nil:
		body, contentType = bytes.NewReader(r.body), "application/json"
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
	req.Header.Set("Accept", "application/json")
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
	switch {
	case caller.Err() != nil:
		return pace.Done, context.Cause(caller)
	case errors.As(err, &mode):
		return pace.Done, mode
	case errors.As(err, &known):
	case errors.Is(context.Cause(attempt), errTimeout):
		known = localError(codeTimeout, nil)
	case errors.Is(err, errShape):
		known = localError(codeShape, nil)
	default:
		code, unsent := pace.NetworkCode(err)
		known = localError(code, withoutURL(err))
		if isBody(err) {
			known = localError(codeBroken, nil)
		}
		known.unsent = unsent
	}
	return known.verdict(r.repeatable), known
}

// withoutURL takes the address out of an error: it holds ids, people's data, and at the identity service the secret.
func withoutURL(err error) error {
	var located *url.Error
	if errors.As(err, &located) {
		return located.Err
	}
	return err
}

// drain reads what is left of a body, within reason, so that the connection can be used again.
func drain(body io.ReadCloser) {
	_, read := io.CopyN(io.Discard, body, 64<<10)
	if closed := body.Close(); read != nil || closed != nil {
		return // the exchange is over; a connection that breaks now is merely not used again
	}
}
