package cycle

import (
	"context"
	"errors"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// salesforceAtOnce is how many rows are marked as being sent together: two composites of five times 200, more where rows are
// read beside the write. The more there are, the fewer chunks stay half empty.
const salesforceAtOnce = 2000

// guardedAtMost is up to how many rows go one by one under the condition that nobody changed them since they were read: as many as
// fit into two calls beside their reading. With more, only the reading beside the write tells.
const guardedAtMost = 48

// editedAtMost bounds what a cycle remembers of when records were changed: more rows than that are not guarded anyway.
const editedAtMost = 1000

// readAt remembers when a record was last changed that is read just now. Where too much is remembered, what was read last counts: it may have been
// read because a guarded row met a change, and is sent next.
func (r *run) readAt(id record.ID, edited time.Time) {
	if _, known := r.edited[id]; !known && len(r.edited) == editedAtMost {
		clear(r.edited)
	}
	r.edited[id] = edited
}

// readUpTo is the moment up to which a record's changes are known: its own last change where it was read in this cycle, else where
// the feeds' overlap begins.
func (r *run) readUpTo(id record.ID) time.Time {
	if at, ok := r.edited[id]; ok {
		return at
	}
	return r.known
}

// sendSalesforce sends rows to Salesforce. Rows that write people's fields are read in the same call, just before the
// write: what that shows is judged afterwards. A row that only carries an id overwrites nobody's work.
func (r *run) sendSalesforce(ctx context.Context, rows []Row) ([]Answer, error) {
	removed, others := part(rows, func(row *Row) bool { return row.Action == Delete }) // leads: no other person is deleted in Salesforce
	gone, err := r.removeRecords(ctx, record.Lead, removed)
	if err != nil || len(others) == 0 {
		return append(gone, r.undone(others)...), err
	}
	answers, err := r.writeSalesforce(ctx, others)
	return append(gone, answers...), err
}

func (r *run) writeSalesforce(ctx context.Context, rows []Row) ([]Answer, error) {
	writes := make([]salesforce.Write, len(rows))
	sent := await(rows)
	updates := 0
	for i, row := range rows {
		writes[i] = r.salesforceWrite(row)
		if row.Action == Update {
			updates++
		}
	}
	for i, row := range rows {
		if updates <= guardedAtMost && row.Action == Update {
			writes[i].Unmodified = r.readUpTo(row.Target)
		}
	}
	results, err := r.Salesforce.Write(ctx, purposeOf(rows), writes)
	known, knownErr := r.judged(context.WithoutCancel(ctx), sent, results)
	if knownErr != nil {
		return nil, knownErr
	}
	answers := make([]Answer, 0, len(rows))
	var kept []keptID
	for _, res := range results {
		row := sent.take(res.Key)
		if k, refused := r.refusedID(row, res.Err); refused {
			kept = append(kept, k)
			continue
		}
		answers = append(answers, r.judge(row, res, known[row.Link]))
	}
	without, keptErr := r.withoutIDs(ctx, kept)
	return append(append(answers, without...), r.unanswered(sent, err)...), errors.Join(doubtless(err), keptErr)
}

// judged is what is known of the links of which there is something to judge: of those that bring a surprise all of it.
func (r *run) judged(ctx context.Context, sent awaited, results []salesforce.Result) (map[LinkID]*Known, error) {
	known := map[LinkID]*Known{}
	read := func(read func(context.Context, []LinkID) ([]Known, error), judges func(Row, salesforce.Result) bool) error {
		var links []LinkID
		for _, res := range results {
			if row := *sent[res.Key]; judges(row, res) {
				links = append(links, row.Link)
			}
		}
		all, err := read(ctx, links)
		for i := range all {
			known[links[i]] = &all[i]
		}
		return err
	}
	err := read(r.Ledger.Agreed, func(_ Row, res salesforce.Result) bool { return res.Before != nil })
	if err == nil {
		err = read(r.Ledger.KnownLinks, func(row Row, res salesforce.Result) bool {
			return res.Before != nil && r.surprises(row, res, known[row.Link])
		})
	}
	return known, err
}

// salesforceWrite is the client's form of a row.
func (r *run) salesforceWrite(row Row) salesforce.Write {
	w := salesforce.Write{Key: row.ID, Object: row.Object, ID: row.Target, ReadBack: row.Action == Update}
	if row.Target == "" && r.Mapping.MarketoID != "" {
		w.UpsertField, w.UpsertValue = r.Mapping.MarketoID, string(row.Source)
	}
	object := r.object(row.Object)
	w.Fields = make([]salesforce.Field, 0, len(row.Fields)+1)
	for _, c := range row.Fields {
		if i := object.Index(c.Field); i >= 0 {
			f := object.Fields[i]
			w.Fields = append(w.Fields, salesforce.Field{Name: f.Salesforce, Type: f.Type, Value: c.Value})
		}
	}
	if v, ok := row.flagged(); ok && r.Mapping.GoneInMarketo != "" {
		w.Fields = append(w.Fields, salesforce.Field{Name: r.Mapping.GoneInMarketo, Type: record.Type{Kind: record.Boolean}, Value: v})
	}
	if row.Carry != "" && w.UpsertField == "" {
		w.Fields = append(w.Fields, salesforce.Field{Name: r.Mapping.MarketoID, Type: record.Type{Kind: record.Text}, Value: record.Of(string(row.Carry))})
	}
	return w
}
