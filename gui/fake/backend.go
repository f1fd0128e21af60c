package fake

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

// Backend does what its fields say. The zero Backend has no workspaces and opens Running with Fresh. It is safe for
// concurrent use; fields are set before the first call.
type Backend struct {
	Cards     []app.WorkspaceCard
	ListErr   error
	Board     app.Dashboard // of what is opened
	Looks     bool          // what is opened can never leave Observe
	OpenErr   error
	ForgetErr error
	SignErr   error         // of signing in
	Browser   chan struct{} // the browser is waited for until it is closed; nil: not at all
	Wait      chan struct{} // opening waits until it is closed; nil: not at all
	Progress  []app.Progress

	mu    sync.Mutex
	calls []string
	last  *Running
	asked map[string]*Running
	steps map[string]string
	begun map[bool][]byte
}

// Cards are three workspaces as one has them after a while.
func Cards() []app.WorkspaceCard {
	return []app.WorkspaceCard{
		{Name: "Acme B.V.", Mode: record.Live, Salesforce: "acme.my.salesforce.com", Marketo: "123-ABC-456.mktorest.com", Linked: 12480, LastCycle: Noon.Add(-2 * 60e9)},
		{Name: "Northwind", Mode: record.Rehearse, Salesforce: "northwind--uat.sandbox.my.salesforce.com", Marketo: "987-XYZ-654.mktorest.com"},
		{Name: "Client visit, Kade 12", Mode: record.Observe, LookOnly: true, Salesforce: "kade12.my.salesforce.com"},
	}
}

// Add puts a workspace onto the list.
func (b *Backend) Add(card app.WorkspaceCard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Cards = append(b.Cards, card)
}

// Calls are the names of what was asked so far, in order.
func (b *Backend) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Last is the workspace opened last; nil when none was.
func (b *Backend) Last() *Running {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

func (b *Backend) called(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, name)
}

func (b *Backend) ListWorkspaces(context.Context) ([]app.WorkspaceCard, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	cards := b.Cards
	for _, lookOnly := range []bool{false, true} {
		if b.begun[lookOnly] != nil {
			cards = append([]app.WorkspaceCard{{Begun: true, LookOnly: lookOnly}}, cards...)
		}
	}
	return cards, b.ListErr
}

func (b *Backend) OpenDemo(ctx context.Context, progress func(app.Progress)) (app.Running, error) {
	b.called("OpenDemo")
	for _, p := range b.Progress {
		progress(p)
	}
	return b.open(ctx)
}

func (b *Backend) Open(ctx context.Context, name string) (app.Running, error) {
	b.called("Open " + name)
	return b.open(ctx)
}

func (b *Backend) open(ctx context.Context) (app.Running, error) {
	if b.Wait != nil {
		select {
		case <-b.Wait: // what is ready is given, also to somebody who has just left
		default:
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-b.Wait:
			}
		}
	}
	if b.OpenErr != nil {
		return nil, b.OpenErr
	}
	board := b.Board
	if board.Workspace == "" {
		board = Fresh()
	}
	r := NewRunning(board)
	r.Looks = b.Looks
	b.mu.Lock()
	b.last = r
	b.mu.Unlock()
	return r, nil
}

func (b *Backend) Forget(_ context.Context, name string) error {
	b.called("Forget " + name)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Cards = slices.DeleteFunc(slices.Clone(b.Cards), func(c app.WorkspaceCard) bool { return c.Name == name })
	return b.ForgetErr
}

func (b *Backend) NewWorkspace(_ context.Context, name string, lookOnly bool) error {
	b.called("NewWorkspace " + name)
	return nil
}

func (b *Backend) SetMode(_ context.Context, name string, mode record.Mode) error {
	b.called("SetMode " + mode.String())
	return nil
}

// Ask is a workspace that is being set up; the same one each time.
func (b *Backend) Ask(name string) app.Asked { return b.Asked(name) }

// Asked is what Ask gives, for a test to change.
func (b *Backend) Asked(name string) *Running {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked == nil {
		b.asked = map[string]*Running{}
	}
	if b.asked[name] == nil {
		b.asked[name] = NewRunning(Fresh())
	}
	return b.asked[name]
}

