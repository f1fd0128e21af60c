package signin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/signin"
	"github.com/doppio-sync/doppio/gui/words"
)

// begun is a backend whose workspace Acme is to sign in in a way.
func begun(t *testing.T, flow app.Flow) *fake.Backend {
	t.Helper()
	b := &fake.Backend{}
	if err := b.Asked("Acme").KeepDraft(t.Context(), "salesforce", fmt.Appendf(nil, `{"name":"Acme","address":"acme","client_id":"3MVG9","flow":%q}`, flow)); err != nil {
		t.Fatal(err)
	}
	return b
}

func watch(t *testing.T, b *fake.Backend, browse func(string) error) (m *signin.Model, last func() signin.View) {
	t.Helper()
	m = signin.NewModel(words.For("en"), b, "Acme", b.Ask("Acme"), browse)
	ctx, cancel := context.WithCancel(t.Context())
	var view signin.View
	done := make(chan error)
	go func() { done <- m.Watch(ctx, func(v signin.View) { view = v }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	return m, func() signin.View { time.Sleep(time.Second); synctest.Wait(); return view }
}

// TestMissing asks for what each way of signing in needs, and for nothing else.
func TestMissing(t *testing.T) {
	for _, row := range []struct {
		flow    app.Flow
		secrets signin.Secrets
		want    string
	}{
		{app.FlowBrowser, signin.Secrets{}, ""},
		{app.FlowClientCredentials, signin.Secrets{ClientSecret: " "}, "signin.secret"},
		{app.FlowClientCredentials, signin.Secrets{ClientSecret: "x"}, ""},
		{app.FlowRefreshToken, signin.Secrets{ClientSecret: "x"}, "signin.token"},
		{app.FlowJWT, signin.Secrets{JWTKey: "x"}, "signin.user"},
		{app.FlowJWT, signin.Secrets{Username: "x"}, ""},
	} {
		if got := row.secrets.Missing(row.flow); got != row.want {
			t.Errorf("%s misses %q, want %q", row.flow, got, row.want)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", signin.Secrets{ClientSecret: "x1"}, signin.Secrets{ClientSecret: "x1"}, signin.Secrets{ClientSecret: "x1"}); strings.Contains(text, "x1") {
		t.Errorf("a secret prints as %s", text)
	}
}

// TestBrowser waits for the browser, which may be absent; stops; is refused; signs in; shows who it is, and lets go only then.
func TestBrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begun(t, app.FlowBrowser)
		b.Browser = make(chan struct{})
		var absent error
		m, last := watch(t, b, func(string) error { return absent })
		m.Load(t.Context())
		if v := last(); v.Face != signin.Out || !v.Foot.Ready || v.Foot.Continue != "Sign in" || !strings.Contains(v.Sub, "acme.my.salesforce.com") {
			t.Errorf("before: %+v", v)
		}
		left := make(chan bool, 1)
		try := func() { left <- m.Leave(t.Context(), signin.Secrets{}) }
		go try()
		if v := last(); v.Face != signin.Waiting || !strings.HasPrefix(v.Address, "https://acme.my.salesforce.com/") || v.Foot.Ready || !strings.Contains(v.Wait, "goes on by itself") {
			t.Errorf("while the browser is waited for: %+v", v)
		}
		m.Stop()
		if v := last(); <-left || v.Face != signin.Out || v.Problem != nil {
			t.Errorf("stopped: %+v", v)
		}
		absent = errors.New("no browser here")
		go try()
		if v := last(); !strings.Contains(v.Wait, "Copy the address") {
			t.Errorf("without a browser: %+v", v)
		}
		b.SignErr = errors.New("The sign-in was declined in the browser.")
		close(b.Browser)
		if v := last(); <-left || v.Face != signin.Out || v.Problem == nil || v.Problem.What != b.SignErr.Error() {
			t.Errorf("declined: %+v", v)
		}
		b.SignErr = nil
		go try()
		if v := last(); <-left || v.Face != signin.In || v.Heading != "Signed in as marketo.sync@acme.example" || len(v.Lines) != 2 || len(v.Facts) != 6 || v.Problem != nil {
			t.Errorf("signed in: %+v", v)
		}
		if !m.Leave(t.Context(), signin.Secrets{}) {
			t.Error("it does not let go")
		}
		m.Anew()
		if v := last(); v.Face != signin.Out {
			t.Errorf("somebody else: %+v", v)
		}
	})
}

// TestComesBack shows who is signed in already, unless the way to sign in was changed since.
func TestComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, row := range []struct {
			id   string
			face signin.Face
		}{{"3MVG9", signin.In}, {"another", signin.Out}} {
			b := begun(t, app.FlowJWT)
			b.Asked("Acme").Connect(app.SalesforceConnection{LoginURL: "https://acme.my.salesforce.com", ClientID: row.id, Flow: app.FlowJWT}, fake.Who(), app.MarketoConnection{}, app.Instance{}, nil)
			m, last := watch(t, b, nil)
			m.Load(t.Context())
			if v := last(); v.Face != row.face {
				t.Errorf("%s: %+v", row.id, v)
			}
		}
		b := begun(t, app.FlowJWT)
		b.Asked("Acme").Connect(app.SalesforceConnection{LoginURL: "https://acme.my.salesforce.com", ClientID: "3MVG9", Flow: app.FlowJWT}, app.Who{}, app.MarketoConnection{}, app.Instance{}, errors.New("Salesforce is away"))
		m, last := watch(t, b, nil)
		m.Load(t.Context())
		if v := last(); v.Problem == nil || v.Foot.Continue != "Ask again" || m.Leave(t.Context(), signin.Secrets{}) {
			t.Errorf("nobody could be asked: %+v", v)
		}
	})
}

type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }
func (*file) Name() string { return "/home/ada/doppio.crt" }

// TestRenew says until when the certificate holds that it signs in with, and saves a new one.
func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begun(t, app.FlowJWT)
		who := fake.Who()
		who.Lines = append(who.Lines, app.CheckLine{State: app.CheckWarning, What: app.Sentence{Text: "It ends."}})
		who.Since, who.Until = fake.Noon.AddDate(-2, 0, 0), fake.Noon.AddDate(0, 0, 12)
		b.Asked("Acme").Connect(app.SalesforceConnection{LoginURL: "https://acme.my.salesforce.com", ClientID: "3MVG9", Flow: app.FlowJWT}, who, app.MarketoConnection{}, app.Instance{}, nil)
		m, last := watch(t, b, nil)
		m.Load(t.Context())
		w := words.For("en")
		if v := last(); !v.Renew || v.Lines[0].What != "It ends." || !slices.Contains(v.Facts, [2]string{"Good until", w.Day(who.Until)}) || !slices.Contains(v.Facts, [2]string{"Connected on", w.Day(who.Since)}) {
			t.Errorf("before: %+v", v)
		}
		var saved file
		m.Renew(t.Context(), func(context.Context) (frame.File, error) {
			if v := last(); v.Face != signin.In || v.Foot.Ready {
				t.Errorf("while a place is asked for: %+v", v)
			}
			return &saved, nil
		})
		if v := last(); saved.String() != "the new certificate" || !strings.Contains(v.Note, saved.Name()) || v.Face != signin.In {
			t.Errorf("saved is %q, said is %+v", saved.String(), v)
		}
		m.Renew(t.Context(), func(context.Context) (frame.File, error) { return nil, errors.New("no such folder") })
		if v := last(); v.Problem == nil || v.Note != "" {
			t.Errorf("without a place: %+v", v)
		}
	})
}
