package marketo_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	instanceHost = "123-abc-456.mktorest.com"
	tokenPath    = "/identity/oauth/token"
)

// request is what a side received.
type request struct {
	method, host, path string
	query              url.Values // of the address, or of the form where the address says _method=GET
	header             http.Header
	body               []byte
}

// reply is what a side answers: a body with a status, or a broken exchange.
type reply struct {
	status int
	header map[string]string
	body   string
	zipped bool
	err    error // no answer comes
	cut    bool  // the answer ends in the middle
	hang   bool  // no answer comes, ever
}

func ok(body string) reply { return reply{status: 200, body: body} }

// result is a good answer with these elements.
func result(elements ...string) reply {
	return ok(`{"requestId":"e42b#14272d07d78","success":true,"result":[` + strings.Join(elements, ",") + `]}`)
}

func refuse(code, message string) reply {
	return ok(fmt.Sprintf(`{"requestId":"e42b#14272d07d78","success":false,"errors":[{"code":%q,"message":%q}]}`, code, message))
}

// side is a Marketo of canned answers: tokens are given out in order (token1, token2, …), all else is answered by answer.
type side struct {
	t      testing.TB
	answer func(r request) reply
	token  func(r request) reply // nil: the default

	mu     sync.Mutex
	seen   []request
	tokens int
}

// RoundTrip answers as a server would.
func (s *side) RoundTrip(req *http.Request) (*http.Response, error) {
	r := request{method: req.Method, host: req.URL.Host, path: req.URL.Path, query: req.URL.Query(), header: req.Header.Clone()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
		r.body = body
		if r.query.Get("_method") == http.MethodGet {
			if r.query, err = url.ParseQuery(string(body)); err != nil {
				return nil, err
			}
		}
	}
	s.mu.Lock()
	s.seen = append(s.seen, r)
	answer := s.answer
	if r.path == tokenPath {
		s.tokens++
		answer = s.token
		if answer == nil {
			n := s.tokens
			answer = func(request) reply { return ok(tokenBody(n, 3600)) }
		}
	}
	s.mu.Unlock()
	return answer(r).response(req)
}

func (r reply) response(req *http.Request) (*http.Response, error) {
	switch {
	case r.hang:
		<-req.Context().Done()
		return nil, req.Context().Err()
	case r.err != nil:
		return nil, r.err
	}
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json;charset=UTF-8")
	rec.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	for name, value := range r.header {
		rec.Header().Set(name, value)
	}
	body := []byte(r.body)
	if r.zipped {
		rec.Header().Set("Content-Encoding", "gzip")
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(body); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		body = packed.Bytes()
	}
	rec.WriteHeader(r.status)
	resp := rec.Result()
	resp.Request = req
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if r.cut {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), brokenReader{}))
	}
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func tokenBody(n, seconds int) string {
	return fmt.Sprintf(`{"access_token":"token%d:ab","token_type":"bearer","expires_in":%d,"scope":"api@acme.example"}`, n, seconds)
}

// calls are the requests but for those of tokens.
func (s *side) calls() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []request
	for _, r := range s.seen {
		if r.path != tokenPath {
			calls = append(calls, r)
		}
	}
	return calls
}

type option func(*marketo.Config)

func inMode(m record.Mode) option {
	return func(c *marketo.Config) { c.Mode = func() record.Mode { return m } }
}

func newClient(t testing.TB, s http.RoundTripper, options ...option) *marketo.Client {
	t.Helper()
	cfg := marketo.Config{
		BaseURL: "https://123-ABC-456.mktorest.com/rest", ClientID: "id", ClientSecret: "hush", Transport: s,
		Mode:  func() record.Mode { return record.Live },
		Pacer: pace.New(pace.Limits{}, time.Now, func() float64 { return 0.5 }),
	}
	for _, o := range options {
		o(&cfg)
	}
	c, err := marketo.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
