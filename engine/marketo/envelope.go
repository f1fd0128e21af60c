package marketo

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// envelope is what surrounds every answer (Marketo REST API, Error Codes: three levels). warnings come as texts or as
// objects and say nothing that a sync can use.
type envelope struct {
	success   *bool // some recorded answers leave it out
	requestID string
	more      bool
	next      string
	refusals  []refusal
	listed    bool // there was a result
	server    time.Time
}

type refusal struct {
	Code    code   `json:"code"`
	Message string `json:"message"`
}

// code is a quoted integer in most answers, a bare one in some.
type code string

// UnmarshalJSONFrom takes both forms.
func (c *code) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case '"', '0':
		*c = code(token.String())
		return nil
	}
	return errShape
}

// readEnvelope reads an answer, handing each element of result to read. An answer that refuses the call as a whole is an
// *Error; read has then seen nothing that counts.
func readEnvelope(body io.Reader, read func(dec *jsontext.Decoder) error) (envelope, error) {
	var env envelope
	dec := jsontext.NewDecoder(bufio.NewReaderSize(body, 32<<10), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		if _, err := dec.ReadToken(); err != nil && !errors.Is(err, io.EOF) && !isSyntax(err) {
			return env, err
		}
		return env, localError(codeBroken, nil) // a web page, nothing, something else
	}
	if _, err := dec.ReadToken(); err != nil {
		return env, err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return env, err
		}
		if err := env.member(dec, name.String(), read); err != nil {
			return env, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return env, err
	}
	if env.success == nil && !env.listed && len(env.refusals) == 0 {
		return env, errShape
	}
	if env.success != nil && !*env.success && len(env.refusals) == 0 {
		return env, errShape
	}
	if env.success != nil && !*env.success || env.success == nil && len(env.refusals) > 0 {
		e := NewError(0, string(env.refusals[0].Code), env.refusals[0].Message)
		e.RequestID = env.requestID
		return env, e
	}
	return env, nil
}

func (env *envelope) member(dec *jsontext.Decoder, name string, read func(dec *jsontext.Decoder) error) (err error) {
	switch name {
	case "success":
		return json.UnmarshalDecode(dec, &env.success)
	case "requestId":
		return json.UnmarshalDecode(dec, &env.requestID)
	case "moreResult":
		return json.UnmarshalDecode(dec, &env.more)
	case "nextPageToken":
		return json.UnmarshalDecode(dec, &env.next)
	case "errors":
		return json.UnmarshalDecode(dec, &env.refusals)
	case "result":
		env.listed = true
		return eachElement(dec, read)
	}
	return dec.SkipValue()
}

// eachElement hands each element of an array to read. A missing array is an empty one.
func eachElement(dec *jsontext.Decoder, read func(dec *jsontext.Decoder) error) error {
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if read == nil {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		if err := read(dec); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// decodeInto reads a whole small answer.
func decodeInto(body io.Reader, into any) error {
	err := json.UnmarshalRead(body, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil && (isSyntax(err) || isBody(err)) {
		return localError(codeBroken, nil)
	}
	return err
}

func isSyntax(err error) bool {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	return errors.As(err, &syntax) || errors.As(err, &semantic)
}

// isBody reports whether an error was met while reading a body, rather than while talking to the side.
func isBody(err error) bool {
	var corrupt flate.CorruptInputError
	return isSyntax(err) || errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}

// scalar gives a value's text; ok is false for null. Arrays and objects give their JSON.
func scalar(dec *jsontext.Decoder) (text string, ok bool, err error) {
	switch dec.PeekKind() {
	case 'n':
		return "", false, dec.SkipValue()
	case '"', '0', 't', 'f':
		token, err := dec.ReadToken()
		if err != nil {
			return "", false, err
		}
		return token.String(), true, nil
	case '[', '{':
		value, err := dec.ReadValue()
		return string(value), true, err
	}
	_, err = dec.ReadToken()
	if err == nil {
		err = errShape
	}
	return "", false, err
}

var quoted = regexp.MustCompile(`(?i)field[s]?\s+'([A-Za-z][A-Za-z0-9_]*)'`)

// quotedFields are the fields that a message names, as in "Field 'foo' not found".
func quotedFields(message string) []string {
	var names []string
	for _, found := range quoted.FindAllStringSubmatch(message, 4) {
		names = append(names, found[1])
	}
	return names
}
