package keychain

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// FuzzSealedFile: a file of secrets that was damaged, or that somebody tampered with, gives the secrets that were put in or says so. It
// never gives others.
func FuzzSealedFile(f *testing.F) {
	const passphrase = "correct horse"
	stretched, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		f.Fatal(err)
	}
	stretched.SetWorkFactor(1) // as quick as it goes, so that more is tried
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	key, err := seal([]byte(identity.String()), stretched)
	if err != nil {
		f.Fatal(err)
	}
	secrets, err := seal([]byte(`{"w":{"key":"c2VjcmV0"}}`), identity.Recipient())
	if err != nil {
		f.Fatal(err)
	}
	whole := strings.TrimRight(key, "\n") + "\n" + secrets
	for _, seed := range []string{whole, strings.ReplaceAll(whole, "\n", "\r\n"), whole[:len(whole)/2], key, secrets, key + key, armor.Header + "\n" + armor.Footer, ""} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "secrets.age")
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		file := &File{path: path, passphrase: func() (string, error) { return passphrase, nil }}
		v, err := file.read()
		switch {
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrPassphrase):
		case err != nil:
			t.Errorf("an error that says nothing about the file: %v", err)
		case len(v) != 1 || !maps.EqualFunc(v["w"], map[string][]byte{"key": []byte("secret")}, func(a, b []byte) bool { return string(a) == string(b) }):
			t.Error("other secrets than were put in")
		}
	})
}

// FuzzHead: an entry of the keychain is what was written, or an error.
func FuzzHead(f *testing.F) {
	f.Add(head{3, 2, "c2VjcmV0"}.String())
	f.Add("1.0.x")
	f.Fuzz(func(t *testing.T, entry string) {
		h, err := readHead(entry)
		if err != nil {
			return
		}
		if again, err := readHead(h.String()); err != nil || again != h || h.parts < 1 {
			t.Errorf("an entry of %d parts is read back as one of %d, %v", h.parts, again.parts, err)
		}
	})
}
