package signin

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend signs in, and keeps the connection when that worked.
type Backend interface {
	ConnectSalesforce(ctx context.Context, name string, c app.ConnectSalesforce) (app.Connected, error)
}

// Secrets are what is typed to sign in with. They go to the keychain when the sign-in worked, and are kept nowhere else.
type Secrets struct {
	Username, ClientSecret, RefreshToken, JWTKey string
}

// String hides everything.
func (Secrets) String() string { return "***" }

// GoString hides everything.
func (Secrets) GoString() string { return "***" }

// Missing names what has to be filled for a way of signing in, as a key; empty when nothing is.
func (s Secrets) Missing(flow app.Flow) string {
	switch {
	case flow == app.FlowClientCredentials && strings.TrimSpace(s.ClientSecret) == "":
		return "signin.secret"
	case flow == app.FlowRefreshToken && strings.TrimSpace(s.RefreshToken) == "":
		return "signin.token"
	case flow == app.FlowJWT && strings.TrimSpace(s.Username) == "":
		return "signin.user"
	}
	return ""
}

// Model signs in, and asks who it is. It is safe for concurrent use.
type Model struct {
	words     *words.Words
	backend   Backend
	name      string
	workspace app.Asked
	browse    func(address string) error
	facts     *live.Facts[facts]
}

type facts struct {
	live.Job
	plan      *org.Typed // how to sign in; nil until it is read
	in        bool       // somebody is signed in, by that plan
	who       *app.Who
	address   string // the page that the browser shows, while it is waited for
	unopened  bool   // no browser could be opened
	unreached bool   // signed in, but who it is could not be asked
}

// NewModel is a model of a workspace; browse shows an address in the browser.
func NewModel(w *words.Words, backend Backend, name string, workspace app.Asked, browse func(string) error) *Model {
	return &Model{words: w, backend: backend, name: name, workspace: workspace, browse: browse, facts: live.NewFacts(facts{Job: live.Job{Busy: true}})}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Load reads how to sign in, and asks who is signed in already. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	m.facts.Do(ctx, func(ctx context.Context) error {
		plan, err := org.ReadDraft(ctx, m.name, m.workspace)
		if err != nil {
			return err
		}
		sf, _, err := m.workspace.Connections(ctx)
		if err != nil {
			return err
		}
		in := sf.LoginURL != "" && sf.ClientID == plan.ClientID && sf.Flow == plan.Flow
		if where, err := app.UnderstandSalesforce(plan.Address); err != nil || where.Host != sf.LoginURL {
			in = false
		}
		m.facts.Set(func(f *facts) { f.plan, f.in = &plan, in })
		if !in {
			return nil
		}
		return m.ask(ctx)
	})
}

// ask says who it is.
func (m *Model) ask(ctx context.Context) error {
	who, err := m.workspace.Who(ctx)
	m.facts.Set(func(f *facts) {
		f.unreached = err != nil
		if err == nil {
			f.who = &who
		}
	})
	return err
}

// Leave signs in where nobody is, and stays to show who it is; it lets go where somebody is. It waits; never on the UI thread.
func (m *Model) Leave(ctx context.Context, s Secrets) bool {
	f := m.facts.Get()
	if f.in && f.who != nil {
		return true
	}
	if f.plan == nil {
		return false
	}
	m.facts.Do(ctx, func(ctx context.Context) error {
		if !f.in {
			if err := m.signIn(ctx, *f.plan, s); err != nil {
				return err
			}
		}
		return m.ask(ctx)
	})
	return false
}

func (m *Model) signIn(ctx context.Context, plan org.Typed, s Secrets) error {
	c := app.ConnectSalesforce{
		LoginURL: plan.Address, ClientID: plan.ClientID, Flow: plan.Flow, Username: strings.TrimSpace(s.Username), ClientSecret: strings.TrimSpace(s.ClientSecret),
		Open: m.open, DonePage: m.words.Page(m.words.Say("signin.page.done")), FailedPage: m.words.Page(m.words.Say("signin.page.failed")),
	}
	switch plan.Flow {
	case app.FlowRefreshToken:
		c.RefreshToken = strings.TrimSpace(s.RefreshToken)
	case app.FlowJWT:
		c.JWTKey = strings.TrimSpace(s.JWTKey)
	}
	_, err := m.backend.ConnectSalesforce(ctx, m.name, c)
	m.facts.Set(func(f *facts) { f.address, f.in = "", err == nil })
	return err
}

// open shows the page to sign in on. Where no browser can be opened it is waited for all the same: the address can be copied.
func (m *Model) open(address string) error {
	unopened := m.browse(address) != nil
	m.facts.Set(func(f *facts) { f.address, f.unopened = address, unopened })
	return nil
}

// Renew makes a key beside the one that signs in, and writes its certificate to the place that open gives. It waits; never on the UI
// thread.
func (m *Model) Renew(ctx context.Context, open func(context.Context) (frame.File, error)) {
	m.facts.Do(ctx, func(ctx context.Context) error {
		key, err := m.workspace.RenewSigningKey(ctx)
		if err != nil {
			return err
		}
		name, err := frame.Save(ctx, key.Certificate, open)
		if err != nil || name == "" {
			return err
		}
		note := m.words.Say("signin.renewed", "file", name, "until", m.words.Day(key.Until))
		m.facts.Set(func(f *facts) { f.Note = note })
		return nil
	})
}

// Anew lets somebody sign in in place of whoever is. The connection stays until that worked.
func (m *Model) Anew() {
	m.facts.Set(func(f *facts) { f.in, f.who, f.Failed = false, nil, nil })
}

// Stop ends the waiting for the browser.
func (m *Model) Stop() { m.facts.Stop() }
