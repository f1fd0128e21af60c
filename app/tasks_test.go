package app

import (
	"fmt"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

const taskRules = `{"rules":[],"tasks":{"preset":"forms and clicks only","to_marketo":{"updates":true}}}`

// tasksAbout are the subjects of the tasks that the sync made about somebody, and activitiesAbout what the log tells of tasks.
func (o *office) tasksAbout(who string) (subjects []string) {
	o.pair.Org().Each("Task", func(_ string, get func(string) (string, bool)) bool {
		subject, _ := get("Subject")
		status, _ := get("Status")
		by, _ := get("CreatedById")
		if of, _ := get("WhoId"); of == who && by == o.pair.Org().SyncUser() {
			subjects = append(subjects, subject+"/"+status)
		}
		return true
	})
	return subjects
}

func (o *office) activitiesAbout(person string) (told []string) {
	o.pair.Instance().Logged(100003, func(of, task string, attributes map[string]string) {
		if of == person {
			told = append(told, fmt.Sprintf("%s %s %s: %s", attributes["Change"], attributes["Kind"], attributes["Subject"], attributes["Status"]))
		}
	})
	return told
}

func sees(t *testing.T, when string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("%s there is %q, want %q", when, got, want)
	}
}

// What linked people do after they were linked becomes a task where a rule says so, and tasks become activities: each once.
func TestTasks(t *testing.T) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, 7)
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		cycles(t, a, 2)
		e := &event{t: t, a: a, office: o}
		e.pair.Campaign, e.pair.Program = "none", 1002
		lead, person := e.couple()
		act := func(kind int, name string) { must(t, o.pair.Instance().Act(person, kind, 7, name)) }
		act(2, "Before.Form")
		list, err := a.SetRules(t.Context(), sampleName, []byte(taskRules))
		must(t, err)
		if list.Tasks == nil || list.Tasks.Preset == "" {
			t.Errorf("the rules are told without those about tasks: %+v", list)
		}
		seen, err := a.PreviewTasks(t.Context(), sampleName, nil, 30)
		must(t, err)
		if len(seen.Rules) != 2 || seen.Rules[0] != (TaskRulePreview{Rule: "forms", Activities: 1, Tasks: 1, Calls: 1, StorageKB: 2}) || seen.Rules[1] != (TaskRulePreview{Rule: "clicks"}) {
			t.Errorf("the preview is %+v", seen)
		}
		cycles(t, a, 1)
		act(2, "Webinar.Sign-up")
		act(11, "Webinar.Mail")
		act(10, "Webinar.Mail") // an opening is nobody's task
		task, err := o.pair.Org().Create("Task", map[string]string{"WhoId": lead, "Subject": "Call her", "Status": "Not Started"})
		must(t, err)
		_, err = o.pair.Org().Create("Event", map[string]string{"WhoId": lead, "Subject": "Demo"})
		must(t, err)
		cycles(t, a, 2)
		sees(t, "after forms and clicks", o.tasksAbout(lead), "Filled out form: Webinar.Sign-up/Completed", "Clicked link in e-mail: Webinar.Mail/Completed")
		sees(t, "after a task and an event", o.activitiesAbout(person), "Logged Task Call her: Not Started", "Logged Event Demo: ")
		must(t, o.pair.Org().Set(task, map[string]string{"Status": "Completed"}))
		time.Sleep(2 * time.Hour) // the log is read again
		cycles(t, a, 2)
		sees(t, "two hours later", o.tasksAbout(lead), "Filled out form: Webinar.Sign-up/Completed", "Clicked link in e-mail: Webinar.Mail/Completed")
		sees(t, "after the call", o.activitiesAbout(person), "Logged Task Call her: Not Started", "Logged Event Demo: ", "Updated Task Call her: Completed")

		o.pair.ResetJournal()
		cycles(t, a, 1)
		if j := o.pair.Journal(); j.Salesforce.Calls > 2 || j.Marketo.Calls > 3 || j.Salesforce.Writes+j.Marketo.Writes > 0 {
			t.Errorf("an idle cycle makes %d and %d calls and %d writes", j.Salesforce.Calls, j.Marketo.Calls, j.Salesforce.Writes+j.Marketo.Writes)
		}
		for _, broken := range judge(t, a, o) {
			t.Error(broken)
		}
	})
}

// An activity or a task whose answer is lost is made once (promise 3), with and without a field for the activity's id.
func TestTasksInDoubt(t *testing.T) {
	for _, field := range []bool{true, false} {
		t.Run(fmt.Sprint(field), func(t *testing.T) {
			home := t.TempDir()
			cryptotest.SetGlobalRandom(t, 7)
			synctest.Test(t, func(t *testing.T) {
				a, o, _ := opened(t, home, 7, nil)
				cycles(t, a, 2)
				o.pair.Org().SetFieldPresent("Task."+activityIDField, field)
				_, err := a.SetRules(t.Context(), sampleName, []byte(taskRules))
				must(t, err)
				cycles(t, a, 1)
				e := &event{t: t, a: a, office: o}
				e.pair.Campaign, e.pair.Program = "none", 1002
				lead, person := e.couple()
				must(t, o.pair.Instance().Act(person, 2, 7, "A.Form"))
				_, err = o.pair.Org().Create("Task", map[string]string{"WhoId": lead, "Subject": "Call her"})
				must(t, err)
				for range 3 {
					must(t, o.pair.Dice().Next(fault.LostResponse, 2))
					if _, err := a.Sync(t.Context(), sampleName, SyncOptions{}); err != nil {
						t.Log(Say(err))
					}
					time.Sleep(betweenCycles)
				}
				must(t, o.pair.Dice().Next(fault.LostResponse, 0))
				cycles(t, a, 4)
				sees(t, "in the end", o.tasksAbout(lead), "Filled out form: A.Form/Completed")
				sees(t, "in the end", o.activitiesAbout(person), "Logged Task Call her: Not Started")
			})
		})
	}
}

// An activity has the time of the task that it tells of, which may lie long before the cycle that met it: there it is looked for when its
// answer was lost.
func TestAnActivityOfLongAgoInDoubt(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, line := opened(t, home, 7, nil)
		cycles(t, a, 2)
		_, err := a.SetRules(t.Context(), sampleName, []byte(taskRules))
		must(t, err)
		cycles(t, a, 1)
		e := &event{t: t, a: a, office: o}
		e.pair.Campaign, e.pair.Program = "none", 1002
		lead, person := e.couple()
		_, err = o.pair.Org().Create("Task", map[string]string{"WhoId": lead, "Subject": "Call her"})
		must(t, err)
		time.Sleep(5 * time.Hour)
		left := 1
		line.next = deaf{line.next, "/activities/external.json", &left}
		cycles(t, a, 4)
		if left != 0 {
			t.Error("no answer was lost")
		}
		sees(t, "in the end", o.activitiesAbout(person), "Logged Task Call her: Not Started")
	})
}
