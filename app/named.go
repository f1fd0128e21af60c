package app

import (
	"context"
	"errors"
	"io"

	"github.com/doppio-sync/doppio/store"
)

// Named is one workspace by its name: what a page of the window asks of it, whether it is at work or is still being set up.
type Named struct {
	app  *App
	name string
	// alone does something that needs the workspace's lock; nil where nobody holds it.
	alone func(ctx context.Context, do func() error) error
}

// Named gives a workspace that is not at work in this process. Whether it is there shows with the first question.
func (a *App) Named(name string) Named { return Named{app: a, name: name} }

// Ask is Named for whoever knows Asked alone.
func (a *App) Ask(name string) Asked { return a.Named(name) }

// locked does something that takes the workspace's lock, and lets go of it meanwhile where the workspace is at work here.
func (n Named) locked(ctx context.Context, do func() error) error {
	if n.alone == nil {
		return do()
	}
	return n.alone(ctx, do)
}

// Rights asks Salesforce what the sync user may do.
func (n Named) Rights(ctx context.Context) (Rights, error) { return n.app.Rights(ctx, n.name) }

// WriteRequest writes what the Salesforce admin is asked for.
func (n Named) WriteRequest(ctx context.Context, form RequestForm, to io.Writer, say func(Sentence) string) error {
	_, err := n.app.WriteRequest(ctx, n.name, form, to, say)
	return err
}

// WritePackage writes the metadata package that grants it.
func (n Named) WritePackage(ctx context.Context, to io.Writer) error {
	_, err := n.app.WritePackage(ctx, n.name, to, false)
	return err
}

// Deploy puts the package into effect.
func (n Named) Deploy(ctx context.Context, d Deploy) (Deployed, error) {
	return n.app.Deploy(ctx, n.name, d)
}

// Connections gives how the workspace reaches both sides.
func (n Named) Connections(ctx context.Context) (sf SalesforceConnection, mk MarketoConnection, err error) {
	err = n.app.beside(ctx, n.name, false, func(ws *store.Workspace) error {
		sf, mk, err = (&session{ws: ws}).connections(ctx)
		return err
	})
	return sf, mk, err
}

// RenewSigningKey gives the certificate of a key beside the one that signs in.
func (n Named) RenewSigningKey(ctx context.Context) (key SigningKey, err error) {
	err = n.locked(ctx, func() error {
		key, err = n.app.RenewSigningKey(ctx, n.name)
		return err
	})
	return key, err
}

// Draft gives what was typed in a step of the set-up and not yet set.
func (n Named) Draft(ctx context.Context, step string) ([]byte, error) {
	return n.app.SetupDraft(ctx, n.name, step)
}

// KeepDraft keeps it.
func (n Named) KeepDraft(ctx context.Context, step string, draft []byte) error {
	return n.locked(ctx, func() error { return n.app.KeepSetupDraft(ctx, n.name, step, draft) })
}

// opener opens a session of a workspace.
func (a *App) opener(name string) func(context.Context) (work, error) {
	return func(ctx context.Context) (work, error) {
		s, err := a.openSession(ctx, name)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// with asks the session, which is opened first where it is not.
func (r *running) with(ctx context.Context, ask func(work) error) error {
	for {
		r.at.RLock()
		if w := r.session; w != nil {
			defer r.at.RUnlock()
			return ask(w)
		}
		r.at.RUnlock()
		if err := r.open(ctx); err != nil {
			return err
		}
	}
}

func (r *running) open(ctx context.Context) (err error) {
	r.at.Lock()
	defer r.at.Unlock()
	if r.session == nil {
		r.session, err = r.reopen(ctx)
	}
	return err
}

// apart ends the running cycle, lets go of the workspace while something is done that needs its lock, and takes it up again.
func (r *running) apart(ctx context.Context, do func() error) error {
	r.Stop()
	r.at.Lock()
	var err error
	if r.session != nil {
		err = r.session.Close()
		r.session = nil
	}
	if err == nil {
		err = do()
	}
	r.at.Unlock()
	return errors.Join(err, r.open(ctx))
}
