package filter

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// kind says what a token is.
type kind uint8

const (
	end kind = iota
	word
	text   // in quotes
	number // 12, -3.5
	day    // 2026-01-31
	moment // 2026-01-31T12:00:00Z
	symbol
)

// token is one word of a sentence, with its place. value is without quotes and escapes; fresh tells that a line began
// before it.
type token struct {
	kind     kind
	value    string
	pos, end int
	fresh    bool
}

// is reports whether the token is one of these words or symbols; case does not count.
func (t token) is(words ...string) bool {
	if t.kind != word && t.kind != symbol {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.value, w) {
			return true
		}
	}
	return false
}

// mostText is the longest text of a filter in bytes: Salesforce takes no longer query either.
const mostText = 20_000

// quotes are the marks that begin a quoted text, and those that end it: word processors turn them.
var quotes = map[rune]string{'"': `"”“`, '\'': `'’‘`, '“': `”"“`, '”': `”"“`, '‘': `’'‘`, '’': `’'‘`, '„': `”"“`}

// lex cuts a text into tokens; the last one is end. From # on a line is a remark.
func lex(s string) (tokens, remarks []token, err *ParseError) {
	if len(s) > mostText {
		return nil, nil, newError(s, token{pos: mostText, end: len(s)}, "the filter is too long")
	}
	fresh := true
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			fresh = true
			i += size
			continue
		case r == '#':
			t := token{pos: i, end: len(s)}
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				t.end = i + n
			}
			remarks, i = append(remarks, t), t.end
			continue
		case unicode.IsSpace(r):
			i += size
			continue
		}
		t, err := next(s, i)
		if err != nil {
			return nil, nil, err
		}
		t.fresh, fresh = fresh, false
		tokens = append(tokens, t)
		i = t.end
	}
	return append(tokens, token{kind: end, pos: len(s), end: len(s), fresh: fresh}), remarks, nil
}

// next reads the token at i, which is no blank.
func next(s string, i int) (token, *ParseError) {
	r, size := utf8.DecodeRuneInString(s[i:])
	t := token{pos: i, end: i + size}
	switch {
	case r == utf8.RuneError && size == 1:
		return t, newError(s, t, "this is not a letter (the text is not UTF-8)")
	case quotes[r] != "":
		return quoted(s, t, quotes[r])
	case unicode.IsLetter(r) || r == '_':
		t.kind, t.end = word, run(s, i, isWordly)
	case unicode.IsDigit(r) || r == '-' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		return figure(s, t)
	case strings.ContainsRune("<>!", r) && strings.HasPrefix(s[t.end:], "=") || r == '<' && strings.HasPrefix(s[t.end:], ">"):
		t.kind, t.end = symbol, t.end+1
	case strings.ContainsRune("(),.;:=<>", r):
		t.kind = symbol
	default:
		return t, newError(s, t, "this sign means nothing here")
	}
	t.value = s[t.pos:t.end]
	return t, nil
}

func isWordly(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// run is where a run of runes that fit ends.
func run(s string, i int, fits func(rune) bool) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !fits(r) {
			break
		}
		i += size
	}
	return i
}

// quoted reads a text in quotes. A backslash lets the next sign stand for itself.
func quoted(s string, t token, closing string) (token, *ParseError) {
	var b strings.Builder
	t.kind = text
	for i := t.end; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case strings.ContainsRune(closing, r):
			t.value, t.end = b.String(), i
			return t, nil
		case r == '\\' && i < len(s) && s[i] != '\n':
			r, size = utf8.DecodeRuneInString(s[i:])
			i += size
			b.WriteRune(r)
		case unicode.IsControl(r):
			t.end = i - size
			return t, newError(s, t, "this quoted text has no end on its line")
		case r == utf8.RuneError && size == 1:
			return t, newError(s, token{pos: i - 1, end: i}, "this is not a letter (the text is not UTF-8)")
		default:
			b.WriteRune(r)
		}
	}
	t.end = len(s)
	return t, newError(s, t, "this quoted text has no end")
}

// figure reads a number, a date or a moment.
func figure(s string, t token) (token, *ParseError) {
	t.end = run(s, t.pos, func(r rune) bool { return strings.ContainsRune("0123456789-+:.TZtz", r) })
	raw := strings.TrimRight(s[t.pos:t.end], ".:")                       // a full stop after a number ends a sentence
	if more := run(s, t.pos+len(raw), isWordly); more > t.pos+len(raw) { // an id, a post code
		t.kind, t.end = word, more
		t.value = s[t.pos:t.end]
		return t, nil
	}
	t.end, t.value = t.pos+len(raw), raw
	switch {
	case isDay(raw):
		t.kind = day
	case isMoment(raw):
		t.kind = moment
	case isNumber(raw):
		t.kind = number
	default:
		return t, newError(s, t, "this is neither a number nor a date: write dates as 2026-01-31")
	}
	return t, nil
}

func isNumber(raw string) bool {
	digits := strings.TrimPrefix(raw, "-")
	whole, part, point := strings.Cut(digits, ".")
	return whole != "" && len(digits) <= 18 && (!point || part != "") && strings.Trim(whole+part, "0123456789") == ""
}
