//go:build !race

// Planted bugs need many days, which the race detector makes ten times as long; the days themselves run under it too.

package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// TestPlantedBugs plants one bug at a time between the engine and what it works with. Each must be noticed by a few
// simulated days: a day that notices nothing proves nothing.
func TestPlantedBugs(t *testing.T) {
	const tries = 40
	for name, bug := range planted() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(tries) {
				if broken, _ := day(t, seed+1, script(seed+1), bug); len(broken) > 0 {
					return
				}
			}
			t.Errorf("%d simulated days noticed nothing", tries)
		})
	}
}

// badLedger, badSalesforce and badMarketo do one thing wrong and the rest right.
type badLedger struct {
	cycle.Ledger
	page    func(*cycle.Page)
	answers func([]cycle.Answer) []cycle.Answer
	sure    bool // rows in doubt count as written
	blind   bool // nothing is ever read afresh
}

func (b badLedger) CommitPage(ctx context.Context, p cycle.Page) error {
	if b.page != nil {
		b.page(&p)
	}
	return b.Ledger.CommitPage(ctx, p)
}

func (b badLedger) Acknowledge(ctx context.Context, answers []cycle.Answer) error {
	if b.answers != nil {
		answers = b.answers(answers)
	}
	return b.Ledger.Acknowledge(ctx, answers)
}

func (b badLedger) InDoubt(ctx context.Context, limit int) ([]cycle.Row, error) {
	rows, err := b.Ledger.InDoubt(ctx, limit)
	if !b.sure || err != nil {
		return rows, err
	}
	var answers []cycle.Answer
	for _, row := range rows {
		answers = append(answers, cycle.Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: cycle.Void})
	}
	return nil, b.Ledger.Acknowledge(ctx, answers)
}

func (b badLedger) Rechecks(ctx context.Context, limit int) ([]cycle.LinkID, error) {
	if b.blind {
		return nil, nil
	}
	return b.Ledger.Rechecks(ctx, limit)
}

type badSalesforce struct {
	cycle.Salesforce
	page    func(*salesforce.Page)
	results func([]salesforce.Result)
	blind   bool // writes go out without their condition
	twice   bool // creations are sent again, without the key that would tell
}

func (b badSalesforce) Feeds(ctx context.Context, purpose record.Purpose, feeds []salesforce.Feed) ([]salesforce.Page, time.Time, error) {
	pages, at, err := b.Salesforce.Feeds(ctx, purpose, feeds)
	if b.page != nil {
		for i := range pages {
			b.page(&pages[i])
		}
	}
	return pages, at, err
}

func (b badSalesforce) Write(ctx context.Context, purpose record.Purpose, rows []salesforce.Write) ([]salesforce.Result, error) {
	if b.twice {
		if err := b.createBlindly(ctx, purpose, rows); err != nil {
			return nil, err
		}
	}
	for i := range rows {
		if b.blind {
			rows[i].Unmodified = time.Time{}
		}
	}
	results, err := b.Salesforce.Write(ctx, purpose, rows)
	if b.results != nil {
		b.results(results)
	}
	return results, err
}

func (b badSalesforce) createBlindly(ctx context.Context, purpose record.Purpose, rows []salesforce.Write) error {
	var blind []salesforce.Write
	for _, row := range rows {
		if row.ID == "" && row.Object != record.Account {
			row.UpsertField, row.UpsertValue = "", ""
			blind = append(blind, row)
		}
	}
	if len(blind) == 0 {
		return nil
	}
	_, err := b.Salesforce.Write(ctx, purpose, blind)
	return err
}

type badMarketo struct {
	cycle.Marketo
	since   func(time.Time) time.Time
	page    func(*marketo.ActivityPage)
	people  func([]record.Record) []record.Record
	results func([]marketo.Result)
	rows    func([]marketo.Write)
}

func (b badMarketo) PagingToken(ctx context.Context, since time.Time) (string, error) {
	if b.since != nil {
		since = b.since(since)
	}
	return b.Marketo.PagingToken(ctx, since)
}

func (b badMarketo) Activities(ctx context.Context, purpose record.Purpose, token string, types []int) (marketo.ActivityPage, error) {
	page, err := b.Marketo.Activities(ctx, purpose, token, types)
	if b.page != nil {
		b.page(&page)
	}
	return page, err
}

func (b badMarketo) PeopleRange(ctx context.Context, purpose record.Purpose, first, last int64, columns []record.Column, otherID string) ([]record.Record, error) {
	people, err := b.Marketo.PeopleRange(ctx, purpose, first, last, columns, otherID)
	if b.people != nil {
		people = b.people(people)
	}
	return people, err
}

func (b badMarketo) WritePeople(ctx context.Context, purpose record.Purpose, rows []marketo.Write) ([]marketo.Result, error) {
	if b.rows != nil {
		b.rows(rows)
	}
	results, err := b.Marketo.WritePeople(ctx, purpose, rows)
	if b.results != nil {
		b.results(results)
	}
	return results, err
}

func ledger(b badLedger) func(cycle.Config) cycle.Config {
	return func(c cycle.Config) cycle.Config { b.Ledger = c.Ledger; c.Ledger = b; return c }
}

func onSalesforce(b badSalesforce) func(cycle.Config) cycle.Config {
	return func(c cycle.Config) cycle.Config { b.Salesforce = c.Salesforce; c.Salesforce = b; return c }
}

func onMarketo(b badMarketo) func(cycle.Config) cycle.Config {
	return func(c cycle.Config) cycle.Config { b.Marketo = c.Marketo; c.Marketo = b; return c }
}

// allButLast drops the last of a list.
func allButLast[T any](list []T) []T { return list[:max(0, len(list)-1)] }

func planted() map[string]func(cycle.Config) cycle.Config {
	return map[string]func(cycle.Config) cycle.Config{
		"a cursor moves without its page": ledger(badLedger{page: func(p *cycle.Page) {
			if p.Feed != "" {
				p.Steps = nil
			}
		}}),
		"the last step of a page is lost": ledger(badLedger{page: func(p *cycle.Page) { p.Steps = allButLast(p.Steps) }}),
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
				p.Steps[i].Events = slices.DeleteFunc(p.Steps[i].Events, func(e cycle.Event) bool { return e.Kind == "overwrote" })
			}
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
	}
}
