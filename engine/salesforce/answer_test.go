package salesforce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

func zip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Packed answers are read, and broken packing is a failure like any other, also where the text itself came whole.
func TestPackedAnswers(t *testing.T) {
	whole := zip(t, `{"totalSize":7,"done":true,"records":[]}`+strings.Repeat(" ", 100_000))
	flipped := []byte(whole)
	flipped[len(flipped)-6] ^= 1
	cases := []struct {
		name, body, code string
	}{
		{"whole", whole, ""},
		{"cut off", whole[:len(whole)/2], "TRUNCATED_ANSWER"},
		{"without its end", whole[:len(whole)-8], "TRUNCATED_ANSWER"},
		{"wrong checksum", string(flipped), "MALFORMED_ANSWER"},
		{"not packed at all", `{"totalSize":7,"done":true,"records":[]}`, "MALFORMED_ANSWER"},
		{"nothing", "", "EMPTY_ANSWER"},
		{"nothing, packed", zip(t, ""), "EMPTY_ANSWER"},
		{"a web page", zip(t, "<html>"), "HTML_ANSWER"},
	}
	for _, row := range cases {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, answer: func(r request) reply {
					if r.header.Get("Accept-Encoding") != "gzip" {
						t.Error("packing was not asked for")
					}
					return reply{status: 200, body: row.body, header: map[string]string{"Content-Encoding": "gzip"}}
				}}
				n, err := newClient(t, s).Count(t.Context(), "SELECT COUNT() FROM Lead")
				var failure pace.Failure
				switch {
				case row.code == "" && (err != nil || n != 7):
					t.Error(n, err)
				case row.code != "" && (!errors.As(err, &failure) || failure.Code() != row.code):
					t.Errorf("err = %v, want %s", err, row.code)
				}
			})
		})
	}
}

func TestHeaders(t *testing.T) {
	s := &side{t: t, answer: composite(t, func(int, part) (int, string) { return 200, queryJSON(0, true) })}
	if _, _, err := newClient(t, s).Feeds(t.Context(), record.Feed, []salesforce.Feed{{Object: record.Lead}}); err != nil {
		t.Fatal(err)
	}
	got := s.calls()[0].header
	for name, want := range map[string]string{
		"Authorization": "Bearer token1", "Sforce-Call-Options": "client=doppio/test", "Sforce-Mru": "updateMru=false",
		"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
}

// What the org says about its allowance bounds the next calls (promise 7).
func TestAllowanceIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limits{Share: 50}, time.Now, func() float64 { return 0 })
		usage := "api-usage=10/100"
		s := &side{t: t, answer: func(request) reply {
			r := ok(`{"totalSize":1,"done":true,"records":[]}`)
			r.header = map[string]string{"Sforce-Limit-Info": usage}
			return r
		}}
		c := newClient(t, s, func(cfg *salesforce.Config) { cfg.Pacer = p })
		count := func() error { _, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead"); return err }
		if err := count(); err != nil {
			t.Fatal(err)
		}
		u := p.Usage()
		want := pace.Usage{Day: u.Day, Used: 1, Today: 1, Share: 50, SideUsed: 10, Limit: 100, ByPurpose: map[record.Purpose]int{record.Check: 1}}
		if diff := cmp.Diff(want, u); diff != "" {
			t.Error(diff)
		}
		usage = "api-usage=100/100"
		if err := count(); err != nil {
			t.Fatal(err)
		}
		if err := count(); !errors.Is(err, pace.ErrQuota) || len(s.calls()) != 2 {
			t.Errorf("%d calls, err = %v", len(s.calls()), err)
		}
		p.Restore(u.Day, 500)
		usage = "api-usage=0/100"
		time.Sleep(time.Hour)
		var quota *pace.QuotaError
		if err := count(); !errors.As(err, &quota) || quota.Reason != pace.ShareUsedUp {
			t.Errorf("the share was restored as used up, err = %v", err)
		}
	})
}

