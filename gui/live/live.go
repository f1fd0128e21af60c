// Package live brings news from workers to the screen: the newest wins, nothing is queued, and a closed screen is left
// alone.
package live

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// Pace is the shortest time between two views of a screen: more often, nobody sees the difference.
const Pace = 100 * time.Millisecond

// Newest holds the latest of many values and wakes one reader. The zero Newest is not usable; use NewNewest. It is safe
// for concurrent use.
type Newest[T any] struct {
	mu    sync.Mutex
	value T
	wake  chan struct{}
}

// NewNewest is a Newest that holds v and has woken nobody yet.
func NewNewest[T any](v T) *Newest[T] { return &Newest[T]{value: v, wake: make(chan struct{}, 1)} }

// Change replaces the value by what change makes of it. It never waits for a reader.
func (n *Newest[T]) Change(change func(T) T) {
	n.mu.Lock()
	n.value = change(n.value)
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default: // somebody is told already
	}
}

// Get is the value now.
func (n *Newest[T]) Get() T {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.value
}

// Changed delivers once after any number of changes.
func (n *Newest[T]) Changed() <-chan struct{} { return n.wake }

// Watch calls show with the value at once, after changes, and every tick (0: only after changes), at most once a Pace.
// It blocks until ctx ends and returns its error.
func (n *Newest[T]) Watch(ctx context.Context, tick time.Duration, show func(T)) error {
	var ticks <-chan time.Time
	if tick > 0 {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		show(n.Get())
		if err := wait(ctx, time.After(Pace)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-n.wake:
		case <-ticks:
		}
	}
}

func wait(ctx context.Context, after <-chan time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-after:
		return nil
	}
}

// OnScreen gives a func that hands values to show on the UI thread until ctx ends. While a value waits for the UI
// thread, a newer one takes its place.
func OnScreen[T any](ctx context.Context, show func(T)) func(T) {
	var mu sync.Mutex
	var next T
	waiting := false
	return func(v T) {
		mu.Lock()
		next = v
		already := waiting
		waiting = true
		mu.Unlock()
		if already {
			return
		}
		fyne.Do(func() {
			mu.Lock()
			v := next
			waiting = false
			mu.Unlock()
			if ctx.Err() == nil {
				show(v)
			}
		})
	}
}
