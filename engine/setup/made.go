package setup

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// ActivityIDField is the external id, unique, on activities that were made tasks.
const ActivityIDField = "Marketo_Activity_Id__c"

// DoNotSyncField is the checkbox on Lead and Contact by which people are kept out of Marketo.
const DoNotSyncField = "Do_Not_Sync_to_Marketo__c"

// Made is a custom field that the set-up makes.
type Made struct {
	Name, Label string
	// Text is its length; 0 makes a checkbox.
	Text int
	// Key: an external id, unique.
	Key bool
	// Help is what Salesforce shows beside it.
	Help string

	object record.Object // that has it; an activity's stands on Task
	edit   bool          // by the sync user
	wanted func(Wishes) bool
}

func always(Wishes) bool { return true }

// made are all of them.
var made = func() []Made {
	var all []Made
	for _, o := range []record.Object{record.Lead, record.Contact} {
		all = append(all,
			Made{schema.MarketoIDField, "Marketo Person Id", 40, true, "The id of this person in Marketo. Doppio writes it, so that nobody is created twice.", o, true, always},
			Made{schema.GoneInMarketoField, "Deleted in Marketo", 0, false, "Doppio ticks it when the person was deleted in Marketo.", o, true, func(w Wishes) bool { return w.Marks }},
			Made{DoNotSyncField, "Do Not Sync to Marketo", 0, false, "Tick it to keep this record out of Marketo, where the sync filter asks for it.", o, false, always},
		)
	}
	return append(all, Made{ActivityIDField, "Marketo Activity Id", 128, true, "The activity of Marketo that this task was made of.", record.Task, true, func(w Wishes) bool { return w.Tasks }})
}()

// madeField finds a field of the set-up.
func madeField(o record.Object, name string) (Made, bool) {
	for _, m := range made {
		if m.object == o && m.Name == name {
			return m, true
		}
	}
	return Made{}, false
}

// sometimes tells a field that not every org has: a custom one, and a standard one that a feature brings along. Where it is not shown nobody
// can tell whether it is hidden or not there.
func sometimes(name string) bool {
	return strings.HasSuffix(name, "__c") || name == "TotalOpportunityQuantity"
}
