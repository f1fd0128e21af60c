package app

import (
	"maps"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// depart follows records that are no more, and brings back those that are again.
func (m *model) depart() {
	for _, p := range slices.Clone(m.pairs) {
		switch {
		case p.linked && p.salesforce.gone:
			m.leaves(p)
		case p.linked && p.marketo.gone:
			m.leavesMarketo(p)
		case !p.linked && p.salesforce != nil && !p.salesforce.gone && p.salesforce.binned:
			m.returns(p)
		}
		if !p.linked && p.marketo != nil && p.marketo.gone && p.marketo.lives() != nil {
			m.follows(p)
		}
		if !p.linked && p.marketo == nil && p.salesforce != nil && p.salesforce.gone && p.salesforce.lives() != nil {
			m.livesOn(p)
		}
	}
	for _, r := range m.records {
		back := r.binned && !r.gone
		if r.binned, r.alone = r.gone, r.alone && !r.gone; back && !slices.ContainsFunc(m.pairs, func(p *modelPair) bool { return p.salesforce == r }) {
			r.parted = false // another record has taken its place
		}
	}
}

// leaves follows a record of Salesforce to what it became. Where two people became one, their people in Marketo are still two.
func (m *model) leaves(p *modelPair) {
	left, to := p.salesforce, p.salesforce.lives()
	switch holder := m.pairOf(to); {
	case to == nil && left.became == nil:
		p.linked, p.marketo.parted, left.parted, p.held, p.left = false, true, true, nil, nil
		m.passOn(p, p.marketo)
	case to == nil:
		p.linked, p.marketo.parted, p.held, p.left = false, true, nil, nil
		m.passOn(p, p.marketo)
	case holder == nil:
		m.moved(p, &p.salesforce, to)
	case m.settings.mergeInMarketo:
		for name, hold := range p.held { // what waits comes to the other person by the merge, and may be written over by then
			p.contests(name, hold.salesforce, hold.marketo)
		}
		p.linked, p.salesforce, p.held, p.left = false, nil, nil, nil
		m.mergePeople(holder.marketo, p.marketo)
	default:
		p.linked, p.salesforce, p.marketo.parted, p.held, p.left, p.double, p.same = false, nil, true, nil, nil, true, holder
	}
}

// leavesMarketo does the same in Marketo. The record of who lost to somebody who is linked already stays, linked with nobody.
func (m *model) leavesMarketo(p *modelPair) {
	left, to := p.marketo, p.marketo.lives()
	switch holder := m.pairOf(to); {
	case to != nil && holder == nil:
		m.moved(p, &p.marketo, to)
		return
	case to == nil && left.became == nil:
		m.passOn(p, p.salesforce)
	}
	p.linked, p.marketo, p.held, p.left, p.salesforce.parted = false, nil, nil, nil, true
}

// moved gives a pair the record that its own became. A field that the other record was not given is blank because nobody carried it over: it
// is filled, and nobody cleared it.
func (m *model) moved(p *modelPair, half **modelRecord, to *modelRecord) {
	*half, p.stood, p.held, p.loose = to, p.held, map[string]modelHold{}, true
	to.parted, to.marked, to.alone, to.paired = false, false, false, true
	m.carry(p.salesforce, p.marketo)
	for _, f := range m.fields {
		if to.values[f.person] == "" || f.oneWay {
			delete(p.agreed, f.person)
			delete(p.left, f.person)
		}
	}
	for _, other := range slices.Clone(m.pairs) {
		if other != p && !other.linked && (other.salesforce == to || other.marketo == to) {
			p.absorb(other)
			m.pairs = slices.DeleteFunc(m.pairs, func(q *modelPair) bool { return q == other })
		}
	}
}

// follows hands the story of a person whose record is gone to who it became in Marketo.
func (m *model) follows(p *modelPair) {
	to := p.marketo.lives()
	holder := m.pairOf(to)
	if holder == nil {
		p.marketo, p.double, to.parted = to, false, true // it settles itself
		return
	}
	holder.absorb(p)
	m.pairs = slices.DeleteFunc(m.pairs, func(q *modelPair) bool { return q == p })
}

// livesOn hands the story of a record whose person is gone to what it became in Salesforce.
func (m *model) livesOn(p *modelPair) {
	p.salesforce = p.salesforce.lives()
	if holder := m.pairOf(p.salesforce); holder != nil {
		holder.absorb(p)
		m.pairs = slices.DeleteFunc(m.pairs, func(q *modelPair) bool { return q == p })
	}
}

// absorb takes over the story of what turned out to be the same person.
func (p *modelPair) absorb(other *modelPair) {
	p.lost, p.contested = append(p.lost, other.lost...), append(p.contested, other.contested...)
}

// mergePeople merges two people in Marketo: who wins takes over what it has blank.
func (m *model) mergePeople(winner, loser *modelRecord) {
	for name, text := range loser.values {
		if winner.values[name] == "" {
			winner.values[name], winner.edited[name] = text, m.now
		}
	}
	loser.gone, loser.became = true, winner
}

// passOn does to the other half what the workspace wants of a deletion.
func (m *model) passOn(p *modelPair, other *modelRecord) {
	switch {
	case p.frozen, other == nil || other.gone || m.settings.deletes == "unlink":
	case m.settings.deletes == "delete" && other.object != record.Contact:
		m.doomed = append(m.doomed, other)
	default:
		other.marked = true
	}
}

// remove deletes those whose twin was deleted, unless somebody with their address was entered meanwhile: that is the same person again.
func (m *model) remove() {
	for _, r := range m.doomed {
		r.gone = m.pairOf(r) == nil
	}
	m.doomed = nil
}

// returns takes a pair up again whose record is back from the bin. A person who is gone by now is made anew.
func (m *model) returns(p *modelPair) {
	switch back := p.marketo; {
	case back == nil || back.gone:
		p.marketo, p.salesforce.parted, p.salesforce.marked = nil, false, false
	case m.pairOf(back) == nil:
		p.loose = true
		p.linked, p.salesforce.parted, back.parted, back.marked, p.held, p.left = true, false, false, false, map[string]modelHold{}, map[string]modelHold{}
	}
}

// meet links those who are the same person for certain, makes who is on one side only, and has everybody else wait. The id that a record carries
// goes before its address.
func (m *model) meet() {
	m.waiting = map[*modelRecord]bool{}
	for _, r := range m.records {
		if !r.gone && r.object != record.Person && m.passes(r) && m.pairOf(r) == nil && r.carries != nil && !r.carries.gone && m.pairOf(r.carries) == nil {
			m.link(r, r.carries)
		}
	}
	type crowd struct{ leads, contacts, people []*modelRecord }
	crowds := map[string]*crowd{}
	for n, r := range m.records {
		p, addresses := m.pairOf(r), []string{r.email()}
		switch {
		case r.gone, r.object != record.Person && !m.passes(r) && p == nil:
			continue
		case p != nil && p.salesforce.email() != p.marketo.email(): // both halves are going to have one of the two
			addresses = []string{p.salesforce.email(), p.marketo.email()}
		case r.email() == "": // nobody can be the same
			addresses[0] = string(rune(n))
		}
		for _, address := range addresses {
			if crowds[address] == nil {
				crowds[address] = &crowd{}
			}
			c := crowds[address]
			of := map[record.Object]*[]*modelRecord{record.Lead: &c.leads, record.Contact: &c.contacts, record.Person: &c.people}[r.object]
			*of = append(*of, r)
		}
	}
	delete(crowds, "")
	for _, address := range slices.Sorted(maps.Keys(crowds)) {
		c := crowds[address]
		certain := len(c.leads) < 2 && len(c.contacts) < 2 && len(c.people) < 2
		for _, r := range slices.Concat(c.contacts, c.leads) {
			switch {
			case m.pairOf(r) != nil:
			case r.carries != nil && !r.carries.gone,
				!certain, r.object == record.Lead && len(c.contacts) > 0, len(c.people) > 0 && m.pairOf(c.people[0]) != nil:
				m.waiting[r] = !r.parted && !r.alone
			case len(c.people) > 0:
				m.link(r, c.people[0])
			case !r.parted:
				m.link(r, m.make(record.Person))
			}
		}
		if len(c.people) == 1 && len(c.leads)+len(c.contacts) == 0 && m.settings.create && m.pairOf(c.people[0]) == nil && !c.people[0].parted && !m.keptOut(c.people[0]) {
			m.link(m.make(record.Lead), c.people[0])
		}
	}
}

// make is a new record of which nothing is filled.
func (m *model) make(object record.Object) *modelRecord {
	r := &modelRecord{object: object, values: map[string]string{}, edited: map[string]time.Time{}, at: m.now}
	m.records = append(m.records, r)
	return r
}

// link makes a pair of two records. What either was before is its story; what was agreed upon with somebody else says nothing.
func (m *model) link(salesforce, marketo *modelRecord) *modelPair {
	p := &modelPair{salesforce: salesforce, marketo: marketo, linked: true, agreed: map[string]string{}, held: map[string]modelHold{}, left: map[string]modelHold{}}
	m.pairs = slices.DeleteFunc(m.pairs, func(old *modelPair) bool {
		same := !old.linked && (old.salesforce == salesforce || old.marketo == marketo)
		if same {
			p.absorb(old)
		}
		return same
	})
	for _, r := range []*modelRecord{salesforce, marketo} {
		p.undated, r.paired = p.undated || r.paired, true
		r.parted, r.marked, r.alone = false, false, false
	}
	m.carry(salesforce, marketo)
	m.pairs = append(m.pairs, p)
	return p
}

// carry has a record carry the id of its person, unless one that the filter keeps out has it already: nothing is written to that, and an id is
// one record's.
func (m *model) carry(r, person *modelRecord) {
	r.carries = person
	for _, other := range m.records {
		if other != r && !other.gone && other.object == r.object && other.carries == person && !m.passes(other) {
			r.carries = nil
		}
	}
}
