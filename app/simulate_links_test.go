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
