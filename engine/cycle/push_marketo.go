package cycle

import (
	"context"
	"errors"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// marketoAtOnce is how many rows are marked as being sent together: seven calls of 300, about what suits a transaction.
const marketoAtOnce = 7 * marketo.MaxBatch

// sendMarketo sends rows to Marketo, several calls side by side: what others name before those who name it, deletions in between. No
// two rows of one kind hold the same record, so their order among each other does not matter.
func (r *run) sendMarketo(ctx context.Context, rows []Row) ([]Answer, error) {
	ends, rows := endings(rows)
	answers, err := r.sendEnds(ctx, ends)
	left := r.inOrder(rows)
	if err != nil {
		return append(answers, r.undone(rows)...), err
	}
	answers = slices.Grow(answers, len(rows))
	for i, group := range left {
		ready, held, err := r.ready(ctx, group, batch{rows, answers})
		if err == nil {
			var sent []Answer
			answers = append(answers, held...)
			sent, err = r.sendBatches(ctx, ready, r.marketoWriter(group[0]))
			sent, err = r.denied(ready, sent, err)
			r.arrive(ready, sent)
			answers = append(answers, sent...)
			group = nil
		}
		if err != nil {
			for _, rest := range append([][]Row{group}, left[i+1:]...) {
				answers = append(answers, r.undone(rest)...)
			}
			return answers, err
		}
	}
	return answers, nil
}

// endings parts the rows that end people from the others.
func endings(rows []Row) (ends, others []Row) {
	return part(rows, func(row *Row) bool {
		return row.Object == record.Person && (row.Action == Delete || row.Action == Merge)
	})
}

// sendEnds sends what ends people: it goes before everything else.
func (r *run) sendEnds(ctx context.Context, rows []Row) ([]Answer, error) {
	deleted, merged := part(rows, func(row *Row) bool { return row.Action == Delete })
	answers, err := r.sendBatches(ctx, deleted, r.Marketo.DeletePeople)
	if err != nil || len(merged) == 0 {
		return append(answers, r.undone(merged)...), err
	}
	merges := make([]marketo.Merge, len(merged))
	for i, row := range merged {
		merges[i] = marketo.Merge{Key: row.ID, Winner: row.Target, Loser: row.Carry}
	}
	results, err := r.Marketo.MergePeople(ctx, purposeOf(merged), merges)
	more, err := answered(r, merged, results, err, func(row Row, _ marketo.Result) Answer { return r.accepted(row, row.Target, false) })
	return append(answers, more...), err
}

// inOrder parts rows into those of one object and one kind of write, in the order in which they are sent.
func (r *run) inOrder(rows []Row) [][]Row {
	rank := map[record.Object]int{record.SalesPerson: -3, record.Company: -2, record.Person: -1}
	for i, o := range r.Mapping.Objects {
		if !o.Name.IsPerson() && rank[o.Twin] == 0 {
			rank[o.Twin] = i + 1
		}
	}
	place := func(row *Row) int {
		at := rank[row.Object]
		if row.Action == Delete && !row.Object.IsPerson() { // backwards: those who name others go before what they name
			at = 1000 - at
			if row.Object != record.Company { // a company is empty once its people were moved
				at -= 2000
			}
		}
		return at
	}
	at := map[int][]Row{}
	for len(rows) > 0 {
		first := place(&rows[0])
		var same []Row
		same, rows = part(rows, func(row *Row) bool { return place(row) == first })
		at[first] = same
	}
	groups := make([][]Row, 0, len(at))
	for _, p := range slices.Sorted(maps.Keys(at)) {
		groups = append(groups, at[p])
	}
	return groups
}

type marketoWriter func(context.Context, record.Purpose, []marketo.Write) ([]marketo.Result, error)

// marketoWriter is the call that carries rows like this one.
func (r *run) marketoWriter(row Row) marketoWriter {
	switch {
	case row.Object == record.Person:
		return r.Marketo.WritePeople
	case row.Action == Delete:
		return func(ctx context.Context, p record.Purpose, writes []marketo.Write) ([]marketo.Result, error) {
			return r.Marketo.DeleteRecords(ctx, p, row.Object, writes)
		}
	}
	return func(ctx context.Context, p record.Purpose, writes []marketo.Write) ([]marketo.Result, error) {
		return r.Marketo.WriteRecords(ctx, p, row.Object, writes)
	}
}

// sendBatches sends rows in calls of at most 300, side by side. A call either changes people by their id or creates them.
func (r *run) sendBatches(ctx context.Context, rows []Row, write marketoWriter) ([]Answer, error) {
	created, changed := part(rows, func(row *Row) bool { return row.Target == "" })
	batches := slices.Collect(slices.Chunk(created, marketo.MaxBatch))
	batches = slices.AppendSeq(batches, slices.Chunk(changed, marketo.MaxBatch))
	answers, errs := make([][]Answer, len(batches)), make([]error, len(batches))
	var g errgroup.Group
	for i, batch := range batches {
		g.Go(func() error { answers[i], errs[i] = r.sendBatch(ctx, batch, write); return nil })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := make([]Answer, 0, len(created)+len(changed))
	for i := range answers {
		all = append(all, answers[i]...)
	}
	return all, errors.Join(errs...)
}

func (r *run) sendBatch(ctx context.Context, batch []Row, write marketoWriter) ([]Answer, error) {
	writes := make([]marketo.Write, len(batch))
	sent := await(batch)
	for i := range batch {
		writes[i] = r.marketoWrite(batch[i])
	}
	results, err := write(ctx, purposeOf(batch), writes)
	answers := make([]Answer, 0, len(batch))
	for _, res := range results {
		row := sent.take(res.Key)
		switch {
		case res.Err != nil && !row.Object.IsPerson():
			answers = append(answers, r.refusedTwin(row, res.Err))
		case res.Err != nil:
			answers = append(answers, r.refusal(row, res.Err))
		case row.Action == Create && row.Object == record.Person && !res.Created:
			// The key was on a person already: what else that person holds is read afresh.
			a := r.accepted(row, res.ID, false)
			a.Recheck, a.Follow = true, r.lost[row.ID]
			answers = append(answers, a)
		default:
			id := res.ID
			if r.objectOfRow(row).Key != "" {
				id = "" // known by its key; its number means nothing to anybody
			}
			a := r.accepted(row, id, row.Action == Create)
			a.Follow = r.lost[row.ID]
			if row.Action == Update && row.Object == record.Person {
				a.Echo = &Echo{Cycle: r.n, Since: row.Since, Fields: row.Fields}
			}
			answers = append(answers, a)
		}
	}
	return append(answers, r.unanswered(sent, err)...), doubtless(err)
}

// unanswered looks at rows for which no result came: those whose answer was lost stay marked as being sent, the others
// never left and wait as before.
func (r *run) unanswered(sent awaited, err error) []Answer {
	doubtful := lost(err)
	if len(doubtful) > 0 {
		r.mu.Lock()
		r.silence = err
		r.mu.Unlock()
	}
	var rest []Row
	for key, row := range sent {
		if !doubtful[key] {
			rest = append(rest, *row)
		}
	}
	return r.undone(rest)
}

// doubtless is what remains of an error when lost answers are taken out: those are cleared up in the same cycle.
func doubtless(err error) error {
	var doubt *pace.InDoubt
	if errors.As(err, &doubt) {
		return nil
	}
	return err
}

func purposeOf(rows []Row) record.Purpose {
	for _, row := range rows {
		if row.Action != WriteID {
			return record.Push
		}
	}
	return record.WriteBack
}

// marketoWrite is the client's form of a row.
func (r *run) marketoWrite(row Row) marketo.Write {
	w := marketo.Write{Key: row.ID, Fields: make([]marketo.Field, 0, len(row.Fields)+1)}
	object := r.objectOfRow(row)
	switch {
	case object.Key != "":
		w.LookupField, w.LookupValue = object.Key, string(row.Source)
	case row.Action == Delete && row.Target != row.Source:
		w.ID = row.Target
	case !row.Object.IsPerson(): // its key is among the fields
	case row.Target != "":
		w.ID = row.Target
	case r.Mapping.SalesforceID != "":
		w.LookupField, w.LookupValue = r.Mapping.SalesforceID, string(row.Source)
	default:
		w.LookupField, w.LookupValue = "email", row.Email(object).Text()
	}
	if v, ok := row.ticked(); ok && r.Filtering.Mark != "" {
		w.Fields = append(w.Fields, marketo.Field{Name: r.Filtering.Mark, Type: record.Type{Kind: record.Boolean}, Value: v})
		if v.Text() == "true" { // nothing else travels to whom leaves
			return w
		}
	}
	for _, c := range row.Fields {
		if i := object.Index(c.Field); i >= 0 {
			f := object.Fields[i]
			if f.To.IsPerson() { // a number there
				f.Type = record.Type{Kind: record.Integer}
			}
			w.Fields = append(w.Fields, marketo.Field{Name: f.Marketo, Type: f.Type, Value: c.Value})
		}
	}
	if v, ok := row.flagged(); ok && r.Mapping.GoneInSalesforce != "" {
		w.Fields = append(w.Fields, marketo.Field{Name: r.Mapping.GoneInSalesforce, Type: record.Type{Kind: record.Boolean}, Value: v})
	}
	if row.Carry != "" && r.Mapping.SalesforceID != "" && w.LookupField != r.Mapping.SalesforceID {
		w.Fields = append(w.Fields, marketo.Field{Name: r.Mapping.SalesforceID, Type: record.Type{Kind: record.Text}, Value: record.Of(string(row.Carry))})
	}
	return w
}

// MappedObject is the Salesforce object whose mapping a row's field numbers belong to.
func MappedObject(m schema.Mapping, row Row) record.Object {
	if row.Object == record.Person {
		return objectOf(row.Source)
	}
	if o, ok := m.Of(row.Object); ok {
		return o.Name
	}
	return row.Object
}

// counts is the object among whose changes the values of a row count, none of a first sync's: that is no week like any other.
func counts(m schema.Mapping, row Row) record.Object {
	if row.First {
		return ""
	}
	return MappedObject(m, row)
}

func (r *run) objectOfRow(row Row) schema.Object { return r.object(MappedObject(r.Mapping, row)) }

// count adds an answer to the cycle's report. Both sides answer at the same time.
func (r *run) count(a Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch a.Outcome {
	case Accepted:
		r.report.Writes.Add(a.Side, 1)
	case Refused:
		r.report.Failed++
	}
	r.report.Held += len(a.Holds)
	if r.asked != nil {
		r.asked.note(a)
	}
}
