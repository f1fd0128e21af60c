package cycle

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// FlipFlop is the cause of a hold: a field goes back and forth between two values, because something on each side sets it.
const FlipFlop = "flip-flop"

// MakerRef marks a candidate of a hold that is no record but who made a change: its ID is a Maker.
const MakerRef record.Object = "Maker"

const (
	// turnsAtMost is how often a field may be written back and forth; the next turn is held.
	turnsAtMost = 3
	// turnsWithin is how far back turns are looked for, at least; so many cycles in any case.
	turnsWithin, turnCycles = 2 * time.Hour, 8
)

// holdFlipFlops takes out of a page the writes that would be one more turn of a field that both sides keep setting back. Each is a
// decision for a person, with who set it on either side as far as the sides tell.
func (r *run) holdFlipFlops(ctx context.Context, p *Page) error {
	var links []LinkID
	for _, s := range p.Steps {
		if s.Link.ID != 0 && slices.ContainsFunc(s.Out, Row.mayFlip) {
			links = append(links, s.Link.ID)
		}
	}
	if len(links) == 0 || r.first {
		return nil
	}
	written, err := r.Ledger.WrittenSince(ctx, links, r.Now().Add(-max(turnsWithin, turnCycles*r.Policy.Interval)))
	if err != nil || len(written) == 0 {
		return err
	}
	for i := range p.Steps {
		st := &p.Steps[i]
		if past := written[st.Link.ID]; len(past) >= turnsAtMost {
			for j := range st.Out {
				if st.Out[j].mayFlip() {
					r.holdTurns(st, &st.Out[j], past)
				}
			}
		}
	}
	return nil
}

// mayFlip reports a row that changes fields because a side did, and not because a person asked.
func (r Row) mayFlip() bool {
	return r.Action == Update && r.Lane != NowLane && len(r.Fields) > 0 && (r.State == Waiting || r.State == Resting)
}

func (r *run) holdTurns(st *Step, row *Row, past []Event) {
	kept := make([]Change, 0, len(row.Fields))
	for _, c := range row.Fields {
		last, flips := flips(past, row.Side, c)
		if !flips {
			kept = append(kept, c)
			continue
		}
		h := Hold{Link: st.Link.ID, Field: c.Field, Cause: FlipFlop, Since: r.Now()}
		h.Salesforce, h.Marketo = last.New, c.Value // what stands where the row goes to, and what its source says
		if row.Side == record.Marketo {
			h.Salesforce, h.Marketo = c.Value, last.New
		}
		for _, by := range []Maker{row.By, Wrote(last.Detail)} {
			if by != "" {
				h.Candidates = append(h.Candidates, record.Ref{Object: MakerRef, ID: record.ID(by)})
				r.report.Flipping = append(r.report.Flipping, by)
			}
		}
		st.Holds = append(st.Holds, h)
		st.Events = append(st.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "held", Field: c.Field, Old: h.Salesforce, New: h.Marketo, Detail: FlipFlop})
	}
	row.Fields = kept
}

// flips reports that writing a change to a side would be one more turn: the last writes of the field went to the two sides by turns, and
// between two values only. last is the newest of them.
func flips(past []Event, to record.Side, c Change) (last Event, flips bool) {
	value, turns := c.Value, 0
	var other record.Value
	for _, e := range slices.Backward(past) {
		if e.Field != c.Field || e.Object != "" {
			continue
		}
		to = to.Other()
		if e.Side != to || e.New == value || turns > 0 && e.New != other {
			return last, false
		}
		if turns == 0 {
			last = e
		}
		other, value = value, e.New
		if turns++; turns == turnsAtMost {
			return last, true
		}
	}
	return last, false
}
