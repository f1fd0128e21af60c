package cycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// filterCursor is how far the records of an object were looked at by a filter.
type filterCursor struct {
	Version string `json:"version"`
	feedCursor
	// Full says that all were. From then on only those are looked at again whom something else than their own change
	// may have moved across the filter; Swept is when that was done last, by the reference that leads to what changed,
	// "" for time that passes.
	Full  bool                 `json:"full,omitempty"`
	Swept map[string]time.Time `json:"swept,omitempty"`
}

func filterFeed(o record.Object) string { return "filter." + string(o) }

// refilter looks at everybody once when the filter is another than before: page by page, and cut off anywhere it goes on where it
// was. Afterwards it looks at those whom time, or a change of a related record, may have moved in or out.
func (r *run) refilter(ctx context.Context) error {
	if r.Filtering.Version == "" { // there never was a filter
		return nil
	}
	for _, object := range r.feedOrder() {
		stored, err := r.Ledger.Cursor(ctx, filterFeed(object))
		if err != nil {
			return err
		}
		var at filterCursor
		if err := decodeCursor(stored, &at); err != nil {
			return err
		}
		switch {
		case at.Version != r.Filtering.Version:
			at = r.lookedAt(object)
			at.Full = false
			err = r.reread(ctx, object, stored, at)
		case !at.Full:
			err = r.reread(ctx, object, stored, at)
		default:
			err = r.sweep(ctx, object, stored, at)
		}
		if err != nil {
			return fmt.Errorf("see who takes part: %w", err)
		}
	}
	return nil
}

// lookedAt is the cursor of an object of which everybody was looked at by now.
func (r *run) lookedAt(object record.Object) filterCursor {
	at := filterCursor{Version: r.Filtering.Version, Full: true, Swept: map[string]time.Time{}}
	for via := range r.movers(object) {
		at.Swept[via] = r.report.Started
	}
	return at
}

// reread looks at all records of an object, from a cursor on.
func (r *run) reread(ctx context.Context, object record.Object, stored Cursor, at filterCursor) error {
	r.edit = FilterEdit
	defer func() { r.edit = "" }()
	w := newWalk(object, at.feedCursor)
	return r.rewalk(ctx, w, func(steps []Step, next feedCursor) error {
		at.feedCursor, at.Full = next, w.done()
		if at.Full {
			at.feedCursor = feedCursor{}
		}
		to, err := encodeCursor(at)
		if err != nil {
			return err
		}
		err = r.commit(ctx, Page{Feed: filterFeed(object), From: stored, To: to, Steps: steps})
		stored = to
		return err
	})
}

// rewalk reads a walk to its end and plans those records whose standing with the filter is another than is remembered.
func (r *run) rewalk(ctx context.Context, w *walk, keep func([]Step, feedCursor) error) error {
	known := r.known
	defer func() { r.known = known }() // it says up to when all changes were read, which this walk knows nothing of
	return r.walk(ctx, record.Reread, []*walk{w}, func(w *walk, p *stretch, page salesforce.Page, server time.Time) error {
		next := w.advance(p, page, server)
		moved, err := r.moved(ctx, page.Records)
		if err != nil {
			return err
		}
		steps, err := r.planSalesforce(ctx, w.object, moved)
		if err != nil {
			return err
		}
		w.at = next
		return keep(steps, next)
	})
}

// moved leaves of records those that came to pass, or no longer do; by another filter also those who still do not, for another reason.
func (r *run) moved(ctx context.Context, records []record.Record) ([]record.Record, error) {
	known, err := r.remembered(ctx, records)
	if err != nil {
		return nil, err
	}
	var moved []record.Record
	for i := range records {
		rec, link := &records[i], known[i].Link
		parted := link.State == Ended && link.Marketo == "" // nobody is made for it, but it has an address, or none
		if !takesPart(rec) || rec.Err != nil || link.State == Ended && !parted {
			continue
		}
		out := link.State == Filtered || link.State == Frozen
		if link.ID == 0 || parted || r.passes(rec) == out || out && r.edit == FilterEdit {
			moved = append(moved, *rec)
		}
	}
	return moved, nil
}

// byFormula stands among the movers for formulas, which change without a word: everybody is looked at for them once a day.
const byFormula = "formula"

