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

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

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
