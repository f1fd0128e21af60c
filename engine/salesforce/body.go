package salesforce

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/wire"
)

// errShape says that an answer is JSON, but not what the API documents.
var errShape = wire.ErrShape

// decodeJSON hands the tokens of a body to read, and turns whatever is wrong with the body into a typed failure: a web
// page, nothing, an end in the middle, something else.
func decodeJSON(body io.Reader, read func(dec *jsontext.Decoder) error) error {
	return unreadable(wire.Decode(body, read))
}

// unreadable types an error met while reading a body.
func unreadable(err error) error {
	var broken *wire.Unreadable
	if err = wire.Judge(err); !errors.As(err, &broken) {
		return err
	}
	switch broken.Fault {
	case wire.Empty:
		return localError(codeEmpty, nil)
	case wire.WebPage:
		return localError(codeHTML, nil)
	case wire.Truncated:
		return localError(codeTruncated, nil)
	}
	return localError(codeMalformed, broken)
}

// boundedText reads the beginning of a body for a failure.
func boundedText(body io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, most))
	return bytes.TrimSpace(text), err
}
