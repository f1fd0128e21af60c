package cycle

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// plan decides every mapped field of a pair. A row that was tried may have landed, whatever its side said: nothing is decided about
// it before that side was read. Objects other than people have one master and are never read in Marketo.
func (s *sheet) plan() {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		row := s.known.Out[side]
		if row != nil && row.State == Waiting && row.Tries > 0 && row.Action == Update && row.Object.IsPerson() && s.on(side) == nil {
			s.step.Recheck = true
			s.keepRows()
			return
		}
	}
	if h, asked := s.hold(NoField); asked && s.sf != nil && s.mk != nil { // who it is, and what it says, is known
		s.step.Release = append(s.step.Release, h.ID)
	}
	rules := s.run.rules(s.object.Name)
	if s.sf != nil && s.mk != nil { // most of their fields are alike
		s.step.Agreed = slices.Grow(s.step.Agreed, len(s.object.Fields))
	}
	// Of a pair of which nothing is known but what was read now, what is alike is agreed upon.
	untold := s.sf != nil && s.mk != nil && s.moved == 0 && s.object.Name.IsPerson() && len(s.known.Out)+len(s.known.Holds)+len(s.contested) == 0
	for i := range s.object.Fields {
		field := &s.object.Fields[i]
		if untold && !s.known.Baseline.Has(field.Number) && s.carriedOn(i, field.Number) {
			continue
		}
		if s.restoring(i, field.Number) || s.moved != 0 && s.carriedOn(i, field.Number) || s.undecided(i, field.Number) || s.shadowed(i) {
			continue
		}
		cell := plan.Cell{
			Agreed: s.agreed(field.Number), Direction: field.Direction, Consent: field.Consent,
			Salesforce: s.told(record.Salesforce, i), Marketo: s.told(record.Marketo, i),
		}
		s.unread(&cell)
		s.arrived(field.Number, &cell)
		if policy := rules.Of(*field).Conflict; (policy == plan.NewestWins || policy == plan.HoldBoth) && s.decided(field.Number, cell) {
			s.keep(field.Number)
			continue
		}
		s.suspect(&cell)
		if s.moved != 0 {
			s.fill(*field, &cell)
		}
		outcome := plan.Field(cell, rules.Of(*field))
		s.seen(*field, cell, outcome)
		s.decide(*field, cell, outcome)
	}
	s.step.Events = append(s.step.Events, s.run.stranded(s.known)...)
	s.company()
	s.carry()
}

// agreed reports that a change of a field can be told from what stood before: both sides agreed upon it, or a person left it alone.
func (s *sheet) agreed(number uint16) bool {
	h, held := s.hold(number)
	return s.known.Baseline.Has(number) || held && h.Skipped
}

// decided reports that a write waits by which one side's change won over the other's, and that both still say what they said then. Which of
// them was newer was known then: a record that is read once more only says when anything of it was edited. What a person decided is not asked again.
func (s *sheet) decided(number uint16, cell plan.Cell) bool {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		wins, loses := cell.Marketo, cell.Salesforce
		if side == record.Marketo {
			wins, loses = loses, wins
		}
		waiting, ok := s.known.Out[side].field(number)
		if ok && wins.Known && wins.Value == waiting.Value && loses.Known && (loses.Changed || !cell.Agreed) && s.known.Baseline.Prints(number, loses.Value) == waiting.Prior {
			return true
		}
	}
	return false
}

// arrived looks whether a side holds what waits to be written to it: most often our own write, whose answer was lost. Then the side
// did not change by itself, and what the other side says by now is measured by that value. Otherwise setting a field back to
// what it was would be overwritten by our own echo.
func (s *sheet) arrived(number uint16, cell *plan.Cell) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		told := cell.Salesforce
		if side == record.Marketo {
			told = cell.Marketo
		}
		waiting, ok := s.known.Out[side].field(number)
		if !ok || s.on(side) == nil || !told.Known || told.Value != waiting.Value {
			continue
		}
		s.found(side, waiting)
		s.step.Agreed = append(s.step.Agreed, Agreed{number, told.Value})
		cell.Agreed = true
		cell.Salesforce.Changed, cell.Marketo.Changed = cell.Salesforce.Value != told.Value, cell.Marketo.Value != told.Value
	}
}

// decide puts one field's outcome on the sheet.
func (s *sheet) decide(field schema.Field, cell plan.Cell, o plan.Outcome) {
	held, isHeld := s.hold(field.Number)
	skipped := isHeld && held.Skipped
	if skipped && o.Do == plan.Write && !o.Loses { // the other side's value was left alone, not given up
		target := cell.Marketo
		if o.To == record.Salesforce {
			target = cell.Salesforce
		}
		o.Loses, o.Lost = target.Known, target.Value
	}
	kept := o.Do == plan.Ask || o.Do == plan.Nothing && s.givesBack(field.Number, cell)
	if !kept {
		s.perhaps(field.Number, cell.Salesforce.Value)
	}
	switch o.Do {
	case plan.Nothing:
		if kept {
			s.keep(field.Number)
		}
	case plan.Agree:
		s.step.Agreed = append(s.step.Agreed, Agreed{field.Number, o.Value})
	case plan.Write:
		s.write(field, cell, o)
	case plan.Ask:
		s.step.Recheck = true
		s.keep(field.Number)
	case plan.Hold:
		if isHeld && held.Salesforce == cell.Salesforce.Value && held.Marketo == cell.Marketo.Value {
			return
		}
		s.step.Holds = append(s.step.Holds, Hold{
			Link: s.known.Link.ID, Field: field.Number, Cause: "conflict",
			Salesforce: cell.Salesforce.Value, Marketo: cell.Marketo.Value, Since: s.run.Now(),
		})
		s.event(Event{Side: record.Salesforce, Kind: "held", Field: field.Number, Old: cell.Salesforce.Value, New: cell.Marketo.Value, Detail: "conflict"})
	}
	if isHeld && o.Do != plan.Ask && !(skipped && o.Do == plan.Nothing) {
		s.step.Release = append(s.step.Release, held.ID)
	}
}

// givesBack reports that a side which was not read is still to get what the rules make of the other one's value, because it changed the field
// in vain: that the other one says what it said says nothing of that.
func (s *sheet) givesBack(number uint16, cell plan.Cell) bool {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		keeper := cell.Marketo
		if side == record.Marketo {
			keeper = cell.Salesforce
		}
		if waiting, ok := s.known.Out[side].field(number); ok && s.on(side) == nil && keeper.Known && !keeper.Changed && keeper.Value == waiting.Value {
			return true
		}
	}
	return false
}
