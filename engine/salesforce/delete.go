package salesforce

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Removal is one record to put into the recycle bin.
type Removal struct {
	Key int64 // the caller's, unique within a call
	ID  record.ID
}

// Delete puts records into the recycle bin, 1,000 a call. Records that are gone already count as deleted. What Delete says
// about its results, and about an answer that was lost, is what Write says; it is repeatable.
func (c *Client) Delete(ctx context.Context, purpose record.Purpose, object record.Object, rows []Removal) ([]Result, error) {
	var results []Result
	for len(rows) > 0 {
		n := min(len(rows), mostHeavy*mostRows)
		some, err := c.delete(ctx, purpose, object, rows[:n])
		results = append(results, some...)
		if err != nil {
			return results, err
		}
		rows = rows[n:]
	}
	return results, nil
}

func (c *Client) delete(ctx context.Context, purpose record.Purpose, object record.Object, rows []Removal) ([]Result, error) {
	var parts []*part
	var saved [][]Result
	for from := 0; from < len(rows); from += mostRows {
		some := rows[from:min(from+mostRows, len(rows))]
		ids := make([]string, len(some))
		for i, r := range some {
			if _, err := record.LongID(string(r.ID)); err != nil {
				return nil, localError(codeLocal, err)
			}
			ids[i] = string(r.ID)
		}
		at := len(saved)
		saved = append(saved, nil)
		parts = append(parts, &part{
			method: http.MethodDelete, path: c.data("/composite/sobjects?ids=" + strings.Join(ids, ",") + "&allOrNone=false"),
			read: func(dec *jsontext.Decoder) (refused *Error, err error) {
				saved[at], refused, err = decodeSaved(dec)
				if err == nil && refused == nil && len(saved[at]) != len(some) {
					err = errShape
				}
				return refused, err
			},
		})
	}
	trace, err := c.composite(ctx, &request{purpose: purpose, repeatable: true, write: true}, parts)
	if err != nil {
		if trace.lost == 0 {
			return nil, err
		}
		doubt := &pace.InDoubt{Cause: err}
		for _, r := range rows {
			doubt.Keys = append(doubt.Keys, r.Key)
		}
		return nil, doubt
	}
	var results []Result
	for i, r := range rows {
		at, place := i/mostRows, i%mostRows
		result := Result{Key: r.Key, ID: r.ID, Repeated: trace.lost > 0, Err: parts[at].refused}
		if result.Err == nil {
			result.Err = saved[at][place].Err
		}
		if result.Err != nil {
			result.Err = result.Err.about(object, r.ID)
			if result.Err.Class() == pace.Gone {
				result.Err = nil
			}
		}
		results = append(results, result)
	}
	return results, nil
}
