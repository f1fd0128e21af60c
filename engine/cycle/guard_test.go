package cycle

import (
	"fmt"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// TestReadLastIsGuardedByIt writes under the condition that nobody changed a record since it was read last, in a cycle that read very many too.
func TestReadLastIsGuardedByIt(t *testing.T) {
	began := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	r := &run{known: began, edited: map[record.ID]time.Time{}}
	for i := range 2*editedAtMost + 1 {
		r.readAt(record.ID(fmt.Sprintf("00Q%015d", i)), began.Add(time.Minute))
	}
	for again := range 3 {
		for _, id := range []record.ID{"00Q000000000000001", "00Q000000000002000"} {
			at := began.Add(time.Hour * time.Duration(again+1))
			if r.readAt(id, at); !r.readUpTo(id).Equal(at) {
				t.Errorf("what was read of %s at %s is taken for read up to %s", id, at, r.readUpTo(id))
			}
		}
	}
	if len(r.edited) > editedAtMost {
		t.Errorf("%d moments are remembered", len(r.edited))
	}
}
