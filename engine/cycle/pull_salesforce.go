package cycle

import (
	"context"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// pull reads what changed on both sides since the last cycle, Marketo first: what its people say is then waiting in the
// outbox when the Salesforce records are planned, and a conflict shows.
func (r *run) pull(ctx context.Context) error {
	r.Progress(Progress{Phase: Reading})
	if err := r.pullMarketo(ctx); err != nil {
		return fmt.Errorf("read the changes of Marketo: %w", err)
	}
	if err := r.pullSalesforce(ctx); err != nil {
		return fmt.Errorf("read the changes of Salesforce: %w", err)
	}
	return nil
}

// reading is one Salesforce feed while a cycle reads it.
type reading struct {
	object record.Object
	stored Cursor     // as the ledger has it
	at     feedCursor // what may be stored
	from   salesforce.Position
	// horizon is where, at the first page of this walk, the overlap began: what the walk saw behind it may be incomplete,
	// however late the walk ends.
	horizon time.Time
	through time.Time // up to when the walk was told of deletions; zero when it was not
	done    bool
}

func (r *run) pullSalesforce(ctx context.Context) error {
	feeds, err := r.readings(ctx)
	if err != nil {
		return err
	}
	for open := feeds; len(open) > 0; open = unfinished(open) {
		asked := make([]salesforce.Feed, len(open))
		for i, f := range open {
			asked[i] = r.feed(f)
		}
		pages, server, err := r.Salesforce.Feeds(ctx, record.Feed, asked)
		if err != nil {
			return err
		}
		if server.IsZero() {
			server = r.Now()
		}
		for i, f := range open {
			if pages[i].Err != nil {
				return fmt.Errorf("%s: %w", f.object, pages[i].Err)
			}
			if err := r.vanished(ctx, f.object, pages[i]); err != nil {
				return err
			}
			if err := r.salesforcePage(ctx, f, pages[i], server); err != nil {
				return err
			}
		}
	}
	return nil
}

// readings are the Salesforce feeds as the ledger has them, accounts first: a person is planned after its company.
func (r *run) readings(ctx context.Context) ([]*reading, error) {
	var feeds []*reading
	for _, object := range []record.Object{record.Account, record.Contact, record.Lead} {
		if _, mapped := r.Mapping.Object(object); !mapped {
			continue
		}
		stored, err := r.Ledger.Cursor(ctx, salesforceFeed(object))
		if err != nil {
			return nil, err
		}
		f := &reading{object: object, stored: stored}
		if err := decodeCursor(stored, &f.at); err != nil {
			return nil, err
		}
		f.from = f.at.position()
		feeds = append(feeds, f)
	}
	return feeds, nil
}

func (r *run) feed(f *reading) salesforce.Feed {
	object := r.object(f.object)
	feed := salesforce.Feed{Object: f.object, Columns: object.Columns(record.Salesforce), From: f.from}
	if f.object != record.Account {
		feed.OtherID = r.Mapping.MarketoID
	}
	if f.horizon.IsZero() { // with the first page of a walk
		feed.Deleted = f.at.Through
	}
	return feed
}

func unfinished(feeds []*reading) []*reading {
	var open []*reading
	for _, f := range feeds {
		if !f.done {
			open = append(open, f)
		}
	}
	return open
}

// salesforcePage plans one page and moves the feed. A page that shows nothing new moves nothing, so that an idle cycle
// writes nothing to the disk either.
func (r *run) salesforcePage(ctx context.Context, f *reading, page salesforce.Page, server time.Time) error {
	r.report.Pulled.Salesforce += len(page.Records)
	next := f.advance(page, server)
	steps, err := r.planSalesforce(ctx, f.object, page.Records)
	if err != nil {
		return err
	}
	if len(steps) == 0 && next == f.at {
		return nil
	}
	to, err := next.encode()
	if err != nil {
		return err
	}
	if err := r.commit(ctx, Page{Feed: salesforceFeed(f.object), From: f.stored, To: to, Steps: steps}); err != nil {
		return err
	}
	f.stored, f.at = to, next
	return nil
}

// advance moves the walk over a page and gives the cursor that may be stored for it.
func (f *reading) advance(page salesforce.Page, server time.Time) feedCursor {
	if f.horizon.IsZero() {
		f.horizon, f.through = server.Add(-overlap), page.GoneThrough
	}
	f.from, f.done = page.Next, !page.More
	next := f.at
	next.advance(page.Next, f.horizon)
	if f.done && next != f.at && !f.through.IsZero() {
		next.Through = f.through
	}
	return next
}

// commit completes a page and hands it to the ledger.
func (r *run) commit(ctx context.Context, p Page) error {
	p.Cycle, p.At = r.n, r.Now()
	for _, s := range p.Steps {
		for i := range s.Out {
			if !s.Out[i].empty() {
				r.report.Planned.Add(s.Out[i].Side, 1)
			}
		}
		r.report.Held += len(s.Holds)
	}
	return r.Ledger.CommitPage(ctx, p)
}

// vanished looks after records that the log of deletions names: a record that left the recycle bin is in no query.
func (r *run) vanished(ctx context.Context, object record.Object, page salesforce.Page) error {
	if page.GoneErr != nil { // the next cycle asks again from where this one asked
		r.Log.Warn("Salesforce did not say what was deleted", "object", object, "err", page.GoneErr)
	}
	ids := make([]record.ID, 0, len(page.Gone))
	for _, g := range page.Gone {
		ids = append(ids, g.ID)
	}
	known, err := r.Ledger.Known(ctx, record.Salesforce, ids)
	if err != nil {
		return err
	}
	var suspects []Known
	var suspectIDs []record.ID
	for i, k := range known {
		if k.Link.ID != 0 && k.Link.State != Ended {
			suspects, suspectIDs = append(suspects, k), append(suspectIDs, ids[i])
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	alive, err := r.Salesforce.Get(ctx, record.Reread, object, suspectIDs, nil, "")
	if err != nil {
		return err
	}
	there := map[record.ID]bool{}
	for _, rec := range alive {
		there[rec.ID] = !rec.Deleted
	}
	var steps []Step
	for i, k := range suspects {
		if !there[suspectIDs[i]] {
			steps = append(steps, r.end(k, record.Salesforce, "deleted"))
		}
	}
	if len(steps) == 0 {
		return nil
	}
	return r.commit(ctx, Page{Steps: steps})
}
