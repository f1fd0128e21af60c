package wire

import (
	"context"
	"sync"

	"github.com/doppio-sync/doppio/engine/pace"
)

// Session holds what a sign-in gave. However many calls find it missing or dead, one sign-in is made for all of them. The
// zero value with its functions set is ready; it is safe for concurrent use.
type Session[T any] struct {
	// SignIn exchanges the credentials. Its context does not end when the caller gives up: the answer may hold the only
	// refresh token that is still good, and the next caller is glad of it.
	SignIn func(ctx context.Context) (T, error)
	// Secret is the token that calls carry.
	Secret func(T) pace.Secret
	// Alive reports whether it may still be used; nil means until the side refuses it.
	Alive func(T) bool

	mu     sync.Mutex
	held   T
	flight chan struct{} // closed when the sign-in under way has ended; nil if none is
	failed error         // how the last sign-in ended
}

// Get gives what is neither stale nor dead, and whether it was made while asking. A caller whose stale token differs from
// the one held gets the one held.
func (s *Session[T]) Get(ctx context.Context, stale pace.Secret) (held T, fresh bool, err error) {
	var none T
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		// What was made while waiting is given even if it is the stale one: the side may hand out the same token again.
		if token := s.Secret(s.held); token != "" && (fresh || token != stale) && (s.Alive == nil || s.Alive(s.held)) {
			return s.held, fresh, nil
		}
		if ctx.Err() != nil {
			return none, false, context.Cause(ctx)
		}
		if s.flight == nil {
			return s.sign(ctx)
		}
		flight := s.flight
		s.mu.Unlock()
		select {
		case <-flight:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if s.failed != nil && s.flight == nil && ctx.Err() == nil {
			return none, false, s.failed
		}
		fresh = true
	}
}

// sign makes the sign-in; the lock is given up meanwhile.
func (s *Session[T]) sign(ctx context.Context) (T, bool, error) {
	done := make(chan struct{})
	s.flight = done
	s.mu.Unlock()
	held, err := s.SignIn(context.WithoutCancel(ctx))
	s.mu.Lock()
	s.flight, s.failed = nil, err
	close(done)
	if err != nil {
		var none T
		s.held = none
		return none, false, err
	}
	s.held = held
	return held, true, nil
}
