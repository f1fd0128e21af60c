package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// spot is a field of an object of Salesforce.
type spot struct {
	object record.Object
	field  string
}

// The fields that a person maps otherwise, and those that are mapped in the middle of a day: one that Salesforce reckons, and one that
// both sides had before.
var (
	mappersFields = []string{"title", "phone", "city", "firstName", "segment", "leadScore", "mobilePhone", "country", "state"}
	laterFields   = []MappingField{{Salesforce: "Region__c", Marketo: "region"}, {Salesforce: "AssistantName", Marketo: "assistant"}}
)

// remaps changes how one field of leads or of contacts is mapped.
func (o *office) remaps() {
	object, field, one := drawn(o, record.Lead, record.Contact), drawn(o, mappersFields...), o.rng.IntN(12)
	policy, direction := drawn(o, "", "salesforce", "marketo", "newest", "hold"), drawn(o, "both", "to_marketo", "to_salesforce")
	later := drawn(o, laterFields...)
	o.maps(func(d *MappingDocument) string {
		m := mappedObject(d, object)
		f := m.field(field)
		switch {
		case one < 2 && f != nil && field != "state" && field != "country":
			name := f.Salesforce
			m.Fields = slices.DeleteFunc(m.Fields, func(x MappingField) bool { return x.Marketo == field })
			o.out[spot{object, name}] = o.pair.Now()
			return fmt.Sprintf("%s.%s is taken out", object, name)
		case one < 4:
			return fmt.Sprintf("%d fields are put back", o.putBackFields(m))
		case one == 4 && mappedObject(d, record.Contact).field(later.Marketo) == nil:
			return o.mapsLater(d, later)
		case f == nil:
			return ""
		case one < 8:
			f.Direction = direction
			o.turned(spot{object, f.Salesforce}, direction)
			return fmt.Sprintf("%s.%s travels %s", object, f.Salesforce, direction)
		case one < 10:
			f.Policy = policy
			return fmt.Sprintf("of %s.%s %q wins", object, f.Salesforce, policy)
		case field == "leadScore":
			return ""
		}
		f.NeverBlank = !f.NeverBlank
		return fmt.Sprintf("%s.%s is never blank: %t", object, f.Salesforce, f.NeverBlank)
	})
}

// quiets has a field written at most once an hour or a day, or at once again.
func (o *office) quiets() {
	object, field, quiet := drawn(o, record.Lead, record.Contact), drawn(o, "leadScore", "title", "phone", "city"), drawn(o, "hour", "day", "hour", "")
	o.maps(func(d *MappingDocument) string {
		f := mappedObject(d, object).field(field)
		if f == nil {
			return ""
		}
		f.Quiet = quiet
		o.rested[spot{object, f.Salesforce}] = o.pair.Now()
		return fmt.Sprintf("%s.%s is written at most once in a %s", object, f.Salesforce, quiet)
	})
}

// scores lets a campaign count up the same few people.
func (o *office) scores() {
	ids := slices.Sorted(maps.Keys(o.everyone(record.Marketo, record.Person)))
	for _, id := range ids[:min(5, len(ids))] {
		o.count++
		one := edit{o.pair.Now(), record.Marketo, id, "leadScore", strconv.Itoa(o.count)}
		if err := o.pair.Instance().Set(id, map[string]string{one.field: one.text}); err == nil {
			o.edited = append(o.edited, one)
		}
	}
	o.diary("a campaign counts up the first people")
}

// maps changes the mapping as a person does in the text, if there is one; change says what it changed, "" for nothing.
func (o *office) maps(change func(*MappingDocument) string) {
	ctx := o.t.Context()
	d, err := o.mapping()
	if err != nil || len(d.Objects) == 0 {
		return
	}
	if o.asMapped == nil {
		o.asMapped = map[spot]MappingField{}
		for _, object := range d.Objects {
			for _, f := range object.Fields {
				f.Number = nil
				o.asMapped[spot{object.Salesforce, f.Salesforce}] = f
			}
		}
	}
	said := change(&d)
	if said == "" {
		return
	}
	err = o.calmly(func() error {
		text, err := MarshalMapping(d)
		if err != nil {
			return err
		}
		_, err = o.a.SetMapping(ctx, sampleName, text)
		return err
	})
	o.diary("%s: %v", said, err)
	if err != nil {
		o.t.Error(err)
	}
}

