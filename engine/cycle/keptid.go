package cycle

import (
	"context"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// CarriedID is the field of a hold that remembers that a record of Salesforce cannot be given its person's id. It is no mapped field.
const CarriedID = 0xFFFC

// KeptID is the cause of such a hold: a record that Doppio may not write to keeps the id, which is unique. That is a lead that was converted, which
// nobody may edit, or a record that the sync filter keeps out, and that was paired with the person before.
const KeptID = "kept-id"

// keptID is a row of which Salesforce refused the id alone.
type keptID struct {
	row     Row
	refusal *salesforce.Error
	holder  record.ID // who has it; "" where the sync user may not see
}

// refusedID tells whether a row was refused for nothing but the id that it carries.
func (r *run) refusedID(row Row, refusal *salesforce.Error) (keptID, bool) {
	if refusal == nil || row.Carry == "" || row.Target == "" || r.Mapping.MarketoID == "" || len(refusal.More) > 0 {
		return keptID{}, false
	}
	holder, taken := refusal.Taken(r.Mapping.MarketoID)
	return keptID{row, refusal, holder}, taken
}

// withoutIDs answers for rows of which the id was refused: their values go without it. A record that is kept from having it by one that Doppio
// may not write to does without, and that is remembered; where anybody else has the id, somebody can see to it, and it is a failure of its own.
func (r *run) withoutIDs(ctx context.Context, kept []keptID) ([]Answer, error) {
	if len(kept) == 0 {
		return nil, nil
	}
	rows := make([]Row, len(kept))
	for i, k := range kept {
		rows[i] = k.row
	}
	untouched, err := r.untouched(context.WithoutCancel(ctx), kept)
	if err != nil {
		return r.undone(rows), err
	}
	answers := make([]Answer, len(kept))
	for i, k := range kept {
		if !untouched[k.holder] && len(k.row.Fields) == 0 {
			answers[i] = r.refusal(k.row, k.refusal)
			continue
		}
		a := r.void(k.row)
		if rest := k.row; len(rest.Fields)+len(rest.Refused) > 0 {
			rest.ID, rest.Carry, rest.Tries, rest.Cause = 0, "", 0, ""
			a.Then = []Row{rest}
		}
		if untouched[k.holder] {
			a.Holds = []Hold{{
				Link: k.row.Link, Field: CarriedID, Cause: KeptID, Skipped: true, Since: r.Now(), Salesforce: record.Of(string(k.row.Target)), Marketo: record.Of(string(k.row.Carry)),
			}}
		}
		answers[i] = a
	}
	return answers, nil
}

// untouched are those who have the ids and to whom nobody writes.
func (r *run) untouched(ctx context.Context, kept []keptID) (map[record.ID]bool, error) {
	var holders, leads []record.ID
	for _, k := range kept {
		if k.holder == "" {
			continue
		}
		if holders = append(holders, k.holder); objectOf(k.holder) == record.Lead {
			leads = append(leads, k.holder)
		}
	}
	untouched := map[record.ID]bool{}
	known, err := r.Ledger.Known(ctx, record.Salesforce, holders)
	if err != nil {
		return nil, err
	}
	for i, k := range known {
		untouched[holders[i]] = k.Link.State == Filtered
	}
	if len(leads) == 0 {
		return untouched, nil
	}
	found, err := r.Salesforce.Fates(ctx, record.LookUp, record.Lead, leads)
	for _, rec := range found {
		untouched[rec.ID] = untouched[rec.ID] || rec.Converted
	}
	return untouched, err
}

// lacks tells whether a record of Salesforce is known to do without its person's id. What was known of another pair of ids is forgotten.
func (s *sheet) lacks(id record.ID) bool {
	h, held := s.hold(CarriedID)
	if held && (h.Salesforce.Text() != string(s.step.Link.Salesforce) || h.Marketo.Text() != string(id)) {
		s.step.Release = append(s.step.Release, h.ID)
		return false
	}
	return held
}