// Each kind of value goes in the JSON type that the org's parser takes.
func TestValuesAsSent(t *testing.T) {
	cases := []struct {
		kind  record.Kind
		value string
		want  string // "" for a refusal before sending
	}{
		{record.Text, "a \"b\" \\ \u2028 é", `"a \"b\" \\ \u2028 é"`},
		{record.Text, "", `null`},
		{record.TextArea, "a\nb", `"a\nb"`},
		{record.Text, "\xff", ""},
		{record.Boolean, "true", `true`},
		{record.Boolean, "", `false`},
		{record.Boolean, "maybe", ""},
		{record.Integer, "300", `300`},
		{record.Integer, "", `null`},
		{record.Decimal, "-0.25", `-0.25`},
		{record.Decimal, "1,5", ""},
		{record.Decimal, "1}", ""},
		{record.Decimal, "null", ""},
		{record.Date, "2026-01-01", `"2026-01-01"`},
		{record.DateTime, "2026-01-01T00:00:00Z", `"2026-01-01T00:00:00Z"`},
		{record.Reference, "0055f000000KxRpAAK", `"0055f000000KxRpAAK"`},
	}
	for _, row := range cases {
		s := &saver{t: t}
		field := salesforce.Field{Name: "F__c", Type: record.Type{Kind: row.kind, Scale: 2}, Value: record.Of(row.value)}
		results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, []salesforce.Write{{Key: 1, Object: record.Lead, ID: leadID(1), Fields: []salesforce.Field{field}}})
		if err != nil {
			t.Fatal(err)
		}
		if row.want == "" {
			if e := results[0].Err; e == nil || len(s.parts) > 0 || e.Retryable() {
				t.Errorf("%v %q was sent: %v", row.kind, row.value, e)
			}
			continue
		}
		var body struct {
			Records []map[string]json.RawMessage `json:"records"`
		}
		if err := json.Unmarshal(s.parts[0].Body, &body); err != nil {
			t.Fatal(err)
		}
		var sent, want any
		if err := errors.Join(json.Unmarshal(body.Records[0]["F__c"], &sent), json.Unmarshal([]byte(row.want), &want)); err != nil || sent != want {
			t.Errorf("%v %q was sent as %s, want %s (%v)", row.kind, row.value, body.Records[0]["F__c"], row.want, err)
		}
	}
}

func TestIdentity(t *testing.T) {
	s := &side{t: t, answer: composite(t, func(_ int, p part) (int, string) {
		if soql := soqlOf(t, p.URL); strings.Contains(soql, "FROM User") {
			if !strings.HasSuffix(soql, "WHERE Id = '"+userID+"'") {
				t.Errorf("asked %s", soql)
			}
			return 200, queryJSON(1, true, `{"attributes":{},"Id":"`+userID+`","Username":"sync@acme.com","IsActive":true,"UserType":"Standard","Profile":{"attributes":{},"Name":"Sync"},"TimeZoneSidKey":"Europe/Amsterdam","UserPermissionsMarketingUser":false}`)
		}
		return 200, queryJSON(1, true, `{"attributes":{},"Id":"`+orgID+`","Name":"Acme","OrganizationType":"Enterprise Edition","IsSandbox":true,"InstanceName":"CS5"}`)
	})}
	got, err := newClient(t, s, inMode(record.Observe)).Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := salesforce.Identity{UserID: userID, OrgID: orgID, Username: "sync@acme.com", Profile: "Sync", UserType: "Standard", OrgName: "Acme",
		Edition: "Enterprise Edition", Instance: "CS5", InstanceURL: "https://" + instanceHost, TimeZone: "Europe/Amsterdam", IsSandbox: true, Active: true}
	if diff := cmp.Diff(want, got); diff != "" || len(s.calls()) != 1 {
		t.Errorf("%d calls: %s", len(s.calls()), diff)
	}
}

func TestLimitsAreReadLeniently(t *testing.T) {
	s := &side{t: t, answer: func(request) reply {
		return ok(`{"DailyApiRequests":{"Max":15000,"Remaining":14998,"Some App":{"Max":0,"Remaining":0}},"DataStorageMB":{"Max":5,"Remaining":5}}`)
	}}
	got, err := newClient(t, s).Limits(t.Context())
	want := map[string]salesforce.Limit{"DailyApiRequests": {Max: 15000, Remaining: 14998}, "DataStorageMB": {Max: 5, Remaining: 5}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(diff, err)
	}
}

