package salesforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	loginHost    = "login.salesforce.com"
	instanceHost = "acme.my.salesforce.com"
	orgID        = "00D5f000000KxRpEAK"
	userID       = "0055f000000KxRpAAK"
)

// request is what a side received.
type request struct {
	method, host, path, query string
	header                    http.Header
	body                      []byte
}

// part is one subrequest of a composite.
type part struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
	Body        json.RawMessage   `json:"body"`
}

// parts are the subrequests of a composite request.
func (r request) parts(t testing.TB) []part {
	t.Helper()
	var envelope struct {
		AllOrNone          bool   `json:"allOrNone"`
		CollateSubrequests bool   `json:"collateSubrequests"`
		CompositeRequest   []part `json:"compositeRequest"`
	}
	if err := json.Unmarshal(r.body, &envelope); err != nil {
		t.Fatalf("not a composite: %v", err)
	}
	if envelope.AllOrNone || envelope.CollateSubrequests {
		t.Errorf("allOrNone %v, collateSubrequests %v: both must be false", envelope.AllOrNone, envelope.CollateSubrequests)
	}
	return envelope.CompositeRequest
}

// reply is what a side answers: a body with a status, or a broken exchange.
type reply struct {
	status int
	header map[string]string
	body   string
	err    error // no answer comes
	cut    bool  // the answer ends in the middle
	hang   bool  // no answer comes, ever
}

func ok(body string) reply { return reply{status: 200, body: body} }

func refuse(status int, code, message string) reply {
	return reply{status: status, body: fmt.Sprintf(`[{"errorCode":%q,"message":%q}]`, code, message)}
}

// side is a Salesforce of canned answers: tokens are given out in order (token1, token2, …), all else is answered by answer.
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
	r := request{method: req.Method, host: req.URL.Host, path: req.URL.Path, query: req.URL.RawQuery, header: req.Header.Clone()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
		r.body = body
	}
	s.mu.Lock()
	s.seen = append(s.seen, r)
	answer := s.answer
	if r.path == "/services/oauth2/token" {
		s.tokens++
		answer = s.token
		if answer == nil {
			n := s.tokens
			answer = func(request) reply { return ok(tokenBody(n)) }
		}
	}
	s.mu.Unlock()
	rep := answer(r)
	switch {
	case rep.hang:
		<-req.Context().Done()
		return nil, req.Context().Err()
	case rep.err != nil:
		return nil, rep.err
	}
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json;charset=UTF-8")
	rec.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	for name, value := range rep.header {
		rec.Header().Set(name, value)
	}
	rec.WriteHeader(rep.status)
	if _, err := rec.WriteString(rep.body); err != nil {
		return nil, err
	}
	resp := rec.Result()
	resp.Request = req
	if rep.cut {
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(rep.body), brokenReader{}))
	}
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func tokenBody(n int) string {
	return fmt.Sprintf(`{"access_token":"token%d","instance_url":"https://%s","id":"https://login.salesforce.com/id/%s/%s","token_type":"Bearer","issued_at":"1278448832702"}`,
		n, instanceHost, orgID, userID)
}

// calls are the requests but for those of tokens.
func (s *side) calls() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []request
	for _, r := range s.seen {
		if r.path != "/services/oauth2/token" {
			calls = append(calls, r)
		}
	}
	return calls
}

type option func(*salesforce.Config)

func inMode(m record.Mode) option {
	return func(c *salesforce.Config) { c.Mode = func() record.Mode { return m } }
}

func newClient(t testing.TB, s http.RoundTripper, options ...option) *salesforce.Client {
	t.Helper()
	cfg := salesforce.Config{
		LoginURL: "https://" + loginHost, Transport: s, Product: "doppio/test",
		Auth:  &salesforce.ClientCredentials{ClientID: "id", ClientSecret: "secret"},
		Mode:  func() record.Mode { return record.Live },
		Pacer: pace.New(pace.Limits{}, time.Now, func() float64 { return 0.5 }),
	}
	for _, o := range options {
		o(&cfg)
	}
	c, err := salesforce.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// composite answers a composite request part by part.
func composite(t testing.TB, each func(i int, p part) (status int, body string)) func(request) reply {
	return func(r request) reply {
		var b bytes.Buffer
		b.WriteString(`{"compositeResponse":[`)
		for i, p := range r.parts(t) {
			status, body := each(i, p)
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"body":%s,"httpHeaders":{},"httpStatusCode":%d,"referenceId":%q}`, body, status, p.ReferenceID)
		}
		b.WriteString(`]}`)
		return ok(b.String())
	}
}

// leadID is the id of the n-th lead, in the order of n.
func leadID(n int) record.ID {
	id, err := record.LongID(fmt.Sprintf("00Q5f00000%05d", n))
	if err != nil {
		panic(err)
	}
	return id
}

var epoch = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000-0700") }

// leadJSON is a row as a query answers it.
func leadJSON(n int, at time.Time, extra string) string {
	return fmt.Sprintf(`{"attributes":{"type":"Lead","url":"/services/data/v61.0/sobjects/Lead/%s"},"Id":"%s","SystemModstamp":"%s","LastModifiedDate":"%s","IsDeleted":false,"MasterRecordId":null,"IsConverted":false,"ConvertedContactId":null,"Email":"p%d@example.com"%s}`,
		leadID(n), leadID(n), stamp(at), stamp(at), n, extra)
}

func queryJSON(total int, done bool, rows ...string) string {
	next := ""
	if !done {
		next = `,"nextRecordsUrl":"/services/data/v61.0/query/0r8xx0000000001AAA-2000"`
	}
	return fmt.Sprintf(`{"totalSize":%d,"done":%v%s,"records":[%s]}`, total, done, next, strings.Join(rows, ","))
}
