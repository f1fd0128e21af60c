package app

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// The model is the sync as the promises and the user guide tell it, without feeds, pages, rows, answers or faults: two sets of records, who
// belongs to whom, and what both sides last agreed upon. It looks at both sides, and says how everything stands once all is quiet. It knows
// nothing of the engine, and takes none of its code.

// modelField is a field that the model follows, under its names on both sides. An object that lacks it has no name for it.
type modelField struct {
	lead, contact, person string
	oneWay                bool   // Salesforce is its master
	neverBlank            bool   // cleared, it gets its value back
	policy                string // goes before what the workspace says of the object; "" says nothing
}

// on is the field's name in an object, "" where there is none.
func (f *modelField) on(object record.Object) string {
	return map[record.Object]string{record.Lead: f.lead, record.Contact: f.contact, record.Person: f.person}[object]
}

// modelRecord is a record as its side has it now.
type modelRecord struct {
	id     string // "" until it was looked up: the engine made it
	object record.Object
	values map[string]string    // by the fields' names in Marketo; a blank one is not there
	at     time.Time            // when anything of it was last edited
	edited map[string]time.Time // when a field of it was
	gone   bool
	became *modelRecord // what it was converted or merged into
	marked bool         // it says that its twin is gone
	parted bool         // it had a twin once, and none is made for it again
	binned bool         // it was seen to be gone
}

func (r *modelRecord) email() string { return strings.ToLower(r.values["email"]) }

// lives is the record that a record became in the end, nil when that is gone.
func (r *modelRecord) lives() *modelRecord {
	for r.gone && r.became != nil {
		r = r.became
	}
	if r.gone {
		return nil
	}
	return r
}

// modelPair is one person: a record on each side while it is linked, and what is known of it.
type modelPair struct {
	salesforce, marketo *modelRecord // nil: there is none any more
	linked              bool
	agreed              map[string]string    // what both sides last agreed upon; a field without an entry was never agreed upon
	held                map[string]modelHold // fields that wait for a person
	stood               map[string]modelHold // what was held before a half became another record
	double              bool                 // it waits for a person to say whether two people are one
	lost                []modelLoss
	contested           []modelLoss // of fields that were held and then edited: what a cycle saw of one side first may be told of as overwritten
}

// modelHold is a field that both sides changed, and what they say.
type modelHold struct {
	salesforce, marketo string
	since               time.Time
}

// modelLoss is a value that somebody entered and that was overwritten.
type modelLoss struct {
	side         record.Side
	field, value string
}

// modelSettings are the workspace's.
type modelSettings struct {
	lead, contact  string // who wins
	create         bool   // in Salesforce
	deletes        string
	mergeInMarketo bool
}

// model is both sides and what is remembered of them.
type model struct {
	fields   []*modelField
	settings modelSettings
	records  []*modelRecord
	pairs    []*modelPair
	waiting  map[*modelRecord]bool // who waits for a person to say who it is
	doomed   []*modelRecord        // their twin was deleted, and they are to be deleted too
	now      time.Time
	troubled bool // a cycle went wrong: the history may tell of what was nearly overwritten too
}

// interval is the time between two cycles: what is closer together than that, nobody can order.
const modelInterval = betweenCycles

// pairOf is the pair that a record is half of.
func (m *model) pairOf(r *modelRecord) *modelPair {
	for _, p := range m.pairs {
		if p.linked && (p.salesforce == r || p.marketo == r) {
			return p
		}
	}
	return nil
}

// settle lets everything come to rest that can without a person.
func (m *model) settle(now time.Time) {
	m.now = now
	for range 3 { // what was merged or found may move a value once more
		m.depart()
		m.meet()
		m.remove()
		for _, p := range m.pairs {
			if p.linked {
				m.plan(p)
			}
		}
	}
}

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
	}
	for _, r := range m.records {
		back := r.binned && !r.gone
		if r.binned = r.gone; back && !slices.ContainsFunc(m.pairs, func(p *modelPair) bool { return p.salesforce == r }) {
			r.parted = false // another record has taken its place
		}
	}
}

