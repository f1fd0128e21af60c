package cycle

import (
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Choice is how a person decided a hold; exactly one of its fields is set.
type Choice struct {
	Take   record.Side
	Link   record.ID
	Create bool
	Skip   bool
	Merge  bool
}

// Decide makes the steps that carry a person's decision out. A conflict's value is written to the side that lost, whose own value stays in
// the history; a match is linked, created or left alone. chosen is what is known of the record that Choice.Link names.
func Decide(m schema.Mapping, k, chosen Known, h Hold, c Choice, now time.Time) ([]Step, error) {
	st := Step{Link: k.Link, Release: []int64{h.ID}}
	if k.Link.ID == 0 {
		return nil, errors.New("the record of this hold is gone")
	}
	var err error
	switch {
	case h.Field != NoField:
		st, err = decideField(m, k, h, c, st, now)
	case h.Cause == TwoPeople || c.Merge:
		st, err = decidePeople(k, h, c, st, now)
	case c.Take != 0:
		err = errors.New("this hold is about who is who, not about a value: --link ID, --create or --skip")
	case c.Skip:
		st.leaveAlone(h, now)
	case c.Create:
		h.Cause, h.Skipped, st.Recheck = Separate, true, true
		st.Release, st.Holds = nil, []Hold{h}
		st.Events = []Event{{At: now, Side: record.Salesforce, Kind: "resolved", Field: NoField}}
	default:
		return pairUp(m, k, chosen, c.Link, st, now)
	}
	if err != nil {
		return nil, err
	}
	return []Step{st}, nil
}

// leaveAlone drops what waited for a decision: both sides keep what they have. It is remembered, so that only another change asks again.
func (st *Step) leaveAlone(h Hold, now time.Time) {
	h.Skipped, h.Since = true, now
	st.Release, st.Holds = nil, []Hold{h}
	st.Events = []Event{{At: now, Side: record.Salesforce, Kind: "resolved", Field: h.Field, Old: h.Salesforce, New: h.Marketo, Detail: "left alone"}}
}

// decidePeople merges two people in Marketo whose records became one in Salesforce, or leaves both.
func decidePeople(k Known, h Hold, c Choice, st Step, now time.Time) (Step, error) {
	event := Event{At: now, Side: record.Marketo, Kind: "resolved", Field: NoField, Detail: "left alone"}
	switch {
	case c.Merge && h.Cause == TwoPeople && len(h.Candidates) == 1:
		row := mergeRow(k.Link, h.Candidates[0].ID, 0, now)
		row.Lane = NowLane
		st.Out, event.Detail = []Row{row}, ""
	case !c.Skip:
		return Step{}, errors.New("this hold is about two people in Marketo who are one in Salesforce: --merge or --skip")
	}
	st.Events = []Event{event}
	return st, nil
}

// pairUp links the record with one of the other side; the next cycle reads both and compares them. Who was linked with that one is asked about
// anew.
func pairUp(m schema.Mapping, k, chosen Known, id record.ID, st Step, now time.Time) ([]Step, error) {
	side := record.Marketo
	if k.Link.Salesforce != "" {
		if _, err := id.Number(); err != nil {
			return nil, fmt.Errorf("%q is not the id of a Marketo person", id)
		}
		st.Link.Marketo = id
	} else {
		long, err := record.LongID(string(id))
		if err != nil {
			return nil, fmt.Errorf("%q is not the id of a Lead or Contact", id)
		}
		side, st.Link.Salesforce, st.Link.Object = record.Salesforce, long, objectOf(long)
	}
	st.Link.State, st.PutLink, st.Unlearn, st.Recheck = Linked, true, true, true
	st.Events = []Event{{At: now, Side: record.Salesforce, Kind: "resolved", Field: NoField}}
	switch other := chosen.Link; {
	case other.ID == 0 || other.ID == k.Link.ID:
	case other.State == Filtered:
		return nil, fmt.Errorf("%s is kept out by the sync filter", id)
	case other.State.paired():
		return []Step{parted(chosen, side, now), st}, nil
	default:
		if st.Absorb = other.ID; other.State == Ended { // it says that its twin is gone
			for to, flag := range map[record.Side]string{record.Salesforce: m.GoneInMarketo, record.Marketo: m.GoneInSalesforce} {
				if flag != "" {
					st.Out = append(st.Out, Row{
						Link: k.Link.ID, Side: to, Object: target(st.Link, to), Target: st.Link.On(to), Source: st.Link.On(to.Other()), Action: Update, State: Waiting,
						Lane: NowLane, Since: now, Fields: []Change{{Field: Flag, Value: record.Of("false"), At: now}},
					})
				}
			}
		}
	}
	return []Step{st}, nil
}

// parted takes a record of a side out of a pair, because a person linked it with another one. What is left of the pair is matched anew.
func parted(k Known, side record.Side, now time.Time) Step {
	st := Step{Link: k.Link, PutLink: true, Recheck: true, Emails: map[record.Side]record.Value{side: {}}}
	if st.Link.State = Alone; side == record.Marketo {
		st.Link.Marketo = ""
	} else {
		st.Link.Salesforce, st.Link.Object = "", record.Person
	}
	for to, row := range k.Out {
		st.Out = append(st.Out, Row{ID: row.ID, Link: k.Link.ID, Side: to})
	}
	for _, h := range k.Holds {
		st.Release = append(st.Release, h.ID)
	}
	st.Events = []Event{{At: now, Side: side, Kind: "unlinked", Field: NoField, Detail: "decided"}}
	return st
}

func decideField(m schema.Mapping, k Known, h Hold, c Choice, st Step, now time.Time) (Step, error) {
	switch {
	case k.Link.State == Ended: // half of a pair that ended since is nobody to write to: a write there would make a person of one value
		st.Events = []Event{{At: now, Side: record.Salesforce, Kind: "resolved", Field: h.Field, Detail: "left alone"}}
		return st, nil
	case c.Skip:
		st.leaveAlone(h, now)
		return st, nil
	}
	if c.Take == 0 {
		return Step{}, errors.New("this hold is about a value: --take salesforce, --take marketo or --skip")
	}
	wins, loses := h.Salesforce, h.Marketo
	if c.Take == record.Marketo {
		wins, loses = h.Marketo, h.Salesforce
	}
	to := c.Take.Other()
	object, _ := m.Object(k.Link.Object)
	if i := object.Index(h.Field); i < 0 || !object.Fields[i].Direction.Writes(to) {
		return Step{}, fmt.Errorf("the field is not written to %s", to)
	}
	rows := map[record.Side]*Row{}
	change := Change{Field: h.Field, Value: wins, At: now, Lost: &loses}
	if k.Baseline != nil {
		change.Prior = k.Baseline.Prints(h.Field, loses)
	}
	restoreField(rows, k, 0, now, to, change)
	rows[to].Lane = NowLane
	st.Out = []Row{*rows[to]}
	st.Events = []Event{{At: now, Side: to, Kind: "resolved", Field: h.Field, Old: loses, New: wins, Detail: "decided by a person"}}
	return st, nil
}
