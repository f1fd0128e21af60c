package org_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestReading says how what was typed is understood, and what is missing.
func TestReading(t *testing.T) {
	for _, row := range []struct {
		typed          org.Typed
		is, name, note string
		ready          bool
	}{
		{org.Typed{}, "Paste any address", "", "Still to fill in: Address of the org.", false},
		{org.Typed{Address: "acme-group--uat"}, "The sandbox **uat** of acme-group, at acme-group--uat.sandbox.my.salesforce.com.", "Acme Group (uat)", "Still to fill in: Name of the workspace.", false},
		{org.Typed{Address: "acme", Name: "Acme"}, "The production org **acme**", "Acme", "Still to fill in: Consumer key (client ID).", false},
		{org.Typed{Address: "acme", Name: "Acme", ClientID: "x"}, "The production org **acme**", "Acme", "", true},
		{org.Typed{Address: "login.salesforce.com", Name: "Acme", ClientID: "x", Flow: app.FlowBrowser}, "Any production org", "", "", true},
		{org.Typed{Address: "login.salesforce.com", Name: "Acme", ClientID: "x", Flow: app.FlowClientCredentials}, "Any production org", "", "Client credentials work at the org's own address only: choose Own address.", false},
		{org.Typed{Address: "https://help.salesforce.com/", Name: "Acme", ClientID: "x"}, "This is a page of Salesforce's", "", "Still to fill in: Address of the org.", false},
	} {
		r := org.Read(words.For("en"), row.typed)
		if !strings.HasPrefix(r.Is, row.is) || r.Name != row.name || r.Foot.Note != row.note || r.Foot.Ready != row.ready {
			t.Errorf("%+v is read as %+v", row.typed, r)
		}
	}
}

// TestGuide has for each way of signing in what that way needs, of both kinds of apps, and as a mail too.
func TestGuide(t *testing.T) {
	w := words.For("en")
	for flow, needs := range map[app.Flow][]string{
		app.FlowBrowser:           {"Callback URL", "Require Proof Key for Code Exchange (PKCE)", "Refresh Token Policy", "refresh_token", "43117"},
		app.FlowRefreshToken:      {"Callback URL", "Refresh Token Policy", "refresh_token"},
		app.FlowClientCredentials: {"Enable Client Credentials Flow", "Run As", "Consumer Secret"},
		app.FlowJWT:               {"Certificate", "Admin approved users are pre-authorized", "refresh_token"},
	} {
		for _, older := range []bool{false, true} {
			text := org.Mail(w, org.Guide(w, flow, older))
			for _, need := range append(needs, "Manage user data via APIs (api)", "Consumer Key") {
				if !strings.Contains(text, need) {
					t.Errorf("%s, older %v: nothing of %q in\n%s", flow, older, need, text)
				}
			}
			if strings.Contains(text, "New External Client App") == older {
				t.Errorf("%s, older %v is about the other kind:\n%s", flow, older, text)
			}
		}
	}
}

type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }
func (*file) Name() string { return "/home/ada/doppio.crt" }

// TestKeeping keeps what is typed before there is a workspace, comes back with it, makes the workspace once, and keeps it there from then on.
func TestKeeping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &fake.Backend{}
		made := ""
		open := func(name string) (m *org.Model, end func()) {
			m = org.NewModel(words.For("en"), b, name, false, func(n string) { made = n })
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); m.Keep(ctx) }()
			m.Load(ctx)
			return m, func() { cancel(); <-done }
		}
		m, end := open("")
		time.Sleep(time.Second)
		if kept, _ := b.BegunSetup(t.Context(), false); kept != nil {
			t.Errorf("nothing was typed, and %s is kept", kept)
		}
		typed := org.Typed{Name: "Acme", Address: "acme", ClientID: "3MVG9", Flow: app.FlowJWT}
		m.Type(typed)
		end() // before it was kept for being typed
		m, end = open("")
		if got := m.Typed(); got != typed {
			t.Errorf("it comes back with %+v", got)
		}
		var certificate file
		m.Certificate(t.Context(), typed, func(context.Context) (frame.File, error) { return &certificate, nil })
		if certificate.String() != "the certificate" || made != "Acme" {
			t.Errorf("saved is %q, made is %q", certificate.String(), made)
		}
		typed.ClientID = "3MVG9more"
		if !m.Leave(t.Context(), typed) {
			t.Error("it does not let go")
		}
		end()
		if kept, _ := b.BegunSetup(t.Context(), false); kept != nil {
			t.Errorf("there is a workspace, and %s is kept beside it", kept)
		}
		if step, _ := b.SetupStep(t.Context(), "Acme"); step != org.Step {
			t.Errorf("it stands at %q", step)
		}
		m, end = open("Acme")
		defer end()
		typed.Named = true
		if got := m.Typed(); got != typed {
			t.Errorf("the workspace comes back with %+v", got)
		}
		if want := []string{"NewWorkspace Acme", "SigningKey Acme"}; !slices.Equal(b.Calls(), want) {
			t.Errorf("asked %q", b.Calls())
		}
		m.Certificate(t.Context(), typed, func(context.Context) (frame.File, error) { return nil, errors.New("no such folder") })
	})
}
