package app_test

import (
	"context"
	"testing"

	"github.com/doppio-sync/doppio/app"
)

// TestDemoEndsInAgreement runs the whole job over real HTTP and a real file: both sides agree at the end, and the last cycle
// writes nothing (promises 1 to 4).
func TestDemoEndsInAgreement(t *testing.T) {
	for _, row := range []struct {
		faults string
		people int
		seed   uint64
	}{{"none", 300, 1}, {"none", 120, 2}, {"rough", 100, 3}, {"hostile", 100, 2}} {
		t.Run(row.faults, func(t *testing.T) {
			t.Parallel() // with faults it waits most of the time
			demo, err := app.RunDemo(context.Background(), app.DemoOptions{People: row.people, Cycles: 3, Seed: row.seed, Faults: row.faults})
			if err != nil {
				t.Fatal(err)
			}
			r := demo.Result
			if r.Differences != 0 {
				t.Errorf("%d fields differ, and nothing explains it", r.Differences)
			}
			if last := r.Cycles[len(r.Cycles)-1]; last.Writes.Salesforce+last.Writes.Marketo != 0 {
				t.Errorf("the last cycle still wrote: %+v", last)
			}
			// A passing fault is no failure that waits for a person; the seeds hold a few records that really are refused.
			if r.Failures > row.people/20 {
				t.Errorf("%d writes are refused", r.Failures)
			}
			if r.Linked < row.people*9/10 {
				t.Errorf("only %d of %d people are linked", r.Linked, row.people)
			}
			if demo.Dashboard.Linked != r.Linked || len(demo.Dashboard.Cycles) == 0 {
				t.Errorf("the dashboard says something else: %d linked, %d cycles", demo.Dashboard.Linked, len(demo.Dashboard.Cycles))
			}
			for _, g := range demo.Dashboard.Groups {
				if len(g.Fields) != 1 { // what the seeds' values are refused for is a matter of one field
					t.Errorf("%s does not name its field: %v", g.Cause.Key, g.Fields)
				}
			}
			if row.people == 300 && len(demo.Dashboard.Groups) == 0 {
				t.Error("nothing is refused")
			}
		})
	}
}
