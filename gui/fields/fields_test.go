package fields_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/fields"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// asked is what both sides of an imitated pair say, once for all tests.
func asked(t *testing.T) (setup app.FieldSetup) {
	t.Helper()
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(sandbox.Options{People: 20, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		a, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Version: "test", Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		newErr := a.NewWorkspace(t.Context(), "Acme", false)
		c := pair.Credentials()
		_, sfErr := a.ConnectSalesforce(t.Context(), "Acme", app.ConnectSalesforce{
			LoginURL: c.Salesforce.LoginURL, ClientID: c.Salesforce.ClientID, ClientSecret: c.Salesforce.ClientSecret, Flow: app.FlowRefreshToken, RefreshToken: c.Salesforce.RefreshToken,
		})
		_, mkErr := a.ConnectMarketo(t.Context(), "Acme", app.ConnectMarketo{BaseURL: c.Marketo.BaseURL, ClientID: c.Marketo.ClientID, ClientSecret: c.Marketo.ClientSecret})
		fieldErr := pair.Instance().AddField("region", "Region", "string")
		if setup, err = a.FieldSetup(t.Context(), "Acme"); errors.Join(newErr, sfErr, mkErr, fieldErr, err) != nil {
			t.Fatal(errors.Join(newErr, sfErr, mkErr, fieldErr, err))
		}
	})
	return setup
}

func row(t *testing.T, v fields.View, salesforce string) fields.Row {
	t.Helper()
	i := slices.IndexFunc(v.Rows, func(r fields.Row) bool { return strings.HasPrefix(r.SalesforceUnder, salesforce+" ") })
	if i < 0 {
		t.Fatalf("%s is not among %d rows", salesforce, len(v.Rows))
	}
	return v.Rows[i]
}

// TestEditing goes through what a person makes of the fields, and back.
func TestEditing(t *testing.T) {
	setup := asked(t)
	r := fake.NewRunning(fake.Fresh())
	r.AnswerFields(fake.FieldAnswers{Setup: setup})
	m := fields.NewModel(words.For("en"), r, true)
	if v := m.View(); v.State != fields.Loading || !v.Busy {
		t.Errorf("before an answer: %+v", v)
	}
	m.Load(t.Context())
	begin := m.View()
	if begin.State != fields.Full || begin.Changed || !begin.Ready || !strings.Contains(begin.Heading, "fields travel") {
		t.Fatalf("loaded: %v %v %v %q", begin.State, begin.Changed, begin.Ready, begin.Heading)
	}
	m.Choose("Region__c")
	v := m.View()
	if got := row(t, v, "Region__c"); got.Standing != fields.IsLikely || got.Losses == 0 || v.Detail.Deed != fields.Accept || v.Detail.Reason == "" {
		t.Errorf("suggested: %+v, detail %+v", got, v.Detail)
	}
	m.Do()
	if v = m.View(); row(t, v, "Region__c").Standing != fields.IsNew || !v.Changed || !v.CanUndo || !v.Detail.Mapped {
		t.Errorf("accepted: %+v", v.Detail)
	}
	m.Choose("Title")
	m.Set(func(f *app.MappingField) { f.Policy = "newest" })
	if v = m.View(); row(t, v, "Title").Standing != fields.IsChanged || row(t, v, "Title").Wins != "the newest wins" {
		t.Errorf("changed: %+v", row(t, v, "Title"))
	}
	m.Choose("Email")
	m.Do()
	v = m.View()
	if got := row(t, v, "Email"); got.Standing != fields.IsWrong || len(v.Detail.Wrong) != 1 || v.Ready || v.Detail.Deed != fields.PutBack {
		t.Errorf("without an e-mail address: %+v, detail %+v", got, v.Detail)
	}
	if m.Keep(t.Context()) || slices.Contains(r.Calls(), "KeepFields") {
		t.Error("a mapping with a mistake was kept")
	}
	if v = m.View(); len(v.Rows) != 1 || v.Note == "" {
		t.Errorf("the mistake is not what is shown: %d rows, %q", len(v.Rows), v.Note)
	}

	for range 3 {
		m.Undo()
	}
	m.Show(fields.Fields, fields.All)
	if v = m.View(); v.Changed || v.CanUndo || len(v.Rows) != len(begin.Rows) {
		t.Errorf("all of it undone: changed %v, %d rows, began with %d", v.Changed, len(v.Rows), len(begin.Rows))
	}

	// What is right is kept as a whole; what a side says of it then is shown at its field.
	m.Show(fields.Fields, fields.Likely)
	m.DoAll()
	r.AnswerFields(fake.FieldAnswers{Setup: setup, KeepErr: &app.MappingError{Mistakes: []app.MappingMistake{{Field: "Lead.Region__c", Said: app.Sentence{Text: "It is gone."}}}}})
	if m.Keep(t.Context()) || !slices.Equal(m.View().Rows[0].Wrong(), []string{"It is gone."}) {
		t.Errorf("refused: %+v", m.View().Rows)
	}
	m.Undo()
	m.Show(fields.Fields, fields.Likely)
	m.DoAll()
	r.AnswerFields(fake.FieldAnswers{Setup: setup, Kept: app.KeptFields{Entering: 3}})
	if !m.Keep(t.Context()) || m.View().Changed || m.View().Note != "Set. 3 people whom Marketo alone has are looked at in the cycles to come." {
		t.Errorf("kept: %q", m.View().Note)
	}
}