// A query walks its pages; an aggregate counts; a page that leads nowhere is an error and not the end.
func TestQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nowhere := false
		s := &side{t: t, answer: func(r request) reply {
			switch {
			case strings.Contains(r.query, "MAX"):
				return ok(queryJSON(1, true, `{"attributes":{"type":"AggregateResult"},"expr0":4711.0}`))
			case strings.HasSuffix(r.path, "-2000") && nowhere:
				return ok(`{"totalSize":2,"done":false,"nextRecordsUrl":"https://evil.example/x","records":[{"Name":"two"}]}`)
			case strings.HasSuffix(r.path, "-2000"):
				return ok(queryJSON(2, true, `{"Name":"two","Parent":null}`))
			}
			return ok(queryJSON(2, false, `{"attributes":{"type":"X"},"Name":"one","Parent":{"attributes":{},"Rights":true}}`))
		}}
		c := newClient(t, s)
		var names []string
		for row, err := range c.Query(t.Context(), record.Check, "SELECT Name, Parent.Rights FROM X") {
			if err != nil {
				t.Fatal(err)
			}
			_, known := row.Text("parent.rights")
			names = append(names, row.Get("Name"))
			if known != (row.Get("name") == "one") || row.Is("Parent.Rights") != known {
				t.Errorf("%s: parent %v", row.Get("Name"), known)
			}
		}
		if diff := cmp.Diff([]string{"one", "two"}, names); diff != "" {
			t.Error(diff)
		}
		if n, err := c.Count(t.Context(), "SELECT MAX(X) FROM Lead"); err != nil || n != 4711 {
			t.Error(n, err)
		}
		nowhere = true
		before := len(s.calls())
		if err := drain(c.Query(t.Context(), record.Check, "SELECT Name FROM X")); err == nil {
			t.Error("a page that leads elsewhere ended the query without an error")
		}
		for _, r := range s.calls()[before:] {
			if r.host != instanceHost {
				t.Errorf("asked %s", r.host)
			}
		}
	})
}

// A deployment is followed to its end; one that the org did not take says which component and why.
func TestDeploy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const id = "0Af5f00000KxRpaAAF"
		polls := 0
		s := &side{t: t, answer: func(r request) reply {
			if r.method == "POST" {
				_, params, err := mime.ParseMediaType(r.header.Get("Content-Type"))
				if err != nil {
					t.Fatal(err)
				}
				form, err := multipart.NewReader(bytes.NewReader(r.body), params["boundary"]).ReadForm(1 << 20)
				if err != nil || len(form.File["file"]) != 1 || !strings.Contains(form.Value["json"][0], `"rollbackOnError":true`) || !strings.Contains(form.Value["json"][0], `"checkOnly":false`) {
					t.Errorf("sent %v, %v", form.Value, err)
				}
				return reply{status: 201, body: `{"id":"` + id + `","validatedDeployRequestId":null,"deployResult":null}`}
			}
			if polls++; polls < 3 {
				return ok(`{"id":"` + id + `","deployResult":{"status":"InProgress","done":false}}`)
			}
			return ok(`{"id":"` + id + `","deployResult":{"status":"Failed","done":true,"success":false,"details":{"componentFailures":[{"fullName":"Lead.X__c","fileName":"objects/Lead.object","componentType":"CustomField","problem":"duplicate","lineNumber":3}]}}}`)
		}}
		got, err := newClient(t, s).Deploy(t.Context(), []byte("zip"), false)
		want := salesforce.Deployment{ID: id, Status: "Failed", Failures: []salesforce.DeployFailure{{Kind: "CustomField", Name: "Lead.X__c", File: "objects/Lead.object", Problem: "duplicate"}}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(diff, err)
		}
	})
}

func TestNewRefusesNonsense(t *testing.T) {
	auth := &salesforce.ClientCredentials{ClientID: "id"}
	for name, cfg := range map[string]salesforce.Config{
		"no sign-in": {LoginURL: "login.salesforce.com"},
		"no address": {Auth: auth},
		"no TLS":     {Auth: auth, LoginURL: "http://acme.my.salesforce.com"},
		"version":    {Auth: auth, LoginURL: "login.salesforce.com", APIVersion: "x"},
		"instance":   {Auth: auth, LoginURL: "login.salesforce.com", InstanceURL: "http://x.example"},
	} {
		if _, err := salesforce.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := salesforce.New(salesforce.Config{Auth: auth, InstanceURL: "acme.my.salesforce.com"}); err != nil {
		t.Error(err)
	}
}
