package cycle

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// carried is what is known of a departing link in the terms of the object that it comes to: fields that are the same in Marketo are the
// same. Changes of fields that the object lacks are told as dropped.
func (r *run) carried(d departure, to record.Object) (Known, []Event) {
	k := d.known
	if k.Baseline == nil {
		k.Baseline = nothingAgreed{}
	}
	from, into := r.object(k.Link.Object), r.object(to)
	if from.Name == into.Name || to.Side() == record.Marketo {
		return k, nil
	}
	there, back := map[uint16]uint16{}, map[uint16]uint16{}
	for _, f := range from.Fields {
		for _, g := range into.Fields {
			if strings.EqualFold(f.Marketo, g.Marketo) {
				there[f.Number], back[g.Number] = g.Number, f.Number
			}
		}
	}
	var events []Event
	dropped := map[uint16]bool{}
	drop := func(side record.Side, number uint16, v record.Value) {
		if !dropped[number] {
			dropped[number] = true
			events = append(events, Event{At: r.Now(), Cycle: r.n, Side: side, Kind: "dropped", Field: number, Object: from.Name, New: v, Detail: d.why})
		}
	}
	out := map[record.Side]*Row{}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		row := k.Out[side]
		if row == nil {
			continue
		}
		moved := *row
		moved.Fields, moved.Refused = nil, nil // the record may take what the one before it refused
		for _, c := range row.all() {
			number, twin := there[c.Field]
			if !twin {
				drop(side, c.Field, c.Value)
				continue
			}
			c.Field, c.Prior = number, 0 // what was believed is hashed for the other field
			moved.Fields = append(moved.Fields, c)
		}
		out[side] = &moved
	}
	for i, f := range from.Fields { // a last edit of the lead that nobody has read before
		if d.rec == nil || d.rec.Err != nil || i >= len(d.rec.Values) || !f.Direction.Writes(record.Marketo) {
			break
		}
		if _, twin := there[f.Number]; !twin && k.Baseline.Has(f.Number) && !k.Baseline.Same(f.Number, d.rec.Values[i]) {
			drop(record.Marketo, f.Number, d.rec.Values[i])
		}
	}
	var holds []Hold
	for _, h := range k.Holds {
		if number, twin := there[h.Field]; twin {
			h.Field = number
			holds = append(holds, h)
		}
	}
	k.Out, k.Baseline, k.Holds = out, twins{k.Baseline, back}, holds
	return k, events
}

// carriedOn agrees upon a field in which both records are alike: nothing waits for it any more.
func (s *sheet) carriedOn(i int, number uint16) bool {
	sf, ok := s.value(s.sf, i)
	mk, also := s.value(s.mk, i)
	if !ok || !also || sf != mk {
		return false
	}
	s.step.Agreed = append(s.step.Agreed, Agreed{number, sf})
	return true
}

// fill lets a blank of the new record be filled rather than count as cleared: nobody cleared it, it was not carried over. Who wants no
// mails gets none, whichever record says so. A field with one master is given to the new record. What does not travel stays agreed upon as it was.
func (s *sheet) fill(field schema.Field, cell *plan.Cell) {
	told := cell.Salesforce
	if s.moved == record.Marketo {
		told = cell.Marketo
	}
	if told.Value.IsBlank() || field.Consent || field.Direction != schema.Both {
		if cell.Agreed && !s.step.Unlearn {
			s.step.Forget = append(s.step.Forget, field.Number)
		}
		cell.Agreed = false
	}
	if s.step.Unlearn && cell.Agreed {
		agreed := neither
		for _, v := range []record.Value{cell.Salesforce.Value, cell.Marketo.Value, {}} {
			if s.known.Baseline.Same(field.Number, v) {
				agreed = v
			}
		}
		s.step.Agreed = append(s.step.Agreed, Agreed{field.Number, agreed})
	}
}

// neither stands for a value that both sides agreed upon and neither has any more, where what is known of it cannot be carried over: that
// they ever did tells a conflict from two people who were never compared.
var neither = record.Of("\x00")

// twins is a baseline that is asked by the numbers of another object's fields.
type twins struct {
	Baseline
	of map[uint16]uint16
}

func (t twins) Has(field uint16) bool {
	twin, ok := t.of[field]
	return ok && t.Baseline.Has(twin)
}

func (t twins) Same(field uint16, v record.Value) bool {
	twin, ok := t.of[field]
	return ok && t.Baseline.Same(twin, v)
}

func (twins) Print(uint16) uint64 { return 0 }
