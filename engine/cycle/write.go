package cycle

import (
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

func (s *sheet) write(field schema.Field, cell plan.Cell, o plan.Outcome) {
	target := cell.Marketo
	if o.To == record.Salesforce {
		target = cell.Salesforce
	}
	i := s.object.Index(field.Number)
	change := Change{Field: field.Number, Value: o.Value, At: o.At, Prior: s.known.Baseline.Print(field.Number), Ruled: s.ruled(i)}
	waiting, was := s.known.Out[o.To].field(field.Number)
	switch {
	case target.Known && s.known.Link.ID != 0:
		change.Prior = s.known.Baseline.Prints(field.Number, target.Value)
	case target.Known:
		change.Found = &target.Value
	case was:
		change.Prior = waiting.Prior
	}
	switch lost, unsaid := s.lost(o.To, i, target.Value); {
	case o.Loses || unsaid:
		change.Lost = &lost
	case was && waiting.Lost != nil && target.Known && target.Changed: // somebody emptied it there while the write waited
		change.Lost = &lost
	case was && o.To == record.Salesforce && s.setBack(waiting):
		change.Lost = &target.Value
	case was && !target.Known: // it was planned by one who knew what stands there
		change.Lost = waiting.Lost
	}
	row := s.row(o.To)
	row.Fields = append(row.Fields, change)
}

// found tells of a write whose answer was lost, and what it took away: it is known by now to have arrived. What a person entered there at last
// is no write of ours: a row that was never tried was not sent, and what was refused did not arrive. What it replaced in Marketo the log tells.
func (s *sheet) found(side record.Side, c Change) {
	row := s.known.Out[side]
	if side == record.Marketo && !row.refuses(c.Field) {
		s.there = append(s.there, c)
	}
	if s.tell(side, c); row.tried() && !row.refuses(c.Field) {
		s.step.found(s.run.foundThere(side, c, row), s.run.Mapping, *row)
	}
}

// tell says what a write took away that is known by now to have arrived.
func (s *sheet) tell(side record.Side, c Change) {
	s.step.Events = append(s.step.Events, s.run.tookAway(side, c)...)
}

// tookAway is the line of history of a write that arrived and took a value away, none of one that did not.
func (r *run) tookAway(side record.Side, c Change) []Event {
	if c.Lost == nil {
		return nil
	}
	return []Event{{At: r.Now(), Cycle: r.n, Side: side, Kind: "overwrote", Field: c.Field, Old: *c.Lost, New: c.Value}}
}

// tookAll are the lines of history of a record that was created or removed against what its side had: a membership.
func (r *run) tookAll(row Row) (events []Event) {
	for _, c := range row.Fields {
		events = append(events, r.tookAway(row.Side, c)...)
	}
	for i := range events {
		events[i].Detail = "removed"
	}
	return events
}

// perhaps tells what a write whose answer was lost took away, if it arrived, where its field was edited once more since: Salesforce does not say
// what stood there in between.
func (s *sheet) perhaps(number uint16, now record.Value) {
	if waiting, ok := s.known.Out[record.Salesforce].field(number); ok && s.setBack(waiting) && waiting.Lost != nil && *waiting.Lost != now && waiting.Value != now {
		s.tell(record.Salesforce, waiting)
	}
}

// setBack reports that a user may have set a field back to what both sides had agreed upon, after a write whose answer was lost:
// Salesforce tells of a record only that it was edited. Then the value is told as overwritten, lest it be without a word.
func (s *sheet) setBack(waiting Change) bool {
	row := s.known.Out[record.Salesforce]
	return s.sf != nil && row.Tries > 0 && row.Cause == "" && s.sf.Edited.After(waiting.At) && !row.refuses(waiting.Field)
}
