package cycle

import (
	"context"
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
)

// departure is a link whose record on a side became part of another one: a lead was converted, or records were merged.
type departure struct {
	known Known
	rec   *record.Record // as it was left, where that was read
	to    record.Ref
	why   string
}

// union is a record and all the links that lead to it by now. One of them holds it; the others are told what becomes of them.
type union struct {
	side    record.Side
	rec     *record.Record
	own     Known // the link that the record had itself, if any
	joining []departure
}

// whereTo says what became of a record that is no more: the record that took its place, or none.
func whereTo(rec *record.Record) (to record.Ref, why string, left bool) {
	switch {
	case rec.Converted:
		return record.Ref{Object: record.Contact, ID: rec.ConvertedTo}, "converted", true
	case rec.Deleted && rec.MergedInto != "":
		return record.Ref{Object: rec.Object, ID: rec.MergedInto}, "merged", true
	}
	return record.Ref{}, "deleted", rec.Deleted
}

// left plans what a page of Salesforce records says of records that are no more. moved are the ids of records that took their
// places: they are planned with the link that they got.
func (r *run) left(ctx context.Context, records []record.Record, known []Known) (steps []Step, moved map[record.ID]bool, err error) {
	var departures []departure
	var links []LinkID
	for i := range records {
		rec, k := &records[i], known[i]
		to, why, left := whereTo(rec)
		if !left || k.Link.ID == 0 {
			continue
		}
		over := k.Link.State == Ended && k.Link.Marketo != "" // it waits for its record to come back
		if !over {
			links = append(links, k.Link.ID)
		}
		if to.ID != "" {
			departures = append(departures, departure{k, rec, to, why})
		} else if !over {
			steps = append(steps, r.gone(k, why))
		}
	}
	more, moved, err := r.follow(ctx, departures)
	if err != nil {
		return nil, nil, err
	}
	near, err := r.neighbours(ctx, links)
	return slices.Concat(steps, more, near), moved, err
}

// follow goes after records of Salesforce to what they became, and moves their people there.
func (r *run) follow(ctx context.Context, departures []departure) (steps []Step, moved map[record.ID]bool, err error) {
	if len(departures) == 0 {
		return nil, nil, nil
	}
	where, err := r.whereabouts(ctx, departures)
	if err != nil {
		return nil, nil, err
	}
	var order []record.ID
	var people []record.ID
	unions := map[record.ID]*union{}
	for _, d := range departures {
		rec := where(d.to)
		if rec == nil {
			if d.known.Link.State == Ended {
				continue
			}
			steps = append(steps, r.gone(d.known, d.why))
			continue
		}
		u := unions[rec.ID]
		if u == nil {
			u = &union{side: record.Salesforce, rec: rec}
			unions[rec.ID], order = u, append(order, rec.ID)
		}
		u.joining = append(u.joining, d)
		if d.known.Link.Marketo != "" {
			people = append(people, d.known.Link.Marketo)
		}
	}
	own, err := r.Ledger.Known(ctx, record.Salesforce, order)
	if err != nil {
		return nil, nil, err
	}
	read, err := r.readPeople(ctx, record.Reread, people)
	if err != nil {
		return nil, nil, err
	}
	moved = map[record.ID]bool{}
	for i, id := range order {
		u := unions[id]
		u.own = own[i]
		more, took := r.unite(u, func(k Known) *record.Record {
			if p, ok := read[k.Link.Marketo]; ok {
				return &p
			}
			return nil
		})
		steps, moved[id] = append(steps, more...), took
	}
	return steps, moved, nil
}

// mostHops bounds how far a record is followed: a loser of a loser of a lead that was converted.
const mostHops = 10

