package org

import (
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// mismatch is a value whose JSON type the field does not take: it refuses the whole request, not the row.
type mismatch struct{ message string }

// canonical turns a value that was sent into what is stored: trimmed, "" to null, numbers rounded to the scale,
// date-times to the second in UTC. A refusal of the row is errs; a value of a wrong JSON type is wrong.
func (f *field) canonical(v value) (cell table.Cell, errs []rowError, wrong *mismatch) {
	if v.raw && strings.TrimSpace(v.text) == "" {
		v = nullValue()
	}
	if v.kind == 'n' {
		if f.kind == "boolean" {
			return cell, []rowError{rowFault("INVALID_TYPE_ON_FIELD_IN_RECORD", f.label+": value not of required type: null", f.name)}, nil
		}
		return table.Null, nil, nil
	}
	var text string
	var fault *rowError
	switch f.kind {
	case "boolean":
		text, fault, wrong = f.boolean(v)
	case "int", "double", "currency", "percent":
		text, fault, wrong = f.numeric(v)
	case "date":
		text, fault, wrong = f.day(v)
	case "datetime":
		text, fault, wrong = f.moment(v)
	case "id", "reference":
		if v.kind != '"' {
			return cell, nil, &mismatch{deserialize("string", v)}
		}
		text = strings.TrimSpace(v.text)
	default:
		text, fault, wrong = f.words(v)
	}
	switch {
	case wrong != nil && v.raw:
		return cell, []rowError{rowFault("INVALID_TYPE_ON_FIELD_IN_RECORD", f.label+": value not of required type: "+v.text, f.name)}, nil
	case wrong != nil:
		return cell, nil, wrong
	case fault != nil:
		return cell, []rowError{*fault}, nil
	case text == "":
		return table.Null, nil, nil
	}
	return table.Text(text), nil, nil
}

func deserialize(kind string, v value) string {
	return "Cannot deserialize instance of " + kind + " from " + tokenName(v) + " or request may be missing a required field"
}

func (f *field) boolean(v value) (string, *rowError, *mismatch) {
	switch {
	case v.kind == 't':
		return "true", nil, nil
	case v.kind == 'f':
		return "false", nil, nil
	case v.kind == '"' && strings.EqualFold(v.text, "true"), v.raw && v.text == "1":
		return "true", nil, nil
	case v.kind == '"' && strings.EqualFold(v.text, "false"), v.raw && v.text == "0":
		return "false", nil, nil
	}
	return "", nil, &mismatch{deserialize("boolean", v)}
}

func (f *field) numeric(v value) (string, *rowError, *mismatch) {
	kind := "double"
	if f.kind == "int" {
		kind = "int"
	}
	sent := strings.TrimSpace(v.text)
	if (v.kind != '0' && v.kind != '"') || len(sent) > 60 || strings.ContainsAny(sent, "/_xXpP") {
		return "", nil, &mismatch{deserialize(kind, v)}
	}
	if sent == "" {
		return "", nil, nil
	}
	if i := strings.IndexAny(sent, "eE"); i >= 0 {
		if exponent, err := strconv.Atoi(sent[i+1:]); err != nil || exponent > 400 || exponent < -400 {
			return "", nil, &mismatch{deserialize(kind, v)}
		}
	}
	n, ok := new(big.Rat).SetString(sent)
	if !ok || (kind == "int" && !n.IsInt()) {
		return "", nil, &mismatch{deserialize(kind, v)}
	}
	text := n.FloatString(f.scale)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		text = "0"
	}
	digits, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if limit := f.precision - f.scale + f.digits; len(digits) > limit {
		fault := rowFault("NUMBER_OUTSIDE_VALID_RANGE", f.label+": value outside of valid range on numeric field: "+sent, f.name)
		return "", &fault, nil
	}
	return text, nil, nil
}

