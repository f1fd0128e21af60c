package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
	"github.com/doppio-sync/doppio/store"
)

// memberStatuses are those of the webinar, in the order of their steps.
var memberStatuses = []string{"Invited", "Registered", "No Show", "Attended"}

// movedMember is a member as somebody moved it, or took it out where the status is empty.
type movedMember struct {
	at     time.Time
	side   record.Side
	who    string // the lead, contact or person
	status string
	silent bool // the log does not tell: a move that is on its way may put them in again, and nobody can know
}

// pairsUp makes the webinar's program and its campaign go together.
func (o *office) pairsUp() {
	err := o.calmly(func() error {
		p, err := o.a.LinkPair(o.t.Context(), sampleName, people.Webinar, people.Webinar, func(PairPreview) (bool, error) { return true, nil })
		o.webinar = sandbox.MemberPair{Program: int(p.Program), Campaign: p.Campaign}
		return err
	})
	o.diary("program %d goes together with campaign %s: %v", o.webinar.Program, o.webinar.Campaign, err)
	if err != nil {
		o.webinar = sandbox.MemberPair{}
	}
}

// joins puts somebody into the webinar, moves a member, or takes one out, on one of both sides.
func (o *office) joins() {
	if o.webinar.Campaign == "" {
		return
	}
	status := memberStatuses[o.rng.IntN(len(memberStatuses))]
	switch o.rng.IntN(8) {
	case 0, 1:
		object := []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)]
		if who, _ := o.anyone(record.Salesforce, object); who != "" {
			if o.creates("CampaignMember", map[string]string{"CampaignId": o.webinar.Campaign, string(object) + "Id": who, "Status": status}) {
				o.moves(record.Salesforce, who, status)
			}
		}
	case 2, 3:
		if id, who, was := o.campaignMember(); id != "" && was != status {
			err := o.pair.Org().Set(id, map[string]string{"Status": status})
			o.diary("%s (%s) becomes %s: %v", id, who, status, err)
			if err == nil {
				o.moves(record.Salesforce, who, status)
			}
		}
	case 4:
		if id, who, _ := o.campaignMember(); id != "" {
			err := o.pair.Org().Delete(id)
			o.diary("%s (%s) is taken out: %v", id, who, err)
			if err == nil {
				o.moves(record.Salesforce, who, "")
			}
		}
	case 5, 6:
		if who, _ := o.anyone(record.Marketo, record.Person); who != "" {
			o.progresses(who, status)
		}
	case 7:
		in := o.programMembers()
		if ids := slices.Sorted(maps.Keys(in)); len(ids) > 0 {
			who := ids[o.rng.IntN(len(ids))]
			if o.rng.IntN(2) == 0 {
				o.progresses(who, "Not in Program")
				return
			}
			o.pair.Instance().Leave(o.webinar.Program, who)
			o.diary("%s leaves the program without a word", who)
			o.members = append(o.members, movedMember{at: o.pair.Now(), side: record.Marketo, who: who, silent: true})
		}
	}
}

func (o *office) progresses(who, status string) {
	was := o.programMembers()[who]
	err := o.pair.Instance().SetProgress(o.webinar.Program, who, status)
	o.diary("person %s becomes %s: %v", who, status, err)
	if status == "Not in Program" {
		status = ""
	}
	if err == nil && was != status && o.programMembers()[who] == status { // nobody is moved back
		o.moves(record.Marketo, who, status)
	}
}

func (o *office) moves(side record.Side, who, status string) {
	o.members = append(o.members, movedMember{at: o.pair.Now(), side: side, who: who, status: status})
}

// campaignMember draws a member of the campaign.
func (o *office) campaignMember() (id, who, status string) {
	all := o.campaignMembers()
	people := slices.Sorted(maps.Keys(all))
	if len(people) == 0 {
		return "", "", ""
	}
	who = people[o.rng.IntN(len(people))]
	m := all[who][o.rng.IntN(len(all[who]))]
	return m[0], who, m[1]
}

// campaignMembers are the ids and statuses of the campaign's members, by lead or contact.
func (o *office) campaignMembers() map[string][][2]string {
	all := map[string][][2]string{}
	o.pair.Org().Each("CampaignMember", func(id string, get func(string) (string, bool)) bool {
		who, isContact := get("ContactId")
		if !isContact {
			who, _ = get("LeadId")
		}
		if campaign, _ := get("CampaignId"); campaign == o.webinar.Campaign {
			status, _ := get("Status")
			all[who] = append(all[who], [2]string{id, status})
		}
		return true
	})
	return all
}

