package table

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// line is a row as it is kept. It never changes: a write puts another in its place. data is the version (uvarint), a
// bitmap of the cells that are not null, and for each of those a uvarint n: n odd, the shared text number n>>1; n even,
// a text of n>>1 bytes that follows.
type line struct {
	id    uint64
	stamp int64
	data  string
}

// Row is a row as it was when it was read.
type Row struct {
	table *Table
	line  *line
}

// ID is the row's id.
func (r Row) ID() uint64 { return r.line.id }

// Stamp is the Unix second of the row's last commit.
func (r Row) Stamp() int64 { return r.line.stamp }

// Version counts the row's writes, from 1.
func (r Row) Version() uint32 {
	v, _ := uvarint(r.line.data)
	return uint32(v)
}

// Get is the text of a cell; ok is false for null.
func (r Row) Get(col int) (text string, ok bool) {
	data := r.line.data
	_, n := uvarint(data)
	data = data[n:]
	at := col >> 3
	mask := data[at]
	if mask&(1<<(col&7)) == 0 {
		return "", false
	}
	skip := bits.OnesCount8(mask & (1<<(col&7) - 1))
	for i := range at {
		skip += bits.OnesCount8(data[i])
	}
	data = data[r.table.bitmap:]
	for {
		v, n := uvarint(data)
		data = data[n:]
		if v&1 == 1 {
			if skip == 0 {
				return r.table.shared.text(v >> 1), true
			}
		} else {
			if skip == 0 {
				return data[:v>>1], true
			}
			data = data[v>>1:]
		}
		skip--
	}
}

// Each calls fn with every cell that is not null, in the order of columns. It is cheaper than Get for many cells.
func (r Row) Each(fn func(col int, text string)) {
	data := r.line.data
	_, n := uvarint(data)
	head := data[n : n+r.table.bitmap]
	data = data[n+r.table.bitmap:]
	for at := range len(head) {
		for mask := head[at]; mask != 0; mask &= mask - 1 {
			col := at<<3 + bits.TrailingZeros8(mask)
			v, n := uvarint(data)
			data = data[n:]
			if v&1 == 1 {
				fn(col, r.table.shared.text(v>>1))
				continue
			}
			fn(col, data[:v>>1])
			data = data[v>>1:]
		}
	}
}

func uvarint(data string) (value uint64, n int) {
	for shift := 0; ; shift += 7 {
		b := data[n]
		n++
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value, n
		}
	}
}

// pack makes a line. scratch is reused between calls.
func (t *Table) pack(id uint64, stamp int64, version uint32, cells []Cell, scratch *[]byte) *line {
	b := binary.AppendUvarint((*scratch)[:0], uint64(version))
	head := len(b)
	for range t.bitmap {
		b = append(b, 0)
	}
	for col, c := range cells {
		if c.Null {
			continue
		}
		b[head+col>>3] |= 1 << (col & 7)
		if number, ok := t.shared.number(col, c.Text); ok {
			b = binary.AppendUvarint(b, number<<1|1)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(c.Text))<<1)
		b = append(b, c.Text...)
	}
	*scratch = b
	return &line{id, stamp, string(b)}
}

// shared keeps texts that many rows hold once. Texts are only ever added; a column in which they hardly repeat stops
// being asked.
type shared struct {
	texts   atomic.Pointer[[]string]
	numbers map[string]uint64
	columns []sharing
}

type sharing struct{ hits, kept, missed int }

const (
	sharedShortest  = 3   // a shorter text costs no more in place
	sharedLongest   = 255 // a longer one is hardly repeated
	sharedPerColumn = 8192
	sharedTrial     = 512 // texts kept before a column has to prove that it repeats
)

func newShared(columns int) *shared {
	s := &shared{numbers: map[string]uint64{}, columns: make([]sharing, columns)}
	s.texts.Store(&[]string{})
	return s
}

// never says that a column's texts do not repeat.
func (s *shared) never(col int) { s.columns[col].missed = 1 << 30 }

func (s *shared) text(number uint64) string { return (*s.texts.Load())[number] }

// number is the number of a shared text; ok is false when the text has to stand in its row.
func (s *shared) number(col int, text string) (number uint64, ok bool) {
	c := &s.columns[col]
	if len(text) < sharedShortest || len(text) > sharedLongest {
		return 0, false
	}
	if c.missed > 4*sharedTrial && c.missed > 4*c.hits {
		return 0, false
	}
	if number, ok = s.numbers[text]; ok {
		c.hits++
		return number, true
	}
	if c.kept >= sharedPerColumn || (c.kept >= sharedTrial && c.kept > c.hits) {
		c.missed++
		return 0, false
	}
	c.kept++
	texts := *s.texts.Load()
	number = uint64(len(texts))
	text = string([]byte(text)) // do not keep the larger text alive that it may be cut from
	// Readers hold a shorter slice over the same texts, or an older one: neither sees the new element.
	texts = append(texts, text)
	s.texts.Store(&texts)
	s.numbers[text] = number
	return number, true
}
