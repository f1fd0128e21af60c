package cycle

import (
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Outcome is what became of a row.
type Outcome uint8

// The outcomes.
const (
	Accepted  Outcome = iota + 1
	Refused           // by the target, for a reason that will not pass by itself
	Postponed         // transient: again at Answer.Next
	Void              // nothing was sent and nothing needs to be
)

// Answer is a side's answer to one row.
type Answer struct {
	Row     int64
	Link    LinkID
	Side    record.Side
	Outcome Outcome
	Target  record.ID // the id that a creation got, or that a record turned out to have
	Same    bool      // Target is the record that the row was planned for
	Next    time.Time
	Cause   string
	Cycle   int64
	At      time.Time
	Agreed  []Agreed
	// Mapped is the object whose mapping the fields of Events belong to, where values were written that count as changes.
	Mapped record.Object
	// Echo of an accepted update is kept until the activities were read (Forget), so that what it overwrote can be judged.
	Echo *Echo
	// Then plans more for the same link: putting a value back, the other direction, a hold. A row with the ID of the one that was answered is
	// what is left of it, unless another one took its place meanwhile.
	Then   []Row
	Holds  []Hold
	Events []Event
	// Follow adds to the Salesforce records on which the link depends.
	Follow []record.ID
	// Email is the address that the target has now, nil where it is what it was.
	Email *record.Value
	// Recheck asks for a fresh reading of both sides. Ended says that the target is gone.
	Recheck bool
	Ended   bool
}

// Bare reports whether an answer says of its row no more than that it was accepted.
func (a Answer) Bare() bool {
	return a.Outcome == Accepted && a.Target == "" && a.Echo == nil && a.Email == nil && !a.Recheck && !a.Ended &&
		len(a.Agreed)+len(a.Then)+len(a.Holds)+len(a.Events)+len(a.Follow) == 0
}
