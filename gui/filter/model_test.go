package filter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/words"
)

// heavy is what a filter weighs when all is known: 100 leads of which 60 pass, 20 leave and 5 enter; 70 are linked, 15 of them leave.
func heavy(string) (app.FilterWeight, error) {
	return app.FilterWeight{
		Known:   app.FilterWeighed,
		Objects: []app.FilterObjectWeight{{Object: record.Lead, Plural: "Leads", Records: 100, Passes: 60, Leaves: 20, Enters: 5, Linked: 70, LinkedLeaves: 15}},
		Hanging: []app.FilterHanging{{Object: "CampaignMember", Of: record.Lead, N: 3}},
		Leave: []app.FilterWho{
			{Label: "Lead", Salesforce: "00Q1", Marketo: "7", Name: "Ada *Byron*", Facts: []app.FilterFact{{Label: "Country", Value: "Sweden"}}},
			{Label: "Contact", Salesforce: "0031", Facts: []app.FilterFact{{Label: "Do Not Sync", Kind: record.Boolean, Value: "true"}, {Label: "Last Activity", Kind: record.Date, Value: "2024-03-09"}, {Label: "Email"}}},
		},
		Notes: []app.FilterNote{{About: app.FilterIndexNote, Object: "leads"}, {About: app.FilterIndexNote, Object: "contacts"}, {About: app.FilterFormulaNote, Field: "Grade__c"}, {About: app.FilterValueNote, Field: "Country", Value: "Swede", Meant: "Sweden"}},
	}, nil
}

type bench struct {
	*Model
	t    *testing.T
	w    *fake.Running
	desk *fake.Desk
	end  func()
}

// onDesk opens the page on a desk.
func onDesk(t *testing.T, desk *fake.Desk, drafts bool) *bench {
	t.Helper()
	if len(desk.Given.Language.Objects()) == 0 {
		desk.Given.Language = fake.Org()
	}
	w := fake.NewRunning(fake.Fresh())
	w.Desk(desk)
	b := &bench{Model: NewModel(words.For("en"), w, drafts, time.Now), t: t, w: w, desk: desk}
	b.Model.words.Zone = time.UTC
	b.run()
	return b
}

func (b *bench) run() {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); b.Run(ctx) }()
	b.end = func() { cancel(); <-done }
}

// rest lets typing rest, and gives the page after it.
func (b *bench) rest() View {
	time.Sleep(time.Second) // the bubble's clock
	synctest.Wait()
	return b.View()
}

func TestWeighing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := onDesk(t, &fake.Desk{Weight: heavy, Given: app.FilterSheet{Linked: true}}, false)
		defer b.end()
		v := b.rest()
		if v.State != Full || v.Means.Salesforce.Text != "60 of 100 pass" || v.Means.Marketo.Text != "70 linked now" || v.Note != "No filter: everybody takes part." {
			t.Errorf("nothing is typed: %+v %q", v.Means, v.Note)
		}
		if s := v.Means.Salesforce; s.In != 0.55 || s.Entering != 0.05 || s.Going != 0.2 {
			t.Errorf("the bar is %+v", s)
		}
		if f := v.Means.Facts; f[0].Number != "5" || f[1].Number != "20" || f[1].Text != "15 are linked today:" || f[2].Number != "3" || f[2].Text != "3 campaign members; they stay as they are" {
			t.Errorf("the facts are %+v", f)
		}
		want := []Who{{"Ada *Byron*", "lead, Country is Sweden"}, {"0031", "contact, not linked, Do Not Sync is ticked, Last Activity is 9 March 2024 and Email is blank"}}
		if !slices.Equal(v.Who, want) {
			t.Errorf("who leaves: %q", v.Who)
		}
		if len(v.Notes) != 3 || !strings.Contains(strings.Join(v.Notes, "\n"), "all leads and contacts") {
			t.Errorf("the notes are %q", v.Notes)
		}
		for _, text := range []string{"E", "Email", "Email is filled"} { // typed in one go
			b.Type(text)
			time.Sleep(100 * time.Millisecond)
		}
		if v := b.View(); !v.Means.Old || v.Means.Salesforce.Text != "60 of 100 pass" {
			t.Errorf("while newer numbers are on their way: %+v", v.Means)
		}
		if v = b.rest(); v.Means.Old || v.Means.Marketo.Text != "55 of 70 linked stay" || v.Said != "Leads and contacts take part if Email is filled." || !v.Changed {
			t.Errorf("%+v %q", v.Means, v.Said)
		}
		if asked, _, _ := b.desk.Asked(); !slices.Equal(asked, []string{"", "Email is filled"}) {
			t.Errorf("asked was %q", asked)
		}
		b.Type("Email is filed")
		if v = b.rest(); v.Wrong == nil || v.Wrong.Before+"|"+v.Wrong.Word+"|"+v.Wrong.After != "Email is |filed|" || !slices.Contains(v.Wrong.Meant, "filled") || len(v.Lines) != 3 || v.Ready {
			t.Errorf("a slip: %+v, %d lines", v.Wrong, len(v.Lines))
		}
	})
}

