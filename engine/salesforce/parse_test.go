package salesforce

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
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

// Whatever is pasted, what comes out is a host and nothing else, safe to send a token to, and stays itself.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"login.salesforce.com", "http://127.0.0.1:1", "https://x.lightning.force.com/a?b#c", "https://a@b", "[::1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		host, err := Host(pasted)
		if err != nil {
			return
		}
		rest, secure := strings.CutPrefix(host, "https://")
		if !secure {
			rest = strings.TrimPrefix(host, "http://")
			if name, _, _ := strings.Cut(strings.TrimPrefix(rest, "["), "]"); !isLoopback(strings.Split(name, ":")[0]) && !isLoopback(name) {
				t.Errorf("%q became %q: a token in the clear", pasted, host)
			}
		}
		if rest == "" || strings.ContainsAny(rest, "/?#@ \\") {
			t.Errorf("%q became %q", pasted, host)
		}
		if again, err := Host(host); err != nil || again != host {
			t.Errorf("%q became %q, then %q, %v", pasted, host, again, err)
		}
	})
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

func TestRetryAfter(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "99999999999": 0,
		at.Add(time.Minute).Format(http.TimeFormat): time.Minute, at.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		h := http.Header{"Retry-After": {text}, "Date": {at.Format(http.TimeFormat)}}
		if got := retryAfter(h); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
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
		quoted := literal(text)
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
		{"DUPLICATE_VALUE", "duplicate value found: X__c duplicates value on record with id: 00Q", pace.Duplicate, pace.Us},
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

// recorded gives the recorded bodies, none where they are not at hand.
func recorded(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "reference", "bodies", "salesforce", pattern))
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{}
	for _, name := range names {
		if bodies[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return bodies
}

// Recorded answers of real orgs are read without a complaint.
func TestRecordedBodies(t *testing.T) {
	for name, body := range recorded(t, "error-*.json") {
		e := readRefusal(400, http.Header{}, bytes.NewReader(body))
		if strings.HasPrefix(e.Code(), "HTTP_") {
			t.Errorf("%s: no code", name)
		}
		if name == "error-duplicates-detected-contact.json" && (len(e.Candidates) != 1 || e.Candidates[0] != "0038M0000016Wv8QAE") {
			t.Errorf("%s: candidates %v", name, e.Candidates)
		}
		if name == "error-two-validation-rules.json" && len(e.More) != 1 {
			t.Errorf("%s: %d more", name, len(e.More))
		}
	}
	for name, body := range recorded(t, "describe-*.json") {
		if name == "describe-global-one.json" {
			continue
		}
		var d Description
		err := decodeJSON(bytes.NewReader(body), func(dec *jsontext.Decoder) (err error) {
			d, err = decodeDescription(dec)
			return err
		})
		if err != nil || len(d.Fields) == 0 || !d.Queryable {
			t.Errorf("%s: %d fields, %v", name, len(d.Fields), err)
		}
		if f, ok := d.Field("LastName"); ok && (!f.Required() || f.Length != 80) {
			t.Errorf("%s: LastName %+v", name, f)
		}
	}
	for name, body := range recorded(t, "collections-*.json") {
		err := decodeJSON(bytes.NewReader(body), func(dec *jsontext.Decoder) error {
			results, refused, err := decodeSaved(dec)
			if err == nil && len(results) == 0 && refused == nil {
				t.Errorf("%s: nothing", name)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range recorded(t, "query-*.json") {
		err := decodeJSON(bytes.NewReader(body), func(dec *jsontext.Decoder) error {
			_, err := decodeRows(dec, func(Row) {})
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Bodies that a fuzzer makes end in records or in a typed failure, never in a panic, nor in half a record.
func FuzzBodies(f *testing.F) {
	for _, body := range recorded(f, "*.json") {
		f.Add(body)
	}
	f.Add([]byte(`{"totalSize":1,"done":true,"records":[{"attributes":{},"Id":"00Q5f00000KxRpa","SystemModstamp":"2026-11-24T10:00:05.000+0000","Email":"a\ud800","Account":{"Name":"x"}}]}`))
	f.Add([]byte(`{"compositeResponse":[{"body":[{"id":"00Q5f00000KxRpaAAF","success":true,"errors":[]}],"httpHeaders":{},"httpStatusCode":200,"referenceId":"p0"}]}`))
	f.Add([]byte(`[null,{"Id":"00Q5f00000KxRpaAAF","SystemModstamp":"2026-11-24T10:00:05.000+0000"}]`))
	cols := []record.Column{{Name: "Email", Type: record.Type{Kind: record.Email}}, {Name: "Account.Name", Type: record.Type{Kind: record.Text}}, {Name: "Score__c", Type: record.Type{Kind: record.Decimal, Scale: 2}}}
	l, err := newLayout(record.Lead, cols, "Marketo_Person_Id__c")
	if err != nil {
		f.Fatal(err)
	}
	check := func(t *testing.T, r record.Record) {
		if len(r.ID) != 18 || r.Modified.IsZero() || len(r.Values) != len(cols) {
			t.Errorf("half a record: %+v", r)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		readers := map[string]func(dec *jsontext.Decoder) error{
			"query": func(dec *jsontext.Decoder) error {
				_, err := decodeQuery(dec, l, func(r record.Record) error { check(t, r); return nil })
				return err
			},
			"collection": func(dec *jsontext.Decoder) error {
				_, err := decodeCollection(dec, l, func(r record.Record, found bool) error {
					if found {
						check(t, r)
					}
					return nil
				})
				return err
			},
			"composite": func(dec *jsontext.Decoder) error {
				read := func(dec *jsontext.Decoder) (*Error, error) { _, e, err := decodeSaved(dec); return e, err }
				return decodeComposite(dec, []*part{{read: read}})
			},
			"rows":     func(dec *jsontext.Decoder) error { _, err := decodeRows(dec, func(Row) {}); return err },
			"raw":      func(dec *jsontext.Decoder) error { _, _, err := decodeRawRows(dec, []string{"Title"}); return err },
			"describe": func(dec *jsontext.Decoder) error { _, err := decodeDescription(dec); return err },
		}
		for name, read := range readers {
			err := decodeJSON(bytes.NewReader(body), read)
			var failure *Error
			if err != nil && !errors.As(err, &failure) {
				t.Errorf("%s: an error without a type: %v", name, err)
			}
		}
		if e := readRefusal(400, http.Header{}, bytes.NewReader(body)); e.Code() == "" || e.Class() == 0 {
			t.Errorf("refusal without a class: %+v", e)
		}
		if e := readOAuthRefusal(400, http.Header{}, bytes.NewReader(body)); e.Code() == "" || e.Class() == 0 {
			t.Errorf("refusal without a class: %+v", e)
		}
	})
}

// What is written as CSV reads back, and CSV from anywhere ends in rows or in a typed failure.
func FuzzCSV(f *testing.F) {
	for _, body := range recorded(f, "*.csv") {
		f.Add(body, "a", `b "c"`)
	}
	f.Add([]byte("\"Id\",\"Email\"\n\"00Q5f00000KxRpa\",\"a\nb\"\n"), " x ", "line\nbreak")
	l, err := newLayout(record.Lead, []record.Column{{Name: "Email", Type: record.Type{Kind: record.Email}}}, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, first, second string) {
		_, err := decodeExport(bytes.NewReader(body), l, func(int, record.Record) bool { return true })
		var failure *Error
		if err != nil && !errors.As(err, &failure) {
			t.Errorf("an error without a type: %v", err)
		}
		parseBulkError(first)
		if strings.Contains(first+second, "\r") {
			return // the reader makes LF of CRLF, as the canonical form does
		}
		written := appendCSV(appendCSV(nil, []string{"A", "B"}), []string{first, second})
		rows, err := newCSVReader(bytes.NewReader(written))
		if err != nil {
			t.Fatal(err)
		}
		cells, err := rows.next()
		if err != nil || cells[0] != first || cells[1] != second {
			t.Errorf("%q %q became %q, %v", first, second, cells, err)
		}
		if _, err := rows.next(); !errors.Is(err, io.EOF) {
			t.Errorf("one row became two")
		}
	})
}

func FuzzStamp(f *testing.F) {
	f.Add("2026-11-24T10:00:05.000+0000")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseStamp(text)
		want, err2 := record.ParseTime(text)
		if (err == nil) != (err2 == nil) || (err == nil && !got.Equal(want)) {
			t.Errorf("%q: %v, %v; the slow way %v, %v", text, got, err, want, err2)
		}
	})
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
