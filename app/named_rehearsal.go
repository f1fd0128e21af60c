package app

import (
	"context"
	"io"

	"github.com/doppio-sync/doppio/engine/record"
)

// Rehearse reads both sides, plans everything and writes nothing; what it comes to is kept.
func (n Named) Rehearse(ctx context.Context, progress func(Progress)) (r Rehearsal, err error) {
	err = n.locked(ctx, func() error {
		done, err := n.app.Sync(ctx, n.name, SyncOptions{Rehearse: true, Values: true, Planned: func(Planned) error { return nil }, Progress: n.tell(progress)})
		if err == nil {
			r = *done.Rehearsal
		}
		return err
	})
	return r, err
}

// Rehearsal gives the last one; ErrNotRehearsed where there was none.
func (n Named) Rehearsal(ctx context.Context) (Rehearsal, error) { return n.app.Rehearsal(ctx, n.name) }

// WriteRehearsal writes the last one.
func (n Named) WriteRehearsal(ctx context.Context, form RehearsalForm, values bool, to io.Writer, say func(Sentence) string) error {
	return n.app.WriteRehearsal(ctx, n.name, form, values, to, say)
}

// SinceRehearsal reads what changed, plans it, writes nothing, and says what is not as the last rehearsal announced.
func (n Named) SinceRehearsal(ctx context.Context, progress func(Progress)) (o Outcome, err error) {
	err = n.locked(ctx, func() error {
		done, err := n.app.Sync(ctx, n.name, SyncOptions{Since: true, Progress: n.tell(progress)})
		if err == nil {
			o = *done.Outcome
		}
		return err
	})
	return o, err
}

// Share carries out the last rehearsal for so many people.
func (n Named) Share(ctx context.Context, people int, progress func(Progress)) (share Share, err error) {
	err = n.locked(ctx, func() error {
		done, err := n.app.Share(ctx, n.name, people, SyncOptions{Values: true, Progress: n.tell(progress)})
		if done.Share != nil {
			share = *done.Share
		}
		return err
	})
	return share, err
}

// LastShare is what became of the last share.
func (n Named) LastShare(ctx context.Context) (Share, error) { return n.app.LastShare(ctx, n.name) }

// GoLive lets the cycles write from now on.
func (n Named) GoLive(ctx context.Context) error {
	return n.locked(ctx, func() error { return n.app.SetMode(ctx, n.name, record.Live) })
}

// KeepRehearsing lets the cycles plan, and write nothing.
func (n Named) KeepRehearsing(ctx context.Context) error {
	return n.locked(ctx, func() error { return n.app.SetMode(ctx, n.name, record.Rehearse) })
}

// tell says what a cycle does as progress.
func (n Named) tell(progress func(Progress)) func(Doing) {
	began := n.app.world.now()
	return func(d Doing) {
		p := Progress{Phase: Phase(d.Phase), Done: d.Done, Total: d.Total, Since: began}
		if side, err := record.ParseSide(d.Side); err == nil { // none means both
			p.Side = side
		}
		progress(p)
	}
}
