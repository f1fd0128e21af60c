package cycle

import (
	"context"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

// recheckAtOnce is how many links are read afresh in one transaction.
const recheckAtOnce = 600

// afreshAtOnce is how many are where everybody is compared: whole calls of Marketo, and nearly one of Salesforce for each kind of record.
const afreshAtOnce = 6 * marketo.MaxBatch

// recheck reads links afresh on both sides and plans them: rows that a crash left in doubt, pairs that moved to another
// record, records whose match may be clear now. What is found decides, not what was remembered.
func (r *run) recheck(ctx context.Context) error {
	for {
		links, err := r.Ledger.Rechecks(ctx, recheckAtOnce)
		if err != nil || len(links) == 0 {
			return err
		}
		if err := r.readAfresh(ctx, links); err != nil {
			return err
		}
	}
}

// readAfresh reads some links on both sides, plans them, and takes them off the list.
func (r *run) readAfresh(ctx context.Context, links []LinkID) error {
	if len(links) == 0 {
		return nil
	}
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return err
	}
	steps, err := r.recheckPage(ctx, links, known)
	if err != nil {
		return fmt.Errorf("read afresh: %w", err)
	}
	return r.commit(ctx, Page{Steps: steps})
}

func (r *run) recheckPage(ctx context.Context, links []LinkID, known []Known) ([]Step, error) {
	sf, mk, err := r.readBoth(ctx, known)
	if err != nil {
		return nil, err
	}
	var steps []Step
	var freshS, freshM []arrival
	var lost, beside []Known
	for i, k := range known {
		s, m := sf[k.Link.Salesforce], mk[k.Link.Marketo]
		off := Step{Link: k.Link, Rechecked: true}
		switch {
		case k.Link.ID == 0, k.Link.State == Ended && !k.Link.Object.IsPerson() && (s == nil || accompanies(k.Link.Object)): // not back
			steps = append(steps, Step{Link: Link{ID: links[i]}, Rechecked: true})
		case accompanies(k.Link.Object):
			beside = append(beside, k)
		case k.Link.Salesforce != "" && !r.maps(k.Link.Object): // hidden for the moment: it is no sign of a deletion that it is not read
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
		case !k.Link.Object.IsPerson():
			steps = append(steps, r.recheckMirrored(k, s))
		case k.Link.State == Ended:
			steps = append(steps, off)
			if s != nil && takesPart(s) && !r.passes(s) {
				if k.Link.Marketo != "" { // of who was deleted in Marketo nobody is made again, also once the filter lets the record in
					steps = append(steps, r.excluded(k, s)...)
				}
				continue
			}
			pair, alone := r.retaken(k, s, m)
			switch {
			case alone == nil:
			case alone.record == m:
				freshM = append(freshM, *alone)
			default:
				freshS = append(freshS, *alone)
			}
			steps = appendStep(steps, pair)
		case k.Link.Salesforce != "" && (s == nil || s.Deleted || s.Converted) && k.Link.Object != "":
			steps, lost = append(steps, off), append(lost, k)
		case k.Link.Marketo != "" && m == nil:
			end := r.end(k, record.Marketo, "out of sight")
			if r.Policy.Deletes == DeletesMark { // a mark goes again when the person turns up; a deletion would not
				r.passOn(&end, k, record.Marketo)
			}
			end.Rechecked = true
			steps = append(steps, end)
		case s == nil && m == nil: // nothing stands behind it on either side
			steps = append(steps, off)
		case s != nil && !r.passes(s):
			steps = append(steps, r.rechecksOut(k, s)...)
		case k.Link.State == Frozen && s != nil:
			k.Link.State = Linked
			steps = append(steps, r.rechecksIn(k, s, m))
		case k.Link.State != Linked && s != nil:
			freshS = append(freshS, arrival{record: s, known: k})
			steps = append(steps, off)
		case k.Link.State != Linked && m != nil:
			freshM = append(freshM, arrival{record: m, known: k})
			steps = append(steps, off)
		default:
			steps = append(steps, rechecked(r.pair(k, s, m, nil)))
		}
	}
	gone, err := r.vanishedLinks(ctx, lost)
	if err != nil {
		return nil, err
	}
	more, err := r.matchSalesforce(ctx, freshS)
	if err != nil {
		return nil, err
	}
	moreBeside, err := r.recheckBeside(ctx, beside, sf)
	if err != nil {
		return nil, err
	}
	more = append(more, moreBeside...)
	moreM, err := r.matchMarketo(ctx, freshM)
	return mergeSteps(append(append(append(steps, gone...), more...), moreM...)), err
}

