package live

import (
	"context"
	"errors"
	"testing"
)

// TestFacts does jobs: one that fails says so until the next, one that is stopped does not, and what fails beside them is told too.
func TestFacts(t *testing.T) {
	type facts struct {
		Job
		n int
	}
	f := NewFacts(facts{Job: Job{Busy: true}})
	away := errors.New("away")
	if f.Do(t.Context(), func(context.Context) error {
		f.Set(func(now *facts) { now.n, now.Note = 1, "half of it" })
		if now := f.Get(); !now.Busy || now.Failed != nil {
			t.Errorf("under way: %+v", now)
		}
		return away
	}) {
		t.Error("what failed came to a good end")
	}
	if now := f.Get(); now.Busy || now.Failed != away || now.n != 1 || now.Note != "half of it" {
		t.Errorf("failed: %+v", now)
	}
	if f.Do(t.Context(), func(ctx context.Context) error {
		if now := f.Get(); now.Failed != nil || now.Note != "" {
			t.Errorf("the one before is still told of: %+v", now)
		}
		f.Stop()
		return ctx.Err()
	}) || f.Get().Failed != nil {
		t.Errorf("stopped: %+v", f.Get())
	}
	if f.Do(t.Context(), func(context.Context) error { return context.Canceled }); f.Get().Failed == nil {
		t.Error("what a side cut off is not told of")
	}
	if !f.Do(t.Context(), func(context.Context) error { return nil }) || f.Get().Failed != nil {
		t.Errorf("well: %+v", f.Get())
	}
	if f.Fail(t.Context(), away); f.Get().Failed != away || f.Get().Busy {
		t.Errorf("beside: %+v", f.Get())
	}
}
