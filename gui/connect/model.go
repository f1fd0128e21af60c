package connect

import (
	"context"
	"errors"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend is what the form needs.
type Backend interface {
	// NewWorkspace makes a workspace; lookOnly can never leave Observe.
	NewWorkspace(ctx context.Context, name string, lookOnly bool) error
	// ConnectSalesforce and ConnectMarketo sign in, and keep the connection when that worked.
	ConnectSalesforce(ctx context.Context, name string, c app.ConnectSalesforce) (app.Connected, error)
	ConnectMarketo(ctx context.Context, name string, c app.ConnectMarketo) (app.Connected, error)
	// Check looks at both connections. It only reads.
	Check(ctx context.Context, name string) (app.CheckReport, error)
	// SetMode says how far Doppio may go.
	SetMode(ctx context.Context, name string, mode record.Mode) error
}

// Model does the steps in their order and remembers which are done. It is safe for concurrent use; one Test or Finish
// runs at a time.
type Model struct {
	words   *words.Words
	backend Backend
	facts   *live.Newest[facts]
}

type facts struct {
	created  string // the workspace that exists by now
	lookOnly bool
	step     string
	missing  string
	failed   error
	reached  []app.Connected
	report   app.CheckReport
	ready    bool
}

// NewModel is a model of a form. existing is the workspace that it completes; empty for a new one.
func NewModel(w *words.Words, backend Backend, existing string, lookOnly bool) *Model {
	return &Model{words: w, backend: backend, facts: live.NewNewest(facts{created: existing, lookOnly: lookOnly})}
}

// Watch calls show with the newest View until ctx ends, at most ten times a second. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Test makes the workspace if need be, signs in on both sides, and checks. It stops at the first step that fails, and
// may be repeated. It waits; never on the UI thread.
func (m *Model) Test(ctx context.Context, form Form) {
	form.trim()
	if missing := form.Missing(); missing != "" {
		m.facts.Change(func(f facts) facts { f.missing, f.failed = missing, nil; return f })
		return
	}
	m.facts.Change(func(f facts) facts {
		f.missing, f.failed, f.reached, f.report, f.ready = "", nil, nil, app.CheckReport{}, false
		return f
	})
	err := m.steps(ctx, form)
	m.facts.Change(func(f facts) facts {
		f.step = ""
		if !errors.Is(err, context.Canceled) {
			f.failed = err
		}
		f.ready = err == nil
		return f
	})
}

func (m *Model) steps(ctx context.Context, form Form) error {
	if m.facts.Get().created != form.Name {
		m.step("workspace")
		if err := m.backend.NewWorkspace(ctx, form.Name, form.LookOnly); err != nil {
			return err
		}
		m.facts.Change(func(f facts) facts { f.created = form.Name; return f })
	}
	m.step("salesforce")
	reached, err := m.backend.ConnectSalesforce(ctx, form.Name, form.Salesforce)
	if err != nil {
		return err
	}
	m.reached(reached)
	m.step("marketo")
	if reached, err = m.backend.ConnectMarketo(ctx, form.Name, form.Marketo); err != nil {
		return err
	}
	m.reached(reached)
	m.step("check")
	report, err := m.backend.Check(ctx, form.Name)
	m.facts.Change(func(f facts) facts { f.report = report; return f })
	return err
}

func (m *Model) step(name string) {
	m.facts.Change(func(f facts) facts { f.step = name; return f })
}

func (m *Model) reached(c app.Connected) {
	m.facts.Change(func(f facts) facts {
		f.reached = append(f.reached[:len(f.reached):len(f.reached)], c)
		return f
	})
}

// Finish sets the mode and hands the workspace's name to done. It waits; never on the UI thread.
func (m *Model) Finish(ctx context.Context, mode record.Mode, done func(name string)) {
	f := m.facts.Get()
	if !f.ready {
		return
	}
	if err := m.backend.SetMode(ctx, f.created, mode); err != nil {
		m.facts.Change(func(f facts) facts { f.failed = err; return f })
		return
	}
	done(f.created)
}

// trim takes off the blanks that come with copying.
func (f *Form) trim() {
	for _, field := range []*string{
		&f.Name, &f.Salesforce.LoginURL, &f.Salesforce.ClientID, &f.Salesforce.Username, &f.Salesforce.ClientSecret, &f.Salesforce.RefreshToken,
		&f.Marketo.BaseURL, &f.Marketo.ClientID, &f.Marketo.ClientSecret,
	} {
		*field = strings.TrimSpace(*field)
	}
}
