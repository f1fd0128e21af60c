package cycle

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Hold is a change that waits for a person's decision.
type Hold struct {
	ID         int64
	Link       LinkID
	Field      uint16       // NoField for a match
	Cause      string       // "conflict", "ambiguous", "flip-flop", "duplicate", ...
	Salesforce record.Value // of a match: what the question is about
	Marketo    record.Value
	Candidates []record.Ref
	Since      time.Time
	// Skipped says that a person left it alone: nothing waits for it. It is kept so that the same question is not asked again.
	Skipped bool
}

// Separate is the cause of a hold that was decided: the record is somebody of its own, whoever else has its address. It is kept until the
// record has a twin.
const Separate = "separate"

// On is the contested value of a side.
func (h Hold) On(s record.Side) record.Value {
	if s == record.Salesforce {
		return h.Salesforce
	}
	return h.Marketo
}

// Open are the holds that wait for a person.
func (k Known) Open() []Hold {
	return slices.DeleteFunc(slices.Clone(k.Holds), func(h Hold) bool { return h.Skipped })
}

// hold finds the hold of a field.
func (k Known) hold(number uint16) (Hold, bool) {
	for _, h := range k.Holds {
		if h.Field == number {
			return h, true
		}
	}
	return Hold{}, false
}

func (s *sheet) hold(number uint16) (Hold, bool) { return s.known.hold(number) }
