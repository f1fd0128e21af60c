package instance

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// kind is a field's dataType (Marketo REST API, Field Types).
type kind uint8

const (
	kindString kind = iota
	kindText
	kindEmail
	kindPhone
	kindURL
	kindInteger
	kindScore
	kindPercent
	kindFloat
	kindCurrency
	kindBoolean
	kindDate
	kindDateTime
	kindReference
)

var kindNames = [...]string{
	"string", "text", "email", "phone", "url", "integer", "score", "percent", "float", "currency", "boolean", "date", "datetime", "reference",
}

func (k kind) String() string { return kindNames[k] }

// maxText is the most that a text area holds, in bytes.
const maxText = 30_000

// field is a field of a person or of another object. A cell holds its value in canonical form: numbers as decimal texts,
// "true" for a set boolean and null for any other, dates as YYYY-MM-DD, date-times as Unix seconds.
type field struct {
	id       int // of describe.json; activities 13 and 22 carry it
	name     string
	label    string
	kind     kind
	length   int
	readOnly bool
	search   bool // a filter may name it
	company  bool // of company type: persons of a company show its value
	crm      bool // owned by the native sync
	soap     string
	custom   bool
	byAPI    bool
	hidden   bool
	about    string // description
	column   int    // -1: computed
	indexed  bool
	key      []byte // `"name":`
}

// raw is a value as it was sent: JSON's kind ('"' string, '0' number, 't', 'f', 'n' null, '{', '[') and text.
type raw struct {
	kind byte
	text string
}

// canon reduces what was sent to the cell that is kept. ok is false when the value cannot be read in the field's type.
// null and "" both empty a field (Marketo REST API, Lead Database).
func (f *field) canon(v raw) (cell table.Cell, ok bool) {
	text := strings.TrimSpace(v.text)
	if v.kind == 'n' || (v.kind == '"' && text == "") {
		return table.Null, true
	}
	if v.kind == '{' || v.kind == '[' {
		return cell, false
	}
	switch f.kind {
	case kindInteger, kindScore, kindPercent:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
				return cell, false
			}
			n = int64(x)
		}
		return table.Text(strconv.FormatInt(n, 10)), true
	case kindFloat:
		x, err := strconv.ParseFloat(text, 32)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return cell, false
		}
		return table.Text(strconv.FormatFloat(x, 'f', -1, 32)), true
	case kindCurrency:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return cell, false
		}
		return table.Text(strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)), true
	case kindBoolean:
		switch strings.ToLower(text) {
		case "true", "1", "yes":
			return table.Text("true"), true
		case "false", "0", "no":
			return table.Null, true
		}
		return cell, false
	case kindDate:
		if len(text) > 10 {
			text = text[:10]
		}
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return cell, false
		}
		return table.Text(text), true
	case kindDateTime:
		t, ok := parseTime(text)
		if !ok {
			return cell, false
		}
		return unixCell(t), true
	case kindEmail:
		at := strings.LastIndexByte(text, '@')
		if at <= 0 || at == len(text)-1 || len(text) > f.length {
			return cell, false
		}
		for i := range len(text) {
			if text[i] >= 0x80 {
				return cell, false
			}
		}
	case kindText:
		if len(text) > maxText {
			return cell, false
		}
	}
	if f.length > 0 && len(text) > f.length && len([]rune(text)) > f.length {
		return cell, false
	}
	return table.Text(strings.ToValidUTF8(text, "�")), true
}

func unixCell(t time.Time) table.Cell { return table.Text(strconv.FormatInt(t.Unix(), 10)) }

// parseTime reads a date-time with a zone. Fractions of a second are cut: nothing finer is kept.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// unixOf reads a date-time cell.
func unixOf(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// appendJSON appends the value of a cell; a boolean is never null.
func (f *field) appendJSON(b []byte, text string, ok bool) []byte {
	if f.kind == kindBoolean {
		return strconv.AppendBool(b, ok)
	}
	if !ok {
		return append(b, "null"...)
	}
	switch f.kind {
	case kindInteger, kindScore, kindPercent, kindFloat, kindCurrency:
		return append(b, text...)
	case kindDateTime:
		return appendTime(b, unixOf(text))
	}
	return appendText(b, text)
}

// plain is the value as a text for the outside: what Look and Each give and what bulk files hold.
func (f *field) plain(text string, ok bool) (string, bool) {
	switch {
	case f.kind == kindBoolean:
		return strconv.FormatBool(ok), true
	case f.kind == kindDateTime && ok:
		return unixOf(text).Format(time.RFC3339), true
	}
	return text, ok
}

// logged is the value as Change Data Value writes it: booleans with capitals, date-times without a zone, in the
// subscription's (Marketo REST API, Activities).
func (f *field) logged(cell table.Cell) string {
	switch {
	case f.kind == kindBoolean && cell.Null:
		return "False"
	case f.kind == kindBoolean:
		return "True"
	case cell.Null:
		return ""
	case f.kind == kindDateTime:
		return unixOf(cell.Text).In(central).Format(time.DateTime)
	}
	return cell.Text
}

// wanted is the type's name as refusals of whole requests write it.
func (k kind) wanted() string {
	name := kindNames[k]
	return strings.ToUpper(name[:1]) + name[1:]
}
