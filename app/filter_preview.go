package app

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// FilterPreview says what a sync filter would do in the place of the one that counts.
type FilterPreview struct {
	Filter  string          `json:"filter"`
	English string          `json:"english"`
	Leaving string          `json:"leaving"`
	Objects []FilterObject  `json:"objects"`
	Hanging []FilterHanging `json:"hanging"`
	// Warnings are what does not hinder the filter and should be known.
	Warnings []string `json:"warnings"`
	// Set reports whether it counts from now on.
	Set bool `json:"set"`
}

// FilterObject is what a filter does to the records of one object.
type FilterObject struct {
	Object  record.Object `json:"object"`
	Records int           `json:"records"`
	Passes  int           `json:"passes"`
	// Salesforce counts its records that passed and no longer do, or the other way.
	Salesforce FilterMoves `json:"salesforce"`
	// Marketo counts those of them that have a twin there now and will be frozen or unlinked, and those that will get one or take
	// theirs up again.
	Marketo FilterMoves `json:"marketo"`
	// Indexed tells whether Salesforce can find those who pass by an index.
	Indexed  bool           `json:"indexed"`
	Examples FilterExamples `json:"examples"`
}

// FilterMoves counts who crosses a filter.
type FilterMoves struct {
	Leaves int `json:"leaves"`
	Enters int `json:"enters"`
}

// FilterExamples are up to ten records for each way.
type FilterExamples struct {
	Passes []FilterExample `json:"passes"`
	Leaves []FilterExample `json:"leaves"`
	Enters []FilterExample `json:"enters"`
}

// FilterExample is a record that crosses a filter. Its name is given only when asked for.
type FilterExample struct {
	Salesforce record.ID `json:"salesforce"`
	Marketo    record.ID `json:"marketo,omitempty"`
	Name       string    `json:"name,omitempty"`
}

// FilterHanging counts records of another object that stay, although whom they are about leaves.
type FilterHanging struct {
	Object record.Object `json:"object"`
	Of     record.Object `json:"of"`
	N      int           `json:"n"`
}

// examplesAtMost is how many records stand for all.
const examplesAtMost = 10

// mostCondition bounds a condition within a URL, which may have 16,384 bytes with everything around it.
const mostCondition = 10_000

// crossing are the conditions of those who pass a filter and those who cross it.
type crossing struct {
	object                 record.Object
	passes, leaves, enters string // "" for passes is everybody, for the others nobody
}

func crossings(before, after filter.Filter, clock filter.Clock, objects []record.Object) (all []crossing) {
	join := func(a, b string) string {
		if a == "" {
			return b
		}
		return "(" + a + ") AND (" + b + ")"
	}
	for _, o := range objects {
		c := crossing{object: o, passes: filter.SOQL(after.On(o), o, clock)}
		if after.On(o) != nil {
			c.leaves = join(filter.SOQL(before.On(o), o, clock), filter.NotSOQL(after.On(o), o, clock))
		}
		if before.On(o) != nil {
			c.enters = filter.NotSOQL(before.On(o), o, clock)
			if c.passes != "" {
				c.enters = join(c.passes, c.enters)
			}
		}
		all = append(all, c)
	}
	return all
}

// previewFilter asks Salesforce whom a filter lets pass, and compares those who cross it with the links that are kept, a page at a time.
func (s *session) previewFilter(ctx context.Context, was, now KeptFilter, f filter.Filter, catalog filter.Catalog, values bool) (FilterPreview, error) {
	before, err := was.read()
	if err != nil { // it cannot be read any more: what it let pass is not known
		before = filter.Filter{}
	}
	objects := before.Objects()
	for _, o := range f.Objects() {
		if !slices.Contains(objects, o) {
			objects = append(objects, o)
		}
	}
	p := FilterPreview{
		Filter: filter.Format(f), English: filter.English(f, catalog), Leaving: f.Leaving.String(), Objects: []FilterObject{}, Hanging: []FilterHanging{}, Warnings: []string{},
	}
	p.Warnings = append(p.Warnings, filter.Advice(f, catalog)...)
	cross := crossings(before, f, filter.Clock{Now: s.app.world.now(), Zone: zoneOf(now.Zone)}, objects)
	for _, c := range cross {
		if len(url.QueryEscape(c.leaves)) > mostCondition || len(url.QueryEscape(c.enters)) > mostCondition || len(url.QueryEscape(c.passes)) > mostCondition {
			return p, tooLong(c.object)
		}
		o, err := s.previewObject(ctx, c, values)
		if err != nil {
			return p, err
		}
		if f.On(c.object) != nil {
			if o.Indexed, p.Warnings, err = s.indexed(ctx, f, c.object, c.passes, catalog, p.Warnings); err != nil {
				return p, err
			}
		}
		p.Objects = append(p.Objects, o)
		if _, mapped := s.mapping.Object(c.object); !mapped {
			p.Warnings = append(p.Warnings, fmt.Sprintf("%s records are not synced in this workspace, so that the filter on them has nothing to do.", c.object))
		}
	}
	p.Hanging, err = s.hanging(ctx, cross)
	return p, err
}

