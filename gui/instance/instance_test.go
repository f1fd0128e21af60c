package instance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/instance"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestReading says how an address is understood, and what is missing.
func TestReading(t *testing.T) {
	for _, row := range []struct {
		typed    instance.Typed
		is, note string
		bad      bool
	}{
		{instance.Typed{}, "Admin > Integration > Munchkin shows it.", "Still to fill in: Munchkin ID, or an address of the REST API.", false},
		{instance.Typed{Address: "https://app-ab12.marketo.com/#MM0A1"}, "This is the address of Marketo's screens", "Still to fill in: Munchkin ID, or an address of the REST API.", true},
		{instance.Typed{Address: "https://123-abc-456.mktorest.com/identity"}, "Account **123-ABC-456**, at 123-abc-456.mktorest.com.", "Still to fill in: Client ID.", false},
		{instance.Typed{Address: "123-ABC-456", ClientID: "x", Secret: "x", Daily: "many"}, "Account **123-ABC-456**", "Still to fill in: Daily allowance of calls.", false},
		{instance.Typed{Address: "123-ABC-456", ClientID: "x", Secret: "x", Daily: "50.000"}, "Account **123-ABC-456**", "", false},
	} {
		is, bad, foot := instance.Read(words.For("en"), row.typed)
		if !strings.HasPrefix(is, row.is) || bad != row.bad || foot.Note != row.note || foot.Ready != (row.note == "") {
			t.Errorf("%+v is read as %q, %v, %+v", row.typed, is, bad, foot)
		}
	}
	typed := instance.Typed{Address: "a", Secret: "x1"}
	if text := fmt.Sprintf("%v %+v %#v", typed, typed, typed); strings.Contains(text, "x1") {
		t.Errorf("a secret prints as %s", text)
	}
}

// TestFaces signs in, is refused, shows what was found, and keeps what was typed but for the secret.
func TestFaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, lookOnly := range []bool{false, true} {
			b := &fake.Backend{SignErr: errors.New("Marketo does not know the client.")}
			m := instance.NewModel(words.For("en"), b, "Acme", lookOnly, b.Ask("Acme"))
			ctx, cancel := context.WithCancel(t.Context())
			var view instance.View
			done := make(chan error, 2)
			go func() { done <- m.Watch(ctx, func(v instance.View) { view = v }) }()
			go func() { m.Keep(ctx); done <- context.Canceled }()
			last := func() instance.View { time.Sleep(time.Second); synctest.Wait(); return view }
			m.Load(ctx)
			if v := last(); v.Face != instance.Out || v.Problem != nil {
				t.Errorf("before: %+v", v)
			}
			m.Type(instance.Typed{Address: "123-ABC-456", ClientID: "mk", Secret: "hush", Daily: "50,000"})
			if v := last(); m.Leave(ctx) || v.Problem != nil {
				t.Errorf("it lets go before anybody signed in: %+v", v)
			}
			if v := last(); v.Face != instance.Out || v.Problem == nil {
				t.Errorf("refused: %+v", v)
			}
			b.SignErr = nil
			if m.Leave(ctx) {
				t.Error("it lets go before it was seen what was found")
			}
			rights, heading := 10, "1 permission is missing in Marketo."
			if lookOnly { // what only writes need is not asked for
				rights, heading = 9, "Marketo answers: 123-abc-456.mktorest.com"
			}
			if v := last(); v.Face != instance.In || len(v.Rights) != rights || v.Heading != heading || len(v.Lines) != 2 || len(v.Users) != 2 || v.Users[1].Name != "doppio@acme.example (Doppio)" || v.Partitions == "" {
				t.Errorf("found: %+v", v)
			}
			if !m.Leave(ctx) {
				t.Error("it does not let go")
			}
			kept, err := b.Ask("Acme").Draft(ctx, instance.Step)
			if err != nil || !strings.Contains(string(kept), "123-ABC-456") || strings.Contains(string(kept), "hush") {
				t.Errorf("kept is %s, %v", kept, err)
			}
			native := fake.Instance()
			native.NativeSync = true
			b.Asked("Acme").Connect(app.SalesforceConnection{}, app.Who{}, app.MarketoConnection{BaseURL: "https://123-abc-456.mktorest.com", ClientID: "mk"}, native, nil)
			m.Check(ctx)
			if v := last(); v.Foot.Note != "You can go on; Doppio will only look here." || !v.Foot.Ready {
				t.Errorf("a native sync: %+v", v.Foot)
			}
			m.Change()
			if v := last(); v.Face != instance.Out {
				t.Errorf("to be changed: %+v", v)
			}
			cancel()
			<-done
			<-done
		}
	})
}

// An open workspace says nothing of going on: there is no step after it.
func TestOpenHasNoNextStep(t *testing.T) {
	fake.NewStage(t, look.Light())
	for open, want := range map[bool]wizard.Foot{false: {Ready: true, Note: "You can go on."}, true: {Nothing: true}} {
		var foot wizard.Foot
		s := instance.New(words.For("en"), &fake.Backend{}, wizard.At{Name: "Acme", Open: open, On: func() {}, Foot: func(f wizard.Foot) { foot = f }}, func(string) {})
		s.Show(instance.View{Face: instance.In, Foot: wizard.Foot{Ready: true, Note: "You can go on."}})
		if foot != want {
			t.Errorf("open %v: the foot is %+v", open, foot)
		}
	}
}
