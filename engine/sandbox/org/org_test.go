package org

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/sandbox/clock"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
)

// bench is an org on a clock that stands still until it is told to move, and a signed-in user.
type bench struct {
	*Org
	t     *testing.T
	clock *clock.Clock
	log   *journal.Journal
	dice  *fault.Dice
	token string
}

var opening = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func newBench(t *testing.T, adjust ...func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, clock: clock.New(func() time.Time { return opening }), log: journal.New(), dice: fault.New(1)}
	cfg := Config{Clock: b.clock, Dice: b.dice, Journal: b.log, Seed: 1, HTTPBase: "http://org.test"}
	for _, a := range adjust {
		a(&cfg)
	}
	b.Org = New(cfg)
	b.token = b.openSession(b.people.sync, "", "", nil).token
	return b
}

func bare(c *Config) { c.Scenario = "bare" }

// reply is an answer as a client sees it.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// send makes a request below /services/data/v61.0/; options are header lines "Name: value".
func (b *bench) send(method, path, body string, headers ...string) reply {
	b.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/services/data/v61.0/" + path
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+b.token)
	for _, h := range headers {
		name, text, _ := strings.Cut(h, ": ")
		r.Header.Set(name, text)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	data, err := io.ReadAll(w.Result().Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{b.t, w.Code, w.Result().Header, string(data)}
}

// want checks the status and the JSON body; "" wants no body.
func (r reply) want(status int, body string) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	if body == "" {
		if r.body != "" {
			r.t.Errorf("a body where none is wanted: %s", r.body)
		}
		return r
	}
	if diff := cmp.Diff(decoded(r.t, body), decoded(r.t, r.body)); diff != "" {
		r.t.Errorf("body (-want +got):\n%s", diff)
	}
	return r
}

// refused checks the status and the code of the first refusal.
func (r reply) refused(status int, code string) reply {
	r.t.Helper()
	if r.status != status || !strings.Contains(r.body, `"`+code+`"`) {
		r.t.Errorf("got %d %.300s, want %d %s", r.status, r.body, status, code)
	}
	return r
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, text)
	}
	return v
}

// at walks into a decoded body: at("compositeResponse", 0, "body").
func (r reply) at(path ...any) any {
	r.t.Helper()
	v := decoded(r.t, r.body)
	for _, step := range path {
		switch s := step.(type) {
		case string:
			v = v.(map[string]any)[s]
		case int:
			v = v.([]any)[s]
		}
	}
	return v
}

// made creates a row and gives its id.
func (b *bench) made(object, body string) string {
	b.t.Helper()
	r := b.send("POST", "sobjects/"+object, body)
	if r.status != http.StatusCreated {
		b.t.Fatalf("create %s: %d %s", object, r.status, r.body)
	}
	return r.at("id").(string)
}

func (b *bench) lead() string { return b.made("Lead", `{"LastName":"Smith","Company":"SmithCorp"}`) }

func TestRow(t *testing.T) {
	b := newBench(t)
	created := b.send("POST", "sobjects/Lead/", `{"attributes":{"type":"Lead"},"LastName":" Smith ","company":"SmithCorp","FirstName":"","AnnualRevenue":300,"Email":"x@example.com"}`)
	id := created.at("id").(string)
	created.want(201, `{"id":"`+id+`","success":true,"errors":[]}`)
	if got := created.header.Get("Location"); got != "/services/data/v61.0/sobjects/Lead/"+id {
		t.Errorf("Location is %q", got)
	}
	b.send("GET", "sobjects/lead/"+id[:15]+"?fields=Id,Name,FirstName,AnnualRevenue,SystemModstamp,IsConverted,Status", "").want(200,
		`{"attributes":{"type":"Lead","url":"/services/data/v61.0/sobjects/Lead/`+id+`"},"Id":"`+id+`","Name":"Smith","FirstName":null,
		"AnnualRevenue":300.0,"SystemModstamp":"2026-11-24T10:00:00.000+0000","IsConverted":false,"Status":"Open - Not Contacted"}`)
	b.clock.Advance(time.Minute)
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Köln","Email":null}`).want(204, "")
	b.send("GET", "sobjects/Lead/"+id+"?fields=City,Email,LastModifiedDate,Region__c,Address", "").want(200,
		`{"attributes":{"type":"Lead","url":"/services/data/v61.0/sobjects/Lead/`+id+`"},"City":"Köln","Email":null,
		"LastModifiedDate":"2026-11-24T10:01:00.000+0000","Region__c":null,"Id":"`+id+`",
		"Address":{"city":"Köln","country":null,"geocodeAccuracy":null,"latitude":null,"longitude":null,"postalCode":null,"state":null,"street":null}}`)
	b.send("DELETE", "sobjects/Lead/"+id, "").want(204, "")
	b.send("GET", "sobjects/Lead/"+id, "").want(404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`)
	b.send("PATCH", "sobjects/Lead/"+id, `{"City":"Bonn"}`).want(404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]`)
}
