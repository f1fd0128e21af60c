package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// office is a desk whose workspace does everything: linked members, tasks and activities, opportunities and custom objects, a formula
// that is read at night.
type office struct {
	*desk
	event sandbox.MemberPair
	days  int
	// acted are those of Marketo who filled a form, called those of Salesforce about whom a task was noted: as often as it happened.
	acted, called map[string]int
}

// officePair is what an office works on: few people, and no rest between one process and the next.
var officePair = sandbox.Options{People: 120, Seed: 5, Unpaced: true}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{desk: newDesk(t, officePair)}
	o.opens()
	return o
}

// opens connects the workspace, sets it up and lets it come to rest.
func (o *office) opens() {
	o.t.Helper()
	o.acted, o.called = map[string]int{}, map[string]int{}
	o.must(o.pair.Instance().AddField("region", "Region", "string"))
	o.connects()
	o.does("mapping", workspace, "set", o.file("mapping.json", o.does("--json", "mapping", workspace, "suggest", "--add", "likely")))
	o.does("rules", workspace, "set", o.file("rules.json", `{"rules":[],"tasks":{"preset":"forms and clicks only","to_marketo":{"updates":true}}}`))
	o.settles()
	o.does("mapping", workspace, "link", people.Webinar, people.Webinar, "--yes")
	var linked struct{ Programs []sandbox.MemberPair }
	o.reads(&linked, "mapping", workspace, "link")
	if len(linked.Programs) != 1 {
		o.t.Fatalf("linked are %+v", linked)
	}
	o.event = linked.Programs[0]
	o.settles()
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// file keeps a text beside the workspaces, for a command to read.
func (o *office) file(name, text string) string {
	o.t.Helper()
	path := filepath.Join(o.home, name)
	o.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// linked are leads that are linked, and their people.
func (o *office) linked() (leads, persons []string) {
	o.pair.Org().Each("Lead", func(id string, get func(string) (string, bool)) bool {
		person, _ := get("Marketo_Person_Id__c")
		if converted, _ := get("IsConverted"); person != "" && converted != "true" {
			leads, persons = append(leads, id), append(persons, person)
		}
		return true
	})
	return leads, persons
}

// works is a day in both systems: values are edited, somebody joins the event on either side and somebody moves on, forms are filled, tasks
// noted, an opportunity opened with a role in it, and a custom object.
func (o *office) works() {
	o.t.Helper()
	_, err := o.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 8, Seed: uint64(o.days)})
	o.must(err)
	org, instance := o.pair.Org(), o.pair.Instance()
	leads, persons := o.linked()
	at := func(k int) int { return (7*o.days + k) % len(leads) }
	joined := map[string]bool{}
	org.Each("CampaignMember", func(_ string, get func(string) (string, bool)) bool {
		lead, _ := get("LeadId")
		joined[lead] = true
		return true
	})
	for k := range leads {
		if !joined[leads[at(k)]] {
			_, err := org.Create("CampaignMember", map[string]string{"CampaignId": o.event.Campaign, "LeadId": leads[at(k)], "Status": "Registered"})
			o.must(err)
			break
		}
	}
	o.must(instance.SetProgress(o.event.Program, persons[at(1)], "Attended"))
	for _, k := range []int{2, 3} {
		o.must(instance.Act(persons[at(k)], 2, 7, fmt.Sprint("Form ", o.days)))
		o.acted[leads[at(k)]]++
	}
	_, err = org.Create("Task", map[string]string{"WhoId": leads[at(4)], "Subject": fmt.Sprint("Call ", o.days), "Status": "Not Started"})
	o.must(err)
	o.called[persons[at(4)]]++
	var account, contact string
	org.Each("Contact", func(id string, get func(string) (string, bool)) bool {
		if person, _ := get("Marketo_Person_Id__c"); person != "" {
			contact = id
			account, _ = get("AccountId")
		}
		return account == ""
	})
	opportunity, err := org.Create("Opportunity", map[string]string{"Name": fmt.Sprint("Deal ", o.days), "AccountId": account, "StageName": "Prospecting", "CloseDate": "2027-01-31"})
	o.must(err)
	_, err = org.Create("OpportunityContactRole", map[string]string{"OpportunityId": opportunity, "ContactId": contact, "Role": "Evaluator"})
	o.must(err)
	_, err = org.Create("Subscription__c", map[string]string{"Name": fmt.Sprint("S-", o.days), "Contact__c": contact, "Plan__c": "Team"})
	o.must(err)
	o.days++
}

// whole sees that nothing of all that was lost and nothing happened twice.
func (o *office) whole(when string) {
	o.t.Helper()
	if m := o.pair.Members(o.event)[0]; m.OnlySalesforce+m.OnlyMarketo+m.Differences+m.Twice > 0 || m.Both == 0 {
		o.t.Errorf("%s the members are %+v", when, m)
	}
	o.pair.CompareMirrored(func(d sandbox.Difference) bool {
		o.t.Errorf("%s %s %s and %s differ in %s", when, d.Object, d.SalesforceID, d.MarketoID, d.SalesforceField)
		return true
	})
	made := map[string]int{}
	o.pair.Org().Each("Task", func(_ string, get func(string) (string, bool)) bool {
		if subject, _ := get("Subject"); strings.Contains(subject, ": Form ") {
			who, _ := get("WhoId")
			made[who]++
		}
		return true
	})
	told := map[string]int{}
	o.pair.Instance().Logged(100003, func(person, _ string, attributes map[string]string) {
		if strings.HasPrefix(attributes["Subject"], "Call ") {
			told[person]++
		}
	})
	if fmt.Sprint(made) != fmt.Sprint(o.acted) || fmt.Sprint(told) != fmt.Sprint(o.called) {
		o.t.Errorf("%s forms became tasks %v, want %v; tasks became activities %v, want %v", when, made, o.acted, told, o.called)
	}
	if fields := o.unexplained(); len(fields) > 0 {
		o.t.Errorf("%s nothing explains %d differences: %v", when, len(fields), fields)
	}
	if n := o.pair.Truth().CreatedTwice; n != 0 {
		o.t.Errorf("%s %d records stand twice", when, n)
	}
	o.sound()
}

// regions are the regions in Marketo of those people whose record in Salesforce has another: what a night still has to bring.
func (o *office) regions() (behind []string) {
	leads, persons := o.linked()
	for i, lead := range leads {
		var there, here string
		o.pair.Org().Look("Lead", lead, func(get func(string) (string, bool)) { there, _ = get("Region__c") })
		o.pair.Instance().Look(record.Person, persons[i], func(get func(string) (string, bool)) { here, _ = get("region") })
		if there != here {
			behind = append(behind, here)
		}
	}
	return slices.Compact(behind)
}
