package salesforce

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

// refused is set when the chunk was refused as a whole.
func (ch *chunk) refused() *Error {
	if ch.kind.guarded {
		return nil
	}
	return ch.parts[len(ch.parts)-1].refused
}

// result is what was answered about the row at a place.
func (ch *chunk) result(place int) Result {
	if ch.kind.guarded {
		return Result{Err: ch.parts[len(ch.parts)-len(ch.rows)+place].refused}
	}
	return ch.saved[place]
}

// guardedPart writes one row, if nobody has since.
func (w *writer) guardedPart(row Write) *part {
	body := []byte("{")
	for _, f := range row.Fields {
		if value, err := jsonValue(f); err == nil {
			body = appendMember(body, f.Name, value)
		}
	}
	return &part{
		method: http.MethodPatch, path: w.client.data("/sobjects/" + string(row.Object) + "/" + string(row.ID)), body: append(body, '}'),
		header: map[string]string{"Sforce-Auto-Assign": "FALSE", "If-Unmodified-Since": row.Unmodified.UTC().Format(http.TimeFormat)},
		read: func(dec *jsontext.Decoder) (*Error, error) {
			if dec.PeekKind() == 'n' {
				return nil, dec.SkipValue()
			}
			return readRefusals(dec)
		},
	}
}
