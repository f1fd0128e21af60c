package store_test

import (
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// model is a ledger in a few maps, written from the promises in cycle.Ledger and nothing else. It has no time, no disk
// and no keys: what it says is what the store must say.
type model struct {
	links   []cycle.Link // by id, from 1
	emails  map[cycle.LinkID][3]string
	agreed  map[cycle.LinkID]map[uint16]string
	rows    map[at]cycle.Row
	holds   map[at2]cycle.Hold
	events  map[cycle.LinkID][]cycle.Event
	recheck map[cycle.LinkID]bool
	cursor  map[string]cycle.Cursor
}

type at struct {
	link cycle.LinkID
	side record.Side
}

type at2 struct {
	link  cycle.LinkID
	field uint16
}

var bothSides = []record.Side{record.Salesforce, record.Marketo}

func newModel() *model {
	return &model{
		links: []cycle.Link{{}}, emails: map[cycle.LinkID][3]string{}, agreed: map[cycle.LinkID]map[uint16]string{}, rows: map[at]cycle.Row{},
		holds: map[at2]cycle.Hold{}, events: map[cycle.LinkID][]cycle.Event{}, recheck: map[cycle.LinkID]bool{}, cursor: map[string]cycle.Cursor{},
	}
}

func (m *model) commit(p cycle.Page) error {
	if p.Feed != "" {
		if m.cursor[p.Feed] != p.From {
			return cycle.ErrStale
		}
		m.cursor[p.Feed] = p.To
	}
	for _, s := range p.Steps {
		if s.Rechecked {
			delete(m.recheck, s.Link.ID)
		}
	}
	for _, s := range p.Steps {
		m.step(s)
	}
	return nil
}

func (m *model) step(s cycle.Step) {
	id := s.Link.ID
	if id == 0 {
		id = cycle.LinkID(len(m.links))
		m.links = append(m.links, cycle.Link{})
	}
	before := m.links[id].State
	if s.PutLink {
		if old := m.links[id].Object; old != s.Link.Object && old != record.Person {
			m.belonged(id, old)
		}
		m.links[id] = s.Link
		m.links[id].ID = id
	}
	if s.Absorb != 0 {
		m.absorb(s.Absorb, id)
	}
	emails := m.emails[id]
	for side, address := range s.Emails {
		emails[side] = address.Text()
	}
	m.address(id, emails)
	if s.Link.State == cycle.Filtered && s.PutLink && before != 0 && before != cycle.Filtered {
		for _, address := range emails {
			m.leave(id, address)
		}
	}
	if s.Unlearn {
		delete(m.agreed, id)
	}
	for _, f := range s.Forget {
		delete(m.agreed[id], f)
	}
	m.agree(id, s.Agreed)
	for _, r := range s.Out {
		m.put(id, r)
	}
	for _, h := range s.Release {
		for k, held := range m.holds {
			if held.ID == h {
				delete(m.holds, k)
			}
		}
	}
	m.hold(id, s.Holds)
	m.events[id] = append(m.events[id], s.Events...)
	if s.Recheck {
		m.recheck[id] = true
	}
}

func (m *model) absorb(id, into cycle.LinkID) {
	for _, side := range bothSides {
		delete(m.rows, at{id, side})
		if emails := m.emails[into]; emails[side] == "" {
			emails[side] = m.emails[id][side]
			m.emails[into] = emails
		}
	}
	m.dropHolds(id)
	m.belonged(id, m.links[id].Object)
	m.events[into] = append(m.events[id], m.events[into]...)
	delete(m.events, id)
	delete(m.emails, id)
	delete(m.agreed, id)
	delete(m.recheck, id)
	m.links[id] = cycle.Link{}
}

// address gives a link addresses. Who shares one that left, and takes no part, is read afresh.
func (m *model) address(id cycle.LinkID, now [3]string) {
	before := m.emails[id]
	m.emails[id] = now
	for _, was := range before {
		if was != now[record.Salesforce] && was != now[record.Marketo] {
			m.leave(id, was)
		}
	}
}

// leave has those read afresh who have an address that a link leaves, and take no part.
func (m *model) leave(id cycle.LinkID, address string) {
	for other, has := range m.emails {
		state := m.links[other].State
		if address != "" && other != id && (has[record.Salesforce] == address || has[record.Marketo] == address) && (state == cycle.Alone || state == cycle.Ended) {
			m.recheck[other] = true
		}
	}
}

// belonged notes of which object the lines of a link told so far.
func (m *model) belonged(id cycle.LinkID, object record.Object) {
	for i := range m.events[id] {
		if m.events[id][i].Object == "" {
			m.events[id][i].Object = object
		}
	}
}

func (m *model) dropHolds(id cycle.LinkID) {
	for k := range m.holds {
		if k.link == id {
			delete(m.holds, k)
		}
	}
}

func (m *model) agree(id cycle.LinkID, agreed []cycle.Agreed) {
	for _, a := range agreed {
		if m.agreed[id] == nil {
			m.agreed[id] = map[uint16]string{}
		}
		m.agreed[id][a.Field] = a.Value.Text()
	}
}

func (m *model) put(id cycle.LinkID, r cycle.Row) {
	if len(r.Fields) == 0 && r.Carry == "" && r.Action != cycle.Create && r.Action != cycle.Delete {
		delete(m.rows, at{id, r.Side})
		return
	}
	r.Link, r.State = id, cycle.Waiting
	m.rows[at{id, r.Side}] = r
}

func (m *model) hold(id cycle.LinkID, holds []cycle.Hold) {
	for _, h := range holds {
		h.Link = id
		m.holds[at2{id, h.Field}] = h
	}
}

// open is how many holds wait for a person.
func (m *model) open() (n int) {
	for _, h := range m.holds {
		if !h.Skipped {
			n++
		}
	}
	return n
}

func (m *model) mark(k at) {
	if r := m.rows[k]; r.State == cycle.Waiting {
		r.State = cycle.Sending
		m.rows[k] = r
	}
}

func (m *model) acknowledge(a cycle.Answer) {
	k := at{a.Link, a.Side}
	r := m.rows[k]
	switch a.Outcome {
	case cycle.Void:
		delete(m.rows, k)
	case cycle.Accepted:
		link := &m.links[a.Link]
		if r.Action == cycle.Create {
			if link.State != cycle.Ended { // what ended meanwhile stays ended
				link.State = cycle.Linked
			}
			if a.Target != "" && a.Side == record.Marketo {
				link.Marketo = a.Target
			} else if a.Target != "" {
				link.Salesforce = a.Target
			}
		}
		delete(m.rows, k)
	case cycle.Refused:
		r.State, r.Tries, r.Next, r.Cause = cycle.Failed, r.Tries+1, a.Next, a.Cause
		m.rows[k] = r
	case cycle.Postponed:
		r.State, r.Tries, r.Next, r.Cause = cycle.Waiting, r.Tries+1, a.Next, a.Cause
		m.rows[k] = r
	}
	if emails := m.emails[a.Link]; a.Email != nil {
		emails[a.Side] = a.Email.Text()
		m.address(a.Link, emails)
	}
	if a.Ended {
		m.links[a.Link].State = cycle.Ended
		m.address(a.Link, [3]string{})
		m.dropHolds(a.Link)
		for _, side := range bothSides {
			delete(m.rows, at{a.Link, side})
		}
	}
	m.agree(a.Link, a.Agreed)
	for _, then := range a.Then {
		m.put(a.Link, then)
	}
	m.hold(a.Link, a.Holds)
	m.events[a.Link] = append(m.events[a.Link], a.Events...)
	if a.Recheck {
		m.recheck[a.Link] = true
	}
}
