package cycle

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// restoreField adds a change to the row towards a side that puts values back, beginning with what waits there already.
func restoreField(rows map[record.Side]*Row, k Known, n int64, now time.Time, side record.Side, c Change) {
	c.Ruled = true // if there is a rule: what stands there was read by it
	row := rows[side]
	if row == nil {
		row = &Row{Link: k.Link.ID, Side: side, Object: target(k.Link, side), Target: k.Link.On(side), Source: k.Link.On(side.Other()), Since: now, Lane: CycleLane}
		if waiting := k.Out[side]; waiting != nil && (waiting.State == Waiting || waiting.State == Resting || waiting.State == Failed) {
			*row = *waiting
			row.Fields, row.Refused = slices.Clone(waiting.Fields), slices.Clone(waiting.Refused)
		}
		if row.State == Resting {
			row.Next = time.Time{}
		}
		row.State, row.Action, row.Cycle = Waiting, Update, n
		rows[side] = row
	}
	row.heal(c.Field)
	for i := range row.Fields {
		if row.Fields[i].Field == c.Field {
			row.Fields[i] = c
			return
		}
	}
	row.Fields = append(row.Fields, c)
}

// restoring looks after a field that both sides are to be given back, or one still is where the other has it: neither side says so, and
// only what waits knows it. It stays until the side has it, or somebody changed the field anew, which is planned like any change once
// both sides were read. Of objects whose twins are never read the record says all there is.
func (s *sheet) restoring(i int, number uint16) bool {
	if len(s.known.Out) == 0 || !s.object.Name.IsPerson() {
		return false
	}
	kept := map[record.Side]Change{}
	var back record.Value
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if waiting, ok := s.known.Out[side].field(number); ok {
			if len(kept) > 0 && waiting.Value != back {
				return false
			}
			kept[side], back = waiting, waiting.Value
		}
	}
	if len(kept) == 0 || len(kept) == 1 && !s.known.Baseline.Same(number, back) {
		return false
	}
	edited := false
	var lost []Event
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		rec := s.on(side)
		if rec == nil {
			continue
		}
		switch v, ok := s.value(rec, i); {
		case ok && v == back:
			if waiting, was := kept[side]; was {
				s.found(side, waiting)
				delete(kept, side)
			}
		case ok && (s.known.Baseline.Same(number, v) || s.known.Baseline.Prints(number, v) == kept[side].Prior):
		default:
			edited = true
			if row := s.known.Out[side]; ok && row != nil && row.Lane == NowLane { // somebody asked for it
				lost = append(lost, Event{Side: side, Kind: "overwrote", Field: number, Old: back, New: v, Detail: "edited before it was put back"})
			}
		}
	}
	switch {
	case edited && s.sf != nil && s.mk != nil:
		for _, e := range lost {
			s.event(e)
		}
		return false
	case edited:
		s.step.Recheck = true
		s.keep(number)
		return true
	case len(kept) == 0:
		s.step.Agreed = append(s.step.Agreed, Agreed{number, back})
	}
	for side, waiting := range kept {
		s.row(side).Fields = append(s.row(side).Fields, waiting)
	}
	return true
}

// undecided looks after a field about which a person has to decide. As long as both sides hold what is contested, or are being given it
// back, nothing changes, however much time has passed; when they came to say the same, nothing is left to decide.
func (s *sheet) undecided(i int, number uint16) bool {
	h, held := s.hold(number)
	if !held {
		return false
	}
	backTo := func(side record.Side) bool {
		waiting, ok := s.known.Out[side].field(number)
		return ok && waiting.Value == h.On(side)
	}
	sf, mk := s.told(record.Salesforce, i), s.told(record.Marketo, i)
	if sf.Known && mk.Known && sf.Value == mk.Value && !backTo(record.Salesforce) && !backTo(record.Marketo) {
		s.step.Agreed = append(s.step.Agreed, Agreed{number, sf.Value})
		s.step.Release = append(s.step.Release, h.ID)
		return true
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		rec := s.on(side)
		if rec == nil {
			continue
		}
		if v, readable := s.value(rec, i); !readable || v != h.On(side) && !backTo(side) {
			return false
		}
	}
	if s.keep(number); s.moved != 0 { // left alone, whichever record says it now
		s.step.Holds = append(s.step.Holds, h)
	}
	return true
}
