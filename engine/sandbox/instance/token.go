package instance

import (
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
)

// tokenKind says what a paging token points at.
type tokenKind byte

const (
	dateToken     tokenKind = 1 + iota // a second: start of a scan of activities
	positionToken                      // a place in the log of activities
	offsetToken                        // how much of a result was read
	idToken                            // the id that was read last
)

// place is what a paging token means.
type place struct {
	kind tokenKind
	at   uint64
}

// token writes a place down in the opaque form that clients pass back: upper-case base32 that ends in "=". It is good
// for as long as the instance lives, unless ForgetTokens is called.
func (i *Instance) token(p place) string {
	b := make([]byte, 0, 18)
	b = append(b, byte(p.kind), byte(i.log.epoch.Load()))
	b = binary.BigEndian.AppendUint64(b, p.at)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)^uint32(i.seed))
	mask := uint64(b[len(b)-1])*0x9e3779b97f4a7c15 + i.seed
	for n := range b[:len(b)-1] {
		b[n] ^= byte(mask >> (8 * (n % 8)))
	}
	return base32.StdEncoding.EncodeToString(b) // 14 bytes are padded with "="
}

// readToken reads what token wrote; ok is false for anything else.
func (i *Instance) readToken(text string) (p place, ok bool) {
	b, err := base32.StdEncoding.DecodeString(text)
	if err != nil || len(b) != 14 {
		return place{}, false
	}
	mask := uint64(b[13])*0x9e3779b97f4a7c15 + i.seed
	for n := range b[:13] {
		b[n] ^= byte(mask >> (8 * (n % 8)))
	}
	if binary.BigEndian.Uint32(b[10:]) != crc32.ChecksumIEEE(b[:10])^uint32(i.seed) || b[1] != byte(i.log.epoch.Load()) {
		return place{}, false
	}
	return place{tokenKind(b[0]), binary.BigEndian.Uint64(b[2:])}, true
}

// ForgetTokens ends every paging token that was given out, as a restored instance does: they are answered 1003.
func (i *Instance) ForgetTokens() { i.log.epoch.Add(1) }
