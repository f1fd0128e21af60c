package soql

import (
	"strings"
	"time"
	"unicode/utf8"
)

// LiteralKind says how a value was written.
type LiteralKind uint8

// The kinds of literals.
const (
	Null LiteralKind = iota + 1
	Text
	Number
	Boolean
	Date
	DateTime
	// Range is a date literal: TODAY, LAST_N_DAYS:7.
	Range
)

// Literal is a value of a filter.
type Literal struct {
	Kind LiteralKind
	Pos  Pos
	// Raw is a Number's digits, a Boolean's true or false, a Date's day, a Range's name in capitals.
	Raw string
	// N is the count of a Range such as LAST_N_DAYS:n.
	N int
	// Time is a DateTime's moment in UTC.
	Time time.Time

	escaped string
}

// Text is a Text literal's content.
func (l Literal) Text() string {
	if strings.IndexByte(l.escaped, '\\') < 0 {
		return l.escaped
	}
	return unescape(l.escaped)
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Pattern makes a matcher of a LIKE literal: % is any text, _ any one character, both literal when escaped; case does
// not count (SOQL and SOSL Reference, LIKE).
func (l Literal) Pattern() Pattern {
	var p Pattern
	s := l.escaped
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r == '\\' && i < len(s):
			r, size = utf8.DecodeRuneInString(s[i:])
			i += size
		case r == '%':
			r = anyText
		case r == '_':
			r = anyRune
		}
		if r >= 0 {
			r = fold(r)
		}
		p = append(p, r)
	}
	return p
}

const (
	anyText rune = -1
	anyRune rune = -2
)

// Pattern is a compiled LIKE.
type Pattern []rune

// Matches reports whether the whole text fits the pattern. It takes at most len(text)*len(pattern) steps: the last %
// is the only place to come back to.
func (p Pattern) Matches(s string) bool {
	at, star, from := 0, -1, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case at < len(p) && p[at] == anyText:
			star, from = at, i
			at++
			continue
		case at < len(p) && (p[at] == anyRune || p[at] == fold(r)):
			at++
			i += size
			continue
		case star < 0:
			return false
		}
		_, skip := utf8.DecodeRuneInString(s[from:])
		from += skip
		at, i = star+1, from
	}
	for at < len(p) && p[at] == anyText {
		at++
	}
	return at == len(p)
}

func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return []rune(strings.ToLower(string(r)))[0]
}

// dateTimeLayouts are the ways to write a moment: an offset is required, fractions are allowed and dropped.
var dateTimeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04Z07:00"}

func parseDateTime(s string) (time.Time, bool) {
	s = strings.ToUpper(s)
	for _, layout := range dateTimeLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC().Truncate(time.Second), inCalendar(at)
		}
	}
	return time.Time{}, false
}

// inCalendar keeps to the years that Salesforce stores, 1700 to 4000 (SOQL and SOSL Reference, date formats).
func inCalendar(at time.Time) bool { return at.Year() >= 1700 && at.Year() <= 4000 }
