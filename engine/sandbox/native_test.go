package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// TestNativeSync follows a user's edit in Salesforce through Marketo's own sync, which nobody asks to work.
func TestNativeSync(t *testing.T) {
	pair := newPair(t, sandbox.Options{People: 300, Seed: 1, NativeSync: true})
	marketo := marketoClient(t, pair)
	edited := ""
	pair.Org().Each("Lead", func(id string, get func(string) (string, bool)) bool {
		if done, _ := get("IsConverted"); done != "true" && strings.Contains(marketo("GET", byLead(id), ""), `"sfdcLeadId"`) {
			edited = id
		}
		return edited == ""
	})
	if edited == "" {
		t.Fatal("no lead is known to Marketo")
	}
	if err := pair.Org().Set(edited, map[string]string{"Title": "Head of Tides", "City": "Brest"}); err != nil {
		t.Fatal(err)
	}
	if text := marketo("GET", byLead(edited), ""); strings.Contains(text, "Head of Tides") {
		t.Errorf("the edit came over within the sync's rest: %s", text)
	}
	pair.ResetJournal()
	pair.Advance(6 * time.Minute)
	if text := marketo("GET", byLead(edited), ""); !strings.Contains(text, `"Head of Tides"`) || !strings.Contains(text, `"Brest"`) {
		t.Errorf("the edit did not come over: %s", text)
	}

	var found struct {
		Result []struct {
			ID json.Number `json:"id"`
		} `json:"result"`
	}
	if err := json.Unmarshal([]byte(marketo("GET", byLead(edited), "")), &found); err != nil || len(found.Result) != 1 {
		t.Fatal(err, len(found.Result))
	}
	change := `{"action":"updateOnly","lookupField":"id","input":[{"id":` + found.Result[0].ID.String() + `,"title":"Head of Ebb"}]}`
	if text := marketo("POST", "/rest/v1/leads.json", change); !strings.Contains(text, `"updated"`) {
		t.Fatal(text)
	}
	pair.Advance(6 * time.Minute)
	marketo("GET", byLead(edited), "")
	pair.Org().Look("Lead", edited, func(get func(string) (string, bool)) {
		if title, _ := get("Title"); title != "Head of Ebb" {
			t.Errorf("Salesforce has the title %q", title)
		}
	})

	for path, body := range map[string]string{
		"/rest/v1/companies.json":     `{"input":[{"externalCompanyId":"001A"}]}`,
		"/rest/v1/opportunities.json": `{"input":[{"externalOpportunityId":"006A","name":"x"}]}`,
	} {
		if text := marketo("POST", path, body); !strings.Contains(text, `"1018"`) {
			t.Errorf("%s: %s", path, text)
		}
	}
	j := pair.Journal()
	if j.Salesforce.Calls != 0 || j.Salesforce.Writes != 0 || j.Salesforce.WriteCalls != 0 || j.Marketo.Writes != 1 {
		t.Errorf("the journal counts the sync's own work: %+v", j)
	}
}

func byLead(id string) string {
	return "/rest/v1/leads.json?fields=title,city,sfdcLeadId&filterType=sfdcLeadId&filterValues=" + id
}

// marketoClient signs in and asks.
func marketoClient(t *testing.T, pair *sandbox.Pair) func(method, path, body string) string {
	t.Helper()
	c := pair.Credentials().Marketo
	send := func(method, path, body, token string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, c.BaseURL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
		}
		answer, err := pair.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	q := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}}
	var grant struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(send("GET", "/identity/oauth/token?"+q.Encode(), "", "")), &grant); err != nil || grant.Token == "" {
		t.Fatal("no token", err)
	}
	return func(method, path, body string) string { t.Helper(); return send(method, path, body, grant.Token) }
}
