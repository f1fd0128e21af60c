package cycle

import (
	"context"
	"fmt"

	"github.com/doppio-sync/doppio/engine/record"
)

// recheckAtOnce is how many links are read afresh in one transaction.
const recheckAtOnce = 600

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
	var beside []Known
	for i, k := range known {
		if k.Link.ID == 0 || k.Link.State == Ended {
			steps = append(steps, Step{Link: Link{ID: links[i]}, Rechecked: true})
			continue
		}
		s, m := sf[k.Link.Salesforce], mk[k.Link.Marketo]
		switch {
		case accompanies(k.Link.Object):
			beside = append(beside, k)
		case !k.Link.Object.IsPerson():
			steps = append(steps, r.recheckMirrored(k, s))
		case k.Link.Salesforce != "" && (s == nil || s.Deleted || s.Converted) && k.Link.Object != "":
			end := r.end(k, record.Salesforce, "deleted")
			end.Rechecked = true
			steps = append(steps, end)
		case k.Link.Marketo != "" && m == nil:
			end := r.end(k, record.Marketo, "deleted")
			end.Rechecked = true
			steps = append(steps, end)
		case s == nil && m == nil: // nothing stands behind it on either side
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
		case s != nil && !r.passes(s):
			steps = append(steps, r.rechecksOut(k, s)...)
		case k.Link.State == Frozen && s != nil:
			k.Link.State = Linked
			steps = append(steps, r.rechecksIn(k, s, m))
		case k.Link.State != Linked && s != nil:
			freshS = append(freshS, arrival{s, k})
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
		case k.Link.State != Linked && m != nil:
			freshM = append(freshM, arrival{m, k})
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
		default:
			steps = append(steps, rechecked(r.pair(k, s, m, nil)))
		}
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
	return mergeSteps(append(append(steps, more...), moreM...)), err
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
	sf, mk = map[record.ID]*record.Record{}, map[record.ID]*record.Record{}
	byObject := map[record.Object][]record.ID{}
	var people []record.ID
	for _, k := range known {
		if k.Link.ID == 0 || k.Link.State == Ended {
			continue
		}
		if k.Link.Salesforce != "" {
			byObject[k.Link.Object] = append(byObject[k.Link.Object], k.Link.Salesforce)
		}
		if k.Link.Marketo != "" && k.Link.Object.IsPerson() {
			people = append(people, k.Link.Marketo)
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
			return nil, nil, err
		}
		if err := r.locate(ctx, found); err != nil {
			return nil, nil, err
		}
		for i := range found {
			sf[found[i].ID] = &found[i]
		}
	}
	read, err := r.readPeople(ctx, record.Reread, people)
	if err != nil {
		return nil, nil, err
	}
	for id, p := range read {
		mk[id] = &p
	}
	return sf, mk, nil
}
