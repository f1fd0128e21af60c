package keychain_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/app/keychain"
)

func TestMain(m *testing.M) {
	if !realKeychain {
		keyring.MockInit()
		goleak.VerifyTestMain(m)
		return
	}
	os.Exit(m.Run()) // the bus connection of the real one lives as long as the process
}

func openOS(t *testing.T) keychain.Secrets {
	t.Helper()
	s, err := keychain.OpenOS()
	if err != nil {
		t.Fatalf("open the keychain: %v", err)
	}
	return s
}

func openFile(t *testing.T, path, passphrase string) keychain.Secrets {
	t.Helper()
	s, err := keychain.OpenFile(path, func() (string, error) { return passphrase, nil })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSecrets is what every place for secrets promises.
func TestSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.age")
	places := map[string]func(t *testing.T) keychain.Secrets{
		"memory":   func(*testing.T) keychain.Secrets { return keychain.NewMemory() },
		"file":     func(t *testing.T) keychain.Secrets { return openFile(t, path, "correct horse") },
		"keychain": openOS,
	}
	for name, open := range places {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s := open(t)
			expect := func(workspace, name string, want []byte) {
				t.Helper()
				got, ok, err := s.Get(ctx, workspace, name)
				if err != nil || ok != (want != nil) || !bytes.Equal(got, want) {
					t.Fatalf("%s of %s: there %v, %d bytes, error %v; wanted %d bytes", name, workspace, ok, len(got), err, len(want))
				}
			}
			set := func(workspace, name string, secret []byte) {
				t.Helper()
				if err := s.Set(ctx, workspace, name, secret); err != nil {
					t.Fatal(err)
				}
			}
			long := bytes.Repeat([]byte{0, 0xff, 'k', '.'}, 2000)
			const odd = "Ünïcode / and ..%2F names"
			expect("a", "key", nil)
			set("a", "key", []byte("one"))
			set("a", "long", long)
			set(odd, "key", []byte{0})
			set("a/key", "x", []byte("not of a"))
			expect("a", "key", []byte("one"))
			expect("a", "long", long)
			expect(odd, "key", []byte{0})
			set("a", "key", long[:5000])
			set("a", "long", []byte("short"))
			expect("a", "key", long[:5000])
			expect("a", "long", []byte("short"))
			for range 2 {
				if err := s.Delete(ctx, "a", "long"); err != nil {
					t.Fatal(err)
				}
			}
			expect("a", "long", nil)
			for range 2 {
				if err := s.Forget(ctx, "a"); err != nil {
					t.Fatal(err)
				}
			}
			expect("a", "key", nil)
			expect("a/key", "x", []byte("not of a"))
			for _, w := range []string{odd, "a/key"} {
				if err := s.Forget(ctx, w); err != nil {
					t.Fatal(err)
				}
				expect(w, "key", nil)
			}
			if text := fmt.Sprintf("%v %+v %#v", s, s, s); name != "keychain" && text != "*** *** ***" {
				t.Fatal("secrets print")
			}
		})
	}
}

func TestAWrongPassphraseIsNotADamagedFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "secrets.age")
	if err := openFile(t, path, "right").Set(ctx, "w", "k", []byte("s")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openFile(t, path, "wrong").Get(ctx, "w", "k"); !errors.Is(err, keychain.ErrPassphrase) {
		t.Fatalf("a wrong passphrase: %v", err)
	}
	if err := openFile(t, path, "wrong").Set(ctx, "w", "k", []byte("x")); !errors.Is(err, keychain.ErrPassphrase) {
		t.Fatalf("a write with a wrong passphrase: %v", err)
	}
	if _, _, err := openFile(t, path, "").Get(ctx, "w", "k"); !errors.Is(err, keychain.ErrNoPassphrase) {
		t.Fatalf("no passphrase: %v", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"empty": "", "cut in the key": string(content[:60]), "cut in the secrets": string(content[:len(content)-60]),
		"altered": strings.Replace(string(content), "\n", "\nA", 1), "no age": "hello\n-----END AGE ENCRYPTED FILE-----\n",
	} {
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := openFile(t, path, "right").Get(ctx, "w", "k"); !errors.Is(err, keychain.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheFileIsForItsOwnerAndHoldsNothingReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "home", "secrets.age")
	s := openFile(t, path, "p")
	if err := s.Set(context.Background(), "client one", "key", []byte("hush hush")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, error %v", info.Mode(), err)
	}
	content, err := os.ReadFile(path)
	if err != nil || bytes.Contains(content, []byte("hush")) || bytes.Contains(content, []byte("client")) {
		t.Fatalf("the file can be read, or not at all: %v", err)
	}
}

func TestTheFileGoesWithTheLastWorkspace(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "secrets.age")
	s := openFile(t, path, "p")
	set := func(workspace string) error { return s.Set(ctx, workspace, "key", []byte("hush hush")) }
	if err := errors.Join(set("one"), set("two"), s.Forget(ctx, "one")); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Get(ctx, "two", "key"); !ok || err != nil {
		t.Fatalf("the other workspace's secret went too: %v", err)
	}
	if err := s.Forget(ctx, "two"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the file is still there: %v", err)
	}
	if err := set("three"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := openFile(t, path, "p").Get(ctx, "three", "key"); !ok || err != nil {
		t.Fatalf("the file that was made anew cannot be read: %v", err)
	}
}

// TestThePassphraseIsAskedOnceAProcess also shows two processes that write by turns.
func TestThePassphraseIsAskedOnceAProcess(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "secrets.age")
	asked := map[string]int{}
	process := func(name string) keychain.Secrets {
		s, err := keychain.OpenFile(path, func() (string, error) { asked[name]++; return "p", nil })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, two := process("one"), process("two")
	for i := range 3 {
		for name, s := range map[string]keychain.Secrets{"one": one, "two": two} {
			if err := s.Set(ctx, name, fmt.Sprint(i), []byte(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 3 {
		for _, name := range []string{"one", "two"} {
			if got, ok, err := one.Get(ctx, name, fmt.Sprint(i)); err != nil || !ok || string(got) != name {
				t.Fatalf("a secret of %s was lost: %v", name, err)
			}
		}
	}
	if asked["one"] != 1 || asked["two"] != 1 {
		t.Fatalf("asked %v", asked)
	}
}

func TestNoKeychainIsNotAMissingSecret(t *testing.T) {
	if realKeychain {
		return // the real one is there
	}
	keyring.MockInitWithError(errors.New("no bus"))
	t.Cleanup(keyring.MockInit)
	if _, err := keychain.OpenOS(); !errors.Is(err, keychain.ErrUnavailable) {
		t.Fatalf("opened without a keychain: %v", err)
	}
	var s keychain.OS
	if _, _, err := s.Get(context.Background(), "w", "k"); !errors.Is(err, keychain.ErrUnavailable) {
		t.Fatalf("a secret without a keychain: %v", err)
	}
}
