package cycle

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Audited is what an audit found.
type Audited struct {
	Pairs int // that were held against their baselines
	Dirty int // that differed, and nothing explained it
}

// Audit reads pairs on both sides and holds them against what they agreed upon. What differs without a reason is a failure of promise 1:
// it is told in the pair's history and planned like a change, so that the next cycle repairs it. Pairs that changed after quiet are left
// to their feeds, those that wait or are held explain themselves. n is the cycle under which it is told.
func (e *Engine) Audit(ctx context.Context, links []LinkID, n int64, quiet time.Time) (Audited, error) {
	r := e.begin(n, CycleLane, e.Now())
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return Audited{}, err
	}
	sf, mk, err := r.readBoth(ctx, known)
	if err != nil {
		return Audited{}, err
	}
	var found Audited
	var steps []Step
	for _, k := range known {
		s, m := sf[k.Link.Salesforce], mk[k.Link.Marketo]
		switch {
		case k.Link.State != Linked || !k.Link.Object.IsPerson():
		case len(k.Out) > 0 || len(k.Open()) > 0 || len(k.Echoes) > 0:
			found.Pairs++
		case s == nil || m == nil || s.Deleted || s.Converted: // its feed may be about to tell; if not, what became of it is looked up
			steps = append(steps, Step{Link: k.Link, Recheck: true})
		case s.Err != nil || m.Err != nil || !r.passes(s) || s.Modified.After(quiet) || m.Modified.After(quiet):
		default:
			found.Pairs++
			if st, dirty := r.audit(k, s, m); dirty {
				found.Dirty++
				steps = append(steps, st)
			}
		}
	}
	if len(steps) == 0 {
		return found, nil
	}
	return found, r.commit(ctx, Page{Steps: steps})
}

// audit plans one pair. It is dirty when something would be written or asked.
func (r *run) audit(k Known, sf, mk *record.Record) (Step, bool) {
	s := r.pair(k, sf, mk, nil)
	st, _ := s.finish()
	told := map[uint16]bool{}
	for _, row := range st.Out {
		for _, c := range row.Fields {
			if !told[c.Field] && c.Field != Flag {
				told[c.Field] = true
				st.Events = append(st.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "audited", Field: c.Field, New: c.Value})
			}
		}
		if len(row.Fields) == 0 && row.Carry != "" {
			st.Events = append(st.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "audited", Field: NoField})
		}
	}
	return st, len(st.Out) > 0 || len(st.Holds) > 0
}
