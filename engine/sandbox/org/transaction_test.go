package org

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// dump is everything that the leads hold, stamps included.
func (b *bench) dump() string {
	var out strings.Builder
	obj := b.object("Lead")
	b.db.View(func() {
		for row := range obj.table.ByID(0) {
			fmt.Fprintf(&out, "%d@%d#%d", row.ID(), row.Stamp(), row.Version())
			row.Each(func(column int, text string) { fmt.Fprintf(&out, " %d=%s", column, text) })
			out.WriteByte('\n')
		}
	})
	return out.String()
}

// TestAllOrNothing: whatever a composite or collection with allOrNone holds, either every part of it stands or the rows
// are exactly what they were, and the journal counts accordingly.
func TestAllOrNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t)
		var ids []string
		for range 4 {
			ids = append(ids, b.lead())
		}
		b.clock.Advance(time.Minute)
		b.log.Reset()
		before, writes := b.dump(), b.log.Snapshot().Salesforce.Writes
		var parts []string
		bad := false
		for i := range rapid.IntRange(1, 8).Draw(rt, "parts") {
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			address, body, method := "sobjects/Lead/"+id, fmt.Sprintf(`{"City":"c%d"}`, i), "PATCH"
			switch rapid.IntRange(0, 5).Draw(rt, "kind") {
			case 0:
				method, address, body = "POST", "sobjects/Lead", `{"LastName":"N","Company":"C"}`
			case 1:
				method, address, body = "POST", "sobjects/Lead", `{"LastName":"N"}`
				bad = true
			case 2:
				method, address, body = "PATCH", "composite/sobjects", fmt.Sprintf(`{"records":[{"attributes":{"type":"Lead"},"id":%q,"City":"k%d"}]}`, id, i)
			case 3:
				body = `{"Email":"no address"}`
				bad = true
			}
			parts = append(parts, fmt.Sprintf(`{"method":%q,"url":"/services/data/v61.0/%s","referenceId":"r%d","body":%s}`, method, address, i, body))
		}
		answer := b.send("POST", "composite", `{"allOrNone":true,"compositeRequest":[`+strings.Join(parts, ",")+`]}`)
		halted := strings.Contains(answer.body, "PROCESSING_HALTED") || strings.Contains(answer.body, "REQUIRED_FIELD_MISSING") || strings.Contains(answer.body, "INVALID_EMAIL_ADDRESS")
		if halted != bad {
			rt.Fatalf("halted %v, want %v: %s", halted, bad, answer.body)
		}
		after := b.dump()
		if bad && (after != before || b.log.Snapshot().Salesforce.Writes != writes) {
			rt.Fatalf("a halted composite left something\n%s\n%s", before, after)
		}
		if !bad && after == before {
			rt.Fatal("a composite that stood changed nothing")
		}
	})
}

// TestStampsNeverRunBack: every commit's stamp is at or after the one before, and no later than the clock.
func TestStampsNeverRunBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t)
		id := b.lead()
		last := ""
		for range rapid.IntRange(1, 10).Draw(rt, "saves") {
			b.clock.Advance(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "ms")) * time.Millisecond)
			b.send("PATCH", "sobjects/Lead/"+id, `{"City":"x"}`).want(204, "")
			row := b.send("GET", "sobjects/Lead/"+id, "")
			stamp, edited := row.at("SystemModstamp").(string), row.at("LastModifiedDate").(string)
			if stamp < last || edited > stamp || stamp[:19] > b.clock.Now().Format("2006-01-02T15:04:05") {
				rt.Fatalf("stamp %s, edited %s after %s at %s", stamp, edited, last, b.clock.Now())
			}
			last = stamp
		}
	})
}

// TestIDs: an id leads back to its row, in both forms, and ids sort as rows do.
func TestIDs(t *testing.T) {
	b := newBench(t)
	lead := b.object("Lead")
	rapid.Check(t, func(rt *rapid.T) {
		n, m := rapid.Uint64Range(1, 1<<40).Draw(rt, "n"), rapid.Uint64Range(1, 1<<40).Draw(rt, "m")
		id := lead.longID(n)
		for _, text := range []string{id, id[:15]} {
			if obj, back, err := b.parseID(text); err != nil || obj != lead || back != n {
				rt.Fatalf("%s: %v %d %v", text, obj, back, err)
			}
		}
		if (n < m) != (id < lead.longID(m)) && n != m {
			rt.Fatalf("ids of %d and %d sort otherwise", n, m)
		}
		if _, _, err := b.parseID(strings.ToLower(id)); err == nil && strings.ToLower(id) != id {
			rt.Fatalf("an id whose check characters are wrong was taken: %s", strings.ToLower(id))
		}
	})
}

// TestPartialFailure: rows that a fault hits fail with a transient code, their neighbours stand.
func TestPartialFailure(t *testing.T) {
	b := newBench(t)
	one, two := b.lead(), b.lead()
	body := `{"records":[{"attributes":{"type":"Lead"},"id":"` + one + `","City":"Ulm"},{"attributes":{"type":"Lead"},"id":"` + two + `","City":"Ulm"}]}`
	for kind, code := range map[fault.Kind]string{fault.PartialFailure: "REQUEST_RUNNING_TOO_LONG", fault.LockRow: "UNABLE_TO_LOCK_ROW"} {
		if err := b.dice.Next(kind, 1); err != nil {
			t.Fatal(err)
		}
		got := b.send("PATCH", "composite/sobjects", body)
		if got.at(0, "errors", 0, "statusCode") != code || got.at(1, "success") != true {
			t.Errorf("%s: %s", kind, got.body)
		}
	}
	if err := b.dice.Next(fault.TokenExpiry, 1); err != nil {
		t.Fatal(err)
	}
	b.send("GET", "sobjects/Lead/"+one, "").refused(401, "INVALID_SESSION_ID")
	b.send("GET", "sobjects/Lead/"+one, "").refused(401, "INVALID_SESSION_ID")
}

// TestConcurrentUse lets readers and writers meet; the race detector is the judge.
func TestConcurrentUse(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 20 {
				switch i % 4 {
				case 0:
					b.send("PATCH", "sobjects/Lead/"+id, `{"City":"x"}`)
				case 1:
					b.send("GET", "sobjects/Lead/"+id, "")
				case 2:
					b.send("GET", "sobjects/Lead/describe", "")
				case 3:
					b.Counts()
				}
			}
		})
	}
	group.Wait()
}
