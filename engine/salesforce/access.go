package salesforce

import (
	"context"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Access is what a user may do with one record.
type Access struct{ Read, Edit bool }

// accessAtOnce is how many records one query of UserRecordAccess may name (Object Reference, UserRecordAccess).
const accessAtOnce = 200

// RecordAccess asks what a user may do with records, 200 a call, without touching them. A record that does not exist looks like one
// that is out of sight.
func (c *Client) RecordAccess(ctx context.Context, user record.ID, ids []record.ID) (map[record.ID]Access, error) {
	found := map[record.ID]Access{}
	for part := range slices.Chunk(ids, accessAtOnce) {
		names := make([]string, len(part))
		for i, id := range part {
			names[i] = Literal(string(id))
		}
		soql := "SELECT RecordId,HasReadAccess,HasEditAccess FROM UserRecordAccess WHERE UserId = " + Literal(string(user)) + " AND RecordId IN (" + strings.Join(names, ",") + ")"
		for row, err := range c.Query(ctx, record.Check, soql) {
			if err != nil {
				return nil, err
			}
			if id, err := record.LongID(row.Get("RecordId")); err == nil {
				found[id] = Access{row.Is("HasReadAccess"), row.Is("HasEditAccess")}
			}
		}
	}
	return found, nil
}
