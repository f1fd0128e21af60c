package instance

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend signs in, and keeps the connection when that worked.
type Backend interface {
	ConnectMarketo(ctx context.Context, name string, c app.ConnectMarketo) (app.Connected, error)
}

// Step is the key of this step, under which its draft is kept.
const Step = "marketo"

// Typed is what a person typed. The secret is not kept with the rest.
type Typed struct {
	Address   string `json:"address"`
	ClientID  string `json:"client_id"`
	Partition string `json:"partition,omitempty"`
	Daily     string `json:"daily,omitempty"` // the daily allowance
	Secret    string `json:"-"`
}

// String hides the secret.
func (t Typed) String() string { return t.Address }

// GoString hides the secret.
func (t Typed) GoString() string { return t.Address }

func (t Typed) daily() (int, bool) {
	text := strings.NewReplacer(".", "", ",", "", " ", "", "\u00a0", "").Replace(t.Daily)
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}

// Model signs in, and asks what the instance says of itself. It is safe for concurrent use.
type Model struct {
	words     *words.Words
	backend   Backend
	name      string
	lookOnly  bool
	workspace app.Asked
	facts     *live.Facts[facts]
	typed     *live.Newest[Typed]
}

type facts struct {
	loaded *Typed // what was kept
	in     bool   // the workspace is connected, and nobody wants to change that
	found  *app.Instance
	live.Job
}

// NewModel is a model of a workspace.
func NewModel(w *words.Words, backend Backend, name string, lookOnly bool, workspace app.Asked) *Model {
	return &Model{words: w, backend: backend, name: name, lookOnly: lookOnly, workspace: workspace, facts: live.NewFacts(facts{Job: live.Job{Busy: true}}), typed: live.NewNewest(Typed{})}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f, m.lookOnly)) })
}

// Load reads what was kept, and asks the instance where the workspace is connected. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	m.facts.Do(ctx, func(ctx context.Context) error {
		_, mk, err := m.workspace.Connections(ctx)
		if err != nil {
			return err
		}
		t := Typed{Address: mk.BaseURL, ClientID: mk.ClientID}
		kept, err := m.workspace.Draft(ctx, Step)
		if err != nil {
			return err
		}
		if kept != nil {
			if err := json.Unmarshal(kept, &t); err != nil {
				return err
			}
		}
		where, err := app.UnderstandMarketo(t.Address)
		in := mk.BaseURL != "" && err == nil && where.Host == mk.BaseURL && t.ClientID == mk.ClientID
		m.typed.Change(func(typed Typed) Typed {
			if typed == (Typed{}) { // nobody was faster
				typed = t
			}
			return typed
		})
		m.facts.Set(func(f *facts) { f.loaded, f.in = &t, in })
		if !in {
			return nil
		}
		return m.ask(ctx)
	})
}

func (m *Model) ask(ctx context.Context) error {
	found, err := m.workspace.Instance(ctx)
	if err == nil {
		m.facts.Set(func(f *facts) { f.found = &found })
	}
	return err
}

// Check asks again. It waits; never on the UI thread.
func (m *Model) Check(ctx context.Context) { m.facts.Do(ctx, m.ask) }

// Change brings the fields back. The connection stays until another one works.
func (m *Model) Change() {
	m.facts.Set(func(f *facts) { f.in, f.found, f.Failed = false, nil, nil })
}

// Type takes what is typed now.
func (m *Model) Type(t Typed) { m.typed.Change(func(Typed) Typed { return t }) }

// pause is how long nothing is typed before what was is kept.
const pause = 400 * time.Millisecond

// Keep keeps what is typed, shortly after it was and when ctx ends. It blocks.
func (m *Model) Keep(ctx context.Context) {
	var last *Typed
	live.Keeping(ctx, m.typed.Changed(), pause, func(ctx context.Context) {
		if last == nil {
			last = m.facts.Get().loaded
		}
		t := m.typed.Get()
		t.Secret = ""
		if last != nil && t != *last {
			if err := m.keep(ctx, t); err != nil {
				m.facts.Fail(ctx, err)
			} else {
				last = &t
			}
		}
	})
}

func (m *Model) keep(ctx context.Context, t Typed) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return m.workspace.KeepDraft(ctx, Step, text)
}

// Leave signs in where nobody is, and stays to show what was found; it lets go where the instance has answered. It waits; never on the UI
// thread.
func (m *Model) Leave(ctx context.Context) bool {
	f := m.facts.Get()
	if f.in && f.found != nil {
		return true
	}
	m.facts.Do(ctx, func(ctx context.Context) error {
		if !f.in {
			t := m.typed.Get()
			daily, _ := t.daily()
			if _, err := m.backend.ConnectMarketo(ctx, m.name, app.ConnectMarketo{
				BaseURL: t.Address, ClientID: strings.TrimSpace(t.ClientID), ClientSecret: strings.TrimSpace(t.Secret), Partition: strings.TrimSpace(t.Partition), DailyCalls: daily,
			}); err != nil {
				return err
			}
			m.facts.Set(func(f *facts) { f.in = true })
		}
		return m.ask(ctx)
	})
	return false
}
