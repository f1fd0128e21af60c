package rule_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
)

func TestTaskRulesAreRefused(t *testing.T) {
	var many []string
	for n := range 11 {
		many = append(many, fmt.Sprintf(`{"name":"%d","activity":"%d"}`, n, 100_000+n))
	}
	for text, says := range map[string]string{
		`{"preset":"all of it"}`:                                                                        `tasks.preset: "all of it" is not a preset: forms and clicks only`,
		`{"to_salesforce":[{"activity":"Open Email"}]}`:                                                 `tasks.to_salesforce[0].name: a rule needs a name`,
		`{"to_salesforce":[{"name":"a","activity":"Opened"}]}`:                                          `tasks.to_salesforce[0].activity: "Opened" is not a type`,
		`{"to_salesforce":[{"name":"a","activity":"12"}]}`:                                              `is not a type`,
		`{"preset":"forms and clicks only","to_salesforce":[{"name":"forms","activity":"Open Email"}]}`: `tasks.to_salesforce[0].name: another rule has the name "forms"`,
		`{"to_salesforce":[{"name":"a","activity":"Open Email","backfill_days":91}]}`:                   `tasks.to_salesforce[0].backfill_days: from 0 to 90`,
		`{"to_marketo":{"objects":["Lead"]}}`:                                                           `tasks.to_marketo.objects: "Lead" is neither Task nor Event`,
		`{"to_salesforce":[{"name":"a","activity":"Open Email","asset":"x","nosuch":1}]}`:               `nosuch`,
		`{"to_salesforce":[` + strings.Join(many, ",") + `]}`:                                           `at most 10`,
	} {
		if _, err := rule.Parse([]byte(`{"rules":[],"tasks":` + text + `}`)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\n%v, want %q", text, err, says)
		}
	}
}

func TestTaskRulesAreKept(t *testing.T) {
	const text = `{"rules":[],"tasks":{"preset":"forms and clicks only","to_salesforce":[{"name":"moments","activity":"Interesting Moment","backfill_days":7}],"to_marketo":{"updates":true}}}`
	doc, err := rule.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(doc)
	if err != nil || strings.Replace(string(written), `"rules":null`, `"rules":[]`, 1) != text {
		t.Errorf("written as %s, %v", written, err)
	}
	rules, err := doc.Tasks.Compile(nil)
	if err != nil || cmp.Diff([]int{2, 11, 46}, rules.Types) != "" {
		t.Errorf("types %v, %v", rules.Types, err)
	}
	if want := (rule.LogRule{Type: "salesforceActivity", Objects: []record.Object{record.Task, record.Event}, Updates: true}); cmp.Diff(want, *rules.Log) != "" {
		t.Errorf("%+v", *rules.Log)
	}
	if none, err := rule.Parse([]byte(`{"rules":[]}`)); err != nil || none.Tasks != nil || none.Tasks.All() != nil {
		t.Errorf("a file without task rules has some: %+v, %v", none.Tasks, err)
	}
}

func TestTasksAreMade(t *testing.T) {
	began := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	tasks := rule.Tasks{Preset: rule.FormsAndClicks, ToSalesforce: []rule.TaskRule{
		{Name: "webinars", Activity: "change status in progression", Asset: "Webinar*2026", Subject: "{asset}"},
		{Name: "moments", Activity: "Interesting Moment", BackfillDays: 2},
		{Name: "opens", Activity: "Open Email", Asset: "newsletter"},
	}}
	rules, err := tasks.Compile(map[string]time.Time{"forms": began, "clicks": began, "webinars": began, "moments": began, "opens": began})
	if err != nil {
		t.Fatal(err)
	}
	if want := began.AddDate(0, 0, -2); !rules.From().Equal(want) {
		t.Errorf("they count from %v, want %v", rules.From(), want)
	}
	for _, c := range []struct {
		kind          int
		asset         string
		after         time.Duration
		name, subject string
	}{
		{2, "Webinar.Sign-up", 0, "forms", "Filled out form: Webinar.Sign-up"},
		{2, "", 0, "forms", "Filled out form"},
		{2, "Webinar.Sign-up", -time.Second, "", ""}, // before the rule was there
		{104, "Webinar spring 2026", time.Hour, "webinars", "Webinar spring 2026"},
		{104, "webinar 2026", time.Hour, "webinars", "webinar 2026"},
		{104, "Webinar 2026 b", time.Hour, "", ""},
		{46, "Web", -47 * time.Hour, "moments", "Interesting Moment: Web"},
		{46, "Web", -49 * time.Hour, "", ""},
		{10, "Newsletter", 0, "opens", "Open Email: Newsletter"},
		{10, "Newsletter 2", 0, "", ""},
		{13, "", 0, "", ""},
		{2, strings.Repeat("ö", 300), 0, "forms", "Filled out form: " + strings.Repeat("ö", 237) + "…"},
	} {
		name, subject, ok := rules.Task(rule.Visit{Type: c.kind, Asset: c.asset, At: began.Add(c.after)})
		if name != c.name || subject != c.subject || ok != (c.name != "") {
			t.Errorf("%d %q: %q %q, want %q %q", c.kind, c.asset, name, subject, c.name, c.subject)
		}
	}
}