// vanishedLinks plans links whose records were not found in Salesforce: converted, merged, deleted, or out of the sync user's sight.
func (r *run) vanishedLinks(ctx context.Context, links []Known) ([]Step, error) {
	byObject := map[record.Object][]record.ID{}
	for _, k := range links {
		byObject[k.Link.Object] = append(byObject[k.Link.Object], k.Link.Salesforce)
	}
	fates := map[record.ID]*record.Record{}
	for object, ids := range inOrder(byObject) {
		found, err := r.Salesforce.Fates(ctx, record.Reread, object, ids)
		if err != nil {
			return nil, err
		}
		for i := range found {
			fates[found[i].ID] = &found[i]
		}
	}
	var steps []Step
	var departures []departure
	var left []LinkID
	for _, k := range links {
		left = append(left, k.Link.ID)
		rec := fates[k.Link.Salesforce]
		if rec == nil {
			steps = append(steps, r.end(k, record.Salesforce, "out of sight"))
			continue
		}
		switch to, why, left := whereTo(rec); {
		case !left: // it came back this very moment, and is met in its feed
		case to.ID != "":
			departures = append(departures, departure{known: k, to: to, why: why})
		default:
			steps = append(steps, r.gone(k, why))
		}
	}
	more, _, err := r.follow(ctx, departures)
	if err != nil {
		return nil, err
	}
	near, err := r.neighbours(ctx, left)
	return slices.Concat(steps, more, near), err
}

// recheckMirrored plans a record afresh that Marketo is only given. One that is not synced any more stays as it is.
func (r *run) recheckMirrored(k Known, rec *record.Record) Step {
	var s *sheet
	if _, mapped := r.Mapping.Object(k.Link.Object); mapped && rec == nil {
		s = r.unmirror(k, "deleted")
	} else if mapped {
		s = r.mirror(k, rec)
	}
	if s == nil {
		return Step{Link: k.Link, Rechecked: true}
	}
	return rechecked(s)
}

// rechecked finishes a sheet and takes its link off the list, whatever was found.
func rechecked(s *sheet) Step {
	st, _ := s.finish()
	st.Rechecked, st.Recheck = true, false
	return st
}

// mergeSteps joins the bare "off the list" steps with what was decided for the same link afterwards.
func mergeSteps(steps []Step) []Step {
	at := map[LinkID]int{}
	var out []Step
	for _, s := range steps {
		if i, ok := at[s.Link.ID]; ok && s.Link.ID != 0 && out[i].Rechecked && !out[i].PutLink && len(out[i].Out) == 0 {
			s.Rechecked = true
			out[i] = s
			continue
		}
		at[s.Link.ID] = len(out)
		out = append(out, s)
	}
	return out
}

// readBoth reads the records of links on both sides.
func (r *run) readBoth(ctx context.Context, known []Known) (sf, mk map[record.ID]*record.Record, err error) {
	var alive []Known
	var people []record.ID
	for _, k := range known {
		if k.Link.ID == 0 || k.Link.Object.IsPerson() && k.Link.State == Ended && k.Link.Marketo == "" && k.Link.Salesforce == "" {
			continue
		}
		alive = append(alive, k)
		if k.Link.Marketo != "" && k.Link.Object.IsPerson() {
			people = append(people, k.Link.Marketo)
		}
	}
	if sf, err = r.readSalesforceOf(ctx, alive); err != nil {
		return nil, nil, err
	}
	read, err := r.readPeople(ctx, record.Reread, people)
	if err != nil {
		return nil, nil, err
	}
	mk = map[record.ID]*record.Record{}
	for id, p := range read {
		mk[id] = &p
	}
	return sf, mk, nil
}

// readSalesforceOf reads the Salesforce records of links.
func (r *run) readSalesforceOf(ctx context.Context, known []Known) (map[record.ID]*record.Record, error) {
	sf, byObject := map[record.ID]*record.Record{}, map[record.Object][]record.ID{}
	for _, k := range known {
		if k.Link.Salesforce != "" {
			byObject[k.Link.Object] = append(byObject[k.Link.Object], k.Link.Salesforce)
		}
	}
	for _, object := range r.feedOrder() {
		ids := byObject[object]
		if len(ids) == 0 {
			continue
		}
		otherID := ""
		if object.IsPerson() {
			otherID = r.Mapping.MarketoID
		}
		found, err := r.Salesforce.Get(ctx, record.Reread, object, ids, r.object(object).Columns(record.Salesforce), otherID)
		if err != nil {
			return nil, err
		}
		if err := r.locate(ctx, found); err != nil {
			return nil, err
		}
		for i := range found {
			sf[found[i].ID] = &found[i]
		}
	}
	return sf, nil
}
