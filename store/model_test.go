package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
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
	if s.PutLink {
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
	m.emails[id] = emails
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
	if s.Rechecked {
		delete(m.recheck, id)
	}
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
	m.events[into] = append(m.events[id], m.events[into]...)
	delete(m.events, id)
	delete(m.emails, id)
	delete(m.agreed, id)
	delete(m.recheck, id)
	m.links[id] = cycle.Link{}
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
		if a.Keep {
			r.State, r.Cause, r.Cycle = cycle.Done, "", a.Cycle
			m.rows[k] = r
		}
	case cycle.Refused:
		r.State, r.Tries, r.Next, r.Cause = cycle.Failed, r.Tries+1, a.Next, a.Cause
		m.rows[k] = r
	case cycle.Postponed:
		r.State, r.Tries, r.Next, r.Cause = cycle.Waiting, r.Tries+1, a.Next, a.Cause
		m.rows[k] = r
	}
	if a.Ended {
		m.links[a.Link].State = cycle.Ended
		m.emails[a.Link] = [3]string{}
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

// picture is everything that can be asked of a ledger, in a form that can be compared.
type picture struct {
	Known    []pictured
	Emails   map[string][]cycle.LinkID
	Due      map[string][]cycle.LinkID // by side; ties in any order, so by link
	Doubt    []string
	Rechecks []cycle.LinkID
	Backlog  cycle.Backlog
	Brake    cycle.BrakeCounts
	Counts   store.Counts
	Groups   map[string]int
}

type pictured struct {
	Link   cycle.Link
	Agreed map[uint16]string
	Rows   map[record.Side]cycle.Row
	Holds  []cycle.Hold
	Events []cycle.Event
}

const fields = 5

// people are the objects whose pairs the brake counts.
func isPerson(o record.Object) bool { return o != record.Account && o != record.Company }

func (m *model) picture(addresses []string, now time.Time) picture {
	p := picture{
		Emails: map[string][]cycle.LinkID{}, Due: map[string][]cycle.LinkID{}, Groups: map[string]int{},
		Brake:  cycle.BrakeCounts{Updates: map[record.Side]int{record.Salesforce: 0, record.Marketo: 0}, Deletes: map[record.Side]int{record.Salesforce: 0, record.Marketo: 0}},
		Counts: store.Counts{Linked: map[record.Object]int{}, Alone: map[record.Side]int{record.Salesforce: 0, record.Marketo: 0}, Waiting: map[record.Side]int{record.Salesforce: 0, record.Marketo: 0}, Holds: len(m.holds)},
	}
	for id := 1; id < len(m.links); id++ {
		p.Known = append(p.Known, m.pictured(cycle.LinkID(id)))
		m.count(&p, m.links[id])
	}
	for _, a := range addresses {
		for id := 1; id < len(m.links); id++ {
			if e := m.emails[cycle.LinkID(id)]; m.links[id].ID != 0 && (e[record.Salesforce] == a || e[record.Marketo] == a) {
				p.Emails[a] = append(p.Emails[a], cycle.LinkID(id))
			}
		}
	}
	oldest := time.Time{}
	for k, r := range m.rows {
		switch {
		case r.State == cycle.Waiting && !r.Next.After(now):
			p.Due[k.side.String()] = append(p.Due[k.side.String()], k.link)
		case r.State == cycle.Sending:
			p.Doubt = append(p.Doubt, fmt.Sprint(k))
		case r.State == cycle.Failed:
			p.Groups[fmt.Sprint(r.Side, r.Object, r.Cause)]++
			p.Counts.Failures++
		}
		if r.State == cycle.Waiting || r.State == cycle.Sending {
			p.Counts.Waiting[r.Side]++
		}
		if r.State != cycle.Waiting {
			continue
		}
		if oldest.IsZero() || r.Since.Before(oldest) {
			oldest = r.Since
		}
		if !r.First && isPerson(r.Object) && r.Action == cycle.Update {
			p.Brake.Updates[r.Side]++
		} else if !r.First && isPerson(r.Object) && r.Action == cycle.Delete {
			p.Brake.Deletes[r.Side]++
		}
	}
	for id := range m.recheck {
		p.Rechecks = append(p.Rechecks, id)
	}
	p.Backlog = cycle.Backlog{ToMarketo: p.Counts.Waiting[record.Marketo], ToSalesforce: p.Counts.Waiting[record.Salesforce]}
	if !oldest.IsZero() {
		p.Backlog.Oldest = max(now.Sub(oldest), 0)
	}
	p.Brake.Linked = p.Counts.People()
	return p.sorted()
}

func (m *model) count(p *picture, l cycle.Link) {
	switch {
	case l.State == cycle.Linked:
		p.Counts.Linked[l.Object]++
	case (l.State == cycle.Alone || l.State == cycle.Creating) && isPerson(l.Object) && (l.Salesforce == "") != (l.Marketo == ""):
		if l.Salesforce != "" {
			p.Counts.Alone[record.Salesforce]++
		} else {
			p.Counts.Alone[record.Marketo]++
		}
	}
}

func (m *model) pictured(id cycle.LinkID) pictured {
	one := pictured{Link: m.links[id], Agreed: map[uint16]string{}, Rows: map[record.Side]cycle.Row{}, Events: slices.Clone(m.events[id])}
	if one.Link.ID == 0 {
		return pictured{Agreed: map[uint16]string{}, Rows: one.Rows}
	}
	for f, v := range m.agreed[id] {
		one.Agreed[f] = v
	}
	for _, side := range bothSides {
		if r, ok := m.rows[at{id, side}]; ok {
			r.ID = 0
			one.Rows[side] = r
		}
	}
	for k, h := range m.holds {
		if k.link == id {
			h.ID = 0
			one.Holds = append(one.Holds, h)
		}
	}
	return one
}

func (p picture) sorted() picture {
	for i := range p.Known {
		slices.SortFunc(p.Known[i].Holds, func(a, b cycle.Hold) int { return cmp.Compare(a.Field, b.Field) })
		slices.SortFunc(p.Known[i].Events, func(a, b cycle.Event) int { return cmp.Compare(a.Detail, b.Detail) })
	}
	for _, links := range p.Due {
		slices.Sort(links)
	}
	slices.Sort(p.Doubt)
	slices.Sort(p.Rechecks)
	return p
}

// pictureOf asks the store everything.
func pictureOf(w *store.Workspace, links int, addresses, values []string, now time.Time) (picture, error) {
	ctx := context.Background()
	p := picture{Emails: map[string][]cycle.LinkID{}, Due: map[string][]cycle.LinkID{}, Groups: map[string]int{}}
	ids := make([]cycle.LinkID, links)
	for i := range ids {
		ids[i] = cycle.LinkID(i + 1)
	}
	known, err := w.KnownLinks(ctx, ids)
	if err != nil {
		return p, err
	}
	for i, k := range known {
		one, err := picturedOf(w, k, values)
		if err != nil {
			return p, fmt.Errorf("link %d: %w", i+1, err)
		}
		p.Known = append(p.Known, one)
	}
	wanted := make([]record.Value, len(addresses))
	for i, a := range addresses {
		wanted[i] = record.Of(a)
	}
	found, err := w.ByEmail(ctx, wanted)
	if err != nil {
		return p, err
	}
	for i, links := range found {
		for _, l := range links {
			p.Emails[addresses[i]] = append(p.Emails[addresses[i]], l.ID)
		}
	}
	for _, side := range bothSides {
		rows, err := w.Due(ctx, side, now, 1000)
		if err != nil {
			return p, err
		}
		for _, r := range rows {
			p.Due[side.String()] = append(p.Due[side.String()], r.Link)
		}
	}
	doubt, err := w.InDoubt(ctx, 1000)
	if err != nil {
		return p, err
	}
	for _, r := range doubt {
		p.Doubt = append(p.Doubt, fmt.Sprint(at{r.Link, r.Side}))
	}
	if p.Rechecks, err = w.Rechecks(ctx, 1000); err != nil {
		return p, err
	}
	if p.Backlog, err = w.Backlog(ctx); err != nil {
		return p, err
	}
	if p.Brake, err = w.BrakeCounts(ctx); err != nil {
		return p, err
	}
	if p.Counts, err = w.Counts(ctx); err != nil {
		return p, err
	}
	groups, err := w.FailureGroups(ctx)
	for _, g := range groups {
		p.Groups[fmt.Sprint(g.Side, g.Object, g.Cause)] = g.Open
	}
	return p.sorted(), err
}

// picturedOf finds out what was agreed by trying all values there are.
func picturedOf(w *store.Workspace, k cycle.Known, values []string) (pictured, error) {
	one := pictured{Link: k.Link, Agreed: map[uint16]string{}, Rows: map[record.Side]cycle.Row{}, Holds: slices.Clone(k.Holds)}
	for f := range uint16(fields) {
		for _, v := range values {
			if k.Baseline.Same(f, record.Of(v)) {
				one.Agreed[f] = v
			}
		}
		if _, ok := one.Agreed[f]; ok != k.Baseline.Has(f) {
			return one, fmt.Errorf("field %d has a baseline (%v), and it is none of the values", f, k.Baseline.Has(f))
		}
	}
	for side, r := range k.Out {
		row := *r
		row.ID = 0
		one.Rows[side] = row
	}
	for i := range one.Holds {
		one.Holds[i].ID = 0
	}
	if k.Link.ID == 0 {
		return one, nil
	}
	events, err := w.EventsOf(context.Background(), k.Link.ID, 1000)
	for _, e := range events {
		one.Events = append(one.Events, e.Event)
	}
	return one, err
}
