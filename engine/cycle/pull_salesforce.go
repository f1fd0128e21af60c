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
	at     feedCursor // where the reading stands
	from   salesforce.Position
	late   time.Time // where to read again from, because something turned up late; zero when nothing did
	again  bool      // the overlap is being read again
	done   bool
	gone   []salesforce.Gone
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
			f.gone = append(f.gone, pages[i].Gone...)
			if err := r.salesforcePage(ctx, f, asked[i], pages[i], server); err != nil {
				return err
			}
		}
	}
	for _, f := range feeds {
		if err := r.vanished(ctx, f.object, f.gone); err != nil {
			return err
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
		if !r.counted(object) && f.at.Window.Before(f.at.Stamp) {
			f.from = salesforce.Position{Stamp: f.at.Window}
		}
		feeds = append(feeds, f)
	}
	return feeds, nil
}

// counted tells for which objects late commits are found by counting. A composite takes five queries: three feeds and two
// counts; accounts, which change least, have their overlap read again instead.
func (r *run) counted(object record.Object) bool { return object != record.Account }

func (r *run) feed(f *reading) salesforce.Feed {
	object := r.object(f.object)
	feed := salesforce.Feed{Object: f.object, Columns: object.Columns(record.Salesforce), From: f.from}
	if f.object != record.Account {
		feed.OtherID = r.Mapping.MarketoID
	}
	if r.counted(f.object) && !f.again && f.from == f.at.position() {
		feed.LateFrom = f.at.Window
	}
	// getDeleted wants more than a minute between its ends (Salesforce REST API, sObject Get Deleted).
	if !f.at.Server.IsZero() && !f.again {
		feed.Deleted = f.at.Server
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
func (r *run) salesforcePage(ctx context.Context, f *reading, asked salesforce.Feed, page salesforce.Page, server time.Time) error {
	if f.late.IsZero() && !asked.LateFrom.IsZero() && page.Late != f.at.Seen {
		f.late = asked.LateFrom
	}
	r.report.Pulled.Salesforce += len(page.Records)
	next := f.at
	if len(page.Records) > 0 || f.again {
		next.advance(page, server)
	}
	f.from = page.Next
	if !page.More {
		f.done = true
		if next != f.at {
			next.Server = server
		}
		if !f.late.IsZero() && !f.again {
			f.again, f.done = true, false
			f.from = salesforce.Position{Stamp: f.late}
			next.Seen = 0
		}
	}
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

// unsettled is how long before the side's clock a second may still get changes: stamps have whole seconds, so a record can
// change twice under one stamp, and the clock in an answer is up to a second younger than the reading.
const unsettled = 2 * time.Second

// advance moves the cursor over a page, but not into seconds that may still get changes: those are read again. The window
// follows the side's clock only when all of it was read in this walk.
func (c *feedCursor) advance(page salesforce.Page, server time.Time) {
	if window := server.Add(-overlap); window.After(c.Stamp) {
		c.Window, c.Seen = window, 0
	}
	settled := server.Add(-unsettled)
	for _, rec := range page.Records {
		if !rec.Modified.Before(c.Window) && rec.Modified.Before(settled) {
			c.Seen++
		}
	}
	stamp, id := page.Next.Stamp, page.Next.ID
	if !stamp.Before(settled) {
		stamp, id = settled, ""
	}
	if stamp.After(c.Stamp) || stamp.Equal(c.Stamp) && id > c.ID {
		c.Stamp, c.ID = stamp, id
	}
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
func (r *run) vanished(ctx context.Context, object record.Object, gone []salesforce.Gone) error {
	ids := make([]record.ID, 0, len(gone))
	for _, g := range gone {
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