func (f *field) day(v value) (string, *rowError, *mismatch) {
	text := strings.TrimSpace(v.text)
	at, err := time.Parse(time.DateOnly, text)
	if v.kind != '"' || (text != "" && err != nil) {
		return "", nil, &mismatch{deserialize("date", v)}
	}
	if text == "" {
		return "", nil, nil
	}
	return text, f.lawfulYear(at.Year(), text), nil
}

// lawfulYear refuses what Salesforce's calendar does not hold.
func (f *field) lawfulYear(year int, text string) *rowError {
	if year >= 1700 && year <= 4000 {
		return nil
	}
	fault := rowFault("NUMBER_OUTSIDE_VALID_RANGE", f.label+": invalid date: "+text, f.name)
	return &fault
}

// momentLayouts are the date-times that REST takes; parsing lets a fraction of the second stand after any of them.
var momentLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05-07"}

func (f *field) moment(v value) (string, *rowError, *mismatch) {
	text := strings.TrimSpace(v.text)
	if v.kind == '"' && text == "" {
		return "", nil, nil
	}
	if v.kind == '"' {
		if at, err := parseMoment(text); err == nil {
			return stampText(at.Unix()), f.lawfulYear(at.UTC().Year(), text), nil
		}
	}
	return "", nil, &mismatch{deserialize("datetime", v)}
}

// parseMoment reads a date-time as REST takes it. Without an offset it is an error.
func parseMoment(text string) (time.Time, error) {
	var at time.Time
	var err error
	for _, layout := range momentLayouts {
		if at, err = time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return at, err
}

func (f *field) words(v value) (string, *rowError, *mismatch) {
	text := v.text
	switch v.kind {
	case 't':
		text = "true"
	case 'f':
		text = "false"
	case '{', '[':
		return "", nil, &mismatch{deserialize("string", v)}
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
	if text == "" {
		return "", nil, nil
	}
	if f.length > 0 && javaLength(text) > f.length {
		fault := rowFault("STRING_TOO_LONG", f.label+": data value too large: "+text+" (max length="+strconv.Itoa(f.length)+")", f.name)
		return "", &fault, nil
	}
	switch f.kind {
	case "email":
		if !validEmail(text) {
			fault := rowFault("INVALID_EMAIL_ADDRESS", f.label+": invalid email address: "+text, f.name)
			return "", &fault, nil
		}
	case "picklist":
		return f.choose(text)
	case "multipicklist":
		parts := strings.Split(text, ";")
		for i, part := range parts {
			chosen, fault, wrong := f.choose(strings.TrimSpace(part))
			if fault != nil || wrong != nil {
				return "", fault, wrong
			}
			parts[i] = chosen
		}
		return strings.Join(parts, ";"), nil, nil
	}
	return text, nil, nil
}

// choose folds a picklist value into its defined spelling; what is not defined is stored as sent, or refused.
func (f *field) choose(text string) (string, *rowError, *mismatch) {
	for _, defined := range f.picklist {
		if strings.EqualFold(defined, text) {
			return defined, nil, nil
		}
	}
	if f.restricted {
		fault := rowFault("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f.label+": bad value for restricted picklist field: "+text, f.name)
		return "", &fault, nil
	}
	return text, nil, nil
}

// javaLength counts as the service does, in UTF-16 units: a character outside the basic plane counts twice.
func javaLength(text string) int {
	n := utf8.RuneCountInString(text)
	for _, r := range text {
		if r > 0xffff {
			n++
		}
	}
	return n
}

// validEmail takes what looks like an address: one @, a local part without blanks or brackets, a domain with a dot and
// labels of letters, digits and hyphens.
func validEmail(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	if !ok || local == "" || len(local) > 64 || strings.ContainsAny(local, " \t\r\n,;:<>()[]\\\"") ||
		strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") || !strings.Contains(domain, ".") {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, r := range label {
			letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') || r == '-' || r > 0x7f
			if !letter {
				return false
			}
		}
	}
	return true
}
