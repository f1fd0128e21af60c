// Package rule rewrites values on their way from one side to the other: it standardises what people type (countries, states, telephone
// numbers, blanks, capitals, tables of one's own) and turns numbers that never rest into bands.
//
// In flow a side's canonical value and what else its record says; out flows the canonical value that is compared, sent and agreed
// upon. A side keeps its own spelling: "Holland" there and "Netherlands" here are equal, and nobody writes anything. That is sound because
// a rule changes nothing that it made itself: rewriting twice is rewriting once. It is pure but for the tables of places that it
// unpacks at first use, and safe for concurrent use.
package rule

import (
	"sync"

	"github.com/doppio-sync/doppio/assets/places"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Agreed answers for the value on which both sides last agreed, without knowing it.
type Agreed interface {
	Same(field uint16, v record.Value) bool
}

// Reading gives what a record says of the field at a place of its object's fields; ok is false when that was not read.
type Reading func(place int) (v record.Value, ok bool)

// Rules are the rules of a workspace, ready for use. The zero Rules rewrite nothing.
type Rules struct {
	objects map[record.Object]*Object
}

// Object are the rules of one object's fields; nil is one without rules.
func (r Rules) Object(name record.Object) *Object { return r.objects[name] }

// Mapping is the mapping under these rules: a banded number travels towards its band only.
func (r Rules) Mapping(m schema.Mapping) schema.Mapping {
	out := m
	out.Objects = append([]schema.Object(nil), m.Objects...)
	for i, o := range out.Objects {
		rules := r.objects[o.Name]
		if rules == nil {
			continue
		}
		o.Fields = append([]schema.Field(nil), o.Fields...)
		for j := range o.Fields {
			if f := rules.fields[j]; f != nil && f.band != nil {
				o.Fields[j].Direction = towards(f.band.to)
			}
		}
		out.Objects[i] = o
	}
	return out
}

func towards(s record.Side) schema.Direction {
	if s == record.Marketo {
		return schema.ToMarketo
	}
	return schema.ToSalesforce
}

// Object are the rules of one object, by the places of its fields.
type Object struct {
	fields []*field
}

// field is what happens to one field.
type field struct {
	name   string // of the rule
	number uint16
	typ    record.Type
	steps  []step
	band   *band
	// with is the place of the field that goes wherever this one goes, as a country with its state; -1 for none.
	with int

	mu    sync.Mutex
	known map[question]string
}

// step rewrites a text. What it cannot make sense of it leaves as it is.
type step interface {
	rewrite(text string, q question) string
}

// question is a text with what decides about it.
type question struct {
	text string
	// country is the code of the record's country, for states and telephone numbers; empty where it is not known.
	country string
}

// countried is a step for which the country matters.
type countried interface {
	countryPlace() int
	// countryOf is the code that a country's text stands for, empty for none.
	countryOf(text string) string
}

// Name is the name of the rule of the field at a place, empty where there is none.
func (o *Object) Name(place int) string {
	if o == nil || o.fields[place] == nil {
		return ""
	}
	return o.fields[place].name
}

// With is the place of the field that must be written together with the one at a place; -1 for none.
func (o *Object) With(place int) int {
	if o == nil || o.fields[place] == nil {
		return -1
	}
	return o.fields[place].with
}

// knowing is a step that knows what values should be.
type knowing interface {
	find(text string, q question) (found string, ok bool)
}

// Strange reports that a value is none of those that the rule of its field knows: no country, no telephone number. A rule that knows none
// finds nothing strange.
func (o *Object) Strange(place int, v record.Value, all Reading) bool {
	if o == nil || o.fields[place] == nil || v.IsBlank() {
		return false
	}
	f := o.fields[place]
	q := question{v.Text(), f.country(all)}
	for _, s := range f.steps {
		if k, ok := s.(knowing); ok {
			_, found := k.find(v.Text(), q)
			return !found
		}
	}
	return false
}

// Stands reports that a telephone number, as a record spells it, is the one agreed upon if it is read as one of some other country: then
// not the number was changed but the country beside it.
func (o *Object) Stands(place int, spelled record.Value, agreed Agreed) bool {
	if o == nil || o.fields[place] == nil || spelled.IsBlank() {
		return false
	}
	for _, s := range o.fields[place].steps {
		if _, ok := s.(*phone); ok {
			return o.Could(place, spelled, agreed)
		}
	}
	return false
}

// Could reports that a value of which the record's country is not known is the one agreed upon if it is read as one of some country.
func (o *Object) Could(place int, spelled record.Value, agreed Agreed) bool {
	if o.Needs(place) < 0 || spelled.IsBlank() {
		return false
	}
	f := o.fields[place]
	for country := range places.Plans() {
		if agreed.Same(f.number, record.Of(f.rest(question{spelled.Text(), country}))) {
			return true
		}
	}
	return false
}

// Needs is the place of another field that decides what is made of the one at a place: a state's country; -1 for none.
func (o *Object) Needs(place int) int {
	if o == nil || o.fields[place] == nil {
		return -1
	}
	for _, s := range o.fields[place].steps {
		if c, ok := s.(countried); ok {
			return c.countryPlace()
		}
	}
	return -1
}

// Value is what is compared and sent of the field at a place, where the record on side from says v. all gives the record's other fields,
// as it spells them; agreed tells the band in which a number was last, and may be nil.
//
// Of a value on which a rule never comes to rest, it makes nothing: the value stays.
func (o *Object) Value(place int, from record.Side, v record.Value, all Reading, agreed Agreed) record.Value {
	if o == nil || o.fields[place] == nil || v.IsBlank() {
		return v
	}
	f := o.fields[place]
	v = record.Of(f.standard(question{v.Text(), f.country(all)}))
	if f.band != nil {
		v = f.band.of(v, from, f.number, agreed)
	}
	return v
}

// country is the code of the country that a record says, as far as a step asks for it.
func (f *field) country(all Reading) string {
	for _, s := range f.steps {
		c, ok := s.(countried)
		if !ok || c.countryPlace() < 0 || all == nil {
			continue
		}
		if v, read := all(c.countryPlace()); read {
			return c.countryOf(v.Text())
		}
	}
	return ""
}

// most bounds what is remembered of one field's values, and how often its steps are gone through.
const (
	mostKnown  = 4096
	mostRounds = 5
)

// standard is what the steps make of a text, once they make nothing more of it. What a thousand records say is worked out once.
func (f *field) standard(q question) string {
	if len(f.steps) == 0 {
		return q.text
	}
	f.mu.Lock()
	out, ok := f.known[q]
	f.mu.Unlock()
	if ok {
		return out
	}
	out = f.rest(q)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= mostKnown {
		clear(f.known)
	}
	f.known[q] = out
	return out
}

func (f *field) rest(q question) string {
	text := q.text
	for range mostRounds {
		next := f.once(text, q)
		if next == text {
			return text
		}
		text = next
	}
	return q.text
}

func (f *field) once(text string, q question) string {
	for _, s := range f.steps {
		if text == "" {
			return ""
		}
		text = s.rewrite(text, q)
	}
	// In the field's own form: spelled as its picklist spells it. What is no value of the type is not sent.
	if canon, err := f.typ.Canon(text); err == nil {
		return canon.Text()
	}
	return q.text
}
