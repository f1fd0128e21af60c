package pace

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// waiter is a call that waits for its turn. Its channel has room for one signal: "look again".
type waiter struct{ signal chan struct{} }

// enter blocks until the call may be sent, and takes its place. Only the head of the line looks at the limits, so
// nobody is overtaken by a luckier timer.
func (p *Pacer) enter(ctx context.Context, purpose record.Purpose) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if purpose == record.SignIn {
		return nil
	}
	urgent := isUrgent(ctx)
	w := &waiter{signal: make(chan struct{}, 1)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if urgent {
		p.urgent = append(p.urgent, w)
	} else {
		p.line = append(p.line, w)
	}
	defer p.forget(w)
	for {
		var wait time.Duration // 0: until somebody signals
		if p.head() == w {
			now := p.now()
			d := p.state.admit(now, purpose, urgent)
			if d.refused != nil {
				return d.refused
			}
			if d.admitted {
				p.state.begin(now, purpose)
				return nil
			}
			if !d.at.IsZero() {
				wait = max(d.at.Sub(now), time.Millisecond)
			}
		}
		p.mu.Unlock()
		err := w.wait(ctx, wait)
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
}

func (w *waiter) wait(ctx context.Context, d time.Duration) error {
	var alarm <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-w.signal:
	case <-alarm:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (p *Pacer) leave(purpose record.Purpose) {
	if purpose == record.SignIn {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.end(p.now())
	p.wake()
}

func (p *Pacer) head() *waiter {
	if len(p.urgent) > 0 {
		return p.urgent[0]
	}
	if len(p.line) > 0 {
		return p.line[0]
	}
	return nil
}

// forget takes a waiter out of the line, admitted or not, and lets the next one look.
func (p *Pacer) forget(w *waiter) {
	same := func(o *waiter) bool { return o == w }
	p.urgent = slices.DeleteFunc(p.urgent, same)
	p.line = slices.DeleteFunc(p.line, same)
	p.wake()
}

// wake makes the head of the line look again.
func (p *Pacer) wake() {
	if w := p.head(); w != nil {
		select {
		case w.signal <- struct{}{}:
		default: // it has been told already
		}
	}
}
