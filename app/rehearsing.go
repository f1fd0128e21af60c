package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// rehearsing goes through a plan, row by row, and keeps no more than numbers and examples.
type rehearsing struct {
	planner
	s          *session
	r          Rehearsal
	writes     map[kindOfWrite]*RehearsedWrites
	overwrites map[Overwriting]int
	foreseen   map[foreseeable]*Foreseen
	required   map[record.Object][]string // of new records, though the mapping may not know them
	unasked    map[uniqueField]*uniqueWrites
	uniques    int
	effort     map[record.Side]effort
}

type kindOfWrite struct {
	side   record.Side
	object record.Object
	action string
}

// kindOfRow is the kind under which a row is counted.
func kindOfRow(row *cycle.Row) kindOfWrite {
	kind := kindOfWrite{row.Side, row.Object, row.Action.String()}
	switch row.Action {
	case cycle.WriteID:
		kind.action = ActionLink
	case cycle.Merge:
		kind.action = ActionMerge
	}
	return kind
}

// actionsInOrder are the actions, those that change the most first.
var actionsInOrder = []string{cycle.Create.String(), cycle.Update.String(), ActionLink, cycle.Delete.String(), ActionMerge}

func compareKinds(a, b kindOfWrite) int {
	return cmp.Or(cmp.Compare(slices.Index(actionsInOrder, a.action), slices.Index(actionsInOrder, b.action)), cmp.Compare(a.side, b.side), cmp.Compare(a.object, b.object))
}

// others sorts people before everything else.
func others(o record.Object) int {
	if o.IsPerson() {
		return 0
	}
	return 1
}

// effort is what is written to a side: rows that say something about a record, and of them those that are read beside the write.
type effort struct{ rows, beside int }

func newRehearsing(s *session, report cycle.Report) *rehearsing {
	return &rehearsing{
		planner: plannerOf(s.ws, s.mapping), s: s, r: Rehearsal{At: report.Started.UTC(), Cycle: report.N},
		writes: map[kindOfWrite]*RehearsedWrites{}, overwrites: map[Overwriting]int{}, foreseen: map[foreseeable]*Foreseen{},
		required: map[record.Object][]string{}, unasked: map[uniqueField]*uniqueWrites{}, effort: map[record.Side]effort{},
	}
}

// add counts a row.
func (t *rehearsing) add(row *cycle.Row) {
	kind := kindOfRow(row)
	w := t.writes[kind]
	if w == nil {
		w = &RehearsedWrites{Side: kind.side, Object: kind.object, Action: kind.action, Examples: []Planned{}}
		t.writes[kind] = w
	}
	if w.Count++; len(w.Examples) < rehearsedExamples {
		w.Examples = append(w.Examples, t.planned(row, true))
	}
	e := t.effort[row.Side]
	if e.rows++; row.Action == cycle.Update {
		e.beside++
	}
	t.effort[row.Side] = e
	t.r.First = t.r.First || row.First
	object, _ := t.shown.Object(cycle.MappedObject(t.shown, *row))
	for _, c := range row.Fields {
		i := object.Index(c.Field)
		if c.Lost == nil || c.With || i < 0 {
			continue
		}
		t.r.Overwrites.Count++
		o := Overwriting{Side: row.Side, Object: row.Object, Field: object.Fields[i].On(row.Side)}
		t.overwrites[o]++
		if t.overwrites[o] == 1 || len(t.r.Overwrites.Examples) < rehearsedExamples { // one of each field, and a few more
			t.r.Overwrites.Examples = append(t.r.Overwrites.Examples, Overwritten{o.Side, o.Object, row.Target, o.Field, c.Lost.Text(), c.Value.Text()})
		}
	}
	t.foresee(row, object)
}

