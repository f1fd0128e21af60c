package marketo

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// DeletePeople deletes people by their ids for good, 300 a call. See WritePeople for what comes back; one who is gone already
// is an Err of class pace.Gone.
func (c *Client) DeletePeople(ctx context.Context, purpose record.Purpose, rows []Write) ([]Result, error) {
	w := &writer{client: c, purpose: purpose, path: "/rest/v1/leads/delete.json", object: record.Person, rows: rows}
	for i := range rows {
		w.add(batch{lookup: idField, deletes: true}, i, string(rows[i].ID))
	}
	return w.run(ctx)
}

// Merge names two people who are to become one. What the winner lacks it takes from the loser.
type Merge struct {
	Key           int64 // the caller's, unique within a call
	Winner, Loser record.ID
}

// MergePeople merges people, a call each, for good. With a nil error there is a Result for every row. A merge whose answer was
// lost is named by an *pace.InDoubt; tried again it says that the loser is gone.
func (c *Client) MergePeople(ctx context.Context, purpose record.Purpose, rows []Merge) ([]Result, error) {
	var done []Result
	for _, row := range rows {
		err := c.send(ctx, &request{
			purpose: purpose, method: http.MethodPost, path: "/rest/v1/leads/" + url.PathEscape(string(row.Winner)) + "/merge.json",
			query: url.Values{"leadIds": {string(row.Loser)}}, write: true,
			decode: func(a *answer) error {
				_, err := readEnvelope(a.body, nil)
				return err
			},
		})
		var refused *Error
		switch {
		case err == nil:
			done = append(done, Result{Key: row.Key, ID: row.Winner})
		case errors.As(err, &refused) && refused.doubtful(), ctx.Err() != nil && !isQuota(err):
			return done, &pace.InDoubt{Keys: []int64{row.Key}, Cause: err}
		case errors.As(err, &refused) && refused.row.treat == tell:
			named := *refused
			named.Object, named.ID = record.Person, row.Loser
			done = append(done, Result{Key: row.Key, Err: &named})
		default:
			return done, err
		}
	}
	return done, nil
}
