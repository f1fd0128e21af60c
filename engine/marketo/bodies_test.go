package marketo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// recorded finds answers of the real service that may lie beside the project; without them there is nothing to hold the
// decoders against.
func recorded(t testing.TB) []string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; len(dir) > 1; dir = filepath.Dir(dir) {
		files, err := filepath.Glob(filepath.Join(dir, "shared", "reference", "bodies", "marketo", "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) > 0 {
			return files
		}
	}
	return nil
}

// TestRecordedAnswersAreRead: every answer is an envelope or a refusal with the code that its name tells.
func TestRecordedAnswersAreRead(t *testing.T) {
	for _, file := range recorded(t) {
		name := filepath.Base(file)
		if strings.Contains(name, "oauth") || name == "program-members-describe.json" { // no envelopes
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(body), "[") || strings.Contains(string(body[:min(len(body), 40)]), "responses") {
			continue // a part of an answer, or a recording of several
		}
		elements := 0
		_, err = readEnvelope(strings.NewReader(string(body)), func(dec *jsontext.Decoder) error { elements++; return dec.SkipValue() })
		var refused *Error
		if strings.HasPrefix(name, "error-") && name != "error-1035.json" {
			code := strings.TrimSuffix(strings.Split(name, "-")[1], ".json")
			if errors.As(err, &refused) && refused.code == code {
				continue
			}
			if err == nil && elements > 0 { // refused record by record
				continue
			}
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHost(t *testing.T) {
	for pasted, want := range map[string]string{
		"https://123-ABC-456.mktorest.com/rest":      "https://123-abc-456.mktorest.com",
		"123-ABC-456.mktorest.com/identity/":         "https://123-abc-456.mktorest.com",
		" https://123-abc-456.mktorest.com ":         "https://123-abc-456.mktorest.com",
		"123-ABC-456":                                "https://123-abc-456.mktorest.com",
		"http://127.0.0.1:8080/rest":                 "http://127.0.0.1:8080",
		"http://123-ABC-456.mktorest.com":            "",
		"https://user:pass@123-ABC-456.mktorest.com": "",
		"":                       "",
		"my instance":            "",
		"ftp://123.mktorest.com": "",
	} {
		got, err := Host(pasted)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("Host(%q) = %q, %v; want %q", pasted, got, err, want)
		}
	}
}

func TestPersonLayout(t *testing.T) {
	l := &reader{layout: personLayout([]record.Column{
		{Name: "firstName", Type: record.Type{Kind: record.Text}}, {Name: "unsubscribed", Type: record.Type{Kind: record.Boolean}},
		{Name: "leadScore", Type: record.Type{Kind: record.Integer}},
	}, "salesforceId")}
	read := func(text string) record.Record {
		rec, err := l.read(jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowInvalidUTF8(true)))
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	rec := read(`{"id":7,"email":" Anna@Kade12.example ","firstName":" Anna ","leadScore":12,"updatedAt":"2026-01-01T00:00:00Z","salesforceId":"00Q5f00000KxRpa"}`)
	if rec.ID != "7" || rec.Email.Text() != "Anna@Kade12.example" || rec.OtherID != "00Q5f00000KxRpaEAF" || rec.Modified.IsZero() {
		t.Errorf("read as %+v", rec)
	}
	if got := []string{rec.Values[0].Text(), rec.Values[1].Text(), rec.Values[2].Text()}; got[0] != "Anna" || got[1] != "false" || got[2] != "12" {
		t.Errorf("values %v", got)
	}
	// The next ones come in another order, with fields that nobody asked for, without some, and with what is no UTF-8.
	for _, text := range []string{
		`{"leadScore":12,"x":{"id":9},"firstName":"Anna","id":7}`, `{"firstName":"Anna","leadScore":12,"id":7,"y":[1]}`, `{"id":"7","email":null,"leadScore":12.0,"firstName":"Anna"}`,
	} {
		if rec := read(text); rec.ID != "7" || !rec.Email.IsBlank() || !rec.Modified.IsZero() || rec.Values[0].Text() != "Anna" || rec.Values[2].Text() != "12" {
			t.Errorf("%s was read as %+v", text, rec)
		}
	}
	if rec := read(`{"id":7,"firstName":"An\ud800na"}`); rec.Values[0].Text() != "An\uFFFDna" {
		t.Errorf("half a character was read as %q", rec.Values[0].Text())
	}
	if rec := read(`{"id":8,"leadScore":"many"}`); rec.Err == nil {
		t.Error("a score that is no number was taken for a blank")
	}
}
