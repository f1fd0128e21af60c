package store_test

import (
	"strings"
	"testing"
)

// TestSealedSetting: what people wrote into a setting lies sealed on the disk, bound to its name.
func TestSealedSetting(t *testing.T) {
	w := openMemory(t)
	text, err := w.Seal("mapping", []byte("asked for by Anna"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "Anna") {
		t.Error("the setting is readable")
	}
	if plain, err := w.Unseal("mapping", text); err != nil || string(plain) != "asked for by Anna" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := w.Unseal("filter", text); err == nil {
		t.Error("a seal can be moved to another setting")
	}
	if plain, err := w.Unseal("mapping", ""); plain != nil || err != nil {
		t.Errorf("of nothing came %q, %v", plain, err)
	}
}
