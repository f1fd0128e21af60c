package app

import (
	"context"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// What a workspace's settings ask of both sides beyond the ids: the fields are offered where they would be used, and only there.

// checkMark says what is missing for a deletion in Marketo to leave a mark on an object of Salesforce.
func (s *session) checkMark(report *CheckReport, o salesforce.Description) {
	if s.settings.Deletes != "mark" {
		return
	}
	name := string(o.Object)
	switch f, there := o.Field(schema.GoneInMarketoField); {
	case !there:
		report.add(record.Salesforce, CheckWarning, pace.Say("check.mark.missing", "%1 has no field %2, or it is hidden from the sync user: who is deleted in Marketo gets no mark in Salesforce.", name, schema.GoneInMarketoField),
			pace.Say("check.mark.missing.do", "If sales is to see it, ask the Salesforce admin to make it (Checkbox) and to give the sync user access; else leave the other record alone when one is deleted (deletes=unlink)."))
	case !f.Updateable:
		report.add(record.Salesforce, CheckWarning, pace.Say("check.mark.readonly", "The sync user may not edit %1.%2: who is deleted in Marketo gets no mark in Salesforce.", name, schema.GoneInMarketoField),
			pace.Say("check.object.lacks.do", "Ask the Salesforce admin to grant it in the sync user's permission set."))
	}
}

// checkMarketoMark is checkMark for the person in Marketo.
func (s *session) checkMarketoMark(report *CheckReport, has map[string]bool) {
	if s.settings.Deletes == "mark" && !has[schema.GoneInSalesforceField] {
		report.add(record.Marketo, CheckWarning, pace.Say("check.marketo.mark", "The person has no field %1: whose record is deleted in Salesforce gets no mark in Marketo.", schema.GoneInSalesforceField),
			pace.Say("check.marketo.mark.do", "If smart campaigns are to see it, ask the Marketo admin to make it: Admin > Field Management > New Custom Field, type Boolean; else leave the other record alone when one is deleted (deletes=unlink)."))
	}
}

// makesTasks reports whether a rule makes tasks of what people did in Marketo.
func (s *session) makesTasks(ctx context.Context) (bool, error) {
	doc, err := rulesOf(ctx, s.ws)
	return len(doc.Tasks.All()) > 0, err
}

// checkTask says what is missing for tasks to be made, and never twice.
func checkTask(report *CheckReport, o salesforce.Description) {
	if o.Err != nil || !o.Createable {
		report.add(record.Salesforce, CheckBad, pace.Say("check.task.denied", "A rule makes tasks, and the sync user may not create them."),
			pace.Say("check.object.lacks.do", "Ask the Salesforce admin to grant it in the sync user's permission set."))
		return
	}
	if f, there := o.Field(activityIDField); !there || !f.ExternalID || !f.Unique {
		report.add(record.Salesforce, CheckWarning, pace.Say("check.task.key", "Activities have no field %1 that is an external ID and unique.", activityIDField),
			pace.Say("check.task.key.do", "Doppio makes tasks without it, and looks for those whose answer was lost. Ask the Salesforce admin to make it on Activity (Text 128, external ID, unique) and to give the sync user access: then none can be made twice."))
	}
}
