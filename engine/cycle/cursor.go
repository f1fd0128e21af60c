package cycle

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// The feeds, by the names under which the ledger keeps their cursors.
const (
	marketoFeed        = "marketo.people"
	marketoDeletedFeed = "marketo.deleted"
	joinByID           = "join.id"
	joinByEmail        = "join.email"
)

func salesforceFeed(o record.Object) string { return "salesforce." + string(o) }

// overlap is how far a Salesforce feed's cursor stays behind the org's clock: a transaction can commit after its stamp, so
// the last two minutes are read again.
const overlap = 2 * time.Minute

// feedCursor is the position of a Salesforce feed: everything up to (Stamp, ID) was read, and nothing can turn up there any more.
type feedCursor struct {
	Stamp time.Time `json:"stamp"`
	ID    record.ID `json:"id,omitempty"`
	// Through is the moment up to which the org has told of its deletions.
	Through time.Time `json:"through,omitzero"`
	// Pages are where further pages began when what stands behind (Stamp, ID) was read last, so that they can be asked for
	// side by side when it is read again.
	Pages []salesforce.Position `json:"pages,omitempty"`
	// Export is the bulk query by which an object is read that was never read before; nil where there is none.
	Export *exporting `json:"export,omitempty"`
}

// advance moves the cursor to a position that was read, but not into what may still get changes: horizon is where that
// begins. It never goes back.
func (c *feedCursor) advance(to salesforce.Position, horizon time.Time) {
	if !to.Stamp.Before(horizon) {
		to = salesforce.Position{Stamp: horizon}
	}
	if to.Stamp.After(c.Stamp) || to.Stamp.Equal(c.Stamp) && to.ID > c.ID {
		c.Stamp, c.ID = to.Stamp, to.ID
	}
}

// marketoCursor is the position of the activity feed: the token, and the time it stands for, so that a token that no
// longer counts can be replaced. Hourly is when the last hour was last read again, by our clock, and Server by the side's; Cycle is the
// cycle that did so. Ahead is by how much the side's clock was ahead of ours, the least since then, and Before the least in the hour before: ours may
// be set meanwhile.
type marketoCursor struct {
	Token  string    `json:"token"`
	At     time.Time `json:"at"`
	Hourly time.Time `json:"hourly,omitzero"`
	Server time.Time `json:"server,omitzero"`
	Cycle  int64     `json:"cycle,omitzero"`

	Ahead  time.Duration `json:"ahead,omitzero"`
	Before time.Duration `json:"before,omitzero"`
}

// ahead is by how much the side's clock is ahead of ours at least, or was when something was noted that the log has yet to tell of; now is by how
// much it is at the moment.
func (c *marketoCursor) ahead(now time.Duration, hourly bool) time.Duration {
	switch {
	case hourly:
		c.Before, c.Ahead = c.Ahead, now
	case now < c.Ahead-clocksApart:
		c.Ahead = now
	}
	return min(now, c.Ahead, c.Before)
}

// clocksApart is how much two readings of two clocks differ by the way of the answer alone.
const clocksApart = 2 * time.Second

func (c feedCursor) position() salesforce.Position {
	return salesforce.Position{Stamp: c.Stamp, ID: c.ID}
}

func (c feedCursor) encode() (Cursor, error)    { return encodeCursor(c) }
func (c marketoCursor) encode() (Cursor, error) { return encodeCursor(c) }

func encodeCursor(c any) (Cursor, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("write a cursor: %w", err)
	}
	return Cursor(text), nil
}

// decodeCursor reads a cursor into c; the empty one leaves c as it is.
func decodeCursor(text Cursor, c any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return fmt.Errorf("a stored cursor cannot be read: %w", err)
	}
	return nil
}

// feedOrder are the objects of Salesforce that are read, those first that others name: owners, companies, people, then the rest as
// the mapping has it.
func (r *run) feedOrder() []record.Object {
	var order []record.Object
	for _, object := range []record.Object{record.User, record.Account, record.Contact, record.Lead} {
		if o, mapped := r.Mapping.Object(object); mapped && len(o.Fields) > 0 {
			order = append(order, object)
		}
	}
	for _, o := range r.Mapping.Objects {
		if !slices.Contains(order, o.Name) && len(o.Fields) > 0 { // without a field it is hidden from the sync user for the moment
			order = append(order, o.Name)
		}
	}
	return order
}

// feedsAtOnce is how many feeds an idle cycle asks: two calls of Salesforce.
const feedsAtOnce = 2 * salesforce.MostFeeds

// inTurn are the feeds that cycle n asks. Of more than fit into two calls, those of people and what sales works on every day are asked
// each time, and the others take turns.
func inTurn(order []record.Object, n int64) []record.Object {
	if len(order) <= feedsAtOnce {
		return order
	}
	daily := []record.Object{record.Account, record.Contact, record.Lead, record.Opportunity, record.OpportunityContactRole}
	var slow []record.Object
	for _, o := range order {
		if !slices.Contains(daily, o) {
			slow = append(slow, o)
		}
	}
	free := feedsAtOnce - (len(order) - len(slow))
	asked := map[record.Object]bool{}
	for i := range free {
		asked[slow[(n*int64(free)+int64(i))%int64(len(slow))]] = true
	}
	return slices.DeleteFunc(slices.Clone(order), func(o record.Object) bool { return !asked[o] && !slices.Contains(daily, o) })
}

// standardUsers are the users who become sales persons: those with a licence of their own, whether or not they are still at work,
// because people keep their owners. Portal and automated users are left out.
const standardUsers = "UserType = 'Standard'"
