package salesforce

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Counted is the answer to one question of Counts.
type Counted struct {
	N   int
	Err *Error // why the org did not count
}

// Counts asks several SELECT COUNT() at once, five a call. Answers stand in the order of the questions; one that the org refuses
// does not spoil the others.
func (c *Client) Counts(ctx context.Context, purpose record.Purpose, questions []string) ([]Counted, error) {
	answers := make([]Counted, len(questions))
	for from := 0; from < len(questions); from += mostHeavy {
		parts := make([]*part, 0, mostHeavy)
		for i := from; i < min(from+mostHeavy, len(questions)); i++ {
			parts = append(parts, c.countPart(questions[i], &answers[i].N))
		}
		if _, err := c.read(ctx, purpose, parts); err != nil {
			return nil, err
		}
		for i, p := range parts {
			answers[from+i].Err = p.refused
		}
	}
	return answers, nil
}

// countPart is a SELECT COUNT() of a composite.
func (c *Client) countPart(soql string, into *int) *part {
	return &part{method: http.MethodGet, path: c.data("/query?q=" + escapeQuery(soql)), read: func(dec *jsontext.Decoder) (*Error, error) {
		if dec.PeekKind() == '[' {
			return readRefusals(dec)
		}
		result, err := decodeRows(dec, func(Row) {})
		*into = result.total
		return nil, err
	}}
}
