package filter

import (
	"strings"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/record"
)

// ParseError says which word of a filter's text is not understood, and what it may have meant. Its sentence repeats names
// of fields and words of the language, never a value: those can be somebody's data.
type ParseError struct {
	// Offset and Length are the word's place in the text, in bytes; Line and Column count from 1, Column in characters.
	Offset, Length int
	Line, Column   int
	// Suggestions are what may have been meant, nearest first.
	Suggestions []string
	// Reason is why, without the place and the suggestions; its places %1, %2 … are filled with Args.
	Reason string
	Args   []string

	message string
	line    string
}

// Error is the sentence, with line and column before it.
func (e *ParseError) Error() string { return e.message }

// Caret is the line with a mark below the word. It repeats what was typed: for the screen of whoever typed it alone.
func (e *ParseError) Caret() string {
	before := e.line[:min(len(e.line), e.byteColumn())]
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
	width := utf8.RuneCountInString(e.line[len(before):min(len(e.line), len(before)+e.Length)])
	return e.line + "\n" + pad + strings.Repeat("^", max(width, 1))
}

func (e *ParseError) byteColumn() int {
	at := 0
	for range e.Column - 1 {
		_, size := utf8.DecodeRuneInString(e.line[at:])
		at += size
	}
	return at
}

// newError makes the error of a token. Its sentence is completed by the suggestions.
func newError(text string, t token, reason string, suggestions ...string) *ParseError {
	begin := strings.LastIndexByte(text[:t.pos], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[begin:], '\n'); i >= 0 {
		end = begin + i
	}
	e := &ParseError{
		Offset: t.pos, Length: t.end - t.pos, Line: strings.Count(text[:t.pos], "\n") + 1,
		Column: utf8.RuneCountInString(text[begin:t.pos]) + 1, Suggestions: suggestions, Reason: reason, line: text[begin:end],
	}
	return e.with()
}

// with fills the places of the reason.
func (e *ParseError) with(args ...string) *ParseError {
	e.Args = args
	e.message = "line " + itoa(e.Line) + ", column " + itoa(e.Column) + ": " + record.Fill(e.Reason, args...)
	if len(e.Suggestions) > 0 {
		quoted := make([]string, len(e.Suggestions))
		for i, s := range e.Suggestions {
			quoted[i] = name(s)
		}
		e.message += "; did you mean " + strings.Join(quoted, " or ") + "?"
	}
	return e
}
