package salesforce

import (
	"context"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// UserNames asks what users are called, 200 a call. Users out of sight are absent.
func (c *Client) UserNames(ctx context.Context, purpose record.Purpose, ids []record.ID) (map[record.ID]record.Value, error) {
	const atOnce = 200
	names := map[record.ID]record.Value{}
	for part := range slices.Chunk(ids, atOnce) {
		quoted := make([]string, len(part))
		for i, id := range part {
			quoted[i] = Literal(string(id))
		}
		for row, err := range c.Query(ctx, purpose, "SELECT Id,Name FROM User WHERE Id IN ("+strings.Join(quoted, ",")+")") {
			if err != nil {
				return nil, err
			}
			if id, err := record.LongID(row.Get("Id")); err == nil {
				names[id] = record.Of(row.Get("Name"))
			}
		}
	}
	return names, nil
}
