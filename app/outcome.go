package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// Outcome is what became of a plan that was rehearsed, or where it stands.
type Outcome struct {
	At        time.Time `json:"at"`
	Announced int       `json:"announced"` // writes
	// AsAnnounced were written as announced. Waiting are to be written still, or were refused.
	AsAnnounced int `json:"as_announced"`
	Waiting     int `json:"waiting"`
	// Changed were planned anew since, Dropped are not to be written any more, Added are new since.
	Changed int `json:"changed"`
	Dropped int `json:"dropped"`
	Added   int `json:"added"`
	// Differences are those that changed, were dropped or added, at most differencesShown.
	Differences []Difference `json:"differences"`
}

// Differ is how many writes are not as announced.
func (o Outcome) Differ() int { return o.Changed + o.Dropped + o.Added }

// Difference is a write that is not, or was not made, as announced.
type Difference struct {
	Side   record.Side   `json:"side"` // that is written to
	Object record.Object `json:"object"`
	ID     record.ID     `json:"id,omitempty"`     // of the record that is written to; empty of one that is not there
	Source record.ID     `json:"source,omitempty"` // of its twin on the other side
	// How is changed, dropped or added; Done where it was written.
	How  string `json:"how"`
	Done bool   `json:"done"`
	// Fields are those that are written otherwise, by the target's names, where they are known.
	Fields []string `json:"fields,omitempty"`
	Cause  Sentence `json:"-"`
	// Why is Cause in English, Key and Args are its parts.
	Why  string   `json:"why"`
	Key  string   `json:"key"`
	Args []string `json:"args,omitempty"`
}

// because sets why a write differs.
func (d *Difference) because(s Sentence) {
	d.Cause, d.Why, d.Key, d.Args = s, s.Text, s.Key, s.Args
}

// How a write differs.
const (
	DifferChanged = "changed"
	DifferDropped = "dropped"
	DifferAdded   = "added"
)

// differencesShown is how many are told, differencesCounted how many are looked for.
const (
	differencesShown   = 200
	differencesCounted = 20_000
)

// SinceRehearsal compares what waits now with what the last rehearsal announced. It reads the workspace's file alone, and goes through all
// of it. ErrNotRehearsed where nothing was rehearsed.
func (a *App) SinceRehearsal(ctx context.Context, name string) (o Outcome, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		o, err = outcomeOf(ctx, w, a.world.now())
		return err
	})
	return o, err
}

func outcomeOf(ctx context.Context, w *store.Workspace, now time.Time) (Outcome, error) {
	r, err := rehearsalOf(ctx, w)
	if err != nil || r.Outcome != nil {
		if r.Outcome != nil {
			return *r.Outcome, err
		}
		return Outcome{}, err
	}
	_, fates, err := w.Rehearsed(ctx)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{At: now.UTC(), AsAnnounced: fates[store.AsAnnounced], Differences: []Difference{}}
	o.Announced = o.AsAnnounced + fates[store.Announced] + fates[store.Otherwise]
	differing, err := w.Differences(ctx, differencesCounted)
	if err != nil {
		return o, err
	}
	open := 0 // that were announced, wait, and are told otherwise
	for _, d := range differing {
		switch d.Fate {
		case store.Otherwise:
			o.Changed++
		case store.Changed:
			o.Changed++
			open++
		case store.Unannounced, store.Added:
			o.Added++
		case store.Dropped:
			o.Dropped++
			open++
		}
	}
	o.Waiting = fates[store.Announced] - open
	o.Differences, err = describeDifferences(ctx, w, r, differing[:min(len(differing), differencesShown)])
	return o, err
}

// carriedOut closes a rehearsal after a live cycle that came to its end: what could be written was. What was refused shows among the
// failures from now on. nil where none was open.
func (s *session) carriedOut(ctx context.Context) (*Outcome, error) {
	n, _, err := s.ws.Rehearsed(ctx)
	if err != nil || n == 0 {
		return nil, err
	}
	o, err := outcomeOf(ctx, s.ws, s.app.world.now())
	if err != nil {
		return nil, err
	}
	r, err := rehearsalOf(ctx, s.ws)
	if err != nil {
		return nil, err
	}
	r.Outcome = &o
	settings, err := sealedRehearsal(s.ws, r)
	if err != nil {
		return nil, err
	}
	return &o, s.ws.ForgetRehearsal(ctx, settings)
}

func describeDifferences(ctx context.Context, w *store.Workspace, r Rehearsal, differing []store.Differing) ([]Difference, error) {
	mapping, err := mappingOf(ctx, w)
	if err != nil {
		return nil, err
	}
	now, err := decidedBy(ctx, w, mapping)
	if err != nil {
		return nil, err
	}
	links := make([]cycle.LinkID, len(differing))
	for i, d := range differing {
		links[i] = d.Link
	}
	known, err := w.KnownLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	p := plannerOf(w, mapping)
	list := make([]Difference, len(differing))
	for i, d := range differing {
		events, err := w.EventsOf(ctx, d.Link, eventsAtMost)
		if err != nil {
			return nil, err
		}
		events = slices.DeleteFunc(events, func(e store.Event) bool { return e.Cycle <= r.Cycle })
		list[i] = p.difference(d, known[i].Link, events, r, now)
	}
	return list, nil
}

