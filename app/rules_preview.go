package app

import (
	"cmp"
	"context"
	"errors"
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
		return p, inputf("%v", err)
	}
	s, err := a.openSession(ctx, name)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rules, err := checkRules(ctx, s.ws, doc)
	if err != nil {
		return p, err
	}
	err = s.counted(ctx, func(ctx context.Context) error {
		p, err = s.preview(ctx, rules, values)
		return err
	})
	return p, err
}

// tried gathers what becomes of one field's values on one side.
type tried struct {
	PreviewedRule
	examples map[[2]string]int
}

func (s *session) preview(ctx context.Context, rules rule.Rules, values bool) (RulePreview, error) {
	p := RulePreview{Rules: []PreviewedRule{}, Read: map[record.Side]int{}}
	var order []*tried
	all := map[string]*tried{}
	try := func(o schema.Object, rec *record.Record, spelled rule.Reading) {
		r := rules.Object(o.Name)
		side := rec.Object.Side()
		for place := range o.Fields {
			v, ok := spelled(place)
			if !ok || r.Name(place) == "" {
				continue
			}
			key := fieldOf(o, place) + side.String()
			t := all[key]
			if t == nil {
				t = &tried{PreviewedRule{Rule: r.Name(place), Field: fieldOf(o, place), Side: side}, map[[2]string]int{}}
				all[key], order = t, append(order, t)
			}
			to := r.Value(place, side, v, spelled, nil)
			t.look(v, to, r.Strange(place, to, spelled))
		}
	}
	for _, o := range s.mapping.Objects {
		if rules.Object(o.Name) == nil {
			continue
		}
		records, err := s.pageOf(ctx, o)
		if err != nil {
			return p, err
		}
		for i := range records {
			p.Read[record.Salesforce]++
			try(o, &records[i], func(place int) (record.Value, bool) { return records[i].Values[place], true })
		}
	}
	if err := s.newestPeople(ctx, func(rec *record.Record, places map[record.Object][]int) {
		p.Read[record.Marketo]++
		for _, o := range s.mapping.Objects {
			if at := places[o.Name]; at != nil && rules.Object(o.Name) != nil {
				try(o, rec, func(place int) (record.Value, bool) { return rec.Values[at[place]], true })
			}
		}
	}); err != nil {
		return p, err
	}
	for _, t := range order {
		p.Rules = append(p.Rules, t.done(values))
	}
	return p, nil
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
