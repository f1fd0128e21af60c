package marketo

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
)

// FuzzHost: whatever is pasted, what comes out is a host and nothing else, safe to send a token to, and stays itself.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"123-ABC-456", "https://123-ABC-456.mktorest.com/rest/", "http://127.0.0.1:1/identity", "http://[::1]:7", "https://a@b.c", "//x.y", "https://x.y\\@evil"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		host, err := Host(pasted)
		if err != nil {
			return
		}
		u, err := url.Parse(host)
		if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			t.Fatalf("%q became %q, %v", pasted, host, err)
		}
		if name := u.Hostname(); u.Scheme == "http" && name != "localhost" && name != "127.0.0.1" && name != "::1" {
			t.Errorf("%q became %q: a secret in the clear", pasted, host)
		}
		if again, err := Host(host); err != nil || again != host {
			t.Errorf("%q became %q, then %q, %v", pasted, host, again, err)
		}
	})
}

// FuzzAnswers: bodies that a fuzzer makes end in records or in a typed failure, never in a panic, nor in half a record.
func FuzzAnswers(f *testing.F) {
	for _, file := range recorded(f) {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"requestId":"a#b","result":[{"id":7,"email":"a\ud800","leadScore":1e400,"x":{"y":[]}}],"success":true,"warnings":[{"code":1},"x"],"moreResult":true,"nextPageToken":"A="}`))
	f.Add([]byte(`{"success":false,"errors":[{"code":601,"message":"x"}]}`))
	f.Add([]byte(`{"success":true,"result":[{"seq":-1,"status":"skipped","reasons":[{"code":"1003","message":"Invalid value for field 'a_b'"}]}]}`))
	cols := []record.Column{{Name: "email", Type: record.Type{Kind: record.Email}}, {Name: "leadScore", Type: record.Type{Kind: record.Integer}}, {Name: "unsubscribed", Type: record.Type{Kind: record.Boolean}}}
	l := &reader{layout: personLayout(cols, "salesforceId")}
	f.Fuzz(func(t *testing.T, body []byte) {
		readers := map[string]func(dec *jsontext.Decoder) error{
			"person": func(dec *jsontext.Decoder) error {
				rec, err := l.read(dec)
				if err == nil && (rec.ID == "" || len(rec.Values) != len(cols)) {
					t.Errorf("half a record: %+v", rec)
				}
				return err
			},
			"activity": func(dec *jsontext.Decoder) error {
				var a activity
				if err := json.UnmarshalDecode(dec, &a, jsontext.AllowDuplicateNames(true)); err != nil {
					return err
				}
				change, err := a.change(map[int64]string{146: "leadScore"})
				if err == nil && (change.At.IsZero() || change.Person == "") {
					t.Errorf("half a change: %+v", change)
				}
				return err
			},
			"written": func(dec *jsontext.Decoder) error {
				var e element
				err := json.UnmarshalDecode(dec, &e, jsontext.AllowDuplicateNames(true))
				if r := e.result(false); err == nil && r.Err != nil && (r.Err.Code() == "" || r.Err.Class() == 0 || strings.Contains(r.Err.Sentence().Text, "%")) {
					t.Errorf("a refusal without a class: %+v", r.Err)
				}
				return err
			},
		}
		for name, read := range readers {
			_, err := readEnvelope(strings.NewReader(string(body)), read)
			var failure *Error
			var broken *wire.Unreadable
			if err != nil && !errors.As(err, &failure) && !errors.As(wire.Judge(err), &broken) {
				t.Errorf("%s: an error without a type: %v", name, err)
			}
			if failure != nil && (failure.Code() == "" || failure.Class() == 0) {
				t.Errorf("%s: a refusal without a class: %+v", name, failure)
			}
		}
	})
}

// FuzzRefusals: whatever code and text come, there is a class, a sentence with its holes filled, and no text of the
// side's in what is printed.
func FuzzRefusals(f *testing.F) {
	for _, row := range codes {
		f.Add(row.code, "Field 'x' is "+row.match+" ada@example.com")
	}
	f.Fuzz(func(t *testing.T, code, message string) {
		e := NewError(0, code, message)
		e.Object, e.ID = record.Person, "7"
		if e.Class() == 0 || e.Code() == "" || e.Sentence().Text == "" || e.Sentence().Key == "marketo." {
			t.Errorf("%q: %+v", code, e)
		}
		if !strings.Contains(code, "@") && strings.Contains(e.Error(), "ada@example.com") {
			t.Errorf("%q: the side's words are printed: %v", code, e)
		}
	})
}

// FuzzGuard: no request that could change data passes in Observe, however its verb is written.
func FuzzGuard(f *testing.F) {
	f.Add("POST", "/rest/v1/leads.json", "_method=GET")
	f.Add("GET", "/rest/v1/leads.json", "_method=DELETE")
	f.Add("POST", "/rest/v1/leads.json", "_method=GET&_method=DELETE")
	f.Add("POST", "/identity/oauth/token", "")
	f.Add("POST", "/bulk/v1/leads/export/create.json", "")
	f.Add("POST", "/bulk/v1/leads.json", "")
	f.Add("DELETE", "/rest/v1/lists/1/leads.json", "id=7")
	f.Fuzz(func(t *testing.T, method, path, query string) {
		u := &url.URL{Scheme: "https", Host: "x.mktorest.com", Path: path, RawQuery: query}
		passed := false
		g := &guard{mode: func() record.Mode { return record.Observe }, next: carrier(func(*http.Request) { passed = true })}
		_, err := g.RoundTrip(&http.Request{Method: method, URL: u, Header: http.Header{}})
		var refused *pace.ModeError
		if passed == errors.As(err, &refused) {
			t.Fatalf("passed %v, %v", passed, err)
		}
		reads := method == http.MethodGet || method == http.MethodHead
		verbs := u.Query()["_method"]
		if passed && !reads && !slices.Equal(verbs, []string{"GET"}) && path != tokenPath && !exportJob.MatchString(path) {
			t.Errorf("%s %s?%s passed", method, path, query)
		}
		if passed && reads && slices.ContainsFunc(verbs, func(v string) bool { return v != "" && v != http.MethodGet }) {
			t.Errorf("%s %s?%s passed", method, path, query)
		}
	})
}

type carrier func(*http.Request)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	c(r)
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
}

// TestCodesHaveSentences: every line of the table has all that a person is told; a code stands once for all its meanings,
// the general one last.
func TestCodesHaveSentences(t *testing.T) {
	general := map[string]bool{}
	for _, row := range codes {
		if row.class == 0 || row.key == "" || row.text == "" {
			t.Errorf("%s lacks something: %+v", row.code, row)
		}
		if general[row.code] {
			t.Errorf("%s stands behind its general meaning and is never found", row.code)
		}
		general[row.code] = row.match == ""
		if got := lookUp(row.code, row.match); got != row {
			t.Errorf("%s is found as %+v", row.code, got)
		}
		if row.treat == refresh && row.class != pace.SignIn || row.treat == quota && row.class != pace.Quota {
			t.Errorf("%s is treated as something else than it is told", row.code)
		}
	}
	sentences := map[string]string{}
	for _, row := range codes {
		if text, seen := sentences[row.key]; seen && text != row.text {
			t.Errorf("%s has two texts", row.key)
		}
		sentences[row.key] = row.text
	}
}
