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
		Counts: store.Counts{Linked: map[record.Object]int{}, Alone: map[record.Side]int{record.Salesforce: 0, record.Marketo: 0}, Waiting: map[record.Side]int{record.Salesforce: 0, record.Marketo: 0}, Holds: m.open()},
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
	for _, n := range p.Counts.Linked {
		p.Brake.Twins += n
	}
	p.Brake.Twins -= p.Brake.Linked
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
	groups, err := w.FailureGroups(ctx, 0)
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
