package cycle

import (
	"context"
	"slices"

	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
)

// recheckMembers plans members afresh, as both sides say now. sf holds what Salesforce said of those of whom an id is known; the others
// are looked for there, because a creation may have arrived without an answer.
func (r *run) recheckMembers(ctx context.Context, known []Known, sf map[record.ID]*record.Record) ([]Step, error) {
	var steps []Step
	var all []*membership
	for _, k := range known {
		rec := sf[k.Link.Salesforce]
		if rec != nil && rec.Err != nil {
			steps = append(steps, rechecked(r.unreadable(k, rec)))
			continue
		}
		pair, linked := r.pairOf(k, rec)
		if !linked {
			steps = append(steps, Step{Link: k.Link, Rechecked: true})
			continue
		}
		all = append(all, &membership{pair: pair, known: k, sf: rec, goneSF: rec == nil && k.Link.Salesforce != "", asked: true})
	}
	if err := r.identify(ctx, all); err != nil {
		return nil, err
	}
	if err := r.findMembers(ctx, all); err != nil {
		return nil, err
	}
	for _, pair := range r.Pairs {
		if err := r.askProgram(ctx, pair, all); err != nil {
			return nil, err
		}
	}
	planned, err := r.planMembers(ctx, all)
	if err != nil {
		return nil, err
	}
	told := map[LinkID]bool{}
	for i := range planned {
		planned[i].Rechecked = true
		told[planned[i].Link.ID], told[planned[i].Absorb] = true, true
	}
	for _, k := range known {
		if !told[k.Link.ID] {
			planned = append(planned, Step{Link: k.Link, Rechecked: true})
		}
	}
	return append(steps, planned...), nil
}

// askProgram asks Marketo how the members of one pair stand there.
func (r *run) askProgram(ctx context.Context, pair member.Pair, all []*membership) error {
	var people []record.ID
	var asked []*membership
	for _, m := range all {
		if m.pair.Program == pair.Program && m.person.Paired() && !m.twice {
			people, asked = append(people, m.person.Link.Marketo), append(asked, m)
		}
	}
	found, there, err := r.membersAmong(ctx, record.Reread, pair, people)
	if err != nil || !there {
		return err
	}
	for _, m := range asked {
		m.mk = found[m.key()]
		m.goneMK = m.mk == nil && m.known.Link.Marketo == m.key()
	}
	return nil
}

// findMembers looks in the campaigns for people of whom no membership is known there.
func (r *run) findMembers(ctx context.Context, all []*membership) error {
	wanted := map[record.Object][]string{}
	for _, m := range all {
		if m.sf == nil && m.known.Link.Salesforce == "" && m.person.Paired() {
			person := m.person.Link.Salesforce
			wanted[objectOf(person)] = append(wanted[objectOf(person)], string(person))
		}
	}
	for object, people := range inOrder(wanted) {
		slices.Sort(people)
		found, err := r.Salesforce.FindBy(ctx, record.LookUp, record.CampaignMember, string(object)+"Id", slices.Compact(people), memberMapping.Columns(record.Salesforce), "")
		if err != nil {
			return err
		}
		for _, m := range all {
			for i := range found {
				rec := &found[i]
				if m.sf == nil && m.known.Link.Salesforce == "" && rec.Err == nil && record.ID(rec.Values[memberCampaign].Text()) == m.pair.Campaign && whose(rec) == m.person.Link.Salesforce {
					m.sf = rec
				}
			}
		}
	}
	return nil
}