func (o *office) programMembers() map[string]string {
	all := map[string]string{}
	o.pair.Instance().Members(o.webinar.Program, func(who, status string) { all[who] = status })
	return all
}

// memberships holds the members of the program against those of the campaign: linked people are in both, with one status (promise 4), once (3), and
// of every move it can be said what became of it (1 and 6).
func (o *office) memberships(ctx context.Context, w *store.Workspace, wrong func(string, ...any)) error {
	if o.webinar.Campaign == "" {
		return nil
	}
	pairs, err := w.LinkedAfter(ctx, 0, 10_000)
	if err != nil {
		return err
	}
	here, there := o.campaignMembers(), o.programMembers()
	for _, l := range pairs {
		if !l.Object.IsPerson() {
			continue
		}
		story, err := w.EventsOf(ctx, l.ID, 10_000)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(story, func(e store.Event) bool { return e.Kind == "unlinked" }) { // while they are no pair, each member is its side's own
			continue
		}
		key := member.Key(int64(o.webinar.Program), l.Marketo)
		known, err := w.Known(ctx, record.Marketo, []record.ID{key})
		if err != nil {
			return err
		}
		members, status := here[string(l.Salesforce)], there[string(l.Marketo)]
		explained := explains(known[0])
		for _, m := range members {
			of, err := w.Known(ctx, record.Salesforce, []record.ID{record.ID(m[0])})
			if err != nil {
				return err
			}
			explained = explained || explains(of[0])
		}
		switch {
		case explained:
			continue
		case len(members) > 1:
			wrong("promise 3: %s is in the campaign %d times", l.Salesforce, len(members))
		case len(members) == 0 && o.moved[string(l.Marketo)]: // Marketo keeps the member of somebody whose record was deleted
		case len(members) == 0 && status != "":
			wrong("promise 4: person %s is %s in the program, and %s is not in the campaign", l.Marketo, status, l.Salesforce)
		case len(members) == 1 && members[0][1] != status:
			wrong("promise 4: %s is %s in the campaign, and person %s is %q in the program", l.Salesforce, members[0][1], l.Marketo, status)
		}
		if o.moved[string(l.Salesforce)] || o.moved[string(l.Marketo)] {
			continue
		}
		if err := o.membersFates(ctx, w, l, known[0].Link.ID, status, wrong); err != nil {
			return err
		}
	}
	return nil
}

// membersFates says which moves of a person's member nobody can account for.
func (o *office) membersFates(ctx context.Context, w *store.Workspace, l cycle.Link, link cycle.LinkID, stands string, wrong func(string, ...any)) error {
	events, err := w.EventsOf(ctx, link, 1000)
	if err != nil {
		return err
	}
	var own []movedMember
	for _, m := range o.members {
		was := func(x lived) bool { return x.from == m.who && x.to == string(l.On(m.side)) } // a lead that is a contact by now
		if m.who == string(l.On(m.side)) || slices.ContainsFunc(o.lives, was) {
			own = append(own, m)
		}
	}
	for i, m := range own {
		later := slices.ContainsFunc(own[i+1:], func(other movedMember) bool { return other.side == m.side || other.at.After(m.at) })
		removed := slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "deleted" && e.Detail == "removed" && e.At.After(m.at) })
		told := m.status == "" && removed || slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "overwrote" && e.Old.Text() == m.status })
		// Of a member that left without a word nobody knows when: it may have been after a move back to what both sides had.
		left := slices.ContainsFunc(own[:i], func(other movedMember) bool { return other.silent }) && removed
		// Of who was taken out before both sides' members were joined nobody knows that there was one.
		unmet := m.status == "" && !slices.ContainsFunc(events, func(e store.Event) bool { return !e.At.After(m.at) })
		if m.status != stands && !later && !told && !left && !unmet && !m.silent && !o.historyLost(m.at) {
			wrong("promises 1 and 6: that %s became %q in %s at %s neither stands nor is told of", m.who, m.status, m.side, m.at.Format(time.TimeOnly))
		}
	}
	return nil
}
