package cycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Activity types that tell of a person's change (Marketo REST API, activity types).
const (
	newLead         = 12
	changeDataValue = 13
	changeScore     = 22
	mergeLeads      = 32
	changePartition = 100
)

var personTypes = []int{newLead, changeDataValue, changeScore, mergeLeads, changePartition}

// activitiesAtOnce is about how many activities are planned in one transaction: seven pages of 300 (speed of the ledger).
const activitiesAtOnce = 2000

// reach is how far behind the side's clock the activity log is read again once an hour: some activities are committed
// later than their date.
const reach = time.Hour

// pullMarketo reads the activity log from the stored token on, then the deletions.
func (r *run) pullMarketo(ctx context.Context) error {
	stored, err := r.Ledger.Cursor(ctx, marketoFeed)
	if err != nil {
		return err
	}
	var at marketoCursor
	if err := decodeCursor(stored, &at); err != nil {
		return err
	}
	token := at.Token
	again := pace.Over(r.Now(), at.Hourly, reach) || token == ""
	var told int64 // of what was written before this cycle the log has told by the end of this reading, however late
	if again {
		told, at.Cycle = at.Cycle, r.n
		r.lately.since = r.since(at)
		if token, err = r.Marketo.PagingToken(ctx, r.lately.since); err != nil {
			return err
		}
		at.Hourly, r.lately.token = r.Now(), token
	}
	for more := true; more; {
		var changes []marketo.Change
		for more && len(changes) < activitiesAtOnce {
			page, err := r.Marketo.Activities(ctx, record.Feed, token, r.activityTypes())
			if err != nil {
				if token, err = r.lostPlace(ctx, at, err); err != nil {
					return err
				}
				continue
			}
			changes = append(changes, page.Changes...)
			token, more = page.Next, page.More
			if !page.Server.IsZero() {
				ahead := page.Server.Sub(r.Now())
				r.ahead = at.ahead(ahead, again)
				if stored, err = r.noteClock(ctx, stored, ahead); err != nil {
					return err
				}
			}
			if again {
				at.Server, r.lately.server, again = page.Server, page.Server, false
			}
		}
		next := at
		next.Token = token
		for _, c := range changes {
			if c.At.After(next.At) {
				next.At = c.At
			}
		}
		if next.At.IsZero() {
			next.At = r.Now()
		}
		r.toldTo, r.heard = at.At, nil
		steps, err := r.planActivities(ctx, ofPeople(changes))
		if err != nil {
			return err
		}
		moved, err := r.memberActivities(ctx, changes)
		if err != nil {
			return err
		}
		steps = append(steps, moved...)
		to, err := next.encode()
		if err != nil {
			return err
		}
		if to != stored {
			if err := r.commit(ctx, Page{Feed: marketoFeed, From: stored, To: to, Steps: steps, Heard: r.heard}); err != nil {
				return err
			}
		}
		stored, at = to, next
	}
	if err := r.Ledger.Forget(ctx, told); err != nil {
		return err
	}
	return r.pullDeleted(ctx)
}

// noteClock keeps at once that our clock was set forward, by how much the side's is ahead of it, and gives the cursor as it is stored then: this
// cycle may end before what it read is kept, and ours be right again at the next one, which would take our own writes of meanwhile for others'.
func (r *run) noteClock(ctx context.Context, stored Cursor, ahead time.Duration) (Cursor, error) {
	var at marketoCursor
	if err := decodeCursor(stored, &at); err != nil || stored == "" || ahead >= at.Ahead-clocksApart {
		return stored, err
	}
	at.Ahead = ahead
	to, err := at.encode()
	if err != nil {
		return stored, err
	}
	return to, r.commit(ctx, Page{Feed: marketoFeed, From: stored, To: to})
}

