package cycle

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// Ids of the other side go to Salesforce by a bulk job where very many wait, as in a first sync: they overwrite nobody's work, so nothing
// has to be read beside the write. What writes people's fields goes the usual way however much it is, because a bulk job cannot tell
// what it overwrote.

const (
	// bulkFrom is from how many writes on a job takes fewer calls: a job is six and its polls, composites carry 1,000 rows each.
	bulkFrom = 15_000
	// bulkAtOnce is how many rows of a job are read, and how many of its answers are kept, in one transaction.
	bulkAtOnce = 2000
	// bulkJobSetting is the setting that holds the job under way.
	bulkJobSetting = "bulk.salesforce"
)

// bulkColumns are what a job sends: the record, and the person's id in the field that the set-up made for it.
func (r *run) bulkColumns() []string { return []string{"Id", r.Mapping.MarketoID} }

// pushBulk takes up the jobs that an earlier cycle began, and begins others where it is worth it. It counts the rows that were answered.
func (r *run) pushBulk(ctx context.Context) (answered int, err error) {
	if r.asked != nil || r.Mapping.MarketoID == "" {
		return 0, nil
	}
	stored, err := r.Ledger.Setting(ctx, bulkJobSetting)
	if err != nil {
		return 0, err
	}
	var begun bulkJobs
	for _, id := range strings.Fields(stored) {
		begun = append(begun, salesforce.Job{ID: id})
	}
	if answered, err = r.takeUp(ctx, &begun); err != nil {
		return answered, fmt.Errorf("take up a bulk job in Salesforce: %w", err)
	}
	least := r.Policy.BulkFrom
	if least == 0 {
		least = bulkFrom
	}
	waiting, err := r.Ledger.Backlog(ctx)
	if err != nil || least < 0 || waiting.ToSalesforce < least {
		return answered, err
	}
	for _, object := range []record.Object{record.Contact, record.Lead} {
		if err = r.bulk(ctx, &begun, object, min(least, bulkAtOnce)); err != nil {
			break
		}
	}
	n, takeErr := r.takeUp(ctx, &begun)
	if err = errors.Join(err, takeErr); err != nil {
		err = fmt.Errorf("write by a bulk job to Salesforce: %w", err)
	}
	return answered + n, err
}

// bulkJobs are the jobs that are under way.
type bulkJobs []salesforce.Job

// keepJobs remembers them.
func (r *run) keepJobs(ctx context.Context, jobs bulkJobs) error {
	ids := make([]string, len(jobs))
	for i, job := range jobs {
		ids[i] = job.ID
	}
	return r.Ledger.SetSetting(context.WithoutCancel(ctx), bulkJobSetting, strings.Join(ids, " "))
}

// bulk begins as many jobs as it takes to write the ids of an object, if there are at least so many. A job is remembered before anything is
// sent to it: cut off, it is taken up by the next cycle. Nothing else writes ids to Salesforce meanwhile, so its rows go on waiting in the
// outbox until their answers are there.
func (r *run) bulk(ctx context.Context, begun *bulkJobs, object record.Object, least int) error {
	first, err := r.Ledger.Carriers(ctx, record.Salesforce, object, r.Now(), 0, least)
	if err != nil || len(first) < least {
		return err
	}
	var readErr error
	rows := salesforce.NewRows(r.carriers(ctx, object, &readErr), len(r.bulkColumns()))
	defer rows.Close()
	in := salesforce.Ingest{Object: object, Operation: "update", Columns: r.bulkColumns(), Started: func(job salesforce.Job) error {
		*begun = append(*begun, salesforce.Job{ID: job.ID}) // what becomes of it is asked, should the upload fail
		return r.keepJobs(ctx, *begun)
	}}
	for more := true; more; {
		var job salesforce.Job
		if job, more, err = r.Salesforce.Upload(ctx, record.WriteBack, in, rows); err == nil {
			err = readErr
		}
		if err != nil {
			return err
		}
		(*begun)[len(*begun)-1] = job
	}
	return nil
}

// carriers are the rows of a load, a page of the outbox at a time.
func (r *run) carriers(ctx context.Context, object record.Object, failed *error) iter.Seq[[]string] {
	now := r.Now()
	return func(yield func([]string) bool) {
		for after := int64(0); ; {
			rows, err := r.Ledger.Carriers(ctx, record.Salesforce, object, now, after, bulkAtOnce)
			if err != nil {
				*failed = err
				return
			}
			for _, row := range rows {
				if after = row.ID; !yield([]string{string(row.Target), string(row.Carry)}) {
					return
				}
			}
			if len(rows) < bulkAtOnce {
				return
			}
		}
	}
}

// takeUp waits for jobs, one after the other, and keeps their answers.
func (r *run) takeUp(ctx context.Context, begun *bulkJobs) (answered int, err error) {
	for len(*begun) > 0 {
		n, err := r.takeUpJob(ctx, (*begun)[0])
		if answered += n; err != nil {
			return answered, err
		}
		*begun = (*begun)[1:]
		if err := r.keepJobs(ctx, *begun); err != nil {
			return answered, err
		}
	}
	return answered, nil
}

