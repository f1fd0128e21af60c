package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// A workspace in which everything that a screen counts is there in numbers that nobody would like to have: five days of cycles, refused
// writes of many causes, decisions, people on one side only.
const (
	figureLinks    = 100_000
	figureCycles   = 5 * 288
	figureRefused  = 20_000 // of the links
	figureCauses   = 40
	figureHolds    = 2_000
	figureNumbers  = 1_000_003 // a prime, so that ids come in no order
	figureInterval = 5 * time.Minute
)

// BenchmarkFigures takes the time of everything that a screen shows, in look-ups of one link and its baseline by its Salesforce id. A figure
// costs at most 10, a trend, which goes through what five days left, at most 600.
func BenchmarkFigures(b *testing.B) {
	ctx, now := b.Context(), time.Now().UTC()
	home := b.TempDir()
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	if err := a.NewWorkspace(ctx, sampleName, false); err != nil {
		b.Fatal(err)
	}
	if err := a.within(ctx, sampleName, func(w *store.Workspace) error { return fillFigures(ctx, w, now) }); err != nil {
		b.Fatal(err)
	}
	if err := a.beside(ctx, sampleName, true, func(w *store.Workspace) error {
		measureFigures(b, w, now)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

// measureFigures measures each in rounds with the look-up: whatever else the machine does falls on both.
func measureFigures(b *testing.B, w *store.Workspace, now time.Time) {
	ctx := b.Context()
	day := now.Format(time.DateOnly)
	var n int
	lookUp := func() error {
		n += 7919
		known, err := w.Known(ctx, record.Salesforce, []record.ID{figureLead(n % figureLinks)})
		if err == nil && known[0].Link.ID == 0 {
			err = errors.New("a link is not found")
		}
		return err
	}
	groups, err := w.FailureGroups(ctx, 0)
	if err != nil || len(groups) != figureCauses {
		b.Fatalf("%d groups of failures: %v", len(groups), err)
	}
	person := figureLead(figureLinks / 2)
	var known culprits
	for _, figure := range []struct {
		name string
		most float64
		show func() error
	}{
		{"numbers", 10, func() error { _, err := w.Counts(ctx); return err }},
		{"standing", 10, func() error { _, err := w.Status(ctx); return err }},
		{"notices", 10, func() error { _, err := noticesOf(ctx, w); return err }},
		{"settings", 10, func() error { _, err := settingsOf(ctx, w); return err }},
		{"calls by purpose", 10, func() error { _, err := w.CallsByPurpose(ctx, record.Marketo, day); return err }},
		{"cycles", 10, func() error { _, err := w.Cycles(ctx, cyclesShown); return err }},
		{"failures by cause", 10, func() error { _, err := w.FailureGroups(ctx, 0); return err }},
		{"failures, told", 10, func() error { _, err := failuresOf(ctx, w, ""); return err }},
		{"values written by field, 30 days", 600, func() error { _, _, err := w.Written(ctx, now.AddDate(0, 0, -30)); return err }},
		{"records of a cause", 10, func() error { _, err := w.FailedRows(ctx, groups[0].ID, 0, 50); return err }},
		{"decisions", 10, func() error { _, err := w.Holds(ctx, 0, 50); return err }},
		{"a person's history", 10, func() error { _, err := w.EventsOf(ctx, 50_000, 20); return err }},
		{"a person explained", 10, func() error {
			e, err := explain(ctx, w, string(person), now)
			if err == nil && len(e.History) == 0 {
				err = errors.New("the person is not found")
			}
			return err
		}},
		{"audit, 30 days", 600, func() error { _, err := auditOf(ctx, w, now); return err }},
		{"refused by day, 5 days", 600, func() error { _, err := w.RefusalsBetween(ctx, now.AddDate(0, 0, -5), now); return err }},
		{"backlog, a day", 600, func() error { _, err := w.BacklogBetween(ctx, now.AddDate(0, 0, -1), now, chartPoints); return err }},
		{"backlog, 5 days", 600, func() error { _, err := w.BacklogBetween(ctx, now.AddDate(0, 0, -5), now, chartPoints); return err }},
		{"status, whole", 600, func() error { _, err := statusOf(ctx, w, now); return err }},
		{"dashboard, whole, once open", 600, func() error { _, err := dashboardOf(ctx, w, &known, now); return err }},
		{"dashboard, whole, opening", 600, func() error { _, err := dashboardOf(ctx, w, &culprits{}, now); return err }},
	} {
		b.Run(figure.name, func(b *testing.B) {
			var ours, least []float64
			for b.Loop() {
				for range 8 { // the median of a look-up is steadier of many
					least = append(least, took(b, lookUp))
				}
				ours = append(ours, took(b, figure.show))
			}
			slices.Sort(ours)
			slices.Sort(least)
			b.ReportMetric(ours[len(ours)/2], "ns/op")
			b.ReportMetric(ours[len(ours)/2]/least[len(least)/2], "look-ups")
			b.ReportMetric(figure.most, "at-most")
		})
	}
}

func took(b *testing.B, show func() error) float64 {
	b.Helper()
	began := time.Now()
	if err := show(); err != nil {
		b.Fatal(err)
	}
	return float64(time.Since(began))
}

func figureLead(n int) record.ID {
	id, err := record.LongID(fmt.Sprintf("00Q%012d", n*7919%figureNumbers))
	if err != nil {
		panic(err)
	}
	return id
}

func fillFigures(ctx context.Context, w *store.Workspace, now time.Time) error {
	since := now.Add(-figureCycles * figureInterval)
	for first := 0; first < figureLinks; first += 2000 {
		steps := make([]cycle.Step, 2000)
		for i := range steps {
			steps[i] = figureLink(first+i, since)
		}
		if err := w.CommitPage(ctx, cycle.Page{Cycle: 1, Steps: steps}); err != nil {
			return err
		}
	}
	if err := refuseFigures(ctx, w, now); err != nil {
		return err
	}
	for n := range figureCycles {
		at := since.Add(time.Duration(n) * figureInterval)
		number, err := w.BeginCycle(ctx, at)
		if err != nil {
			return err
		}
		waited := cycle.Backlog{ToMarketo: n % 500, ToSalesforce: n % 70}
		if err := w.EndCycle(ctx, cycle.Report{
			N: number, Started: at, Took: 20 * time.Second, First: n == 0, Mode: record.Live, Pulled: cycle.Counts{Salesforce: n % 500, Marketo: n % 70},
			Writes: cycle.Counts{Salesforce: n % 70, Marketo: n % 500}, Calls: cycle.Counts{Salesforce: 4, Marketo: 12}, Waited: waited, Backlog: waited,
			Made: []cycle.Cause{{To: record.Marketo, Object: record.Lead, By: "user 005000000000001AAA", Records: n % 500}, {To: record.Marketo, Object: record.Lead, Field: "Title", Records: n % 400}},
		}); err != nil {
			return err
		}
	}
	for d := range 30 {
		if err := w.AddAudit(ctx, now.AddDate(0, 0, -d), 500, d%2); err != nil {
			return err
		}
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		spent := map[record.Purpose]int{record.Feed: 1000, record.Push: 500, record.Describe: 20, record.Check: 10}
		if err := w.KeepCalls(ctx, map[record.Side]store.Calls{
			side: {Day: now.In(dayZone(side)).Format(time.DateOnly), Used: 1530, Limit: 50_000, Share: 25_000, ByPurpose: spent},
		}, nil); err != nil {
			return err
		}
	}
	return nil
}

// figureLink is a linked pair with a history; a part of them has a write that waits, a part a decision.
func figureLink(n int, at time.Time) cycle.Step {
	lead := figureLead(n)
	email := record.Of(fmt.Sprintf("person%d@example.com", n))
	link := cycle.Link{Object: record.Lead, Salesforce: lead, Marketo: record.MarketoID(int64(1000 + n*7919%figureNumbers)), State: cycle.Linked}
	s := cycle.Step{Link: link, PutLink: true, Emails: map[record.Side]record.Value{record.Salesforce: email, record.Marketo: email}}
	for f := range uint16(30) {
		s.Agreed = append(s.Agreed, cycle.Agreed{Field: f, Value: record.Of(fmt.Sprintf("value %d of %d", f, n))})
	}
	for range 4 {
		s.Events = append(s.Events, cycle.Event{At: at, Cycle: 1, Side: record.Marketo, Kind: "written", Field: 7, New: record.Of("value")})
	}
	if n < figureRefused {
		s.Out = []cycle.Row{{
			Side: record.Marketo, Object: record.Person, Target: link.Marketo, Source: lead, Action: cycle.Update, Lane: cycle.CycleLane, Cycle: 1, Since: at,
			Fields: []cycle.Change{{Field: 7, Value: record.Of("new"), At: at}},
		}}
	}
	if n >= figureLinks-figureHolds {
		s.Holds = []cycle.Hold{{Field: 4, Cause: "conflict", Salesforce: record.Of("a"), Marketo: record.Of("b"), Since: at}}
	}
	return s
}

// refuseFigures has most of what waits refused, for many causes, over five days.
func refuseFigures(ctx context.Context, w *store.Workspace, now time.Time) error {
	const page = 1000
	for range figureRefused/page - 1 {
		rows, err := w.Due(ctx, record.Marketo, now, page)
		if err != nil {
			return err
		}
		ids, answers := make([]int64, len(rows)), make([]cycle.Answer, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
			answers[i] = cycle.Answer{
				Row: r.ID, Link: r.Link, Side: r.Side, Outcome: cycle.Refused, Cause: fmt.Sprintf("1006 field%d", i%figureCauses), Cycle: 1,
				At: now.Add(-time.Duration(r.ID%(5*24)) * time.Hour),
			}
		}
		if err := w.MarkSending(ctx, ids); err != nil {
			return err
		}
		if err := w.Acknowledge(ctx, answers); err != nil {
			return err
		}
	}
	return nil
}
