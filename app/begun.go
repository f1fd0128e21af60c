package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// begunFile keeps what was typed of a set-up that has no workspace yet. It names an org at most, never a person and no secret.
const begunFile = "begun"

func (a *App) begun(lookOnly bool) string {
	name := begunFile
	if lookOnly {
		name += "-look"
	}
	return filepath.Join(a.home, name+".json")
}

// BegunSetup gives what was typed of a set-up whose workspace is not made yet, as KeepBegunSetup kept it; nil where none is begun.
func (a *App) BegunSetup(_ context.Context, lookOnly bool) ([]byte, error) {
	typed, err := os.ReadFile(a.begun(lookOnly))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the set-up that was begun cannot be read: %w", err)
	}
	return typed, nil
}

// KeepBegunSetup keeps what is typed before there is a workspace to keep it in; nil forgets it. Neither people's data nor secrets belong
// in it.
func (a *App) KeepBegunSetup(_ context.Context, lookOnly bool, typed []byte) error {
	file := a.begun(lookOnly)
	if typed == nil {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget the set-up that was begun: %w", err)
		}
		return nil
	}
	err := os.MkdirAll(a.home, 0o700)
	if err == nil {
		err = os.WriteFile(file+".part", typed, 0o600)
	}
	if err == nil {
		err = os.Rename(file+".part", file)
	}
	if err != nil {
		return fmt.Errorf("keep what was typed: %w", err)
	}
	return nil
}
