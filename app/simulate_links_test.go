package app

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// links holds what is remembered of who belongs to whom against what both sides show (promise 8): a pair of which one half is gone is no
// pair, and who names each other is one.
func (o *office) links(ctx context.Context, w *store.Workspace, wrong func(string, ...any)) error {
	pairs, err := w.LinkedAfter(ctx, 0, 10_000)
	if err != nil {
		return err
	}
	linked := map[cycle.Link]bool{}
	for _, l := range pairs {
		if !l.Object.IsPerson() {
			continue
		}
		linked[cycle.Link{Salesforce: l.Salesforce, Marketo: l.Marketo}] = true
		known, err := w.KnownLinks(ctx, []cycle.LinkID{l.ID})
		if err != nil {
			return err
		}
		there := o.pair.Org().Look(string(l.Object), string(l.Salesforce), func(func(string) (string, bool)) {}) &&
			o.pair.Instance().Look(record.Person, string(l.Marketo), func(func(string) (string, bool)) {})
		if !there && !explains(known[0]) {
			wrong("promise 8: %s and person %s count as a pair, and one of them is gone", l.Salesforce, l.Marketo)
		}
	}
	for _, object := range []record.Object{record.Lead, record.Contact} {
		for id := range o.everyone(record.Salesforce, object) {
			person := o.partner(edit{side: record.Salesforce, id: id})
			if person == "" || o.partner(edit{side: record.Marketo, id: person}) != id || linked[cycle.Link{Salesforce: record.ID(id), Marketo: record.ID(person)}] {
				continue
			}
			known, err := w.Known(ctx, record.Salesforce, []record.ID{record.ID(id)})
			if err != nil {
				return err
			}
			if !explains(known[0]) {
				wrong("promise 8: %s and person %s name each other, and do not count as a pair", id, person)
			}
		}
	}
	return nil
}

// lived is a record that lives on as another one; half and other are what both were paired with then.
type lived struct{ from, half, to, other string }

// half is the other half of a pair, if the record names one.
func (o *office) half(side record.Side, id string) string { return o.partner(edit{side: side, id: id}) }

// became notes that a record lives on as another one.
func (o *office) became(from, half, to, other string) {
	o.lives = append(o.lives, lived{from, half, to, other})
}

// stories looks whether what a record lived on as is found by its old id too: one linked person has one history.
func (o *office) stories(ctx context.Context, w *store.Workspace, wrong func(string, ...any)) error {
	next := map[string]lived{}
	for _, l := range o.lives {
		next[l.from] = l
	}
	for _, l := range o.lives {
		from, to, two := l.from, l.to, l.other != ""
		for steps := 0; next[to].to != "" && steps <= len(next); steps++ {
			to, two = next[to].to, two || next[to].other != ""
		}
		known, err := w.Known(ctx, record.Salesforce, []record.ID{record.ID(to), record.ID(from)})
		if err != nil {
			return err
		}
		if l.half == "" || !known[0].Paired() || explains(known[0]) || known[1].Link.ID != 0 || !o.restored.IsZero() {
			continue
		}
		found, err := w.FindPerson(ctx, from)
		if err != nil {
			return err
		}
		// Where two pairs became one, the other person is a story of its own, until somebody decides.
		if len(found) != 1 || !two && found[0].ID != known[0].Link.ID {
			wrong("one history: %s lives on as %s, and is found as %v", from, to, found)
		}
	}
	return nil
}
