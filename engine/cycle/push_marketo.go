package cycle

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// marketoAtOnce is how many rows are marked as being sent together: seven calls of 300, about what suits a transaction.
const marketoAtOnce = 7 * marketo.MaxBatch

// sendMarketo sends rows to Marketo: companies before the people that point at them, then people, several calls side by
// side. No two of them hold the same person, so their order among each other does not matter.
func (r *run) sendMarketo(ctx context.Context, rows []Row) ([]Answer, error) {
	var companies, people []Row
	for _, row := range rows {
		if row.Object == record.Company {
			companies = append(companies, row)
		} else {
			people = append(people, row)
		}
	}
	answers, err := r.sendBatches(ctx, companies, r.Marketo.WriteCompanies)
	if err != nil {
		return append(answers, r.undone(people)...), err
	}
	ready, early, err := r.withCompany(ctx, people, companies, answers)
	if err != nil {
		return append(answers, r.undone(people)...), err
	}
	answers = append(answers, r.early(early)...)
	more, err := r.sendBatches(ctx, ready, r.Marketo.WritePeople)
	return append(answers, more...), err
}

// withCompany parts the people whose company is in Marketo, or never will be, from those whose company is still on its
// way: Marketo refuses a person that points at a company it does not know.
func (r *run) withCompany(ctx context.Context, people, companies []Row, answers []Answer) (ready, early []Row, err error) {
	var accounts []record.ID
	pointing := map[int64]record.ID{}
	for _, row := range people {
		if account := r.companyOf(row); account != "" {
			pointing[row.ID] = account
			accounts = append(accounts, account)
		}
	}
	known, err := r.Ledger.Known(context.WithoutCancel(ctx), record.Salesforce, accounts)
	if err != nil {
		return nil, nil, err
	}
	missing := map[record.ID]bool{}
	for i, k := range known {
		row := k.Out[record.Marketo]
		missing[accounts[i]] = k.Link.State == Creating && row != nil && row.State != Failed
	}
	sources := map[int64]record.ID{}
	for _, row := range companies {
		sources[row.ID] = row.Source
	}
	for _, a := range answers { // of this very batch, which the ledger does not know yet
		if a.Outcome == Accepted || a.Outcome == Refused {
			delete(missing, sources[a.Row])
		}
	}
	for _, row := range people {
		if missing[pointing[row.ID]] {
			early = append(early, row)
		} else {
			ready = append(ready, row)
		}
	}
	return ready, early, nil
}

// companyOf is the Account that a row makes a person point at, empty when it does not.
func (r *run) companyOf(row Row) record.ID {
	object := r.objectOfRow(row)
	for _, c := range row.Fields {
		if i := object.Index(c.Field); i >= 0 && object.Fields[i].Marketo == externalCompanyID {
			return record.ID(c.Value.Text())
		}
	}
	return ""
}

// early lets rows wait for their company: until the next pass, when it is likely to be there.
func (r *run) early(rows []Row) []Answer {
	answers := r.undone(rows)
	for i := range answers {
		answers[i].Next = r.Now().Add(backOff(0))
	}
	return answers
}

type marketoWriter func(context.Context, record.Purpose, []marketo.Write) ([]marketo.Result, error)

// sendBatches sends rows in calls of at most 300, side by side. A call either changes people by their id or creates them.
func (r *run) sendBatches(ctx context.Context, rows []Row, write marketoWriter) ([]Answer, error) {
	var created, changed []Row
	for _, row := range rows {
		if row.Target == "" {
			created = append(created, row)
		} else {
			changed = append(changed, row)
		}
	}
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
	byKey := make(map[int64]Row, len(batch))
	for i, row := range batch {
		writes[i], byKey[row.ID] = r.marketoWrite(row), row
	}
	results, err := write(ctx, purposeOf(batch), writes)
	answers := make([]Answer, 0, len(batch))
	for _, res := range results {
		row := byKey[res.Key]
		delete(byKey, res.Key)
		switch {
		case res.Err != nil:
			answers = append(answers, r.refusal(row, res.Err))
		case row.Action == Create && row.Object == record.Person && !res.Created:
			// The key was on a person already: what else that person holds is read afresh.
			a := r.accepted(row, res.ID, false)
			a.Recheck = true
			answers = append(answers, a)
		default:
			id := res.ID
			if row.Object == record.Company {
				id = "" // known by its key; its number means nothing to anybody
			}
			a := r.accepted(row, id, row.Action == Create)
			a.Keep = row.Action == Update && row.Object == record.Person
			answers = append(answers, a)
		}
	}
	return append(answers, r.unanswered(byKey, err)...), doubtless(err)
}

// unanswered looks at rows for which no result came: those whose answer was lost stay marked as being sent, the others
// never left and wait as before.
func (r *run) unanswered(byKey map[int64]Row, err error) []Answer {
	doubtful := lost(err)
	var rest []Row
	for key, row := range byKey {
		if !doubtful[key] {
			rest = append(rest, row)
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
	case row.Object == record.Company:
		w.LookupField, w.LookupValue = externalCompanyID, string(row.Source)
	case row.Target != "":
		w.ID = row.Target
	case r.Mapping.SalesforceID != "":
		w.LookupField, w.LookupValue = r.Mapping.SalesforceID, string(row.Source)
	default:
		w.LookupField, w.LookupValue = "email", r.emailOf(object, row).Text()
	}
	for _, c := range row.Fields {
		if i := object.Index(c.Field); i >= 0 {
			f := object.Fields[i]
			w.Fields = append(w.Fields, marketo.Field{Name: f.Marketo, Type: f.Type, Value: c.Value})
		}
	}
	if row.Carry != "" && r.Mapping.SalesforceID != "" && w.LookupField != r.Mapping.SalesforceID {
		w.Fields = append(w.Fields, marketo.Field{Name: r.Mapping.SalesforceID, Type: record.Type{Kind: record.Text}, Value: record.Of(string(row.Carry))})
	}
	return w
}

// externalCompanyID is the key of a company that was made from outside, and the field by which a person belongs to one.
const externalCompanyID = "externalCompanyId"

// MappedObject is the Salesforce object whose mapping a row's field numbers belong to.
func MappedObject(row Row) record.Object {
	switch row.Object {
	case record.Company:
		return record.Account
	case record.Person:
		return objectOf(row.Source)
	}
	return row.Object
}

func (r *run) objectOfRow(row Row) schema.Object { return r.object(MappedObject(row)) }

func (r *run) emailOf(object schema.Object, row Row) record.Value {
	for _, f := range object.Fields {
		if f.Salesforce == "Email" {
			c, _ := row.field(f.Number)
			return c.Value
		}
	}
	return record.Value{}
}

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
