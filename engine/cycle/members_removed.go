package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
)

// removals finds those members whom somebody took out of the campaign or the program. A member also goes with its person or its
// campaign; then the other side keeps its member, so both are looked for before anything is taken out there.
func (r *run) removals(ctx context.Context, all []*membership) (map[*membership]bool, error) {
	var inSalesforce, inMarketo []*membership
	for _, m := range all {
		switch {
		case m.known.Link.ID == 0 || m.known.Link.State == Ended || !m.person.Paired():
		case m.goneSF && !m.goneMK && m.known.Link.Salesforce != "":
			inSalesforce = append(inSalesforce, m)
		case m.goneMK && !m.goneSF && m.known.Link.State == Linked && r.agreed(m.known):
			inMarketo = append(inMarketo, m)
		}
	}
	removed := map[*membership]bool{}
	if err := r.leftCampaign(ctx, inSalesforce, removed); err != nil {
		return nil, err
	}
	return removed, r.leftProgram(ctx, inMarketo, removed)
}

func (r *run) leftCampaign(ctx context.Context, gone []*membership, removed map[*membership]bool) error {
	wanted := map[record.Object][]record.ID{}
	for _, m := range gone {
		person := m.person.Link.Salesforce
		wanted[objectOf(person)] = append(wanted[objectOf(person)], person)
		wanted[record.Campaign] = append(wanted[record.Campaign], m.pair.Campaign)
	}
	there := map[record.ID]bool{}
	for _, object := range []record.Object{record.Lead, record.Contact, record.Campaign} {
		ids := wanted[object]
		slices.Sort(ids)
		found, err := r.Salesforce.Get(ctx, record.Reread, object, slices.Compact(ids), nil, "")
		if err != nil {
			return err
		}
		for _, rec := range found {
			there[rec.ID] = !rec.Deleted
		}
	}
	for _, m := range gone {
		removed[m] = there[m.person.Link.Salesforce] && there[m.pair.Campaign]
	}
	return nil
}

func (r *run) leftProgram(ctx context.Context, gone []*membership, removed map[*membership]bool) error {
	for some := range slices.Chunk(gone, marketo.MaxBatch) {
		ids := make([]record.ID, len(some))
		for i, m := range some {
			ids[i] = m.person.Link.Marketo
		}
		slices.Sort(ids)
		found, err := r.Marketo.People(ctx, record.Reread, slices.Compact(ids), nil, "")
		if err != nil {
			return err
		}
		there := map[record.ID]bool{}
		for _, rec := range found {
			there[rec.ID] = true
		}
		for _, m := range some {
			removed[m] = there[m.person.Link.Marketo]
		}
	}
	return nil
}

// memberRemoved takes a member out on the other side too, unless that side changed it meanwhile and its word counts: then it is put
// back where it was taken out. Either way what lost is told.
func (r *run) memberRemoved(m *membership) *sheet {
	from := record.Salesforce
	if m.goneMK {
		from = record.Marketo
	}
	to := from.Other()
	s := r.newSheet(m.known, m.sf, m.mk)
	s.object = memberMapping
	told := s.told(to, 0)
	if told.Known && told.Changed && !r.winsOver(from, to) {
		if from == record.Salesforce {
			s.step.Link.Salesforce, s.step.Link.State, s.step.PutLink = "", Creating, true
		}
		s.write(memberMapping.Fields[memberStatus], plan.Cell{}, plan.Outcome{Do: plan.Write, To: from, Value: told.Value, At: told.At})
		s.row(from).Fields[0].Lost = &record.Value{} // nobody was a member there
		return s
	}
	row := s.row(to)
	if row.Action = Delete; told.Known && told.Changed {
		row.Fields = []Change{m.takenAway(told.Value)}
	}
	s.step.Link.State, s.step.PutLink = Ended, true
	s.dropHolds()
	s.unfollow()
	s.event(Event{Side: from, Kind: "deleted", Field: NoField, Detail: "removed"})
	return s
}

// winsOver reports whether the removal on one side counts more than a change on the other.
func (r *run) winsOver(removed, changed record.Side) bool {
	switch r.rules(record.CampaignMember).Conflict {
	case plan.SalesforceWins:
		return removed == record.Salesforce
	case plan.MarketoWins:
		return removed == record.Marketo
	}
	return false // of two newest, or two to be decided upon, the one that loses less
}

// afterRemoval looks at a member that stands on a side although it was taken out on the other: read again before the removal has
// arrived here, changed at the same time, or put in anew. decided is false when it is a member again.
func (r *run) afterRemoval(m *membership) (_ *sheet, decided bool) {
	k := m.known
	switch {
	case k.Link.ID == 0 || k.Link.State != Ended:
		return nil, false
	case m.sf == nil && m.mk == nil: // the log tells of the removal once more
		return nil, true
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		rec, row := m.on(side), k.Out[side]
		if rec == nil || row == nil || row.Action != Delete || rec.ID != row.Target || m.on(side.Other()) != nil { // with both, it was put in anew
			continue
		}
		status := rec.Values[memberStatus]
		moved := !k.Baseline.Same(memberStatus, status)
		if moved && !r.winsOver(side.Other(), side) {
			continue
		}
		s := r.newSheet(k, nil, nil)
		s.keepRows()
		if s.out[side].Fields = nil; moved {
			s.out[side].Fields = []Change{m.takenAway(status)}
		}
		return s, true
	}
	return nil, false
}

// takenAway is the status that goes with a member who is taken out.
func (m *membership) takenAway(status record.Value) Change {
	return Change{Field: memberStatus, Prior: m.known.Baseline.Prints(memberStatus, status), Lost: &status}
}

func (m *membership) on(side record.Side) *record.Record {
	if side == record.Salesforce {
		return m.sf
	}
	return m.mk
}

// membersAmong reads which of some people are in a program, by their keys; ok is false where the program is no more.
func (r *run) membersAmong(ctx context.Context, purpose record.Purpose, pair member.Pair, people []record.ID) (found map[record.ID]*record.Record, ok bool, err error) {
	found = map[record.ID]*record.Record{}
	for some := range slices.Chunk(people, marketo.MaxBatch) {
		members, err := r.Marketo.MembersAmong(ctx, purpose, pair.Program, some)
		if programGone(err) {
			r.Log.Warn("a linked program is no more", "program", pair.Program)
			return nil, false, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("read the members of program %d: %w", pair.Program, err)
		}
		for _, m := range members {
			key := member.Key(pair.Program, m.Person)
			rec := programMember(key, m.Status)
			rec.Modified = m.Updated
			found[key] = rec
		}
	}
	return found, true, nil
}

// programGone reports that Marketo has no such program (Marketo REST API, 1013).
func programGone(err error) bool {
	var refused *marketo.Error
	return errors.As(err, &refused) && refused.Code() == "1013"
}
