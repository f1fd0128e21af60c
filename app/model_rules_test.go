package app

import (
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
	id      string // "" until it was looked up: the engine made it
	object  record.Object
	values  map[string]string    // by the fields' names in Marketo; a blank one is not there
	at      time.Time            // when anything of it was last edited
	edited  map[string]time.Time // when a field of it was
	gone    bool
	became  *modelRecord // what it was converted or merged into
	carries *modelRecord // whose id it carries: the last person with whom it was a pair
	marked  bool         // it says that its twin is gone
	parted  bool         // it had a twin once, and none is made for it again
	paired  bool         // it is or was half of a pair
	out     bool         // the box is ticked at which the filter looks
	binned  bool         // it was seen to be gone
	alone   bool         // a person left alone who it is
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
	left                map[string]modelHold // what a person left alone
	double              bool                 // it waits for a person to say whether its person is the same as
	same                *modelPair           // this one's
	frozen              bool                 // the filter keeps its record out
	loose               bool                 // both halves were read past the log: Marketo only says when anything of its half was edited
	undated             bool                 // which half was edited last is not known: Doppio wrote to one of them before
	lost                []modelLoss
	wrote               []modelWrite // the last one first
	contested           []modelLoss  // of fields that were held and then edited: what a cycle saw of one side first may be told of as overwritten
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
	leaving        string // what becomes of a pair whose record the filter keeps out; "" without a filter
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
		m.sieve()
		m.meet()
		m.remove()
		for _, p := range m.pairs {
			if p.linked && !p.frozen {
				m.plan(p)
			}
		}
	}
}

// plan decides each field of a pair.
func (m *model) plan(p *modelPair) {
	for _, f := range m.fields {
		if f.on(p.salesforce.object) == "" {
			continue
		}
		m.decide(p, f)
	}
	p.stood, p.undated, p.loose = nil, false, false
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
		p.contests(name, hold.salesforce, hold.marketo, s, k)
	}
	if !held {
		hold, held = p.stood[name]
	}
	movedS, movedK := !ever || s != agreed, !ever || k != agreed
	left, skipped := p.left[name]
	if skipped { // only what was changed since has changed, and the other side's value was not given up
		if ever, movedS, movedK = true, s != left.salesforce, k != left.marketo; !movedS && !movedK {
			return
		}
		delete(p.left, name)
	}
	switch {
	case s == k:
		p.agreed[name] = s
	case !ever && k == "", !movedK && !(f.neverBlank && s == ""), f.neverBlank && k == "":
		m.write(p, record.Marketo, f, ever && movedK || skipped)
	case f.oneWay && !ever && s == "": // a blank never overwrites, and what Marketo has may not travel
	case f.oneWay:
		m.write(p, record.Marketo, f, movedK)
	case !ever && s == "", !movedS, f.neverBlank && s == "":
		m.write(p, record.Salesforce, f, ever && movedS || skipped)
	default:
		m.contest(p, f, ever, hold, held)
	}
}

// contests notes values that may be told of as overwritten, because a cycle saw one side first.
func (p *modelPair) contests(name string, values ...string) {
	for _, v := range values {
		p.contested = append(p.contested, modelLoss{record.Salesforce, name, v}, modelLoss{record.Marketo, name, v})
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
		if at := p.marketo.edited[name]; ever && !p.loose && !at.IsZero() {
			k = at
		}
		loose := ever && p.loose && !(held && hold.marketo == p.marketo.values[name])
		if held && hold.salesforce == p.salesforce.values[name] {
			s = hold.since
		}
		if held && hold.marketo == p.marketo.values[name] {
			k = hold.since
		}
		switch apart := s.Sub(k); {
		case p.undated:
		case apart > modelInterval:
			policy = "salesforce"
		case apart < -modelInterval && !loose:
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
	p.wrote = append([]modelWrite{{to, f.person, into.values[f.person], from.values[f.person]}}, p.wrote...)
	into.values[f.person], p.agreed[f.person] = from.values[f.person], from.values[f.person]
}

// take carries out what a person decided about a field: the value of a side counts.
func (m *model) take(p *modelPair, f *modelField, takes record.Side) {
	delete(p.held, f.person)
	m.write(p, takes.Other(), f, true)
}
