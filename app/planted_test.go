//go:build !race

// Planted bugs need many days, which the race detector makes ten times as long; the days themselves run under it too.

package app

import (
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// TestPlantedBugs plants one bug at a time between the engine and what it works with. Each must be noticed by a few
// simulated days: a day that notices nothing proves nothing.
func TestPlantedBugs(t *testing.T) {
	const tries = 40
	for name, bug := range planted() {
		t.Run(name, func(t *testing.T) {
			first := max(1, noticedOn[name])
			for n := range uint64(tries) {
				seed := (first-1+n)%tries + 1
				if broken, _ := day(t, seed, busiest(seed), bug); len(broken) > 0 {
					t.Logf("noticed on day %d", seed)
					return
				}
			}
			t.Errorf("%d simulated days noticed nothing", tries)
		})
	}
}

// noticedOn are the days that noticed the rarer bugs when they were last looked for: they are the first to be lived through.
var noticedOn = map[string]uint64{
	"a record that waits for another is not found again": 4,
	"conversions are passed over":                        20,
	"deletions are not heard of in Marketo":              13,
	"every field travels both ways":                      16,
	"merges are not heard of in Marketo":                 9,
	"the filter keeps nobody out":                        6,
	"what a person asked for is thrown away":             5,
	"what people do is not heard of":                     8,
}

// lose leaves nothing of a step but that its link was read afresh: else it would be read again and again until the day is over.
func lose(s *cycle.Step) { *s = cycle.Step{Link: s.Link, Rechecked: s.Rechecked} }

// allButLast drops the last of a list.
func allButLast[T any](list []T) []T { return list[:max(0, len(list)-1)] }

func planted() map[string]func(cycle.Config) cycle.Config {
	return map[string]func(cycle.Config) cycle.Config{
		"a cursor moves without its page": ledger(badLedger{page: func(p *cycle.Page) {
			if p.Feed != "" {
				p.Steps = nil
			}
		}}),
		"half of a page's steps are lost": ledger(badLedger{page: func(p *cycle.Page) {
			for i := len(p.Steps) / 2; i < len(p.Steps); i++ {
				lose(&p.Steps[i])
			}
		}}),
		"a page keeps no outbox rows": ledger(badLedger{page: func(p *cycle.Page) {
			for i := range p.Steps {
				p.Steps[i].Out = nil
			}
		}}),
		"baselines move before the write": ledger(badLedger{page: func(p *cycle.Page) {
			for i := range p.Steps {
				for _, row := range p.Steps[i].Out {
					for _, change := range row.Fields {
						p.Steps[i].Agreed = append(p.Steps[i].Agreed, cycle.Agreed{Field: change.Field, Value: change.Value})
					}
				}
				p.Steps[i].Out = nil
			}
		}}),
		"a passing refusal counts as written": ledger(badLedger{answers: func(answers []cycle.Answer) []cycle.Answer {
			for i := range answers {
				if answers[i].Outcome == cycle.Postponed {
					answers[i].Outcome = cycle.Void
				}
			}
			return answers
		}}),
		"a creation is sent twice in Salesforce": onSalesforce(badSalesforce{twice: true}),
		"the history keeps no value that was overwritten": ledger(badLedger{page: func(p *cycle.Page) {
			for i := range p.Steps {
				p.Steps[i].Events = withoutLosses(p.Steps[i].Events)
			}
		}, answers: func(answers []cycle.Answer) []cycle.Answer {
			for i := range answers {
				answers[i].Events = withoutLosses(answers[i].Events)
			}
			return answers
		}}),
		"nobody looks at what stands where Salesforce is written to": onSalesforce(badSalesforce{blind: true, results: func(results []salesforce.Result) {
			for i := range results {
				results[i].Before = nil
			}
		}}),
		"a lost answer counts as written":            ledger(badLedger{sure: true}),
		"nothing is read afresh":                     ledger(badLedger{blind: true}),
		"a feed's page ends one early in Salesforce": onSalesforce(badSalesforce{page: func(p *salesforce.Page) { p.Records = allButLast(p.Records) }}),
		"partial failures are dropped in Salesforce": onSalesforce(badSalesforce{results: func(results []salesforce.Result) {
			for i := range results {
				results[i].Err = nil
			}
		}}),
		// One lost activity alone is found again by the reading that comes round every hour.
		"half of a log's page is lost in Marketo":         onMarketo(badMarketo{page: func(p *marketo.ActivityPage) { p.Changes = p.Changes[:len(p.Changes)/2] }}),
		"a log is read from now on only in Marketo":       onMarketo(badMarketo{since: func(t time.Time) time.Time { return t.Add(24 * time.Hour) }}),
		"the first sync's page ends one early in Marketo": onMarketo(badMarketo{people: allButLast[record.Record]}),
		"partial failures are dropped in Marketo": onMarketo(badMarketo{results: func(results []marketo.Result) {
			for i := range results {
				results[i].Err = nil
			}
		}}),
		"a field is left out of each write to Marketo": onMarketo(badMarketo{rows: func(rows []marketo.Write) {
			for i := range rows {
				rows[i].Fields = allButLast(rows[i].Fields)
			}
		}}),
		"deletions are not heard of in Marketo": onMarketo(badMarketo{deaf: true}),
		"deletions are not heard of in Salesforce": onSalesforce(badSalesforce{page: func(p *salesforce.Page) {
			p.Gone, p.Records = nil, slices.DeleteFunc(p.Records, func(r record.Record) bool { return r.Deleted })
		}}),
		"merges are not heard of in Marketo": onMarketo(badMarketo{page: func(p *marketo.ActivityPage) {
			p.Changes = slices.DeleteFunc(p.Changes, func(c marketo.Change) bool { return len(c.Losers) > 0 })
		}}),
		"people who are new are not heard of in Marketo": onMarketo(badMarketo{page: func(p *marketo.ActivityPage) {
			p.Changes = slices.DeleteFunc(p.Changes, func(c marketo.Change) bool { return c.Type == 12 })
		}}),
		"a blank is not written to Marketo": onMarketo(badMarketo{rows: func(rows []marketo.Write) {
			for i := range rows {
				rows[i].Fields = slices.DeleteFunc(rows[i].Fields, func(f marketo.Field) bool { return f.Value.IsBlank() })
			}
		}}),
		"a creation in Marketo does not name its key": onMarketo(badMarketo{rows: func(rows []marketo.Write) {
			for i := range rows {
				if rows[i].ID == "" {
					rows[i].LookupField, rows[i].LookupValue = "", ""
				}
			}
		}}),
		"what was created is taken for its neighbour in Marketo": onMarketo(badMarketo{results: func(results []marketo.Result) {
			for i := 1; i < len(results); i++ {
				if results[i].Created && results[i-1].Created {
					results[i].ID, results[i-1].ID = results[i-1].ID, results[i].ID
				}
			}
		}}),
		"who owns a record is left out of each write to Marketo": onMarketo(badMarketo{rows: withoutOwner, records: withoutOwner}),
		"what is removed in Salesforce stays in Marketo":         onMarketo(badMarketo{kept: true}),
		"a refusal is forgotten": ledger(badLedger{answers: func(answers []cycle.Answer) []cycle.Answer {
			for i := range answers {
				if answers[i].Outcome == cycle.Refused {
					answers[i].Outcome, answers[i].Then = cycle.Void, nil
				}
			}
			return answers
		}}),
		"a refused field is forgotten": ledger(badLedger{answers: func(answers []cycle.Answer) []cycle.Answer {
			for i := range answers {
				for j := range answers[i].Then {
					answers[i].Then[j].Refused = nil
				}
			}
			return answers
		}}),
		"what a person has to decide is not kept": ledger(badLedger{page: func(p *cycle.Page) {
			for i := range p.Steps {
				p.Steps[i].Holds = nil
			}
		}}),
		"a record that waits for another is not found again": ledger(badLedger{page: func(p *cycle.Page) {
			for i := range p.Steps {
				p.Steps[i].Follow = nil
			}
		}}),
		"moves of members are not heard of in Marketo": onMarketo(badMarketo{page: func(p *marketo.ActivityPage) { p.Changes = without(p.Changes, 104) }}),
		"every member comes into one status":           onMarketo(badMarketo{status: "Invited"}),
		"what people do is not heard of":               onMarketo(badMarketo{page: func(p *marketo.ActivityPage) { p.Changes = without(p.Changes, 2, 11) }}),
		"a task is told of twice":                      onMarketo(badMarketo{twice: true}),
		"the filter keeps nobody out": func(c cycle.Config) cycle.Config {
			c.Filtering = cycle.Filtering{}
			return c
		},
		"what a person asked for is thrown away": ledger(badLedger{idle: true}),
		"what a field missed is not compared":    ledger(badLedger{settled: true}),
		"the rules rest": func(c cycle.Config) cycle.Config {
			c.Rules = rule.Rules{}
			return c
		},
		"every field travels both ways": func(c cycle.Config) cycle.Config {
			for i, o := range c.Mapping.Objects {
				fields := slices.Clone(o.Fields)
				for j := range fields {
					if o.Name.IsPerson() && fields[j].To == "" {
						fields[j].Direction = schema.Both
					}
				}
				c.Mapping.Objects[i].Fields = fields
			}
			return c
		},
		"quiet fields are written at once": ledger(badLedger{page: func(p *cycle.Page) {
			for _, s := range p.Steps {
				for i := range s.Out {
					if s.Out[i].State == cycle.Resting {
						s.Out[i].State, s.Out[i].Next = cycle.Waiting, time.Time{}
					}
				}
			}
		}}),
		"conversions are passed over": ledger(badLedger{page: func(p *cycle.Page) {
			for i := range p.Steps {
				if slices.ContainsFunc(p.Steps[i].Events, func(e cycle.Event) bool { return e.Detail == "converted" }) {
					lose(&p.Steps[i])
				}
			}
		}}),
	}
}

func without(changes []marketo.Change, types ...int) []marketo.Change {
	return slices.DeleteFunc(changes, func(c marketo.Change) bool { return slices.Contains(types, c.Type) })
}

func withoutOwner(rows []marketo.Write) {
	for i := range rows {
		rows[i].Fields = slices.DeleteFunc(rows[i].Fields, func(f marketo.Field) bool { return f.Name == "externalSalesPersonId" })
	}
}

func withoutLosses(events []cycle.Event) []cycle.Event {
	return slices.DeleteFunc(events, func(e cycle.Event) bool { return e.Kind == "overwrote" })
}