// What is asked is given up when something else is typed, and a failure leaves what was known.
func TestSuperseded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := onDesk(t, &fake.Desk{}, false) // never answers
		defer b.end()
		b.rest()
		b.Type("Email is filled")
		b.rest()
		if v := b.View(); !v.Means.Asking || v.Problem != nil {
			t.Errorf("asking: %+v", v.Means)
		}
		if asked, _, _ := b.desk.Asked(); len(asked) != 2 {
			t.Errorf("asked was %q", asked)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		fail := false
		b := onDesk(t, &fake.Desk{Weight: func(text string) (app.FilterWeight, error) {
			if fail {
				return app.FilterWeight{}, errors.New("Salesforce is away")
			}
			return heavy(text)
		}}, false)
		defer b.end()
		b.rest()
		fail = true
		b.Type("Email is filled")
		if v := b.rest(); v.Problem == nil || v.Problem.What != "Salesforce is away." || !v.Means.Old || v.Means.Asking {
			t.Errorf("a failure: %+v %+v", v.Problem, v.Means)
		}
		fail = false
		b.Again()
		if v := b.rest(); v.Problem != nil || v.Means.Old {
			t.Errorf("asked again: %+v", v.Problem)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := onDesk(t, &fake.Desk{OpenErr: errors.New("no such workspace"), Weight: heavy}, false)
		if v := b.rest(); v.State != Failed || v.Problem == nil {
			t.Errorf("it cannot be opened: %+v", v)
		}
		b.desk.OpenErr = nil
		b.Again()
		if v := b.rest(); v.State != Full || v.Problem != nil {
			t.Errorf("opened again: %+v", v.Problem)
		}
		b.end()
		if _, _, closed := b.desk.Asked(); !closed {
			t.Error("the desk was not given back")
		}
	})
}

