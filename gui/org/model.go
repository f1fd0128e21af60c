package org

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend makes the workspace of a set-up, and keeps what is typed before there is one.
type Backend interface {
	NewWorkspace(ctx context.Context, name string, lookOnly bool) error
	KeepSetupStep(ctx context.Context, name, step string) error
	BegunSetup(ctx context.Context, lookOnly bool) ([]byte, error)
	KeepBegunSetup(ctx context.Context, lookOnly bool, typed []byte) error
	// SigningKey gives the certificate of the workspace's own key, which is made where there is none.
	SigningKey(ctx context.Context, name string) (app.SigningKey, error)
	// Ask is a workspace, for its drafts.
	Ask(name string) app.Asked
}

// Step is the key of this step, under which its draft is kept.
const Step = "salesforce"

// Typed is what a person typed: where the org is, and by which app and in which way Doppio signs in. There is no secret in it, and nobody's
// name.
type Typed struct {
	Name     string   `json:"name"`
	Named    bool     `json:"named"` // the name was typed, not suggested
	Address  string   `json:"address"`
	ClientID string   `json:"client_id"`
	Flow     app.Flow `json:"flow"`
	Older    bool     `json:"older,omitempty"` // the app is a connected app
}

// ReadDraft reads what is kept of this step of a workspace; where nothing is, how the workspace is connected.
func ReadDraft(ctx context.Context, name string, workspace app.Asked) (Typed, error) {
	t := Typed{Name: name, Named: true, Flow: app.FlowBrowser}
	kept, err := workspace.Draft(ctx, Step)
	if err != nil {
		return t, err
	}
	if kept != nil {
		err := json.Unmarshal(kept, &t)
		t.Name, t.Named = name, true
		return t, err
	}
	sf, _, err := workspace.Connections(ctx)
	if err == nil && sf.LoginURL != "" {
		t.Address, t.ClientID, t.Flow = sf.LoginURL, sf.ClientID, sf.Flow
	}
	return t, err
}

// Model keeps what is typed, and makes the workspace. It is safe for concurrent use.
type Model struct {
	words    *words.Words
	backend  Backend
	lookOnly bool
	made     func(name string)
	facts    *live.Facts[facts]
	typed    *live.Newest[Typed]
	keeping  sync.Mutex // held while something is kept: there is one place for it before the workspace is made, and another after
}

type facts struct {
	name   string // of the workspace; empty until it is made
	loaded *Typed // what was kept
	live.Job
}

// NewModel is a model of a set-up, of a workspace where there is one.
func NewModel(w *words.Words, backend Backend, name string, lookOnly bool, made func(string)) *Model {
	return &Model{words: w, backend: backend, lookOnly: lookOnly, made: made, facts: live.NewFacts(facts{name: name}), typed: live.NewNewest(Typed{})}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Load reads what was kept. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	t := Typed{Flow: app.FlowBrowser}
	var err error
	if name := m.facts.Get().name; name != "" {
		t, err = ReadDraft(ctx, name, m.backend.Ask(name))
	} else {
		var kept []byte
		if kept, err = m.backend.BegunSetup(ctx, m.lookOnly); err == nil && kept != nil {
			err = json.Unmarshal(kept, &t)
		}
	}
	m.typed.Change(func(typed Typed) Typed {
		if typed == (Typed{}) { // nobody was faster
			typed = t
		}
		return typed
	})
	m.facts.Set(func(f *facts) { f.loaded, f.Failed = &t, err })
}

// Type takes what is typed now.
func (m *Model) Type(t Typed) { m.typed.Change(func(Typed) Typed { return t }) }

// Typed is what is typed now.
func (m *Model) Typed() Typed { return m.typed.Get() }

// pause is how long nothing is typed before what was is kept.
const pause = 400 * time.Millisecond

// Keep keeps what is typed, shortly after it was and when ctx ends. It blocks.
func (m *Model) Keep(ctx context.Context) {
	var last *Typed
	live.Keeping(ctx, m.typed.Changed(), pause, func(ctx context.Context) {
		if last == nil {
			last = m.facts.Get().loaded
		}
		if t := m.typed.Get(); last != nil && t != *last {
			if err := m.keep(ctx, t); err != nil {
				m.facts.Fail(ctx, err)
			} else {
				last = &t
			}
		}
	})
}

func (m *Model) keep(ctx context.Context, t Typed) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if name := m.facts.Get().name; name != "" {
		return m.backend.Ask(name).KeepDraft(ctx, Step, text)
	}
	return m.backend.KeepBegunSetup(ctx, m.lookOnly, text)
}

// Leave makes the workspace, unless there is one, and keeps what was typed in it. It waits; never on the UI thread.
func (m *Model) Leave(ctx context.Context, t Typed) bool {
	return m.facts.Do(ctx, func(ctx context.Context) error { return m.make(ctx, t) })
}

func (m *Model) make(ctx context.Context, t Typed) error {
	if m.facts.Get().name == "" {
		if err := m.begin(ctx, t.Name); err != nil {
			return err
		}
		m.made(t.Name)
	}
	return m.keep(ctx, t)
}

func (m *Model) begin(ctx context.Context, name string) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	if err := m.backend.NewWorkspace(ctx, name, m.lookOnly); err != nil {
		return err
	}
	m.facts.Set(func(f *facts) { f.name = name })
	if err := m.backend.KeepSetupStep(ctx, name, Step); err != nil {
		return err
	}
	return m.backend.KeepBegunSetup(ctx, m.lookOnly, nil)
}

// Certificate makes a key to sign in with, and the workspace for it unless there is one, and writes the certificate to the place that open
// gives. It waits; never on the UI thread.
func (m *Model) Certificate(ctx context.Context, t Typed, open func(context.Context) (frame.File, error)) {
	m.facts.Do(ctx, func(ctx context.Context) error {
		if err := m.make(ctx, t); err != nil {
			return err
		}
		key, err := m.backend.SigningKey(ctx, t.Name)
		if err != nil {
			return err
		}
		name, err := frame.Save(ctx, key.Certificate, open)
		if err != nil || name == "" {
			return err
		}
		note := m.words.Say("org.certificate.saved", "file", name, "until", m.words.Day(key.Until))
		m.facts.Set(func(f *facts) { f.Note = note })
		return nil
	})
}
