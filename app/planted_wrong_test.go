//go:build !race

package app

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// badLedger, badSalesforce and badMarketo do one thing wrong and the rest right.
type badLedger struct {
	cycle.Ledger
	page    func(*cycle.Page)
	answers func([]cycle.Answer) []cycle.Answer
	sure    bool // rows in doubt count as written
	blind   bool // nothing is ever read afresh
	idle    bool // what a person asked for is thrown away
	settled bool // nothing is compared afresh because of a field
}

func (b badLedger) Setting(ctx context.Context, name string) (string, error) {
	if b.settled && name == cycle.CompareAfresh {
		return "", nil
	}
	return b.Ledger.Setting(ctx, name)
}

func (b badLedger) Due(ctx context.Context, side record.Side, now time.Time, limit int, but ...record.Object) ([]cycle.Row, error) {
	rows, err := b.Ledger.Due(ctx, side, now, limit, but...)
	if !b.idle || err != nil {
		return rows, err
	}
	var kept []cycle.Row
	for _, row := range rows {
		if row.Lane != cycle.NowLane {
			kept = append(kept, row)
		} else if err := b.Ledger.Acknowledge(ctx, []cycle.Answer{{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: cycle.Void}}); err != nil {
			return nil, err
		}
	}
	return kept, nil
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
	records func([]marketo.Write) // of the objects that Marketo is only given
	deaf    bool                  // deletions are not heard of
	kept    bool                  // what is to be removed stays
	status  string                // every member is brought to it
	twice   bool                  // activities are added twice
}

func (b badMarketo) SetProgress(ctx context.Context, purpose record.Purpose, program int64, status string, rows []marketo.MemberWrite) ([]marketo.Result, error) {
	if b.status != "" {
		status = b.status
	}
	return b.Marketo.SetProgress(ctx, purpose, program, status, rows)
}

func (b badMarketo) AddActivities(ctx context.Context, purpose record.Purpose, rows []marketo.ActivityWrite) ([]marketo.Result, error) {
	if b.twice {
		if _, err := b.Marketo.AddActivities(ctx, purpose, rows); err != nil {
			return nil, err
		}
	}
	return b.Marketo.AddActivities(ctx, purpose, rows)
}

func (b badMarketo) Deleted(ctx context.Context, purpose record.Purpose, token string) (marketo.DeletedPage, error) {
	page, err := b.Marketo.Deleted(ctx, purpose, token)
	if b.deaf {
		page.IDs = nil
	}
	return page, err
}

func (b badMarketo) WriteRecords(ctx context.Context, purpose record.Purpose, object record.Object, rows []marketo.Write) ([]marketo.Result, error) {
	if b.records != nil {
		b.records(rows)
	}
	return b.Marketo.WriteRecords(ctx, purpose, object, rows)
}

func (b badMarketo) DeleteRecords(ctx context.Context, purpose record.Purpose, object record.Object, rows []marketo.Write) ([]marketo.Result, error) {
	if !b.kept {
		return b.Marketo.DeleteRecords(ctx, purpose, object, rows)
	}
	results := make([]marketo.Result, len(rows))
	for i, row := range rows {
		results[i] = marketo.Result{Key: row.Key, ID: row.ID}
	}
	return results, nil
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
