package app

import (
	"context"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
)

// countMembers compares the members of both as they stand: what linking them would do.
func (s *session) countMembers(ctx context.Context, p member.Pair) (c MemberCounts, err error) {
	campaign := map[record.ID]string{} // the status by the person's id in Marketo
	flush := func(people []record.ID, statuses []string) error {
		known, err := s.ws.Known(ctx, record.Salesforce, people)
		if err != nil {
			return err
		}
		for i, k := range known {
			if k.Paired() {
				campaign[k.Link.Marketo] = statuses[i]
			} else {
				c.WaitingCampaign++
			}
		}
		return nil
	}
	var people []record.ID
	var statuses []string
	for row, err := range s.sf.Query(ctx, record.Check, "SELECT LeadId, ContactId, Status FROM CampaignMember WHERE CampaignId = '"+string(p.Campaign)+"'") {
		if err != nil {
			return c, err
		}
		who := row.Get("ContactId")
		if who == "" {
			who = row.Get("LeadId")
		}
		c.Campaign++
		people, statuses = append(people, record.ID(who)), append(statuses, row.Get("Status"))
		if len(people) == 2000 {
			if err := flush(people, statuses); err != nil {
				return c, err
			}
			people, statuses = nil, nil
		}
	}
	if err := flush(people, statuses); err != nil {
		return c, err
	}
	seen := 0
	for page := (marketo.MemberPage{More: true}); page.More; {
		if page, err = s.mk.ProgramMembers(ctx, record.Check, p.Program, page.Next); err != nil {
			return c, err
		}
		ids := make([]record.ID, len(page.Members))
		for i, m := range page.Members {
			ids[i] = m.Person
		}
		known, err := s.ws.Known(ctx, record.Marketo, ids)
		if err != nil {
			return c, err
		}
		c.Program += len(ids)
		for i, m := range page.Members {
			status, there := campaign[m.Person]
			switch {
			case there:
				seen++
				c.Both++
				if status != m.Status {
					c.Differing++
				}
			case known[i].Paired():
				c.ToCampaign++
			default:
				c.WaitingProgram++
			}
		}
	}
	c.ToProgram = len(campaign) - seen
	if s.settings.CreateInSalesforce {
		c.Leads = c.WaitingProgram
	}
	return c, nil
}
