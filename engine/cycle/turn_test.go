package cycle

import (
	"fmt"
	"slices"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
)

// However many objects are synced, a cycle asks for ten at most, people and sales each time, and none has to wait for ever.
func TestFeedsTakeTurns(t *testing.T) {
	order := []record.Object{record.User, record.Account, record.Contact, record.Lead, record.Opportunity, record.OpportunityContactRole}
	for n := range 17 {
		last := map[record.Object]int64{}
		for cycle := range int64(12) {
			asked := inTurn(order, cycle)
			if len(asked) > 10 || len(asked) != min(len(order), 10) {
				t.Fatalf("%d objects: cycle %d asks for %d", len(order), cycle, len(asked))
			}
			for _, o := range asked {
				last[o] = cycle
			}
			for _, o := range order {
				if wait := cycle - last[o]; wait > int64(len(order)/4)+1 || wait > 0 && slices.Contains(order[1:6], o) {
					t.Fatalf("%d objects: %s was not asked for in %d cycles", len(order), o, wait)
				}
			}
		}
		order = append(order, record.Object(fmt.Sprintf("Thing%d__c", n)))
	}
}
