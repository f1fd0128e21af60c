package app

import (
	"context"
	"slices"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// modelWrite is a value that was carried to a side, and what stood there before.
type modelWrite struct {
	side          record.Side
	field         string
	before, after string
}

// line is what the history tells of one value that Doppio wrote; field is nil where the model does not follow it.
type line struct {
	store.Event
	field *modelField
}

// undo has a person put something back: a value that was overwritten, or all that the last cycle wrote to somebody or to everybody.
func (s *trial) undo(t *rapid.T) {
	s.rest(t)
	linked := s.those(func(r *modelRecord) bool { p := s.pairOf(r); return p != nil && p.salesforce == r })
	p := s.pairOf(one(t, linked, "record"))
	lines := s.lines(t, p)
	if len(lines) == 0 {
		t.Skip("nothing was written to it")
	}
	what := rapid.SampledFrom([]string{"value", "record", "cycle"}).Draw(t, "put back")
	last := lines[len(lines)-1].Cycle
	o, pairs := UndoOptions{AllowBrake: true}, []*modelPair{p}
	switch what {
	case "value":
		lines = slices.DeleteFunc(lines, func(l line) bool { return l.Kind != "overwrote" || l.field == nil })
		if len(lines) == 0 {
			t.Skip("nothing of it was overwritten")
		}
		l := lines[rapid.IntRange(0, len(lines)-1).Draw(t, "value")]
		o.Change = l.ID
		s.puts(p, l.field, l.Old.Text())
		pairs = nil
	case "record":
		o.Record = p.salesforce.id
	default:
		o.Cycle, pairs = last, s.pairs
	}
	if len(pairs) > 0 && s.troubled {
		t.Skip("a cycle that went wrong may have written and taken back")
	}
	var puts []func()
	for _, p := range pairs {
		if p.linked {
			puts = append(puts, s.putsAll(t, p, slices.DeleteFunc(s.lines(t, p), func(l line) bool { return l.Cycle != last }))...)
		}
	}
	for _, put := range puts {
		put()
	}
	r, err := s.a.Undo(t.Context(), sampleName, o, func(UndoResult) (bool, error) { return true, nil })
	if err != nil {
		t.Fatal(Say(err))
	}
	t.Logf("a %s of %s is put back: %+v: %+v", what, p.salesforce.id, o, r)
	s.rest(t)
}

// putsAll puts back what lines of one cycle tell: of each field what stood there first, unless somebody changed it since.
func (m *model) putsAll(t *rapid.T, p *modelPair, lines []line) (puts []func()) {
	for _, f := range m.fields {
		var first *line
		var after string
		for i, l := range lines {
			if l.field == f && first == nil {
				first = &lines[i]
			}
			if l.field == f && l.Side == first.Side {
				after = l.New.Text()
			}
		}
		if first == nil {
			continue
		}
		before := first.Old.Text()
		if first.Kind != "overwrote" { // the history does not keep it; Marketo does
			i := slices.IndexFunc(p.wrote, func(w modelWrite) bool {
				return w.side == first.Side && w.field == f.person && w.after == first.New.Text()
			})
			if i < 0 {
				t.Skip("it was written to another record of the person")
			}
			before = p.wrote[i].before
		}
		stands := p.salesforce
		if first.Side == record.Marketo {
			stands = p.marketo
		}
		if stands.values[f.person] == after {
			puts = append(puts, func() { m.puts(p, f, before) })
		}
	}
	return puts
}

// puts gives both sides a value that one of them had, as if a user had typed it on both.
func (m *model) puts(p *modelPair, f *modelField, value string) {
	s, k := p.salesforce.values, p.marketo.values
	if p.frozen || f.oneWay || f.on(p.salesforce.object) == "" || s[f.person] == value && k[f.person] == value {
		return
	}
	for _, r := range []*modelRecord{p.salesforce, p.marketo} {
		if r.values[f.person] = value; value == "" {
			delete(r.values, f.person)
		}
	}
	p.agreed[f.person] = value
	delete(p.held, f.person)
	delete(p.left, f.person)
}

// lines are what the history of a pair tells of as written, the oldest first.
func (s *trial) lines(t *rapid.T, p *modelPair) (lines []line) {
	err := s.a.within(t.Context(), sampleName, func(ws *store.Workspace) error {
		known, err := ws.Known(t.Context(), record.Salesforce, []record.ID{record.ID(p.salesforce.id)})
		if err != nil {
			return err
		}
		events, err := ws.EventsOf(t.Context(), known[0].Link.ID, 10_000)
		if err != nil {
			return err
		}
		ours, err := s.named(t.Context(), ws)
		for _, e := range slices.Backward(events) {
			object := known[0].Link.Object
			if e.Object != "" {
				object = e.Object
			}
			if e.Field != cycle.NoField && (e.Kind == "written" || e.Kind == "overwrote") {
				lines = append(lines, line{e, ours(object, e.Field)})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// named finds a field of the model by its number in the mapping of an object, nil for one that it does not follow.
func (m *model) named(ctx context.Context, ws *store.Workspace) (func(record.Object, uint16) *modelField, error) {
	mapping, err := mappingOf(ctx, ws)
	return func(object record.Object, number uint16) *modelField {
		o, _ := mapping.Object(object)
		if i := o.Index(number); i >= 0 {
			for _, f := range m.fields {
				if f.person == o.Fields[i].Marketo && f.on(object) != "" {
					return f
				}
			}
		}
		return nil
	}, err
}
