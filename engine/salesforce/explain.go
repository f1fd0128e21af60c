package salesforce

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// QueryPlan is how Salesforce would run a query.
type QueryPlan struct {
	Operation string   `json:"leadingOperationType"` // Index, TableScan, Sharing, Other
	Fields    []string `json:"fields"`               // whose index it is
	Cost      float64  `json:"relativeCost"`         // above 1 it is not selective
	Rows      int      `json:"cardinality"`          // about how many it gives
	Of        int      `json:"sobjectCardinality"`   // about how many there are
}

// Indexed reports whether an index leads to the rows.
func (p QueryPlan) Indexed() bool { return p.Operation == "Index" && p.Cost <= 1 }

// Explain asks Salesforce how it would run a query, without running it. It costs a call.
func (c *Client) Explain(ctx context.Context, soql string) (QueryPlan, error) {
	var plans struct {
		Plans []QueryPlan `json:"plans"` // the cheapest first
	}
	err := c.send(ctx, &request{
		purpose: record.Check, method: http.MethodGet, path: c.data("/query?explain=" + escapeQuery(soql)), repeatable: true,
		decode: func(a *answer) error {
			return decodeJSON(a.body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, &plans) })
		},
	})
	if err == nil && len(plans.Plans) == 0 {
		err = localError(codeMalformed, errors.New("the answer has no plan"))
	}
	if err != nil {
		return QueryPlan{}, err
	}
	return plans.Plans[0], nil
}