// mapping is the workspace's, empty before the first cycle made it.
func (o *office) mapping() (d MappingDocument, err error) {
	err = o.a.beside(o.t.Context(), sampleName, true, func(w *store.Workspace) error {
		m, err := mappingOf(o.t.Context(), w)
		d = document(m)
		return err
	})
	return d, err
}

// remembers looks again what is out of the mapping and travels one way, once the workspace's file is another one.
func (o *office) remembers() {
	d, err := o.mapping()
	if err != nil {
		o.t.Error(err)
	}
	o.out, o.oneWay, o.rested = map[spot]time.Time{}, map[spot]oneWay{}, map[spot]time.Time{}
	for at, was := range o.asMapped {
		i := slices.IndexFunc(d.Objects, func(m MappingObject) bool { return m.Salesforce == at.object })
		if i < 0 {
			continue
		}
		if f := d.Objects[i].field(was.Marketo); f == nil {
			o.out[at] = o.pair.Now()
		} else if was.Direction == "both" {
			o.turned(at, f.Direction)
		}
	}
}

func mappedObject(d *MappingDocument, name record.Object) *MappingObject {
	i := slices.IndexFunc(d.Objects, func(m MappingObject) bool { return m.Salesforce == name })
	return &d.Objects[i]
}

// field finds a field by its name in Marketo.
func (m *MappingObject) field(name string) *MappingField {
	for i := range m.Fields {
		if m.Fields[i].Marketo == name {
			return &m.Fields[i]
		}
	}
	return nil
}

// putBackFields maps again what was taken out.
func (o *office) putBackFields(m *MappingObject) (n int) {
	for at, f := range o.asMapped {
		if at.object == m.Salesforce && m.field(f.Marketo) == nil && !o.unseen(at, f) {
			m.Fields = append(m.Fields, f)
			delete(o.out, at)
			delete(o.oneWay, at)
			n++
		}
	}
	slices.SortFunc(m.Fields[len(m.Fields)-n:], func(a, b MappingField) int { return strings.Compare(a.Marketo, b.Marketo) })
	return n
}

// unseen tells whether a side does not show a field now: nobody can map it then.
func (o *office) unseen(at spot, f MappingField) bool {
	return o.shape[fmt.Sprintf("%s.%s", at.object, at.field)].gone() || o.shape[f.Marketo].gone()
}

// mapsLater maps a field that was not mapped before, on contacts and where leads have it too.
func (o *office) mapsLater(d *MappingDocument, f MappingField) string {
	for _, object := range []record.Object{record.Lead, record.Contact} {
		if f.Salesforce != "AssistantName" || object == record.Contact {
			mappedObject(d, object).Fields = append(mappedObject(d, object).Fields, f)
			o.asMapped[spot{object, f.Salesforce}] = f
		}
	}
	if err := o.pair.Instance().AddField(f.Marketo, "Later "+f.Marketo, "string"); err != nil {
		o.diary("Marketo has the field: %v", err)
	}
	o.later = append(o.later, f)
	return fmt.Sprintf("%s is mapped onto %s", f.Salesforce, f.Marketo)
}

// mapsAsBefore maps every field again as it was, both ways, whoever wins.
func (o *office) mapsAsBefore() error {
	if o.asMapped == nil {
		return nil
	}
	o.maps(func(d *MappingDocument) string {
		for i := range d.Objects {
			m := &d.Objects[i]
			o.putBackFields(m)
			for j := range m.Fields {
				m.Fields[j].Direction = o.asMapped[spot{m.Salesforce, m.Fields[j].Salesforce}].Direction
			}
		}
		return "the mapping is as it was"
	})
	return nil
}

