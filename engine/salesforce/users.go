package salesforce

import (
	"context"
	"errors"
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

// Habits are what tells a user of its own from a person's daily one.
type Habits struct {
	ModifyAll     bool   // it may change all data, as an admin may
	Opportunities int    // open ones that it owns
	License       string // empty where the org does not tell
}

// Habits asks, in two calls, how a user is used. What the org does not tell counts as nothing.
func (c *Client) Habits(ctx context.Context, user record.ID) (h Habits, err error) {
	grants, err := c.Grants(ctx, user)
	var refused *Error
	if err != nil && !errors.As(err, &refused) {
		return h, err
	}
	h.ModifyAll = grants.User["PermissionsModifyAllData"]
	var license []Row
	me := Literal(string(user))
	counted := 0
	parts := []*part{
		c.rowsPart("SELECT Profile.UserLicense.Name FROM User WHERE Id = "+me, &license),
		c.countPart("SELECT COUNT() FROM Opportunity WHERE OwnerId = "+me+" AND IsClosed = false", &counted),
	}
	if _, err := c.read(ctx, record.Check, parts); err != nil {
		return h, err
	}
	if parts[0].refused == nil && len(license) == 1 {
		h.License = license[0].Get("Profile.UserLicense.Name")
	}
	if parts[1].refused == nil {
		h.Opportunities = counted
	}
	return h, nil
}