// leaves follows a record of Salesforce to what it became. Where two people became one, their people in Marketo are still two.
func (m *model) leaves(p *modelPair) {
	left, to := p.salesforce, p.salesforce.lives()
	switch holder := m.pairOf(to); {
	case to == nil && left.became == nil:
		p.linked, p.marketo.parted, left.parted, p.held = false, true, true, nil
		m.passOn(p.marketo)
	case to == nil:
		p.linked, p.marketo.parted, p.held = false, true, nil
		m.passOn(p.marketo)
	case holder == nil:
		m.moved(p, &p.salesforce, to)
	case m.settings.mergeInMarketo:
		p.linked, p.salesforce, p.held = false, nil, nil
		m.mergePeople(holder.marketo, p.marketo)
	default:
		p.linked, p.salesforce, p.marketo.parted, p.held, p.double = false, nil, true, nil, true
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
		m.passOn(p.salesforce)
	}
	p.linked, p.marketo, p.held, p.salesforce.parted = false, nil, nil, true
}

// moved gives a pair the record that its own became. A field that the other record was not given is blank because nobody carried it over: it
// is filled, and nobody cleared it.
func (m *model) moved(p *modelPair, half **modelRecord, to *modelRecord) {
	*half, p.stood, p.held = to, p.held, map[string]modelHold{}
	for _, f := range m.fields {
		if to.values[f.person] == "" || f.oneWay {
			delete(p.agreed, f.person)
		}
	}
	to.parted = false
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
		p.marketo, to.parted = to, true
		return
	}
	holder.absorb(p)
	m.pairs = slices.DeleteFunc(m.pairs, func(q *modelPair) bool { return q == p })
}

// absorb takes over the story of what turned out to be the same person.
func (p *modelPair) absorb(other *modelPair) {
	p.lost, p.contested = append(p.lost, other.lost...), append(p.contested, other.contested...)
}

// mergePeople merges two people in Marketo: who wins takes over what it has blank.
func (m *model) mergePeople(winner, loser *modelRecord) {
	for name, text := range loser.values {
		if winner.values[name] == "" {
			winner.values[name] = text
		}
	}
	loser.gone, loser.became = true, winner
}

// passOn does to the other half what the workspace wants of a deletion.
func (m *model) passOn(other *modelRecord) {
	switch {
	case other == nil || other.gone || m.settings.deletes == "unlink":
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
		p.marketo, p.salesforce.parted = nil, false
	case m.pairOf(back) == nil:
		p.linked, p.salesforce.parted, back.parted, back.marked, p.held = true, false, false, false, map[string]modelHold{}
	}
}

