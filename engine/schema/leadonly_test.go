package schema_test

import (
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// A custom field of leads that contacts lack is told before a conversion loses it, once, and until it has a twin.
func TestFieldsThatAConversionLosesAreNamedBefore(t *testing.T) {
	fields := func(names ...string) (out []schema.Described) {
		for _, n := range names {
			out = append(out, schema.Described{Name: n, Type: "string", Length: 80, Writable: true})
		}
		return out
	}
	described := schema.Schemas{
		record.Lead: fields("LastName", "Rating", "Segment__c", "Company"), record.Contact: fields("LastName"), record.Account: fields("Name"),
		record.Person: fields("lastName", "rating", "segment", "company"), record.Company: fields("company"),
	}
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	told := func(m schema.Mapping) (names []string) {
		for _, n := range m.Notices {
			if n.Kind == schema.NoticeLeadOnly {
				names = append(names, n.Field)
			}
		}
		return names
	}
	m := schema.Begin(described, now)
	var alone []string
	for _, f := range m.LeadOnly() {
		alone = append(alone, f.Salesforce)
	}
	if len(alone) != 2 || alone[0] != "Rating" || alone[1] != "Segment__c" {
		t.Errorf("on leads alone: %v", alone)
	}
	if names := told(m); len(names) != 1 || names[0] != "Segment__c" {
		t.Errorf("told of: %v", names)
	}
	if names := told(m.Refresh(described, now.Add(90*24*time.Hour))); len(names) != 1 {
		t.Errorf("told of three months later: %v", names)
	}
	described[record.Contact] = fields("LastName", "Segment__c")
	if names := told(schema.Begin(described, now)); len(names) != 0 {
		t.Errorf("told of with a twin: %v", names)
	}
}