// turned remembers since when a field travels one way; "" stands for both.
func (o *office) turned(at spot, direction string) {
	if direction == "both" {
		delete(o.oneWay, at)
		return
	}
	o.oneWay[at] = oneWay{direction, o.pair.Now()}
}

// oneWay is where a field travels alone, and since when.
type oneWay struct {
	direction string
	since     time.Time
}

// stayedOut tells of texts that reached the other side though their field was out of the mapping, or travelled the other way alone, when they
// were written (promise 5).
func (o *office) stayedOut() {
	if err := o.a.beside(o.t.Context(), sampleName, true, func(w *store.Workspace) error {
		for i, e := range o.edited {
			if err := o.stayed(o.t.Context(), w, e, o.edited[i+1:]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		o.t.Error(err)
	}
}

func (o *office) stayed(ctx context.Context, w *store.Workspace, e edit, later []edit) error {
	known, err := w.Known(ctx, e.side, []record.ID{record.ID(e.id)})
	if err != nil || known[0].Link.State != cycle.Linked || len(e.text) < 6 || o.moved[e.id] || o.historyLost(e.at) {
		return err
	}
	link := known[0].Link
	if slices.ContainsFunc(o.lives, func(l lived) bool { return l.to == string(link.Salesforce) }) {
		return nil // Salesforce may have carried it over, from what it was before
	}
	for at, f := range o.asMapped {
		if at.object != link.Object || map[record.Side]string{record.Salesforce: f.Salesforce, record.Marketo: f.Marketo}[e.side] != e.field {
			continue
		}
		since, out := o.out[at]
		if way, one := o.oneWay[at]; one && (way.direction == "to_marketo") == (e.side == record.Marketo) {
			since, out = way.since, true
		}
		if !out || !e.at.After(since) {
			continue
		}
		other := edit{side: e.side.Other(), id: string(link.On(e.side.Other())), field: map[record.Side]string{record.Salesforce: f.Marketo, record.Marketo: f.Salesforce}[e.side]}
		if o.reads(other) == e.text && !slices.ContainsFunc(o.edited, func(x edit) bool { return x.id == other.id && x.field == other.field && x.text == e.text }) {
			o.broken = append(o.broken, fmt.Sprintf("promise 5: what was written into %s of %s reached %s, though %s.%s does not travel there", e.field, e.id, other.id, at.object, at.field))
		}
	}
	return nil
}

// reads is what stands in the field of an edit now.
func (o *office) reads(e edit) (text string) {
	read := func(get func(string) (string, bool)) { text, _ = get(e.field) }
	if e.side == record.Salesforce {
		o.pair.Org().Look(objectOfID(e.id), e.id, read)
	} else {
		o.pair.Instance().Look(record.Person, e.id, read)
	}
	return text
}

// hastened tells of quiet fields that were written twice within an hour, though nothing else went with them and nobody was in a hurry.
func (o *office) hastened(n *noted, events []store.Event, wrong func(string, ...any)) {
	since, quiet := o.rested[spot{n.link.Object, n.field.Salesforce}]
	if !quiet || n.field.Quiet == "" || o.hasty || o.misdated() {
		return
	}
	met, _ := met(events)
	var last store.Event
	for _, e := range slices.Backward(events) {
		if e.Kind != "written" || e.Field != n.field.Number || !e.At.After(since) || e.At.Before(met.Add(time.Hour)) {
			continue
		}
		along := slices.ContainsFunc(events, func(x store.Event) bool {
			return x.Cycle == e.Cycle && x.Side == e.Side && x.Kind == "written" && x.Field != e.Field
		})
		if last.Side == e.Side && e.At.Truncate(time.Hour).Equal(last.At.Truncate(time.Hour)) && !along {
			wrong("%s of %s was written at %s and again at %s, though it is quiet", n.field.On(e.Side), n.link.On(e.Side), last.At.Format(time.TimeOnly), e.At.Format(time.TimeOnly))
		}
		last = e
	}
}
