package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/rules"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// document is a rule file of all kinds of rules, in the forms that a person writes by hand.
func document(rng *rand.Rand) string {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	steps := func() string {
		var all []string
		for range 1 + rng.IntN(4) {
			all = append(all, one(
				`"trim"`, `{"trim":true}`, `"blank"`, `{"blank":["n/a","tbd"]}`, `{"blank":[]}`, `{"case":"names"}`, `{"case":"upper"}`, `{"table":{"mgr":"Manager","a=b":"c"}}`,
				`{"table":{"vp":"Vice President","mgr":""}}`, `{"replace":{"pattern":"\\s*\\(.*\\)$","with":""}}`, `{"replace":{"pattern":"x"}}`, `"phone"`, `{"phone":{"assume":"NL"}}`,
				`{"phone":{}}`, `"country"`, `{"country":true}`, `{"country":{"language":"nl","as":"code"}}`, `{"state":{"country":"Country","assume":"US"}}`, `"band"`,
				`{"band":{"bands":["0-49","50-100"],"margin":5}}`, `{"band":{"bands":["0-49",{"band":"50-100","send":"hot"}],"to":"marketo","send":"high"}}`, `{"band":{"margin":0}}`,
				`{"band":{"margin":2.50}}`, `{"later":{"deep":[1,2,{"x":null}]}}`))
		}
		return strings.Join(all, ",")
	}
	var list []string
	for i := range rng.IntN(6) {
		fields := one(``, `"fields":["Lead.Country"],`, `"fields":["Lead.Title","Contact.Title"],`)
		list = append(list, fmt.Sprintf(`{"name":"r%d",%s"do":[%s]}`, i, fields, steps()))
	}
	tasks := one(``, `,"tasks":{"preset":"forms and clicks only"}`, `,"tasks":{"to_salesforce":[{"name":"a","activity":"Fill Out Form","asset":"Demo*","backfill_days":7}],"to_marketo":{"objects":["Task"],"updates":true}}`,
		`,"tasks":{"to_salesforce":[{"name":"own","activity":"100001","subject":"{asset}"}],"to_marketo":{"type":"x_c"}}`)
	return `{"rules":[` + strings.Join(list, ",") + `]` + tasks + `}`
}

func plain(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// TestSheetsLoseNothing: a rule file becomes the page's entries and the same rule file again; each step has a form that says all of it, or
// stays a text; and what is edited in one step changes no other.
func TestSheetsLoseNothing(t *testing.T) {
	formed, texts := map[string]int{}, 0
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 7))
		file := document(rng)
		s, err := rules.ReadSheet([]byte(file))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !reflect.DeepEqual(plain(t, s.Text()), plain(t, []byte(file))) {
			t.Fatalf("%s became %s", file, s.Text())
		}
		for i, r := range s.Rules {
			for j, step := range r.Do {
				form, ok := rules.ReadForm(step)
				if !ok {
					texts++
					continue
				}
				formed[step.Word]++
				back, err := form.Step()
				if err != nil || !reflect.DeepEqual(plain(t, back.Text()), plain(t, step.Text())) {
					t.Fatalf("seed %d, rule %d, step %d: %s became %s, %v", seed, i, j, step.Text(), back.Text(), err)
				}
			}
		}
	}
	for _, word := range rules.Steps {
		if formed[word] == 0 {
			t.Errorf("%s never has a form", word)
		}
	}
	if texts == 0 {
		t.Error("nothing was shown as a text")
	}
	if _, err := rules.ReadSheet([]byte(`{"rules":[],"later":1}`)); err == nil {
		t.Error("what a newer Doppio wrote would be lost")
	}
}

// asked is what a pair that was synced once says.
func asked(t *testing.T) (a fake.RuleAnswers) {
	t.Helper()
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(sandbox.Options{People: 60, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		b, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Version: "test", Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		newErr := b.NewWorkspace(t.Context(), "Acme", false)
		c := pair.Credentials()
		_, sfErr := b.ConnectSalesforce(t.Context(), "Acme", app.ConnectSalesforce{
			LoginURL: c.Salesforce.LoginURL, ClientID: c.Salesforce.ClientID, ClientSecret: c.Salesforce.ClientSecret, Flow: app.FlowRefreshToken, RefreshToken: c.Salesforce.RefreshToken,
		})
		_, mkErr := b.ConnectMarketo(t.Context(), "Acme", app.ConnectMarketo{BaseURL: c.Marketo.BaseURL, ClientID: c.Marketo.ClientID, ClientSecret: c.Marketo.ClientSecret})
		f, fieldErr := b.FieldSetup(t.Context(), "Acme")
		_, keepErr := b.KeepFields(t.Context(), "Acme", f.Mapping, f.Winners)
		var ruleErr, sampleErr error
		a.Setup, ruleErr = b.RuleSetup(t.Context(), "Acme")
		a.Sample, sampleErr = b.RuleSample(t.Context(), "Acme")
		if err := errors.Join(newErr, sfErr, mkErr, fieldErr, keepErr, ruleErr, sampleErr); err != nil {
			t.Fatal(err)
		}
	})
	return a
}