// SetupStep gives what KeepSetupStep kept.
func (b *Backend) SetupStep(_ context.Context, name string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.steps[name], nil
}

func (b *Backend) KeepSetupStep(_ context.Context, name, step string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.steps == nil {
		b.steps = map[string]string{}
	}
	b.steps[name] = step
	return nil
}

// Running is an open workspace whose dashboard a test changes. It is safe for concurrent use.
type Running struct {
	Admin chan struct{} // Deploy waits until it is closed; nil: not at all
	Looks bool          // it can never leave Observe

	mu       sync.Mutex
	board    app.Dashboard
	watchErr error
	calls    []string
	changed  chan struct{}

	rights    app.Rights
	rightsErr error
	desk      *Desk
	fields    FieldAnswers
	rules     RuleAnswers
	drafts    map[string][]byte
	connected
	Rehearsing
}

// NewRunning shows a dashboard.
func NewRunning(d app.Dashboard) *Running { return &Running{board: d, changed: make(chan struct{})} }

// Change changes the dashboard, or makes watching fail.
func (r *Running) Change(change func(d *app.Dashboard) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchErr = change(&r.board)
	close(r.changed)
	r.changed = make(chan struct{})
}

// Calls are the names of what was asked so far, in order.
func (r *Running) Calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *Running) called(name string, change func(d *app.Dashboard)) {
	r.Change(func(d *app.Dashboard) error {
		r.calls = append(r.calls, name)
		if change != nil {
			change(d)
		}
		return r.watchErr
	})
}

func (r *Running) Watch(ctx context.Context, show func(app.Dashboard)) error {
	for {
		r.mu.Lock()
		board, err, changed := r.board, r.watchErr, r.changed
		r.mu.Unlock()
		if err != nil {
			return err
		}
		show(board)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func (r *Running) SyncNow() {
	r.called("SyncNow", func(d *app.Dashboard) {
		d.Running = &app.Progress{Phase: app.PhaseRead, Side: record.Salesforce, Done: 40}
	})
}

// LookOnly is Looks.
func (r *Running) LookOnly() bool { return r.Looks }

func (r *Running) Stop()   { r.called("Stop", func(d *app.Dashboard) { d.Running = nil }) }
func (r *Running) Pause()  { r.called("Pause", func(d *app.Dashboard) { d.Paused = true }) }
func (r *Running) Resume() { r.called("Resume", func(d *app.Dashboard) { d.Paused = false }) }
func (r *Running) GoOn() {
	r.called("GoOn", func(d *app.Dashboard) { d.Paused, d.Problem = false, nil })
}

func (r *Running) Edit(_ context.Context, n int) error {
	r.called("Edit", func(d *app.Dashboard) { d.Waiting.ToMarketo += n; d.Waiting.ToSalesforce += n })
	return nil
}

func (r *Running) Trouble(_ context.Context, on bool) error {
	r.called("Trouble", func(d *app.Dashboard) { d.Trouble = on })
	return nil
}

// Rights gives what Grant said.
func (r *Running) Rights(context.Context) (app.Rights, error) {
	r.called("Rights", nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rights, r.rightsErr
}

// Grant says what Rights gives from now on.
func (r *Running) Grant(rights app.Rights, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rights, r.rightsErr = rights, err
}

func (r *Running) WriteRequest(_ context.Context, form app.RequestForm, to io.Writer, _ func(app.Sentence) string) error {
	r.called("WriteRequest "+string(form), nil)
	_, err := io.WriteString(to, "the request")
	return err
}

func (r *Running) WritePackage(_ context.Context, to io.Writer) error {
	r.called("WritePackage", nil)
	_, err := io.WriteString(to, "the package")
	return err
}

func (r *Running) Draft(_ context.Context, step string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drafts[step], nil
}

func (r *Running) KeepDraft(_ context.Context, step string, draft []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.drafts == nil {
		r.drafts = map[string][]byte{}
	}
	r.drafts[step] = draft
	return nil
}

func (r *Running) Close() error {
	r.called("Close", nil)
	return nil
}
