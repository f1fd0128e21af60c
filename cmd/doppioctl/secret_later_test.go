package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// petra is in everything that somebody types in TestNothingIsGivenAwayOfAllThatCameLater.
const petra = "Petra Vandenberghe"

// Promise 10 holds for all that Doppio keeps beside people: members, tasks and activities, opportunities and custom objects, the texts of filters and
// rules, what stands in the data dictionary, what was put back. While it is sent, at rest, and on the way there; once forgotten nothing is left.
func TestNothingIsGivenAwayOfAllThatCameLater(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	temporary := filepath.Join(o.home, "tmp")
	o.must(os.Mkdir(temporary, 0o700))
	o.env = append(o.env, "TMPDIR="+temporary)
	org, instance := o.pair.Org(), o.pair.Instance()
	leads, persons := o.linked()
	titled := map[string]string{"Title": "Director " + petra}
	o.must(org.Set(leads[0], titled))
	_, err := org.Create("Task", map[string]string{"WhoId": leads[1], "Subject": "Call " + petra, "Status": "Not Started"})
	o.must(err)
	_, err = org.Create("CampaignMember", map[string]string{"CampaignId": o.event.Campaign, "LeadId": leads[2], "Status": "Registered"})
	o.must(err)
	o.must(instance.Act(persons[3], 2, 7, "Form of "+petra))
	o.must(instance.Set(persons[4], map[string]string{"company": "Firm of " + petra}))
	var contact, account string
	org.Each("Contact", func(id string, get func(string) (string, bool)) bool {
		if person, _ := get("Marketo_Person_Id__c"); person != "" {
			contact = id
			account, _ = get("AccountId")
		}
		return account == ""
	})
	o.must(org.Set(account, map[string]string{"Name": "Account of " + petra}))
	opportunity, err := org.Create("Opportunity", map[string]string{"Name": "Deal of " + petra, "AccountId": account, "StageName": "Prospecting", "CloseDate": "2027-01-31", "NextStep": "Ask " + petra})
	o.must(err)
	_, err = org.Create("OpportunityContactRole", map[string]string{"OpportunityId": opportunity, "ContactId": contact, "Role": "Evaluator"})
	o.must(err)
	_, err = org.Create("Subscription__c", map[string]string{"Name": "S of " + petra, "Contact__c": contact, "Plan__c": "Team"})
	o.must(err)

	secret := []string{petra, strings.ToLower(petra)}
	var said, shown bytes.Buffer // logs and messages; and what is shown to whoever asked, who typed it
	run := func(args ...string) {
		t.Helper()
		cmd := o.command(t.Context(), append([]string{"--log-level", "debug"}, args...)...)
		cmd.Stdout, cmd.Stderr = &shown, &said
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("%v: %v", args, err)
		}
	}
	var once sync.Once
	o.watch(func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/rest/v1/") {
			once.Do(func() { o.discreetFiles("while it is sent", secret) })
		}
		serve.ServeHTTP(w, r)
	})
	run("sync", workspace, "--once")
	o.watch(nil)
	sent := o.once().Cycle.N - 1
	there := false
	instance.Logged(100003, func(_, _ string, attributes map[string]string) {
		there = there || strings.Contains(attributes["Subject"], petra)
	})
	if !there {
		t.Fatal("nothing of it was sent")
	}

	run("filter", workspace, "set", o.file("filter.txt", `lead where Title is not "Director of `+petra+`" and Email is not "x@x.example"`), "--yes", "--why", "as agreed with "+petra)
	run("rules", workspace, "set", o.file("rules.json", `{"rules":[{"name":"of `+petra+`","fields":["Lead.Title"],"do":[{"table":{"`+petra+`":"Boss"}}]}],"tasks":{"preset":"forms and clicks only"}}`))
	mapping := strings.Replace(o.does("--json", "mapping", workspace, "show"), `"why": ""`, `"why": "asked for by `+petra+`"`, 1)
	run("mapping", workspace, "set", o.file("mapping.json", strings.Replace(mapping, `"owner": ""`, `"owner": "`+petra+`"`, 1)))
	run("sync", workspace, "--once", "--allow-brake")
	o.does("undo", workspace, "--cycle", strconv.Itoa(sent), "--yes", "--allow-brake")
	for _, args := range [][]string{
		{"status", workspace}, {"failures", workspace}, {"price", workspace}, {"check", workspace}, {"whatif", workspace, "--object", "Lead", "--field", "Title", "--records", "50"},
		{"sync", workspace, "--rehearse"}, {"mapping", workspace, "link"},
	} {
		shown.Reset()
		run(args...)
		o.discreet(args[0]+"'s answer", shown.Bytes(), secret)
	}
	for _, args := range [][]string{{"--json", "explain", workspace, leads[0]}, {"filter", workspace, "show"}, {"rules", workspace, "show"}, {"--json", "fields", workspace}} {
		if !strings.Contains(o.does(args...), petra) {
			t.Errorf("%v does not say what it is asked for: nothing would be found", args)
		}
	}
	o.discreet("what was said and logged", said.Bytes(), secret)
	for _, typed := range []string{"filter.txt", "rules.json", "mapping.json"} {
		o.must(os.Remove(filepath.Join(o.home, typed)))
	}
	o.discreetFiles("at rest", secret)
	o.does("workspace", "forget", workspace, "--yes")
	for path := range o.files() {
		if !strings.HasPrefix(filepath.Base(path), "secrets.age") {
			t.Errorf("forgotten, but %s is there", path)
		}
	}
}
