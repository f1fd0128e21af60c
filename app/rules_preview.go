package app

import (
	"cmp"
	"context"
	"slices"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// previewedCalls is how many calls a preview spends on reading people of Marketo; of each object of Salesforce it reads one page.
const previewedCalls = 4

// PreviewRules says what a rule file would make of values that stand on both sides now: of a page of each object in Salesforce and of
// the newest people in Marketo, read with at most eight calls. Nothing is kept. Examples are given only where values are asked for.
func (a *App) PreviewRules(ctx context.Context, name string, file []byte, values bool) (p RulePreview, err error) {
	doc, err := rule.Parse(file)
	if err != nil {
		return p, misread(err)
	}
	err = a.asSyncUser(ctx, name, func(s *session) error {
		if err := s.mappingToTry(ctx); err != nil {
			return err
		}
		rules, wrong := rule.Compile(doc, s.mapping, s.places)
		if wrong != nil {
			return misread(wrong)
		}
		sample, err := s.sample(ctx, func(o record.Object) bool { return rules.Object(o) != nil })
		p = sample.preview(rules, values)
		return err
	})
	return p, err
}

// mappingToTry takes the workspace's mapping, or what it would begin with, and how the org spells places.
func (s *session) mappingToTry(ctx context.Context) (err error) {
	if s.mapping, err = mappingOf(ctx, s.ws); err != nil {
		return err
	}
	if len(s.mapping.Objects) > 0 {
		s.places, err = placesOf(ctx, s.ws)
		return err
	}
	described, err := s.described(ctx)
	s.mapping = schema.Begin(described, s.app.world.now())
	return err
}

// RuleSample are values that stand on both sides now, to try rules on. It is people's data: it is kept nowhere.
type RuleSample struct {
	mapping schema.Mapping
	org     rule.Org
	read    map[record.Side]int
	rows    []sampled
}

// sampled is one record, as an object of the mapping sees it.
type sampled struct {
	object int // in the mapping
	side   record.Side
	values []record.Value // by the places of the object's fields
}

// sample reads values of the objects that are wanted.
func (s *session) sample(ctx context.Context, wanted func(record.Object) bool) (RuleSample, error) {
	out := RuleSample{mapping: s.mapping, org: s.places, read: map[record.Side]int{}}
	for i, o := range s.mapping.Objects {
		if !wanted(o.Name) || len(o.Fields) == 0 {
			continue
		}
		records, err := s.pageOf(ctx, o)
		if err != nil {
			return out, err
		}
		for _, r := range records {
			out.read[record.Salesforce]++
			out.rows = append(out.rows, sampled{i, record.Salesforce, r.Values})
		}
	}
	err := s.newestPeople(ctx, func(rec *record.Record, places map[record.Object][]int) {
		out.read[record.Marketo]++
		for i, o := range s.mapping.Objects {
			at := places[o.Name]
			if at == nil || !wanted(o.Name) {
				continue
			}
			values := make([]record.Value, len(at))
			for place, column := range at {
				values[place] = rec.Values[column]
			}
			out.rows = append(out.rows, sampled{i, record.Marketo, values})
		}
	})
	return out, err
}

// Preview says what a rule file would make of the values, and what is wrong with it; what is wrong is left out.
func (p RuleSample) Preview(file []byte, values bool) (RulePreview, error) {
	doc, err := rule.Parse(file)
	if err != nil {
		return RulePreview{}, misread(err)
	}
	rules, wrong := rule.Compile(doc, p.mapping, p.org)
	if wrong != nil {
		err = misread(wrong)
	}
	return p.preview(rules, values), err
}

// tried gathers what becomes of one field's values on one side.
type tried struct {
	PreviewedRule
	examples map[[2]string]int
}

func (p RuleSample) preview(rules rule.Rules, values bool) RulePreview {
	out := RulePreview{Rules: []PreviewedRule{}, Read: p.read}
	var order []*tried
	all := map[string]*tried{}
	for _, row := range p.rows {
		o := p.mapping.Objects[row.object]
		r := rules.Object(o.Name)
		if r == nil {
			continue
		}
		spelled := func(place int) (record.Value, bool) { return row.values[place], true }
		for place, v := range row.values {
			if r.Name(place) == "" {
				continue
			}
			key := fieldOf(o, place) + row.side.String()
			t := all[key]
			if t == nil {
				t = &tried{PreviewedRule{Rule: r.Name(place), Field: fieldOf(o, place), Side: row.side}, map[[2]string]int{}}
				all[key], order = t, append(order, t)
			}
			to := r.Value(place, row.side, v, spelled, nil)
			t.look(v, to, r.Strange(place, to, spelled))
		}
	}
	for _, t := range order {
		out.Rules = append(out.Rules, t.done(values))
	}
	return out
}

func (t *tried) look(from, to record.Value, strange bool) {
	if from.IsBlank() {
		return
	}
	t.Values++
	if from != to {
		t.Changed++
		t.examples[[2]string{from.Text(), to.Text()}]++
	}
	if to.IsBlank() {
		t.Emptied++
	}
	if strange {
		t.Strange++
	}
}

// done gives the result, with the most frequent examples.
func (t *tried) done(values bool) PreviewedRule {
	if !values {
		return t.PreviewedRule
	}
	for e, n := range t.examples {
		t.Examples = append(t.Examples, RuleExample{e[0], e[1], n})
	}
	slices.SortFunc(t.Examples, func(a, b RuleExample) int {
		return cmp.Or(b.N-a.N, cmp.Compare(a.From, b.From))
	})
	t.Examples = t.Examples[:min(len(t.Examples), ruleExamples)]
	return t.PreviewedRule
}

// pageOf reads a page of an object of Salesforce.
func (s *session) pageOf(ctx context.Context, o schema.Object) ([]record.Record, error) {
	pages, _, err := s.sf.Feeds(ctx, record.Check, []salesforce.Feed{{Object: o.Name, Columns: o.Columns(record.Salesforce)}})
	if err != nil {
		return nil, err
	}
	if pages[0].Err != nil {
		return nil, pages[0].Err
	}
	return slices.DeleteFunc(pages[0].Records, func(r record.Record) bool { return r.Deleted || r.Err != nil }), nil
}

// newestPeople reads the newest people of Marketo.
func (s *session) newestPeople(ctx context.Context, do func(*record.Record, map[record.Object][]int)) error {
	columns, places := s.mapping.PersonColumns()
	last, err := s.mk.HighestID(ctx, record.Check)
	if err != nil {
		return err
	}
	for range previewedCalls {
		if last < 1 {
			return nil
		}
		people, err := s.mk.PeopleRange(ctx, record.Check, max(last-marketo.MaxBatch+1, 1), last, columns, "")
		if err != nil {
			return err
		}
		for i := range people {
			if people[i].Err == nil {
				do(&people[i], places)
			}
		}
		last -= marketo.MaxBatch
	}
	return nil
}
