package store

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// printsVersion stands in front of every packed baseline.
const printsVersion = 1

// maxField bounds field numbers, because a baseline is as long as its highest one.
const maxField = 2047

// prints is a packed baseline: printsVersion, then 8 bytes a field by its number; zeros where nothing was agreed upon.
type prints []byte

func (p prints) get(field uint16) uint64 {
	at := 1 + 8*int(field)
	if at+8 > len(p) {
		return 0
	}
	return binary.LittleEndian.Uint64(p[at:])
}

// set gives p with a field's print replaced, longer if need be.
func (p prints) set(field uint16, print uint64) (prints, error) {
	if field > maxField {
		return nil, fmt.Errorf("bug: field number %d is above %d", field, maxField)
	}
	if len(p) == 0 {
		p = append(p, printsVersion)
	}
	if more := 1 + 8*(int(field)+1) - len(p); more > 0 {
		p = append(p, make([]byte, more)...)
	}
	binary.LittleEndian.PutUint64(p[1+8*int(field):], print)
	return p, nil
}

// without is p with nothing agreed upon in some fields.
func (p prints) without(fields []uint16) prints {
	for _, f := range fields {
		if at := 1 + 8*int(f); at+8 <= len(p) {
			clear(p[at : at+8])
		}
	}
	return p
}

// readPrints checks what came from the file.
func readPrints(blob []byte) (prints, error) {
	if len(blob) == 0 {
		return nil, nil
	}
	if blob[0] != printsVersion || len(blob)%8 != 1 {
		return nil, fmt.Errorf("a stored baseline of form %d and %d bytes cannot be read", blob[0], len(blob))
	}
	return prints(blob), nil
}

// baseline answers for one link's agreed values.
type baseline struct {
	prints prints
	key    linkKey
}

func (b baseline) Has(field uint16) bool { return b.prints.get(field) != 0 }

func (b baseline) Same(field uint16, v record.Value) bool {
	stored := b.prints.get(field)
	return stored != 0 && stored == b.key.print(field, v)
}

func (b baseline) Print(field uint16) uint64 { return b.prints.get(field) }

func (b baseline) Prints(field uint16, v record.Value) uint64 { return b.key.print(field, v) }

// noBaseline answers for a record that has no link yet.
type noBaseline struct{}

func (noBaseline) Has(uint16) bool                    { return false }
func (noBaseline) Same(uint16, record.Value) bool     { return false }
func (noBaseline) Print(uint16) uint64                { return 0 }
func (noBaseline) Prints(uint16, record.Value) uint64 { return 0 }

// agree writes what was agreed upon into a link's baseline; old is what is stored.
func (k Keys) agree(link cycle.LinkID, old prints, agreed []cycle.Agreed) (prints, error) {
	key, last := k.link(int64(link)), uint16(0)
	for _, a := range agreed {
		last = max(last, a.Field)
	}
	if last <= maxField { // room for all at once
		old = slices.Grow(old, max(1+8*(int(last)+1)-len(old), 0))
	}
	var err error
	for _, a := range agreed {
		if old, err = old.set(a.Field, key.print(a.Field, a.Value)); err != nil {
			return nil, err
		}
	}
	return old, nil
}

// priors are the fields with what their targets held turned into prints of the link, which a new link has only now.
func (k Keys) priors(link cycle.LinkID, fields []cycle.Change) []cycle.Change {
	if !slices.ContainsFunc(fields, func(c cycle.Change) bool { return c.Found != nil }) {
		return fields
	}
	key, out := k.link(int64(link)), slices.Clone(fields)
	for i, c := range out {
		if c.Found != nil {
			out[i].Prior, out[i].Found = key.print(c.Field, *c.Found), nil
		}
	}
	return out
}
