package overview

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/words"
)

// watch runs a model in the bubble and gives what it showed last.
func watch(t *testing.T, r app.Running) (m *Model, last func() View, shown *int, end func()) {
	t.Helper()
	m = NewModel(words.For("en"), r, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	var view View
	n := 0
	done := make(chan error)
	go func() { done <- m.Watch(ctx, func(v View) { view = v; n++ }) }()
	end = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	}
	return m, func() View { synctest.Wait(); return view }, &n, end
}

// TestNewestWins floods the model: what is shown is never older than the last change, and never more often than ten
// times a second.
func TestNewestWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := fake.NewRunning(fake.Dashboard())
		_, last, shown, end := watch(t, r)
		last()
		before := *shown
		for i := range 1000 {
			r.Change(func(d *app.Dashboard) error { d.Linked = i; return nil })
			time.Sleep(time.Millisecond) // the bubble's clock: 1,000 changes in a second
		}
		time.Sleep(time.Second)
		if v := last(); v.Board.Linked != 999 {
			t.Errorf("the last change is not shown: %d", v.Board.Linked)
		}
		if n := *shown - before; n > 21 {
			t.Errorf("%d views in two seconds", n)
		}
		end()
	})
}

// TestFourStates walks through loading, failed, empty and full, and back after Retry.
func TestFourStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := fake.NewRunning(fake.Fresh())
		r.Change(func(*app.Dashboard) error { return errors.New("the database is locked") })
		if v := NewModel(words.For("en"), r, time.Now).view(facts{}); v.State != Loading {
			t.Errorf("before the first number: state %d", v.State)
		}
		m, last, _, end := watch(t, r)
		time.Sleep(time.Second)
		if v := last(); v.State != Failed || v.Problem == nil || v.Problem.Details != "the database is locked" {
			t.Errorf("after a failure: %+v", v)
		}
		r.Change(func(*app.Dashboard) error { return nil })
		m.Retry()
		time.Sleep(time.Second)
		if v := last(); v.State != Empty || v.Problem != nil {
			t.Errorf("a fresh workspace: state %d, %v", v.State, v.Problem)
		}
		r.Change(func(d *app.Dashboard) error { *d = fake.Dashboard(); return nil })
		time.Sleep(time.Second)
		if v := last(); v.State != Full {
			t.Errorf("after cycles: state %d", v.State)
		}
		end()
	})
}

// TestCountsDown sees the heading change while nothing else does.
func TestCountsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := fake.Fresh()
		d.Next = time.Now().Add(12 * time.Second)
		_, last, _, end := watch(t, fake.NewRunning(d))
		time.Sleep(3500 * time.Millisecond)
		if v := last(); v.Heading != "Ready. The first cycle starts in 9 s." {
			t.Errorf("heading %q", v.Heading)
		}
		end()
	})
}

// TestButtons presses everything and looks at what the workspace was asked.
func TestButtons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := fake.NewRunning(fake.Fresh())
		m, last, _, end := watch(t, r)
		last()
		m.SyncNow()
		m.Stop()
		m.TogglePause()
		time.Sleep(time.Second)
		if !last().Paused {
			t.Error("it is not paused")
		}
		m.TogglePause()
		m.Edit(t.Context())
		m.ToggleTrouble(t.Context())
		time.Sleep(time.Second)
		if v := last(); !v.Trouble || v.Board.Waiting.ToMarketo != editSize {
			t.Errorf("after an edit and trouble: %+v", v.Board.Waiting)
		}
		m.ToggleTrouble(t.Context())
		r.Change(func(d *app.Dashboard) error { d.Problem = &app.Problem{}; return nil })
		time.Sleep(time.Second)
		m.Retry()
		r.Change(func(d *app.Dashboard) error { d.Paused = true; return nil })
		time.Sleep(time.Second)
		m.Retry() // what stopped the work paused it too
		r.Change(func(d *app.Dashboard) error { d.Paused = true; return nil })
		time.Sleep(time.Second)
		m.SyncNow()
		m.GoOn()
		want := []string{"SyncNow", "Stop", "Pause", "Resume", "Edit", "Trouble", "Trouble", "SyncNow", "Resume", "Resume", "GoOn"}
		if got := r.Calls(); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
		end()
	})
}
