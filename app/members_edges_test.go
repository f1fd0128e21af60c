package app

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// What happens to members at the edges: both sides move one, somebody is not linked yet, converted, merged, deleted.
func TestMembersAtTheEdges(t *testing.T) {
	for name, story := range map[string]func(t *testing.T, e *event){
		"both move it, and Marketo's word counts": func(t *testing.T, e *event) {
			e.settings("conflicts=marketo")
			lead, person := e.member("Invited")
			e.progresses(person, "Attended")
			e.sets(lead, person, "Registered")
			e.cycles(2)
			e.sees("", lead, person, "Attended/Attended")
			e.history(lead, "overwrote")
			told, err := e.a.Explain(e.t.Context(), sampleName, person)
			must(e.t, err)
			if len(told.Programs) != 1 || !told.Programs[0].Member || told.Programs[0].Program != people.Webinar || len(told.Programs[0].History) == 0 {
				t.Errorf("of the memberships is told %+v", told.Programs)
			}
		},
		"both move it, Salesforce's word counts, and Marketo is further": func(t *testing.T, e *event) {
			e.settings("conflicts=salesforce")
			lead, person := e.member("Invited")
			e.progresses(person, "Attended")
			e.sets(lead, person, "Registered")
			e.cycles(2)
			e.sees("", lead, person, "Attended/Attended")
			e.history(lead, "overwrote")
		},
		"both move it, Salesforce's word counts, and is further": func(t *testing.T, e *event) {
			e.settings("conflicts=salesforce")
			lead, person := e.member("Invited")
			e.progresses(person, "Registered")
			e.sets(lead, person, "Attended")
			e.cycles(2)
			e.sees("", lead, person, "Attended/Attended")
		},
		"it is taken out and put in anew between two cycles": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			for _, status := range []string{"Invited", "Registered"} { // the status that both sides had, or another one
				e.removes(lead, person)
				e.invites(lead, status)
				e.cycles(3)
				e.sees("put in as "+status, lead, person, status+"/"+status)
			}
		},
		"both move it, and a person decides": func(t *testing.T, e *event) {
			e.settings("conflicts=hold")
			lead, person := e.member("Invited")
			e.progresses(person, "Registered")
			e.sets(lead, person, "Attended")
			e.cycles(2)
			e.sees("undecided,", lead, person, "Attended/Registered")
			holds, err := e.a.Holds(e.t.Context(), sampleName)
			must(e.t, err)
			holds = slices.DeleteFunc(holds, func(h Hold) bool { return h.Object != record.CampaignMember })
			if len(holds) != 1 {
				t.Fatalf("there are %d decisions to make", len(holds))
			}
			must(e.t, e.a.Resolve(e.t.Context(), sampleName, holds[0].ID, Decision{Take: record.Salesforce}))
			e.cycles(2)
			e.sees("decided,", lead, person, "Attended/Attended")
		},
		"Salesforce moves it back, which Marketo never does": func(t *testing.T, e *event) {
			lead, person := e.member("Attended")
			e.sets(lead, person, "Invited")
			e.cycles(2)
			e.sees("moved back,", lead, person, "Invited/Attended")
			refused := func() int {
				groups, err := e.a.Failures(e.t.Context(), sampleName, "")
				must(e.t, err)
				i := slices.IndexFunc(groups, func(g Failure) bool { return g.Code == "1037" })
				if i < 0 {
					return 0
				}
				return groups[i].Count
			}
			if n := refused(); n != 1 {
				t.Errorf("%d are refused", n)
			}
			e.sets(lead, person, "Attended")
			e.cycles(2)
			if n := refused(); n != 0 {
				t.Errorf("%d are refused still", n)
			}
		},
		"one is taken out and moved at the same time, and the move counts": func(t *testing.T, e *event) {
			e.settings("conflicts=marketo")
			lead, person := e.member("Invited")
			e.removes(lead, person)
			e.progresses(person, "Attended")
			e.cycles(3)
			e.sees("", lead, person, "Attended/Attended")
		},
		"one is taken out and moved at the same time, and the removal counts": func(t *testing.T, e *event) {
			e.settings("conflicts=salesforce")
			lead, person := e.member("Invited")
			e.removes(lead, person)
			e.progresses(person, "Attended")
			e.cycles(3)
			e.sees("", lead, person, "/")
		},
		"one is taken out and moved at the same time, and what lost is told when it was": func(t *testing.T, e *event) {
			for conflicts, lost := range map[string]string{"marketo": "", "salesforce": "Attended"} {
				e.settings("conflicts=" + conflicts)
				lead, person := e.member("Invited")
				before := e.overwritten(person)
				e.removes(lead, person)
				e.progresses(person, "Attended")
				rehearse(t, e.a)
				if told := e.overwritten(person); len(told) > len(before) {
					t.Errorf("%s wins: %q is told while nothing was written", conflicts, told)
				}
				e.cycles(3)
				if told := e.overwritten(person); len(told) != len(before)+1 || told[0] != lost {
					t.Errorf("%s wins: %q is told, wanted %q", conflicts, told, lost)
				}
			}
		},
		"the API takes one out of the program, which no activity tells": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			e.office.pair.Instance().Leave(e.pair.Program, person)
			e.cycles(2)
			time.Sleep(24 * time.Hour)
			e.cycles(2)
			e.sees("a day later", lead, person, "/")
		},
		"somebody comes before both sides know each other": func(t *testing.T, e *event) {
			e.settings("create_in_salesforce=false")
			person, err := e.office.pair.Instance().Create(map[string]string{"email": "waits@members.example", "lastName": "Waits", "company": "X"})
			must(t, err)
			e.progresses(person, "Registered")
			e.cycles(2)
			lead, err := e.office.pair.Org().Create("Lead", map[string]string{"LastName": "Waits", "Company": "X", "Email": "waits@members.example"})
			must(t, err)
			e.cycles(2)
			e.sees("known by now,", lead, person, "Registered/Registered")
		},
		"somebody is put into the campaign before Marketo knows her": func(t *testing.T, e *event) {
			lead, err := e.office.pair.Org().Create("Lead", map[string]string{"LastName": "New", "Company": "X", "Email": "new@members.example"})
			must(t, err)
			e.invites(lead, "Invited")
			e.cycles(2)
			e.sees("", lead, e.twin(lead), "Invited/Invited")
		},
		"a lead is converted": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			made, err := e.office.pair.Org().Convert(lead, "")
			must(t, err)
			e.cycles(2)
			e.progresses(person, "Attended")
			e.cycles(2)
			e.sees("after the conversion", made.Contact, person, "Attended/Attended")
		},
		"two leads are merged who both are members": func(t *testing.T, e *event) {
			first, _ := e.member("Invited")
			second, _ := e.member("Registered")
			must(t, e.office.pair.Org().Merge(first, second))
			e.cycles(3)
			if s, m, _ := e.statuses(first, e.twin(first)); s == "" || m == "" {
				t.Errorf("the winner is %s/%s", s, m)
			}
		},
		"a member is merged into a lead who was taken out before": func(t *testing.T, e *event) {
			loser, _ := e.member("Attended")
			winner, person := e.member("Invited")
			e.removes(winner, person)
			e.cycles(3)
			e.sees("taken out,", winner, person, "/")
			must(t, e.office.pair.Org().Merge(winner, loser))
			e.cycles(3)
			e.sees("merged,", winner, e.twin(winner), "Attended/Attended")
		},
		"a member is merged into a lead who never was one": func(t *testing.T, e *event) {
			loser, _ := e.member("Attended")
			winner, person := e.couple()
			must(t, e.office.pair.Org().Merge(winner, loser))
			e.cycles(3)
			e.sees("", winner, person, "Attended/Attended")
		},
		"two people are merged in Marketo who both are members": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			loser, err := e.office.pair.Instance().Create(map[string]string{"email": "loser@members.example", "lastName": "L"})
			must(t, err)
			e.progresses(loser, "Registered")
			e.cycles(1)
			must(t, e.office.pair.Instance().Merge(person, loser))
			e.cycles(3)
			s, m, _ := e.statuses(lead, person)
			if s == "" || s != m {
				t.Errorf("the winner is %s/%s", s, m)
			}
		},
		"a lead is deleted, and Marketo keeps its member": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			must(t, e.office.pair.Org().Delete(lead))
			e.cycles(3)
			if _, m, _ := e.statuses(lead, person); m != "Invited" {
				t.Errorf("Marketo's member is %q", m)
			}
		},
		"a person is deleted, and Salesforce keeps its member": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			must(t, e.office.pair.Instance().Delete(person))
			e.cycles(3)
			if s, _, _ := e.statuses(lead, person); s != "Invited" {
				t.Errorf("Salesforce's member is %q", s)
			}
		},
		"the campaign is deleted, and the program keeps its members": func(t *testing.T, e *event) {
			before := 0
			e.office.pair.Instance().Members(e.pair.Program, func(string, string) { before++ })
			must(t, e.office.pair.Org().Delete(e.pair.Campaign))
			e.cycles(3)
			after := 0
			e.office.pair.Instance().Members(e.pair.Program, func(string, string) { after++ })
			if after != before {
				t.Errorf("%d of %d members are left", after, before)
			}
		},
		"many are taken out at once, and the brake asks first": func(t *testing.T, e *event) {
			e.settings("brake_percent=0", "brake_records=2")
			first, person := e.member("Invited")
			second, other := e.member("Invited")
			e.removes(first, person)
			e.removes(second, other)
			var brake *cycle.BrakeError
			if _, err := e.a.Sync(t.Context(), sampleName, SyncOptions{}); !errors.As(err, &brake) || brake.Deletes != 2 {
				t.Errorf("two removals end with %v", err)
			}
			if _, m, _ := e.statuses(first, person); m != "Invited" {
				t.Errorf("before the answer the member is %q", m)
			}
			_, err := e.a.Sync(t.Context(), sampleName, SyncOptions{Resume: true})
			must(t, err)
			e.sees("after it", first, person, "/")
		},
		"answers are lost": func(t *testing.T, e *event) {
			lead, person := e.couple()
			e.invites(lead, "Invited")
			for _, status := range []string{"Registered", "Attended", "Not in Program"} {
				must(t, e.office.pair.Dice().Next(fault.LostResponse, 2))
				if _, err := e.a.Sync(t.Context(), sampleName, SyncOptions{}); err != nil {
					t.Log(Say(err))
				}
				time.Sleep(betweenCycles)
				e.progresses(person, status)
			}
			must(t, e.office.pair.Dice().Next(fault.LostResponse, 0))
			e.cycles(3)
			e.sees("in the end", lead, person, "/")
		},
		"one is taken out of the program, and the log tells of it twice before the campaign hears of it": func(t *testing.T, e *event) {
			lead, person := e.member("Invited")
			e.progresses(person, "Not in Program")
			rehearse(t, e.a)
			time.Sleep(time.Hour + time.Minute)
			rehearse(t, e.a)
			e.cycles(2)
			e.sees("", lead, person, "/")
		},
		"one is taken out of the program while a move is on its way there": func(t *testing.T, e *event) {
			lead, person := e.member("Registered")
			e.sets(lead, person, "Attended")
			line := e.a.world.transport.(*wire)
			line.next = meanwhile{line.next, "/members/status.json", func() { e.progresses(person, "Not in Program") }}
			e.cycles(1)
			line.next = line.next.(meanwhile).RoundTripper
			e.cycles(2)
			e.sees("", lead, person, "Attended/Attended")
			e.removalTold(lead)
		},
		"the filter keeps people out for a while": func(t *testing.T, e *event) {
			setFilter(t, e.a, "Do_Not_Sync_to_Marketo is not true")
			gone, goneThere := e.member("Invited")
			out, outThere := e.member("Invited")
			moved, movedThere := e.member("Invited")
			came, cameThere := e.couple()
			all := []string{gone, out, moved, came}
			keep := func(value string) {
				for _, lead := range all {
					must(t, e.office.pair.Org().Set(lead, map[string]string{doNotSync: value}))
				}
				e.cycles(2)
			}
			keep("true")
			e.removes(gone, goneThere)
			e.progresses(outThere, "Not in Program")
			e.progresses(movedThere, "Registered")
			e.invites(came, "Attended")
			e.cycles(2)
			for _, still := range [][3]string{{gone, goneThere, "/Invited"}, {out, outThere, "Invited/"}, {moved, movedThere, "Invited/Registered"}, {came, cameThere, "Attended/"}} {
				e.sees("kept out,", still[0], still[1], still[2])
			}
			keep("false")
			e.sees("let in again,", gone, goneThere, "/")
			e.sees("let in again,", out, outThere, "/")
			e.sees("let in again,", moved, movedThere, "Registered/Registered")
			e.sees("let in again,", came, cameThere, "Attended/Attended")
		},
		"the program refuses a member for a moment, who is moved on meanwhile": func(t *testing.T, e *event) {
			lead, person := e.couple()
			e.invites(lead, "Invited")
			line := e.a.world.transport.(*wire)
			open := line.next
			line.next = refusing{open, "/members/status.json", `{"requestId":"1","success":true,"result":[{"seq":0,"leadId":` + person + `,"status":"skipped","reasons":[{"code":"713","message":"Transient Error"}]}]}`}
			e.cycles(1)
			line.next = open
			e.sets(lead, person, "Attended")
			e.cycles(1)
			e.sees("", lead, person, "Attended/Attended")
		},
		"who is moved back, which the program refuses, is taken out there": func(t *testing.T, e *event) {
			e.settings("conflicts=salesforce")
			lead, person := e.member("Registered")
			_, _, member := e.statuses(lead, person)
			must(t, e.office.pair.Org().Set(member, map[string]string{"Status": "Invited"}))
			e.cycles(1)
			e.sees("moved back,", lead, person, "Invited/Registered")
			e.progresses(person, "Not in Program")
			e.cycles(2)
			e.sees("taken out,", lead, person, "Invited/Invited")
			e.removalTold(lead)
		},
		"who was taken out is put in anew, and the program refuses them for a moment": func(t *testing.T, e *event) {
			lead, person := e.member("Registered")
			e.removes(lead, person)
			e.cycles(2)
			e.sees("taken out,", lead, person, "/")
			e.invites(lead, "Registered")
			line := e.a.world.transport.(*wire)
			open := line.next
			line.next = refusing{open, "/members/status.json", `{"requestId":"1","success":true,"result":[{"seq":0,"leadId":` + person + `,"status":"skipped","reasons":[{"code":"713","message":"Transient Error"}]}]}`}
			e.cycles(1)
			line.next = open
			e.cycles(2)
			e.sees("put in anew,", lead, person, "Registered/Registered")
		},
		"the pair is ended while something waits": func(t *testing.T, e *event) {
			lead, person := e.couple()
			e.invites(lead, "Invited")
			rehearse(t, e.a)
			_, err := e.a.UnlinkPair(t.Context(), sampleName, fmt.Sprint(e.pair.Program))
			must(t, err)
			e.cycles(2)
			e.sees("", lead, person, "Invited/")
			e.pairAgain()
			e.cycles(2)
			e.sees("linked again,", lead, person, "Invited/Invited")
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			cryptotest.SetGlobalRandom(t, 7)
			synctest.Test(t, func(t *testing.T) {
				a, o, _ := opened(t, home, 7, nil)
				e := linkedEvent(t, a, o)
				cycles(t, a, 1)
				story(t, e)
			})
		})
	}
}
