package app

import (
	"context"
	"fmt"

	"github.com/doppio-sync/doppio/store"
)

// The settings of a set-up. A draft is sealed: a filter or a rule that was typed and not yet set may name people.
const (
	metaSetupStep  = "setup_step"
	metaSetupDraft = "setup_draft."
)

// SetupStep gives the step at which the set-up of a workspace stands, as KeepSetupStep kept it; "" where it was ended or never begun.
func (a *App) SetupStep(ctx context.Context, name string) (step string, err error) {
	err = a.beside(ctx, name, false, func(w *store.Workspace) error {
		step, err = w.Setting(ctx, metaSetupStep)
		return err
	})
	return step, err
}

// KeepSetupStep keeps the step at which the set-up of a workspace stands; "" ends it, and forgets what was typed.
func (a *App) KeepSetupStep(ctx context.Context, name, step string) error {
	return a.within(ctx, name, func(w *store.Workspace) error {
		settings := map[string]string{metaSetupStep: step}
		if step == "" {
			drafts, err := w.Settings(ctx, metaSetupDraft)
			if err != nil {
				return err
			}
			for draft := range drafts {
				settings[draft] = ""
			}
		}
		return w.SetSettings(ctx, settings)
	})
}

// SetupDraft gives what was typed in a step and not yet set, as KeepSetupDraft kept it; nil where nothing was.
func (a *App) SetupDraft(ctx context.Context, name, step string) (draft []byte, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		text, err := w.Setting(ctx, metaSetupDraft+step)
		if err != nil {
			return err
		}
		draft, err = w.Unseal(metaSetupDraft+step, text)
		return err
	})
	return draft, err
}

// KeepSetupDraft keeps what is typed in a step, so that a crash does not lose it; nil forgets it. Secrets do not belong in it: they go to
// the keychain, or are typed again.
func (a *App) KeepSetupDraft(ctx context.Context, name, step string, draft []byte) error {
	return a.within(ctx, name, func(w *store.Workspace) error {
		if draft == nil {
			return w.SetSetting(ctx, metaSetupDraft+step, "")
		}
		sealed, err := w.Seal(metaSetupDraft+step, draft)
		if err != nil {
			return fmt.Errorf("keep what was typed: %w", err)
		}
		return w.SetSetting(ctx, metaSetupDraft+step, sealed)
	})
}
