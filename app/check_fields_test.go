package app

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// The check offers the fields that the settings need: marks for deletions where they are to be made, the activity's id where tasks are.
func TestCheckOffersFields(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 20, Seed: 2})
		cycles(t, a, 1)
		warns := func() string {
			t.Helper()
			report, err := a.Check(t.Context(), sampleName)
			must(t, err)
			var all []string
			for _, l := range report.Lines {
				if l.State != CheckGood {
					all = append(all, l.What.Text+" "+l.Do.Text)
				}
			}
			return strings.Join(all, "\n")
		}
		said := warns()
		for _, field := range []string{"Lead has no field Deleted_in_Marketo__c", "Contact has no field Deleted_in_Marketo__c", "no field salesforceIsDeleted"} {
			if !strings.Contains(said, field) {
				t.Errorf("without the marks the check does not say %q: %s", field, said)
			}
		}
		if strings.Contains(said, activityIDField) {
			t.Errorf("no rule makes tasks, and the check asks for their field: %s", said)
		}
		for _, object := range []string{"Lead", "Contact"} {
			pair.Org().SetFieldPresent(object+".Deleted_in_Marketo__c", true)
		}
		pair.Org().SetFieldPresent("Task."+activityIDField, false)
		must(t, pair.Instance().AddField("salesforceIsDeleted", "Deleted in Salesforce", "boolean"))
		_, err := a.SetRules(t.Context(), sampleName, []byte(taskRules))
		must(t, err)
		if said := warns(); strings.Contains(said, "Deleted") || !strings.Contains(said, "Activities have no field "+activityIDField) {
			t.Errorf("with the marks, and with task rules, it says: %s", said)
		}
		pair.Org().SetFieldPresent("Task."+activityIDField, true)
		_, err = a.ChangeSettings(t.Context(), sampleName, "deletes=unlink")
		must(t, err)
		if said := warns(); said != "" {
			t.Errorf("with all fields the check says: %s", said)
		}
	})
}