// whereabouts reads the records that others became, and where those are no more themselves, what they became in turn. It gives nil
// for one that leads nowhere.
func (r *run) whereabouts(ctx context.Context, departures []departure) (func(record.Ref) *record.Record, error) {
	found, next := map[record.Ref]*record.Record{}, map[record.Ref]record.Ref{}
	asked := map[record.Ref]bool{}
	ask := make([]record.Ref, len(departures))
	for i, d := range departures {
		ask[i] = d.to
	}
	for range mostHops {
		byObject := map[record.Object][]record.ID{}
		for _, ref := range ask {
			if !asked[ref] && len(r.object(ref.Object).Fields) > 0 {
				asked[ref], byObject[ref.Object] = true, append(byObject[ref.Object], ref.ID)
			}
		}
		ask = nil
		for _, object := range []record.Object{record.Contact, record.Lead} {
			records, err := r.fates(ctx, object, byObject[object])
			if err != nil {
				return nil, err
			}
			for i := range records {
				rec := &records[i]
				if to, _, left := whereTo(rec); !left {
					found[rec.Ref()] = rec
				} else if to.ID != "" {
					next[rec.Ref()], ask = to, append(ask, to)
				}
			}
		}
		if len(ask) == 0 {
			break
		}
	}
	return func(ref record.Ref) *record.Record {
		for range mostHops {
			if to, ok := next[ref]; ok {
				ref = to
			}
		}
		return found[ref]
	}, nil
}

// fates reads records whole, and of those that are no more what became of them.
func (r *run) fates(ctx context.Context, object record.Object, ids []record.ID) ([]record.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	records, err := r.Salesforce.Get(ctx, record.Reread, object, ids, r.object(object).Columns(record.Salesforce), r.Mapping.MarketoID)
	if err == nil {
		err = r.locate(ctx, records)
	}
	if err != nil || len(records) == len(ids) {
		return records, err
	}
	there := map[record.ID]bool{}
	for _, rec := range records {
		there[rec.ID] = true
	}
	var missing []record.ID
	for _, id := range ids {
		if !there[id] {
			missing = append(missing, id)
		}
	}
	more, err := r.Salesforce.Fates(ctx, record.Reread, object, missing)
	for _, rec := range more {
		if _, _, left := whereTo(&rec); left { // one that came back this very moment is met again in its feed
			records = append(records, rec)
		}
	}
	return records, err
}

// unite gives a record to one of the links that lead to it: its own if that is a pair, else the first pair that joins. other is the
// other half of a link, as it was read now.
func (r *run) unite(u *union, other func(Known) *record.Record) (steps []Step, took bool) {
	holder, at := u.own, -1
	back := holder.Link.State == Ended && holder.Link.Salesforce != "" && holder.Link.Marketo != "" // it waits for its record to come back
	if !holder.Link.State.paired() {
		for i, d := range u.joining {
			if back && d.known.Link.State == Ended {
				continue
			}
			// Who lost a merge in Marketo was there, though the log told it after the person was seen to be gone.
			whole := d.known.Link.Salesforce != "" && (d.known.Link.Marketo != "" || u.side == record.Marketo)
			if whole && (at < 0 || d.known.Link.State == Linked && u.joining[at].known.Link.State != Linked) {
				at = i
			}
		}
		if at < 0 && holder.Link.ID == 0 {
			at = 0
		}
	}
	if at >= 0 {
		s := r.take(u, u.joining[at], other(u.joining[at].known))
		holder.Link = s.step.Link
		steps = appendStep(steps, s)
	}
	for i, d := range u.joining {
		if i != at {
			steps = append(steps, r.remains(u, holder.Link, d)...)
		}
	}
	return steps, at >= 0
}

