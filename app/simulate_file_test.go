package app

import (
	"context"
	"testing"

	"github.com/doppio-sync/doppio/store"
)

// heldFile is a workspace's file that stays open from one use to the next, as under a window or a program that runs cycle after cycle. It is
// closed where the power fails, or somebody copies it.
type heldFile struct{ open *store.Workspace }

// keepsOpen keeps the file of an App's workspace open until the test ends.
func keepsOpen(t *testing.T, a *App) *heldFile {
	k := &heldFile{}
	own := a.world.files
	a.world.files = files{
		open: func(ctx context.Context, path string, keys store.Keys, o store.Options) (_ *store.Workspace, err error) {
			if k.open != nil {
				k.open.Restored = false // it was told when it was opened
				return k.open, nil
			}
			k.open, err = own.open(ctx, path, keys, o)
			return k.open, err
		},
		read: func(ctx context.Context, path string, keys store.Keys, o store.Options) (*store.Workspace, error) {
			if k.open != nil {
				return k.open, nil
			}
			return own.read(ctx, path, keys, o)
		},
		close: func(w *store.Workspace) error {
			if w == k.open {
				return nil
			}
			return own.close(w)
		},
	}
	t.Cleanup(func() { must(t, k.close()) })
	return k
}

func (k *heldFile) close() error {
	if k == nil || k.open == nil {
		return nil
	}
	w := k.open
	k.open = nil
	return w.Close()
}