// since is where reading again begins: an hour before the last such reading, by the side's clock. That reading is rarely
// exactly an hour ago, and what became visible right after it would otherwise be missed. Before the first one the last
// change seen tells the side's clock.
func (r *run) since(at marketoCursor) time.Time {
	if !at.Server.IsZero() {
		return at.Server.Add(-reach)
	}
	from := at.At
	if from.IsZero() {
		from = r.Now()
	}
	if !at.Hourly.IsZero() && at.Hourly.Before(from) {
		from = at.Hourly
	}
	return from.Add(-reach)
}

// rereading is the place in the log from which it is read again in this cycle, where it is. Deletions are read from there too: a place is
// good for both, and asking for it is a call.
type rereading struct {
	token  string
	since  time.Time
	server time.Time
}

// pullDeleted reads which people were deleted in Marketo; a merge's losers are among the activities instead.
func (r *run) pullDeleted(ctx context.Context) error {
	stored, err := r.Ledger.Cursor(ctx, marketoDeletedFeed)
	if err != nil {
		return err
	}
	var at marketoCursor
	if err := decodeCursor(stored, &at); err != nil {
		return err
	}
	if at.Token == "" || pace.Over(r.Now(), at.Hourly, reach) {
		since := r.since(at)
		if at.Token = r.lately.token; at.Token == "" || since.Before(r.lately.since) {
			if at.Token, err = r.Marketo.PagingToken(ctx, since); err != nil {
				return err
			}
		}
		at.Hourly, at.Server = r.Now(), r.lately.server
	}
	for more := true; more; {
		page, err := r.Marketo.Deleted(ctx, record.Feed, at.Token)
		if err != nil {
			if at.Token, err = r.lostPlace(ctx, at, err); err != nil {
				return err
			}
			continue
		}
		known, err := r.Ledger.Known(ctx, record.Marketo, page.IDs)
		if err != nil {
			return err
		}
		var steps []Step
		var links []LinkID
		for _, k := range known {
			if k.Link.ID == 0 {
				continue
			}
			links = append(links, k.Link.ID)
			if k.Link.State == Ended { // nobody is to be found by the address any more
				steps = append(steps, Step{Link: k.Link, Emails: map[record.Side]record.Value{record.Marketo: {}}})
				continue
			}
			st := r.end(k, record.Marketo, "deleted")
			r.passOn(&st, k, record.Marketo)
			steps = append(steps, st)
			r.report.Pulled.Marketo++
		}
		near, err := r.neighbours(ctx, links)
		if err != nil {
			return err
		}
		at.Token, more = page.Next, page.More
		to, err := at.encode()
		if err != nil {
			return err
		}
		if to != stored {
			if err := r.commit(ctx, Page{Feed: marketoDeletedFeed, From: stored, To: to, Steps: append(steps, near...)}); err != nil {
				return err
			}
		}
		stored = to
	}
	return nil
}

// news is what the activities of one page say about one person.
type news struct {
	id      record.ID
	known   Known
	fresh   bool                 // its values must be read
	last    map[string]string    // the newest value of each field by REST name
	touched map[string]time.Time // and when it came
}

