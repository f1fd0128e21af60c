package app

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// edit is one field as a user changed it.
type edit struct {
	at    time.Time
	side  record.Side
	id    string
	field string // its API name
	text  string
}

// noted are the edits of one field of one person, by the people of both sides, in the order of time.
type noted struct {
	link  cycle.Link
	field schema.Field
	edits []edit
}

// note remembers what was edited.
func (o *office) note(edited []sandbox.Edited) {
	for _, e := range edited {
		for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
			o.edited = append(o.edited, edit{o.pair.Now(), e.Side, e.ID, field, e.Fields[field]})
			o.diary("edit %s of %s to %q", field, e.ID, e.Fields[field])
		}
	}
}

// fates goes through all edits and tells which of them nobody can account for (promises 1 and 6). An edit stands on both sides; or a
// later one of the same field came after it; or the history says what overwrote it; or an open failure or hold names it.
func (o *office) fates(ctx context.Context, w *store.Workspace, lost func(n *noted, e edit), wrong func(string, ...any)) error {
	all, err := o.byField(ctx, w)
	if err != nil {
		return err
	}
	for _, n := range all {
		explained, err := open(ctx, w, n)
		if err != nil {
			return err
		}
		events, err := w.EventsOf(ctx, n.link.ID, 10_000)
		if err != nil {
			return err
		}
		met, moved := met(events)
		met = o.truly(met)
		if !explained && o.restored.IsZero() {
			o.spelledOut(n, events, wrong)
			o.hastened(n, events, wrong)
		}
		for i, e := range n.edits {
			value, err := n.field.Type.Canon(e.text)
			switch {
			case explained || err != nil || o.historyLost(e.at): // what cannot be read in its type is held
				continue
			case e.at.Before(met) && (moved || n.field.Consent): // who wants no mails gets none
				continue
			}
			switch agreed, ever := o.lastAgreed(n, e.at.Truncate(time.Second)); {
			case value.IsBlank() && (e.at.Before(met) || !ever): // before both sides ever agreed the filled one fills
				continue
			case ever && agreed == value: // who takes an edit back that was not taken over has changed nothing
				continue
			}
			told := slices.ContainsFunc(events, func(t store.Event) bool {
				return (t.Kind == "overwrote" || t.Kind == "written" && o.hadRule(n)) && t.Field == n.field.Number && (t.Old == value || o.isOne(n, t.Side, t.Old.Text(), e.text))
			})
			if !told && !o.reached(n, i, value) {
				lost(n, e)
			}
		}
	}
	return nil
}

// met is when a pair became one; moved, that its person was in another pair before, whose history has what came earlier.
func met(events []store.Event) (at time.Time, moved bool) {
	for _, e := range events {
		if e.Kind == "linked" || e.Kind == "created" {
			return e.At, e.Detail != ""
		}
	}
	if len(events) > 0 { // made by a write that was sent twice, because its answer was lost
		return events[len(events)-1].At, false
	}
	return time.Time{}, false
}

// byField sorts the edits of people who are in a pair still, and were in no other before, by person and field.
func (o *office) byField(ctx context.Context, w *store.Workspace) ([]*noted, error) {
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return nil, err
	}
	type place struct {
		link  cycle.LinkID
		field uint16
	}
	found := map[place]*noted{}
	var order []*noted
	for _, e := range o.edited {
		if o.moved[e.id] {
			continue
		}
		known, err := w.Known(ctx, e.side, []record.ID{record.ID(e.id)})
		if err != nil {
			return nil, err
		}
		link := known[0].Link
		if link.State != cycle.Linked || o.moved[string(link.On(e.side.Other()))] {
			continue
		}
		object, _ := mapping.Object(link.Object)
		for _, f := range object.Fields {
			if f.On(e.side) != e.field || !f.Direction.Writes(e.side.Other()) {
				continue
			}
			at := place{link.ID, f.Number}
			if found[at] == nil {
				found[at] = &noted{link: link, field: f}
				order = append(order, found[at])
			}
			found[at].edits = append(found[at].edits, e)
		}
	}
	for _, n := range order {
		slices.SortStableFunc(n.edits, func(a, b edit) int { return a.at.Compare(b.at) })
	}
	return order, nil
}

// open tells whether a failure or a hold is open that says what becomes of the field.
func open(ctx context.Context, w *store.Workspace, n *noted) (bool, error) {
	known, err := w.KnownLinks(ctx, []cycle.LinkID{n.link.ID})
	if err != nil {
		return false, err
	}
	return opensField(known[0], n.field.Number), nil
}

// opensField tells whether a failure or a hold of a link is about one of its fields, or about all of it.
func opensField(k cycle.Known, number uint16) bool {
	for _, row := range k.Out {
		if (row.State == cycle.Failed || row.State == cycle.Held) && (row.Action != cycle.Update || slices.ContainsFunc(row.Fields, func(c cycle.Change) bool { return c.Field == number })) {
			return true
		}
		if slices.ContainsFunc(row.Refused, func(f cycle.Refusal) bool { return f.Field == number }) {
			return true
		}
	}
	return slices.ContainsFunc(k.Holds, func(h cycle.Hold) bool { return h.Field == number || h.Field == cycle.NoField })
}

// differences are fields in which the halves of a pair differ though a failure or a hold of the pair is open: that is about another field.
func (o *office) differences(ctx context.Context, w *store.Workspace) (rest []sandbox.Difference, err error) {
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return nil, err
	}
	var all []sandbox.Difference
	o.pair.Compare(func(d sandbox.Difference) bool { all = append(all, d); return true })
	for _, d := range all {
		known, err := w.Known(ctx, record.Salesforce, []record.ID{record.ID(d.SalesforceID)})
		if err != nil {
			return nil, err
		}
		object, _ := mapping.Object(d.Object)
		i := slices.IndexFunc(object.Fields, func(f schema.Field) bool { return f.Salesforce == d.SalesforceField })
		if k := known[0]; i >= 0 && d.Object.IsPerson() && k.Paired() && string(k.Link.Marketo) == d.MarketoID && explains(k) && !opensField(k, object.Fields[i].Number) {
			rest = append(rest, d)
		}
	}
	return rest, nil
}

// stands is the value that a side holds now.
func (o *office) stands(n *noted, side record.Side) (value record.Value) {
	read := func(get func(string) (string, bool)) {
		text, _ := get(n.field.On(side))
		if canon, err := n.field.Type.Canon(text); err == nil {
			value = canon
		}
	}
	if side == record.Salesforce {
		o.pair.Org().Look(string(n.link.Object), string(n.link.Salesforce), read)
	} else {
		o.pair.Instance().Look(record.Person, string(n.link.Marketo), read)
	}
	return value
}

// accounts says what became of edits that nobody can account for.
func (o *office) accounts(t *testing.T, ctx context.Context, w *store.Workspace, wrong func(string, ...any)) {
	t.Helper()
	if err := o.fates(ctx, w, func(n *noted, e edit) {
		wrong("promises 1 and 6: what a user wrote into %s of %s in %s at %s neither stands nor is told of", e.field, e.id, e.side, e.at.Format(time.TimeOnly))
	}, wrong); err != nil {
		t.Fatal(err)
	}
}
