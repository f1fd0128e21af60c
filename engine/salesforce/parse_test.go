package salesforce

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/pace"
)

func TestHost(t *testing.T) {
	good := map[string]string{
		"login.salesforce.com":                                                "https://login.salesforce.com",
		" https://Acme.my.salesforce.com/ ":                                   "https://acme.my.salesforce.com",
		"https://acme.lightning.force.com/lightning/page/home":                "https://acme.my.salesforce.com",
		"acme--uat.sandbox.lightning.force.com":                               "https://acme--uat.sandbox.my.salesforce.com",
		"acme.my.salesforce-setup.com/lightning/setup":                        "https://acme.my.salesforce.com",
		"acme.lightning.crmforce.mil":                                         "https://acme.my.salesforce.mil",
		"https://acme.my.salesforce.com:8443/services/data?x=1#y":             "https://acme.my.salesforce.com:8443",
		"http://127.0.0.1:4711":                                               "http://127.0.0.1:4711",
		"http://localhost:4711/":                                              "http://localhost:4711",
		"http://[::1]:4711":                                                   "http://[::1]:4711",
		"acme.my.salesforce.com.":                                             "https://acme.my.salesforce.com",
		"https://acme-dev-ed.develop.my.salesforce.com/secur/frontdoor.jsp?a": "https://acme-dev-ed.develop.my.salesforce.com",
	}
	for pasted, want := range good {
		if got, err := Host(pasted); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", pasted, got, err, want)
		}
	}
	for _, bad := range []string{"", "   ", "http://acme.my.salesforce.com", "ftp://acme.my.salesforce.com", "https://user:pass@acme.my.salesforce.com", "https://", "https://a b", "a..b", "https://evil.example\\@acme"} {
		if got, err := Host(bad); err == nil {
			t.Errorf("%q was taken for %q", bad, got)
		}
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]string{"": "61.0", "v61.0": "61.0", "62": "62.0", " V60.0": "60.0"} {
		if got, err := apiVersion(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, bad := range []string{"61.5", "x", "6", "../61.0", "61.0/x"} {
		if got, err := apiVersion(bad); err == nil {
			t.Errorf("%q was taken for %q", bad, got)
		}
	}
}

func TestLimitInfo(t *testing.T) {
	cases := []struct {
		text        string
		used, limit int
		ok          bool
	}{
		{"api-usage=10018/100000", 10018, 100000, true},
		{"api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)", 17, 250, true},
		{"api-usage=4990/5000; per-app-api-usage=17/250(appName=x)", 4990, 5000, true},
		{"", 0, 0, false}, {"api-usage=", 0, 0, false}, {"api-usage=5", 0, 0, false}, {"api-usage=-1/5", 0, 0, false}, {"x=1/2", 0, 0, false},
	}
	for _, row := range cases {
		used, limit, ok := limitInfo(row.text)
		if used != row.used || limit != row.limit || ok != row.ok {
			t.Errorf("%q: %d/%d %v", row.text, used, limit, ok)
		}
	}
}

func TestParseStamp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(-1e12, 4e12).Draw(t, "milliseconds")).UTC()
		got, err := parseStamp(at.Format("2006-01-02T15:04:05.000-0700"))
		if err != nil || !got.Equal(at) {
			t.Fatalf("%v became %v, %v", at, got, err)
		}
	})
	for _, bad := range []string{"2026-02-30T00:00:00.000+0000", "2026-13-01T00:00:00.000+0000", "2026-01-01T24:00:00.000+0000", "2026-01-01 00:00:00.000+0000", "", "x"} {
		if got, err := parseStamp(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

// A literal reads back as what it was, whatever is in it.
func TestLiteral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		quoted := Literal(text)
		inside, ok := strings.CutPrefix(quoted, "'")
		inside, ok2 := strings.CutSuffix(inside, "'")
		if !ok || !ok2 {
			t.Fatalf("not quoted: %s", quoted)
		}
		var back strings.Builder
		for i := 0; i < len(inside); i++ {
			c := inside[i]
			if c == '\'' {
				t.Fatalf("a bare quote in %s", quoted)
			}
			if c == '\\' {
				i++
				if i == len(inside) {
					t.Fatalf("a bare backslash in %s", quoted)
				}
				c = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', '\'': '\'', '\\': '\\'}[inside[i]]
			}
			back.WriteByte(c)
		}
		if back.String() != text {
			t.Fatalf("%q became %q", text, back.String())
		}
	})
}

