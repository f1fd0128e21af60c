package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// visitor is a client of both sides that shows what it sees as it is.
type visitor struct {
	t              *testing.T
	pair           *sandbox.Pair
	salesforce, mk string // tokens
	lead           string
}

// seen is one answer; text is what of it arrived.
type seen struct {
	status int
	header http.Header
	text   string
	err    error
}

func (v *visitor) send(method, address, token, body string) seen {
	v.t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "grant_type") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := (&http.Client{Transport: v.pair.Transport()}).Do(r)
	if err != nil {
		return seen{err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return seen{answer.StatusCode, answer.Header, string(text), err}
}

func (v *visitor) sf(method, path, body string) seen {
	return v.send(method, v.pair.Credentials().Salesforce.LoginURL+"/services/data/v61.0/"+path, v.salesforce, body)
}

func (v *visitor) marketo(method, path, body string) seen {
	return v.send(method, v.pair.Credentials().Marketo.BaseURL+path, v.mk, body)
}

func (v *visitor) refresh() string {
	c := v.pair.Credentials().Salesforce
	return v.send("POST", c.LoginURL+"/services/oauth2/token", "", "grant_type=refresh_token&refresh_token="+c.RefreshToken+"&client_id="+c.ClientID).text
}

func text(body, key string) string {
	var m map[string]any
	if json.Unmarshal([]byte(body), &m) != nil {
		return ""
	}
	s, _ := m[key].(string)
	return s
}

// title reads the visitor's lead.
func (v *visitor) title() string { return text(v.sf("GET", "sobjects/Lead/"+v.lead, "").text, "Title") }

// page is a page of the activity log.
type page struct {
	Result []struct {
		GUID string `json:"marketoGUID"`
	} `json:"result"`
	Next string `json:"nextPageToken"`
	More bool   `json:"moreResult"`
}

// log reads the first pages of the log as they come.
func (v *visitor) log(pages int) (read []page) {
	since := v.pair.Now().AddDate(-9, 0, 0)
	place := v.marketo("GET", "/rest/v1/activities/pagingtoken.json?sinceDatetime="+url.QueryEscape(since.UTC().Format(time.RFC3339)), "").text
	token := text(place, "nextPageToken")
	for range pages {
		var got page
		body := v.marketo("GET", "/rest/v1/activities.json?activityTypeIds=12,13&nextPageToken="+url.QueryEscape(token), "").text
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			v.t.Fatalf("%v: %.200s", err, body)
		}
		read, token = append(read, got), got.Next
	}
	return read
}