// end sums up.
func (t *rehearsing) end(ctx context.Context) (Rehearsal, error) {
	r, now := &t.r, t.s.app.world.now()
	status, err := t.ws.Status(ctx)
	if err != nil {
		return *r, err
	}
	cycles, err := t.ws.Cycles(ctx, paceCycles)
	if err != nil {
		return *r, err
	}
	if r.Holds, err = rehearsedHolds(ctx, t.ws); err != nil {
		return *r, err
	}
	counts, err := t.ws.BrakeCounts(ctx)
	if err != nil {
		return *r, err
	}
	r.People = People{Linked: status.People(), Unlinked: Unlinked{status.Alone[record.Salesforce], status.Alone[record.Marketo]}, Filtered: status.Filtered}
	r.Brake = t.brake(counts)
	r.Writes = []RehearsedWrites{}
	for _, w := range t.writes {
		r.Writes = append(r.Writes, *w)
	}
	slices.SortFunc(r.Writes, func(a, b RehearsedWrites) int {
		return cmp.Or(cmp.Compare(others(a.Object), others(b.Object)), cmp.Compare(a.Side, b.Side), cmp.Compare(slices.Index(actionsInOrder, a.Action), slices.Index(actionsInOrder, b.Action)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Object, b.Object))
	})
	r.Overwrites.Fields = []Overwriting{}
	for o, n := range t.overwrites {
		o.Count = n
		r.Overwrites.Fields = append(r.Overwrites.Fields, o)
	}
	slices.SortFunc(r.Overwrites.Fields, func(a, b Overwriting) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Field, b.Field))
	})
	if r.Overwrites.Examples == nil {
		r.Overwrites.Examples = []Overwritten{}
	}
	r.Foreseen = []Foreseen{}
	for _, f := range t.foreseen {
		r.Foreseen = append(r.Foreseen, *f)
	}
	slices.SortFunc(r.Foreseen, func(a, b Foreseen) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Field, b.Field))
	})
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		q := quotaOf(side, status.Calls[side], t.s.settings, now)
		q.count(t.s.pacer(side).Usage())
		r.Sides = append(r.Sides, t.side(q, cycles, now))
	}
	return *r, nil
}

// carried is how many rows that say nothing of a record but an id, or make a new one, Salesforce takes in a call.
const carried = 1000

// side foretells what the plan takes of a side: its writes, and the reading of what they changed.
func (t *rehearsing) side(q Quota, cycles []store.Cycle, now time.Time) RehearsedSide {
	e := t.effort[q.Side]
	up := func(n, size int) int { return (n + size - 1) / size }
	out := RehearsedSide{Side: q.Side, Writes: e.rows, Share: q.Share}
	if q.Side == record.Salesforce {
		out.Calls = up(e.beside, salesforcePerWrite) + up(e.rows-e.beside, carried) + up(e.rows, salesforcePerRead)
	} else {
		out.Calls = 2 * up(e.rows, marketoPerCall)
	}
	p := pipeTo(q.Side, cycles, q, t.s.settings, now)
	if q.Share > 0 {
		out.Left = p.left
	}
	if e.rows == 0 {
		return out
	}
	at, ok := p.empties(now, e.rows)
	if !ok {
		out.TakesS = -1
		return out
	}
	out.TakesS = seconds(at.Sub(now))
	out.Days = 1 + int(at.Sub(now)/(24*time.Hour))
	return out
}

// brake says whether going live stops before its first write, as the engine judges it. Removals of other objects count by themselves.
func (t *rehearsing) brake(c cycle.BrakeCounts) *RehearsedBrake {
	limit := max(c.Linked*t.s.settings.BrakePercent/100, t.s.settings.BrakeRecords-1)
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if c.Updates[side]+c.Deletes[side] > limit {
			return &RehearsedBrake{side, c.Updates[side], c.Deletes[side], c.Linked, limit}
		}
	}
	if limit := max((c.Twins+c.Removals)*t.s.settings.BrakePercent/100, t.s.settings.BrakeRecords-1); c.Removals > limit {
		return &RehearsedBrake{Side: record.Marketo, Deletes: c.Removals, Linked: c.Twins + c.Removals, Limit: limit}
	}
	return nil
}

// rehearsedHolds counts what waits for a person, by cause, the most first.
func rehearsedHolds(ctx context.Context, w *store.Workspace) ([]RehearsedHolds, error) {
	causes := map[string]*RehearsedHolds{}
	for after, done := int64(0), false; !done; {
		holds, err := w.Holds(ctx, after, holdsAtMost)
		if err != nil {
			return nil, err
		}
		done = len(holds) < holdsAtMost
		var shown []cycle.Hold
		for _, h := range holds {
			after = h.ID
			c := causes[h.Cause]
			if c == nil {
				c = &RehearsedHolds{Cause: h.Cause, Examples: []Hold{}}
				causes[h.Cause] = c
			}
			if c.Count++; c.Count <= rehearsedExamples {
				shown = append(shown, h)
			}
		}
		described, err := describeHolds(ctx, w, shown)
		if err != nil {
			return nil, err
		}
		for _, h := range described {
			causes[h.Cause].Examples = append(causes[h.Cause].Examples, h)
		}
	}
	list := []RehearsedHolds{}
	for _, c := range causes {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b RehearsedHolds) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return list, nil
}
