package marketo

import (
	"io"
	"regexp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/wire"
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
func readEnvelope(body io.Reader, read func(dec *jsontext.Decoder) error) (env envelope, err error) {
	if err := wire.Decode(body, func(dec *jsontext.Decoder) error { return env.read(dec, read) }); err != nil {
		return env, err
	}
	switch refused := len(env.refusals) > 0; {
	case env.success == nil && !env.listed && !refused, env.success != nil && !*env.success && !refused:
		return env, errShape
	case refused && (env.success == nil || !*env.success):
		e := NewError(0, string(env.refusals[0].Code), env.refusals[0].Message)
		e.RequestID = env.requestID
		return env, e
	}
	return env, nil
}

func (env *envelope) read(dec *jsontext.Decoder, read func(dec *jsontext.Decoder) error) error {
	if err := beginObject(dec); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := env.member(dec, name.String(), read); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// beginObject goes past the brace of an object. Whatever else stands there is another shape, and no JSON an error of its own.
func beginObject(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if err == nil && token.Kind() != '{' {
		err = errShape
	}
	return err
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
	return wire.Decode(body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, into) })
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
