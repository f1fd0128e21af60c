package cycle

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// What is compared, sent and agreed upon is what the rules make of a value; a side's own spelling stands in its record alone.

// value is what a record says of the field at place i of the object's fields, by the rules.
func (s *sheet) value(rec *record.Record, i int) (record.Value, bool) {
	v, ok := s.spelled(rec, i)
	s.lookUp()
	if !ok || s.rules == nil {
		return v, ok
	}
	return s.rules.Value(i, rec.Object.Side(), v, func(j int) (record.Value, bool) { return s.spelled(rec, j) }, s.known.Baseline), true
}

// ruled reports that there is a rule for the field at place i.
func (s *sheet) ruled(i int) bool {
	s.lookUp()
	return s.rules.Name(i) != ""
}

// changed reports that a record no longer says what both sides agreed upon: neither by the rules nor, where it has stood there since
// before there was a rule, as it is spelled. So a new rule is for what changes from then on, and a number stays what it is when its
// country changes.
func (s *sheet) changed(rec *record.Record, i int, v record.Value) bool {
	number := s.object.Fields[i].Number
	if s.known.Baseline.Same(number, v) {
		return false
	}
	s.lookUp()
	if s.rules == nil {
		return true
	}
	spelled, ok := s.spelled(rec, i)
	if !ok || spelled == v {
		return true
	}
	if s.known.Baseline.Same(number, spelled) {
		return false
	}
	return !s.rules.Stands(i, spelled, s.known.Baseline)
}

// lost is what a write takes away from a side, as it is spelled there, where that is more than the rules make of it: what they take
// for nothing is somebody's value all the same.
func (s *sheet) lost(side record.Side, i int, byRules record.Value) (spelled record.Value, unsaid bool) {
	rec := s.on(side)
	if rec == nil {
		return byRules, false
	}
	spelled, ok := s.spelled(rec, i)
	if !ok {
		return byRules, false
	}
	return spelled, byRules.IsBlank() && !spelled.IsBlank()
}

// company writes a state together with its country, and a country with its state: Salesforce takes neither without the other.
func (s *sheet) company() {
	s.lookUp()
	if s.rules == nil {
		return
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		row := s.out[side]
		if row == nil {
			continue
		}
		for _, c := range row.Fields {
			if i := s.object.Index(c.Field); i >= 0 && !c.With {
				s.accompany(row, s.rules.With(i), c)
			}
		}
	}
}

// accompany adds the field at a place to a row, as the source says it, else as the target does, else as it waits already.
func (s *sheet) accompany(row *Row, place int, c Change) {
	if place < 0 || !s.object.Fields[place].Direction.Writes(row.Side) {
		return
	}
	number := s.object.Fields[place].Number
	for _, other := range row.Fields {
		if other.Field == number {
			return
		}
	}
	// What a person decides about, or what travels the other way at the same time, is not to be set back by the way.
	_, held := s.hold(number)
	_, back := s.out[row.Side.Other()].field(number)
	_, waits := s.known.Out[row.Side.Other()].field(number)
	if held || back || waits {
		return
	}
	with := Change{Field: number, With: true, At: c.At, Prior: s.known.Baseline.Print(number), Ruled: s.ruled(place)}
	known := false
	for _, side := range []record.Side{row.Side, row.Side.Other()} {
		rec := s.on(side)
		if rec == nil {
			continue
		}
		v, ok := s.value(rec, place)
		if !ok || s.changed(rec, place, v) && s.known.Baseline.Has(number) {
			continue
		}
		with.Value, known = v, true
		switch {
		case side != row.Side:
		case s.known.Link.ID != 0:
			with.Prior = s.known.Baseline.Prints(number, v)
		default:
			with.Found = &v
		}
	}
	if !known {
		if stored := s.known.Out[row.Side]; stored != nil {
			for _, waits := range stored.all() {
				if waits.Field == number {
					with, known = waits, true
				}
			}
		}
	}
	switch {
	case !known:
		s.step.Recheck = true
	case with.Value.IsBlank() && s.known.Baseline.Same(number, with.Value):
	default:
		with.With = true
		row.Fields = append(row.Fields, with)
	}
}

// ruled is what the rules make of one value of a side's record, of which all tells as much else as was read.
func (e *Engine) ruled(object schema.Object, i int, side record.Side, v record.Value, all rule.Reading) record.Value {
	return e.Rules.Object(object.Name).Value(i, side, v, all, nil)
}

// before is what stood in people's fields before they were changed, by person and REST name in small letters.
type before map[record.ID]map[string]string

func stoodBefore(changes []marketo.Change) before {
	b := before{}
	for _, c := range changes {
		if c.Type != changeDataValue || c.Field == "" {
			continue
		}
		if b[c.Person] == nil {
			b[c.Person] = map[string]string{}
		}
		b[c.Person][strings.ToLower(c.Field)] = c.Old
	}
	return b
}

// of gives what stood in a person's fields before a row was written: what a row writes and no activity tells of stood there already.
func (b before) of(person record.ID, object schema.Object, fields []Change) rule.Reading {
	return func(place int) (record.Value, bool) {
		f := object.Fields[place]
		if old, ok := b[person][strings.ToLower(f.Marketo)]; ok {
			v, err := f.Type.Canon(old)
			return v, err == nil
		}
		for _, c := range fields {
			if c.Field == f.Number {
				return c.Value, true
			}
		}
		return record.Value{}, false
	}
}

// found gives what stood in the fields of a row before it was written, as its target told beside the write.
func found(object schema.Object, row Row, res salesforce.Result) rule.Reading {
	return func(place int) (record.Value, bool) {
		at := 0
		for _, c := range row.Fields {
			switch {
			case object.Index(c.Field) < 0:
				continue
			case c.Field == object.Fields[place].Number:
				return res.Before[at], true
			}
			at++
		}
		return record.Value{}, false
	}
}

// believed reports that what stood in a field before it was written is what was believed to be there: by the rules, as it is spelled where that
// was agreed upon before there was a rule, or read as of some country where nobody told the record's.
func (r *run) believed(object schema.Object, i int, c Change, was changeOf, b Baseline) bool {
	return unsurprising(c, was.old, b) || unsurprising(c, was.spelled, b) || !was.unruled && r.Rules.Object(object.Name).Could(i, was.spelled, belief{c, b})
}

// belief answers for what a change takes for granted that its target holds.
type belief struct {
	change Change
	b      Baseline
}

// Same reports that the target was believed to hold v.
func (b belief) Same(_ uint16, v record.Value) bool { return unsurprising(b.change, v, b.b) }

// toldBy gives the newest values of a person's fields that its activities tell, by place.
func (n *news) toldBy(object schema.Object) rule.Reading {
	return func(place int) (record.Value, bool) {
		for name, text := range n.last {
			if strings.EqualFold(name, object.Fields[place].Marketo) {
				v, err := object.Fields[place].Type.Canon(text)
				return v, err == nil
			}
		}
		return record.Value{}, false
	}
}

// agreed reports that what an activity says of the field at a place is what both sides agreed upon. Where a rule needs to know
// more of the person than the activities tell, only the very same value is.
func (n *news) agreed(e *Engine, object schema.Object, i int, v record.Value) bool {
	f := object.Fields[i]
	if n.known.Baseline.Same(f.Number, v) {
		return true
	}
	rules, told := e.Rules.Object(object.Name), n.toldBy(object)
	if needs := rules.Needs(i); needs >= 0 {
		if _, ok := told(needs); !ok {
			return false
		}
	}
	return n.known.Baseline.Same(f.Number, rules.Value(i, record.Marketo, v, told, n.known.Baseline))
}
