package live

import (
	"context"
	"sync"
	"time"
)

// Jobs are what presses set going and what has to wait: done off the UI thread, one after the other, by whoever runs them.
type Jobs chan func(context.Context)

// NewJobs has room for so many jobs beside the one that is done.
func NewJobs(room int) Jobs { return make(Jobs, room) }

// Do hands a job over without waiting. One too many is dropped: its button was pressed while others were under way.
func (j Jobs) Do(job func(context.Context)) {
	select {
	case j <- job:
	default:
	}
}

// Run does the jobs until ctx ends. It blocks.
func (j Jobs) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-j:
			job(ctx)
		}
	}
}

// Stopping lets somebody else end what is under way. The zero Stopping has nothing to end. It is safe for concurrent use.
type Stopping struct {
	mu   sync.Mutex
	stop context.CancelFunc
}

// Begin gives the context of a job, which Stop ends. The func must be called when the job is over.
func (s *Stopping) Begin(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	s.mu.Lock()
	s.stop = stop
	s.mu.Unlock()
	return ctx, stop
}

// Stop ends the job that began last.
func (s *Stopping) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
}

// Keeping calls keep after changed told and nothing more did for a pause, and a last time when ctx ends: what is kept then outlives
// whoever made it, so that keep is given a context that does not end. It blocks until ctx ends.
func Keeping(ctx context.Context, changed <-chan struct{}, pause time.Duration, keep func(context.Context)) {
	for {
		var ended bool
		select {
		case <-ctx.Done():
			ended = true
		case <-changed:
			ended = !calm(ctx, changed, pause)
		}
		keep(context.WithoutCancel(ctx))
		if ended {
			return
		}
	}
}

// calm waits until changed told nothing for a pause; false when ctx ends first.
func calm(ctx context.Context, changed <-chan struct{}, pause time.Duration) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		case <-time.After(pause):
			return true
		}
	}
}
