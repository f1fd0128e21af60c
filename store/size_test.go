package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// mostBytesAPair is what a linked pair with 30 mapped fields may take, history and outbox aside.
const mostBytesAPair = 450

// TestAPairIsSmall goes through a first sync: pairs are joined in the order of their addresses, which is no order for
// their ids, each with the writing of both ids, and everything is answered.
func TestAPairIsSmall(t *testing.T) {
	const pairs = 8_000
	path := filepath.Join(t.TempDir(), "pair.db")
	w := openTest(t, path)
	firstSync(t, w, pairs)
	bytes := ask(t, w, `SELECT sum(pgsize) FROM dbstat WHERE name NOT LIKE '%history%' AND name NOT LIKE '%outbox%'`)
	history := ask(t, w, `SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%history%'`)
	outbox := ask(t, w, `SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%outbox%'`)
	run(t, w, `PRAGMA wal_checkpoint(TRUNCATE)`)
	file, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("bytes a pair: %d; with history %d; the file %d, of which the emptied outbox %d", bytes/pairs, (bytes+history)/pairs, file.Size()/pairs, outbox/pairs)
	if bytes/pairs > mostBytesAPair {
		t.Errorf("%d bytes a pair, at most %d", bytes/pairs, mostBytesAPair)
	}
	if most := (bytes + history) * 6 / 5; file.Size() > most {
		t.Errorf("the file takes %d bytes where its tables need %d: the outbox's room was not given back", file.Size(), bytes+history)
	}
}

// joined is a page of a first sync: pairs from first on, with ids in no order.
func joined(first, n int) []cycle.Step {
	steps := make([]cycle.Step, n)
	for i := range steps {
		k := first + i
		scattered := k * 7919 % 1_000_003
		email := record.Of(fmt.Sprintf("person%d@example.com", k))
		link := cycle.Link{Object: record.Lead, Salesforce: record.ID(fmt.Sprintf("00Q%012dAAA", scattered)), Marketo: record.MarketoID(int64(1000 + scattered)), State: cycle.Linked}
		s := cycle.Step{
			Link: link, PutLink: true, Emails: map[record.Side]record.Value{record.Salesforce: email, record.Marketo: email},
			Events: []cycle.Event{{At: time.Unix(1, 0), Cycle: 1, Side: record.Marketo, Kind: "linked", Field: cycle.NoField}},
		}
		for f := range uint16(30) {
			s.Agreed = append(s.Agreed, cycle.Agreed{Field: f, Value: record.Of(fmt.Sprintf("value %d of %d", f, k))})
		}
		for _, side := range sides {
			object := record.Lead
			if side == record.Marketo {
				object = record.Person
			}
			s.Out = append(s.Out, cycle.Row{Side: side, Object: object, Target: link.On(side), Source: link.On(side.Other()), Carry: link.On(side.Other()), Action: cycle.WriteID, Lane: cycle.CycleLane, First: true, Cycle: 1, Since: time.Unix(1, 0)})
		}
		steps[i] = s
	}
	return steps
}

func firstSync(t testing.TB, w *Workspace, pairs int) {
	t.Helper()
	ctx := context.Background()
	n, err := w.BeginCycle(ctx, time.Unix(1, 0))
	for first := 0; err == nil && first < pairs; first += 2000 {
		err = w.CommitPage(ctx, cycle.Page{Cycle: n, Steps: joined(first, min(2000, pairs-first)), Apart: true})
	}
	for _, side := range sides {
		for err == nil {
			var rows []cycle.Row
			if rows, err = w.Due(ctx, side, time.Unix(2, 0), 1000); err != nil || len(rows) == 0 {
				break
			}
			ids, answers := make([]int64, len(rows)), make([]cycle.Answer, len(rows))
			for i, r := range rows {
				ids[i] = r.ID
				answers[i] = cycle.Answer{Row: r.ID, Link: r.Link, Side: side, Outcome: cycle.Accepted, Target: r.Target, Cycle: n, At: time.Unix(2, 0)}
			}
			if err = w.MarkSending(ctx, ids); err == nil {
				err = w.Acknowledge(ctx, answers)
			}
		}
	}
	if err == nil {
		err = w.EndCycle(ctx, cycle.Report{N: n, Started: time.Unix(1, 0), Took: time.Second})
	}
	if err != nil {
		t.Fatal(err)
	}
}