// difference says how a write differs from what was announced, and why.
func (p planner) difference(d store.Differing, link cycle.Link, events []store.Event, r Rehearsal, now map[string]string) Difference {
	out := Difference{Side: d.Side, Object: record.Person, ID: link.On(d.Side), Source: link.On(d.Side.Other())}
	if d.Side == record.Salesforce || !link.Object.IsPerson() {
		out.Object = link.Object
	}
	switch d.Fate {
	case store.Otherwise:
		out.How, out.Done = DifferChanged, true
	case store.Unannounced:
		out.How, out.Done = DifferAdded, true
	case store.Changed:
		out.How = DifferChanged
	case store.Added:
		out.How = DifferAdded
	case store.Dropped:
		out.How = DifferDropped
	}
	if d.Row != nil {
		out.Object = d.Row.Object
	}
	edited := p.edited(d, events, r.At)
	for _, f := range edited {
		out.Fields = append(out.Fields, f.On(d.Side))
	}
	out.because(causeOfDifference(d, link, events, len(edited) > 0, changedSettings(r.DecidedBy, now)))
	return out
}

// edited are the fields of a row that the side it was made from changed since, and those that the history tells of.
func (p planner) edited(d store.Differing, events []store.Event, since time.Time) (fields []schema.Field) {
	add := func(object record.Object, number uint16) {
		o, _ := p.shown.Object(object)
		if f, ok := o.Numbered(number); ok && !slices.ContainsFunc(fields, func(g schema.Field) bool { return g.Salesforce == f.Salesforce }) {
			fields = append(fields, f)
		}
	}
	if d.Row != nil {
		for _, c := range d.Row.Fields {
			if c.At.After(since) {
				add(cycle.MappedObject(p.shown, *d.Row), c.Field)
			}
		}
	}
	for _, e := range events {
		if e.Kind == "changed" && e.Object != "" {
			add(e.Object, e.Field)
		}
	}
	return fields
}

func causeOfDifference(d store.Differing, link cycle.Link, events []store.Event, edited bool, settings []string) Sentence {
	is := func(kinds ...string) bool {
		return slices.ContainsFunc(events, func(e store.Event) bool { return slices.Contains(kinds, e.Kind) })
	}
	switch {
	case link.ID == 0 || is("merged"):
		return pace.Say("rehearsal.cause.merged", "The record became one with another since.")
	case link.State == cycle.Ended || is("deleted", "unlinked"):
		return pace.Say("rehearsal.cause.deleted", "The record was deleted since.")
	case link.State == cycle.Filtered || link.State == cycle.Frozen:
		return pace.Say("rehearsal.cause.filtered", "The record does not pass the sync filter any more.")
	case is("resolved"):
		return pace.Say("rehearsal.cause.decided", "A person decided about the record since.")
	case is("created"):
		return pace.Say("rehearsal.cause.followed", "The record was made by this plan, and %1 gave it values of its own.", sideName(d.Side.Other()))
	case edited:
		return pace.Say("rehearsal.cause.edited", "The record was edited in %1 since.", sideName(d.Side.Other()))
	case slices.Contains(settings, "mapping"):
		return pace.Say("rehearsal.cause.mapping", "The fields that are synced were changed since.")
	case slices.Contains(settings, "filter"):
		return pace.Say("rehearsal.cause.filter", "The sync filter was changed since.")
	case slices.Contains(settings, "rules"):
		return pace.Say("rehearsal.cause.rules", "The rules were changed since.")
	case slices.Contains(settings, "settings"):
		return pace.Say("rehearsal.cause.settings", "The settings were changed since.")
	case d.Fate == store.Added || d.Fate == store.Unannounced:
		return pace.Say("rehearsal.cause.new", "The record, or what it hangs on, came in since.")
	}
	return pace.Say("rehearsal.cause.either", "The record was edited on either side since.")
}

// decidedBy are the parts of a workspace by which a plan is made, each as a hash.
func decidedBy(ctx context.Context, w *store.Workspace, m schema.Mapping) (map[string]string, error) {
	rules, err := rulesOf(ctx, w)
	if err != nil {
		return nil, err
	}
	kept, err := keptFilter(ctx, w)
	if err != nil {
		return nil, err
	}
	settings, err := settingsOf(ctx, w)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, part := range map[string]any{"mapping": m.Objects, "rules": rules, "filter": kept, "settings": settings} {
		text, err := json.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("remember by what was rehearsed: %w", err)
		}
		sum := sha256.Sum256(text)
		out[name] = hex.EncodeToString(sum[:])
	}
	return out, nil
}

// changedSettings names the parts that differ.
func changedSettings(was, is map[string]string) (changed []string) {
	for name, hash := range is {
		if was[name] != hash {
			changed = append(changed, name)
		}
	}
	return changed
}
