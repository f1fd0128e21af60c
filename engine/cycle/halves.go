package cycle

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// join makes one link of two halves, both read now.
func (r *run) join(a arrival, partner Known, sf, mk *record.Record) *sheet {
	k := a.known
	switch {
	case k.Link.ID == 0 && partner.Link.ID != 0:
		k = partner
	case k.Link.ID == 0:
		k = Known{Baseline: k.Baseline}
	}
	ended := k.Link.State == Ended || partner.Link.State == Ended
	k.Link = Link{ID: k.Link.ID, Object: sf.Object, Salesforce: sf.ID, Marketo: mk.ID, State: Linked}
	if k.Link.ID != 0 { // what its link agreed upon with another record says nothing about this one
		k.Baseline = twins{k.Baseline, nil}
	}
	s := r.newSheet(k, sf, mk)
	s.undated = map[record.Side]bool{
		record.Salesforce: r.wasPair(a.known, record.Salesforce, sf.ID) || r.wasPair(partner, record.Salesforce, sf.ID),
		record.Marketo:    r.wasPair(a.known, record.Marketo, mk.ID) || r.wasPair(partner, record.Marketo, mk.ID),
	}
	s.step.PutLink, s.step.Unlearn = true, k.Link.ID != 0
	if a.known.Link.ID != 0 && partner.Link.ID != 0 && partner.Link.ID != a.known.Link.ID {
		s.step.Absorb = partner.Link.ID
	}
	s.address(record.Salesforce, sf.Email)
	s.address(record.Marketo, mk.Email)
	for _, h := range append(a.known.Holds, partner.Holds...) {
		s.step.Release = append(s.step.Release, h.ID)
	}
	s.event(Event{Side: record.Marketo, Kind: "linked", Field: NoField})
	s.known.Holds = nil
	if s.plan(); ended {
		s.unmark(record.Salesforce, record.Marketo)
	}
	if a.known.Link.ID != 0 || partner.Link.ID != 0 { // the person may have been ticked as kept out with a pair of before
		s.unticks()
	}
	return s
}

// wasPair reports that a record was half of a pair before, and was written to.
func (r *run) wasPair(k Known, side record.Side, id record.ID) bool {
	return k.Link.ID != 0 && k.Link.On(side) == id && r.compared(k)
}

// spokenFor reports that a link has both halves, or that its person is about to become another one in Marketo.
func (k Known) spokenFor() bool {
	row := k.Out[record.Marketo]
	return k.Link.ID != 0 && (k.Link.State.paired() || row != nil && row.Action == Merge)
}

// compared reports that a link's halves, or those that it had, ever agreed upon anything.
func (r *run) compared(k Known) bool {
	object := k.Link.Object
	if object == record.Person {
		object = record.Lead
	}
	return k.Baseline != nil && slices.ContainsFunc(r.object(object).Fields, func(f schema.Field) bool { return k.Baseline.Has(f.Number) })
}

func refs(records []record.Record) []record.Ref {
	out := make([]record.Ref, len(records))
	for i, rec := range records {
		out[i] = rec.Ref()
	}
	return out
}
