package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// reality is what the model is held against: the engine, the store and the HTTP stack on a pair of imitated systems.
type reality struct {
	a    *App
	pair *sandbox.Pair
	line *wire
}

// newReality is an empty pair and a workspace on it that is live, with a bug planted in the engine or without.
func newReality(t *rapid.T, home string, bug func(cycle.Config) cycle.Config) *reality {
	pair, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	if err := pair.Instance().AddField(schema.GoneInSalesforceField, "SFDC Is Deleted", "boolean"); err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"Lead", "Contact"} {
		pair.Org().SetFieldPresent(object+"."+schema.GoneInMarketoField, true)
	}
	a, line, err := wired(home, pair, bug)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(connectSample(t.Context(), a, pair.Credentials()), a.SetMode(t.Context(), sampleName, record.Live)); err != nil {
		t.Fatal(err)
	}
	return &reality{a, pair, line}
}

// maps puts what the model knows of its fields into the workspace's mapping.
func (w *reality) maps(ctx context.Context, fields []*modelField) error {
	d, err := w.a.Mapping(ctx, sampleName)
	if err != nil {
		return err
	}
	for n := range d.Objects {
		o := &d.Objects[n]
		o.Fields = slices.DeleteFunc(o.Fields, func(f MappingField) bool { // what the model has on one object only is mapped on one only
			return slices.ContainsFunc(fields, func(m *modelField) bool {
				return m.person == f.Marketo && o.Salesforce.IsPerson() && m.on(o.Salesforce) == ""
			})
		})
		for i := range o.Fields {
			f := &o.Fields[i]
			for _, modelled := range fields {
				if modelled.person != f.Marketo || modelled.on(o.Salesforce) == "" {
					continue
				}
				f.Policy, f.NeverBlank = modelled.policy, modelled.neverBlank
				if modelled.oneWay {
					f.Direction = "to_marketo"
				}
			}
		}
	}
	text, err := MarshalMapping(d)
	if err != nil {
		return err
	}
	_, err = w.a.SetMapping(ctx, sampleName, text)
	return err
}

// set edits a record as a user does.
func (w *reality) set(r *modelRecord, fields map[string]string) error {
	if r.object == record.Person {
		return w.pair.Instance().Set(r.id, fields)
	}
	return w.pair.Org().Set(r.id, fields)
}

// look reads a record, past the engine; there is false when it is gone.
func (w *reality) look(r *modelRecord, fields []*modelField) (values map[string]string, marked, there bool) {
	values = map[string]string{}
	read := func(get func(string) (string, bool)) {
		for _, f := range fields {
			if name := f.on(r.object); name != "" {
				if text, ok := get(name); ok && text != "" {
					values[f.person] = text
				}
			}
		}
		flag, _ := get(map[record.Side]string{record.Salesforce: schema.GoneInMarketoField, record.Marketo: schema.GoneInSalesforceField}[r.object.Side()])
		converted, _ := get("IsConverted")
		marked, there = flag == "true", converted != "true"
	}
	if r.object == record.Person {
		w.pair.Instance().Look(r.object, r.id, read)
	} else {
		w.pair.Org().Look(string(r.object), r.id, read)
	}
	return values, marked, there
}

// stamp is when a record that others went up in was last changed: not now, where it had nothing blank.
func (w *reality) stamp(r *modelRecord) time.Time {
	at := w.pair.Now()
	w.pair.Org().Look(string(r.object), r.id, func(get func(string) (string, bool)) {
		text, _ := get("LastModifiedDate")
		if stamp, err := time.Parse(time.RFC3339, text); err == nil {
			at = stamp
		}
	})
	return at
}

// everyone are the ids of all records that are there.
func (w *reality) everyone() (ids []string) {
	note := func(id string, get func(string) (string, bool)) bool {
		if converted, _ := get("IsConverted"); converted != "true" {
			ids = append(ids, id)
		}
		return true
	}
	w.pair.Org().Each("Lead", note)
	w.pair.Org().Each("Contact", note)
	w.pair.Instance().Each(record.Person, note)
	return ids
}

// run runs one cycle.
func (w *reality) run(ctx context.Context) error {
	_, err := w.a.Sync(ctx, sampleName, SyncOptions{})
	return err
}

// quiet runs cycles until one writes nothing: four at most, because both sides agree within three.
func (w *reality) quiet(ctx context.Context) error {
	for range 4 {
		before := w.pair.Journal()
		if err := w.run(ctx); err != nil {
			return err
		}
		time.Sleep(betweenCycles)
		after := w.pair.Journal()
		if after.Of(record.Salesforce).Writes == before.Of(record.Salesforce).Writes && after.Of(record.Marketo).Writes == before.Of(record.Marketo).Writes {
			return nil
		}
	}
	return errors.New("promises 2 and 4: the fourth cycle after the last edit still writes")
}

// tells whether the model and reality differ once all is quiet; every line is one difference.
func (m *model) differs(ctx context.Context, w *reality) (wrong []string) {
	tell := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	err := w.a.within(ctx, sampleName, func(ws *store.Workspace) error {
		held, err := ws.Holds(ctx, 0, 1000)
		if err != nil {
			return err
		}
		for _, r := range m.records {
			if r.id == "" {
				if err := m.find(ctx, w, ws, r); err != nil {
					return err
				}
			}
			if !r.gone && r.id == "" {
				tell("%s of %s was not made", r.object, m.partner(r).id)
			}
		}
		if len(wrong) > 0 {
			return nil
		}
		m.compareRecords(w, tell)
		return m.compareLinks(ctx, ws, held, tell)
	})
	if err != nil {
		tell("%s", err)
	}
	return wrong
}

