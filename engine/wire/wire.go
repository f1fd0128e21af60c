// Package wire is what both clients share about one HTTP exchange: how long an answer may make no progress, how a body is
// unpacked and read to its end, what can be wrong with it, and the one sign-in that serves all calls which wait for it.
//
// In come requests and answers, out go tokens of JSON, or errors whose texts hold no address and nothing of a body. What
// an error means to a person is for the client to say.
package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrTimeout is the cause with which an exchange is ended that makes no progress.
var ErrTimeout = errors.New("no progress within the time-out")

// Watch ends an exchange that makes no progress. It runs while we wait for the side: for the head of the answer, then
// during each read; what the caller does between two reads takes as long as it likes.
type Watch struct {
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// Watched begins to wait for the head of an answer. Stop must be called when the exchange is over.
func Watched(ctx context.Context, limit time.Duration) (context.Context, *Watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &Watch{timer: time.AfterFunc(limit, func() { cancel(ErrTimeout) }), limit: limit, cancel: cancel}
}

// Stop ends the watch.
func (w *Watch) Stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// watchedReader waits for a body within the watch's limit, read by read.
type watchedReader struct {
	from io.Reader
	*Watch
}

func (r *watchedReader) Read(p []byte) (int, error) {
	r.timer.Reset(r.limit)
	n, err := r.from.Read(p)
	r.timer.Stop()
	return n, err
}

// Drain reads what is left of a body, within reason, so that the connection can be used again, and closes it.
func Drain(body io.ReadCloser) {
	_, read := io.CopyN(io.Discard, body, 64<<10)
	if closed := body.Close(); read != nil || closed != nil {
		return // the exchange is over; a connection that breaks now is merely not used again
	}
}

// WithoutURL takes the address out of an error: it holds ids, people's data, and where a sign-in is asked for the secret.
func WithoutURL(err error) error {
	for {
		var located *url.Error
		if !errors.As(err, &located) {
			return err
		}
		err = located.Err
	}
}

// ServerTime is the side's own clock, zero if it did not say.
func ServerTime(header http.Header) time.Time {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// RetryAfter reads the header of the same name in both its forms, 0 without one. Neither side documents it; gateways in
// front of them send it.
func RetryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 && seconds < 1<<30 {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	sent := ServerTime(header)
	if err != nil || sent.IsZero() {
		return 0
	}
	return max(at.Sub(sent), 0)
}
