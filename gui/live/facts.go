package live

import (
	"context"
	"errors"
)

// Job is how it stands with what a page does: the zero Job is none.
type Job struct {
	Busy   bool
	Failed error  // why the last one came to nothing; one that was stopped did not fail
	Note   string // what is to be said of it
}

// Facts are what a page knows. Jobs are done on them, one at a time, and how that stands is one of the facts. It is safe for concurrent use.
type Facts[F any] struct {
	*Newest[F]
	stands func(*F) *Job
	under  Stopping
}

func (j *Job) stands() *Job { return j }

// NewFacts begins with facts, which embed a Job.
func NewFacts[F any, P interface {
	*F
	stands() *Job
}](begin F) *Facts[F] {
	return &Facts[F]{Newest: NewNewest(begin), stands: func(f *F) *Job { return P(f).stands() }}
}

// Set changes the facts.
func (f *Facts[F]) Set(how func(*F)) { f.Change(func(now F) F { how(&now); return now }) }

// Do does a job, which Stop ends, and reports whether it came to a good end. It waits; never on the UI thread.
func (f *Facts[F]) Do(ctx context.Context, job func(context.Context) error) bool {
	ctx, stop := f.under.Begin(ctx)
	defer stop()
	f.Set(func(now *F) { *f.stands(now) = Job{Busy: true} })
	err := job(ctx)
	f.Set(func(now *F) { f.stands(now).Busy = false })
	f.Fail(ctx, err)
	return err == nil
}

// Fail says why something came to nothing, unless it was ctx that ended; nil says nothing.
func (f *Facts[F]) Fail(ctx context.Context, err error) {
	if err != nil && !(errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		f.Set(func(now *F) { f.stands(now).Failed = err })
	}
}

// Stop ends the job that is under way.
func (f *Facts[F]) Stop() { f.under.Stop() }