// TestMaking makes rules, changes them, makes a mistake, and sets them.
func TestMaking(t *testing.T) {
	r := fake.NewRunning(fake.Fresh())
	answers := asked(t)
	r.AnswerRules(answers)
	m := rules.NewModel(words.For("en"), r, false)
	if v := m.View(); v.State != rules.Loading || !v.Busy {
		t.Errorf("before an answer: %+v", v)
	}
	m.Load(t.Context())
	v := m.View()
	if v.State != rules.Full || len(v.Rows) != 3 || !v.Rows[0].Suggested || v.Changed || v.Heading != "No rule is set yet; 3 would help." {
		t.Fatalf("loaded: %q, %+v", v.Heading, v.Rows)
	}
	m.Choose(0)
	if v = m.View(); !v.Detail.Accept || len(v.Detail.Preview) == 0 || !strings.Contains(v.Detail.Why, "cold or hot") || v.Rows[0].Effect == "" || len(v.Detail.Examples) == 0 {
		t.Errorf("the suggested bands: %+v", v.Detail)
	}
	m.Accept()
	if v = m.View(); v.Chosen < 0 || len(v.Detail.Steps) != 1 || !v.Changed || !v.Ready || len(v.Detail.Fields) != 2 {
		t.Fatalf("accepted: %+v", v.Detail)
	}
	m.Param(0, "bands", "0-49\n50-100 = 60")
	if v = m.View(); !strings.HasPrefix(v.Detail.Steps[0].Params[0].Value, "0-49") || len(v.Detail.Wrong) != 0 {
		t.Errorf("other bands: %+v", v.Detail)
	}
	m.Param(0, "bands", "from cold to hot")
	if v = m.View(); len(v.Detail.Wrong) == 0 || v.Ready || m.Keep(t.Context()) || len(v.Detail.Preview) > 0 {
		t.Errorf("no band: %+v", v.Detail)
	}
	m.Undo()
	m.Show(rules.Making)
	m.Pick("Lead.Country", "day")
	m.Make()
	if v = m.View(); v.Part != rules.List || v.Chosen < 0 || v.Detail.Quiets == nil || v.Detail.Quiet != 1 {
		t.Errorf("a quiet time: %+v", v.Detail)
	}
	m.Pick("Lead.Lead_Score__c", "country")
	if v = m.View(); v.CanMake || !strings.Contains(v.MakeSay, "whole number") {
		t.Errorf("a score as a country: %v, %q", v.CanMake, v.MakeSay)
	}
	m.Preset(true)
	r.AnswerRules(fake.RuleAnswers{Setup: answers.Setup, Sample: answers.Sample, Tasks: app.TaskPreview{Days: 30, CallsSpent: 4, Rules: []app.TaskRulePreview{{Rule: "forms", Activities: 12, Tasks: 9, Calls: 3, StorageKB: 18}}}})
	m.Count(t.Context())
	if v = m.View(); len(v.Tasks.Counted) != 2 || v.Tasks.Counted[0] != "forms: 9 tasks of 12 activities, 3 calls, 18 KB of storage in 30 days." {
		t.Errorf("counted: %q", v.Tasks.Counted)
	}
	if !m.Keep(t.Context()) || m.View().Changed {
		t.Error("it was not kept")
	}
	want := `KeepRules {"rules":[{"name":"score","fields":["Lead.Lead_Score__c","Contact.Lead_Score__c"],"do":[{"band":{"bands":["0-49",{"band":"50-100","send":"60"}]}}]}],"tasks":{"preset":"forms and clicks only"}}`
	if !slices.Contains(r.Calls(), want) {
		t.Errorf("asked was %q", r.Calls())
	}
}

// TestPage presses what can be pressed, in both themes and languages.
func TestPage(t *testing.T) {
	answers := asked(t)
	for name, theme := range map[string]look.Theme{"en": look.Light(), "nl": look.Dark()} {
		t.Run(name, func(t *testing.T) {
			stage := fake.NewStage(t, theme)
			r := fake.NewRunning(fake.Fresh())
			r.AnswerRules(answers)
			w := words.For(name)
			p := rules.New(w, wizard.At{Workspace: r, Foot: func(wizard.Foot) {}}, rules.Ways{Clipboard: func(string) {}})
			window := test.NewWindow(p.Content())
			defer window.Close()
			window.Resize(fyne.NewSize(1024, 640))
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx) }()
			button := func(key string) *look.Button {
				b := fake.Button(window.Canvas().Content(), w.Say(key))
				if b == nil {
					t.Fatalf("there is no button %q", w.Say(key))
				}
				return b
			}
			read := func(key string) bool {
				return slices.ContainsFunc(fake.Texts(window.Canvas().Content()), func(text string) bool { return strings.Contains(text, w.Say(key)) })
			}
			stage.Until("the rules are there", func() bool { return read("rules.is.suggested") })
			p.Find()
			button("rules.make").Tapped(nil)
			button("rules.part.tasks").Tapped(nil)
			button("rules.tasks.add").Tapped(nil)
			p.Undo()
			button("rules.part.list").Tapped(nil)
			for _, text := range fake.Texts(window.Canvas().Content()) {
				if strings.HasPrefix(text, "rules.") || strings.HasPrefix(text, "fields.") {
					t.Errorf("a key is said: %s", text)
				}
			}
			cancel()
			stage.Until("the page ends", func() bool { return len(done) == 1 })
		})
	}
}
