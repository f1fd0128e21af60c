package app

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
)

// FilterWeight is what a filter would do in the place of the one that is set, as far as it was asked.
type FilterWeight struct {
	// Objects are leads, contacts, and whatever else one of the two filters is about.
	Objects []FilterObjectWeight
	Hanging []FilterHanging
	// Leave and Enter are up to ten who would leave or enter, with what decided it.
	Leave, Enter []FilterWho
	Notes        []FilterNote
	// Known is how far it was asked.
	Known FilterKnown
}

// FilterKnown is how far a filter was weighed.
type FilterKnown uint8

// The stages, in their order.
const (
	FilterUnweighed FilterKnown = iota
	FilterCounted               // in Salesforce
	FilterNamed                 // Leave and Enter
	FilterCompared              // with the links that are kept
	FilterWeighed               // all of it
)

// FilterObjectWeight is what a filter does to the records of one object.
type FilterObjectWeight struct {
	Object record.Object
	Plural string
	// Records are all of Salesforce, Passes those who pass; Leaves and Enters those who pass no longer, or did not before.
	Records, Passes, Leaves, Enters int
	// Linked are the pairs of today. LinkedLeaves are those of them who leave; Roughly tells that they were counted by the id that
	// Doppio keeps on their records in Salesforce, and not one by one; Uncounted that they could not be counted.
	Linked, LinkedLeaves int
	Roughly, Uncounted   bool
}

// FilterWho is a record that crosses a filter, and why. It is people's data, for the screen alone.
type FilterWho struct {
	Object     record.Object
	Label      string // of the object
	Salesforce record.ID
	Marketo    record.ID // empty where it is not linked
	Name       string
	Facts      []FilterFact
}

// FilterFact is what a record has in a field that decided.
type FilterFact struct {
	Label string
	Kind  record.Kind
	// Value is canonical; empty is blank.
	Value string
}

// comparedOneByOne is how many records are compared with the links one by one, for a call for 2,000 of them.
const comparedOneByOne = 20_000

// Weigh asks the counts first, because they are waited for.
func (d *filterDesk) Weigh(ctx context.Context, text string, show func(FilterWeight)) error {
	was, err := keptFilter(ctx, d.ws)
	if err != nil {
		return err
	}
	if d.mapping, err = mappingOf(ctx, d.ws); err != nil {
		return err
	}
	before, err := was.read()
	if err != nil { // it cannot be read any more: what it let pass is not known
		before = filter.Filter{}
	}
	var after filter.Filter
	if text != "" {
		if after, err = parseFilter(text, d.language.catalog); err != nil {
			return err
		}
	}
	w := weighing{desk: d, before: before, after: after, clock: filter.Clock{Now: d.app.world.now(), Zone: zoneOf(d.zone)}, show: show}
	return w.run(ctx)
}

// weighing is one filter being weighed.
type weighing struct {
	desk          *filterDesk
	before, after filter.Filter
	clock         filter.Clock
	cross         []crossing
	weight        FilterWeight
	show          func(FilterWeight)
}

func (w *weighing) run(ctx context.Context) error {
	objects := []record.Object{}
	for _, o := range slices.Concat([]record.Object{record.Lead, record.Contact}, w.before.Objects(), w.after.Objects()) {
		if _, known := w.desk.language.catalog.Object(o); known && !slices.Contains(objects, o) {
			objects = append(objects, o)
		}
	}
	w.cross = crossings(w.before, w.after, w.clock, objects)
	w.weight.Notes = filter.Notes(w.after, w.desk.language.catalog)
	for _, stage := range []struct {
		known FilterKnown
		ask   func(context.Context) error
	}{{FilterCounted, w.count}, {FilterNamed, w.name}, {FilterCompared, w.compare}, {FilterWeighed, w.rest}} {
		if err := stage.ask(ctx); err != nil {
			return err
		}
		w.weight.Known = stage.known
		shown := w.weight
		shown.Objects, shown.Notes = slices.Clone(shown.Objects), slices.Clone(shown.Notes)
		w.show(shown)
	}
	return nil
}

// count asks how many there are, pass, leave and enter.
func (w *weighing) count(ctx context.Context) error {
	var questions []string
	var into []*int
	ask := func(n *int, object record.Object, where string) {
		questions, into = append(questions, countOf(object, where)), append(into, n)
	}
	w.weight.Objects = make([]FilterObjectWeight, len(w.cross))
	for i, c := range w.cross {
		if len(url.QueryEscape(c.leaves)) > mostCondition || len(url.QueryEscape(c.enters)) > mostCondition || len(url.QueryEscape(c.passes)) > mostCondition {
			return tooLong(c.object)
		}
		o := &w.weight.Objects[i]
		about, _ := w.desk.language.catalog.Object(c.object)
		o.Object, o.Plural = c.object, about.Plural
		ask(&o.Records, c.object, "")
		if c.passes != "" {
			ask(&o.Passes, c.object, c.passes)
		}
		if w.before.On(c.object) != nil {
			if c.leaves != "" {
				ask(&o.Leaves, c.object, c.leaves)
			}
			ask(&o.Enters, c.object, c.enters)
		}
	}
	answers, err := w.desk.count(ctx, questions)
	if err != nil {
		return err
	}
	for i, n := range answers {
		*into[i] = n
	}
	for i, c := range w.cross {
		o := &w.weight.Objects[i]
		o.Passes = min(o.Passes, o.Records) // somebody made one meanwhile
		if c.passes == "" {
			o.Passes = o.Records
		}
		if w.before.On(c.object) == nil { // everybody passed
			o.Leaves = o.Records - o.Passes
		}
	}
	return nil
}

