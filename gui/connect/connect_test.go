package connect_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/connect"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

func filled() connect.Form {
	return connect.Form{
		Name:       " Acme ",
		Salesforce: app.ConnectSalesforce{LoginURL: "https://login.salesforce.com", ClientID: "id", Flow: app.FlowRefreshToken, RefreshToken: "token\n"},
		Marketo:    app.ConnectMarketo{BaseURL: "https://123-ABC-456.mktorest.com ", ClientID: "id", ClientSecret: "secret"},
	}
}

// TestMissing empties one field after the other: each is asked for by its name.
func TestMissing(t *testing.T) {
	rows := map[string]func(f *connect.Form){
		"":                                  func(*connect.Form) {},
		"connect.name":                      func(f *connect.Form) { f.Name = "" },
		"connect.login.url":                 func(f *connect.Form) { f.Salesforce.LoginURL = "" },
		"connect.client.id":                 func(f *connect.Form) { f.Salesforce.ClientID = "" },
		"connect.secret.refresh-token":      func(f *connect.Form) { f.Salesforce.RefreshToken = "" },
		"connect.secret.client-credentials": func(f *connect.Form) { f.Salesforce.Flow = app.FlowClientCredentials },
		"connect.secret.jwt":                func(f *connect.Form) { f.Salesforce.Flow = app.FlowJWT },
		"connect.username":                  func(f *connect.Form) { f.Salesforce.Flow, f.Salesforce.JWTKey = app.FlowJWT, "key" },
		"connect.base.url":                  func(f *connect.Form) { f.Marketo.BaseURL = "" },
		"connect.secret.marketo":            func(f *connect.Form) { f.Marketo.ClientSecret = "" },
	}
	for want, change := range rows {
		f := filled()
		change(&f)
		if got := f.Missing(); got != want {
			t.Errorf("missing %q, want %q", got, want)
		}
	}
	f := filled()
	f.Salesforce = app.ConnectSalesforce{LoginURL: "x", ClientID: "id", Flow: app.FlowBrowser}
	if got := f.Missing(); got != "" {
		t.Errorf("signing in by browser misses %q", got)
	}
}

func watch(t *testing.T, b *fake.Backend, existing string, lookOnly bool) (m *connect.Model, last func() connect.View, end func()) {
	t.Helper()
	m = connect.NewModel(words.For("en"), b, existing, lookOnly)
	ctx, cancel := context.WithCancel(t.Context())
	var view connect.View
	done := make(chan error)
	go func() { done <- m.Watch(ctx, func(v connect.View) { view = v }) }()
	return m, func() connect.View { time.Sleep(time.Second); synctest.Wait(); return view }, func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	}
}

// TestSteps connects, fails in the middle, and goes on where it stood: the workspace is made once.
func TestSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &fake.Backend{SignErr: errors.New("the client id is unknown")}
		m, last, end := watch(t, b, "", false)
		m.Test(t.Context(), connect.Form{})
		if v := last(); v.Note != "Please fill in: Name of the workspace." || len(b.Calls()) > 0 {
			t.Errorf("an empty form: %q, asked %v", v.Note, b.Calls())
		}
		m.Test(t.Context(), filled())
		if v := last(); v.Ready || v.Problem == nil || v.Problem.What != "the client id is unknown" {
			t.Errorf("after a refusal: %+v", v)
		}
		m.Finish(t.Context(), record.Live, func(string) { t.Error("it went on without a connection") })
		b.SignErr = nil
		b.Report = app.CheckReport{Lines: []app.CheckLine{{State: app.CheckWarning, Side: record.Salesforce, What: app.Sentence{Text: "Two fields are read only."}}}}
		m.Test(t.Context(), filled())
		if v := last(); !v.Ready || v.Problem != nil || len(v.Lines) != 1 || v.Lines[0].What != "Two fields are read only." || len(v.Modes) != 3 {
			t.Errorf("after a test: %+v", v)
		}
		var opened string
		m.Finish(t.Context(), record.Rehearse, func(name string) { opened = name })
		want := []string{
			"NewWorkspace Acme", "ConnectSalesforce refresh-token", "ConnectSalesforce refresh-token",
			"ConnectMarketo https://123-ABC-456.mktorest.com", "Check", "SetMode rehearse",
		}
		if got := b.Calls(); !slices.Equal(got, want) || opened != "Acme" {
			t.Errorf("asked %q, opened %q", got, opened)
		}
		end()
	})
}

// TestOnlyLooks offers no other mode where the workspace may only look, or where Marketo's own sync is on.
func TestOnlyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, row := range []struct {
			lookOnly, native bool
			note             string
		}{
			{true, false, "Both sides answer. Doppio will only look."},
			{false, true, "Marketo's own sync is on. Doppio will only look, so that the two do not fight."},
		} {
			m, last, end := watch(t, &fake.Backend{Report: app.CheckReport{NativeSync: row.native}}, "Acme", row.lookOnly)
			m.Test(t.Context(), filled())
			if v := last(); !slices.Equal(v.Modes, []record.Mode{record.Observe}) || v.Note != row.note {
				t.Errorf("%+v: %+v", row, v)
			}
			end()
		}
	})
}

// TestScreen fills the form as a person does, with the keyboard, in both themes.
func TestScreen(t *testing.T) {
	for name, theme := range map[string]look.Theme{"light": look.Light(), "dark": look.Dark()} {
		t.Run(name, func(t *testing.T) {
			stage := fake.NewStage(t, theme)
			b := &fake.Backend{}
			var mu sync.Mutex
			done := ""
			s := connect.New(words.For("en"), b, "", false, connect.Ways{Back: func() {}, Done: func(name string) { mu.Lock(); done = name; mu.Unlock() }})
			window := test.NewTempWindow(t, s.Content())
			window.Resize(fyne.NewSize(1280, 800))
			keys := window.Canvas()
			keys.Focus(s.First())
			test.Type(s.First(), "3MVG9")
			for _, text := range []string{"", "", "https://123-ABC-456.mktorest.com", "mk", "secret", "Größe B.V."} { // first the way to sign in, and the callback URLs
				keys.FocusNext()
				if text != "" {
					test.Type(keys.Focused(), text)
				}
			}
			form := s.Form()
			if form.Missing() != "" || form.Name != "Größe B.V." || form.Salesforce.Flow != app.FlowBrowser {
				t.Fatalf("the form has %q, %q, and misses %q", form.Name, form.Salesforce.Flow, form.Missing())
			}
			ctx, cancel := context.WithCancel(t.Context())
			var work sync.WaitGroup
			work.Go(func() {
				if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("Run ended with %v", err)
				}
			})
			test.Tap(fake.Button(s.Content(), "Test connection"))
			stage.Until("the modes", func() bool { return fake.Button(s.Content(), "Live") != nil })
			if fake.Button(s.Content(), "Test connection").Kind() == look.Filled || fake.Button(s.Content(), "Open workspace").Kind() != look.Filled {
				t.Error("the filled button is not what comes next")
			}
			test.Tap(fake.Button(s.Content(), "Live"))
			test.Tap(fake.Button(s.Content(), "Open workspace"))
			stage.Until("the end", func() bool { mu.Lock(); defer mu.Unlock(); return done == "Größe B.V." })
			if calls := b.Calls(); calls[len(calls)-1] != "SetMode live" {
				t.Errorf("asked %v", calls)
			}
			cancel()
			work.Wait()
		})
	}
}
