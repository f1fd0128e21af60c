package cycle

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// ready parts the rows whose references are in Marketo from those that have to wait for one that is on its way: Marketo refuses
// a record that names another one which it does not know. A reference that leads nowhere is left out, for now or for good; where
// the record cannot be without it, it is looked at again. batch has all rows of the transaction and what became of those
// sent so far: the ledger does not know yet, nor perhaps what became of the batch before it.
func (r *run) ready(ctx context.Context, rows []Row, batch batch) (ready []Row, held []Answer, err error) {
	var ids []record.ID
	for i := range rows {
		object := r.objectOfRow(rows[i])
		for j := range rows[i].Fields {
			if _, id := reference(object, &rows[i].Fields[j]); id != "" {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return rows, nil, nil
	}
	stands, unknown, err := r.standing(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	r.unkept[record.Marketo].arrive(stands)
	batch.arrive(stands)
	ready = make([]Row, 0, len(rows))
	for _, row := range rows {
		row, answer := r.refer(row, stands, unknown)
		if answer != nil {
			held = append(held, *answer)
		} else {
			ready = append(ready, row)
		}
	}
	return ready, held, nil
}

// arrive notes of records that were coming what became of them.
func (b batch) arrive(stands map[record.ID]located) {
	if len(b.answers) == 0 {
		return
	}
	sources := make(map[int64]record.ID, len(b.rows))
	for i := range b.rows {
		sources[b.rows[i].ID] = b.rows[i].Source
	}
	for i := range b.answers {
		a := &b.answers[i]
		at, named := stands[sources[a.Row]]
		if !named || at.place != coming {
			continue
		}
		switch a.Outcome {
		case Accepted:
			stands[sources[a.Row]] = located{there, a.Target}
		case Refused:
			stands[sources[a.Row]] = located{}
		}
	}
}

// standing looks up where records stand that rows name, and which of them nobody knows. What is there during a first sync stays there: most
// of its rows name the same few, and it takes nothing away.
func (r *run) standing(ctx context.Context, ids []record.ID) (stands map[record.ID]located, unknown map[record.ID]bool, err error) {
	stands, unknown = make(map[record.ID]located, len(ids)), map[record.ID]bool{}
	if len(r.arrived) > locatedAtMost {
		r.arrived = nil
	}
	ids = slices.DeleteFunc(ids, func(id record.ID) bool {
		at, met := r.arrived[id]
		if planned := r.stands[id]; !met && r.first && planned.place == there {
			at, met = planned, true
		}
		if met {
			stands[id] = at
		}
		return met
	})
	slices.Sort(ids)
	ids = slices.Compact(ids)
	standings, err := r.Ledger.Standing(context.WithoutCancel(ctx), ids)
	for i, s := range standings {
		at := located{s.place(), s.Marketo}
		stands[ids[i]], unknown[ids[i]] = at, s.Link == 0
		if r.first && at.place == there {
			if r.arrived == nil {
				r.arrived = map[record.ID]located{}
			}
			r.arrived[own(ids[i])] = at
		}
	}
	return stands, unknown, err
}

// arrive remembers of what others name that it is there, in a first sync, as far as there is room: nearly all of them name some of it, and need
// not look it up.
func (r *run) arrive(rows []Row, answers []Answer) {
	if !r.first || len(rows) == 0 || len(r.arrived)+len(rows) > locatedAtMost || rows[0].Object.IsPerson() || rows[0].Action == Delete {
		return
	}
	sources := make(map[int64]record.ID, len(rows))
	for i := range rows {
		sources[rows[i].ID] = rows[i].Source
	}
	if r.arrived == nil {
		r.arrived = map[record.ID]located{}
	}
	for i := range answers {
		if a := &answers[i]; a.Outcome == Accepted {
			r.arrived[sources[a.Row]] = located{there, a.Target}
		}
	}
}

// reference is what a field that is to be written names, by its Salesforce id; empty when it names nothing, or is resolved already.
func reference(object schema.Object, c *Change) (needed bool, id record.ID) {
	if len(c.Value.Text()) != 18 {
		return false, ""
	}
	i := object.Index(c.Field)
	if i < 0 || object.Fields[i].To == "" {
		return false, ""
	}
	return object.Fields[i].Needed, record.ID(c.Value.Text())
}

// soon is how long a row waits at first for another that is on its way: about as long as a call takes.
const soon = 250 * time.Millisecond

// refer makes a row ready to be sent, or gives the answer that it gets instead.
func (r *run) refer(row Row, stands map[record.ID]located, unknown map[record.ID]bool) (Row, *Answer) {
	object := r.objectOfRow(row)
	if !row.empty() && !slices.ContainsFunc(row.Fields, func(c Change) bool { _, id := reference(object, &c); return id != "" }) {
		return row, nil
	}
	fields, copied := row.Fields, false
	own := func() {
		if !copied {
			fields, copied = slices.Clone(row.Fields), true
		}
	}
	var lost []record.ID
	for i, c := range row.Fields {
		needed, id := reference(object, &c)
		at := stands[id]
		switch {
		case id == "":
		case at.place == coming:
			return row, &Answer{
				Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Postponed, Cycle: r.n, At: r.Now(), Cause: row.Cause,
				Next: r.Now().Add(soon << min(row.Tries, 8)),
			}
		case at.place == there && at.id != "" && object.Fields[object.Index(c.Field)].To.IsPerson(): // Marketo wants the id of a person
			own()
			fields[i-len(lost)].Value = record.Of(string(at.id))
		case at.place == there:
		case row.Object == record.Person && unknown[id]: // nobody may see the account: Marketo says so
		case needed:
			return row, &Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Void, Cycle: r.n, At: r.Now(), Recheck: true}
		default:
			own()
			fields = slices.Delete(fields, i-len(lost), i-len(lost)+1)
			lost = append(lost, id)
		}
	}
	row.Fields = fields
	if row.empty() {
		a := r.void(row)
		a.Follow = lost
		return row, &a
	}
	if len(lost) > 0 {
		r.lost[row.ID] = lost
	}
	return row, nil
}

// The codes of refusals that speak of another record than the one that was written (Marketo REST API, Error Codes).
const (
	noSuchLead   = "1004"
	noSuchRecord = "1013"
	stillUsed    = "1022"
)

// usedTries is how often the removal of a company is tried that still has people; they may be on their way to another one.
const usedTries = 3

// denied makes refusals of the rows of an object that may not be written at all, for lack of a permission or a feature: a person has to
// see to it, and everything else goes on.
func (r *run) denied(rows []Row, answers []Answer, err error) ([]Answer, error) {
	var refused *marketo.Error
	if len(rows) == 0 || rows[0].Object.IsPerson() || !errors.As(err, &refused) || refused.Class() != pace.Permission && refused.Class() != pace.Config {
		return answers, err
	}
	byID := make(map[int64]Row, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	for i, a := range answers {
		if row, ok := byID[a.Row]; ok && a.Outcome == Postponed {
			answers[i] = r.refusal(row, refused)
		}
	}
	return answers, nil
}

// refusedTwin turns the refusal of a record that Marketo is only given into an answer.
func (r *run) refusedTwin(row Row, failure pace.Failure) Answer {
	a := r.refusal(row, failure)
	switch code := failure.Code(); {
	case row.Action == Delete && code == stillUsed && row.Object == record.Company && row.Tries >= usedTries:
		// Its people stay in Marketo after their records in Salesforce went, and with them their company.
		return Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Void, Cycle: r.n, At: r.Now(), Events: []Event{
			{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "unlinked", Field: NoField, Detail: "people in Marketo still belong to it"},
		}}
	case row.Action == Delete && code == stillUsed && row.Tries <= usedTries:
		return Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Postponed, Cycle: r.n, At: r.Now(), Cause: code, Next: r.Now().Add(r.Policy.Interval)}
	case row.Action != Delete && (code == noSuchLead || code == noSuchRecord):
		// What it names was there by all we know, and was taken away in Marketo.
		a.Outcome, a.Recheck, a.Next = Refused, false, r.Now()
		a.Events = []Event{{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "failed", Field: NoField, Detail: code}}
	}
	return a
}
