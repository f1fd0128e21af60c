package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/wire"
)

func TestRetryAfter(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "99999999999": 0,
		at.Add(time.Minute).Format(http.TimeFormat): time.Minute, at.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		h := http.Header{"Retry-After": {text}, "Date": {at.Format(http.TimeFormat)}}
		if got := wire.RetryAfter(h); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func zipped(t *testing.T, text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestBodies: a whole document is read, packed or not; of anything else the fault is told, and nothing that stood there.
func TestBodies(t *testing.T) {
	const good = ` {"name":"Ada"} `
	packed := zipped(t, good)
	for _, row := range []struct {
		name, body string
		packed     bool
		fault      wire.Fault
	}{
		{"plain", good, false, 0}, {"packed", packed, true, 0}, {"nothing", "", false, wire.Empty}, {"blanks", " \n", false, wire.Empty},
		{"a web page", "\n<html>Ada</html>", false, wire.WebPage}, {"half", `{"name":"Ad`, false, wire.Truncated},
		{"no JSON", `{"name":Ada}`, false, wire.Malformed}, {"two documents", `{"name":"Ada"}{"name":"Bo"}`, false, wire.Malformed},
		{"another type", `{"name":{"Ada":1}}`, false, wire.Malformed}, {"another shape", `{"name":""}`, false, wire.Shape},
		{"half packed", packed[:len(packed)-9], true, wire.Truncated}, {"a wrong checksum", packed[:len(packed)-8] + "\x00\x00\x00\x00" + packed[len(packed)-4:], true, wire.Malformed},
		{"not packed", good, true, wire.Malformed}, {"endless blanks", strings.Repeat(" ", 2000), false, wire.Malformed},
	} {
		t.Run(row.name, func(t *testing.T) {
			resp := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(row.body))}
			if row.packed {
				resp.Header.Set("Content-Encoding", "GZIP")
			}
			_, watch := wire.Watched(t.Context(), time.Minute)
			defer watch.Stop()
			body, done := watch.Unpack(resp)
			defer done()
			var got struct {
				Name string `json:"name"`
			}
			err := wire.Decode(body, func(dec *jsontext.Decoder) error {
				if err := json.UnmarshalDecode(dec, &got); err != nil {
					return err
				}
				if got.Name == "" {
					return wire.ErrShape
				}
				return nil
			})
			var broken *wire.Unreadable
			if errors.As(err, &broken) != (row.fault != 0) || row.fault == 0 && got.Name != "Ada" {
				t.Fatalf("read %q, %v", got.Name, err)
			}
			if row.fault != 0 && (broken.Fault != row.fault || strings.Contains(err.Error(), "Ada")) {
				t.Errorf("fault %v (%v), want %v", broken.Fault, err, row.fault)
			}
		})
	}
}

// TestErrorsOfTheReaderStay: what the reader of a body says itself, and what the network says, is not judged.
func TestErrorsOfTheReaderStay(t *testing.T) {
	mine := errors.New("mine")
	if err := wire.Decode(strings.NewReader("{}"), func(*jsontext.Decoder) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("%v", err)
	}
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	if err := wire.Judge(reset); err != error(reset) {
		t.Errorf("%v", err)
	}
}

func TestWithoutURL(t *testing.T) {
	inner := &url.Error{URL: "https://x/?secret=1", Err: io.EOF}
	if err := wire.WithoutURL(&url.Error{URL: "https://x/", Err: inner}); err != io.EOF {
		t.Errorf("%v", err)
	}
}

// trickle gives a byte every ten seconds.
type trickle struct{ left int }

func (s *trickle) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(10 * time.Second)
	s.left--
	p[0] = ' '
	return 1, nil
}

// TestWatch: a body may take as long as it likes while it keeps coming, and its reader between two reads too; the head of
// an answer and each read may not.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, watch := wire.Watched(t.Context(), 15*time.Second)
		defer watch.Stop()
		body, done := watch.Unpack(&http.Response{Body: io.NopCloser(&trickle{left: 10})})
		defer done()
		if _, err := io.ReadAll(body); err != nil || ctx.Err() != nil {
			t.Errorf("a body that keeps coming: %v, %v", err, context.Cause(ctx))
		}
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Errorf("the reader took its time: %v", context.Cause(ctx))
		}
		slow, other := wire.Watched(t.Context(), 5*time.Second)
		defer other.Stop()
		time.Sleep(6 * time.Second)
		if context.Cause(slow) != wire.ErrTimeout {
			t.Errorf("no answer came: %v", context.Cause(slow))
		}
	})
}

// TestOneSignInForAll: whoever finds the token missing, refused or dead waits for one sign-in, also when it brings the
// same token again; a failed one fails all who waited, and none who come later.
func TestOneSignInForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type grant struct {
			token pace.Secret
			until time.Time
		}
		var made atomic.Int64
		token, failure := pace.Secret("a"), error(nil)
		s := wire.Session[grant]{
			SignIn: func(context.Context) (grant, error) {
				time.Sleep(time.Second)
				made.Add(1)
				return grant{token, time.Now().Add(time.Hour)}, failure
			},
			Secret: func(g grant) pace.Secret { return g.token },
			Alive:  func(g grant) bool { return time.Now().Before(g.until) },
		}
		all := func(stale, want pace.Secret, signIns int64) {
			t.Helper()
			made.Store(0)
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					got, _, err := s.Get(t.Context(), stale)
					if got.token != want || err != failure {
						t.Errorf("%q, %v", string(got.token), err)
					}
				})
			}
			wg.Wait()
			if made.Load() != signIns {
				t.Errorf("%d sign-ins, want %d", made.Load(), signIns)
			}
		}
		all("", "a", 1)
		all("", "a", 0)
		all("a", "a", 1) // Marketo hands out a token as long as it lives
		token = "b"
		all("a", "b", 1)
		all("a", "b", 0)
		time.Sleep(time.Hour)
		all("", "b", 1)
		failure = errors.New("wrong secret")
		all("b", "", 1)
		failure = nil
		all("b", "b", 1)
	})
}

// TestSignInIsFinished: a caller that gives up gets its own reason, and its sign-in serves the next one.
func TestSignInIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := 0
		s := wire.Session[pace.Secret]{
			SignIn: func(ctx context.Context) (pace.Secret, error) {
				time.Sleep(time.Minute)
				made++
				return "a", ctx.Err()
			},
			Secret: func(token pace.Secret) pace.Secret { return token },
		}
		why := errors.New("closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if got, _, err := s.Get(ctx, ""); err != nil || got != "a" {
				t.Errorf("whoever began it has it: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if _, _, err := s.Get(ctx, ""); err != why {
				t.Errorf("whoever waited: %v", err)
			}
		})
		synctest.Wait()
		cancel(why)
		wg.Wait()
		if _, _, err := s.Get(t.Context(), ""); err != nil || made != 1 {
			t.Errorf("%d sign-ins, %v", made, err)
		}
	})
}
