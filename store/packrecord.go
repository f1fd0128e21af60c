package store

import (
	"encoding/binary"
	"errors"

	"github.com/doppio-sync/doppio/engine/record"
)

// The flags of a packed record.
const (
	packedDeleted = 1 << iota
	packedConverted
	packedErr
)

// packRecord packs a record with everything that it has. Of an error only its text is kept.
func packRecord(r *record.Record) []byte { return appendRecord(make([]byte, 0, 1024), r) }

// appendRecord packs a record behind what is in a buffer already.
func appendRecord(b []byte, r *record.Record) []byte {
	p := packing(b)
	p.text(string(r.Object))
	p.text(string(r.ID))
	p.time(r.Modified)
	p.time(r.Edited)
	flags := uint64(flag(r.Deleted))*packedDeleted | uint64(flag(r.Converted))*packedConverted | uint64(flag(r.Err != nil))*packedErr
	p.uint(flags)
	p.text(string(r.MergedInto))
	p.text(string(r.ConvertedTo))
	p.value(r.Email)
	p.text(string(r.OtherID))
	p.text(string(r.Parent))
	p.uint(uint64(len(r.Values)))
	for _, v := range r.Values {
		p.value(v)
	}
	if r.Err != nil {
		p.text(r.Err.Error())
	}
	return p.b
}

// packedID is the id of a packed record, without the rest of it.
func packedID(b []byte) (record.ID, error) {
	b = b[min(1, len(b)):] // the version
	var text []byte
	for range 2 { // the object, and the id
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return "", errPacked
		}
		text, b = b[size:size+int(n)], b[size+int(n):]
	}
	return record.ID(text), nil
}

func unpackRecord(b []byte) (record.Record, error) {
	u := newUnpacker(b)
	r := record.Record{Object: record.Object(u.text()), ID: record.ID(u.text()), Modified: u.time(), Edited: u.time()}
	flags := u.uint()
	r.Deleted, r.Converted = flags&packedDeleted != 0, flags&packedConverted != 0
	r.MergedInto, r.ConvertedTo = record.ID(u.text()), record.ID(u.text())
	r.Email, r.OtherID, r.Parent = u.value(), record.ID(u.text()), record.ID(u.text())
	if n := u.many(); n > 0 {
		r.Values = make([]record.Value, n)
	}
	for i := range r.Values {
		r.Values[i] = u.value()
	}
	if flags&packedErr != 0 {
		r.Err = errors.New(u.text())
	}
	return r, u.end()
}
