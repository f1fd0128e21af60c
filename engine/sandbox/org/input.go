package org

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// input is one key of a JSON object that was sent, in the order sent; keys may repeat in case.
type input struct {
	name  string
	value value
}

// value is one JSON value that was sent. raw marks a text that is still to be read in its field's type, as a CSV cell
// is.
type value struct {
	kind    jsontext.Kind // n f t " 0 { [
	text    string        // of " and 0
	members []input       // of {
	items   []value       // of [
	at      int64         // offset in the body
	raw     bool
}

// rawValue and nullValue are what a CSV cell becomes.
func rawValue(text string) value { return value{kind: '"', text: text, raw: true} }

func nullValue() value { return value{kind: 'n'} }

// get finds a member by its name in any case.
func (v value) get(name string) (value, bool) {
	for _, m := range v.members {
		if strings.EqualFold(m.name, name) {
			return m.value, true
		}
	}
	return value{}, false
}

// word is the text of a string member, "" when it is absent or something else.
func (v value) word(name string) string {
	if m, ok := v.get(name); ok && m.kind == '"' {
		return m.text
	}
	return ""
}

// flag is a boolean member; some clients send it as a string.
func (v value) flag(name string) bool {
	m, ok := v.get(name)
	return ok && (m.kind == 't' || (m.kind == '"' && strings.EqualFold(m.text, "true")))
}

// maxDepth bounds nesting; the deepest lawful body, a tree of five levels, stays far below.
const maxDepth = 64

// parseBody reads a JSON body.
func parseBody(body []byte) (value, *apiError) {
	if len(bytes.TrimSpace(body)) == 0 {
		return value{}, badRequest("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
	}
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	v, err := readValue(d, 0)
	if err == nil {
		if _, err = d.ReadToken(); errors.Is(err, io.EOF) {
			return v, nil
		}
	}
	return value{}, parserError("Unexpected character or end of input", body, d.InputOffset())
}

// parseObject reads a body that must be a JSON object.
func parseObject(body []byte) (value, *apiError) {
	v, err := parseBody(body)
	if err == nil && v.kind != '{' {
		return v, parserError("Cannot deserialize instance of object from "+tokenName(v), body, v.at)
	}
	return v, err
}

// parserError words a fault of a body's form or types, with the place.
func parserError(message string, body []byte, at int64) *apiError {
	at = min(at, int64(len(body)))
	line := bytes.Count(body[:at], []byte{'\n'}) + 1
	column := int(at) - bytes.LastIndexByte(body[:at], '\n')
	return badRequest("JSON_PARSER_ERROR", fmt.Sprintf("%s at [line:%d, column:%d]", message, line, column))
}

func readValue(d *jsontext.Decoder, depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errors.New("nested too deeply")
	}
	token, err := d.ReadToken()
	if err != nil {
		return value{}, err
	}
	v := value{kind: token.Kind(), at: d.InputOffset()}
	switch v.kind {
	case '"', '0':
		v.text = token.String()
	case '[':
		for d.PeekKind() != ']' {
			item, err := readValue(d, depth+1)
			if err != nil {
				return v, err
			}
			v.items = append(v.items, item)
		}
		_, err = d.ReadToken()
	case '{':
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return v, err
			}
			key := name.String()
			item, err := readValue(d, depth+1)
			if err != nil {
				return v, err
			}
			v.members = append(v.members, input{key, item})
		}
		_, err = d.ReadToken()
	}
	return v, err
}

// tokenName is the value as Salesforce's parser names it in messages.
func tokenName(v value) string {
	switch v.kind {
	case '{':
		return "START_OBJECT value {"
	case '[':
		return "START_ARRAY value ["
	case '"':
		return "VALUE_STRING value " + v.text
	case '0':
		if strings.ContainsAny(v.text, ".eE") {
			return "VALUE_NUMBER_FLOAT value " + v.text
		}
		return "VALUE_NUMBER_INT value " + v.text
	case 't':
		return "VALUE_TRUE value true"
	case 'f':
		return "VALUE_FALSE value false"
	}
	return "VALUE_NULL value null"
}
