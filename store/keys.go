package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"sync"

	"github.com/dchest/siphash"

	"github.com/doppio-sync/doppio/engine/record"
)

// MasterSize is the length in bytes of a workspace's master key.
const MasterSize = 32

// ErrNoKey says that something sealed was asked of a workspace that was opened without its key.
var ErrNoKey = errors.New("the key of this workspace is not at hand, so people's values cannot be read")

// Keys turns values into what may lie on a disk. Every use has a key of its own, derived from the workspace's master
// key (HKDF-SHA256, one label each). The zero Keys can neither hash nor unseal. Safe for concurrent use; prints as ***.
type Keys struct{ in *keyring }

type keyring struct {
	links  sync.Pool // hash.Hash: gives a link its own key
	emails sync.Pool // hash.Hash: makes addresses findable
	seals  map[seal]cipher.AEAD
}

// seal names a use of sealed values; it is part of what a seal is bound to, so that no blob can be moved between tables.
type seal string

const (
	outboxSeal  seal = "outbox"
	echoSeal    seal = "echo"
	holdSeal    seal = "hold"
	historySeal seal = "history"
	stageSeal   seal = "stage"
	settingSeal seal = "setting"
)

// NewMaster makes a master key for a new workspace.
func NewMaster() ([]byte, error) {
	master := make([]byte, MasterSize)
	if _, err := rand.Read(master); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return master, nil
}

// NewKeys derives a workspace's keys from its master key of MasterSize bytes.
func NewKeys(master []byte) (Keys, error) {
	if len(master) != MasterSize {
		return Keys{}, fmt.Errorf("a workspace's key has %d bytes, this has %d", MasterSize, len(master))
	}
	derive := func(label string) ([]byte, error) {
		return hkdf.Key(sha256.New, master, nil, "doppio "+label+" v1", MasterSize)
	}
	ring := &keyring{seals: map[seal]cipher.AEAD{}}
	for label, pool := range map[string]*sync.Pool{"baseline": &ring.links, "email": &ring.emails} {
		key, err := derive(label)
		if err != nil {
			return Keys{}, fmt.Errorf("derive the %s key: %w", label, err)
		}
		pool.New = func() any { return hmac.New(sha256.New, key) }
	}
	for _, use := range []seal{outboxSeal, echoSeal, holdSeal, historySeal, stageSeal, settingSeal} {
		key, err := derive("seal " + string(use))
		if err != nil {
			return Keys{}, fmt.Errorf("derive the key of %s: %w", use, err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return Keys{}, fmt.Errorf("derive the key of %s: %w", use, err)
		}
		if ring.seals[use], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return Keys{}, fmt.Errorf("derive the key of %s: %w", use, err)
		}
	}
	return Keys{ring}, nil
}

// linkKey is what one link's baselines are hashed with. The link is part of the key, so that two people who share a
// value do not share a hash: equal hashes would tell the commonest values apart by counting.
type linkKey struct{ k0, k1 uint64 }

func (k Keys) link(id int64) linkKey {
	if k.in == nil {
		return linkKey{}
	}
	h := k.in.links.Get().(hash.Hash)
	defer k.in.links.Put(h)
	h.Reset()
	var message [8]byte
	binary.LittleEndian.PutUint64(message[:], uint64(id))
	h.Write(message[:])
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return linkKey{binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])}
}

// print is the keyed hash of a field's value. 0 is kept for "never agreed upon".
func (k linkKey) print(field uint16, v record.Value) uint64 {
	var room [128]byte
	message := append(binary.LittleEndian.AppendUint16(room[:0], field), v.Text()...)
	return max(siphash.Hash(k.k0, k.k1, message), 1)
}

// emailSize is the length of an address's keyed hash: 16 bytes of HMAC-SHA256.
const emailSize = 16

// email makes an address findable without storing it.
func (k Keys) email(v record.Value) []byte {
	h := k.in.emails.Get().(hash.Hash)
	defer k.in.emails.Put(h)
	h.Reset()
	h.Write([]byte(v.Text()))
	return h.Sum(nil)[:emailSize]
}

// seal encrypts what belongs to one record of a table; only open with the same use and id gives it back.
func (k Keys) seal(use seal, id int64, plain []byte) ([]byte, error) {
	if k.in == nil {
		return nil, ErrNoKey
	}
	return k.sealInto(nil, use, id, plain), nil
}

// sealInto is seal with room for what it gives; there must be keys.
func (k Keys) sealInto(room []byte, use seal, id int64, plain []byte) []byte {
	return k.in.seals[use].Seal(room[:0], nil, plain, sealedFor(use, id))
}

// sealAtOnce is how much room is made at once for what a transaction seals.
const sealAtOnce = 32 << 10

// seal is Keys.seal for one of many.
func (p *pen) seal(use seal, id int64, plain []byte) ([]byte, error) {
	if !p.keys.have() {
		return nil, ErrNoKey
	}
	to := p.keys.in.seals[use]
	if need := len(plain) + to.Overhead(); cap(p.sealed)-len(p.sealed) < need {
		p.sealed = make([]byte, 0, max(need, sealAtOnce))
	}
	from := len(p.sealed)
	p.sealed = to.Seal(p.sealed, nil, plain, sealedFor(use, id))
	return p.sealed[from:len(p.sealed):len(p.sealed)], nil
}

func (k Keys) open(use seal, id int64, sealed []byte) ([]byte, error) {
	if k.in == nil {
		return nil, ErrNoKey
	}
	return k.opened(use, id, nil, sealed)
}

// openInPlace is open for whoever has no more use for the sealed bytes: the value takes their place.
func (k Keys) openInPlace(use seal, id int64, sealed []byte) ([]byte, error) {
	if k.in == nil {
		return nil, ErrNoKey
	}
	return k.opened(use, id, sealed[:0], sealed)
}

func (k Keys) opened(use seal, id int64, room, sealed []byte) ([]byte, error) {
	plain, err := k.in.seals[use].Open(room, nil, sealed, sealedFor(use, id))
	if err != nil {
		return nil, fmt.Errorf("unseal a value of %s: %w: the key is another one, or the file was tampered with", use, err)
	}
	return plain, nil
}

func sealedFor(use seal, id int64) []byte {
	return binary.LittleEndian.AppendUint64(append(make([]byte, 0, 24), use...), uint64(id))
}

// have reports whether values can be hashed and unsealed.
func (k Keys) have() bool { return k.in != nil }

// String hides the keys.
func (k Keys) String() string { return "***" }

// GoString hides the keys.
func (k Keys) GoString() string { return "***" }

// LogValue hides the keys.
func (k Keys) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText hides the keys.
func (k Keys) MarshalText() ([]byte, error) { return []byte("***"), nil }
