package cycle

import (
	"context"

	"github.com/doppio-sync/doppio/engine/match"
	"github.com/doppio-sync/doppio/engine/record"
)

// arrival is a record that takes no part yet: never seen, or alone.
type arrival struct {
	record *record.Record
	known  Known
	parted bool // it lost its twin: it is linked with whom its address leads to now, and nobody is made for it
}

// matching decides a set of arrivals of one side.
type matching struct {
	*run
	steps   []Step
	claimed map[record.ID]bool // records of the other side that got a partner in this page
	// pairs wait for their other half to be read.
	pairs []pairing
	// strangers have no match in the ledger; the other side is asked before anything is created.
	strangers []arrival
	// parted are the ids of arrivals that lost their twins.
	parted map[record.ID]bool
	// returned are records that come out of the bin, and whose links had nobody left: the links by the records' ids.
	returned map[record.ID]LinkID
}

// pairing is an arrival and the link that its other half has.
type pairing struct {
	arrival
	partner Known
	id      record.ID // of the other half
}

// matchSalesforce finds the people of Salesforce records that have none yet: by stored ids first, then by address.
func (r *run) matchSalesforce(ctx context.Context, fresh []arrival) ([]Step, error) {
	m, fresh := r.match(fresh)
	var err error
	if m.returned, err = r.returned(ctx, fresh); err != nil {
		return nil, err
	}
	rest, err := m.byStoredID(ctx, record.Marketo, fresh)
	if err != nil {
		return nil, err
	}
	nowhere, err := m.readMarketo(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.byAddress(ctx, append(rest, nowhere...)); err != nil {
		return nil, err
	}
	found, err := m.peopleAt(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.ask(ctx, record.Marketo, found); err != nil {
		return nil, err
	}
	if nowhere, err = m.readMarketo(ctx); err != nil {
		return nil, err
	}
	for _, a := range nowhere {
		m.add(m.creation(a.known, a.record))
	}
	return m.steps, nil
}

// match begins to match arrivals, and makes the twins of those of whom a person decided that they are somebody of their own; rest are the others.
func (r *run) match(fresh []arrival) (m *matching, rest []arrival) {
	m = &matching{run: r, claimed: map[record.ID]bool{}, parted: map[record.ID]bool{}}
	for _, a := range fresh {
		if a.parted {
			m.parted[a.record.ID] = true
		}
		if h, asked := a.known.hold(NoField); asked && h.Cause == Separate {
			m.add(r.creation(a.known, a.record))
		} else {
			rest = append(rest, a)
		}
	}
	return m, rest
}

// add ends a sheet. Who comes out of the bin has the story of before, and no longer the mark.
func (m *matching) add(s *sheet) {
	if to := s.step.Link; to.State != Linked && (m.parted[to.Salesforce] || m.parted[to.Marketo]) {
		return
	}
	if before := m.returned[s.step.Link.Salesforce]; before != 0 && s.step.Absorb == 0 {
		s.step.Absorb = before
		if s.step.Link.State == Creating { // what is made of it brings it along: a row of its own would give way to the new id
			s.unmark(record.Marketo)
		} else {
			s.unmark(record.Salesforce)
		}
	}
	m.steps = appendStep(m.steps, s)
}

// byStoredID takes the arrivals that carry an id of the other side, and gives back the others.
func (m *matching) byStoredID(ctx context.Context, other record.Side, fresh []arrival) ([]arrival, error) {
	var rest, carrying []arrival
	var ids []record.ID
	for _, a := range fresh {
		if a.record.OtherID == "" {
			rest = append(rest, a)
			continue
		}
		carrying, ids = append(carrying, a), append(ids, a.record.OtherID)
	}
	partners, err := m.Ledger.Known(ctx, other, ids)
	if err != nil {
		return nil, err
	}
	for i, a := range carrying {
		switch p := partners[i]; {
		case m.claimed[ids[i]] || p.spokenFor():
			m.add(m.alone(a.known, a.record, &Hold{Cause: "taken", Candidates: []record.Ref{{Object: target(p.Link, other), ID: ids[i]}}}))
		case p.Link.State == Filtered:
			m.keptOut(a)
		default:
			m.claimed[ids[i]] = true
			m.pairs = append(m.pairs, pairing{a, p, ids[i]})
		}
	}
	return rest, nil
}

// byAddress groups the arrivals with everybody known who carries the same address.
func (m *matching) byAddress(ctx context.Context, fresh []arrival) error {
	emails := make([]record.Value, len(fresh))
	inPage := map[record.Value][]arrival{}
	for i, a := range fresh {
		emails[i] = folded(a.record.Email)
		inPage[emails[i]] = append(inPage[emails[i]], a)
	}
	hits, err := m.Ledger.ByEmail(ctx, emails)
	if err != nil {
		return err
	}
	for i, a := range fresh {
		if emails[i].IsBlank() {
			m.strangers = append(m.strangers, a)
			continue
		}
		if group := inPage[emails[i]]; group != nil {
			delete(inPage, emails[i])
			if err := m.decide(ctx, group, hits[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// decide applies the rule of one to one to all arrivals of one address.
func (m *matching) decide(ctx context.Context, group []arrival, hits []Link) error {
	arrivals := map[record.ID]arrival{}
	var sf, mk []record.Ref
	for _, a := range group {
		arrivals[a.record.ID] = a
		if a.record.Object.Side() == record.Salesforce {
			sf = append(sf, a.record.Ref())
		} else {
			mk = append(mk, a.record.Ref())
		}
	}
	links := map[record.ID]Link{}
	for _, l := range hits {
		if l.State == Filtered {
			continue
		}
		salesforce, marketo := l.halves()
		if _, here := arrivals[l.Salesforce]; !here && salesforce {
			sf = append(sf, record.Ref{Object: l.Object, ID: l.Salesforce})
			links[l.Salesforce] = l
		}
		if _, here := arrivals[l.Marketo]; !here && marketo {
			mk = append(mk, record.Ref{Object: record.Person, ID: l.Marketo})
			links[l.Marketo] = l
		}
	}
	decided := map[record.ID]match.Decision{}
	for _, d := range match.Group(sf, mk) {
		decided[d.Record.ID] = d
		if d.Verdict == match.Pair {
			decided[d.Partner.ID] = match.Decision{Record: d.Partner, Verdict: match.Pair, Partner: d.Record}
		}
	}
	for _, l := range hits { // a twin that waits to be made, for one who is no longer the only one
		if _, here := arrivals[l.Salesforce]; l.State == Creating && !here && len(sf) > 1 {
			m.steps = append(m.steps, Step{Link: l, Recheck: true})
		}
	}
	for _, a := range group {
		if err := m.settle(ctx, a, decided[a.record.ID], links); err != nil {
			return err
		}
	}
	return nil
}

// settle carries out one decision.
func (m *matching) settle(ctx context.Context, a arrival, d match.Decision, links map[record.ID]Link) error {
	switch d.Verdict {
	case match.Pair:
		partner, stored := links[d.Partner.ID]
		if !stored { // both halves arrived in this page; the ledger has neither
			m.claimed[d.Partner.ID] = true
			m.pairs = append(m.pairs, pairing{a, Known{}, d.Partner.ID})
			return nil
		}
		if partner.State.paired() || m.claimed[d.Partner.ID] {
			m.add(m.alone(a.known, a.record, &Hold{Cause: "taken", Candidates: []record.Ref{d.Partner}}))
			return nil
		}
		known, err := m.Ledger.KnownLinks(ctx, []LinkID{partner.ID})
		if err != nil {
			return err
		}
		if known[0].spokenFor() {
			m.add(m.alone(a.known, a.record, &Hold{Cause: "taken", Candidates: []record.Ref{d.Partner}}))
			return nil
		}
		m.claimed[d.Partner.ID] = true
		m.pairs = append(m.pairs, pairing{a, known[0], d.Partner.ID})
	case match.New:
		m.strangers = append(m.strangers, a)
	case match.Shadowed:
		m.add(m.alone(a.known, a.record, &Hold{Cause: "contact-has-address", Candidates: d.Candidates}))
	case match.Ambiguous:
		m.add(m.alone(a.known, a.record, &Hold{Cause: "ambiguous", Candidates: d.Candidates}))
	default: // a Marketo person among several of one address: the Salesforce records hold the question
		m.add(m.alone(a.known, a.record, nil))
	}
	return nil
}

// peopleAt reads the Marketo people at the strangers' addresses.
func (m *matching) peopleAt(ctx context.Context) ([]record.Record, error) {
	emails := m.addresses()
	if len(emails) == 0 {
		return nil, nil
	}
	return m.Marketo.PeopleBy(ctx, record.LookUp, "email", emails, m.people, m.Mapping.SalesforceID)
}

// addresses are those of the strangers.
func (m *matching) addresses() []string {
	var emails []string
	for _, a := range m.strangers {
		if !a.record.Email.IsBlank() {
			emails = append(emails, a.record.Email.Text())
		}
	}
	return emails
}

// ask decides the strangers by what was found at their addresses on the other side, before anybody is created: a record can
// be new there since the last page.
func (m *matching) ask(ctx context.Context, other record.Side, found []record.Record) error {
	byEmail, out := map[record.Value][]record.Record{}, map[record.Value]bool{}
	for _, rec := range found {
		switch {
		case rec.Deleted, rec.Converted:
		case !m.passes(&rec):
			out[folded(rec.Email)] = true
		default:
			byEmail[folded(rec.Email)] = append(byEmail[folded(rec.Email)], rec)
		}
	}
	for _, a := range m.strangers {
		there := byEmail[folded(a.record.Email)]
		switch {
		case len(there) == 0 && !out[folded(a.record.Email)]:
			if other == record.Salesforce && !m.Policy.CreateInSalesforce {
				m.add(m.alone(a.known, a.record, nil))
			} else {
				m.add(m.creation(a.known, a.record))
			}
			continue
		case len(there) == 0:
			m.keptOut(a)
			continue
		}
		partner := onlyPartner(a.record, there)
		if partner == nil || m.claimed[partner.ID] {
			m.add(m.alone(a.known, a.record, m.question(other, there)))
			continue
		}
		known, err := m.Ledger.Known(ctx, other, []record.ID{partner.ID})
		if err != nil {
			return err
		}
		if known[0].spokenFor() {
			m.add(m.alone(a.known, a.record, &Hold{Cause: "taken", Candidates: refs(there)}))
			continue
		}
		m.claimed[partner.ID] = true
		if other == record.Marketo {
			m.add(m.join(a, known[0], a.record, partner))
		} else {
			m.add(m.join(a, known[0], partner, a.record))
		}
	}
	return nil
}

// question is what a person is asked about a stranger whom several records there could be. Of people in Marketo it is asked about the records.
func (m *matching) question(there record.Side, candidates []record.Record) *Hold {
	if there == record.Salesforce {
		return nil
	}
	return &Hold{Cause: "ambiguous", Candidates: refs(candidates)}
}

// onlyPartner is the one record of an address that a stranger makes a pair with, nil when that is not certain.
func onlyPartner(stranger *record.Record, there []record.Record) *record.Record {
	sf, mk := []record.Ref{stranger.Ref()}, refs(there)
	if stranger.Object.Side() == record.Marketo {
		sf, mk = mk, sf
	}
	for _, d := range match.Group(sf, mk) {
		if d.Verdict != match.Pair {
			continue
		}
		for i := range there {
			if there[i].ID == d.Record.ID || there[i].ID == d.Partner.ID {
				return &there[i]
			}
		}
	}
	return nil
}

// readMarketo reads the other halves of the pairs and plans them. Of nowhere the stored id or the address leads to nobody any more: as if
// it had not been there.
func (m *matching) readMarketo(ctx context.Context) (nowhere []arrival, err error) {
	ids := make([]record.ID, len(m.pairs))
	for i, p := range m.pairs {
		ids[i] = p.id
	}
	people, err := m.readPeople(ctx, record.LookUp, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range m.pairs {
		if person, ok := people[p.id]; ok {
			m.add(m.join(p.arrival, p.partner, p.record, &person))
			continue
		}
		rec := *p.record
		rec.OtherID = ""
		nowhere = append(nowhere, arrival{record: &rec, known: p.known})
	}
	m.pairs = nil
	return nowhere, nil
}
