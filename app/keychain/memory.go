package keychain

import (
	"bytes"
	"context"
	"sync"
)

// Memory keeps secrets until the process ends: for the demo and for tests.
type Memory struct {
	guard   sync.Mutex
	secrets map[string]map[string][]byte
}

var _ Secrets = (*Memory)(nil)

// NewMemory makes an empty Memory.
func NewMemory() *Memory { return &Memory{secrets: map[string]map[string][]byte{}} }

// Get gives a secret; ok is false when there is none of that name.
func (m *Memory) Get(_ context.Context, workspace, name string) ([]byte, bool, error) {
	m.guard.Lock()
	defer m.guard.Unlock()
	secret, ok := m.secrets[workspace][name]
	return bytes.Clone(secret), ok, nil
}

// Set keeps a secret in place of the one before.
func (m *Memory) Set(_ context.Context, workspace, name string, secret []byte) error {
	m.guard.Lock()
	defer m.guard.Unlock()
	if m.secrets[workspace] == nil {
		m.secrets[workspace] = map[string][]byte{}
	}
	m.secrets[workspace][name] = bytes.Clone(secret)
	return nil
}

// Delete removes a secret; one that is not there is no error.
func (m *Memory) Delete(_ context.Context, workspace, name string) error {
	m.guard.Lock()
	defer m.guard.Unlock()
	delete(m.secrets[workspace], name)
	return nil
}

// Forget removes all secrets of a workspace.
func (m *Memory) Forget(_ context.Context, workspace string) error {
	m.guard.Lock()
	defer m.guard.Unlock()
	delete(m.secrets, workspace)
	return nil
}

// String hides the secrets.
func (m *Memory) String() string { return "***" }

// GoString hides the secrets.
func (m *Memory) GoString() string { return "***" }
