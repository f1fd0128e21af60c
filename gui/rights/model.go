package rights

import (
	"bytes"
	"context"
	"io"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Workspace is what the screen needs of an open workspace.
type Workspace interface {
	// Rights asks Salesforce what the sync user may do. It only reads.
	Rights(ctx context.Context) (app.Rights, error)
	// WriteRequest writes what the admin is asked for, in the language of say.
	WriteRequest(ctx context.Context, form app.RequestForm, to io.Writer, say func(app.Sentence) string) error
	// WritePackage writes the metadata package that grants it.
	WritePackage(ctx context.Context, to io.Writer) error
	// Deploy puts that package into effect: it changes the org.
	Deploy(ctx context.Context, d app.Deploy) (app.Deployed, error)
}

// Model asks, and remembers what was answered. It is safe for concurrent use; one job runs at a time.
type Model struct {
	words     *words.Words
	workspace Workspace
	facts     *live.Facts[facts]
}

type facts struct {
	live.Job
	rights *app.Rights

	deploying bool
	unopened  bool
	address   string // of the page on which an admin signs in, while it is waited for
}

// NewModel is a model that has asked nothing yet.
func NewModel(w *words.Words, workspace Workspace) *Model {
	return &Model{words: w, workspace: workspace, facts: live.NewFacts(facts{Job: live.Job{Busy: true}})}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Check asks again. It waits; never on the UI thread.
func (m *Model) Check(ctx context.Context) {
	m.do(ctx, func(ctx context.Context) (note string, err error) {
		before := m.facts.Get().rights
		r, err := m.workspace.Rights(ctx)
		if err != nil {
			return "", err
		}
		m.facts.Set(func(f *facts) { f.rights = &r })
		if before == nil {
			return "", nil
		}
		switch solved := len(before.Asks()) - len(r.Asks()); {
		case solved > 0:
			return m.words.Count("rights.checked.better", solved), nil
		case solved < 0:
			return m.words.Count("rights.checked.worse", -solved), nil
		}
		return m.words.Say("rights.checked.same"), nil
	})
}

// Mail gives the request as text to put on the clipboard. It waits; never on the UI thread.
func (m *Model) Mail(ctx context.Context, clipboard func(string)) {
	m.do(ctx, func(ctx context.Context) (string, error) {
		var text bytes.Buffer
		if err := m.workspace.WriteRequest(ctx, app.RequestText, &text, m.words.Sentence); err != nil {
			return "", err
		}
		clipboard(text.String())
		return m.words.Say("rights.copied"), nil
	})
}

// Save asks for the request as PDF, or for the package, and writes it to the place that open gives; one that gives nothing was thought
// better of. It waits; never on the UI thread.
func (m *Model) Save(ctx context.Context, what What, open func(context.Context) (frame.File, error)) {
	m.do(ctx, func(ctx context.Context) (string, error) {
		var whole bytes.Buffer // asked for first, so that no empty file is left when that fails
		write := func() error { return m.workspace.WriteRequest(ctx, app.RequestPDF, &whole, m.words.Sentence) }
		if what == Package {
			write = func() error { return m.workspace.WritePackage(ctx, &whole) }
		}
		if err := write(); err != nil {
			return "", err
		}
		name, err := frame.Save(ctx, whole.Bytes(), open)
		if err != nil || name == "" {
			return "", err
		}
		return m.words.Say("rights.saved", "file", name), nil
	})
}

// Deploy lets an admin sign in in the browser for this once, which browse shows, and puts the package into effect. It changes the org: a
// person has said so before. It waits; never on the UI thread.
func (m *Model) Deploy(ctx context.Context, browse func(address string) error) {
	m.do(ctx, func(ctx context.Context) (string, error) {
		m.facts.Set(func(f *facts) { f.deploying = true })
		d, err := m.workspace.Deploy(ctx, app.Deploy{
			AsAdmin: true, DonePage: m.words.Page(m.words.Say("signin.page.done")), FailedPage: m.words.Page(m.words.Say("signin.page.failed")),
			Open: func(address string) error {
				unopened := browse(address) != nil // it is waited for all the same: the address can be copied
				m.facts.Set(func(f *facts) { f.address, f.unopened = address, unopened })
				return nil
			},
		})
		m.facts.Set(func(f *facts) {
			f.deploying, f.address = false, ""
			if err == nil {
				f.rights = &d.Rights
			}
		})
		if err != nil {
			return "", err
		}
		return m.words.Say("rights.deployed"), nil
	})
}

// Stop ends the waiting for the admin.
func (m *Model) Stop() { m.facts.Stop() }

// What can be saved.
type What uint8

// The things.
const (
	Request What = iota
	Package
)

// do does a job, and says what came of it.
func (m *Model) do(ctx context.Context, job func(context.Context) (note string, err error)) {
	m.facts.Do(ctx, func(ctx context.Context) error {
		note, err := job(ctx)
		m.facts.Set(func(f *facts) { f.Note = note })
		return err
	})
}
