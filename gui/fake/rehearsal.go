package fake

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/doppio-sync/doppio/app"
)

// Rehearsing is the part of a workspace that rehearses and goes live. The zero Rehearsing has no rehearsal.
type Rehearsing struct {
	mu      sync.Mutex
	last    *app.Rehearsal
	next    app.Rehearsal
	outcome app.Outcome
	share   app.Share
	failure error
	waits   chan struct{}
	asked   []string
}

// Rehearsed says what was rehearsed (nil: nothing), what the next rehearsal gives, and what became otherwise since.
func (r *Rehearsing) Rehearsed(last *app.Rehearsal, next app.Rehearsal, since app.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.next, r.outcome = last, next, since
}

// Shared says what the next share gives.
func (r *Rehearsing) Shared(share app.Share) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.share = share
}

// Fail lets whatever is asked end with an error.
func (r *Rehearsing) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure = err
}

// Hang lets a rehearsal and a share go on until their context ends.
func (r *Rehearsing) Hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits = make(chan struct{})
}

// Asked are the names of what was asked of it, in order.
func (r *Rehearsing) Asked() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

func (r *Rehearsing) ask(ctx context.Context, what string, long bool) error {
	r.mu.Lock()
	r.asked = append(r.asked, what)
	failure, waits := r.failure, r.waits
	r.mu.Unlock()
	if long && waits != nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return failure
}

// Rehearse gives what Rehearsed said.
func (r *Rehearsing) Rehearse(ctx context.Context, progress func(app.Progress)) (app.Rehearsal, error) {
	progress(app.Progress{Phase: app.PhaseRead, Done: 1200})
	if err := r.ask(ctx, "Rehearse", true); err != nil {
		return app.Rehearsal{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.next
	r.last = &next
	return next, nil
}

// Rehearsal gives the last one.
func (r *Rehearsing) Rehearsal(ctx context.Context) (app.Rehearsal, error) {
	if err := r.ask(ctx, "Rehearsal", false); err != nil {
		return app.Rehearsal{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		return app.Rehearsal{}, app.ErrNotRehearsed
	}
	return *r.last, nil
}

// WriteRehearsal writes a word.
func (r *Rehearsing) WriteRehearsal(ctx context.Context, form app.RehearsalForm, values bool, to io.Writer, _ func(app.Sentence) string) error {
	what := "WriteRehearsal " + string(form)
	if values {
		what += " with values"
	}
	if err := r.ask(ctx, what, false); err != nil {
		return err
	}
	_, err := io.WriteString(to, "the rehearsal")
	return err
}

// SinceRehearsal gives what Rehearsed said.
func (r *Rehearsing) SinceRehearsal(ctx context.Context, progress func(app.Progress)) (app.Outcome, error) {
	progress(app.Progress{Phase: app.PhaseRead})
	err := r.ask(ctx, "SinceRehearsal", false)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcome, err
}

// Share gives what Shared said.
func (r *Rehearsing) Share(ctx context.Context, _ int, progress func(app.Progress)) (app.Share, error) {
	progress(app.Progress{Phase: app.PhaseWrite})
	err := r.ask(ctx, "Share", true)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.share, err
}

// LastShare gives nothing: none was made before.
func (r *Rehearsing) LastShare(ctx context.Context) (app.Share, error) {
	return app.Share{}, r.ask(ctx, "LastShare", false)
}

// GoLive is remembered.
func (r *Rehearsing) GoLive(ctx context.Context) error { return r.ask(ctx, "GoLive", false) }

// KeepRehearsing is remembered.
func (r *Rehearsing) KeepRehearsing(ctx context.Context) error {
	return r.ask(ctx, "KeepRehearsing", false)
}
