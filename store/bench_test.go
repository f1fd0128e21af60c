package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// BenchmarkCycle is a page of 2,000 changes of random pairs: looked up by their ids, planned with one field each, and
// acknowledged. One op is one change.
func BenchmarkCycle(b *testing.B) {
	const pairs, page = 100_000, 2000
	w := openTest(b, filepath.Join(b.TempDir(), "pair.db"))
	firstSync(b, w, pairs)
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += page {
		ids := make([]record.ID, page)
		for i := range ids {
			ids[i] = record.MarketoID(int64(1000 + rng.IntN(pairs)*7919%1_000_003))
		}
		known, err := w.Known(ctx, record.Marketo, ids)
		if err != nil {
			b.Fatal(err)
		}
		steps := make([]cycle.Step, page)
		for i, k := range known {
			v := record.Of(fmt.Sprint("new ", n, i))
			row := cycle.Row{Side: record.Salesforce, Object: record.Lead, Target: k.Link.Salesforce, Source: k.Link.Marketo, Action: cycle.Update, Lane: cycle.CycleLane, Cycle: 2, Since: time.Unix(3, 0)}
			row.Fields = []cycle.Change{{Field: 7, Value: v, Prior: k.Baseline.Print(7), At: time.Unix(3, 0)}}
			steps[i] = cycle.Step{Link: k.Link, Out: []cycle.Row{row}, Events: []cycle.Event{{At: time.Unix(3, 0), Cycle: 2, Side: record.Salesforce, Kind: "planned", Field: 7, New: v}}}
		}
		if err := w.CommitPage(ctx, cycle.Page{Steps: steps}); err != nil {
			b.Fatal(err)
		}
		rows, err := w.Due(ctx, record.Salesforce, time.Unix(4, 0), page)
		if err != nil {
			b.Fatal(err)
		}
		sent, answers := make([]int64, len(rows)), make([]cycle.Answer, len(rows))
		for i, r := range rows {
			sent[i] = r.ID
			answers[i] = cycle.Answer{Row: r.ID, Link: r.Link, Side: r.Side, Outcome: cycle.Accepted, Cycle: 2, At: time.Unix(4, 0), Agreed: []cycle.Agreed{{Field: 7, Value: r.Fields[0].Value}}}
		}
		if err := w.MarkSending(ctx, sent); err != nil {
			b.Fatal(err)
		}
		if err := w.Acknowledge(ctx, answers); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstSync joins pairs and acknowledges the writing of both ids. One op is one pair.
func BenchmarkFirstSync(b *testing.B) {
	w := openTest(b, filepath.Join(b.TempDir(), "pair.db"))
	b.ReportAllocs()
	firstSync(b, w, max(b.N, 2000))
}

// BenchmarkStage reads one side into the scratch file and goes through it by address. One op is one record.
func BenchmarkStage(b *testing.B) {
	w := openTest(b, filepath.Join(b.TempDir(), "pair.db"))
	ctx := context.Background()
	s, err := w.OpenStage(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += 2000 {
		records := make([]record.Record, min(2000, b.N-n))
		for i := range records {
			k := n + i
			r := record.Record{Object: record.Lead, ID: record.ID(fmt.Sprintf("00Q%012dAAA", k*7919%1_000_003)), Email: record.Of(fmt.Sprintf("person%d@example.com", k)), Modified: time.Unix(5, 0)}
			for f := range 30 {
				r.Values = append(r.Values, record.Of(fmt.Sprintf("value %d of %d", f, k)))
			}
			records[i] = r
		}
		if err := s.Put(ctx, "f", "c", records); err != nil {
			b.Fatal(err)
		}
	}
	seen := 0
	for after, done := "", false; !done; {
		var groups []cycle.StagedGroup
		if groups, after, done, err = s.ByEmail(ctx, after, 4000); err != nil {
			b.Fatal(err)
		}
		seen += len(groups)
	}
	if seen != b.N {
		b.Fatalf("%d of %d records came back", seen, b.N)
	}
}
