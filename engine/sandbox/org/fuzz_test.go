package org

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// FuzzParseBody: a body is taken exactly when it is JSON, and its texts come through.
func FuzzParseBody(f *testing.F) {
	for _, seed := range []string{`{"LastName":"A","n":[1,true,null]}`, `[]`, `{`, `{"a":1}{}`, "\"\\u0000\"", `{"a":{"b":"@{r.id}"}}`, " "} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, refusal := parseBody(body)
		if refusal != nil {
			if refusal.Status != 400 || len(refusal.Errors) != 1 {
				t.Fatalf("a refusal without a shape: %+v", refusal)
			}
			if json.Valid(body) && utf8.Valid(body) && strings.Count(string(body), "[")+strings.Count(string(body), "{") < maxDepth && !strings.Contains(string(body), `\u`) {
				t.Fatalf("JSON was refused: %q: %v", body, refusal)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("taken, and not JSON: %q", body)
		}
		var text string
		if v.kind == '"' && json.Unmarshal(body, &text) == nil && text != v.text {
			t.Fatalf("%q became %q", text, v.text)
		}
	})
}

// FuzzReferences: no path through an answer, however broken, does more than find nothing.
func FuzzReferences(f *testing.F) {
	for _, seed := range []string{"a.id", "a.records[0].Id", "a[1].id", "a[-1]", "a[9999999999999999999].x", "..", "a[0", "a.records[0]]["} {
		f.Add(seed)
	}
	body := []byte(`{"id":"1","records":[{"Id":"2"}]}`)
	f.Fuzz(func(t *testing.T, path string) {
		look := &lookup{c: &call{out: answer{buf: body}}, subs: []subrequest{{reference: "a"}}, parts: []part{{status: 200, end: len(body)}}}
		v, refusal := look.find(path)
		if refusal == nil && v.kind == 0 {
			t.Fatalf("%q found a value without a kind", path)
		}
		if _, refusal := look.text("x@{" + path + "}y"); refusal != nil && refusal.Errors[0].Code != "PROCESSING_HALTED" {
			t.Fatalf("%q: %v", path, refusal)
		}
	})
}

// FuzzCanonical: what a field takes is within its bounds and does not change when it is sent again.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"300", "1e400", "0.5", "-0", "2026-01-01", "2026-01-01T00:00:00Z", "a@b.example", " x ", "true", "1", "\x00", "é😀"} {
		f.Add(seed)
	}
	b := newBench(&testing.T{})
	lead := b.object("Lead")
	f.Fuzz(func(t *testing.T, text string) {
		for _, fd := range lead.fields {
			if fd.column < 0 {
				continue
			}
			cell, errs, wrong := fd.canonical(rawValue(text))
			if wrong != nil {
				t.Fatalf("%s: a raw value cannot refuse the request", fd.name)
			}
			if errs != nil || cell.Null {
				continue
			}
			if fd.length > 0 && fd.kind != "reference" && javaLength(cell.Text) > fd.length {
				t.Fatalf("%s took %d characters of %d", fd.name, javaLength(cell.Text), fd.length)
			}
			again, errs, _ := fd.canonical(rawValue(cell.Text))
			if errs != nil || again != cell && again != (table.Cell{Null: true}) {
				t.Fatalf("%s: %q became %q and then %q %v", fd.name, text, cell.Text, again.Text, errs)
			}
		}
	})
}

// FuzzPath: an address is taken apart or refused, never more.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/services/data/v61.0/sobjects/Lead/00Q.json/", "/services/data//", "/services/data/%zz", "/services/data/v61.0/a%2Fb"} {
		f.Add(seed)
	}
	b := newBench(&testing.T{})
	f.Fuzz(func(t *testing.T, escaped string) {
		version, path, err := splitPath(escaped)
		if err != nil {
			return
		}
		for _, segment := range path {
			if _, _, err := b.parseID(segment); err == nil && len(segment) != 15 && len(segment) != 18 {
				t.Fatalf("%q is taken for an id", segment)
			}
		}
		if name := (&call{method: "GET", path: path, version: version}).endpoint(); !strings.HasPrefix(name, "GET /") {
			t.Fatalf("endpoint %q", name)
		}
	})
}
