package cycle

import (
	"context"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

// merged plans what the log tells of merges in Marketo: the winner gets the pair of a loser, if it has none itself. A winner may have lost
// to another one afterwards. moved are the winners that are planned here.
func (r *run) merged(ctx context.Context, merges []marketo.Change) (steps []Step, moved map[record.ID]bool, err error) {
	if len(merges) == 0 {
		return nil, nil, nil
	}
	slices.SortStableFunc(merges, func(a, b marketo.Change) int { return a.At.Compare(b.At) })
	into := map[record.ID]record.ID{}
	var losers []record.ID
	for _, c := range merges {
		for _, loser := range c.Losers {
			if _, told := into[loser]; !told {
				losers = append(losers, loser)
			}
			into[loser] = c.Person
		}
	}
	known, err := r.losers(ctx, losers)
	if err != nil {
		return nil, nil, err
	}
	var order []record.ID
	var links []LinkID
	unions := map[record.ID]*union{}
	for i, loser := range losers {
		if known[i].Link.ID == 0 {
			continue
		}
		if known[i].Link.State != Ended || known[i].Link.Marketo != "" {
			links = append(links, known[i].Link.ID)
		}
		winner := loser
		for range len(into) {
			next, lost := into[winner]
			if !lost {
				break
			}
			winner = next
		}
		if unions[winner] == nil {
			unions[winner], order = &union{side: record.Marketo}, append(order, winner)
		}
		unions[winner].joining = append(unions[winner].joining, departure{known: known[i], to: record.Ref{Object: record.Person, ID: winner}, why: "merged"})
	}
	if len(order) == 0 {
		return nil, nil, nil
	}
	steps, moved, err = r.uniteMarketo(ctx, order, unions)
	if err != nil {
		return nil, nil, err
	}
	near, err := r.neighbours(ctx, links)
	return append(steps, near...), moved, err
}

// losers are the links of people who lost a merge. One that lost its person before the log said to whom is among them: the log may tell
// late.
func (r *run) losers(ctx context.Context, ids []record.ID) ([]Known, error) {
	known, err := r.Ledger.Known(ctx, record.Marketo, ids)
	if err != nil {
		return nil, err
	}
	former, err := r.Ledger.Former(ctx, record.Marketo, ids)
	if err != nil {
		return nil, err
	}
	for i, f := range former {
		if known[i].Link.ID == 0 && f.Link.State == Ended && f.Link.Marketo == "" && f.Link.Salesforce != "" {
			known[i] = f
		}
	}
	return known, nil
}

func (r *run) uniteMarketo(ctx context.Context, order []record.ID, unions map[record.ID]*union) (steps []Step, moved map[record.ID]bool, err error) {
	own, err := r.Ledger.Known(ctx, record.Marketo, order)
	if err != nil {
		return nil, nil, err
	}
	people, err := r.readPeople(ctx, record.Reread, order)
	if err != nil {
		return nil, nil, err
	}
	var halves []Known
	for _, u := range inOrder(unions) {
		for _, d := range u.joining {
			if d.known.Link.Salesforce != "" {
				halves = append(halves, d.known)
			}
		}
	}
	sf, err := r.readSalesforceOf(ctx, halves)
	if err != nil {
		return nil, nil, err
	}
	moved = map[record.ID]bool{}
	for i, winner := range order {
		u := unions[winner]
		person, there := people[winner]
		if !there { // gone by now itself: its own line of the log tells
			for _, d := range u.joining {
				if d.known.Link.State != Ended {
					steps = append(steps, r.end(d.known, record.Marketo, "merged"))
				}
			}
			continue
		}
		u.rec, u.own = &person, own[i]
		if u.own.Link.State.paired() {
			u.joining = slices.DeleteFunc(u.joining, func(d departure) bool { return d.known.Link.State == Ended && d.known.Link.Marketo == "" })
		}
		if len(u.joining) == 0 {
			continue
		}
		more, took := r.unite(u, func(k Known) *record.Record { return sf[k.Link.Salesforce] })
		steps, moved[winner] = append(steps, more...), took
	}
	return steps, moved, nil
}

// mergeRow merges the person of a link into another person in Marketo. Nobody can take that back, so it counts as a deletion for the brake.
func mergeRow(loser Link, winner record.ID, cycle int64, now time.Time) Row {
	return Row{
		Link: loser.ID, Side: record.Marketo, Object: record.Person, Target: winner, Source: loser.Salesforce, Carry: loser.Marketo,
		Action: Merge, State: Waiting, Lane: CycleLane, Cycle: cycle, Since: now,
	}
}
