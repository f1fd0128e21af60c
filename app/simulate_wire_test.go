package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"sync"
	"time"
)

// cutting carries each call after a delay that follows from what it says, so that calls made side by side arrive in an
// order that a seed repeats; and it ends a cycle right before or right after one of its calls is served.
type cutting struct {
	next http.RoundTripper

	mu     sync.Mutex
	left   int
	served bool
	cancel context.CancelFunc
}

// at lets n more calls pass and cancels at the next: after it was served, or before.
func (c *cutting) at(n int, served bool, cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.served, c.cancel = n, served, cancel
}

// never ends what at began.
func (c *cutting) never() { c.at(0, false, nil) }

// due counts a call, and gives what to cancel if this is the one.
func (c *cutting) due() (cancel context.CancelFunc, served bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel == nil {
		return nil, false
	}
	c.left--
	if c.left >= 0 {
		return nil, false
	}
	return c.cancel, c.served
}

func (c *cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := travel(r); err != nil {
		return nil, err
	}
	cancel, served := c.due()
	switch {
	case cancel == nil:
		return c.next.RoundTrip(r)
	case !served:
		cancel()
		return nil, context.Canceled
	}
	// The system serves it, and nobody is left to hear the answer.
	answer, err := c.next.RoundTrip(r)
	cancel()
	return answer, err
}

// travel lets a call wait between 1 and 101 milliseconds.
func travel(r *http.Request) error {
	text := fnv.New64a()
	fmt.Fprint(text, r.Method, r.URL)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return err
		}
		defer body.Close()
		if _, err := io.Copy(text, body); err != nil {
			return err
		}
	}
	select {
	case <-time.After(time.Millisecond + time.Duration(text.Sum64()%100_000)*time.Microsecond):
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}
