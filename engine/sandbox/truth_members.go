package sandbox

// MemberPair is a program and the campaign that it goes together with.
type MemberPair struct {
	Program  int    `json:"program"`
	Campaign string `json:"campaign"` // 18 characters
}

// MemberTruth is who really is in both of a pair.
type MemberTruth struct {
	MemberPair
	// Both are linked people who are in both, Differences those of them whose statuses differ.
	Both        int `json:"both"`
	Differences int `json:"differences"`
	// OnlySalesforce and OnlyMarketo are linked people who are in one only, Unlinked members without a person on the other side.
	OnlySalesforce int `json:"only_salesforce"`
	OnlyMarketo    int `json:"only_marketo"`
	Unlinked       int `json:"unlinked"`
	// Twice counts people who are in the campaign more than once: a lead and a contact of one person, or two of one kind.
	Twice int `json:"twice"`
}

// Members looks at the members of pairs; people are linked as Truth links them.
func (p *Pair) Members(pairs ...MemberPair) []MemberTruth {
	_, couples := p.pairUp()
	person := map[string]string{}
	linked := map[string]bool{}
	for _, c := range couples {
		person[c.salesforce], linked[c.marketo] = c.marketo, true
	}
	truths := make([]MemberTruth, len(pairs))
	in := map[string]int{}
	statuses := make([]map[string]string, len(pairs))
	for i, pair := range pairs {
		truths[i].MemberPair, in[pair.Campaign], statuses[i] = pair, i, map[string]string{}
	}
	p.org.Each("CampaignMember", func(_ string, get func(string) (string, bool)) bool {
		campaign, _ := get("CampaignId")
		i, asked := in[campaign]
		if !asked {
			return true
		}
		who, isContact := get("ContactId")
		if !isContact {
			who, _ = get("LeadId")
		}
		id, isLinked := person[who]
		if !isLinked {
			truths[i].Unlinked++
			return true
		}
		if _, seen := statuses[i][id]; seen {
			truths[i].Twice++
		}
		statuses[i][id], _ = get("Status")
		return true
	})
	for i := range pairs {
		t := &truths[i]
		left := len(statuses[i])
		p.instance.Members(pairs[i].Program, func(id, status string) {
			there, both := statuses[i][id]
			switch {
			case both:
				t.Both++
				left--
				if there != status {
					t.Differences++
				}
			case linked[id]:
				t.OnlyMarketo++
			default:
				t.Unlinked++
			}
		})
		t.OnlySalesforce = left
	}
	return truths
}