// take moves a link to the record that its own one became. Both halves were read, so the pair is planned at once: what waited travels on,
// and what both sides had agreed upon still tells who changed.
func (r *run) take(u *union, d departure, other *record.Record) *sheet {
	k, events := r.carried(d, u.rec.Object)
	sf, mk := u.rec, other
	if u.side == record.Marketo {
		sf, mk = other, u.rec
	}
	k.Link = d.known.Link
	if u.side == record.Salesforce {
		k.Link.Salesforce, k.Link.Object = u.rec.ID, u.rec.Object
	} else {
		k.Link.Marketo = u.rec.ID
	}
	whole := k.Link.Salesforce != "" && k.Link.Marketo != ""
	frozen := d.known.Link.State == Frozen
	if k.Link.State = Linked; !whole {
		k.Link.State = Alone
	}
	contested := k.Open()
	k.Holds = slices.DeleteFunc(slices.Clone(k.Holds), func(h Hold) bool { return !h.Skipped || h.Field == NoField })
	s := r.newSheet(k, sf, mk)
	s.moved, s.contested = u.side, contested
	s.step.PutLink, s.step.Events = true, events
	if u.own.Link.ID != k.Link.ID {
		s.step.Absorb = u.own.Link.ID
	}
	for _, h := range d.known.Holds {
		s.step.Release = append(s.step.Release, h.ID)
	}
	s.address(u.side, u.rec.Email)
	s.event(Event{Side: u.side, Kind: "linked", Field: NoField, Detail: d.why})
	s.step.Unlearn = k.Link.Object != d.known.Link.Object
	if whole && other != nil && other.Err == nil && u.rec.Err == nil && r.passes(sf) {
		s.address(u.side.Other(), other.Email)
		switch s.plan(); {
		case d.known.Link.State == Ended:
			s.unmark(record.Salesforce, record.Marketo)
		case u.own.Link.State == Ended: // it lost its twin once, and has one again
			s.unmark(u.side)
		}
		if frozen {
			s.event(Event{Side: record.Salesforce, Kind: "thawed", Field: NoField})
			s.unticks()
		}
	} else { // what waits is kept for when both are read, or pass the filter
		s.step.Recheck = true
		if frozen && whole {
			s.step.Link.State = Frozen
		}
		s.step.Holds = append(s.step.Holds, k.Holds...)
		s.keepRows()
		for _, row := range s.out {
			if row.Side == u.side {
				row.Target, row.Object = k.Link.On(u.side), target(k.Link, u.side)
			} else {
				row.Source = k.Link.On(u.side)
			}
		}
	}
	if other == nil && d.known.Link.State == Ended && whole { // its record was deleted before, and is still
		s.step.Link.State, s.step.Recheck = Ended, false
	}
	return s
}

// remains says what becomes of a link whose record became one that another link holds. What is only one half joins the holder, story
// and all. Where two whole pairs met, the other halves remain two records, and each link keeps its story; the holder's tells of the other.
func (r *run) remains(u *union, holder Link, d departure) []Step {
	k := d.known
	switch {
	case k.Link.On(u.side.Other()) == "", u.side == record.Marketo && k.Link.State == Ended && k.Link.Marketo != "":
		return []Step{{Link: holder, Absorb: k.Link.ID}}
	case k.Link.State == Ended:
		return nil
	}
	joined := Event{At: r.Now(), Cycle: r.n, Side: u.side, Kind: "joined", Field: NoField, Detail: string(k.Link.On(u.side))}
	told := Step{Link: holder, Events: []Event{joined}}
	if u.side == record.Marketo { // the duplicate in Salesforce stays, linked with nobody
		return []Step{r.end(k, record.Marketo, d.why), told}
	}
	st := r.end(k, record.Salesforce, d.why)
	if r.Policy.MergeInMarketo {
		st.Out = append(st.Out, mergeRow(k.Link, holder.Marketo, r.n, r.Now()))
		return []Step{st, told}
	}
	st.Holds = append(st.Holds, Hold{Link: k.Link.ID, Field: NoField, Cause: TwoPeople, Candidates: []record.Ref{{Object: record.Person, ID: holder.Marketo}}, Since: r.Now()})
	return []Step{st, told}
}

// TwoPeople is the cause of a hold: two records became one in Salesforce, and their people in Marketo are still two.
const TwoPeople = "two-people"