// planActivities plans what a stretch of the activity log tells. A person whose fields all hold the values agreed upon
// need not be read: that is the echo of our own writes.
func (r *run) planActivities(ctx context.Context, changes []marketo.Change) ([]Step, error) {
	people, order := map[record.ID]*news{}, []record.ID{}
	r.makers.activities(changes)
	r.moves = movesOf(changes, r.toldTo)
	defer func() { r.moves = nil }()
	var merges []marketo.Change
	for _, c := range changes {
		if c.Person == "" {
			continue
		}
		n := people[c.Person]
		if n == nil {
			n = &news{id: c.Person, last: map[string]string{}, touched: map[string]time.Time{}}
			people[c.Person], order = n, append(order, c.Person)
		}
		switch {
		case c.Type == mergeLeads:
			merges, n.fresh = append(merges, c), true
		case c.Field == "" || !c.HasNew:
			n.fresh = n.fresh || c.Type != changeScore && c.Type != changeDataValue || c.Field == ""
			if c.Field != "" {
				n.last[c.Field], n.touched[c.Field] = "", c.At
			}
		default:
			n.last[c.Field], n.touched[c.Field] = c.New, c.At
		}
	}
	if err := r.recall(ctx, people, order); err != nil {
		return nil, err
	}
	if err := r.landed(ctx, people, changes); err != nil {
		return nil, err
	}
	steps, moved, err := r.merged(ctx, merges)
	if err != nil {
		return nil, err
	}
	var unread []record.ID
	for _, id := range order {
		if people[id].stale(r) && !moved[id] {
			unread = append(unread, id)
		}
	}
	overwritten := r.overwritten(people, changes)
	steps = append(steps, overwritten...)
	read, err := r.readPeople(ctx, record.Feed, unread)
	if err != nil {
		return nil, err
	}
	r.report.Pulled.Marketo += len(read)
	done := map[LinkID]bool{}
	for _, s := range overwritten {
		done[s.Link.ID] = true
	}
	var fresh []arrival
	for _, id := range unread {
		rec, there := read[id]
		n := people[id]
		switch {
		case !there || done[n.known.Link.ID] && n.known.Link.ID != 0:
			// Deleted or merged since: its own activity tells. One put back just now is looked at again in a moment.
			if done[n.known.Link.ID] {
				steps = append(steps, Step{Link: n.known.Link, Recheck: true})
			}
		case rec.Err != nil:
			steps = appendStep(steps, r.unreadable(n.known, &rec))
		case n.known.Link.ID == 0 || n.known.Link.State == Alone:
			fresh = append(fresh, arrival{record: &rec, known: n.known})
		case n.known.Link.State == Creating:
			steps = appendStep(steps, r.creation(n.known, &rec))
		default:
			steps = appendStep(steps, r.pair(n.known, nil, &rec, n.numbers(r)))
		}
	}
	more, err := r.matchMarketo(ctx, fresh)
	return append(steps, more...), err
}

// recall adds what is remembered of people.
func (r *run) recall(ctx context.Context, people map[record.ID]*news, ids []record.ID) error {
	known, err := r.Ledger.Known(ctx, record.Marketo, ids)
	if err != nil {
		return err
	}
	for i, id := range ids {
		people[id].known = known[i]
	}
	return nil
}

// stale reports whether a person must be read: unless all that is told of it is agreed upon already.
func (n *news) stale(r *run) bool {
	k := n.known
	if k.Link.ID != 0 && (k.Link.State == Ended || k.Link.State == Frozen) {
		return false
	}
	if n.fresh || k.Link.State != Linked {
		return true
	}
	object := r.object(k.Link.Object)
	for name, text := range n.last {
		if strings.EqualFold(name, r.Mapping.SalesforceID) {
			if record.ID(text) != k.Link.Salesforce {
				return true
			}
			continue
		}
		for i, f := range object.Fields {
			if !strings.EqualFold(f.Marketo, name) {
				continue
			}
			v, err := f.Type.Canon(text)
			_, waiting := k.Out[record.Salesforce].field(f.Number)
			_, held := k.hold(f.Number)
			if err != nil || waiting || held || !n.agreed(r.Engine, object, i, v) {
				return true
			}
		}
	}
	return false
}

// numbers translates when each field changed from REST names into field numbers.
func (n *news) numbers(r *run) map[uint16]time.Time {
	object := r.object(n.known.Link.Object)
	out := map[uint16]time.Time{}
	for _, f := range object.Fields {
		if at, ok := n.touched[f.Marketo]; ok {
			out[f.Number] = at
		}
	}
	return out
}

// readPeople reads people by id, 300 a call; whoever is gone is absent.
func (r *run) readPeople(ctx context.Context, purpose record.Purpose, ids []record.ID) (map[record.ID]record.Record, error) {
	out := make(map[record.ID]record.Record, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), marketo.MaxBatch)
		people, err := r.Marketo.People(ctx, purpose, ids[:n], r.people, r.Mapping.SalesforceID)
		if err != nil {
			return nil, fmt.Errorf("read people by id: %w", err)
		}
		for _, p := range people {
			out[p.ID] = p
		}
		ids = ids[n:]
	}
	return out, nil
}
