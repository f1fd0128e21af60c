package app

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// What the page Rules shows, tries and keeps.
func TestRuleSetup(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, _ := pairOf(t, home, sandbox.Options{People: 200, Seed: 1})
		page := a.Named(sampleName)
		if _, err := page.RuleSetup(ctx); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "set the fields first") {
			t.Errorf("before a mapping: %v", err)
		}
		cycles(t, a, 1)
		s, err := page.RuleSetup(ctx)
		must(t, err)
		if string(s.File) != `{"rules":[]}` || len(s.Fields) < 50 {
			t.Fatalf("the file is %s, about %d fields", s.File, len(s.Fields))
		}
		prices := []FieldPrice{
			{Object: record.Lead, Field: "Title", Writes: 100, Saved: FieldSaved{QuietDay: 40}},
			{Object: record.Lead, Field: "Phone", Writes: 100, Saved: FieldSaved{QuietDay: 19}}, // too little
			{Object: record.Lead, Field: "Fax", Writes: 9, Saved: FieldSaved{QuietDay: 9}},      // too few
		}
		all := s.Suggest(s.File, nil, prices)
		var kinds []string
		for _, one := range all {
			kinds = append(kinds, one.Kind+" "+strings.Join(one.Fields, ","))
		}
		want := []string{"band Lead.Lead_Score__c,Contact.Lead_Score__c", "country Lead.Country,Contact.MailingCountry", "state Lead.State,Contact.MailingState", "quiet Lead.Title"}
		if !slices.Equal(kinds, want) {
			t.Errorf("suggested are %q, want %q", kinds, want)
		}
		file := []byte(`{"rules":[` + string(all[0].Rule) + `,` + string(all[1].Rule) + `]}`)
		sample, err := page.RuleSample(ctx)
		must(t, err)
		p, err := sample.Preview(file, true)
		must(t, err)
		i := slices.IndexFunc(p.Rules, func(r PreviewedRule) bool { return r.Field == "Lead.Lead_Score__c" && r.Side == record.Marketo })
		if i < 0 || p.Rules[i].Changed == 0 || len(p.Rules[i].Examples) == 0 || p.Read[record.Salesforce] == 0 || p.Read[record.Marketo] == 0 {
			t.Errorf("the preview is %+v", p)
		}
		whole, err := a.PreviewRules(ctx, sampleName, file, true)
		if j := slices.IndexFunc(whole.Rules, func(r PreviewedRule) bool { return r.Field == p.Rules[i].Field && r.Side == record.Marketo }); err != nil || j < 0 || whole.Rules[j].Changed != p.Rules[i].Changed {
			t.Errorf("doppioctl previews %+v, %v", whole, err)
		}
		if wrong := s.Try([]byte(`{"rules":[{"name":"a","fields":["Lead.Nope"],"do":["trim"]}]}`)); len(wrong) != 1 || wrong[0].Place != "rules[0].fields[0]" || wrong[0].Rule != "a" {
			t.Errorf("a mistake: %+v", wrong)
		}
		quiets := map[string]string{"Lead.Title": "day", "Contact.Phone": "hour"}
		if err := page.KeepRules(ctx, []byte(`{"rules":[{"name":"a","fields":["Lead.Nope"],"do":["trim"]}]}`), quiets); !errors.Is(err, ErrInput) {
			t.Errorf("a mistake is kept: %v", err)
		}
		if now, err := page.RuleSetup(ctx); err != nil || now.quieter(quiets) == false || string(now.File) != string(s.File) {
			t.Errorf("half of it was kept: %s, %v", now.File, err)
		}
		must(t, page.KeepRules(ctx, file, quiets))
		now, err := page.RuleSetup(ctx)
		must(t, err)
		if now.quieter(quiets) || string(now.File) != string(file) {
			t.Errorf("kept is %s, want %s", now.File, file)
		}
		found, err := a.SuggestRules(ctx, sampleName)
		if must(t, err); len(found.List) != 1 || found.List[0].Kind != "state" || found.List[0].Why.Text == "" {
			t.Errorf("suggested are %+v", found.List)
		}
		text, err := json.Marshal(found.File)
		must(t, err)
		if wrong := now.Try(text); len(wrong) != 0 || len(found.File.Rules) != 3 || found.File.Rules[2].Name != "states" {
			t.Errorf("the file with it is %s: %+v", text, wrong)
		}
		if left := now.Suggest(now.File, nil, prices); len(left) != 1 || left[0].Kind != "state" {
			t.Errorf("still suggested: %+v", left)
		}
		tasks, err := page.PreviewTasks(ctx, []byte(`{"rules":[],"tasks":{"preset":"forms and clicks only"}}`), 30)
		if err != nil || len(tasks.Rules) != 2 {
			t.Errorf("task rules: %+v, %v", tasks, err)
		}
	})
}
