package salesforce

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
)

var zeroTime time.Time

// request is one call of the API.
type request struct {
	purpose     record.Purpose
	method      string
	path        string // with query, from the root of the instance
	body        []byte
	stream      io.Reader // instead of body: an upload, which cannot be sent twice
	contentType string    // empty means JSON
	accept      string    // empty means JSON
	header      http.Header
	// repeatable says that sending it twice does no harm even if the first one was executed.
	repeatable bool
	write      bool // may take as long as the org's automation takes
	// decode reads a 2xx answer. It may be called again for the next try, and then starts afresh.
	decode func(a *answer) error

	sent int // how often it left
	lost int // how often it left and may have been executed without our knowing
}

// answer is what came back, its body unpacked.
type answer struct {
	status int
	header http.Header
	body   io.Reader
}

// server is the side's own clock, zero if it did not say.
func (a *answer) server() time.Time { return wire.ServerTime(a.header) }

// send makes a call, signing in before or in between as needed. A token that the side does not know (any more) was not
// acted upon, so that the call is repeated with the next token whatever it is; when one that was made for the purpose is
// refused as well it is not expiry, and stops.
func (c *Client) send(ctx context.Context, r *request) error {
	var stale pace.Secret
	for refusals := 0; ; refusals++ {
		token, fresh, err := c.session.Get(ctx, stale)
		if err != nil {
			return err
		}
		err = c.pacer.Do(ctx, r.purpose, func(ctx context.Context) (pace.Verdict, error) {
			return c.attempt(ctx, r, token)
		})
		var refused *Error
		if (fresh && refusals > 0) || r.stream != nil || !errors.As(err, &refused) || !refused.expired() {
			return err
		}
		stale = token.Access
	}
}

// expired reports whether a new token may cure the refusal.
func (e *Error) expired() bool { return e.row.key == "session" }

// attempt sends the request once.
func (c *Client) attempt(ctx context.Context, r *request, token Token) (verdict pace.Verdict, err error) {
	patience := c.timeout
	if r.write {
		patience *= writeTimeouts
	}
	attempt, watch := wire.Watched(ctx, patience)
	defer watch.Stop()
	began, status := c.now(), 0
	defer func() {
		c.calls(Call{Purpose: r.purpose, Endpoint: endpoint(r.method, pathOf(r.path)), Status: status, Took: c.now().Sub(began), Err: err})
	}()
	req, err := c.build(attempt, r, token)
	if err != nil {
		return pace.Done, localError(codeLocal, err)
	}
	r.sent++
	defer func() {
		if err != nil && lost(err) {
			r.lost++
		}
	}()
	resp, err := c.http.Do(req)
	if err != nil {
		return c.broken(ctx, attempt, err, r.repeatable)
	}
	defer wire.Drain(resp.Body)
	status = resp.StatusCode
	c.observe(resp.Header)
	body, done := watch.Unpack(resp)
	defer done()
	if status >= 300 {
		refused := readRefusal(status, resp.Header, body)
		return refused.verdict(resp.Header, r.repeatable), refused
	}
	if err := r.decode(&answer{status: status, header: resp.Header, body: body}); err != nil {
		return c.broken(ctx, attempt, err, r.repeatable)
	}
	return pace.Done, nil
}

func (c *Client) build(ctx context.Context, r *request, token Token) (*http.Request, error) {
	var body io.Reader
	switch {
	case r.stream != nil:
		body = r.stream
	case r.body != nil:
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, token.InstanceURL+r.path, body)
	if err != nil {
		return nil, wire.WithoutURL(err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", orElse(r.contentType, "application/json"))
	}
	req.Header.Set("Accept", orElse(r.accept, "application/json"))
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("Authorization", "Bearer "+string(token.Access))
	req.Header.Set("Sforce-Call-Options", "client="+c.product)
	req.Header.Set("User-Agent", c.product)
	return req, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// broken classifies an exchange that did not end with an answer that could be read.
func (c *Client) broken(caller, attempt context.Context, err error, repeatable bool) (pace.Verdict, error) {
	if caller.Err() != nil {
		return pace.Done, context.Cause(caller)
	}
	var mode *pace.ModeError
	if errors.As(err, &mode) {
		return pace.Done, mode
	}
	var known *Error
	if !errors.As(err, &known) {
		code, unsent := pace.NetworkCode(err)
		if errors.Is(context.Cause(attempt), wire.ErrTimeout) {
			code = codeTimeout
		}
		known = localError(code, wire.WithoutURL(err))
		known.unsent = unsent
	}
	if known.unsent && known.Retryable() {
		return pace.Retry, known
	}
	return known.verdict(nil, repeatable), known
}

// observe feeds Sforce-Limit-Info ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)") to the pacer. The tighter
// of the two counts, since both refuse.
func (c *Client) observe(header http.Header) {
	used, limit, ok := limitInfo(header.Get("Sforce-Limit-Info"))
	if ok {
		c.pacer.Observe(used, limit)
	}
}

func limitInfo(text string) (used, limit int, ok bool) {
	for part := range strings.SplitSeq(text, ";") {
		name, figures, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name != "api-usage" && name != "per-app-api-usage" {
			continue
		}
		figures, _, _ = strings.Cut(figures, "(")
		u, l, _ := strings.Cut(figures, "/")
		un, err1 := strconv.Atoi(strings.TrimSpace(u))
		ln, err2 := strconv.Atoi(strings.TrimSpace(l))
		if err1 != nil || err2 != nil || un < 0 || ln <= 0 {
			continue
		}
		if !ok || ln-un < limit-used {
			used, limit, ok = un, ln, true
		}
	}
	return used, limit, ok
}

func pathOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}
