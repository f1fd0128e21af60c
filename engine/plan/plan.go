// Package plan decides, and does nothing else: from what is remembered of a field and what each side now says, it
// derives what to write where, what both sides agree upon, and what a person has to decide. It is pure: no clock, no
// I/O, no memory. The same cell gives the same outcome for ever, which is what makes a rehearsal true.
package plan

import (
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Policy says whose change counts when both sides changed one field to different values.
type Policy = schema.Policy

// The policies.
const (
	SalesforceWins = schema.SalesforceWins
	MarketoWins    = schema.MarketoWins
	NewestWins     = schema.NewestWins
	HoldBoth       = schema.HoldBoth
)

// ParsePolicy reads a policy's word.
func ParsePolicy(text string) (Policy, error) { return schema.ParsePolicy(text) }

// Told is what one side says of a field now.
type Told struct {
	// Known is false when the side was not read: its value is then the one last agreed upon.
	Known bool
	// Changed reports that the value differs from the one last agreed upon. Without a baseline it means nothing.
	Changed bool
	Value   record.Value
	// At is when the side changed it, as near as the side tells; zero when nobody can tell.
	At time.Time
	// Loose says that At is when anything of the record was last changed: this value may be older.
	Loose bool
}

// Cell is everything that a field's fate depends on.
type Cell struct {
	Agreed     bool // there is a baseline
	Salesforce Told
	Marketo    Told
	Direction  schema.Direction
	Consent    bool
}

// Rules are the workspace's decisions that a plan needs.
type Rules struct {
	// First decides between two filled sides that never agreed: at the first sync and at every later new pair.
	First Policy
	// Conflict decides when both sides changed.
	Conflict Policy
	// Interval is how far apart two changes must be for "newest" to be known: a cycle's length.
	Interval time.Duration
	// NeverBlank gives a field that was cleared on one side its value back from the other.
	NeverBlank bool
}

// Of are the rules for one field: what its mapping says goes before what its object says.
func (r Rules) Of(f schema.Field) Rules {
	if f.Policy != 0 {
		r.First, r.Conflict = f.Policy, f.Policy
	}
	r.NeverBlank = f.NeverBlank
	return r
}

// Do is the kind of an outcome.
type Do uint8

// The outcomes of a cell.
const (
	// Nothing: no side moved, or the move may not travel.
	Nothing Do = iota
	// Agree: both sides have the same value; it becomes the baseline.
	Agree
	// Write the value to the side To.
	Write
	// Hold: a person has to decide between the two values.
	Hold
	// Ask: one side's value is needed and was not read.
	Ask
)

// Outcome is what is to be done about one field.
type Outcome struct {
	Do    Do
	To    record.Side // of a Write
	Value record.Value
	At    time.Time // when the winning side changed it
	// Loses is set when the write takes away a change that the side To made: Lost is that change (promise 6).
	Loses bool
	Lost  record.Value
}

// Field decides one field.
func Field(c Cell, r Rules) Outcome {
	s, m := c.Salesforce, c.Marketo
	if !c.Agreed {
		return first(c, r)
	}
	movedS := s.Known && s.Changed
	movedM := m.Known && m.Changed
	switch {
	case !movedS && !movedM:
		return Outcome{Do: Nothing}
	case movedS && movedM && s.Value == m.Value:
		return Outcome{Do: Agree, Value: s.Value}
	case r.NeverBlank && movedS && s.Value.IsBlank():
		return giveBack(c, r, record.Salesforce, m, s)
	case r.NeverBlank && movedM && m.Value.IsBlank():
		return giveBack(c, r, record.Marketo, s, m)
	// A field that travels one way has one master: what the other side made of it is put right again.
	case movedS && !movedM && !c.Direction.Writes(record.Marketo):
		return giveBack(c, r, record.Salesforce, m, s)
	case movedM && !movedS && !c.Direction.Writes(record.Salesforce):
		return giveBack(c, r, record.Marketo, s, m)
	case movedS && !movedM:
		return write(c, record.Marketo, s, Told{})
	case movedM && !movedS:
		return write(c, record.Salesforce, m, Told{})
	}
	return conflict(c, r.Conflict, r.Interval)
}

// first decides a field that the two sides never agreed upon: a blank never overwrites, the filled side fills it.
func first(c Cell, r Rules) Outcome {
	s, m := c.Salesforce, c.Marketo
	switch {
	case !s.Known || !m.Known:
		return Outcome{Do: Ask}
	case s.Value == m.Value:
		return Outcome{Do: Agree, Value: s.Value}
	case m.Value.IsBlank() || c.Consent && m.Value.Text() == "false":
		return write(c, record.Marketo, s, Told{})
	case s.Value.IsBlank() || c.Consent && s.Value.Text() == "false":
		return write(c, record.Salesforce, m, Told{})
	}
	return conflict(c, r.First, r.Interval)
}

// conflict lets a policy choose between two values that both count as changes.
func conflict(c Cell, policy Policy, interval time.Duration) Outcome {
	s, m := c.Salesforce, c.Marketo
	// The other side's change was never going to be taken over.
	switch {
	case !c.Direction.Writes(record.Salesforce):
		return write(c, record.Marketo, s, m)
	case !c.Direction.Writes(record.Marketo):
		return write(c, record.Salesforce, m, s)
	}
	switch policy {
	case SalesforceWins:
		return write(c, record.Marketo, s, m)
	case MarketoWins:
		return write(c, record.Salesforce, m, s)
	case NewestWins:
		switch {
		case s.At.IsZero() || m.At.IsZero():
		case s.At.Sub(m.At) > interval && !s.Loose:
			return write(c, record.Marketo, s, m)
		case m.At.Sub(s.At) > interval && !m.Loose:
			return write(c, record.Salesforce, m, s)
		}
	}
	return Outcome{Do: Hold, At: later(s.At, m.At)}
}

// giveBack returns its value to a side that changed the field in vain. Where it may not travel there, the change just stays where it is.
func giveBack(c Cell, r Rules, to record.Side, keeper, changed Told) Outcome {
	switch {
	case !c.Direction.Writes(to):
		return Outcome{Do: Nothing}
	case !keeper.Known:
		return Outcome{Do: Ask}
	case r.NeverBlank && keeper.Value.IsBlank():
		return Outcome{Do: Nothing}
	}
	return write(c, to, keeper, changed)
}

// write carries the winner's value to the other side, if the field may travel there.
func write(c Cell, to record.Side, winner, loser Told) Outcome {
	if !c.Direction.Writes(to) {
		return Outcome{Do: Nothing}
	}
	return Outcome{Do: Write, To: to, Value: winner.Value, At: winner.At, Loses: loser.Known, Lost: loser.Value}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
