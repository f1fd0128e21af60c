package cycle

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// nightlyPatience is how long a night waits for a job before it reads by id.
const nightlyPatience = time.Hour

// nightlyExports reads calculated fields by bulk queries where these take half of the calls. It never waits for a job: waiting says that the
// night goes on with a later cycle. Each cycle reads a page, as much as it would read by id.
func (r *run) nightlyExports(ctx context.Context, at *night, places map[record.Object][]int) (waiting bool, err error) {
	if !at.Sized {
		if at.Exports, err = r.nightlySizes(ctx, places); err != nil {
			return false, err
		}
		at.Sized, at.Left = true, slices.Clone(at.Exports)
		if len(at.Left) > 0 {
			if err := at.keep(ctx, r.Ledger); err != nil {
				return false, err
			}
		}
	}
	if len(at.Left) == 0 {
		return false, nil
	}
	object := at.Left[0]
	err = r.nightlyExport(ctx, at, places[object])
	if useless(err) { // it is read by id, with those that never were to come by a job
		r.Log.Warn("a bulk query of Salesforce came to nothing; records are read by id", "object", object, "err", err)
		at.Exports = slices.DeleteFunc(at.Exports, func(o record.Object) bool { return o == object })
		at.Left, at.Export, err = at.Left[1:], nil, nil
	}
	if err != nil {
		return false, err
	}
	return len(at.Left) > 0, at.keep(ctx, r.Ledger)
}

// nightlySizes are the objects worth a bulk query: it reads all records, and by id come the linked ones alone.
func (r *run) nightlySizes(ctx context.Context, places map[record.Object][]int) (worth []record.Object, err error) {
	linked, err := r.Ledger.BrakeCounts(ctx)
	if err != nil {
		return nil, err
	}
	most := max(linked.Linked, linked.Twins)
	var objects []record.Object
	var questions []string
	for _, o := range r.feedOrder() {
		if len(places[o]) > 0 && r.Policy.worth(most, pages(most, nightlyAtOnce), exportCalls(most)) {
			objects, questions = append(objects, o), append(questions, "SELECT COUNT() FROM "+string(o))
		}
	}
	if len(objects) == 0 {
		return nil, nil
	}
	sizes, err := r.Salesforce.Counts(ctx, record.Bulk, questions)
	if err != nil {
		return nil, r.uncounted(ctx, err)
	}
	for i, o := range objects {
		links := linked.Twins
		if o.IsPerson() {
			links = linked.Linked
		}
		if links = min(links, sizes[i].N); sizes[i].Err == nil && r.Policy.worth(links, pages(links, nightlyAtOnce), exportCalls(sizes[i].N)) {
			worth = append(worth, o)
		}
	}
	return worth, nil
}

// nightlyExport makes the job of the first object that is left, looks whether it is through, or reads a page of it.
func (r *run) nightlyExport(ctx context.Context, at *night, places []int) error {
	o := r.object(at.Left[0])
	e := salesforce.Export{Object: o.Name, Columns: nightlyColumns(o, places)}
	if at.Export == nil {
		job, err := r.Salesforce.StartExport(ctx, record.Bulk, e)
		if err == nil {
			at.Export = &exporting{Job: job.ID, Since: r.Now()}
		}
		return err
	}
	job, err := r.Salesforce.ExportJob(ctx, record.Bulk, at.Export.Job)
	if failed := job.Err(); err == nil && failed != nil {
		return &failedExport{failed}
	}
	if err == nil && !job.Ended() && pace.Over(r.Now(), at.Export.Since, nightlyPatience) {
		return errors.Join(errEndless, r.Salesforce.AbortExport(ctx, record.Bulk, job.ID))
	}
	if err != nil || !job.Ended() {
		return err
	}
	var differing []LinkID // of a page, and of each its number alone
	compare := func(rows []record.Record) error {
		some, err := r.differing(ctx, o, rows, places)
		differing = append(differing, some...)
		return err
	}
	rest, next, err := r.exportPage(ctx, record.Reread, e, at.Export, compare)
	if err == nil {
		err = compare(rest)
	}
	if err == nil {
		err = r.readInParts(ctx, differing)
	}
	if err != nil {
		return err
	}
	if at.Export.Locator = next; next == "" {
		at.Left, at.Export = at.Left[1:], nil
	}
	return nil
}