func (s *session) previewObject(ctx context.Context, c crossing, values bool) (FilterObject, error) {
	o := FilterObject{Object: c.object, Examples: FilterExamples{Passes: []FilterExample{}, Leaves: []FilterExample{}, Enters: []FilterExample{}}}
	counts, err := s.count(ctx, []string{countOf(c.object, ""), countOf(c.object, c.passes)})
	if err != nil {
		return o, err
	}
	o.Records, o.Passes = counts[0], counts[1]
	if o.Examples.Passes, err = s.passing(ctx, c); err != nil {
		return o, err
	}
	if c.leaves != "" {
		if o.Salesforce.Leaves, o.Marketo.Leaves, o.Examples.Leaves, err = s.compare(ctx, c.object, c.leaves, true); err != nil {
			return o, err
		}
	}
	if c.enters != "" {
		if o.Salesforce.Enters, o.Marketo.Enters, o.Examples.Enters, err = s.compare(ctx, c.object, c.enters, false); err != nil {
			return o, err
		}
	}
	if values {
		err = s.nameExamples(ctx, c.object, o.Examples.Passes, o.Examples.Leaves, o.Examples.Enters)
	}
	return o, err
}

// passing are some of the records that pass.
func (s *session) passing(ctx context.Context, c crossing) ([]FilterExample, error) {
	var ids []record.ID
	for row, err := range s.sf.Query(ctx, record.Check, "SELECT Id FROM "+whereOf(c.object, c.passes)+fmt.Sprintf(" LIMIT %d", examplesAtMost)) {
		if err != nil {
			return nil, fmt.Errorf("see who passes the filter: %w", err)
		}
		id, err := record.LongID(row.Get("Id"))
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	stands, err := s.ws.Standing(ctx, ids)
	examples := make([]FilterExample, len(stands))
	for i, at := range stands {
		examples[i] = FilterExample{Salesforce: ids[i], Marketo: at.Marketo}
	}
	return examples, err
}

// comparedAtOnce is how many ids are looked up together.
const comparedAtOnce = 2000

// compare goes through the ids of records that fit a condition: how many there are, and how many of them are linked, or are not.
func (s *session) compare(ctx context.Context, object record.Object, where string, linked bool) (all, concerned int, examples []FilterExample, err error) {
	examples = []FilterExample{}
	var page []record.ID
	look := func() error {
		stands, err := s.ws.Standing(ctx, page)
		if err != nil {
			return err
		}
		for i, at := range stands {
			if (at.State == cycle.Linked) == linked {
				concerned++
			}
			if len(examples) < examplesAtMost {
				examples = append(examples, FilterExample{Salesforce: page[i], Marketo: at.Marketo})
			}
		}
		all += len(page)
		page = page[:0]
		return nil
	}
	for row, err := range s.sf.Query(ctx, record.Check, "SELECT Id FROM "+whereOf(object, where)) {
		if err != nil {
			return all, concerned, examples, fmt.Errorf("see who crosses the filter: %w", err)
		}
		id, err := record.LongID(row.Get("Id"))
		if err != nil {
			return all, concerned, examples, err
		}
		if page = append(page, id); len(page) == comparedAtOnce {
			if err := look(); err != nil {
				return all, concerned, examples, err
			}
		}
	}
	return all, concerned, examples, look()
}

// nameExamples adds the names of records. They are people's data: for whoever asked for them.
func (s *session) nameExamples(ctx context.Context, object record.Object, lists ...[]FilterExample) error {
	var ids []string
	for _, list := range lists {
		for _, e := range list {
			ids = append(ids, "'"+string(e.Salesforce)+"'")
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names := map[record.ID]string{}
	for row, err := range s.sf.Query(ctx, record.Check, "SELECT Id,Name FROM "+string(object)+" WHERE Id IN ("+strings.Join(ids, ",")+")") {
		if err != nil {
			return err
		}
		id, err := record.LongID(row.Get("Id"))
		if err != nil {
			return err
		}
		names[id] = row.Get("Name")
	}
	for _, list := range lists {
		for i := range list {
			list[i].Name = names[list[i].Salesforce]
		}
	}
	return nil
}

// followers are the records that hang on others: by which field.
var followers = []struct {
	object, of record.Object
	field      string
}{
	{"OpportunityContactRole", record.Contact, "ContactId"},
	{"CampaignMember", record.Contact, "ContactId"},
	{"CampaignMember", record.Lead, "LeadId"},
	{"Opportunity", record.Account, "AccountId"},
	{record.Contact, record.Account, "AccountId"},
}

// hanging counts what stays of those who leave. An object that the sync user does not see hangs nowhere.
func (s *session) hanging(ctx context.Context, cross []crossing) ([]FilterHanging, error) {
	hanging := []FilterHanging{}
	var questions []string
	for _, c := range cross {
		for _, f := range followers {
			if f.of == c.object && c.leaves != "" {
				questions = append(questions, "SELECT COUNT() FROM "+string(f.object)+" WHERE "+f.field+" IN (SELECT Id FROM "+whereOf(c.object, c.leaves)+")")
				hanging = append(hanging, FilterHanging{Object: f.object, Of: f.of})
			}
		}
	}
	answers, err := s.sf.Counts(ctx, record.Check, questions)
	if err != nil {
		return nil, err
	}
	var told []FilterHanging
	for i, h := range hanging {
		if h.N = answers[i].N; answers[i].Err == nil && h.N > 0 {
			told = append(told, h)
		}
	}
	return append([]FilterHanging{}, told...), nil
}

// Sentences say it in English, one a line.
func (p FilterPreview) Sentences() []string {
	lines := strings.Split(p.English, "\n")
	what := map[string]string{"frozen": "are frozen: their links are kept, and nothing travels until they pass again", "unlinked": "are unlinked: both records stay as they are",
		"marked": "are frozen, and ticked in Marketo"}[p.Leaving]
	for _, o := range p.Objects {
		lines = append(lines, fmt.Sprintf("%s: %d of %d pass. In Salesforce %d leave and %d enter.", o.Object, o.Passes, o.Records, o.Salesforce.Leaves, o.Salesforce.Enters))
		if o.Marketo.Leaves > 0 {
			lines = append(lines, fmt.Sprintf("  %d of those who leave are linked and %s.", o.Marketo.Leaves, what))
		}
		if o.Marketo.Enters > 0 {
			lines = append(lines, fmt.Sprintf("  %d of those who enter come to Marketo, or take up their links again.", o.Marketo.Enters))
		}
		lines = append(lines, exampleLines("passes", o.Examples.Passes)...)
		lines = append(lines, exampleLines("leaves", o.Examples.Leaves)...)
		lines = append(lines, exampleLines("enters", o.Examples.Enters)...)
	}
	for _, h := range p.Hanging {
		lines = append(lines, fmt.Sprintf("%d %s records hang on a %s that leaves; they stay as they are.", h.N, h.Object, h.Of))
	}
	for _, w := range p.Warnings {
		lines = append(lines, "Note: "+w)
	}
	return lines
}

func exampleLines(way string, examples []FilterExample) (lines []string) {
	for _, e := range examples {
		line := "    " + way + ": " + string(e.Salesforce)
		if e.Marketo != "" {
			line += ", Marketo " + string(e.Marketo)
		}
		if e.Name != "" {
			line += ", " + e.Name
		}
		lines = append(lines, line)
	}
	return lines
}

func tooLong(o record.Object) error {
	return input(pace.Say("trouble.filter.long", "the filter on %1 is too long for a question to Salesforce; make its lists shorter", string(o)))
}
