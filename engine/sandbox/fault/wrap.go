package fault

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Wrap puts transport faults around a system. isWrite says of a request whether its content could change data.
//
// A connection is ended by panicking with http.ErrAbortHandler, as net/http prescribes. Waiting ends with the request's
// context.
func (d *Dice) Wrap(h http.Handler, side record.Side, isWrite func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.refuse(w, side) {
			return
		}
		write, signIn := isWrite(r), strings.Contains(r.URL.Path, "/oauth")
		if d.Roll(SlowPage) {
			d.slow(h, w, r, write)
			return
		}
		switch {
		case signIn:
			h.ServeHTTP(w, r)
		case write && d.Roll(LostResponse):
			h.ServeHTTP(&nowhere{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		case d.Roll(Reset):
			cut := &cutting{ResponseWriter: w, header: http.Header{}, dice: d, kind: Reset}
			h.ServeHTTP(cut, r)
			cut.finish()
			panic(http.ErrAbortHandler)
		case d.Roll(TruncatedJSON):
			cut := &cutting{ResponseWriter: w, header: http.Header{}, dice: d, kind: TruncatedJSON}
			h.ServeHTTP(cut, r)
			cut.finish()
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// refuse answers in the system's place.
func (d *Dice) refuse(w http.ResponseWriter, side record.Side) bool {
	switch {
	case d.Roll(Throttle429):
		d.retryAfter(w, Throttle429)
		page(w, http.StatusTooManyRequests, "Too Many Requests")
	case d.Roll(Unavailable503):
		d.retryAfter(w, Unavailable503)
		if side == record.Salesforce && d.Pick(Unavailable503, 2) == 0 {
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			// A reader that went away is no fault of ours.
			fmt.Fprint(w, `[{"message":"Server is too busy. Please retry the request later.","errorCode":"SERVER_UNAVAILABLE"}]`)
			return true
		}
		page(w, http.StatusServiceUnavailable, "Service Temporarily Unavailable")
	case d.Roll(HTML500):
		page(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		return false
	}
	return true
}

func (d *Dice) retryAfter(w http.ResponseWriter, kind Kind) {
	after := 1 + d.Pick(kind, 8)
	switch d.Pick(kind, 3) {
	case 0:
		w.Header().Set("Retry-After", strconv.Itoa(after))
	case 1:
		w.Header().Set("Retry-After", time.Now().Add(time.Duration(after)*time.Second).UTC().Format(http.TimeFormat))
	}
}

func page(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	// A reader that went away is no fault of ours.
	fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n</body>\r\n</html>\r\n",
		status, title, status, title)
}

func (d *Dice) slow(h http.Handler, w http.ResponseWriter, r *http.Request, write bool) {
	late := 500*time.Millisecond + time.Duration(d.Pick(SlowPage, 3500))*time.Millisecond
	if d.Pick(SlowPage, 10) == 0 {
		late = 30 * time.Second
	}
	if write && d.Pick(SlowPage, 2) == 0 {
		held := &holding{header: http.Header{}}
		h.ServeHTTP(held, r)
		if !wait(r, late) {
			panic(http.ErrAbortHandler)
		}
		held.release(w)
		return
	}
	if !wait(r, late) {
		panic(http.ErrAbortHandler)
	}
	h.ServeHTTP(w, r)
}

// Delay lets every request wait before it is served, as a network between does.
func Delay(h http.Handler, latency time.Duration) http.Handler {
	if latency <= 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !wait(r, latency) {
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

// wait reports false when the client went away first.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// nowhere is the writer of an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}

// holding keeps an answer until it may go. Answers to writes are small.
type holding struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *holding) Header() http.Header { return a.header }

func (a *holding) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *holding) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *holding) release(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(max(a.status, http.StatusOK))
	// A reader that went away is no fault of ours.
	w.Write(a.body.Bytes())
}

// cutting lets the first part of an answer through and drops the rest, while the system goes on serving to the end. It
// holds back up to cutWindow bytes to know how long a short answer is.
type cutting struct {
	http.ResponseWriter
	header http.Header
	dice   *Dice
	kind   Kind
	status int
	body   []byte
	passed bool // the window was full: its first half went out, everything since is dropped
}

const cutWindow = 64 << 10

func (c *cutting) Header() http.Header { return c.header }

func (c *cutting) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *cutting) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	if !c.passed {
		c.body = append(c.body, b...)
		if len(c.body) >= cutWindow {
			c.pass()
		}
	}
	return len(b), nil
}

func (c *cutting) finish() {
	c.WriteHeader(http.StatusOK)
	if !c.passed {
		c.pass()
	}
}

func (c *cutting) pass() {
	c.passed = true
	for name, values := range c.header {
		if c.kind == TruncatedJSON && name == "Content-Length" {
			continue
		}
		c.ResponseWriter.Header()[name] = values
	}
	c.ResponseWriter.WriteHeader(c.status)
	if len(c.body) > 1 {
		// A reader that went away is no fault of ours.
		c.ResponseWriter.Write(c.body[:1+c.dice.Pick(c.kind, len(c.body)-1)])
	}
	c.body = nil
	if c.kind == Reset {
		// What cannot be flushed is not seen before the connection ends, which is as good.
		http.NewResponseController(c.ResponseWriter).Flush()
	}
}
