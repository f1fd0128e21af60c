package marketo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// layout says which fields are asked for and where each answer goes.
type layout struct {
	object record.Object
	cols   []record.Column
	other  string         // the field that carries the Salesforce id
	names  []string       // to ask for
	places map[string]int // name -> its place among the names
	filled [][]int        // the columns that want each of the names
}

func newLayout(object record.Object, cols []record.Column, other string, system ...string) *layout {
	l := &layout{object: object, cols: cols, other: other, names: slices.Clone(system), places: map[string]int{}}
	if other != "" {
		l.names = append(l.names, other)
	}
	for _, c := range cols {
		l.names = append(l.names, c.Name)
	}
	slices.Sort(l.names)
	l.names = slices.Compact(l.names)
	for i, name := range l.names {
		l.places[name] = i
	}
	l.filled = make([][]int, len(l.names))
	for i, c := range cols {
		at := l.places[c.Name]
		l.filled[at] = append(l.filled[at], i)
	}
	return l
}

func personLayout(cols []record.Column, otherID string) *layout {
	return newLayout(record.Person, cols, otherID, idField, emailField, updatedField)
}

// PersonFields are the fields that are asked for of a person, those of some columns and those that every person is read with.
func PersonFields(cols []record.Column, otherID string) []string {
	return personLayout(cols, otherID).names
}

var emailType = record.Type{Kind: record.Email}

// reader reads elements of result. It keeps its buffers from one to the next: a record costs one string for all of its texts.
type reader struct {
	*layout
	buf   []byte
	cells []cell // by the places of the names
	order []int  // the places of the fields of the element before, -1 for one that nobody asked for: most elements have the same
}

// cell is where a field's text lies in the buffer.
type cell struct {
	from, to int
	filled   bool
}

// read reads one element. A field that was asked for and is not there is blank (Marketo REST API, Leads: empty fields are null or left out).
func (r *reader) read(dec *jsontext.Decoder) (record.Record, error) {
	if err := beginObject(dec); err != nil {
		return record.Record{}, err
	}
	r.buf = r.buf[:0]
	if r.cells == nil {
		r.cells = make([]cell, len(r.names))
	}
	clear(r.cells)
	for nth := 0; dec.PeekKind() != '}'; nth++ {
		name, err := dec.ReadValue()
		if err != nil {
			return record.Record{}, err
		}
		if at := r.find(nth, name); at < 0 {
			err = dec.SkipValue()
		} else {
			err = r.text(dec, at)
		}
		if err != nil {
			return record.Record{}, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return record.Record{}, err
	}
	rec, all := r.blank(), string(r.buf)
	for at, c := range r.cells {
		if c.filled {
			r.place(&rec, at, all[c.from:c.to])
		}
	}
	if rec.ID == "" {
		return rec, errShape
	}
	return rec, nil
}

// find is the place of an element's nth field by its name in quotes, -1 when nobody asked for it.
func (r *reader) find(nth int, quoted []byte) int {
	name := quoted[1 : len(quoted)-1]
	if nth < len(r.order) {
		if at := r.order[nth]; at >= 0 && r.names[at] == string(name) {
			return at
		}
	}
	at, asked := r.places[string(name)]
	if !asked {
		at = -1
	}
	r.order = append(r.order[:min(nth, len(r.order))], at)
	return at
}

// text keeps a field's text. Arrays and objects give their JSON, null gives none.
func (r *reader) text(dec *jsontext.Decoder, at int) error {
	kind := dec.PeekKind()
	value, err := dec.ReadValue()
	if err != nil || kind == 'n' {
		return err
	}
	from := len(r.buf)
	if kind == '"' {
		r.buf, _ = jsontext.AppendUnquote(r.buf, value) // what is no UTF-8 is replaced; the rest of the text counts
	} else {
		r.buf = append(r.buf, value...)
	}
	r.cells[at] = cell{from, len(r.buf), true}
	return nil
}

// blank is a record before anything was read of it.
func (l *layout) blank() record.Record {
	rec := record.Record{Object: l.object, Values: make([]record.Value, len(l.cols))}
	for i, c := range l.cols {
		if c.Type.Kind == record.Boolean {
			rec.Values[i] = record.Of("false")
		}
	}
	return rec
}

// place puts the text of the field at a place where it belongs. A text that is none of the column's type makes the record an error: a value
// that cannot be read is not a blank.
func (l *layout) place(rec *record.Record, at int, text string) {
	field := l.names[at]
	switch field {
	case idField:
		rec.ID = record.ID(strings.TrimSuffix(text, ".0"))
	case updatedField:
		if at, err := record.ParseTime(text); err == nil {
			rec.Modified = at
		}
	case emailField:
		if v, err := emailType.Canon(text); err == nil {
			rec.Email = v
		}
	case parentField:
		rec.Parent = record.ID(strings.TrimSpace(text))
	}
	if field == l.other && l.other != "" {
		rec.OtherID = longID(text)
	}
	for _, i := range l.filled[at] {
		v, err := l.cols[i].Type.Canon(text)
		if err != nil {
			rec.Err = fmt.Errorf("%s.%s cannot be read: %w", l.object, field, err)
			continue
		}
		rec.Values[i] = v
	}
}

// longID is a Salesforce id in its 18-character form; people also paste the short one. What is none stays as it is, so
// that it is seen to differ.
func longID(text string) record.ID {
	text = strings.TrimSpace(text)
	if long, err := record.LongID(text); err == nil {
		return long
	}
	return record.ID(text)
}
