package salesforce_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// A write under a condition leaves a record alone that somebody changed since, also when its first answer was lost (promise 6).
func TestOrgGuardedWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t)
		if _, err := c.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		var rows []salesforce.Write
		for key := range int64(24) {
			rows = append(rows, salesforce.Write{Key: key, Object: record.Lead, ID: a.lead(t, "Title", "Countess"), ReadBack: true, Fields: titles("Analyst")})
		}
		read := a.clock.Now()
		for i := range rows {
			rows[i].Unmodified = read
		}
		time.Sleep(2 * time.Second)
		edited := rows[7].ID
		if err := a.Set(string(edited), map[string]string{"Title": "Queen"}); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, salesforce.Write{Key: 24, Object: record.Lead, ID: a.lead(t), Fields: titles("unconditional")})

		before, _ := a.Requests()
		results, err := c.Write(t.Context(), record.Push, rows)
		if err != nil {
			t.Fatal(err)
		}
		if after, _ := a.Requests(); after-before != 2 {
			t.Errorf("%d calls for 24 rows under a condition and one without", after-before)
		}
		for i, r := range results {
			switch {
			case r.ID == edited && (r.Err == nil || r.Err.Class() != pace.Changed || r.Err.Retryable()):
				t.Errorf("the edited lead: %v", r.Err)
			case r.ID != edited && r.Err != nil:
				t.Errorf("row %d: %v", i, r.Err)
			case r.ID != edited && r.Key < 24 && (len(r.Before) != 1 || r.Before[0].Text() != "Countess"):
				t.Errorf("row %d was not read before", i)
			}
		}

		row := rows[3]
		row.Fields = titles("Again")
		row.Unmodified = a.clock.Now()
		time.Sleep(2 * time.Second)
		if err := a.dice.Next(fault.LostResponse, 1); err != nil {
			t.Fatal(err)
		}
		results, err = c.Write(t.Context(), record.Push, []salesforce.Write{row})
		if err != nil || results[0].Err == nil || results[0].Err.Class() != pace.Changed {
			t.Errorf("a write whose answer was lost: %+v, %v", results, err)
		}
		got, err := c.Get(t.Context(), record.Reread, record.Lead, []record.ID{edited, row.ID}, titleColumn, "")
		if err != nil || len(got) != 2 || got[0].Values[0].Text() != "Queen" || got[1].Values[0].Text() != "Again" {
			t.Errorf("read back %d leads, %v", len(got), err)
		}
	})
}
