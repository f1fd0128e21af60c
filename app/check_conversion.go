package app

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// checkConversion names the mapped fields that leads have alone, before a conversion loses what they hold. Without a mapping there is
// nothing to say yet.
func checkConversion(ctx context.Context, ws *store.Workspace, report *CheckReport) error {
	mapping, err := mappingOf(ctx, ws)
	if err != nil {
		return err
	}
	var own, custom []string
	for _, f := range mapping.LeadOnly() {
		if f.Custom() {
			custom = append(custom, f.Salesforce)
		} else {
			own = append(own, f.Salesforce)
		}
	}
	if len(custom) > 0 {
		report.add(record.Salesforce, CheckWarning,
			pace.Say("check.leadonly.custom", "These fields are on leads and not on contacts: %1. What they hold stays behind when a lead is converted.", strings.Join(custom, ", ")),
			pace.Say("check.leadonly.custom.do", "Make them on Contact as well, map them in Salesforce (Object Manager, Lead, Map Lead Fields) and in the mapping; or let them go."))
	}
	if len(own) > 0 {
		report.add(record.Salesforce, CheckGood, pace.Say("check.leadonly", "Only leads have %1: a converted person keeps in Marketo what stood there.", strings.Join(own, ", ")), Sentence{})
	}
	return nil
}