// meet links those who are the same person for certain, makes who is on one side only, and has everybody else wait.
func (m *model) meet() {
	m.waiting = map[*modelRecord]bool{}
	type crowd struct{ leads, contacts, people []*modelRecord }
	crowds := map[string]*crowd{}
	for n, r := range m.records {
		address := r.email()
		switch {
		case r.gone:
			continue
		case address == "": // nobody can be the same
			address = string(rune(n))
		}
		if crowds[address] == nil {
			crowds[address] = &crowd{}
		}
		c := crowds[address]
		of := map[record.Object]*[]*modelRecord{record.Lead: &c.leads, record.Contact: &c.contacts, record.Person: &c.people}[r.object]
		*of = append(*of, r)
	}
	for _, address := range slices.Sorted(maps.Keys(crowds)) {
		c := crowds[address]
		certain := len(c.leads) < 2 && len(c.contacts) < 2 && len(c.people) < 2
		for _, r := range slices.Concat(c.contacts, c.leads) {
			switch {
			case m.pairOf(r) != nil:
			case !certain, r.object == record.Lead && len(c.contacts) > 0, len(c.people) > 0 && m.pairOf(c.people[0]) != nil:
				m.waiting[r] = !r.parted
			case len(c.people) > 0:
				m.link(r, c.people[0])
			case !r.parted:
				m.link(r, m.make(record.Person))
			}
		}
		if len(c.people) == 1 && len(c.leads)+len(c.contacts) == 0 && m.settings.create && m.pairOf(c.people[0]) == nil && !c.people[0].parted {
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
func (m *model) link(salesforce, marketo *modelRecord) {
	p := &modelPair{salesforce: salesforce, marketo: marketo, linked: true, agreed: map[string]string{}, held: map[string]modelHold{}}
	m.pairs = slices.DeleteFunc(m.pairs, func(old *modelPair) bool {
		same := !old.linked && (old.salesforce == salesforce || old.marketo == marketo)
		if same {
			p.absorb(old)
		}
		return same
	})
	for _, r := range []*modelRecord{salesforce, marketo} {
		r.parted, r.marked = false, false
	}
	m.pairs = append(m.pairs, p)
}

// plan decides each field of a pair.
func (m *model) plan(p *modelPair) {
	for _, f := range m.fields {
		if f.on(p.salesforce.object) == "" {
			continue
		}
		m.decide(p, f)
	}
	p.stood = nil
}

func (m *model) decide(p *modelPair, f *modelField) {
	name := f.person
	s, k := p.salesforce.values[name], p.marketo.values[name]
	agreed, ever := p.agreed[name]
	hold, held := p.held[name]
	if held && hold.salesforce == s && hold.marketo == k {
		return
	}
	if held {
		delete(p.held, name)
		for _, v := range []string{hold.salesforce, hold.marketo, s, k} {
			p.contested = append(p.contested, modelLoss{record.Salesforce, name, v}, modelLoss{record.Marketo, name, v})
		}
	}
	if !held {
		hold, held = p.stood[name]
	}
	movedS, movedK := !ever || s != agreed, !ever || k != agreed
	switch {
	case s == k:
		p.agreed[name] = s
	case !ever && k == "", !movedK && !(f.neverBlank && s == ""), f.neverBlank && k == "":
		m.write(p, record.Marketo, f, ever && movedK)
	case f.oneWay && !ever && s == "": // a blank never overwrites, and what Marketo has may not travel
	case f.oneWay:
		m.write(p, record.Marketo, f, movedK)
	case !ever && s == "", !movedS, f.neverBlank && s == "":
		m.write(p, record.Salesforce, f, ever && movedS)
	default:
		m.contest(p, f, ever, hold, held)
	}
}

// contest lets the policy decide between two values that both are somebody's.
func (m *model) contest(p *modelPair, f *modelField, ever bool, hold modelHold, held bool) {
	name := f.person
	policy := f.policy
	if policy == "" && !ever {
		policy = "salesforce"
	}
	if policy == "" {
		policy = map[record.Object]string{record.Lead: m.settings.lead, record.Contact: m.settings.contact}[p.salesforce.object]
	}
	if policy == "newest" {
		s, k := p.salesforce.at, p.marketo.at // of who was never read before a side only says when anything of it was edited
		if at := p.marketo.edited[name]; ever && !at.IsZero() {
			k = at
		}
		if held && hold.salesforce == p.salesforce.values[name] {
			s = hold.since
		}
		if held && hold.marketo == p.marketo.values[name] {
			k = hold.since
		}
		switch apart := s.Sub(k); {
		case apart > modelInterval:
			policy = "salesforce"
		case apart < -modelInterval:
			policy = "marketo"
		}
	}
	switch policy {
	case "salesforce":
		m.write(p, record.Marketo, f, true)
	case "marketo":
		m.write(p, record.Salesforce, f, true)
	default:
		p.held[name] = modelHold{p.salesforce.values[name], p.marketo.values[name], m.now}
	}
}

// write carries a value to a side. loses says that it overwrites what somebody entered there.
func (m *model) write(p *modelPair, to record.Side, f *modelField, loses bool) {
	from, into := p.salesforce, p.marketo
	if to == record.Salesforce {
		from, into = p.marketo, p.salesforce
	}
	if loses {
		p.lost = append(p.lost, modelLoss{to, f.person, into.values[f.person]})
	}
	into.values[f.person], p.agreed[f.person] = from.values[f.person], from.values[f.person]
}
