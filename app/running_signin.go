package app

import "context"

// SignInSalesforce signs in anew while the work rests.
func (r *running) SignInSalesforce(ctx context.Context, c ConnectSalesforce) (Connected, error) {
	return r.signIn(ctx, func() (Connected, error) { return r.app.ConnectSalesforce(ctx, r.name, c) })
}

// SignInMarketo signs in anew while the work rests.
func (r *running) SignInMarketo(ctx context.Context, c ConnectMarketo) (Connected, error) {
	return r.signIn(ctx, func() (Connected, error) { return r.app.ConnectMarketo(ctx, r.name, c) })
}

// signIn takes the work up again where a sign-in that had ended was what it waited for.
func (r *running) signIn(ctx context.Context, connect func() (Connected, error)) (done Connected, err error) {
	err = r.locked(ctx, func() error {
		done, err = connect()
		return err
	})
	r.mu.Lock()
	waited := r.problem != nil
	r.mu.Unlock()
	if err == nil && waited {
		r.Resume()
	}
	return done, err
}
