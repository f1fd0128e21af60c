package instance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

type tokenAnswer struct {
	Token   string `json:"access_token"`
	Kind    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Scope   string `json:"scope"`
	Error   string `json:"error"`
}

func (w *world) askToken(method string, c instance.Credentials) (int, tokenAnswer) {
	w.t.Helper()
	a := w.send(method, "/identity/oauth/token?grant_type=client_credentials&client_id="+c.ClientID+"&client_secret="+c.ClientSecret, "", nil)
	var body tokenAnswer
	if err := json.Unmarshal([]byte(a.Text), &body); err != nil {
		w.t.Fatal(err)
	}
	return a.Status, body
}

func TestTokens(t *testing.T) {
	w := newWorld(t, 20, instance.Config{})
	c := w.i.Credentials()
	_, first := w.askToken("GET", c)
	if first.Kind != "bearer" || first.Expires != 3600 || !strings.Contains(first.Scope, "@") {
		t.Errorf("a new token: %d seconds, kind %q", first.Expires, first.Kind)
	}
	w.clock.Advance(3599 * time.Second)
	if _, again := w.askToken("POST", c); again.Token != first.Token || again.Expires != 1 {
		t.Errorf("a second before its end: same token %v, %d seconds left", again.Token == first.Token, again.Expires)
	}
	w.clock.Advance(time.Second)
	for n, want := range []string{"602", "601", "601"} {
		if got := w.get("/rest/v1/leads/partitions.json").code(); got != want {
			t.Errorf("use %d of a dead token: %s, want %s", n+1, got, want)
		}
	}
	if _, next := w.askToken("GET", c); next.Token == first.Token || next.Expires != 3600 {
		t.Error("no new token after the end of the old one")
	}
	for _, bad := range []instance.Credentials{{ClientID: "nobody", ClientSecret: "x"}, {ClientID: c.ClientID, ClientSecret: "wrong"}} {
		if status, body := w.askToken("GET", bad); status != http.StatusUnauthorized || body.Error == "" {
			t.Errorf("bad credentials are answered %d", status)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, c.ClientSecret) {
		t.Error("a secret is printed")
	}
}

func TestAccess(t *testing.T) {
	w := newWorld(t, 20, instance.Config{})
	good := w.token
	for name, row := range map[string]struct{ header, path, want string }{
		"no token":             {"", "/rest/v1/leads/partitions.json", "603"},
		"in the query":         {"", "/rest/v1/leads/partitions.json?access_token=" + good, "603"},
		"rubbish":              {"Bearer rubbish", "/rest/v1/leads/partitions.json", "601"},
		"unknown path":         {"Bearer " + good, "/rest/v1/nothing.json", "610"},
		"doubled slash":        {"Bearer " + good, "/rest//v1/leads/partitions.json", "610"},
		"no .json":             {"Bearer " + good, "/rest/v1/leads/partitions", "610"},
		"method not supported": {"Bearer " + good, "/rest/v1/leads/delete.json", "605"},
	} {
		w.token = ""
		if got := w.send("GET", row.path, "", map[string]string{"Authorization": row.header}).code(); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
	c, err := w.i.AddService("reader@acme.example", "Read-Only Lead")
	if err != nil {
		t.Fatal(err)
	}
	w.signIn(c)
	w.ok("GET", "/rest/v1/lead/1.json", "")
	w.ok("GET", "/rest/v1/stats/usage.json", "")
	for _, path := range []string{"/rest/v1/activities/types.json", "/rest/v1/companies/describe.json", "/rest/asset/v1/programs.json"} {
		if got := w.get(path).code(); got != "603" {
			t.Errorf("%s without the permission: %q", path, got)
		}
	}
	if got := w.post("/rest/v1/leads.json", `{"input":[{"email":"x@x.example"}]}`).code(); got != "603" {
		t.Errorf("a write with a read permission: %q", got)
	}
	if _, err := w.i.AddService("x", "Read-Only Nonsense"); err == nil {
		t.Error("a permission that does not exist was granted")
	}
}

func TestLimits(t *testing.T) {
	w := newWorld(t, 20, instance.Config{DailyCalls: 250})
	call := func() string { return w.get("/rest/v1/leads/partitions.json").code() }
	for n := range 100 {
		if code := call(); code != "" {
			t.Fatalf("call %d: %s", n+1, code)
		}
	}
	if code := call(); code != "606" {
		t.Errorf("call 101 within 20 seconds: %q", code)
	}
	w.clock.Advance(20 * time.Second)
	for range 99 {
		call()
	}
	w.clock.Advance(20 * time.Second)
	usage := w.ok("GET", "/rest/v1/stats/usage.json", "")
	if total := usage.Result[0]["total"]; total != 200.0 {
		t.Errorf("the usage shows %v, want 200: refused calls count for nothing, its own call counts", total)
	}
	if errors := w.get("/rest/v1/stats/errors.json"); errors.Result[0]["total"] != 1.0 {
		t.Errorf("the errors: %.200s", errors.Text)
	}
	w.i.SpendCalls(49)
	if code := call(); code != "607" {
		t.Errorf("beyond the day's calls: %q", code)
	}
	// 09:30 UTC in July is 04:30 in Chicago: the day ends at 05:00 UTC.
	w.clock.Advance(19*time.Hour + 28*time.Minute)
	if code := call(); code != "601" && code != "602" {
		t.Errorf("before midnight in Chicago: %q", code)
	}
	w.signIn(w.i.Credentials())
	if code := call(); code != "607" {
		t.Errorf("before midnight in Chicago: %q", code)
	}
	w.clock.Advance(2 * time.Minute)
	if code := call(); code != "" {
		t.Errorf("after midnight in Chicago: %q", code)
	}
	days := w.ok("GET", "/rest/v1/stats/usage/last7days.json", "")
	if len(days.Result) != 7 || days.Result[0]["date"] != "2026-07-15" || days.Result[1]["total"] != 250.0 {
		t.Errorf("the last days: %.300s", days.Text)
	}
	counts := w.journal.Snapshot().Of(record.Marketo)
	if counts.Calls != 203 || counts.WriteCalls != 0 || counts.ByEndpoint["GET /leads/partitions.json"] != 204 {
		t.Errorf("the journal: %d calls, %d of the endpoint", counts.Calls, counts.ByEndpoint["GET /leads/partitions.json"])
	}
}

func TestSizes(t *testing.T) {
	w := newWorld(t, 20, instance.Config{})
	if a := w.get("/rest/v1/leads.json?filterType=email&filterValues=" + strings.Repeat("x", 9000)); a.Status != http.StatusRequestURITooLong {
		t.Errorf("a long address: %d", a.Status)
	}
	long := "filterType=email&filterValues=" + strings.Repeat("x", 9000)
	a := w.send("POST", "/rest/v1/leads.json?_method=GET", long, map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
	if !a.Success || len(a.Result) != 0 {
		t.Errorf("the same as a form: %.200s", a.Text)
	}
	if n := w.journal.Snapshot().Of(record.Marketo); n.WriteCalls != 0 || n.ByEndpoint["GET /leads.json"] != 1 {
		t.Error("a read by POST counts as a write")
	}
	big := `{"input":[{"email":"` + strings.Repeat("x", 1<<20) + `"}]}`
	if a := w.post("/rest/v1/leads.json", big); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over 1 MB: %d", a.Status)
	}
	if a := w.send("POST", "/rest/v1/leads.json", `{"input":[]}`, map[string]string{"Content-Type": "text/plain"}); a.code() != "612" {
		t.Errorf("another content type: %q", a.code())
	}
	for _, broken := range []string{``, `{`, `[]`, `{"input":[{"email":}]}`, `{"input":[]} x`, `{"input":[{"email":"a@b.example"}`} {
		a := w.send("POST", "/rest/v1/leads.json", broken, map[string]string{"Content-Type": "application/json"})
		if a.code() != "609" {
			t.Errorf("%q: %q", broken, a.code())
		}
	}
	zipped := w.send("GET", "/rest/v1/leads/describe.json", "", map[string]string{"Accept-Encoding": "gzip"})
	if zipped.Header.Get("Content-Encoding") != "gzip" || strings.Contains(zipped.Text, "requestId") {
		t.Error("a long answer is not compressed")
	}
	if a := w.send("GET", "/rest/v1/leads/partitions.json", "", map[string]string{"Accept-Encoding": "gzip"}); a.Header.Get("Content-Encoding") != "" {
		t.Error("a short answer is compressed")
	}
}

// TestInsideFaults: each fault of the inside shows in the way that the real system shows it.
func TestInsideFaults(t *testing.T) {
	w := newWorld(t, 200, instance.Config{})
	next := func(kind fault.Kind) {
		if err := w.dice.Next(kind, 1); err != nil {
			t.Fatal(err)
		}
	}
	next(fault.TokenExpiry)
	if code := w.get("/rest/v1/leads/partitions.json").code(); code != "602" {
		t.Errorf("a token that ends early: %q", code)
	}
	w.signIn(w.i.Credentials())
	next(fault.PartialFailure)
	a := w.ok("POST", "/rest/v1/leads.json", `{"input":[{"email":"p1@x.example"},{"email":"p2@x.example"}]}`)
	if a.reason(0) != "611" || a.Result[1]["status"] != "created" {
		t.Errorf("a partial failure: %.200s", a.Text)
	}
	seen := map[string]bool{}
	for n := range 60 {
		next(fault.LockRow)
		email := fmt.Sprintf("busy%d@x.example", n)
		code := w.post("/rest/v1/leads.json", `{"input":[{"email":"`+email+`"}]}`).code()
		seen[code] = true
		found := len(w.ok("GET", "/rest/v1/leads.json?filterType=email&filterValues="+email, "").Result)
		if want := map[bool]int{true: 1}[code == "604"]; found != want {
			t.Errorf("after %s the person is there %d times", code, found)
		}
		w.clock.Advance(time.Second)
	}
	for _, code := range []string{"604", "606", "608", "611", "615", "713"} {
		if !seen[code] {
			t.Errorf("%s never came", code)
		}
	}
	next(fault.QuotaCutoff)
	if code := w.get("/rest/v1/leads/partitions.json").code(); code != "607" {
		t.Errorf("a quota that is suddenly used up: %q", code)
	}
}
