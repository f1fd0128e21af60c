package cycle

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// place is where a record that another one names stands in Marketo.
type place uint8

const (
	missing place = iota // not there, and not on its way
	coming               // its twin is about to be created
	there
)

// Standing is where a record of Salesforce stands in Marketo.
type Standing struct {
	Link    LinkID // 0 for a record never seen
	State   LinkState
	Marketo record.ID // as far as it is known
	Failed  bool      // the write that is to bring it there was refused
}

// place tells it by what the ledger knows.
func (s Standing) place() place {
	switch {
	case s.Link == 0:
		return missing
	case s.State.paired():
		return there
	case s.State == Creating && !s.Failed:
		return coming
	}
	return missing
}

// located is a place with Marketo's id, which people have.
type located struct {
	place place
	id    record.ID
}

// locatedAtMost bounds what a cycle remembers of where records stand.
const locatedAtMost = 50_000

// locate looks up where the records stand that these ones name, before these are planned.
func (r *run) locate(ctx context.Context, pages ...[]record.Record) error {
	if r.stands == nil || len(r.stands) > locatedAtMost {
		r.stands = map[record.ID]located{}
	}
	wanted := map[record.ID]bool{}
	for _, page := range pages {
		for i := range page {
			r.want(wanted, &page[i])
		}
	}
	ids := slices.Sorted(maps.Keys(wanted))
	if r.kept != nil && len(ids) > 0 {
		if err := r.kept(); err != nil {
			return err
		}
	}
	standings, err := r.Ledger.Standing(ctx, ids)
	if err != nil {
		return err
	}
	for i, s := range standings {
		r.stands[own(ids[i])] = located{s.place(), s.Marketo}
	}
	return nil
}

// own is an id without the record that it is a part of, for whoever keeps it longer than that.
func own(id record.ID) record.ID { return record.ID(strings.Clone(string(id))) }

// want adds what a record names and what is not known yet.
func (r *run) want(wanted map[record.ID]bool, rec *record.Record) {
	if rec.Object.Side() != record.Salesforce || rec.Deleted || rec.Err != nil {
		return
	}
	object := r.object(rec.Object)
	for i := range object.Fields {
		if !resolves(object.Name, &object.Fields[i]) {
			continue
		}
		if id := record.ID(rec.Values[i].Text()); id != "" && !r.settled(id) {
			wanted[id] = true
		}
	}
}

// resolves tells the fields that say something else in Marketo than in Salesforce. A person's company is named there by the account's id
// in any case: whether it is there is looked up when the person is sent.
func resolves(object record.Object, f *schema.Field) bool {
	return f.To != "" && !(f.To == record.Account && object.IsPerson())
}

// settled tells the ids that need no look-up: users stay where they are, of others nobody hears while a first sync joins, and queues, which
// own leads too, are nobody.
func (r *run) settled(id record.ID) bool {
	if isQueue(id) || !strings.HasPrefix(string(id), "005") {
		return isQueue(id)
	}
	at, met := r.stands[id]
	return at.place == there || met && r.nobody
}

func isQueue(id record.ID) bool { return strings.HasPrefix(string(id), "00G") }

// named is what Marketo is told of a field of a Salesforce record. ok is false for a reference that the twin needs, and that leads
// nowhere yet.
func (r *run) named(object record.Object, f *schema.Field, v record.Value) (_ record.Value, ok bool) {
	switch {
	case v.IsBlank():
		if f.Blank != "" {
			v = record.Of(f.Blank)
		}
		return v, true
	case !resolves(object, f):
		return v, f.To == "" || r.given(f.To)
	}
	at := r.stands[record.ID(v.Text())]
	switch {
	case at.place == missing:
		return record.Value{}, !f.Needed && r.given(f.To)
	case at.place == there && f.To.IsPerson():
		return record.Of(string(at.id)), true
	}
	return v, true // of a person that is on its way the id is put in when the record is sent
}

// given reports whether records of an object can come to Marketo at all. Of others, such as users where the API may not write sales persons,
// nothing is said there: neither whom a field names, nor that it is empty.
func (r *run) given(o record.Object) bool { return len(r.object(o).Fields) > 0 }

// follows are the Salesforce records on which a record's place in Marketo depends: those that it names and that are not there, and the
// people of whom it carries Marketo's id. Sorted.
func (r *run) follows(object schema.Object, rec *record.Record) []record.ID {
	var ids []record.ID
	for i := range object.Fields {
		f, id := &object.Fields[i], record.ID(rec.Values[i].Text())
		if !resolves(object.Name, f) || id == "" || isQueue(id) {
			continue
		}
		if f.To.IsPerson() || r.stands[id].place == missing && (f.Needed || r.given(f.To)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// follow keeps what a link depends on true.
func (s *sheet) follow() {
	if s.sf == nil || s.sf.Err != nil || len(s.sf.Values) < len(s.object.Fields) {
		return
	}
	ids := s.run.follows(s.object, s.sf)
	if !slices.Equal(ids, s.known.Follows) {
		s.step.Follow = &ids
	}
}