// takeUpJob waits for a job and keeps its answers; of an earlier cycle's only the id is known. One that was never closed has written nothing
// and is given up; so is one that nobody knows any more.
func (r *run) takeUpJob(ctx context.Context, job salesforce.Job) (answered int, err error) {
	id := job.ID
	if job.State == "" {
		job, err = r.Salesforce.Job(ctx, record.Bulk, id)
	}
	var refused *salesforce.Error
	switch {
	case errors.As(err, &refused) && refused.Class() == pace.Gone:
		return 0, nil
	case err != nil:
		return 0, err
	case job.State == "Open":
		return 0, r.Salesforce.Abort(ctx, record.Bulk, id)
	case !job.Ended():
		if job, answered, err = r.awaitJob(ctx, id); err != nil {
			return answered, err
		}
	}
	if failed := job.Err(); failed != nil { // what was done until then stays done; the rest waits and goes the usual way
		r.Log.Warn("Salesforce ended a bulk job without finishing it", "err", failed)
	}
	for _, outcome := range []salesforce.Outcome{salesforce.Successful, salesforce.Failures} {
		n, err := r.results(ctx, id, outcome)
		if answered += n; err != nil {
			return answered, err
		}
	}
	return answered, nil
}

// awaitJob waits for a job, and meanwhile writes fields of people the usual way, as long as there is enough of it for whole batches.
func (r *run) awaitJob(ctx context.Context, id string) (job salesforce.Job, answered int, err error) {
	ended := make(chan struct{})
	var g errgroup.Group
	g.Go(func() (err error) {
		defer close(ended)
		job, err = r.Salesforce.Wait(ctx, record.Bulk, id)
		return err
	})
	objects, after := []record.Object{record.Contact, record.Lead}, int64(0)
	answered, err = r.pushRows(ctx, record.Salesforce, func(ctx context.Context, most int) ([]Row, error) {
		for len(objects) > 0 {
			select {
			case <-ended:
				return nil, nil
			default:
			}
			rows, err := r.Ledger.Updates(ctx, record.Salesforce, objects[0], r.Now(), after, most)
			if err != nil || len(rows) == most {
				if err == nil {
					after = rows[most-1].ID
				}
				return rows, err
			}
			objects, after = objects[1:], 0
		}
		return nil, nil
	})
	return job, answered, errors.Join(err, g.Wait())
}

// results keeps the answers of one kind, a page at a time. Keeping one twice changes nothing: its row is gone by then.
func (r *run) results(ctx context.Context, id string, outcome salesforce.Outcome) (answered int, err error) {
	var page []bulkAnswer
	keep := func() error {
		n, err := r.keepResults(ctx, page)
		answered, page = answered+n, page[:0]
		return err
	}
	for row, err := range r.Salesforce.Results(ctx, record.WriteBack, id, outcome) {
		if err != nil {
			return answered, err
		}
		target, err := record.LongID(row.Text("Id"))
		if err != nil {
			continue // not a row of ours
		}
		page = append(page, bulkAnswer{target, record.ID(row.Text(r.Mapping.MarketoID)), row.Err})
		if len(page) < bulkAtOnce {
			continue
		}
		if err := keep(); err != nil {
			return answered, err
		}
	}
	return answered, keep()
}

// bulkAnswer is what became of one row of a job.
type bulkAnswer struct {
	target, carry record.ID
	err           *salesforce.Error
}

func (r *run) keepResults(ctx context.Context, page []bulkAnswer) (int, error) {
	ids := make([]record.ID, len(page))
	for i, a := range page {
		ids[i] = a.carry // quicker to find than a Salesforce id
	}
	rows, err := r.Ledger.Towards(ctx, record.Salesforce, ids)
	if err != nil {
		return 0, err
	}
	answers := make([]Answer, 0, len(page))
	var kept []keptID
	for i, a := range page {
		row := rows[i]
		var k keptID
		refused := false
		if row != nil {
			k, refused = r.refusedID(*row, a.err)
		}
		switch {
		case row == nil || row.Target != a.target || row.Action != WriteID || row.Carry != a.carry || row.State != Waiting && row.State != Sending:
			// It was planned anew since, or answered already.
		case refused:
			kept = append(kept, k)
		case a.err != nil:
			answers = append(answers, r.refusal(*row, a.err))
		default:
			answers = append(answers, r.accepted(*row, a.target, false))
		}
	}
	without, err := r.withoutIDs(ctx, kept)
	if err != nil {
		return 0, err
	}
	answers = append(answers, without...)
	if err := r.Ledger.Acknowledge(context.WithoutCancel(ctx), answers); err != nil {
		return 0, err
	}
	for _, a := range answers {
		r.count(a)
	}
	return len(answers), nil
}
