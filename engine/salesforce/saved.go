package salesforce

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// saveResult is one row's answer of a Collections write, or one entry of a refusal of the whole.
type saveResult struct {
	ID      string    `json:"id"`
	Success *bool     `json:"success"`
	Created bool      `json:"created"`
	Errors  []refusal `json:"errors"`
	refusal
}

// decodeSaved reads the answer of a Collections write: a result for each row, or a list of refusals.
func decodeSaved(dec *jsontext.Decoder) ([]Result, *Error, error) {
	var list []saveResult
	if err := json.UnmarshalDecode(dec, &list); err != nil {
		return nil, nil, err
	}
	results := make([]Result, 0, len(list))
	var refused []refusal
	for _, s := range list {
		switch {
		case s.Success == nil && s.ErrorCode != "":
			refused = append(refused, s.refusal)
		case s.Success == nil:
			return nil, nil, errShape
		case *s.Success:
			id, err := record.LongID(s.ID)
			if err != nil {
				return nil, nil, errShape
			}
			results = append(results, Result{ID: id, Created: s.Created})
		default:
			results = append(results, Result{Err: oneError(0, s.Errors)})
		}
	}
	if refused != nil {
		if len(results) > 0 {
			return nil, nil, errShape
		}
		return nil, oneError(0, refused), nil
	}
	return results, nil, nil
}
