package store

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
)

// Seal makes of a small fact what may be kept as the setting of that name although people's data may be in it. Only Unseal
// with the same name gives it back.
func (w *Workspace) Seal(name string, plain []byte) (string, error) {
	sealed, err := w.keys.seal(settingSeal, sealedName(name), plain)
	if err != nil {
		return "", fmt.Errorf("seal the setting %s: %w", name, err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// Unseal gives what Seal made the setting of; "" gives nothing.
func (w *Workspace) Unseal(name, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("unseal the setting %s: %w", name, err)
	}
	plain, err := w.keys.open(settingSeal, sealedName(name), sealed)
	if err != nil {
		return nil, fmt.Errorf("unseal the setting %s: %w", name, err)
	}
	return plain, nil
}

// sealedName binds a seal to its setting. 0 is the proof of the key.
func sealedName(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return int64(max(h.Sum64(), 1))
}
