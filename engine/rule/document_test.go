package rule_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestErrorsPointAtTheEntry(t *testing.T) {
	rows := []struct{ file, place, says string }{
		{`{"rules":[`, "line 1, column 11", "unexpected"},
		{"{\n \"rulez\":[]}", "line 2, column 13", "rulez"},
		{`{"rules":[{"do":["trim"]}]}`, "rules[0].name", "needs a name"},
		{`{"rules":[{"name":"a","do":["trim"]},{"name":"a","do":["trim"]}]}`, "rules[1].name", "rules[0]"},
		{`{"rules":[{"name":"band","do":["trim"]}]}`, "rules[0].name", "preset"},
		{`{"rules":[{"name":"a","do":["trim"],"feilds":[]}]}`, "rules[0]", "feilds"},
		{`{"rules":[{"name":"a","do":["trimm"]}]}`, "rules[0].do[0].trimm", "trim, blank"},
		{`{"rules":[{"name":"a","do":["trim",{"case":"title"}]}]}`, "rules[0].do[1].case", "names"},
		{`{"rules":[{"name":"a","do":[{"replace":{"pattern":"(","with":""}}]}]}`, "rules[0].do[0].replace.pattern", "missing closing"},
		{`{"rules":[{"name":"a","do":[{"table":{"a":"b","b":"c"}}]}]}`, "rules[0].do[0].table", `"a" becomes "b"`},
		{`{"rules":[{"name":"a","do":[{"country":{"language":"tlh"}}]}]}`, "rules[0].do[0].country.language", "tlh"},
		{`{"rules":[{"name":"a","do":[{"country":{"lang":"nl"}}]}]}`, "rules[0].do[0].country.lang", "language"},
		{`{"rules":[{"name":"a","fields":["Lead.State"],"do":[{"state":{"country":"Land"}}]}]}`, "rules[0].do[0].state.country", "Land"},
		{`{"rules":[{"name":"a","fields":["Lead.Title","Lead.Nope"],"do":["trim"]}]}`, "rules[0].fields[1]", "Nope"},
		{`{"rules":[{"name":"a","fields":["Ghost.Title"],"do":["trim"]}]}`, "rules[0].fields[0]", "Ghost"},
		{`{"rules":[{"name":"a","fields":["Lead.Title"],"do":["trim"]},{"name":"b","fields":["Lead.Title"],"do":["trim"]}]}`, "rules[1].fields", `"a" already`},
		{`{"rules":[{"name":"a","fields":["Lead.Heat"],"do":["band","trim"]}]}`, "rules[0].do[1]", "last"},
		{`{"rules":[{"name":"a","fields":["Lead.Heat"],"do":[{"band":{"bands":["0-25","20-30"]}}]}]}`, "rules[0].do[0].band.bands[1]", "begins before"},
		{`{"rules":[{"name":"a","fields":["Lead.Score"],"do":[{"band":{"bands":[{"band":"0-25","send":"cold"}]}}]}]}`, "rules[0].do[0].band.bands[0]", "cannot be stored"},
		{`{"rules":[{"name":"a","fields":["Lead.Heat"],"do":[{"band":{"margin":-1}}]}]}`, "rules[0].do[0].band.margin", "0 or more"},
	}
	for _, row := range rows {
		doc, err := rule.Parse([]byte(row.file))
		if err == nil {
			_, err = rule.Compile(doc, schema.Mapping{Objects: []schema.Object{lead}}, rule.Org{})
		}
		var e *rule.EntryError
		if !errors.As(err, &e) {
			t.Errorf("%s gives %v", row.file, err)
			continue
		}
		if e.Place != row.place || !strings.Contains(e.Text, row.says) {
			t.Errorf("%s: the error is at %q and says %q; want %q and %q", row.file, e.Place, e.Text, row.place, row.says)
		}
	}
}

func TestMappingNamesARule(t *testing.T) {
	o := lead
	o.Fields = append([]schema.Field(nil), lead.Fields...)
	o.Fields[title].Rule, o.Fields[score].Rule = "tidy", "mine"
	m := schema.Mapping{Objects: []schema.Object{o}}
	if _, err := rule.Compile(rule.Document{}, m, rule.Org{}); err == nil || !strings.Contains(err.Error(), "Lead.Score") {
		t.Errorf("a rule that is not there gives %v", err)
	}
	doc, err := rule.Parse([]byte(`{"rules":[{"name":"mine","do":[{"band":{"bands":["0-9","10-99"]}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := rule.Compile(doc, m, rule.Org{})
	if err != nil {
		t.Fatal(err)
	}
	if got := of(r.Object(record.Lead), title, " n/a", ""); got != "" {
		t.Errorf("the preset that the mapping names makes %q", got)
	}
	if got := of(r.Object(record.Lead), score, "42", ""); got != "10" {
		t.Errorf("the rule that the mapping names makes %q", got)
	}
}

func TestDocumentIsWrittenAsItWasRead(t *testing.T) {
	const file = `{"rules":[{"name":"a","fields":["Lead.Title"],"do":["trim",{"case":"names"}]}]}`
	doc, err := rule.Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(doc)
	if err != nil || string(got) != file {
		t.Errorf("%s, %v", got, err)
	}
}

// FuzzParse: no file, however broken, ends in anything but rules or an error that points at it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(with("Title", `"trim"`, `{"table":{"a":"b"}}`)))
	f.Add([]byte(with("Score", `{"band":{"bands":["0-1",{"band":"2-3","send":"x"}],"margin":1,"to":"marketo"}}`)))
	f.Add([]byte(with("State", `{"state":{"language":"nl","assume":"US"}}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := rule.Parse(text)
		if err == nil {
			_, err = rule.Compile(doc, schema.Mapping{Objects: []schema.Object{lead}}, rule.Org{})
		}
		var e *rule.EntryError
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%v does not point at anything", err)
		}
	})
}
