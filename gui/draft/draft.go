// Package draft holds what a person makes on a page until it is set: step by step, each of which can be taken back, and kept as it is made,
// so that a crash loses none of it.
package draft

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/doppio-sync/doppio/gui/live"
)

// Made is what a person has made so far, and the way back. A step makes another E: none is changed.
type Made[E any] struct {
	Now  E
	past []E
}

// Begin is what there is before anything is made of it, and then what was kept of an earlier time, as one step.
func Begin[E any](with E, kept []byte) Made[E] {
	m := Made[E]{Now: with}
	var made E
	if len(kept) > 0 && json.Unmarshal(kept, &made) == nil {
		m.past, m.Now = []E{with}, made
	}
	return m
}

// To makes a step, and reports whether it leads anywhere.
func (m *Made[E]) To(next E) bool {
	if reflect.DeepEqual(next, m.Now) {
		return false
	}
	m.past, m.Now = append(slices.Clip(m.past), m.Now), next
	return true
}

// CanUndo reports whether there is a step to take back.
func (m *Made[E]) CanUndo() bool { return len(m.past) > 0 }

// Undo takes the last step back, and reports whether there was one.
func (m *Made[E]) Undo() bool {
	n := len(m.past)
	if n == 0 {
		return false
	}
	m.Now, m.past = m.past[n-1], slices.Clip(m.past[:n-1])
	return true
}

// Set says that it is set: from there is no way back.
func (m *Made[E]) Set() { m.past = nil }

// Store is where a workspace's drafts are; nil forgets one.
type Store interface {
	Draft(ctx context.Context, step string) ([]byte, error)
	KeepDraft(ctx context.Context, step string, draft []byte) error
}

// Keeper keeps the draft of a step of the set-up. A nil Keeper keeps none. It is safe for concurrent use.
type Keeper struct {
	store  Store
	step   string
	edited chan struct{}
	told   atomic.Bool // something was edited since a draft was kept
}

// NewKeeper keeps a step's draft, if it is wanted.
func NewKeeper(s Store, step string, wanted bool) *Keeper {
	if !wanted {
		return nil
	}
	return &Keeper{store: s, step: step, edited: make(chan struct{}, 1)}
}

// Read gives what was kept, nil where nothing was.
func (k *Keeper) Read(ctx context.Context) ([]byte, error) {
	if k == nil {
		return nil, nil
	}
	return k.store.Draft(ctx, k.step)
}

// Forget drops what was kept: it is set.
func (k *Keeper) Forget(ctx context.Context) error {
	if k == nil {
		return nil
	}
	return k.store.KeepDraft(ctx, k.step, nil)
}

// Edited says that there is something new to keep. It never waits.
func (k *Keeper) Edited() {
	if k == nil {
		return
	}
	k.told.Store(true)
	select {
	case k.edited <- struct{}{}:
	default:
	}
}

// Run keeps what is made until ctx ends, and what was made last when it does; made gives nil where nothing is. It blocks.
func (k *Keeper) Run(ctx context.Context, made func() any, failed func(context.Context, error)) {
	if k == nil {
		return
	}
	live.Keeping(ctx, k.edited, 0, func(ctx context.Context) {
		if !k.told.Swap(false) {
			return
		}
		var draft []byte
		var err error
		if now := made(); now != nil {
			draft, err = json.Marshal(now)
		}
		if err == nil {
			err = k.store.KeepDraft(ctx, k.step, draft)
		}
		failed(ctx, err)
	})
}
