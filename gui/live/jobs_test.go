package live

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestKeeping keeps once after many changes, and what changed last when its page is left, in the pause or at the same moment.
func TestKeeping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		n, kept := NewNewest(0), []int(nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			Keeping(ctx, n.Changed(), time.Second, func(ctx context.Context) {
				if ctx.Err() != nil {
					t.Error("what is kept last is cut off")
				}
				kept = append(kept, n.Get())
			})
		}()
		for i := range 3 {
			n.Change(func(int) int { return i + 1 })
			time.Sleep(600 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		if synctest.Wait(); len(kept) != 1 || kept[0] != 3 {
			t.Errorf("after three changes kept is %v", kept)
		}
		n.Change(func(int) int { return 4 })
		leave()
		<-done
		if kept[len(kept)-1] != 4 {
			t.Errorf("left at once, kept is %v", kept)
		}
	})
}

// TestStopping ends the job that began last, and nothing before there is one.
func TestStopping(t *testing.T) {
	var s Stopping
	s.Stop()
	first, over := s.Begin(t.Context())
	over()
	second, over := s.Begin(t.Context())
	defer over()
	if first.Err() == nil || second.Err() != nil {
		t.Errorf("the first is %v, the second %v", first.Err(), second.Err())
	}
	if s.Stop(); second.Err() == nil {
		t.Error("it goes on")
	}
}
