// Package keychain keeps a workspace's secrets: in the keychain of the operating system, in a file sealed with a
// passphrase where there is no keychain, or in memory for the demo (promise 9).
//
// In flow and out flow secrets by workspace and name; nothing else ever holds them for longer than a use case.
package keychain

import (
	"context"
	"errors"
)

// Secrets keeps the secrets of workspaces. All methods may be called from any goroutine.
type Secrets interface {
	// Get gives a secret; ok is false when there is none of that name.
	Get(ctx context.Context, workspace, name string) (secret []byte, ok bool, err error)
	// Set keeps a secret in place of the one before. After an error the one before is still there.
	Set(ctx context.Context, workspace, name string, secret []byte) error
	// Delete removes a secret; one that is not there is no error.
	Delete(ctx context.Context, workspace, name string) error
	// Forget removes all secrets of a workspace.
	Forget(ctx context.Context, workspace string) error
}

// What can stand between a program and its secrets.
var (
	// ErrUnavailable says that there is no keychain now: none runs, it is locked, or its prompt was dismissed. It is
	// never the answer for a secret that is not there.
	ErrUnavailable = errors.New("the keychain of this computer cannot be reached; unlock it, or use --secrets file with DOPPIO_PASSPHRASE")
	// ErrPassphrase says that the sealed file was made with another passphrase.
	ErrPassphrase = errors.New("the passphrase does not open the file of secrets")
	// ErrNoPassphrase says that nobody gave a passphrase.
	ErrNoPassphrase = errors.New("a passphrase is needed for the file of secrets; set DOPPIO_PASSPHRASE")
	// ErrDamaged says that the file of secrets is not what was written.
	ErrDamaged = errors.New("the file of secrets is damaged; put a backup of it back, or delete it and connect again")
	// ErrSpoiled: an entry in the keychain of the operating system is not what Doppio wrote there.
	ErrSpoiled = errors.New("an entry of Doppio's in the keychain is not what was written; connect again")
)
