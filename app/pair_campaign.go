package app

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// findCampaign finds a campaign by its id or its name.
func (s *session) findCampaign(ctx context.Context, idOrName string) (member.Pair, error) {
	where := "Name = " + salesforce.Literal(idOrName)
	if id, err := record.LongID(idOrName); err == nil && strings.HasPrefix(idOrName, "701") {
		where = "Id = " + salesforce.Literal(string(id))
	}
	var found []member.Pair
	for row, err := range s.sf.Query(ctx, record.Describe, "SELECT Id, Name FROM Campaign WHERE "+where+" ORDER BY Id LIMIT 20") {
		if err != nil {
			return member.Pair{}, err
		}
		id, err := record.LongID(row.Get("Id"))
		if err != nil {
			return member.Pair{}, err
		}
		found = append(found, member.Pair{Campaign: id, CampaignName: row.Get("Name")})
	}
	switch len(found) {
	case 0:
		return member.Pair{}, inputf("Salesforce shows no campaign %q to the sync user: give its id, or its name as it is written there, and see that the user may read campaigns", idOrName)
	case 1:
		return found[0], nil
	}
	var ids []string
	for _, p := range found {
		ids = append(ids, string(p.Campaign))
	}
	return member.Pair{}, inputf("several campaigns are called %q: name one by its id (%s)", idOrName, strings.Join(ids, ", "))
}