// TestEveryFaultCanBeOrdered switches each fault on by itself, as POST /faults does, and looks at it with a client's eyes.
func TestEveryFaultCanBeOrdered(t *testing.T) {
	update := func(v *visitor, title string) seen {
		return v.sf("PATCH", "sobjects/Lead/"+v.lead, `{"Title":"`+title+`"}`)
	}
	both := func(v *visitor) string {
		other := text(v.sf("POST", "sobjects/Lead", `{"LastName":"B","Company":"B"}`).text, "id")
		return v.sf("PATCH", "composite/sobjects", fmt.Sprintf(`{"records":[{"attributes":{"type":"Lead"},"id":%q,"City":"Ulm"},{"attributes":{"type":"Lead"},"id":%q,"City":"Ulm"}]}`, v.lead, other)).text
	}
	faults := map[fault.Kind]func(v *visitor) bool{
		fault.LostResponse: func(v *visitor) bool { return update(v, "kept").err != nil && v.title() == "kept" },
		fault.Reset: func(v *visitor) bool {
			got := v.sf("GET", "query?q=SELECT+Id,LastName+FROM+Contact", "")
			return got.err != nil && got.status == 200 && strings.HasPrefix(got.text, "{")
		},
		fault.SlowPage: func(v *visitor) bool {
			began := time.Now()
			v.title()
			return time.Since(began) >= 500*time.Millisecond
		},
		fault.Throttle429:    func(v *visitor) bool { return update(v, "no").status == 429 && v.title() == "" },
		fault.Unavailable503: func(v *visitor) bool { return update(v, "no").status == 503 && v.title() == "" },
		fault.HTML500: func(v *visitor) bool {
			got := update(v, "no")
			return got.status == 500 && strings.HasPrefix(got.text, "<html>") && v.title() == ""
		},
		fault.TruncatedJSON: func(v *visitor) bool {
			got := v.sf("GET", "query?q=SELECT+Id,LastName+FROM+Contact", "")
			return got.err == nil && got.status == 200 && !json.Valid([]byte(got.text))
		},
		fault.TokenExpiry: func(v *visitor) bool {
			first := v.sf("GET", "limits", "")
			return first.status == 401 && v.sf("GET", "limits", "").status == 401 && strings.Contains(v.refresh(), "access_token")
		},
		fault.LockRow: func(v *visitor) bool {
			got := both(v)
			return strings.Count(got, "UNABLE_TO_LOCK_ROW") == 1 && strings.Contains(got, `"success":true`)
		},
		fault.PartialFailure: func(v *visitor) bool {
			got := both(v)
			return strings.Count(got, `"success":false`) == 1 && strings.Count(got, `"success":true`) == 1
		},
		fault.EmptyPage: func(v *visitor) bool {
			read := v.log(2)
			return len(read[0].Result) == 0 && read[0].More && len(read[1].Result) > 0
		},
		fault.ShortPage: func(v *visitor) bool {
			read := v.log(2)
			return len(read[0].Result) < len(read[1].Result) && read[0].More
		},
		fault.DuplicatePage: func(v *visitor) bool {
			read := v.log(2)
			return len(read[0].Result) > 0 && slices.Equal(read[0].Result, read[1].Result)
		},
		fault.LateCommit: func(v *visitor) bool {
			edited, err := v.pair.Edit(sandbox.Edit{People: 1, Seed: 1, Sides: []record.Side{record.Salesforce}, Fields: []string{"Title"}})
			if err != nil || len(edited) != 1 {
				v.t.Fatal(err)
			}
			where := "sobjects/" + map[string]string{"00Q": "Lead", "003": "Contact"}[edited[0].ID[:3]] + "/" + edited[0].ID
			early := text(v.sf("GET", where, "").text, "Title")
			v.pair.Advance(3 * time.Minute)
			return early != edited[0].Fields["Title"] && text(v.sf("GET", where, "").text, "Title") == edited[0].Fields["Title"]
		},
		fault.QuotaCutoff: func(v *visitor) bool {
			if got := v.sf("GET", "limits", ""); got.status != 403 || !strings.Contains(got.text, "REQUEST_LIMIT_EXCEEDED") {
				return false
			}
			v.pair.Advance(25 * time.Hour)
			return strings.Contains(v.refresh(), "access_token")
		},
		fault.RotateRefresh: func(v *visitor) bool { return strings.Contains(v.refresh(), "refresh_token") },
	}
	for _, kind := range fault.Kinds() {
		if faults[kind] == nil {
			t.Errorf("%s is not looked at", kind)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(faults)) {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pair, err := sandbox.New(sandbox.Options{People: 900, Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				defer pair.Close()
				v := &visitor{t: t, pair: pair}
				v.salesforce = text(v.refresh(), "access_token")
				c := pair.Credentials().Marketo
				v.mk = text(v.send("GET", c.BaseURL+"/identity/oauth/token?grant_type=client_credentials&client_id="+c.ClientID+"&client_secret="+c.ClientSecret, "", "").text, "access_token")
				v.lead = text(v.sf("POST", "sobjects/Lead", `{"LastName":"A","Company":"B"}`).text, "id")
				if status := ask(t, pair, "POST", "/faults", fmt.Sprintf(`{"next":{%q:1}}`, kind), nil); status != http.StatusOK {
					t.Fatalf("POST /faults: %d", status)
				}
				if !faults[kind](v) {
					t.Error("it is not what it is said to be")
				}
			})
		})
	}
}

// TestStrictScenario: rules refuse what they are for, and the seed itself is let be.
func TestStrictScenario(t *testing.T) {
	pair := newPair(t, sandbox.Options{People: 500, Seed: 1, Scenario: sandbox.Strict})
	if n := pair.Truth().Salesforce; n["Lead"]+n["Contact"] != 500 {
		t.Fatalf("%v", n)
	}
	fields := func(more ...string) map[string]string {
		m := map[string]string{"LastName": "Ng", "Company": "Kade", "Email": "ng@kade.example"}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	if _, err := pair.Org().Create("Lead", fields()); err != nil {
		t.Fatal(err)
	}
	for code, row := range map[string]map[string]string{
		"DUPLICATES_DETECTED":                  fields(),
		"FIELD_CUSTOM_VALIDATION_EXCEPTION":    fields("LastName", "Tester"),
		"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": fields("Title", "🚀 Growth Lead", "Email", "other@kade.example"),
	} {
		if _, err := pair.Org().Create("Lead", row); err == nil || !strings.HasPrefix(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := sandbox.New(sandbox.Options{Scenario: "loose"}); err == nil || !strings.Contains(err.Error(), "strict") {
		t.Errorf("%v", err)
	}
}
