package keychain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/gofrs/flock"
)

// workFactor is the scrypt work factor, as a power of two: 32 MB of memory and about a tenth of a second.
const workFactor = 15

// File keeps secrets in a file sealed with a passphrase.
//
// It holds two age messages in armour: a key, sealed with the passphrase, and the secrets, sealed to that key. So the
// passphrase is stretched once a process, however often secrets change, and the age program opens both. The file is
// replaced whole, by a rename; processes take turns.
type File struct {
	path       string
	passphrase func() (string, error)

	guard    sync.Mutex
	sealed   string // the first message, as it stands in the file
	identity *age.X25519Identity
}

var _ Secrets = (*File)(nil)

// vault is what the second message holds: secrets by workspace and name.
type vault map[string]map[string][]byte

// OpenFile names the file; it is read, and passphrase asked, when a secret is first needed. The first Set makes it.
func OpenFile(path string, passphrase func() (string, error)) (*File, error) {
	if passphrase == nil {
		passphrase = func() (string, error) { return "", ErrNoPassphrase }
	}
	return &File{path: path, passphrase: passphrase}, nil
}

// FromEnvironment takes the passphrase from DOPPIO_PASSPHRASE.
func FromEnvironment() (string, error) {
	if p := os.Getenv("DOPPIO_PASSPHRASE"); p != "" {
		return p, nil
	}
	return "", ErrNoPassphrase
}

// Get gives a secret; ok is false when there is none of that name.
func (f *File) Get(ctx context.Context, workspace, name string) (secret []byte, ok bool, err error) {
	err = f.locked(ctx, func() error {
		v, err := f.read()
		secret, ok = v[workspace][name]
		return err
	})
	return secret, ok, err
}

// Set keeps a secret in place of the one before.
func (f *File) Set(ctx context.Context, workspace, name string, secret []byte) error {
	return f.change(ctx, func(v vault) bool {
		if v[workspace] == nil {
			v[workspace] = map[string][]byte{}
		}
		v[workspace][name] = bytes.Clone(secret)
		return true
	})
}

// Delete removes a secret; one that is not there is no error.
func (f *File) Delete(ctx context.Context, workspace, name string) error {
	return f.change(ctx, func(v vault) bool {
		_, there := v[workspace][name]
		delete(v[workspace], name)
		return there
	})
}

// Forget removes all secrets of a workspace; with the last workspace's the file goes too, and the next Set makes one under another key.
func (f *File) Forget(ctx context.Context, workspace string) error {
	return f.change(ctx, func(v vault) bool {
		_, there := v[workspace]
		delete(v, workspace)
		return there
	})
}

// change reads, changes and writes the file while no other process can; edit reports whether there is anything to write.
func (f *File) change(ctx context.Context, edit func(vault) bool) error {
	return f.locked(ctx, func() error {
		v, err := f.read()
		if err != nil {
			return err
		}
		if v == nil {
			v = vault{}
		}
		if !edit(v) {
			return nil
		}
		if len(v) == 0 {
			return f.remove()
		}
		return f.write(v)
	})
}

// lockRetry is how often a process that waits for its turn looks again.
const lockRetry = 20 * time.Millisecond

func (f *File) locked(ctx context.Context, fn func() error) (err error) {
	f.guard.Lock()
	defer f.guard.Unlock()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("open the file of secrets: %w", err)
	}
	lock := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		return fmt.Errorf("wait for the file of secrets: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return fn()
}

// read unseals the file; a nil vault when there is none yet.
func (f *File) read() (vault, error) {
	content, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.sealed, f.identity = "", nil
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the file of secrets: %w", err)
	}
	key, rest, ok := strings.Cut(string(content), armor.Footer)
	if !ok {
		return nil, ErrDamaged
	}
	if key += armor.Footer + "\n"; f.identity == nil || key != f.sealed {
		if f.identity, err = f.unsealKey(key); err != nil {
			return nil, err
		}
		f.sealed = key
	}
	plain, err := open(strings.TrimLeft(rest, "\r\n"), f.identity)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	v := vault{}
	if err := json.Unmarshal(plain, &v); err != nil {
		return nil, ErrDamaged
	}
	return v, nil
}

func (f *File) unsealKey(message string) (*age.X25519Identity, error) {
	passphrase, err := f.ask()
	if err != nil {
		return nil, err
	}
	stretched, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("stretch the passphrase: %w", err)
	}
	stretched.SetMaxWorkFactor(workFactor)
	plain, err := open(message, stretched)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	identity, err := age.ParseX25519Identity(string(plain))
	if err != nil {
		return nil, ErrDamaged
	}
	return identity, nil
}

func (f *File) ask() (string, error) {
	passphrase, err := f.passphrase()
	if err == nil && passphrase == "" {
		err = ErrNoPassphrase
	}
	return passphrase, err
}

func open(message string, identity age.Identity) ([]byte, error) {
	reader, err := age.Decrypt(armor.NewReader(strings.NewReader(message)), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func seal(plain []byte, recipient age.Recipient) (string, error) {
	var b strings.Builder
	armoured := armor.NewWriter(&b)
	sealing, err := age.Encrypt(armoured, recipient)
	if err != nil {
		return "", err
	}
	if _, err := sealing.Write(plain); err != nil {
		return "", err
	}
	if err := sealing.Close(); err != nil {
		return "", err
	}
	if err := armoured.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}

// makeKey makes the key that the secrets are sealed to, and seals it with the passphrase.
func (f *File) makeKey() error {
	passphrase, err := f.ask()
	if err != nil {
		return err
	}
	stretched, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("stretch the passphrase: %w", err)
	}
	stretched.SetWorkFactor(workFactor)
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	message, err := seal([]byte(identity.String()), stretched)
	if err != nil {
		return fmt.Errorf("seal the key: %w", err)
	}
	f.sealed, f.identity = strings.TrimRight(message, "\n")+"\n", identity
	return nil
}

func (f *File) remove() error {
	f.sealed, f.identity = "", nil
	if err := os.Remove(f.path); err != nil {
		return fmt.Errorf("remove the file of secrets: %w", err)
	}
	return nil
}

// write replaces the file: a new one beside it, to the disk, then a rename.
func (f *File) write(v vault) (err error) {
	if f.identity == nil {
		if err := f.makeKey(); err != nil {
			return err
		}
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("seal the secrets: %w", err)
	}
	message, err := seal(plain, f.identity.Recipient())
	if err != nil {
		return fmt.Errorf("seal the secrets: %w", err)
	}
	beside, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*") // made for the owner only
	if err != nil {
		return fmt.Errorf("write the file of secrets: %w", err)
	}
	_, err = beside.WriteString(f.sealed + message)
	if err == nil {
		err = beside.Sync()
	}
	err = errors.Join(err, beside.Close())
	if err == nil {
		err = os.Rename(beside.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the file of secrets: %w", err), os.Remove(beside.Name()))
	}
	return nil
}

// String hides the secrets.
func (f *File) String() string { return "***" }

// GoString hides the secrets.
func (f *File) GoString() string { return "***" }