// name finds ten who leave and ten who enter, and what decided it: for those who leave the new filter, for the others the one before.
func (w *weighing) name(ctx context.Context) error {
	var leave, enter [][]FilterWho
	for i, c := range w.cross {
		o := w.weight.Objects[i]
		if o.Leaves > 0 {
			list, err := w.who(ctx, c.object, c.leaves, w.after)
			if err != nil {
				return err
			}
			leave = append(leave, list)
		}
		if o.Enters > 0 {
			list, err := w.who(ctx, c.object, c.enters, w.before)
			if err != nil {
				return err
			}
			enter = append(enter, list)
		}
	}
	w.weight.Leave, w.weight.Enter = inTurn(leave), inTurn(enter)
	return nil
}

// inTurn takes one of each list in turn, up to ten.
func inTurn(lists [][]FilterWho) (all []FilterWho) {
	for n := 0; ; n++ {
		took := false
		for _, list := range lists {
			if n < len(list) && len(all) < examplesAtMost {
				all, took = append(all, list[n]), true
			}
		}
		if !took {
			return all
		}
	}
}

// who reads up to ten records that fit a condition, and judges them by a filter that none of them passes.
func (w *weighing) who(ctx context.Context, object record.Object, where string, by filter.Filter) ([]FilterWho, error) {
	rule := filter.Compile(by.On(object), object, w.clock)
	about, _ := w.desk.language.catalog.Object(object)
	asked := "Id,Name"
	for _, c := range rule.Columns() {
		if c.Name != "Id" && c.Name != "Name" {
			asked += "," + c.Name
		}
	}
	var list []FilterWho
	var ids []record.ID
	for row, err := range w.desk.sf.Query(ctx, record.Check, "SELECT "+asked+" FROM "+whereOf(object, where)+fmt.Sprintf(" LIMIT %d", examplesAtMost)) {
		if err != nil {
			return nil, fmt.Errorf("see who crosses the filter: %w", err)
		}
		id, err := record.LongID(row.Get("Id"))
		if err != nil {
			return nil, err
		}
		values := make([]record.Value, len(rule.Columns()))
		for i, c := range rule.Columns() {
			if values[i], err = c.Type.Canon(row.Get(c.Name)); err != nil {
				return nil, fmt.Errorf("read %s of %s: %w", c.Name, object, err)
			}
		}
		who := FilterWho{Object: object, Label: about.Label, Salesforce: id, Name: row.Get("Name")}
		if passes, why := rule.Why(values); !passes {
			who.Facts = facts(why, object, rule.Columns(), values)
		}
		list, ids = append(list, who), append(ids, id)
	}
	stands, err := w.desk.ws.Standing(ctx, ids)
	for i := range stands {
		if stands[i].State == cycle.Linked {
			list[i].Marketo = stands[i].Marketo
		}
	}
	return list, err
}

// facts are what a record has in the fields that a condition asks.
func facts(why filter.Expr, object record.Object, columns []record.Column, values []record.Value) (list []FilterFact) {
	for _, t := range filter.Tests(why) {
		c := t.Field.Of[object]
		fact := FilterFact{Label: c.Label, Kind: c.Field.Kind}
		for i := range columns {
			if columns[i].Name == c.Name {
				fact.Value = values[i].Text()
			}
		}
		if !slices.Contains(list, fact) {
			list = append(list, fact)
		}
	}
	return list
}

// compare counts those who leave and are linked. Many of them are counted by the id on their records in Salesforce, where there is one.
func (w *weighing) compare(ctx context.Context) error {
	counts, err := w.desk.ws.Counts(ctx)
	if err != nil {
		return err
	}
	for i, c := range w.cross {
		o := &w.weight.Objects[i]
		o.Linked = counts.Linked[c.object]
		carrier := ""
		if c.object.IsPerson() {
			carrier = w.desk.mapping.MarketoID
		}
		switch {
		case o.Linked == 0 || o.Leaves == 0:
		case o.Leaves <= w.desk.oneByOne:
			if _, o.LinkedLeaves, _, err = w.desk.session.compare(ctx, c.object, c.leaves, true); err != nil {
				return err
			}
		case carrier != "":
			answers, err := w.desk.count(ctx, []string{countOf(c.object, "("+c.leaves+") AND "+carrier+" != null")})
			if err != nil {
				return err
			}
			o.LinkedLeaves, o.Roughly = min(answers[0], o.Linked), true
		default:
			o.Uncounted = true
		}
	}
	return nil
}

// rest asks whether Salesforce finds those who pass by an index, and what hangs on those who leave, which can take long where many do.
func (w *weighing) rest(ctx context.Context) (err error) {
	for _, c := range w.cross {
		if w.after.On(c.object) == nil {
			continue
		}
		by, err := w.desk.found(ctx, w.after, c.object, c.passes)
		if err != nil {
			return err
		}
		note := filter.NoIndex(c.object, w.desk.language.catalog)
		w.weight.Notes = slices.DeleteFunc(w.weight.Notes, func(n FilterNote) bool { return n == note })
		if !by {
			w.weight.Notes = append(w.weight.Notes, note)
		}
	}
	w.weight.Hanging, err = w.desk.hanging(ctx, w.cross)
	return err
}
