package instance_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/clock"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// opening is when the instances of the tests begin: a Tuesday in summer.
var opening = time.Date(2026, 7, 14, 9, 30, 0, 0, time.UTC)

// world is an instance under test with its clock, dice and journal.
type world struct {
	t       testing.TB
	i       *instance.Instance
	clock   *clock.Clock
	dice    *fault.Dice
	journal *journal.Journal
	token   string
}

func newWorld(t testing.TB, count int, cfg instance.Config) *world {
	t.Helper()
	w := &world{t: t, clock: clock.New(func() time.Time { return opening }), dice: fault.New(7), journal: journal.New()}
	cfg.Clock, cfg.Dice, cfg.Journal, cfg.Seed = w.clock, w.dice, w.journal, 7
	w.i = instance.New(cfg)
	if count > 0 {
		p := people.New(people.Options{People: count, Seed: 7, Opening: opening})
		if cfg.NativeSync {
			if err := w.i.LoadCompanies(p.Companies()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.i.LoadPersons(p.Persons()); err != nil {
			t.Fatal(err)
		}
	}
	w.signIn(w.i.Credentials())
	return w
}

// answer is what came back: the envelope taken apart, and the text.
type answer struct {
	Status   int              `json:"-"`
	Text     string           `json:"-"`
	Header   http.Header      `json:"-"`
	Success  bool             `json:"success"`
	Result   []map[string]any `json:"result"`
	Errors   []codeMessage    `json:"errors"`
	Warnings []string         `json:"warnings"`
	Token    string           `json:"nextPageToken"`
	More     *bool            `json:"moreResult"`
}

type codeMessage struct{ Code, Message string }

// code is the first code of "errors", or of the first record's "reasons".
func (a answer) code() string {
	if len(a.Errors) > 0 {
		return a.Errors[0].Code
	}
	return ""
}

func (a answer) reason(n int) string {
	reasons, _ := a.Result[n]["reasons"].([]any)
	if len(reasons) == 0 {
		return ""
	}
	return reasons[0].(map[string]any)["code"].(string)
}

func (a answer) id(n int) int64 { return int64(a.Result[n]["id"].(float64)) }

func (w *world) signIn(c instance.Credentials) {
	w.t.Helper()
	a := w.send("GET", "/identity/oauth/token?grant_type=client_credentials&client_id="+c.ClientID+"&client_secret="+c.ClientSecret, "", nil)
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(a.Text), &body); err != nil || body.Token == "" {
		w.t.Fatalf("no token: %d", a.Status)
	}
	w.token = body.Token
}

// send sends one request with the token and takes the envelope apart.
func (w *world) send(method, path, body string, header map[string]string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if w.token != "" {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	w.i.ServeHTTP(rec, r)
	text, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{Status: rec.Code, Text: string(text), Header: rec.Header()}
	if strings.HasPrefix(a.Text, "{") && !strings.Contains(path, "/identity/") {
		if err := json.Unmarshal(text, &a); err != nil {
			w.t.Fatalf("%s %s: not JSON: %v\n%.300s", method, path, err, text)
		}
	}
	return a
}

func (w *world) get(path string) answer {
	w.t.Helper()
	return w.send("GET", path, "", nil)
}

func (w *world) post(path, body string) answer {
	w.t.Helper()
	return w.send("POST", path, body, nil)
}

// ok is send for a request that must succeed.
func (w *world) ok(method, path, body string) answer {
	w.t.Helper()
	a := w.send(method, path, body, nil)
	if a.Status != 200 || !a.Success {
		w.t.Fatalf("%s %s: status %d, %.300s", method, path, a.Status, a.Text)
	}
	return a
}

// since gives a token for activities from a time on.
func (w *world) since(at time.Time) string {
	w.t.Helper()
	return w.ok("GET", "/rest/v1/activities/pagingtoken.json?sinceDatetime="+url.QueryEscape(at.Format(time.RFC3339)), "").Token
}

// activities reads all activities of some types behind a token, and the token to go on with.
func (w *world) activities(token, types string) ([]map[string]any, string) {
	w.t.Helper()
	var all []map[string]any
	for range 1000 {
		a := w.ok("GET", "/rest/v1/activities.json?activityTypeIds="+types+"&nextPageToken="+url.QueryEscape(token), "")
		all = append(all, a.Result...)
		token = a.Token
		if !*a.More {
			return all, token
		}
		w.clock.Advance(200 * time.Millisecond) // within the rate
	}
	w.t.Fatal("the scan never ends")
	return nil, ""
}

func attribute(a map[string]any, name string) (any, bool) {
	for _, at := range a["attributes"].([]any) {
		if m := at.(map[string]any); m["name"] == name {
			return m["value"], true
		}
	}
	return nil, false
}