// Nothing is set before it was confirmed, with the numbers; then it is a version, and the one before can be put back.
func TestSetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := onDesk(t, &fake.Desk{Weight: heavy, Given: app.FilterSheet{Linked: true, Kept: app.KeptFilter{Version: 1, Text: "Country is \"Sweden\"", By: "ada", At: fake.Noon, Why: "first"}}}, true)
		defer b.end()
		b.rest()
		if !b.Leave(t.Context()) {
			t.Error("with nothing to set one does not go on")
		}
		b.Edit(func(e editor, now time.Time) (editor, Path) { return e.add(Path{0}, app.FilterAlone, now) })
		if v := b.rest(); v.Note != "1 row is not finished." || v.Ready || b.Leave(t.Context()) {
			t.Errorf("an unfinished row: %q", v.Note)
		}
		b.Type("Email is filled\nwho leaves is unlinked")
		if b.Leave(t.Context()) {
			t.Error("it was set without a question")
		}
		if v := b.View(); v.Confirm != "Counting what it does …" || v.Ready || b.Leave(t.Context()) {
			t.Errorf("before it is counted: %q", v.Confirm)
		}
		if v := b.rest(); v.Confirm != "60 of 100 in Salesforce take part. 5 enter and 20 leave. 15 of them are linked and are unlinked." || !v.Ready {
			t.Errorf("asked is %q", v.Confirm)
		}
		if _, set, _ := b.desk.Asked(); len(set) > 0 {
			t.Errorf("set before it was confirmed: %v", set)
		}
		b.Because("agreed")
		b.desk.SetErr = errors.New("the disk is full")
		if b.Leave(t.Context()) || b.View().Problem == nil {
			t.Error("a failure is not told")
		}
		b.desk.SetErr = nil
		if !b.Leave(t.Context()) {
			t.Fatal("not set")
		}
		_, set, _ := b.desk.Asked()
		if len(set) != 1 || set[0] != (app.FilterChange{Text: "Email is filled\nwho leaves is unlinked", Why: "agreed", Seen: true}) {
			t.Errorf("set is %+v", set)
		}
		b.Show(Versions)
		v := b.View()
		if len(v.Past) != 2 || !v.Past[0].Now || v.Past[1].Text != "first" || v.Past[1].Differs != "It also has: Country is “Sweden”. It lacks: Email is filled. Who leaves is frozen." {
			t.Errorf("the versions are %+v", v.Past)
		}
		b.PutBack(1)
		if v = b.rest(); v.Text != "Country is \"Sweden\"" || v.Why != "version 1 put back" || !v.Changed || v.Past[1].Differs != "Says the same as the filter here." {
			t.Errorf("put back: %q %q %+v", v.Text, v.Why, v.Past)
		}
		b.Edit(func(e editor, _ time.Time) (editor, Path) { return e.undo(), nil })
		b.Type("")
		b.rest()
		b.Ask()
		if !b.Leave(t.Context()) {
			t.Error("no filter is not set")
		}
		if _, set, _ = b.desk.Asked(); !set[len(set)-1].None {
			t.Errorf("set is %+v", set)
		}
	})
}

// What is typed and not set survives, unfinished rows too, and a text that is not understood, which nobody counts.
func TestDraft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := onDesk(t, &fake.Desk{Weight: heavy}, true)
		again := func() View {
			b.rest()
			b.end()
			b.Model = NewModel(words.For("en"), b.w, true, time.Now)
			b.run()
			return b.rest()
		}
		b.rest()
		b.Type("Email is filled")
		b.Edit(func(e editor, now time.Time) (editor, Path) { return e.add(Path{0}, app.FilterAlone, now) })
		if v := again(); v.Text != "Email is filled" || len(v.Lines) != 4 || !v.Undo {
			t.Errorf("taken up again: %q, %d lines", v.Text, len(v.Lines))
		}
		b.Type("Email is filed")
		if v := again(); v.Wrong == nil || v.Means.Salesforce.Text != "not counted" || v.Empty != "not counted" {
			t.Errorf("a slip, taken up again: %+v, %q", v.Means, v.Empty)
		}
		b.end()
	})
}

// Before the first sync nobody is linked, and no number pretends otherwise.
func TestBeforeTheFirstSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := onDesk(t, &fake.Desk{Weight: heavy}, true)
		defer b.end()
		v := b.rest()
		if v.Means.Marketo.Text != "nobody is linked yet" || v.Means.Marketo.In != 0 || v.Means.Facts[0].Number != "60" || v.Means.Facts[1].Number != "40" {
			t.Errorf("%+v", v.Means)
		}
		b.Type("Email is filled")
		b.rest()
		b.Ask()
		if v = b.View(); v.Confirm != "60 of 100 in Salesforce take part. Nobody is linked yet; the first sync goes by it." {
			t.Errorf("asked is %q", v.Confirm)
		}
	})
}
