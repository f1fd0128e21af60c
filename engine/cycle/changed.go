package cycle

import (
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// A change is written down when it is seen, not only when it was written to the other side: ten that merge into one write are ten, and what a
// field costs is reckoned by them.

// move is what a stretch of the activity log tells of one field of one person.
type move struct {
	from  string // what stood there first
	times int    // how often it changed
}

// moves are the moves by person and REST name in small letters.
type moves map[record.ID]map[string]move

// movesOf counts what came after a moment: what lies before it is read once more and was counted then. A change of a score is logged twice.
func movesOf(changes []marketo.Change, after time.Time) moves {
	all := moves{}
	for _, c := range changes {
		if c.Person == "" || c.Field == "" || c.Type != changeDataValue || !c.At.After(after) {
			continue
		}
		if all[c.Person] == nil {
			all[c.Person] = map[string]move{}
		}
		name := strings.ToLower(c.Field)
		m, met := all[c.Person][name]
		if !met {
			m.from = c.Old
		}
		m.times++
		all[c.Person][name] = m
	}
	return all
}

// seen tells of a field that one side changed since both agreed, unless it waits for the other side already.
func (s *sheet) seen(field schema.Field, cell plan.Cell, o plan.Outcome) {
	if !cell.Agreed || o.Do != plan.Write && o.Do != plan.Nothing {
		return
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		told := cell.Salesforce
		if side == record.Marketo {
			told = cell.Marketo
		}
		waiting, was := s.known.Out[side.Other()].field(field.Number)
		switch {
		case s.on(side) == nil || !told.Known || was && waiting.Value == told.Value:
		case o.Do == plan.Write && o.To == side.Other() && told.Changed, o.Do == plan.Nothing && was: // or it went back
			e := Event{Side: side, Kind: "changed", Field: field.Number, Old: waiting.Value, New: told.Value}
			if m, ok := s.log(side, field); ok {
				if v, err := field.Type.Canon(m.from); err == nil && !was {
					e.Old = v
				}
				if m.times > 1 {
					e.Detail = strconv.Itoa(m.times)
				}
			}
			s.event(e)
		}
	}
}

// log is what the activities that are being planned tell of a field.
func (s *sheet) log(side record.Side, field schema.Field) (move, bool) {
	if side != record.Marketo || s.mk == nil {
		return move{}, false
	}
	m, ok := s.run.moves[s.mk.ID][strings.ToLower(field.Marketo)]
	return m, ok
}