// partner is the other half of a record's pair.
func (m *model) partner(r *modelRecord) *modelRecord {
	p := m.pairOf(r)
	if p == nil {
		return &modelRecord{}
	}
	if p.salesforce == r {
		return p.marketo
	}
	return p.salesforce
}

// find learns the id of a record that the engine made.
func (m *model) find(ctx context.Context, w *reality, ws *store.Workspace, r *modelRecord) error {
	partner := m.partner(r)
	if partner.id == "" {
		return nil
	}
	side := partner.object.Side()
	known, err := ws.Known(ctx, side, []record.ID{record.ID(partner.id)})
	if err != nil {
		return err
	}
	r.id = string(known[0].Link.On(side.Other()))
	if values, _, there := w.look(r, m.fields); there && r.object == record.Lead { // whoever makes a lead owns it
		for _, half := range []*modelRecord{r, partner} {
			half.values["externalSalesPersonId"] = values["externalSalesPersonId"]
		}
		m.pairOf(r).agreed["externalSalesPersonId"] = values["externalSalesPersonId"]
	}
	return nil
}

// compareRecords holds every field of everybody against what stands on both sides.
func (m *model) compareRecords(w *reality, tell func(string, ...any)) {
	var ids []string
	for _, r := range m.records {
		if r.gone {
			continue
		}
		ids = append(ids, r.id)
		values, marked, there := w.look(r, m.fields)
		if !there {
			tell("%s %s is not there", r.object, r.id)
			continue
		}
		if marked != r.marked {
			tell("%s %s is marked as without a twin: %t", r.object, r.id, marked)
		}
		for _, f := range m.fields {
			if f.on(r.object) != "" && values[f.person] != r.values[f.person] {
				tell("%s of %s %s is %q, wanted %q", f.person, r.object, r.id, values[f.person], r.values[f.person])
			}
		}
	}
	for _, id := range w.everyone() {
		if !slices.Contains(ids, id) {
			tell("nobody knows of %s", id)
		}
	}
}

// compareLinks holds the memory against the model's: who belongs to whom, what waits for a person, and which values were lost.
func (m *model) compareLinks(ctx context.Context, ws *store.Workspace, holds []cycle.Hold, tell func(string, ...any)) error {
	ours, err := m.named(ctx, ws)
	if err != nil {
		return err
	}
	open := map[cycle.LinkID][]string{}
	for _, h := range holds {
		if h.Field == cycle.NoField {
			open[h.Link] = append(open[h.Link], "who it is")
			continue
		}
		known, err := ws.KnownLinks(ctx, []cycle.LinkID{h.Link})
		if err != nil {
			return err
		}
		if f := ours(known[0].Link.Object, h.Field); f != nil {
			open[h.Link] = append(open[h.Link], f.person)
		}
	}
	states := map[bool]cycle.LinkState{false: cycle.Linked, true: cycle.Frozen}
	for _, r := range m.records {
		if r.gone {
			continue
		}
		known, err := ws.Known(ctx, r.object.Side(), []record.ID{record.ID(r.id)})
		if err != nil {
			return err
		}
		link, p := known[0].Link, m.pairOf(r)
		if partner := m.partner(r).id; p == nil && link.State == cycle.Linked || p != nil && (link.State != states[p.frozen] || string(link.On(r.object.Side().Other())) != partner) {
			tell("%s %s is linked with %q (state %d), wanted %q", r.object, r.id, link.On(r.object.Side().Other()), link.State, partner)
			continue
		}
		if want, is := m.waits(r), strings.Join(slices.Sorted(slices.Values(open[link.ID])), ", "); want != is {
			tell("what waits for a person about %s %s: %q, wanted %q", r.object, r.id, is, want)
		}
		if p == nil || r != p.salesforce {
			continue
		}
		events, err := ws.EventsOf(ctx, link.ID, 10_000)
		if err != nil {
			return err
		}
		var told []modelLoss
		for _, e := range events {
			object := link.Object
			if e.Object != "" {
				object = e.Object
			}
			if f := ours(object, e.Field); e.Kind == "overwrote" && e.Field != cycle.NoField && f != nil {
				told = append(told, modelLoss{e.Side, f.person, e.Old.Text()})
			}
		}
		for _, l := range p.lost {
			if !slices.Contains(told, l) {
				tell("promise 6: nothing tells that %q in %s of %s %s was overwritten", l.value, l.field, r.object, r.id)
			}
		}
		for _, l := range told {
			if !m.troubled && !slices.Contains(p.lost, l) && !slices.Contains(p.contested, l) {
				tell("the history of %s %s tells that %q in %s was overwritten in %s, which nobody entered there", r.object, r.id, l.value, l.field, l.side)
			}
		}
	}
	return nil
}

// waits is what waits for a person about a record, as the model has it.
func (m *model) waits(r *modelRecord) string {
	if m.waiting[r] {
		return "who it is"
	}
	var waits []string
	for _, p := range m.pairs {
		switch {
		case p.linked && (p.salesforce == r || p.marketo == r):
			for name := range p.held {
				waits = append(waits, name)
			}
		case p.double && p.marketo == r:
			waits = append(waits, "who it is")
		}
	}
	slices.Sort(waits)
	return strings.Join(waits, ", ")
}
