package cycle

import (
	"context"
	"fmt"
	"slices"
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
	if err := r.pullSalesforce(ctx, ""); err != nil {
		return fmt.Errorf("read the changes of Salesforce: %w", err)
	}
	return nil
}

// pullSalesforce reads all feeds of Salesforce, or that of one object.
func (r *run) pullSalesforce(ctx context.Context, only record.Object) error {
	feeds, err := r.readings(ctx, only)
	if err != nil {
		return err
	}
	each := func(w *walk, p *stretch, page salesforce.Page, server time.Time) error {
		if w.aheadOf(server) {
			return errClockBack
		}
		if err := r.vanished(ctx, w.object, page); err != nil {
			return err
		}
		return r.salesforcePage(ctx, w, p, page, server)
	}
	keep := func(w *walk, to feedCursor, records []record.Record) error { return r.keepPage(ctx, w, to, records) }
	if err := r.beginExports(ctx, record.Feed, feeds, keep); err != nil {
		return err
	}
	var known time.Time
	toEnds := func(feeds []*walk) error {
		err := r.walk(ctx, record.Feed, feeds, each)
		if known.IsZero() {
			known = r.known
		}
		return err
	}
	var ahead []*walk
	for _, w := range feeds { // what others name is read to its end before those who name it
		if w.at.Export != nil {
			if err := toEnds(ahead); err != nil {
				return err
			}
			if err := r.readExport(ctx, record.Feed, w, keep); err != nil {
				return err
			}
			ahead = nil
		}
		ahead = append(ahead, w)
	}
	err = toEnds(ahead)
	r.known = known // all feeds were read up to there
	if err != nil || only != "" {
		return err
	}
	return r.seesSalesforce(ctx)
}

// readings are the Salesforce feeds as the ledger has them.
func (r *run) readings(ctx context.Context, only record.Object) ([]*walk, error) {
	var feeds []*walk
	order := r.feedOrder()
	switch {
	case only != "":
		order = slices.DeleteFunc(order, func(o record.Object) bool { return o != only })
	case !r.first: // the first sync asks them all
		order = inTurn(order, r.n)
	}
	for _, object := range order {
		stored, err := r.Ledger.Cursor(ctx, salesforceFeed(object))
		if err != nil {
			return nil, err
		}
		var at feedCursor
		if err := decodeCursor(stored, &at); err != nil {
			return nil, err
		}
		if stored == "" && accompanies(object) {
			continue // it begins with this cycle
		}
		w := newWalk(object, at)
		w.stored, w.deleted = stored, at.Through
		if object == record.User { // users are never deleted
			w.deleted = time.Time{}
		}
		feeds = append(feeds, w)
	}
	return feeds, nil
}

// salesforcePage plans one page and moves the feed. A page that shows nothing new moves nothing, so that an idle cycle
// writes nothing to the disk either.
func (r *run) salesforcePage(ctx context.Context, w *walk, p *stretch, page salesforce.Page, server time.Time) error {
	return r.keepPage(ctx, w, w.advance(p, page, server), page.Records)
}

// keepPage plans records of a feed and moves its cursor.
func (r *run) keepPage(ctx context.Context, w *walk, next feedCursor, records []record.Record) error {
	r.report.Pulled.Salesforce += len(records)
	r.read[w.object] = r.read[w.object] || len(records) > 0
	steps, err := r.planSalesforce(ctx, w.object, records)
	if err != nil {
		return err
	}
	to, err := next.encode()
	if err != nil {
		return err
	}
	if len(steps) == 0 && to == w.stored {
		return nil
	}
	if err := r.commit(ctx, Page{Feed: salesforceFeed(w.object), From: w.stored, To: to, Steps: steps}); err != nil {
		return err
	}
	w.stored, w.at = to, next
	return nil
}

// commit completes a page and hands it to the ledger.
func (r *run) commit(ctx context.Context, p Page) error {
	if err := r.endPage(ctx, &p); err != nil {
		return err
	}
	return r.Ledger.CommitPage(ctx, p)
}

// endPage completes a page.
func (r *run) endPage(ctx context.Context, p *Page) error {
	p.Cycle, p.At = r.n, r.Now()
	if err := r.holdFlipFlops(ctx, p); err != nil {
		return err
	}
	for _, s := range p.Steps {
		for i := range s.Out {
			if r.edit != "" && s.Out[i].Cycle == r.n {
				s.Out[i].By = r.edit
			}
			if !s.Out[i].empty() {
				r.report.Planned.Add(s.Out[i].Side, 1)
				r.makers.add(r.Mapping, &s.Out[i])
			}
		}
		r.report.Held += len(s.Holds)
	}
	return nil
}

// vanished looks after records that the log of deletions names: a record that left the recycle bin is in no query. Those that are in
// the page say more about themselves.
func (r *run) vanished(ctx context.Context, object record.Object, page salesforce.Page) error {
	if page.GoneErr != nil { // the next cycle asks again from where this one asked
		r.Log.Warn("Salesforce did not say what was deleted", "object", object, "err", page.GoneErr)
	}
	told := make(map[record.ID]bool, len(page.Records))
	for _, rec := range page.Records {
		told[rec.ID] = true
	}
	ids := make([]record.ID, 0, len(page.Gone))
	for _, g := range page.Gone {
		if !told[g.ID] {
			ids = append(ids, g.ID)
		}
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
	// Whatever is still in the recycle bin is in the feed itself, with its winner where it was merged.
	found, err := r.Salesforce.Fates(ctx, record.Reread, object, suspectIDs)
	if err != nil {
		return err
	}
	there := map[record.ID]bool{}
	for _, rec := range found {
		there[rec.ID] = true
	}
	var steps []Step
	var links []LinkID
	for i, k := range suspects {
		if there[suspectIDs[i]] {
			continue
		}
		if accompanies(object) {
			steps = append(steps, Step{Link: k.Link, Recheck: true})
			continue
		}
		if !object.IsPerson() {
			steps = appendStep(steps, r.unmirror(k, "deleted"))
			continue
		}
		links, steps = append(links, k.Link.ID), append(steps, r.gone(k, "deleted"))
	}
	near, err := r.neighbours(ctx, links)
	if err != nil || len(steps) == 0 {
		return err
	}
	return r.commit(ctx, Page{Steps: append(steps, near...)})
}
