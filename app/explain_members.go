package app

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// explainMembers says what became of a person's memberships in linked programs.
func explainMembers(ctx context.Context, w *store.Workspace, link cycle.Link) (list []ExplainedMember, err error) {
	pairs, err := pairsOf(ctx, w)
	if err != nil || link.Marketo == "" {
		return nil, err
	}
	keys := make([]record.ID, len(pairs))
	for i, p := range pairs {
		keys[i] = member.Key(p.Program, link.Marketo)
	}
	known, err := w.Known(ctx, record.Marketo, keys)
	if err != nil {
		return nil, err
	}
	mapping := cycle.Shown(schema.Mapping{})
	for i, k := range known {
		if k.Link.ID == 0 {
			continue
		}
		m := ExplainedMember{Program: pairs[i].ProgramName, Campaign: pairs[i].CampaignName, Member: k.Link.State == cycle.Linked || k.Link.State == cycle.Creating}
		name := func(n uint16) string { return fieldName(mapping, record.CampaignMember, n) }
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			if row := k.Out[side]; row != nil {
				m.Waiting = append(m.Waiting, explainRow(*row, name)...)
			}
		}
		for _, h := range k.Open() {
			m.Waiting = append(m.Waiting, ExplainedWait{State: "held", Sentence: describeHold(h, k.Link, mapping, nil).Sentence})
		}
		events, err := w.EventsOf(ctx, k.Link.ID, eventsAtMost)
		if err != nil {
			return nil, err
		}
		for _, event := range events {
			m.History = append(m.History, explainEvent(event, name(event.Field)))
		}
		list = append(list, m)
	}
	return list, nil
}
