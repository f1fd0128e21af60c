package org

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// appendString appends text as a JSON string. Most texts need no escape and are copied.
func appendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := jsontext.AppendQuote(b, text)
			if err != nil { // not UTF-8: AppendQuote has put U+FFFD where it was not
				return quoted
			}
			return quoted
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// appendValue appends a field's canonical text as Salesforce writes it.
func appendValue(b []byte, f *field, text string, ok bool) []byte {
	if !ok {
		return append(b, "null"...)
	}
	switch f.kind {
	case "boolean", "int", "address":
		return append(b, text...)
	case "double", "currency", "percent":
		b = append(b, text...)
		for i := range len(text) {
			if text[i] == '.' {
				return b
			}
		}
		return append(b, ".0"...)
	case "datetime":
		b = append(b, '"')
		b = append(b, text[:len(stampLayout)-1]...)
		return append(b, `.000+0000"`...)
	}
	return appendString(b, text)
}

// appendField appends a field of a row, without the detour over a text where the value is made of numbers.
func (o *Org) appendField(b []byte, f *field, row table.Row) []byte {
	switch {
	case f == f.object.id:
		b = append(b, '"')
		b = f.object.appendID(b, row.ID())
		return append(b, '"')
	case f == f.object.stamp:
		b = append(b, '"')
		b = appendStamp(b, row.Stamp())
		return append(b[:len(b)-1], `.000+0000"`...)
	}
	text, ok := o.value(f, row)
	return appendValue(b, f, text, ok)
}

// appendAttributes appends `"attributes":{"type":..,"url":..}` of a row.
func (o *Org) appendAttributes(b []byte, c *call, obj *object, row table.Row) []byte {
	b = append(b, `"attributes":{"type":"`...)
	b = append(b, obj.name...)
	b = append(b, `","url":"/services/data/v`...)
	b = append(b, c.version...)
	b = append(b, "/sobjects/"...)
	b = append(b, obj.name...)
	b = append(b, '/')
	b = obj.appendID(b, row.ID())
	return append(b, `"}`...)
}

// rowCells are a row's cells taken apart in one go, which is cheaper than asking for many of them one by one.
type rowCells struct {
	texts  [128]string
	filled [128]bool
}

// manyFields is from how many fields on taking a row apart pays.
const manyFields = 5

// appendRow appends a row with the fields asked for, in their order: the one way in which rows leave the org.
func (o *Org) appendRow(b []byte, c *call, obj *object, row table.Row, fields []*field) []byte {
	b = append(b, '{')
	b = o.appendAttributes(b, c, obj, row)
	var cells *rowCells
	if len(fields) >= manyFields {
		if c.cells == nil {
			c.cells = new(rowCells)
		}
		cells = c.cells
		clear(cells.filled[:obj.width])
		row.Each(func(column int, text string) { cells.texts[column], cells.filled[column] = text, true })
	}
	for _, f := range fields {
		b = append(b, ',', '"')
		b = append(b, f.name...)
		b = append(b, '"', ':')
		switch {
		case cells == nil || f.column < 0:
			b = o.appendField(b, f, row)
		case f.kind == "boolean" && !cells.filled[f.column]:
			b = append(b, "false"...)
		default:
			b = appendValue(b, f, cells.texts[f.column], cells.filled[f.column])
		}
	}
	return append(b, '}')
}