// movers are what can move a record of an object across the filter without a change of its own: the references that lead to
// something that the filter looks at, with its object, "" where it counts days, and byFormula.
func (r *run) movers(object record.Object) map[string]record.Object {
	movers := map[string]record.Object{}
	for _, t := range filter.Tests(r.Filtering.Filter.On(object)) {
		if c := t.Field.Of[object]; c.Via != "" {
			movers[c.Via] = c.To
		}
		if t.Relative() {
			movers[""] = ""
		}
		if t.Field.Of[object].Field.Formula {
			movers[byFormula] = ""
		}
	}
	return movers
}

// sweep looks at those whom something else than their own change may have moved: at once where this cycle read such a change, and
// once a day, by the org's days.
func (r *run) sweep(ctx context.Context, object record.Object, stored Cursor, at filterCursor) error {
	movers := r.movers(object)
	changed := false
	for _, via := range slices.Sorted(maps.Keys(movers)) {
		since := at.Swept[via]
		if !r.read[movers[via]] && !r.anotherDay(since) {
			continue
		}
		w := newWalk(object, feedCursor{})
		if w.where = r.movedSince(object, via, movers[via], since); w.where != "" || via == byFormula {
			if err := r.rewalk(ctx, w, func(steps []Step, _ feedCursor) error { return r.commit(ctx, Page{Steps: steps}) }); err != nil {
				return err
			}
		}
		at.Swept[via], changed = r.report.Started, true
	}
	if !changed {
		return nil
	}
	to, err := encodeCursor(at)
	if err != nil {
		return err
	}
	return r.commit(ctx, Page{Feed: filterFeed(object), From: stored, To: to})
}

func (r *run) anotherDay(since time.Time) bool {
	zone := r.Filtering.Zone
	if zone == nil {
		zone = time.UTC
	}
	return r.report.Started.In(zone).Format(time.DateOnly) != since.In(zone).Format(time.DateOnly)
}

// movedSince is the condition of the records that time, or a change of the record that via leads to, may have moved since then. Users
// are stamped anew when they sign in; what counts of them is an edit.
func (r *run) movedSince(object record.Object, via string, to record.Object, since time.Time) string {
	if via == "" {
		clock := func(at time.Time) filter.Clock { return filter.Clock{Now: at, Zone: r.Filtering.Zone} }
		if where := filter.Crossed(r.Filtering.Filter.On(object), object, clock(since), clock(r.report.Started)); where != "" {
			return "(" + where + ")"
		}
		return ""
	}
	if via == byFormula {
		return ""
	}
	stamp := "SystemModstamp"
	if to == "User" {
		stamp = "LastModifiedDate"
	}
	return via + " IN (SELECT Id FROM " + string(to) + " WHERE " + stamp + " >= " + since.Add(-overlap).UTC().Format("2006-01-02T15:04:05Z") + ")"
}

// staged is the setting that names the filter by whose columns the scratch file of a first sync was read; mixed marks one that
// was begun by another.
const (
	staged = "filter.staged"
	mixed  = "!"
)

// firstOf tells a first sync of another filter from one that goes on: nothing is joined that was read without its columns.
func (r *run) firstOf(ctx context.Context, stage Stage) (Stage, error) {
	was, err := r.Ledger.Setting(ctx, staged)
	if err != nil {
		return stage, err
	}
	now := "v" + r.Filtering.Version // never empty
	if strings.TrimSuffix(was, mixed) == now {
		return stage, nil
	}
	if was != "" {
		now += mixed
		if stage, err = r.stageAnew(ctx, stage); err != nil {
			return stage, err
		}
	}
	return stage, r.Ledger.SetSetting(ctx, staged, now)
}

// firstFiltered notes after a first sync that everybody was looked at by the filter. Where another one had begun it, they are looked
// at once more.
func (r *run) firstFiltered(ctx context.Context) error {
	was, err := r.Ledger.Setting(ctx, staged)
	if err != nil || r.Filtering.Version == "" || strings.HasSuffix(was, mixed) {
		return err
	}
	for _, object := range r.feedOrder() {
		to, err := encodeCursor(r.lookedAt(object))
		if err != nil {
			return err
		}
		if err := r.handOver(ctx, filterFeed(object), to); err != nil {
			return err
		}
	}
	return nil
}
