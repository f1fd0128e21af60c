package cycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// An object that is read from its beginning, and is large, comes by a bulk query: pages of 50,000 records in place of 2,000. The job and
// the place in its results stand in the feed's cursor, so that whoever is cut off goes on there. When it is through, the feed reads on from
// the time at which the job was made, like any other. A job that fails, ends or vanishes leaves the feed at its beginning: it is read by
// queries then.

// exporting is a bulk query that is under way.
type exporting struct {
	Job     string    `json:"job"`
	Locator string    `json:"locator,omitempty"` // of the page to read
	Since   time.Time `json:"since"`             // when the job was made, by the org's clock
}

// exportPatience is how long a job may keep a cycle waiting before what it was to read is read by queries, which would be through by
// then with a million records.
const exportPatience = 15 * time.Minute

// exportedAtOnce is how many records of a page are handed over together.
const exportedAtOnce = 2000

// fresh reports that nothing of a walk's feed was read yet.
func (w *walk) fresh() bool { return w.at.Stamp.IsZero() && !accompanies(w.object) }

// beginExports begins the bulk queries of those feeds that are read from their beginning and are worth it. keep has a feed's cursor kept.
func (r *run) beginExports(ctx context.Context, purpose record.Purpose, feeds []*walk, keep func(*walk, feedCursor, []record.Record) error) error {
	var fresh []*walk
	var questions []string
	for _, w := range feeds {
		if w.fresh() && w.at.Export == nil && r.Policy.BulkFrom >= 0 {
			fresh, questions = append(fresh, w), append(questions, "SELECT COUNT() FROM "+string(w.object))
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	sizes, err := r.Salesforce.Counts(ctx, purpose, questions)
	if err != nil {
		return r.uncounted(ctx, err)
	}
	for i, w := range fresh {
		rows := sizes[i].N
		if sizes[i].Err != nil || !r.Policy.worth(rows, pages(rows, queryRows), exportCalls(rows)) {
			continue
		}
		job, err := r.Salesforce.StartExport(ctx, record.Bulk, r.exportOf(w, purpose))
		if useless(err) {
			r.Log.Warn("Salesforce takes no bulk query; plain ones are used", "object", w.object, "err", err)
			continue
		}
		if err != nil {
			return err
		}
		to := w.at
		to.Export = &exporting{Job: job.ID, Since: job.Created}
		if to.Export.Since.IsZero() {
			to.Export.Since = r.Now()
		}
		if err := keep(w, to, nil); err != nil {
			return err
		}
	}
	return nil
}

// uncounted leaves what the org would not count in time to plain queries, unless those would end the same way.
func (r *run) uncounted(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, pace.ErrQuota) {
		return err
	}
	r.Log.Warn("Salesforce does not say how many records there are; plain queries are used", "err", err)
	return nil
}

// exportOf is what a bulk query in place of a walk reads.
func (r *run) exportOf(w *walk, purpose record.Purpose) salesforce.Export {
	f := r.feedOf(w, purpose)
	return salesforce.Export{Object: f.Object, Columns: f.Columns, OtherID: f.OtherID, Where: f.Where, Editors: f.Editors}
}

// readExport reads the bulk query of a walk to its end. The walk goes on from where the query was made, or begins anew where it failed.
func (r *run) readExport(ctx context.Context, purpose record.Purpose, w *walk, keep func(*walk, feedCursor, []record.Record) error) error {
	err := r.exportPages(ctx, purpose, r.exportOf(w, purpose), w.at.Export, func(at *exporting, records []record.Record) error {
		to := w.at
		if to.Export = at; at == nil {
			begun := w.at.Export.Since.Add(-overlap)
			if to = (feedCursor{Stamp: begun, Through: w.at.Through}); to.Through.IsZero() {
				to.Through = begun
			}
		}
		return keep(w, to, records)
	})
	if useless(err) {
		r.Log.Warn("a bulk query of Salesforce came to nothing; plain ones are used", "object", w.object, "err", err)
		to := w.at
		to.Export = nil
		err = keep(w, to, nil)
	}
	if err != nil {
		return fmt.Errorf("read %s by a bulk query: %w", w.object, err)
	}
	w.ahead, w.reached = newWalk(w.object, w.at).ahead, w.at.position()
	if w.object != record.User {
		w.deleted = w.at.Through
	}
	return nil
}

// exportPages waits for a bulk query and hands over its records, some thousands at a time, with the place from which to go on: nil behind
// the last of them. What is handed over between two places comes again when it is cut off there.
func (r *run) exportPages(ctx context.Context, purpose record.Purpose, e salesforce.Export, from *exporting, each func(at *exporting, records []record.Record) error) error {
	if err := r.awaitExport(ctx, from.Job); err != nil {
		return err
	}
	for at := from; at != nil; {
		rows, locator, err := r.exportPage(ctx, purpose, e, at, func(rows []record.Record) error { return each(at, rows) })
		if err != nil {
			return err
		}
		next := &exporting{Job: at.Job, Locator: locator, Since: at.Since}
		if locator == "" {
			next = nil
		}
		if err := each(next, rows); err != nil {
			return err
		}
		at = next
	}
	return nil
}

// exportPage reads a page of a bulk query that is through. It hands over its records some thousands at a time, gives back the rest, and the
// locator of the page behind it.
func (r *run) exportPage(ctx context.Context, purpose record.Purpose, e salesforce.Export, at *exporting, each func([]record.Record) error) (rest []record.Record, next string, err error) {
	next, err = r.Salesforce.ExportPage(ctx, purpose, e, at.Job, at.Locator, func(rec record.Record) error {
		if rest = append(rest, rec); len(rest) < exportedAtOnce {
			return nil
		}
		full := rest
		rest = nil
		return each(full)
	})
	return rest, next, err
}

// errEndless says that a bulk query is not through after a long time.
var errEndless = errors.New("the org has not finished a bulk query in time")

func (r *run) awaitExport(ctx context.Context, id string) error {
	patient, cancel := context.WithTimeoutCause(ctx, exportPatience, errEndless)
	defer cancel()
	job, err := r.Salesforce.WaitExport(patient, record.Bulk, id)
	if errors.Is(err, errEndless) {
		return errors.Join(err, r.Salesforce.AbortExport(ctx, record.Bulk, id))
	}
	if failed := job.Err(); err == nil && failed != nil {
		return &failedExport{failed}
	}
	return err
}

// failedExport is the end of a bulk query without a result.
type failedExport struct{ error }

func (f *failedExport) Unwrap() error { return f.error }

// useless reports that there is nothing to hope for of a bulk query: it failed, is gone, is refused, or takes for ever. A broken line or a
// sign-in that ended says nothing about it.
func useless(err error) bool {
	var failed *failedExport
	var refused *salesforce.Error
	switch {
	case errors.As(err, &failed), errors.Is(err, errEndless):
		return true
	case errors.Is(err, pace.ErrQuota), !errors.As(err, &refused):
		return false
	}
	return refused.Class() != pace.Transient && refused.Class() != pace.SignIn
}
