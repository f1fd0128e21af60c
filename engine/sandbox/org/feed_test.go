package org

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

func TestUpdatedDeleted(t *testing.T) {
	b := newBench(t)
	one := b.lead()
	b.clock.Advance(10 * time.Minute)
	two := b.lead()
	b.send("DELETE", "sobjects/Lead/"+two, "").want(204, "")
	b.clock.Advance(5 * time.Minute) // 10:15
	b.send("GET", "sobjects/Lead/updated/?start=2026-11-24T10%3A00%3A59%2B00%3A00&end=2026-11-24T10:12:30Z", "").want(200,
		`{"ids":["`+one+`"],"latestDateCovered":"2026-11-24T10:12:00.000+0000"}`)
	b.send("GET", "sobjects/Lead/deleted?start=2026-11-24T10:01:00Z&end=2026-11-24T10:30:00Z", "").want(200,
		`{"deletedRecords":[{"id":"`+two+`","deletedDate":"2026-11-24T10:10:00.000+0000"}],"earliestDateAvailable":"2026-11-09T10:15:00.000+0000","latestDateCovered":"2026-11-24T10:15:00.000+0000"}`)
	for name, query := range map[string]string{
		"backwards": "start=2026-11-24T10:05:00Z&end=2026-11-24T10:05:30Z", "no offset": "start=2026-11-24T10:05:00&end=2026-11-24T10:09:00Z",
		"too old": "start=2026-10-01T10:05:00Z&end=2026-11-24T10:05:00Z", "missing": "start=2026-11-24T10:05:00Z",
	} {
		b.send("GET", "sobjects/Lead/updated?"+query, "").refused(400, "INVALID_REPLICATION_DATE")
		t.Log(name)
	}
	b.clock.Advance(16 * 24 * time.Hour)
	b.token = b.openSession(b.people.sync, "", "", nil).token
	b.send("GET", "sobjects/Lead/deleted?start=2026-11-30T10:01:00Z&end=2026-12-10T10:05:00Z", "").refused(200, `deletedRecords`)
	if obj, n, _ := b.parseID(two); obj != nil {
		if _, there := obj.table.Get(n); there {
			t.Error("the bin keeps a row longer than 15 days")
		}
	}
}

// TestLateCommit: the stamp is that of the save, the row shows it only after the commit, latestDateCovered waits, and
// the row is locked meanwhile.
func TestLateCommit(t *testing.T) {
	b := newBench(t)
	id := b.lead()
	b.clock.Advance(time.Hour)
	if err := b.dice.Next(fault.LateCommit, 1); err != nil {
		t.Fatal(err)
	}
	edits, err := b.EditRandom(rand.New(rand.NewPCG(1, 2)), 1, []string{"City"})
	if err != nil || len(edits) != 1 || edits[0].ID != id {
		t.Fatalf("%v %v", edits, err)
	}
	b.clock.Advance(2 * time.Second)
	if city := b.send("GET", "sobjects/Lead/"+id, "").at("City"); city != nil {
		t.Errorf("an open transaction shows: %v", city)
	}
	b.send("PATCH", "sobjects/Lead/"+id, `{"Title":"x"}`).want(400,
		`[{"message":"unable to obtain exclusive access to this record or 1 records: `+id+`","errorCode":"UNABLE_TO_LOCK_ROW","fields":[]}]`)
	b.clock.Advance(3 * time.Second)
	covered := b.send("GET", "sobjects/Lead/updated?start=2026-11-24T10:30:00Z&end=2026-11-24T11:30:00Z", "").at("latestDateCovered")
	if covered != "2026-11-24T11:00:00.000+0000" {
		t.Errorf("latestDateCovered is %v", covered)
	}
	b.clock.Advance(2 * time.Minute)
	row := b.send("GET", "sobjects/Lead/"+id, "")
	if row.at("City") != edits[0].Fields["City"] || row.at("SystemModstamp") != "2026-11-24T11:00:00.000+0000" {
		t.Errorf("after the commit: %s", row.body)
	}
}

// TestStamps: what moves which date.
func TestStamps(t *testing.T) {
	b := newBench(t)
	id := b.made("Lead", `{"LastName":"A","Company":"B","Country":"Germany"}`)
	dates := func() [2]any {
		r := b.send("GET", "sobjects/Lead/"+id, "")
		return [2]any{r.at("SystemModstamp"), r.at("LastModifiedDate")}
	}
	at := func(minute string) string { return "2026-11-24T10:" + minute + ":00.000+0000" }
	b.clock.Advance(time.Minute)
	b.EditFormula("Germany", "DACH")
	if b.send("GET", "sobjects/Lead/"+id, "").at("Region__c") != "DACH" || dates() != [2]any{at("00"), at("00")} {
		t.Errorf("a formula that changed must change no date: %v", dates())
	}
	if err := b.Touch("Lead"); err != nil {
		t.Fatal(err)
	}
	if dates() != [2]any{at("01"), at("00")} {
		t.Errorf("a mass stamp must move SystemModstamp only: %v", dates())
	}
	b.clock.Advance(time.Minute)
	b.send("PATCH", "sobjects/Lead/"+id, `{"Country":"Germany"}`).want(204, "")
	if dates() != [2]any{at("02"), at("02")} {
		t.Errorf("a save without a change must move both: %v", dates())
	}
}

func TestEditRandom(t *testing.T) {
	b := newBench(t)
	for range 30 {
		b.lead()
		b.made("Contact", `{"LastName":"A"}`)
	}
	b.clock.Advance(time.Minute)
	b.log.Reset()
	edits, err := b.EditRandom(rand.New(rand.NewPCG(1, 2)), 50, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range edits {
		if seen[e.ID] {
			t.Fatalf("%s was edited twice", e.ID)
		}
		seen[e.ID] = true
		obj, n, err := b.parseID(e.ID)
		if err != nil || obj.name != string(e.Object) {
			t.Fatal(e.ID, err)
		}
		row, _ := obj.table.Get(n)
		for name, want := range e.Fields {
			if got, _ := b.value(obj.field(name), row); got != want && !(want == "" && got == "") {
				t.Errorf("%s.%s is %q, told %q", e.ID, name, got, want)
			}
		}
	}
	if len(edits) < 40 {
		t.Errorf("only %d of 50 edits were made", len(edits))
	}
	if got := b.log.Snapshot().Salesforce; got.Writes != 0 || got.Calls != 0 {
		t.Errorf("edits by the org's own users are in the journal: %+v", got)
	}
	if _, err := b.EditRandom(rand.New(rand.NewPCG(1, 2)), 61, nil); err == nil {
		t.Error("61 of 60 people were edited")
	}
	if _, err := b.EditRandom(rand.New(rand.NewPCG(1, 2)), 1, []string{"Nope"}); err == nil {
		t.Error("a field that nobody has was edited")
	}
}