// Every code has a sentence of its own making; one key never means two sentences.
func TestCodes(t *testing.T) {
	texts := map[string]string{}
	check := func(key, text string, class pace.Class, who pace.Who) {
		t.Helper()
		if key == "" || text == "" || !strings.HasSuffix(text, ".") || class == 0 || who == 0 {
			t.Errorf("incomplete: %q %q", key, text)
		}
		if before, ok := texts[key]; ok && before != text {
			t.Errorf("%s means two sentences", key)
		}
		texts[key] = text
	}
	for _, row := range codes {
		check(row.key, row.text, row.class, row.who)
		if e := NewError(400, row.code, row.match); e.row.key != row.key {
			t.Errorf("%s with %q is never found: %s comes first", row.code, row.match, e.row.key)
		}
	}
	for _, row := range oauthErrors {
		check("oauth."+row.key, row.text, row.class, row.who)
	}
	for _, status := range []int{300, 400, 401, 403, 404, 405, 408, 409, 412, 420, 429, 500, 502, 503} {
		e := NewError(status, "", "")
		check(e.row.key, e.row.text, e.Class(), e.Who())
		if passes := status >= 500 || status == 408 || status == 420 || status == 429; e.Retryable() != passes {
			t.Errorf("HTTP %d retryable: %v", status, e.Retryable())
		}
	}
}

// TestCodesOfTheOrg is the catalogue's own list: what a Salesforce can refuse with, and who ends it.
func TestCodesOfTheOrg(t *testing.T) {
	rows := []struct {
		code, message string
		class         pace.Class
		who           pace.Who
	}{
		{"REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", pace.Quota, pace.Admin},
		{"REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", pace.Transient, pace.Nobody},
		{"UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", pace.Locked, pace.Nobody},
		{"NOT_FOUND", "The requested resource does not exist", pace.Gone, pace.Us},
		{"NOT_FOUND", "Provided external ID field does not exist or is not accessible: X", pace.Config, pace.SyncUser},
		{"INVALID_FIELD", "No such column 'X' on entity 'Lead'", pace.Permission, pace.SyncUser},
		{"INVALID_FIELD", "Foreign key external ID: a not found for field X in entity Y", pace.Refused, pace.Owner},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Case History", pace.Permission, pace.SyncUser},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: execution of BeforeUpdate caused by: System", pace.Refused, pace.Admin},
		{"DUPLICATE_VALUE", "duplicate value found: X__c duplicates value on record with id: 00Q", pace.Duplicate, pace.Owner},
		{"DUPLICATES_DETECTED", "Use one of these records?", pace.Duplicate, pace.Owner},
		{"CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", pace.Gone, pace.Us},
		{"ENTITY_IS_DELETED", "entity is deleted", pace.Gone, pace.Us},
		{"FIELD_CUSTOM_VALIDATION_EXCEPTION", "x", pace.Refused, pace.Owner},
		{"BRAND_NEW_CODE", "whatever", pace.Refused, pace.Admin},
	}
	for _, row := range rows {
		if e := NewError(400, row.code, row.message); e.Class() != row.class || e.Who() != row.who {
			t.Errorf("%s %q: %v by %v, want %v by %v", row.code, row.message, e.Class(), e.Who(), row.class, row.who)
		}
	}
}

// DUPLICATE_VALUE names the field in its message alone; what it says where it knows neither field nor record names none.
func TestATakenValueNamesItsField(t *testing.T) {
	for message, want := range map[string]string{
		"duplicate value found: Legacy_Number__c duplicates value on record with id: 00Q5g00000K0001": "Lead was refused: another record has the same value in Legacy_Number__c already, where it must be unique.",
		"duplicate value found: <unknown> duplicates value on record with id: <unknown>":              "Lead was refused: another record has the same value in a field already, where it must be unique.",
		"duplicate value found: duplicates value on record with id: 00Q5g00000K0001":                  "Lead was refused: another record has the same value in a field already, where it must be unique.",
	} {
		if said := NewError(400, "DUPLICATE_VALUE", message).about("Lead", "").Sentence().Text; !strings.HasSuffix(said, strings.TrimPrefix(want, "Lead")) {
			t.Errorf("%q: %q", message, said)
		}
	}
}

func TestBulkErrors(t *testing.T) {
	cases := []struct {
		text, code string
		fields     int
	}{
		{"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", "REQUIRED_FIELD_MISSING", 1},
		{"INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--", "INVALID_CROSS_REFERENCE_KEY", 0},
		{"UNABLE_TO_LOCK_ROW:x:y:A B --", "UNABLE_TO_LOCK_ROW", 2},
	}
	for _, row := range cases {
		if e := parseBulkError(row.text); e.Code() != row.code || len(e.Fields) != row.fields {
			t.Errorf("%q: %s, %v", row.text, e.Code(), e.Fields)
		}
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"Lead": true, "Marketo_Person_Id__c": true, "Account.Name": true, "a.b.c1": true, "x": true,
		"": false, ".": false, "Lead.": false, ".Name": false, "a..b": false, "1st": false, "_x": false, "a._b": false, "Name, Phone": false, "Näme": false, "a\n": false, "a'b": false,
	} {
		if isName(name) != ok {
			t.Errorf("%q is a name: %v", name, !ok)
		}
	}
}
