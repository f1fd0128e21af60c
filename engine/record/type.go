package record

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is the family of a field's type.
type Kind uint8

// The kinds. Every field type of either side falls into one of them.
const (
	Text Kind = iota + 1
	TextArea
	Email
	Phone
	URL
	Picklist
	MultiPicklist
	Boolean
	Integer
	Decimal
	Date
	DateTime
	Reference
)

var kindNames = [...]string{"", "text", "text area", "email", "phone", "url", "picklist", "multi-picklist", "checkbox", "whole number", "number", "date", "date-time", "reference"}

// String is the kind's name for people.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// Type is the one type in which both sides of a mapped field are compared: the narrower of the two in everything that
// the target would reshape anyway.
type Type struct {
	Kind Kind
	// Length is the longest text in characters, 0 for no limit. Canon never cuts: too long is the target's refusal.
	Length int
	// Scale is the number of decimals of a Decimal.
	Scale int
	// Values are a picklist's defined spellings; a text that differs in case only is folded into them.
	Values []string
}

// Equal reports whether two types reduce every text to the same one.
func (t Type) Equal(other Type) bool {
	return t.Kind == other.Kind && t.Length == other.Length && t.Scale == other.Scale && slices.Equal(t.Values, other.Values)
}

// Canon reduces a side's text to the canonical one. An empty or all-blank text is the blank Value for every kind but
// Boolean, where both systems know no blank: it is false. What cannot be read in the type is an error that does not
// repeat the text.
func (t Type) Canon(text string) (Value, error) {
	switch t.Kind {
	case Boolean:
		return canonBoolean(text)
	case Integer:
		return canonDecimal(text, 0)
	case Decimal:
		return canonDecimal(text, t.Scale)
	case Date:
		return canonDate(text)
	case DateTime:
		return canonDateTime(text)
	case TextArea:
		return canonText(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	case Picklist:
		v, err := canonText(text)
		if err != nil {
			return v, err
		}
		return Value{t.defined(v.text)}, nil
	case MultiPicklist:
		return t.canonSet(text)
	}
	return canonText(text)
}

// defined is a picklist's own spelling of a text, the text itself where it has none.
func (t Type) defined(text string) string {
	for _, defined := range t.Values {
		if strings.EqualFold(defined, text) {
			return defined
		}
	}
	return text
}

// canonSet puts choices in the order of the list, those that are not in it behind, each once: the sides keep them in any order.
func (t Type) canonSet(text string) (Value, error) {
	v, err := canonText(text)
	if err != nil || v.text == "" {
		return v, err
	}
	var chosen []string
	for choice := range strings.SplitSeq(v.text, ";") {
		if choice = strings.TrimSpace(choice); choice != "" {
			chosen = append(chosen, t.defined(choice))
		}
	}
	place := func(choice string) int {
		if i := slices.Index(t.Values, choice); i >= 0 {
			return i
		}
		return len(t.Values)
	}
	slices.SortFunc(chosen, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return Value{strings.Join(slices.Compact(chosen), ";")}, nil
}

func canonText(text string) (Value, error) {
	if !utf8.ValidString(text) {
		return Value{}, fmt.Errorf("the text is not UTF-8")
	}
	return Value{strings.TrimSpace(text)}, nil
}

func canonBoolean(text string) (Value, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1":
		return Value{"true"}, nil
	case "false", "0", "":
		return Value{"false"}, nil
	}
	return Value{}, fmt.Errorf("neither true nor false")
}

// canonDecimal rounds half away from zero to scale decimals and drops trailing zeros: 300.0 and 300 are one number.
func canonDecimal(text string, scale int) (Value, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Value{}, nil
	}
	if plain, ok := plainInteger(text); ok {
		return Value{plain}, nil
	}
	if len(text) > 40 || strings.ContainsAny(text, "/_xXpP") {
		return Value{}, fmt.Errorf("not a number")
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if exponent, err := strconv.Atoi(text[i+1:]); err != nil || exponent > 40 || exponent < -40 {
			return Value{}, fmt.Errorf("not a number of usual size")
		}
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return Value{}, fmt.Errorf("not a number")
	}
	out := number.FloatString(scale)
	if strings.Contains(out, ".") {
		out = strings.TrimRight(strings.TrimRight(out, "0"), ".")
	}
	if out == "-0" {
		out = "0"
	}
	return Value{out}, nil
}

// plainInteger takes the common case without arithmetic: digits, perhaps a minus, perhaps ".0".
func plainInteger(text string) (string, bool) {
	text = strings.TrimSuffix(text, ".0")
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || len(digits) > 18 || (digits[0] == '0' && text != "0") {
		return "", false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", false
		}
	}
	return text, true
}

func canonDate(text string) (Value, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Value{}, nil
	}
	if len(text) > len(time.DateOnly) { // a date-time where a date is wanted: its day in UTC
		at, err := ParseTime(text)
		if err != nil {
			return Value{}, err
		}
		return Value{at.UTC().Format(time.DateOnly)}, nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return Value{}, fmt.Errorf("not a date")
	}
	return Value{text}, nil
}

func canonDateTime(text string) (Value, error) {
	if strings.TrimSpace(text) == "" {
		return Value{}, nil
	}
	at, err := ParseTime(text)
	if err != nil {
		return Value{}, err
	}
	return Value{at.UTC().Truncate(time.Second).Format(time.RFC3339)}, nil
}

// ParseTime reads the date-times of both systems: Salesforce writes 2026-01-01T00:00:00.000+0000, Marketo
// 2026-01-01T00:00:00Z, with an offset with or without colon, and in its asset API both Z and +0000. One without a zone is an error.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if bare, zone := strings.CutSuffix(text, "+0000"); zone {
		text = strings.TrimSuffix(bare, "Z") + "Z"
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("not a date-time")
}
