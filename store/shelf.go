package store

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// A record's bucket is the beginning of the keyed hash of its address, so that ByEmail goes through the file once, a bucket at a time,
// and never sorts more than one. Of a page the records of one bucket are kept together: more buckets would make more rows of a page.
const (
	buckets   = 128
	shelfBits = 40
)

func bucketOf(group []byte) int { return int(group[0]) * buckets / 256 }

// stagedID is a record of a side.
type stagedID struct {
	side record.Side
	id   record.ID
}

// staged is a record as it lies on a shelf.
type staged struct {
	group  []byte // the keyed hash by which records come together
	side   record.Side
	n      int64  // how many came before it
	packed []byte // valid as long as the shelf's bytes are
}

func (s *stage) put(t *tx, records []record.Record) error {
	if err := s.remember(t); err != nil {
		return err
	}
	shelves := &s.room
	for b := range shelves {
		shelves[b] = shelves[b][:0]
	}
	var packed []byte
	var first [buckets]int64
	for i := range records {
		r := &records[i]
		group, side := s.group(r), r.Object.Side()
		if err := s.meet(t, stagedID{side, r.ID}); err != nil {
			return err
		}
		if r.OtherID != "" {
			s.carrying++
		}
		b := bucketOf(group)
		if len(shelves[b]) == 0 {
			first[b] = s.came
		}
		shelves[b] = append(append(shelves[b], group...), byte(side))
		shelves[b] = binary.AppendUvarint(shelves[b], uint64(s.came))
		packed = appendRecord(packed[:0], r)
		shelves[b] = append(binary.AppendUvarint(shelves[b], uint64(len(packed))), packed...)
		s.came++
	}
	var order []int
	for b, plain := range shelves {
		if len(plain) > 0 {
			order = append(order, b)
		}
	}
	slices.SortFunc(order, func(x, y int) int { return int(first[x] - first[y]) })
	for _, b := range order {
		at := int64(b)<<shelfBits | first[b]
		s.sealed = s.w.keys.sealInto(s.sealed, stageSeal, at, shelves[b])
		if _, err := t.exec(`INSERT INTO shelf(n, place, records) VALUES(?1, ?2, ?3)`, first[b], at, s.sealed); err != nil {
			return err
		}
		s.shelves[b] = append(s.shelves[b], first[b])
	}
	return nil
}

// shelf takes the records off one shelf, in place of its sealed bytes.
func (s *stage) shelf(place int64, sealed []byte, each func(staged) error) error {
	plain, err := s.w.keys.openInPlace(stageSeal, place, sealed)
	if err != nil {
		return err
	}
	for len(plain) > 0 {
		if len(plain) < emailSize+1 {
			return errPacked
		}
		one := staged{group: plain[:emailSize], side: record.Side(plain[emailSize])}
		plain = plain[emailSize+1:]
		n, size := binary.Uvarint(plain)
		if size <= 0 {
			return errPacked
		}
		one.n, plain = int64(n), plain[size:]
		length, size := binary.Uvarint(plain)
		if size <= 0 || length > uint64(len(plain)-size) {
			return errPacked
		}
		one.packed, plain = plain[size:size+int(length)], plain[size+int(length):]
		if err := each(one); err != nil {
			return err
		}
	}
	return nil
}

// last reports whether a record did not come again later.
func (s *stage) last(one staged) (bool, error) {
	if len(s.again) == 0 {
		return true, nil
	}
	id, err := packedID(one.packed)
	n, again := s.again[stagedID{one.side, id}]
	return !again || n == one.n, err
}

// group is the keyed hash by which records come together: of the address, or, without one, of the record itself. What
// has no address in its group has a mark in front that no address has.
func (s *stage) group(r *record.Record) []byte {
	if !r.Email.IsBlank() {
		return s.w.keys.email(record.Of(strings.ToLower(r.Email.Text())))
	}
	return s.w.keys.email(record.Of("\x00" + r.Object.Side().String() + "\x00" + string(r.ID)))
}

// seen tells of records whether they may have come before: two bits of 32 million for each. At two million records it is wrong about one
// in seventy, which costs that one a line in a table.
type seen struct {
	seed maphash.Seed
	bits [1 << 25 / 64]uint64
}

func (m *seen) meet(r stagedID) (before bool) {
	var h maphash.Hash
	h.SetSeed(m.seed)
	h.WriteByte(byte(r.side)) // a hash takes everything
	h.WriteString(string(r.id))
	sum := h.Sum64()
	before = true
	for _, bit := range [2]uint64{sum & (1<<25 - 1), sum >> 39} {
		before = before && m.bits[bit/64]&(1<<(bit%64)) != 0
		m.bits[bit/64] |= 1 << (bit % 64)
	}
	return before
}

// remember knows again what a stage holds that an earlier process left behind.
func (s *stage) remember(t *tx) error {
	if s.seen != nil {
		return nil
	}
	s.seen = &seen{seed: maphash.MakeSeed()}
	if s.came == 0 {
		return nil
	}
	return t.query(`SELECT place, records FROM shelf`, func(r row) error {
		return s.shelf(r.int(0), r.blob(1), func(one staged) error {
			id, err := packedID(one.packed)
			s.seen.meet(stagedID{one.side, id})
			return err
		})
	})
}

// meet notes that a record comes, as number s.came.
func (s *stage) meet(t *tx, r stagedID) error {
	if r.id == "" {
		return errors.New("bug: a record without an id was read")
	}
	if !s.seen.meet(r) {
		return nil
	}
	s.again[r] = s.came
	_, err := t.exec(`INSERT INTO again(side, id, n) VALUES(?1, ?2, ?3) ON CONFLICT(side, id) DO UPDATE SET n = excluded.n`, int64(r.side), string(r.id), s.came)
	return err
}
