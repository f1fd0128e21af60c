package app

import (
	"fmt"
	"testing"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// TestSimulatedDayByJobs lives through days in which a handful of records are read and written by bulk jobs: the same promises hold, with the
// same faults, cuts and power failures. They are days of another town than those of TestSimulatedDay.
func TestSimulatedDayByJobs(t *testing.T) {
	for i := range min(max(*seeds/4, 1), 20) {
		seed := *seedAt + 10_000 + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			broken, diary := day(t, seed, script(seed), func(c cycle.Config) cycle.Config {
				c.Policy.BulkFrom = 3 + int(seed%5)
				return c
			})
			if len(broken) == 0 {
				return
			}
			for _, line := range append(diary, broken...) {
				t.Log(line)
			}
			t.Fail()
		})
	}
}
