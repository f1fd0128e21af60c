package instance

import (
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// channelTable is name|program type|status:step:success, ….
var channelTable = []struct {
	name, kind string
	steps      []progression
}{
	{"Operational", "Default", []progression{{1, "Member", 10, false}, {2, "Engaged", 20, true}}},
	{"Webinar", "Event", []progression{{11, "Invited", 10, false}, {12, "Registered", 20, false}, {13, "No Show", 30, false}, {14, "Attended", 40, true}}},
	{"Nurture", "Engagement", []progression{{21, "Member", 10, false}, {22, "Influenced", 20, true}}},
	{"Email Send", "Email", []progression{{31, "Sent", 10, false}, {32, "Opened", 20, false}, {33, "Clicked", 30, true}}},
}

var seedPrograms = []struct{ name, about, status string }{
	{"Lead Lifecycle", "Scores people and hands them to sales", ""},
	{"Product Webinar 2026", "Monthly product webinar", ""},
	{"Customer Nurture", "Keeps customers informed", "on"},
	{"Spring Newsletter", "One mailing", "completed"},
}

var seedLists = []struct{ name, about, program string }{
	{"Sync to Salesforce now", "People who ask to be synced at once", ""},
	{"Newsletter readers", "", ""},
	{"Webinar sign-ups", "Imported after the webinar", "Product Webinar 2026"},
}

// seedCampaign is a smart campaign as an instance has it. What sfdc marks concerns Salesforce: it is there with the
// native sync only.
type seedCampaign struct {
	name, kind, status string
	active             bool
	requestable        bool
	program            int // index, from 1
	sfdc               bool
	triggers           []rule
	filters            []rule
}

var seedCampaigns = []seedCampaign{
	{name: "01 Score behaviour", kind: "trigger", status: "Active", active: true, program: 1,
		triggers: []rule{{"Fills Out Form", "Trigger", "Form Name", "is any", nil}},
		filters:  []rule{{"Lead Score", "Attribute", "Lead Score", "less than", []string{"500"}}}},
	{name: "02 Standardise country", kind: "batch", status: "Recurring Run", program: 1,
		filters: []rule{{"Country", "Attribute", "Country", "is not empty", nil}}},
	{name: "03 Requested by API", kind: "trigger", status: "Active", active: true, requestable: true, program: 1,
		triggers: []rule{{"Campaign is Requested", "Trigger", "Source", "is", []string{"Web Service API"}}}},
	{name: "04 Old welcome mail", kind: "trigger", status: "Inactive",
		triggers: []rule{{"Lead is Created", "Trigger", "", "is", nil}}},
	{name: "05 Hand over to sales", kind: "trigger", status: "Active", active: true, program: 1, sfdc: true,
		triggers: []rule{{"Score is Changed", "Trigger", "Score Name", "is", []string{"Lead Score"}}},
		filters:  []rule{{"SFDC Type", "Attribute", "SFDC Type", "is empty", nil}}},
	{name: "06 Deleted in Salesforce", kind: "trigger", status: "Active", active: true, sfdc: true,
		triggers: []rule{{"Lead is Deleted from SFDC", "Trigger", "", "is", nil}}},
}

// seedAssets makes what marketers have built: channels, programs, lists, smart lists and campaigns.
func (i *Instance) seedAssets() {
	i.lists = &lists{next: 1001}
	i.programs = &programs{}
	i.campaigns = &campaigns{}
	at := func(n int) time.Time { return schemaBirth.AddDate(0, n, n) }
	for n, c := range channelTable {
		i.programs.channels = append(i.programs.channels, &channel{id: n + 1, name: c.name, kind: c.kind, steps: c.steps})
	}
	for n, p := range seedPrograms {
		one := &program{
			id: 1001 + n, name: p.name, about: p.about, status: p.status, channel: i.programs.channels[n], kind: channelTable[n].kind,
			created: at(n), updated: at(n + 6), members: map[uint64]*membership{},
		}
		if i.native && n == 1 {
			one.sfdcID, one.sfdcName = crmID("701", 1), p.name
		}
		i.programs.all = append(i.programs.all, one)
	}
	for n, l := range seedLists {
		i.lists.add(l.name, l.about, l.program, at(n))
	}
	addList := func(name string, own bool, triggers, filters []rule, when time.Time) *smartList {
		one := &smartList{
			id: 2001 + len(i.campaigns.smartLists), name: name, own: own, triggers: triggers, filters: filters, created: when, updated: when,
		}
		i.campaigns.smartLists = append(i.campaigns.smartLists, one)
		return one
	}
	addList("People without a country", true, nil, []rule{{"Country", "Attribute", "Country", "is empty", nil}}, at(3))
	for n, c := range seedCampaigns {
		if c.sfdc && !i.native {
			continue
		}
		one := &campaign{
			id: 3001 + n, name: c.name, kind: c.kind, status: c.status, active: c.active, requestable: c.requestable, flow: 4001 + n,
			list: addList(c.name, false, c.triggers, c.filters, at(n)), created: at(n), updated: at(n + 2), members: map[uint64]time.Time{},
		}
		if c.program > 0 {
			one.program = 1000 + c.program
		}
		i.campaigns.list = append(i.campaigns.list, one)
	}
}

// seedMembers puts some of the seeded people on lists and into programs; nothing of it stands in the log, it is long ago.
func (i *Instance) seedMembers(now time.Time) {
	since := now.AddDate(0, -8, 0)
	n := 0
	for row := range i.people.ByID(0) {
		if n++; n > 5000 {
			return
		}
		if n%10 == 0 {
			i.lists.all[1].members[row.ID()] = since
		}
		if n%25 == 0 {
			i.lists.all[2].members[row.ID()] = since
		}
		if n%20 == 0 {
			one := i.programs.all[n/20%len(i.programs.all)]
			i.programs.nextMember++
			m := &membership{number: i.programs.nextMember, status: one.channel.steps[n/20%2], since: since, updated: since, acquired: n%40 == 0}
			if m.status.success {
				m.reached = since
			}
			one.members[row.ID()] = m
		}
	}
}

// How the imitated org makes ids of numbers.
const (
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	firstInOrg = 20 * 62 * 62 * 62 * 62
)

// crmID is the 18-character id of record number n of an object of the imitated org, by the object's key prefix.
func crmID(prefix string, n uint64) string {
	id := []byte(prefix + "5g0" + "000000000")
	for at, rest := 14, n+firstInOrg; at >= 6; at-- {
		id[at] = base62[rest%62]
		rest /= 62
	}
	long, err := record.LongID(string(id))
	if err != nil {
		panic(fmt.Sprintf("instance: an id of its own making is none: %v", err))
	}
	return string(long)
}
