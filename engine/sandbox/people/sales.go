package people

import (
	"iter"
	"strconv"
	"time"
)

// The most opportunities and campaign members that a world has, whatever its number of people.
const (
	mostOpportunities = 100_000
	mostMembers       = 100_000
)

// deal is an opportunity with the firm it is made with.
type deal struct {
	number uint64
	firm   *firm
	draw   draw
}

func (w *World) deals() iter.Seq[deal] {
	return func(yield func(deal) bool) {
		share := min(3500, 10_000*mostOpportunities*4/max(w.people, 1))
		number := uint64(0)
		for f := range w.firms() {
			if f.account == 0 {
				continue
			}
			d := w.draw(aboutSales, ^f.number)
			if !d.chance(share) {
				continue
			}
			for range 1 + d.below(4) {
				number++
				if !yield(deal{number, f, w.draw(aboutSales, number<<20)}) {
					return
				}
			}
		}
	}
}

// Opportunities come in the order of their numbers.
func (w *World) Opportunities() iter.Seq[Opportunity] {
	return func(yield func(Opportunity) bool) {
		for o := range w.deals() {
			d := o.draw
			stage := pick(&d, stages)
			closing := w.opening.AddDate(0, 0, -1-d.below(900))
			if stage.open {
				closing = w.opening.AddDate(0, 0, d.below(180)-20) // some are overdue
			}
			opp := Opportunity{
				Number: o.number, Account: o.firm.account, Stage: stage.name, Probability: stage.probability,
				Name:      o.firm.name + " – " + pick(&d, []string{"Renewal", "New Business", "Upgrade", "Pilot", "500 Seats"}),
				CloseDate: closing.Format(time.DateOnly), Owner: o.firm.owner, Audit: w.history(&d, o.number),
			}
			if d.chance(8500) {
				opp.Amount = strconv.Itoa(500 * (1 + d.below(400)))
			}
			if d.chance(6000) {
				opp.Type = pick(&d, []string{"Existing Customer - Upgrade", "Existing Customer - Replacement", "New Customer"})
			}
			if d.chance(5000) {
				opp.LeadSource = pick(&d, leadSources)
			}
			if d.chance(1500) {
				opp.NextStep = pick(&d, []string{"Send the quote", "Call on Monday", "Waiting for legal", "Demo"})
			}
			if d.chance(2000) {
				opp.Campaign = uint64(1 + d.below(w.campaigns()))
			}
			if !yield(opp) {
				return
			}
		}
	}
}

// Roles say which contacts take part in which opportunities; four in ten opportunities have none.
func (w *World) Roles() iter.Seq[OpportunityContactRole] {
	return func(yield func(OpportunityContactRole) bool) {
		number := uint64(0)
		for o := range w.deals() {
			d := w.draw(aboutSales, o.number<<20|1)
			if d.chance(4000) {
				continue
			}
			left := 1 + d.below(3)
			first := true
			for _, s := range o.firm.slots {
				if s.contact == 0 || left == 0 || d.chance(3000) {
					continue
				}
				left--
				number++
				role := OpportunityContactRole{
					Number: number, Opportunity: o.number, Contact: s.contact, Role: pick(&d, roles), Primary: first,
					Audit: w.history(&d, number),
				}
				first = false
				if !yield(role) {
					return
				}
			}
		}
	}
}

// campaigns is the number of campaigns.
func (w *World) campaigns() int { return min(4+w.people/500, 400) }

// Campaigns come in the order of their numbers.
func (w *World) Campaigns() iter.Seq[Campaign] {
	return func(yield func(Campaign) bool) {
		for n := range uint64(w.campaigns()) {
			d := w.draw(aboutCampaign, n+1)
			start := w.opening.AddDate(0, 0, -d.below(1000)+60)
			c := Campaign{
				Number: n + 1, Name: pick(&d, campaignThemes) + " " + start.Format("2006-01") + " #" + strconv.FormatUint(n+1, 10),
				Type: pick(&d, campaignTypes), Status: pick(&d, campaignStatuses), StartDate: start.Format(time.DateOnly),
				EndDate: start.AddDate(0, 0, d.below(40)).Format(time.DateOnly), BudgetedCost: strconv.Itoa(100 * d.below(300)),
				Active: start.After(w.opening.AddDate(0, -4, 0)), Owner: someOwner(&d), Audit: w.history(&d, n),
			}
			if n > 4 && d.chance(1500) {
				c.Parent = 1 + uint64(d.below(int(n)))
			}
			if n == 0 { // both systems run one and the same webinar
				c.Name, c.Type = Webinar, "Webinar"
			}
			if !yield(c) {
				return
			}
		}
	}
}

// Webinar is the name of the first campaign, and of the program that Marketo has for the same event: their statuses agree.
const Webinar = "Product Webinar 2026"

// memberStatuses are the statuses that every campaign offers but the webinar, webinarStatuses are the webinar's.
var (
	memberStatuses = []CampaignMemberStatus{
		{Label: "Sent", Default: true}, {Label: "Responded", Responded: true}, {Label: "Registered", Responded: true}, {Label: "Attended", Responded: true},
	}
	webinarStatuses = []CampaignMemberStatus{
		{Label: "Invited", Default: true}, {Label: "Registered"}, {Label: "No Show"}, {Label: "Attended", Responded: true},
	}
)

func statusesOf(campaign uint64) []CampaignMemberStatus {
	if campaign == 1 {
		return webinarStatuses
	}
	return memberStatuses
}

// MemberStatuses come campaign by campaign.
func (w *World) MemberStatuses() iter.Seq[CampaignMemberStatus] {
	return func(yield func(CampaignMemberStatus) bool) {
		number := uint64(0)
		for c := range w.Campaigns() {
			for i, status := range statusesOf(c.Number) {
				number++
				status.Number, status.Campaign, status.SortOrder, status.Audit = number, c.Number, i+1, c.Audit
				if !yield(status) {
					return
				}
			}
		}
	}
}

// Members come in the order of their numbers: about one person in five takes part in a campaign, fewer in a large world.
func (w *World) Members() iter.Seq[CampaignMember] {
	return func(yield func(CampaignMember) bool) {
		share := min(2000, 10_000*mostMembers/max(w.people, 1))
		number := uint64(0)
		for f := range w.firms() {
			for _, s := range f.slots {
				d := w.draw(aboutMember, s.index)
				if s.kin == converted || !d.chance(share) {
					continue
				}
				number++
				m := CampaignMember{Number: number, Campaign: uint64(1 + d.below(w.campaigns())), Lead: s.lead, Contact: s.contact}
				status := pick(&d, statusesOf(m.Campaign))
				m.Status, m.Audit = status.Label, w.history(&d, number)
				if status.Responded {
					m.FirstResponded = m.Audit.Modified.Format(time.DateOnly)
				}
				if !yield(m) {
					return
				}
			}
		}
	}
}
