package soql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type kind uint8

const (
	end kind = iota
	name
	text
	number
	date
	dateTime
	symbol
)

// token is a piece of the statement. For text, value is what the quotes hold with escapes resolved; like keeps the
// two escapes that only LIKE knows.
type token struct {
	kind  kind
	pos   Pos
	value string
}

// lexer cuts the statement into tokens, one ahead of the parser.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() (token, error) {
	for l.at < len(l.text) && isBlank(l.text[l.at]) {
		l.at++
	}
	begin := l.at
	if begin == len(l.text) {
		return token{kind: end, pos: Pos(begin)}, nil
	}
	c := l.text[begin]
	switch {
	case isLetter(c):
		for l.at < len(l.text) && (isLetter(l.text[l.at]) || isDigit(l.text[l.at])) {
			l.at++
		}
		return l.token(name, begin), nil
	case isDigit(c), (c == '-' || c == '+' || c == '.') && begin+1 < len(l.text) && (isDigit(l.text[begin+1]) || l.text[begin+1] == '.'):
		return l.numeric()
	case c == '\'':
		return l.quoted()
	}
	for _, s := range []string{"<=", ">=", "!=", "<>"} {
		if strings.HasPrefix(l.text[begin:], s) {
			l.at += 2
			return l.token(symbol, begin), nil
		}
	}
	if strings.IndexByte("(),.=<>:", c) >= 0 {
		l.at++
		return l.token(symbol, begin), nil
	}
	r, _ := utf8.DecodeRuneInString(l.text[begin:])
	return token{}, l.misread(begin, fmt.Sprintf("no viable alternative at character '%c'", r))
}

func (l *lexer) token(k kind, begin int) token {
	return token{kind: k, pos: Pos(begin), value: l.text[begin:l.at]}
}

// misread is how Salesforce words what its lexer cannot read: a line and a column from 0, no quotation.
func (l *lexer) misread(at int, what string) error {
	e := refuse(l.text, Pos(at), MalformedQuery, what)
	e.Message = fmt.Sprintf("line %d:%d %s", e.Row, e.Column-1, what)
	return e
}

// numeric reads a number, a date or a date with time: which of them, the shape tells.
func (l *lexer) numeric() (token, error) {
	begin := l.at
	rest := l.text[begin:]
	if len(rest) >= 10 && isShape(rest[:10], "0000-00-00") {
		l.at += 10
		if len(rest) == 10 || (rest[10] != 'T' && rest[10] != 't') {
			return l.token(date, begin), nil
		}
		for l.at < len(l.text) && strings.IndexByte("0123456789TtZz:.+-", l.text[l.at]) >= 0 {
			l.at++
		}
		return l.token(dateTime, begin), nil
	}
	if c := rest[0]; c == '-' || c == '+' {
		l.at++
	}
	l.digits()
	if l.at < len(l.text) && l.text[l.at] == '.' {
		l.at++
		l.digits()
	}
	if l.at < len(l.text) && (l.text[l.at] == 'e' || l.text[l.at] == 'E') {
		l.at++
		if l.at < len(l.text) && (l.text[l.at] == '-' || l.text[l.at] == '+') {
			l.at++
		}
		l.digits()
	}
	return l.token(number, begin), nil
}

func (l *lexer) digits() {
	for l.at < len(l.text) && isDigit(l.text[l.at]) {
		l.at++
	}
}

// quoted reads a string literal. \% and \_ stay escaped for LIKE, which alone tells them from the wild cards; every
// other comparison takes the backslash away (see Literal.Text).
func (l *lexer) quoted() (token, error) {
	begin := l.at
	l.at++
	var b strings.Builder
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch c {
		case '\'':
			l.at++
			if utf8.RuneCountInString(b.String()) > MaxLiteral {
				return token{}, refuse(l.text, Pos(begin), MalformedQuery, fmt.Sprintf("string literal is longer than %d characters", MaxLiteral))
			}
			return token{kind: text, pos: Pos(begin), value: b.String()}, nil
		case '\\':
			if err := l.escape(&b); err != nil {
				return token{}, err
			}
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return token{}, l.misread(len(l.text), "mismatched character '<EOF>' expecting '''")
}

func (l *lexer) escape(b *strings.Builder) error {
	if l.at+1 == len(l.text) {
		return l.misread(len(l.text), "mismatched character '<EOF>' expecting '''")
	}
	c := l.text[l.at+1]
	if i := strings.IndexByte(`'"\nNrRtTbBfF`, c); i >= 0 {
		switch c {
		case '\\':
			b.WriteString(`\\`) // undone with the other two, so that LIKE can tell \\% from \%
		default:
			b.WriteByte("'\"\\\n\n\r\r\t\t\b\b\f\f"[i])
		}
		l.at += 2
		return nil
	}
	switch c {
	case '%', '_':
		b.WriteString(l.text[l.at : l.at+2])
		l.at += 2
		return nil
	case 'u', 'U':
		if l.at+6 <= len(l.text) {
			var r rune
			if _, err := fmt.Sscanf(l.text[l.at+2:l.at+6], "%04x", &r); err == nil && isHex(l.text[l.at+2:l.at+6]) {
				b.WriteRune(r)
				l.at += 6
				return nil
			}
		}
	}
	_, size := utf8.DecodeRuneInString(l.text[l.at+1:])
	return refuse(l.text, Pos(l.at), MalformedQuery,
		fmt.Sprintf("Invalid string literal. Illegal character sequence '%s' in string literal.", l.text[l.at:l.at+1+size]))
}

func isBlank(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// isShape compares s with a pattern in which 0 stands for any digit.
func isShape(s, pattern string) bool {
	for i := range len(pattern) {
		if pattern[i] == '0' && !isDigit(s[i]) || pattern[i] != '0' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}
