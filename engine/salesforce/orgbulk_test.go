package salesforce_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// TestOrgBulk loads and exports through the imitated org's Bulk API.
func TestOrgBulk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t)
		var ids []record.ID
		for range 300 {
			ids = append(ids, a.lead(t, "Title", "before"))
		}
		rows := salesforce.NewRows(func(yield func([]string) bool) {
			for i, id := range ids {
				title := "a \"quoted\", one\nof " + strconv.Itoa(i)
				if i == 7 {
					title = strings.Repeat("x", 200) // too long
				}
				if !yield([]string{string(id), title, salesforce.BulkNull}) {
					return
				}
			}
		}, 3)
		defer rows.Close()
		job, more, err := c.Upload(t.Context(), record.WriteBack, salesforce.Ingest{Object: record.Lead, Operation: "update", Columns: []string{"Id", "Title", "Website"}}, rows)
		if err != nil || more {
			t.Fatal(more, err)
		}
		if job, err = c.Wait(t.Context(), record.WriteBack, job.ID); err != nil || job.Err() != nil || job.Failed != 1 {
			t.Fatalf("%+v, %v", job, err)
		}
		for row, err := range c.Results(t.Context(), record.WriteBack, job.ID, salesforce.Failures) {
			if err != nil || row.Err.Code() != "STRING_TOO_LONG" || row.Text("Id") != string(ids[7]) {
				t.Errorf("failed: %q %v, %v", row.Text("Id"), row.Err, err)
			}
		}
		n := 0
		for r, err := range export(t.Context(), c, salesforce.Export{Object: record.Lead, Columns: titleColumn, OtherID: "Marketo_Person_Id__c"}) {
			if err != nil || r.Err != nil {
				t.Fatal(err, r.Err)
			}
			if changed := strings.HasPrefix(r.Values[0].Text(), `a "quoted", one`); changed == (r.ID == ids[7]) {
				t.Errorf("%s changed: %v", r.ID, changed)
			}
			n++
		}
		if n != 300 {
			t.Errorf("exported %d", n)
		}
	})
}
