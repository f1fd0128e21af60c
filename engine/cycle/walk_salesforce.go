package cycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// walk is one Salesforce feed while it is read to its end.
type walk struct {
	object record.Object
	begun  bool       // a page was read
	asked  bool       // whether the object's description changed was asked along
	where  string     // limits it to some records; "" reads all
	stored Cursor     // as the ledger has it
	at     feedCursor // what may be stored
	// ahead is what is left to read, in order. It is more than one stretch where an overlap of several pages is read again: their
	// beginnings are known from the last time, so that five of them go into one call.
	ahead   []*stretch
	deleted time.Time // since when the org is asked for its deletions, with the first page; zero asks for none
	// horizon is where, at the first page of this walk, the overlap began: what the walk saw behind it may be incomplete,
	// however late the walk ends.
	horizon time.Time
	through time.Time             // up to when the walk was told of deletions; zero when it was not
	reached salesforce.Position   // the farthest record that was read
	pages   []salesforce.Position // where pages in the overlap began
}

// stretch is a part of a feed that is read page by page: behind from, up to until. The last one of a walk has no end.
type stretch struct{ from, until salesforce.Position }

// newWalk is a walk from a cursor on.
func newWalk(object record.Object, at feedCursor) *walk {
	w := &walk{object: object, at: at, reached: at.position()}
	from := at.position()
	for _, p := range at.Pages {
		if comparePositions(from, p) < 0 {
			w.ahead = append(w.ahead, &stretch{from, p})
			from = p
		}
	}
	w.ahead = append(w.ahead, &stretch{from: from})
	return w
}

func comparePositions(a, b salesforce.Position) int {
	if c := a.Stamp.Compare(b.Stamp); c != 0 {
		return c
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

// walk reads feeds to their ends, as many stretches in a call as fit, and hands each page over in the order of the feeds.
func (r *run) walk(ctx context.Context, purpose record.Purpose, feeds []*walk, each func(*walk, *stretch, salesforce.Page, time.Time) error) error {
	type question struct {
		of   *walk
		part *stretch
	}
	for first, turn := true, 0; ; first = false {
		var questions []question
		var asked []salesforce.Feed
		// Of more feeds than fit into a call each gets its turn, however long another one is.
		for i := range feeds {
			w := feeds[(turn+i)%len(feeds)]
			if r.behind(w, feeds) {
				continue
			}
			for _, p := range w.ahead[:min(len(w.ahead), salesforce.MostFeeds-len(asked))] {
				feed := r.feedOf(w, purpose)
				feed.From, feed.Until, feed.Deleted = p.from, p.until, w.deleted
				if purpose == record.Feed && !w.begun && !w.asked {
					feed.Described, w.asked = r.Described, true
				}
				w.deleted = time.Time{}
				questions, asked = append(questions, question{w, p}), append(asked, feed)
			}
		}
		if len(asked) == 0 {
			return nil
		}
		if turn += salesforce.MostFeeds; turn >= len(feeds) {
			turn = 0
		}
		pages, server, err := r.Salesforce.Feeds(ctx, purpose, asked)
		if err != nil {
			return err
		}
		if server.IsZero() {
			server = r.Now()
		}
		if first {
			r.known = server.Add(-overlap)
		}
		for i, q := range questions {
			if r.behind(q.of, feeds) { // what it names has just turned out to be longer than a page: it is read again after that
				continue
			}
			if pages[i].SchemaChanged {
				r.SchemaChanged()
			}
			if pages[i].Err != nil {
				return fmt.Errorf("%s: %w", q.of.object, pages[i].Err)
			}
			if err := each(q.of, q.part, pages[i], server); err != nil {
				return err
			}
		}
	}
}

// feedOf is what is read of a walk's records.
func (r *run) feedOf(w *walk, purpose record.Purpose) salesforce.Feed {
	feed := salesforce.Feed{Object: w.object, Columns: r.object(w.object).Columns(record.Salesforce), Where: w.where, Editors: purpose == record.Feed}
	switch {
	case w.object.IsPerson():
		feed.OtherID = r.Mapping.MarketoID
	case w.object == record.User:
		feed.Where = and(w.where, standardUsers)
	case accompanies(w.object):
		feed.Where = r.accompanyingWhere(w.object)
	}
	return feed
}

func and(a, b string) string {
	if a == "" {
		return b
	}
	return "(" + a + ") AND " + b
}

// behind reports that a feed has to wait for another one, of records that its own cannot be without, whose reading goes on.
func (r *run) behind(w *walk, feeds []*walk) bool {
	for _, f := range r.object(w.object).Fields {
		if !f.Needed {
			continue
		}
		for _, other := range feeds {
			if other.object == f.To && other.begun && !other.done() {
				return true
			}
		}
	}
	return false
}

// advance moves the walk over a page of one of its stretches and gives the cursor that may be stored for it: only what
// has no unread stretch before it counts as read.
func (w *walk) advance(p *stretch, page salesforce.Page, server time.Time) feedCursor {
	if w.horizon.IsZero() {
		w.horizon, w.through = server.Add(-overlap), page.GoneThrough
	}
	if !p.from.Stamp.Before(w.horizon) {
		w.pages = append(w.pages, p.from)
	}
	p.from = page.Next
	if comparePositions(w.reached, page.Next) < 0 {
		w.reached = page.Next
	}
	first := w.ahead[0] == p
	w.begun = true
	if !page.More {
		w.ahead = slices.DeleteFunc(w.ahead, func(o *stretch) bool { return o == p })
	}
	next := w.at
	switch {
	case w.done():
		next.advance(w.reached, w.horizon)
		if next.position() != w.at.position() && !w.through.IsZero() {
			next.Through = w.through
		}
		slices.SortFunc(w.pages, comparePositions)
		next.Pages = slices.DeleteFunc(slices.Compact(w.pages), func(p salesforce.Position) bool { return comparePositions(p, next.position()) <= 0 })
	case first:
		next.advance(page.Next, w.horizon)
	}
	return next
}

func (w *walk) done() bool { return len(w.ahead) == 0 }
