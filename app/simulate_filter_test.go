package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// sieve is a filter, and whom it lets pass, by the fields of a record.
type sieve struct {
	text   string
	passes func(object string, get func(string) string) bool
}

// sieves are the filters that are set.
var sieves = []sieve{
	{"Do_Not_Sync_to_Marketo is not true", func(_ string, get func(string) string) bool { return get(doNotSync) != "true" }},
	{"lead where Email is filled\ncontact where Do_Not_Sync_to_Marketo is not true", func(object string, get func(string) string) bool {
		return object == "Lead" && get("Email") != "" || object == "Contact" && get(doNotSync) != "true"
	}},
	{"contact where account.Name is filled and Do_Not_Sync_to_Marketo is not true", func(object string, get func(string) string) bool {
		return object == "Lead" || get("AccountId") != "" && get(doNotSync) != "true"
	}},
	{"lead where Do_Not_Sync_to_Marketo is not true", func(object string, get func(string) string) bool {
		return object == "Contact" || get(doNotSync) != "true"
	}},
}

// filters sets another sync filter, or none.
func (o *office) filters() {
	if err := o.calmly(func() error {
		if !o.boxed {
			o.boxed = true
			if err := o.pair.Instance().AddField("keptOut", "Kept Out", "boolean"); err != nil {
				return err
			}
		}
		change := FilterChange{None: true}
		if o.rng.IntN(4) > 0 {
			change = FilterChange{Text: sieves[o.rng.IntN(len(sieves))].text + "\nwho leaves is " + []string{"frozen", "unlinked", "marked in keptOut"}[o.rng.IntN(3)]}
			if strings.HasSuffix(change.Text, "unlinked") { // whoever has the address too may take the place, and the record still names the person
				o.doubled++
			}
		}
		_, err := o.a.SetFilter(o.t.Context(), sampleName, change, agree)
		o.diary("the filter is %q: %v", change.Text, err)
		o.filtered = true
		return err
	}); err != nil {
		o.t.Error(err)
	}
}

// sieved tells of records that count as half of a pair though the filter that is set keeps them out (promise 5). Whoever was let in or
// kept out last must have been read.
func (o *office) sieved() (broken []string) {
	ctx := o.t.Context()
	shown, err := o.a.ShowFilter(ctx, sampleName)
	if err != nil || shown.Text == "" {
		return nil
	}
	i := slices.IndexFunc(sieves, func(s sieve) bool { return strings.HasPrefix(shown.Text, s.text+"\n") })
	var out []record.ID
	for _, object := range []string{"Lead", "Contact"} {
		o.pair.Org().Each(object, func(id string, get func(string) (string, bool)) bool {
			text := func(field string) string { t, _ := get(field); return t }
			if text("IsConverted") != "true" && !sieves[i].passes(object, text) {
				out = append(out, record.ID(id))
			}
			return true
		})
	}
	if err := o.a.beside(ctx, sampleName, true, func(w *store.Workspace) error {
		known, err := w.Known(ctx, record.Salesforce, out)
		for i, k := range known {
			if k.Link.State == cycle.Linked && !explains(k) {
				broken = append(broken, fmt.Sprintf("promise 5: %s is synced, though the filter keeps it out", out[i]))
			}
		}
		return err
	}); err != nil {
		o.t.Error(err)
	}
	return broken
}

// ticks has a user tick or untick a record's box that keeps it out of Marketo.
func (o *office) ticks() {
	id, _ := o.anyone(record.Salesforce, []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)])
	if id == "" {
		return
	}
	value := "true"
	o.pair.Org().Look(objectOfID(id), id, func(get func(string) (string, bool)) {
		if was, _ := get(doNotSync); was == "true" {
			value = "false"
		}
	})
	// Somebody else may hold the record at this moment: then nothing becomes of it.
	o.diary("%s of %s becomes %s: %v", doNotSync, id, value, o.pair.Org().Set(id, map[string]string{doNotSync: value}))
}

func objectOfID(id string) string {
	if id[:3] == "003" {
		return "Contact"
	}
	return "Lead"
}

// letsAllIn takes the filter away in the evening. It must have cost nobody anything.
func (o *office) letsAllIn() error {
	if !o.filtered {
		return nil
	}
	_, err := o.a.SetFilter(o.t.Context(), sampleName, FilterChange{None: true}, agree)
	return err
}

// letIn tells of people who are kept out by no filter, or are linked and still ticked as kept out.
func (o *office) letIn(ctx context.Context, w *store.Workspace, wrong func(string, ...any)) error {
	if !o.filtered {
		return nil
	}
	if s, err := w.Counts(ctx); err != nil || s.Filtered != 0 {
		wrong("%d are kept out by no filter (%v)", s.Filtered, err)
	}
	var ids []record.ID
	o.pair.Instance().Each(record.Person, func(id string, get func(string) (string, bool)) bool {
		if text, _ := get("keptOut"); text == "true" {
			ids = append(ids, record.ID(id))
		}
		return true
	})
	known, err := w.Known(ctx, record.Marketo, ids)
	for i, k := range known {
		if k.Link.State == cycle.Linked && !explains(k) && o.restored.IsZero() {
			wrong("person %s passes and is ticked as kept out", ids[i])
		}
	}
	return err
}

// wasFrozen tells whether the filter kept the records of a link out for a while.
func wasFrozen(events []store.Event) bool {
	return slices.ContainsFunc(events, func(e store.Event) bool {
		return slices.Contains([]string{"frozen", "filtered", "unlinked", "thawed"}, e.Kind)
	})
}
