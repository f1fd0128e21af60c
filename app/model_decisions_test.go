package app

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// question is what waits for a person: the field of a pair, who a record is, or whether a pair's person is the same as another one.
type question struct {
	pair  *modelPair
	field *modelField
	who   *modelRecord
}

// questions are those of which everything still is as it was when they were asked.
func (s *trial) questions() (open []question) {
	for _, p := range s.pairs {
		if p.double && !p.marketo.gone && !s.fresh[p.marketo] && p.same.linked && !p.same.marketo.gone && !s.fresh[p.same.marketo] {
			open = append(open, question{pair: p})
		}
		for _, f := range s.fields {
			h, held := p.held[f.person]
			if held && p.linked && s.passes(p.salesforce) && !p.salesforce.gone && !p.marketo.gone && p.salesforce.values[f.person] == h.salesforce && p.marketo.values[f.person] == h.marketo {
				open = append(open, question{pair: p, field: f})
			}
		}
	}
	for _, r := range s.records {
		if s.waiting[r] && s.passes(r) && !r.gone && !s.fresh[r] && !s.stirs(r) {
			open = append(open, question{who: r})
		}
	}
	return open
}

// resolve has a person decide.
func (s *trial) resolve(t *rapid.T) {
	open := s.questions()
	if len(open) == 0 {
		t.Skip("nothing is to be decided")
	}
	q := open[rapid.IntRange(0, len(open)-1).Draw(t, "question")]
	var d Decision
	var then func()
	switch {
	case q.field != nil:
		d.Take = rapid.SampledFrom([]record.Side{record.Salesforce, record.Marketo, 0}).Draw(t, "takes")
		if d.Skip = d.Take == 0; d.Skip {
			then = func() { q.pair.left[q.field.person] = q.pair.held[q.field.person]; delete(q.pair.held, q.field.person) }
		} else {
			then = func() { s.take(q.pair, q.field, d.Take) }
		}
	case q.who == nil:
		d.Merge = rapid.Bool().Draw(t, "merge")
		if d.Skip = !d.Merge; d.Merge {
			then = func() {
				if same := q.pair.same; !same.salesforce.gone || same.salesforce.lives() != nil || s.settings.deletes != "delete" { // else it goes with its record, and takes nobody in
					s.mergePeople(same.marketo, q.pair.marketo)
				}
			}
		}
		q.pair.double = false
	default:
		then = s.decidesWho(t, q.who, &d)
	}
	if err := s.reality.decide(t.Context(), q, d); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s is decided: %+v", q, d)
	if then != nil {
		then()
	}
	s.rest(t)
}

// decidesWho draws who a record is.
func (s *trial) decidesWho(t *rapid.T, r *modelRecord, d *Decision) (then func()) {
	people := s.those(func(p *modelRecord) bool {
		return p.object == record.Person && p.email() == r.email() && s.pairOf(p) == nil && !s.fresh[p]
	})
	switch n := rapid.IntRange(-2, len(people)-1).Draw(t, "who it is"); n {
	case -2:
		d.Skip = true
		return func() { r.alone = true }
	case -1:
		d.Create = true
		return func() { s.link(r, s.make(record.Person)) }
	default:
		d.Link = record.ID(people[n].id)
		return func() { s.link(r, people[n]).undated = true }
	}
}

func (q question) String() string {
	switch {
	case q.field != nil:
		return fmt.Sprintf("%s of %s", q.field.person, q.pair.salesforce.id)
	case q.who != nil:
		return "who " + q.who.id + " is"
	}
	return "whether " + q.pair.marketo.id + " is the same as " + q.pair.same.marketo.id
}

// decide has a person decide in reality.
func (w *reality) decide(ctx context.Context, q question, d Decision) error {
	holds, err := w.a.Holds(ctx, sampleName)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(holds, func(h Hold) bool {
		switch {
		case q.field != nil:
			return string(h.Salesforce) == q.pair.salesforce.id && h.Field == q.field.on(q.pair.salesforce.object)
		case q.who != nil:
			return string(h.Salesforce) == q.who.id && h.Field == ""
		}
		return string(h.Marketo) == q.pair.marketo.id && h.Cause == cycle.TwoPeople
	})
	if i < 0 {
		return fmt.Errorf("nothing is open about %s", q)
	}
	return w.a.Resolve(ctx, sampleName, holds[i].ID, d)
}
