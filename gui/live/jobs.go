package live

import "context"

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
