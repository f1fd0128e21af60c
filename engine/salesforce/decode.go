package salesforce

import (
	"errors"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

var (
	errMissing = errors.New("the field is not in the answer")
	errUTF8    = errors.New("the text is not UTF-8")
)

// cell is one field of the row under way: where its text lies in the buffer.
type cell struct {
	from, to int
	state    cellState
}

type cellState uint8

const (
	absent cellState = iota
	null
	text
	garbled
)

// rowDecoder turns the JSON of rows into records. It keeps its buffers from row to row; a record costs one string for
// all of its texts.
type rowDecoder struct {
	layout *layout
	buf    []byte
	cells  []cell
	slab   []record.Value // values are cut from a slab: one allocation for many records
}

func newRowDecoder(l *layout) *rowDecoder {
	return &rowDecoder{layout: l, cells: make([]cell, len(l.fields))}
}

// row reads one row; found is false for null, which Collections answer for a row that is missing or out of sight.
func (d *rowDecoder) row(dec *jsontext.Decoder) (r record.Record, found bool, err error) {
	switch dec.PeekKind() {
	case 'n':
		_, err := dec.ReadToken()
		return r, false, err
	case '{':
	default:
		return r, false, shapeError(dec)
	}
	d.buf = d.buf[:0]
	clear(d.cells)
	if err := d.object(dec, ""); err != nil {
		return r, false, err
	}
	r, err = d.record()
	return r, true, err
}

// shapeError prefers the decoder's own error, such as an end in the middle.
func shapeError(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	return errShape
}

// object reads the fields of a row, or of the parent that prefix names.
func (d *rowDecoder) object(dec *jsontext.Decoder, prefix string) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	next := 0
	for dec.PeekKind() != '}' {
		name, err := dec.ReadValue()
		if err != nil {
			return err
		}
		at := d.layout.find(prefix, name, next)
		if at >= 0 {
			next = at + 1
		} else if len(d.layout.nested) > 0 {
			if path := lowerPath(prefix, name); d.layout.nested[path] {
				if err := d.parent(dec, path); err != nil {
					return err
				}
				continue
			}
		}
		if err := d.value(dec, at); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// parent reads a related row. Without one all of its fields are empty, which absent cells of dotted columns mean.
func (d *rowDecoder) parent(dec *jsontext.Decoder, path string) error {
	if dec.PeekKind() == '{' {
		return d.object(dec, path)
	}
	return dec.SkipValue()
}

// value keeps one scalar's text. Compound values such as an address are skipped: their parts are fields of their own.
func (d *rowDecoder) value(dec *jsontext.Decoder, at int) error {
	kind := dec.PeekKind()
	if at < 0 || kind == '{' || kind == '[' {
		return dec.SkipValue()
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	c := cell{from: len(d.buf), state: text}
	switch kind {
	case 'n':
		c.state = null
	case '"':
		var garbage error
		if d.buf, garbage = jsontext.AppendUnquote(d.buf, raw); garbage != nil {
			c.state = garbled
		}
	default:
		d.buf = append(d.buf, raw...)
	}
	c.to = len(d.buf)
	d.cells[at] = c
	return nil
}

// record makes the record of the cells read.
func (d *rowDecoder) record() (record.Record, error) {
	all := string(d.buf)
	r := record.Record{Object: d.layout.object, Values: d.values()}
	for i := range d.layout.fields {
		f, c := &d.layout.fields[i], d.cells[i]
		content := all[c.from:c.to]
		for _, s := range f.system {
			if err := setSystem(&r, s, content); err != nil {
				return r, err
			}
		}
		for _, col := range f.cols {
			v, err := canon(d.layout.cols[col], content, c.state)
			if err != nil && r.Err == nil {
				r.Err = &FieldError{Object: r.Object, Field: f.name, Cause: err}
			}
			r.Values[col] = v
		}
	}
	if r.ID == "" || r.Modified.IsZero() {
		return r, errShape
	}
	return r, nil
}

const slabRecords = 128

// values gives room for one record's values.
func (d *rowDecoder) values() []record.Value {
	n := len(d.layout.cols)
	if len(d.slab) < n {
		d.slab = make([]record.Value, n*slabRecords)
	}
	v := d.slab[:n:n]
	d.slab = d.slab[n:]
	return v
}

// canon reduces a cell to its column's type. A field that the answer left out is no blank: field-level security hides
// fields that way. Only a missing parent makes its fields blank.
func canon(col record.Column, content string, state cellState) (record.Value, error) {
	switch state {
	case absent:
		if !isNested(col.Name) {
			return record.Value{}, errMissing
		}
	case garbled:
		return record.Value{}, errUTF8
	}
	return col.Type.Canon(content)
}

func isNested(name string) bool {
	for _, c := range []byte(name) {
		if c == '.' {
			return true
		}
	}
	return false
}

// setSystem fills one of the record's own fields. Blank and absent are the same for all of them.
func setSystem(r *record.Record, s system, content string) (err error) {
	if content == "" {
		return nil
	}
	switch s {
	case sysID:
		r.ID, err = longID(content)
	case sysStamp:
		r.Modified, err = parseStamp(content)
	case sysEdited:
		r.Edited, err = parseStamp(content)
	case sysDeleted:
		r.Deleted = content == "true"
	case sysMaster:
		r.MergedInto, err = longID(content)
	case sysConverted:
		r.Converted = content == "true"
	case sysConvertedTo:
		r.ConvertedTo, err = longID(content)
	case sysEditor:
		r.Editor, err = longID(content)
	case sysParent:
		r.Parent, err = longID(content)
	case sysEmail:
		r.Email, err = record.Type{Kind: record.Email}.Canon(content)
	case sysOther:
		var v record.Value
		v, err = record.Type{Kind: record.Text}.Canon(content)
		r.OtherID = record.ID(v.Text())
	}
	if err != nil {
		return errShape
	}
	return nil
}

// longID takes the 18 characters that answers always have without copying them.
func longID(text string) (record.ID, error) {
	if len(text) != 18 {
		return record.LongID(text)
	}
	for _, c := range []byte(text) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return "", errShape
		}
	}
	return record.ID(text), nil
}

// parseStamp reads "2026-01-01T00:00:00.000+0000", in which Salesforce writes every date-time, without a layout parser.
func parseStamp(text string) (time.Time, error) {
	if len(text) != 28 || text[23:] != "+0000" || text[10] != 'T' || text[19] != '.' ||
		text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' {
		return record.ParseTime(text)
	}
	year, month, day := digits(text[0:4]), digits(text[5:7]), digits(text[8:10])
	hour, minute, second, milli := digits(text[11:13]), digits(text[14:16]), digits(text[17:19]), digits(text[20:23])
	if year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
		second < 0 || second > 59 || milli < 0 {
		return record.ParseTime(text)
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, milli*1e6, time.UTC)
	if at.Day() != day {
		return record.ParseTime(text) // the 31st of a month that has 30 days: let it refuse
	}
	return at, nil
}

// digits is the number that text spells, negative if it does not.
func digits(text string) int {
	n := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}
