package salesforce_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/sandbox/clock"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// acme is an imitated org, in this process, with its faults between it and the client.
type acme struct {
	*org.Org
	clock   *clock.Clock
	dice    *fault.Dice
	handler http.Handler
	calls   int // but for those of tokens
}

const acmeHost = "https://acme.my.salesforce.com"

func newAcme(t testing.TB) *acme {
	t.Helper()
	a := &acme{clock: clock.New(nil), dice: fault.New(1)}
	a.Org = org.New(org.Config{Clock: a.clock, Dice: a.dice, Journal: journal.New(), Seed: 1, HTTPBase: acmeHost})
	isWrite := func(r *http.Request) bool {
		return r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "oauth2")
	}
	a.handler = a.dice.Wrap(a.Org, record.Salesforce, isWrite)
	return a
}

// RoundTrip serves the request at once. A connection that ends is an error.
func (a *acme) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	if !strings.Contains(req.URL.Path, "oauth2") {
		a.calls++
	}
	defer func() {
		if gone := recover(); gone != nil {
			resp, err = nil, io.ErrUnexpectedEOF
		}
	}()
	served := req.Clone(req.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	served.RequestURI = req.URL.RequestURI()
	rec := httptest.NewRecorder()
	a.handler.ServeHTTP(rec, served)
	resp = rec.Result()
	resp.Request = req
	return resp, nil
}

func (a *acme) client(t testing.TB, options ...option) *salesforce.Client {
	t.Helper()
	c := a.Credentials()
	connect := func(cfg *salesforce.Config) {
		cfg.LoginURL, cfg.Now = acmeHost, a.clock.Now
		cfg.Auth = &salesforce.RefreshToken{ClientID: c.ClientID, ClientSecret: pace.Secret(c.ClientSecret), Token: pace.Secret(c.RefreshToken)}
	}
	return newClient(t, a, append([]option{connect}, options...)...)
}

// lead makes a lead by hand.
func (a *acme) lead(t testing.TB, values ...string) record.ID {
	t.Helper()
	row := map[string]string{"LastName": "Lovelace", "Company": "Engines"}
	for i := 0; i < len(values); i += 2 {
		row[values[i]] = values[i+1]
	}
	id, err := a.Create("Lead", row)
	if err != nil {
		t.Fatal(err)
	}
	return record.ID(id)
}

var titleColumn = []record.Column{{Name: "Title", Type: record.Type{Kind: record.Text}}}

func TestOrgWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t)
		id := a.lead(t, "Title", "Countess", "Email", "ada@example.com")
		gone := a.lead(t)
		if err := a.Delete(string(gone)); err != nil {
			t.Fatal(err)
		}
		text := record.Type{Kind: record.Text}
		results, err := c.Write(t.Context(), record.Push, []salesforce.Write{
			{Key: 1, Object: record.Lead, ID: id, ReadBack: true, Fields: titles("Analyst")},
			{Key: 2, Object: record.Lead, ID: gone, ReadBack: true, Fields: titles("Analyst")},
			{Key: 3, Object: record.Lead, ID: a.lead(t), Fields: []salesforce.Field{{Name: "Email", Type: text, Value: record.Of("not an address")}}},
			{Key: 4, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", UpsertValue: "77", Fields: []salesforce.Field{
				{Name: "LastName", Type: text, Value: record.Of("Byron")}, {Name: "Company", Type: text, Value: record.Of("Poets")}}},
			{Key: 5, Object: record.Lead, Fields: titles("no last name")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := results[0]; r.Err != nil || r.ID != id || len(r.Before) != 1 || r.Before[0].Text() != "Countess" || r.Edited.IsZero() {
			t.Errorf("update: %+v %v", r, r.Err)
		}
		if r := results[1]; r.Err == nil || r.Err.Class() != pace.Gone || r.Before != nil {
			t.Errorf("update of a deleted lead: %+v %v", r, r.Err)
		}
		if r := results[2]; r.Err == nil || r.Err.Code() != "INVALID_EMAIL_ADDRESS" || strings.Contains(r.Err.Error(), "not an address") {
			t.Errorf("bad value: %v", r.Err)
		}
		if r := results[3]; r.Err != nil || !r.Created {
			t.Errorf("upsert: %+v %v", r, r.Err)
		}
		if r := results[4]; r.Err == nil || r.Err.Class() != pace.Refused || r.Err.ID != "" {
			t.Errorf("creation: %v", r.Err)
		}
		got, err := c.Get(t.Context(), record.Reread, record.Lead, []record.ID{id, gone, results[3].ID}, titleColumn, "Marketo_Person_Id__c")
		if err != nil || len(got) != 2 || got[0].Values[0].Text() != "Analyst" || got[1].OtherID != "77" {
			t.Errorf("read back %+v, %v", got, err)
		}
	})
}

// Lost answers leave no record twice in the org itself (promise 3).
func TestOrgLostAnswers(t *testing.T) {
	for _, kind := range []fault.Kind{fault.LostResponse, fault.Reset, fault.TruncatedJSON, fault.HTML500, fault.Unavailable503, fault.Throttle429, fault.TokenExpiry} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAcme(t)
				c := a.client(t)
				if _, err := c.SignIn(t.Context()); err != nil {
					t.Fatal(err)
				}
				person := []salesforce.Field{
					{Name: "LastName", Type: record.Type{Kind: record.Text}, Value: record.Of("Byron")},
					{Name: "Company", Type: record.Type{Kind: record.Text}, Value: record.Of("Poets")},
				}
				if err := a.dice.Next(kind, 1); err != nil {
					t.Fatal(err)
				}
				results, err := c.Write(t.Context(), record.Push, []salesforce.Write{{Key: 1, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", UpsertValue: "77", Fields: person}})
				if err != nil || results[0].Err != nil {
					t.Fatalf("upsert: %v, %v", results, err)
				}
				if err := a.dice.Next(kind, 1); err != nil {
					t.Fatal(err)
				}
				results, err = c.Write(t.Context(), record.Push, []salesforce.Write{{Key: 2, Object: record.Lead, Fields: person}})
				var doubt *pace.InDoubt
				if n := a.Counts()["Lead"]; n != 2 && (n != 1 || !errors.As(err, &doubt)) {
					t.Errorf("%d leads after one upsert and one creation: %v, %v", n, results, err)
				}
			})
		})
	}
}

func TestOrgDescribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		got, err := a.client(t, inMode(record.Observe)).Describe(t.Context(), record.Describe, []record.Object{record.Lead, "Nonsense__c", record.Account})
		if err != nil {
			t.Fatal(err)
		}
		if a.calls != 1 {
			t.Errorf("%d calls", a.calls)
		}
		key, ok := got[0].Field("Marketo_Person_Id__c")
		if !ok || !key.ExternalID || !key.Unique || !key.Updateable || key.Length != 40 {
			t.Errorf("the field of the other id: %+v", key)
		}
		if name, ok := got[0].Field("LastName"); !ok || !name.Required() {
			t.Errorf("LastName: %+v", name)
		}
		if got[1].Err == nil || got[1].Err.Class() != pace.Permission || got[1].Object != "Nonsense__c" {
			t.Errorf("an object that is not there: %v", got[1].Err)
		}
		if got[2].Err != nil || len(got[2].Fields) == 0 || !got[2].Queryable {
			t.Errorf("Account: %v", got[2].Err)
		}
	})
}
