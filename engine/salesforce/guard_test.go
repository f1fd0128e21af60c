package salesforce

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What passes in Observe is a list; all else is refused.
func TestGuard(t *testing.T) {
	const base = "https://acme.my.salesforce.com"
	get := `{"method":"GET","url":"/services/data/v61.0/query?q=x","referenceId":"a"}`
	cases := []struct {
		method, path, body string
		header             string
		passes             bool
	}{
		{method: "GET", path: "/services/data/v61.0/query?q=SELECT", passes: true},
		{method: "HEAD", path: "/services/data/v61.0/sobjects", passes: true},
		{method: "POST", path: "/services/oauth2/token", body: "grant_type=x", passes: true},
		{method: "POST", path: "/services/oauth2/introspect", passes: true},
		{method: "POST", path: "/services/oauth2/revoke", passes: true},
		{method: "POST", path: "/services/oauth2/other"},
		{method: "POST", path: "/services/data/v61.0/jobs/query", body: "{}", passes: true},
		{method: "PATCH", path: "/services/data/v61.0/jobs/query/7505f000000KxRpAAK", body: "{}", passes: true},
		{method: "DELETE", path: "/services/data/v61.0/jobs/query/7505f000000KxRpAAK", passes: true},
		{method: "POST", path: "/services/data/v61.0/jobs/ingest", body: "{}"},
		{method: "PUT", path: "/services/data/v61.0/jobs/query", body: "{}"},
		{method: "POST", path: "/services/data/v61.0/composite/sobjects/Lead", body: `{"ids":["a"],"fields":["Id"]}`, passes: true},
		{method: "POST", path: "/services/data/v61.0/composite/sobjects/Lead", body: `{"ids":["a"],"fields":["Id"],"records":[{}]}`},
		{method: "POST", path: "/services/data/v61.0/composite/sobjects/Lead", body: `{"records":[{}]}`},
		{method: "POST", path: "/services/data/v61.0/composite/sobjects", body: `{"ids":["a"],"fields":["Id"]}`},
		{method: "PATCH", path: "/services/data/v61.0/composite/sobjects/Lead", body: `{"ids":["a"],"fields":["Id"]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[` + get + `]}`, passes: true},
		{method: "POST", path: "/services/data/v61.0/composite/", body: `{"allOrNone":false,"compositeRequest":[` + get + "," + get + `]}`, passes: true},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[` + get + `,{"method":"PATCH","url":"/services/data/v61.0/sobjects/Lead/1","referenceId":"b","body":{}}]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[{"method":"GET","method":"DELETE","url":"/services/data/v61.0/sobjects/Lead/1","referenceId":"b"}]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[{"Method":"DELETE","method":"GET","url":"/services/data/v61.0/sobjects/Lead/1","referenceId":"b"}]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[` + get + `],"compositeRequest":[]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[{"method":"GET","url":"/services/data/v61.0/x?_HttpMethod=PATCH","referenceId":"b"}]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[{"method":"GET","url":"/services/apexrest/x","referenceId":"b"}]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[{"method":"GET","url":"/services/data/v61.0/sobjects/Lead/describe","referenceId":"b","httpHeaders":{"If-Modified-Since":"Wed, 25 Nov 2026 12:00:00 GMT"}}]}`, passes: true},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[{"method":"GET","url":"/services/data/v61.0/sobjects/Lead/1","referenceId":"b","httpHeaders":{"X-HTTP-Method-Override":"PATCH"}}]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[]}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `not JSON`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[` + get + `]} {"more":1}`},
		{method: "POST", path: "/services/data/v61.0/composite", body: `{"compositeRequest":[` + get + `]}`, header: "Content-Encoding: gzip"},
		{method: "POST", path: "/services/data/v61.0/composite/batch", body: `{"batchRequests":[]}`},
		{method: "POST", path: "/services/data/v61.0/sobjects/Lead", body: "{}"},
		{method: "POST", path: "/services/data/v61.0/sobjects/Lead?_HttpMethod=PATCH", body: "{}"},
		{method: "GET", path: "/services/data/v61.0/sobjects/Lead?_HttpMethod=DELETE"},
		{method: "GET", path: "/services/data/v61.0/sobjects/Lead", header: "X-HTTP-Method-Override: DELETE"},
		{method: "PATCH", path: "/services/data/v61.0/sobjects/Lead/1", body: "{}"},
		{method: "DELETE", path: "/services/data/v61.0/sobjects/Lead/1"},
		{method: "POST", path: "/services/Soap/u/61.0", body: "<x/>"},
	}
	for _, row := range cases {
		for _, mode := range []record.Mode{record.Observe, record.Rehearse, record.Live} {
			got := "" // what the side received
			sent := false
			client := newHTTP(transport(func(r *http.Request) (*http.Response, error) {
				sent = true
				if r.Body != nil {
					body, err := io.ReadAll(r.Body)
					if err != nil {
						return nil, err
					}
					got = string(body)
				}
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
			}), func() record.Mode { return mode })
			req, err := http.NewRequest(row.method, base+row.path, strings.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			if name, value, ok := strings.Cut(row.header, ": "); ok {
				req.Header.Set(name, value)
			}
			resp, err := client.Do(req)
			if err == nil {
				err = resp.Body.Close()
			}
			passes := row.passes || mode == record.Live
			var refused *pace.ModeError
			if sent != passes || errors.As(err, &refused) == passes {
				t.Errorf("%v: %s %s %s: sent %v, %v", mode, row.method, row.path, row.body, sent, err)
			}
			if sent && got != row.body {
				t.Errorf("%s %s: the body became %q", row.method, row.path, got)
			}
		}
	}
}

// No mode set is Observe.
func TestGuardWithoutMode(t *testing.T) {
	client := newHTTP(transport(func(*http.Request) (*http.Response, error) {
		t.Error("a write was sent")
		return nil, errors.New("sent")
	}), nil)
	req, err := http.NewRequest(http.MethodDelete, "https://x/services/data/v61.0/sobjects/Lead/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := client.Do(req); err == nil {
		t.Error("no refusal", resp.Body.Close())
	}
}

// A composite passes only if all of its parts are reads, however many there are and wherever the write stands.
func TestGuardLooksAtEveryPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		methods := rapid.SliceOfN(rapid.SampledFrom([]string{"GET", "GET", "GET", "POST", "PATCH", "PUT", "DELETE", "get", ""}), 1, 25).Draw(t, "methods")
		var parts []string
		reads := true
		for _, m := range methods {
			reads = reads && m == "GET"
			parts = append(parts, `{"method":"`+m+`","url":"/services/data/v61.0/x","referenceId":"r"}`)
		}
		if got := onlyGets([]byte(`{"compositeRequest":[` + strings.Join(parts, ",") + `]}`)); got != reads {
			t.Fatalf("%v passes: %v", methods, got)
		}
	})
}