// TestDraft is a crash, and the page anew: what was made is there.
func TestDraft(t *testing.T) {
	setup := asked(t)
	synctest.Test(t, func(t *testing.T) {
		r := fake.NewRunning(fake.Fresh())
		r.AnswerFields(fake.FieldAnswers{Setup: setup})
		m := fields.NewModel(words.For("en"), r, true)
		m.Load(t.Context())
		go m.Drafting(t.Context())
		m.Choose("Email")
		m.Do()
		m.SetWinner("leads", "hold")
		synctest.Wait()
		again := fields.NewModel(words.For("en"), r, true)
		again.Load(t.Context())
		v := again.View()
		if !v.Winners[1].Options[3].Chosen || row(t, v, "Email").Standing != fields.IsWrong || !v.CanUndo {
			t.Errorf("taken up again: %q", v.Heading)
		}
		m.Undo()
		m.Undo()
		synctest.Wait()
		if draft, err := r.Draft(t.Context(), "fields"); err != nil || draft != nil {
			t.Errorf("nothing was made, and kept is %s, %v", draft, err)
		}
	})
}

// TestTheLastEditIsKept leaves the page at the moment of an edit.
func TestTheLastEditIsKept(t *testing.T) {
	setup := asked(t)
	synctest.Test(t, func(t *testing.T) {
		for range 20 { // which of the two is seen first is chance
			r := fake.NewRunning(fake.Fresh())
			r.AnswerFields(fake.FieldAnswers{Setup: setup})
			m := fields.NewModel(words.For("en"), r, true)
			m.Load(t.Context())
			m.SetWinner("leads", "hold")
			ctx, leave := context.WithCancel(t.Context())
			leave()
			m.Drafting(ctx)
			if draft, err := r.Draft(t.Context(), "fields"); err != nil || draft == nil {
				t.Fatalf("kept is %s, %v", draft, err)
			}
		}
	})
}

// TestObjects lets accounts take no part, and again.
func TestObjects(t *testing.T) {
	r := fake.NewRunning(fake.Fresh())
	r.AnswerFields(fake.FieldAnswers{Setup: asked(t)})
	m := fields.NewModel(words.For("nl"), r, false)
	m.Load(t.Context())
	begin := m.View()
	if c := begin.Cards[0]; c.Switch != "" || !c.Taking || c.Title != "Leads" {
		t.Errorf("leads: %+v", c)
	}
	m.Switch("OpportunityContactRole")
	v := m.View()
	if c := v.Cards[5]; c.Taking || c.Counts != "doet niet mee" || len(v.Names) != len(begin.Names)-1 {
		t.Errorf("left out: %+v", c)
	}
	m.Switch("OpportunityContactRole")
	if v = m.View(); v.Changed || !v.Cards[5].Taking {
		t.Errorf("back again: changed %v, %+v", v.Changed, v.Cards[5])
	}
}

// TestKeysOfWords looks whether every text that is put together from a word of the mapping's is there.
func TestKeysOfWords(t *testing.T) {
	r := fake.NewRunning(fake.Fresh())
	r.AnswerFields(fake.FieldAnswers{Setup: asked(t)})
	for _, language := range words.Languages() {
		m := fields.NewModel(words.For(language), r, false)
		m.Load(t.Context())
		for _, name := range []string{"Title", "DoNotCall", "Region__c"} {
			m.Choose(name)
			text, err := json.Marshal(m.View())
			if err != nil || strings.Contains(string(text), `"fields.`) || strings.Contains(string(text), " fields.") {
				t.Errorf("%s: a key is said: %s, %v", language, text, err)
			}
		}
	}
}

// TestPage presses what can be pressed, in both themes, by the keyboard.
func TestPage(t *testing.T) {
	setup := asked(t)
	for name, theme := range map[string]look.Theme{"light": look.Light(), "dark": look.Dark()} {
		t.Run(name, func(t *testing.T) {
			stage := fake.NewStage(t, theme)
			r := fake.NewRunning(fake.Fresh())
			r.AnswerFields(fake.FieldAnswers{Setup: setup})
			var foot wizard.Foot
			p := fields.New(words.For("en"), wizard.At{Workspace: r, Open: true, Foot: func(f wizard.Foot) { foot = f }}, fields.Ways{Clipboard: func(string) {}})
			window := test.NewWindow(p.Content())
			defer window.Close()
			window.Resize(fyne.NewSize(1024, 640))
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx) }()
			button := func(text string) *look.Button {
				b := fake.Button(window.Canvas().Content(), text)
				if b == nil {
					t.Fatalf("there is no button %q", text)
				}
				return b
			}
			stage.Until("the fields are there", func() bool {
				return slices.ContainsFunc(fake.Texts(window.Canvas().Content()), func(text string) bool { return strings.Contains(text, "fields travel") })
			})
			button("Fields").Tapped(nil)
			p.Find()
			for _, c := range "region" {
				window.Canvas().Focused().TypedRune(c)
			}
			press := func(k fyne.KeyName) { window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k}) }
			press(fyne.KeyReturn) // to the list
			if button("Accept") == nil {
				t.Fatal("the suggestion is not chosen")
			}
			press(fyne.KeyReturn)
			button("Take out")
			if !foot.Ready {
				t.Error("it cannot be set")
			}
			press(fyne.KeyReturn) // to its choices
			if window.Canvas().Focused() == nil {
				t.Error("the keyboard is lost")
			}
			p.Undo()
			button("Accept")
			button("Who wins").Tapped(nil)
			button("Pair by hand").Tapped(nil)
			button("Objects").Tapped(nil)
			go func() { done <- map[bool]error{false: errors.New("not kept")}[p.Leave(ctx)] }()
			stage.Until("it is set", func() bool { return slices.Contains(r.Calls(), "KeepFields") && len(done) == 1 })
			if err := <-done; err != nil {
				t.Error(err)
			}
			cancel()
			stage.Until("the page ends", func() bool { return len(done) == 1 })
		})
	}
}
