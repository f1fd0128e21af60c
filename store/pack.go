package store

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// What is sealed is packed first: numbers as varints, texts with their length in front, a version byte at the start.

const packVersion = 1

// errPacked says that an unsealed value is not in the form that this version writes.
var errPacked = errors.New("a stored value is not in the form that was expected")

// packer appends to a buffer.
type packer struct{ b []byte }

func newPacker() *packer { return packing(make([]byte, 0, 256)) }

// packing packs behind what is in a buffer already.
func packing(b []byte) *packer { return &packer{append(b, packVersion)} }

func (p *packer) uint(n uint64)        { p.b = binary.AppendUvarint(p.b, n) }
func (p *packer) int(n int64)          { p.b = binary.AppendVarint(p.b, n) }
func (p *packer) text(s string)        { p.uint(uint64(len(s))); p.b = append(p.b, s...) }
func (p *packer) value(v record.Value) { p.text(v.Text()) }
func (p *packer) time(t time.Time)     { p.int(stamp(t)) }

// unpacker reads what packer wrote. After the first fault it gives zeros, and bad says so.
type unpacker struct {
	s   string
	bad bool
}

// newUnpacker reads from one copy of the bytes, of which all texts are parts.
func newUnpacker(b []byte) *unpacker {
	u := &unpacker{s: string(b)}
	if len(b) == 0 || b[0] != packVersion {
		u.bad = true
		return u
	}
	u.s = u.s[1:]
	return u
}

func (u *unpacker) uint() uint64 {
	var n uint64
	for i := 0; i < len(u.s) && i < binary.MaxVarintLen64; i++ {
		c := u.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			u.s = u.s[i+1:]
			return n
		}
	}
	u.bad, u.s = true, ""
	return 0
}

func (u *unpacker) int() int64 {
	n := u.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (u *unpacker) text() string {
	n := u.uint()
	if n > uint64(len(u.s)) {
		u.bad, u.s = true, ""
		return ""
	}
	s := u.s[:n]
	u.s = u.s[n:]
	return s
}

func (u *unpacker) value() record.Value { return record.Of(u.text()) }
func (u *unpacker) time() time.Time     { return unstamp(u.int()) }

// many reads a length of things that take at least one byte each.
func (u *unpacker) many() int {
	n := u.uint()
	if n > uint64(len(u.s)) {
		u.bad, u.s = true, ""
		return 0
	}
	return int(n)
}

func (u *unpacker) end() error {
	if u.bad || u.s != "" {
		return errPacked
	}
	return nil
}

// stamp is a time as Unix nanoseconds, 0 for none. The moment 1970 began is moved by a nanosecond.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if n := t.UnixNano(); n != 0 {
		return n
	}
	return 1
}

func unstamp(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// Flags above a field's number.
const (
	withFlag  = 1 << 16 // the change only goes with another
	losesFlag = 1 << 17 // it takes away the value that stands behind its own
	ruledFlag = 1 << 18 // the field had a rule
	// refusedFlag: the target refused it; the cause and the time stand behind it.
	refusedFlag = 1 << 19
)

func packFields(fields []cycle.Change, refused ...cycle.Refusal) []byte {
	return appendFields(make([]byte, 0, 256), fields, refused...)
}

func appendFields(b []byte, fields []cycle.Change, refused ...cycle.Refusal) []byte {
	p := packing(b)
	p.uint(uint64(len(fields) + len(refused)))
	for i := range fields {
		p.change(&fields[i], 0)
	}
	for i := range refused {
		p.change(&refused[i].Change, refusedFlag)
		p.text(refused[i].Cause)
		p.time(refused[i].Since)
	}
	return p.b
}

func (p *packer) change(c *cycle.Change, flags uint64) {
	n := uint64(c.Field) | flags
	if c.With {
		n |= withFlag
	}
	if c.Lost != nil {
		n |= losesFlag
	}
	if c.Ruled {
		n |= ruledFlag
	}
	p.uint(n)
	p.uint(c.Prior)
	p.time(c.At)
	p.value(c.Value)
	if c.Lost != nil {
		p.value(*c.Lost)
	}
}

func unpackFields(b []byte) (fields []cycle.Change, refused []cycle.Refusal, err error) {
	u := newUnpacker(b)
	many := u.many()
	fields = make([]cycle.Change, 0, many)
	for range many {
		n := u.uint()
		c := cycle.Change{Field: uint16(n), With: n&withFlag != 0, Ruled: n&ruledFlag != 0, Prior: u.uint(), At: u.time(), Value: u.value()}
		if n&losesFlag != 0 {
			lost := u.value()
			c.Lost = &lost
		}
		if n&refusedFlag != 0 {
			refused = append(refused, cycle.Refusal{Change: c, Cause: u.text(), Since: u.time()})
		} else {
			fields = append(fields, c)
		}
	}
	return fields, refused, u.end()
}

func packHold(h cycle.Hold) []byte {
	p := newPacker()
	p.value(h.Salesforce)
	p.value(h.Marketo)
	p.uint(uint64(len(h.Candidates)))
	for _, c := range h.Candidates {
		p.text(string(c.Object))
		p.text(string(c.ID))
	}
	return p.b
}

func unpackHold(b []byte, h *cycle.Hold) error {
	u := newUnpacker(b)
	h.Salesforce, h.Marketo = u.value(), u.value()
	if n := u.many(); n > 0 {
		h.Candidates = make([]record.Ref, n)
	}
	for i := range h.Candidates {
		h.Candidates[i] = record.Ref{Object: record.Object(u.text()), ID: record.ID(u.text())}
	}
	return u.end()
}

func appendEvent(b []byte, e *cycle.Event) []byte {
	p := packing(b)
	p.value(e.Old)
	p.value(e.New)
	return p.b
}

func unpackEvent(b []byte, e *cycle.Event) error {
	u := newUnpacker(b)
	e.Old, e.New = u.value(), u.value()
	return u.end()
}
