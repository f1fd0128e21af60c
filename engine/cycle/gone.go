package cycle

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// end closes a link whose record on a side is gone: the other side keeps its record, and history keeps the story. A record of
// Salesforce can come back and keeps its place; a person of Marketo never does. By the other side's address the link is found again.
func (r *run) end(k Known, side record.Side, why string) Step {
	s := r.newSheet(k, nil, nil)
	s.step.Link.State, s.step.PutLink = Ended, true
	switch {
	case side == record.Marketo:
		s.step.Link.Marketo = ""
	case k.Link.Marketo == "": // it never was half of a pair: should it come back, it is met as anybody who is new
		s.step.Link.Salesforce = ""
		s.address(record.Marketo, record.Value{})
	}
	for _, other := range []record.Side{record.Salesforce, record.Marketo} {
		if k.Out[other] != nil {
			s.step.Out = append(s.step.Out, Row{ID: k.Out[other].ID, Link: k.Link.ID, Side: other})
		}
	}
	s.address(side, record.Value{})
	for _, h := range k.Holds {
		s.step.Release = append(s.step.Release, h.ID)
	}
	s.event(Event{Side: side, Kind: "deleted", Field: NoField, Detail: why})
	return s.step
}

// gone ends the link of a record that Salesforce has no longer.
func (r *run) gone(k Known, why string) Step {
	st := r.end(k, record.Salesforce, why)
	r.passOn(&st, k, record.Salesforce)
	return st
}

// neighbours has those looked at again who shared an address with links whose records are gone, or went up in others: an ambiguous match may
// be clear now.
func (r *run) neighbours(ctx context.Context, links []LinkID) (steps []Step, err error) {
	near, err := r.Ledger.Neighbours(ctx, links)
	for _, l := range near {
		if l.State.single() || l.State == Ended {
			steps = append(steps, Step{Link: l, Recheck: true})
		}
	}
	return steps, err
}

// passOn does on the other side what the workspace wants of a deletion.
func (r *run) passOn(st *Step, k Known, gone record.Side) {
	to := gone.Other()
	if k.Link.State != Linked || k.Link.On(to) == "" {
		return
	}
	row := Row{
		Link: k.Link.ID, Side: to, Object: target(k.Link, to), Target: k.Link.On(to), Source: k.Link.On(gone), State: Waiting, Lane: CycleLane, Cycle: r.n, Since: r.Now(),
	}
	switch {
	case r.Policy.Deletes == DeletesUnlink:
		return
	case r.Policy.Deletes == DeletesDelete && row.Object != record.Contact:
		row.Action = Delete
	case r.flag(to) == "":
		return
	default:
		row.Action, row.Fields = Update, []Change{{Field: Flag, Value: record.Of("true"), At: r.Now()}}
	}
	st.Out = append(st.Out, row)
}

// Flag is the number under which a row carries the flag that a record's twin is gone. It is no mapped field: no baseline knows it.
const Flag = 0xFFFE

// flag is the field of a side that says that the twin on the other side is gone, empty where there is none.
func (e *Engine) flag(s record.Side) string {
	if s == record.Salesforce {
		return e.Mapping.GoneInMarketo
	}
	return e.Mapping.GoneInSalesforce
}

// flagged is what a row sets the flag to; ok is false when it does not.
func (r Row) flagged() (v record.Value, ok bool) {
	for i := range r.Fields {
		if c := &r.Fields[i]; c.Field == Flag {
			return c.Value, true
		}
	}
	return record.Value{}, false
}

// unmark takes the flag back that a record's twin is gone, after a link that had ended was taken up again.
func (s *sheet) unmark(sides ...record.Side) {
	for _, side := range sides {
		if s.run.flag(side) != "" || s.step.Link.State == Creating {
			row := s.row(side)
			row.Fields = append(row.Fields, Change{Field: Flag, Value: record.Of("false"), At: s.run.Now()})
		}
	}
}

// keepFlag leaves a flag that waits to be written as it is.
func (s *sheet) keepFlag(side record.Side, stored *Row) {
	if stored == nil || s.step.Link.State == Ended {
		return
	}
	for _, c := range stored.Fields {
		// A tick of the filter's checkbox has lost its reason when the pair is planned.
		if !isFlag(c.Field) || c.Field == OutFlag && c.Value.Text() == "true" {
			continue
		}
		if row := s.row(side); !slices.ContainsFunc(row.Fields, func(o Change) bool { return o.Field == c.Field }) {
			row.Fields = append(row.Fields, Change{Field: c.Field, Value: c.Value, At: stored.Since})
		}
	}
}

// revived takes up a link again whose deleted record is back. Nobody is made again whom Marketo deleted: then only the address is kept true,
// by which somebody who returns there is found, unless the filter keeps the record out.
func (r *run) revived(k Known, rec *record.Record) *sheet {
	if k.Link.Marketo == "" {
		s := r.newSheet(k, rec, nil)
		if s.address(record.Salesforce, rec.Email); !r.passes(rec) {
			s.address(record.Salesforce, record.Value{})
		}
		s.keepRows()
		return s
	}
	s := r.newSheet(k, nil, nil)
	s.step.Recheck = true
	return s
}

// retaken plans an ended link of which both records were read afresh. With both there it is a pair as before, and what changed meanwhile
// is planned by what they had agreed upon. Where the person is gone by now, the record is matched, or its twin made, as an arrival. What
// had no twin any more, or has none still, may be found by its address by another that is left alone.
func (r *run) retaken(k Known, sf, mk *record.Record) (*sheet, *arrival) {
	there := sf != nil && !sf.Deleted && !sf.Converted
	switch {
	case !there && mk == nil:
		return nil, nil
	case !there:
		return nil, &arrival{mk, k, true}
	case mk == nil:
		parted := k.Link.Marketo == ""
		k.Link.Marketo = ""
		return nil, &arrival{sf, k, parted}
	}
	released := k.Holds
	k.Link.State, k.Holds = Linked, nil
	s := r.newSheet(k, sf, mk)
	s.step.PutLink = true
	for _, h := range released {
		s.step.Release = append(s.step.Release, h.ID)
	}
	s.address(record.Salesforce, sf.Email)
	s.address(record.Marketo, mk.Email)
	s.event(Event{Side: record.Salesforce, Kind: "linked", Field: NoField, Detail: "undeleted"})
	s.plan()
	s.unmark(record.Salesforce, record.Marketo)
	return s, nil
}

// returned finds arrivals that were deleted after their people were, and are taken back: they are met as anybody who is new, and have the
// story of before.
func (r *run) returned(ctx context.Context, fresh []arrival) (map[record.ID]LinkID, error) {
	var ids []record.ID
	edited := map[record.ID]time.Time{}
	for _, a := range fresh {
		if a.known.Link.ID == 0 {
			ids, edited[a.record.ID] = append(ids, a.record.ID), a.record.Edited
		}
	}
	former, err := r.Ledger.Former(ctx, record.Salesforce, ids)
	returned := map[record.ID]LinkID{}
	for i, k := range former {
		if k.Link.State == Ended && k.Link.Salesforce == "" && k.Link.Marketo == "" {
			returned[ids[i]] = k.Link.ID
			r.readAt(ids[i], edited[ids[i]])
		}
	}
	return returned, err
}
