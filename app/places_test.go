package app

import (
	"slices"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// What an org offers of states is read with the countries for which it offers them; an org without the fields of the codes takes any text.
func TestOffered(t *testing.T) {
	contact := salesforce.Description{Object: record.Contact, Fields: []salesforce.FieldInfo{
		{Name: "MailingCountryCode", All: []string{"XX", "US", "CA"}, Choices: []salesforce.Choice{{Value: "US", Label: "United States"}, {Value: "CA", Label: "Canada"}}},
		{Name: "MailingStateCode", Choices: []salesforce.Choice{{Value: "CA", Label: "California", For: []int{1}}, {Value: "ON", Label: "Ontario", For: []int{2, 9}}}},
	}}
	org := offered([]salesforce.Description{{Object: record.Account}, contact})
	if len(org.Countries) != 2 || len(org.States) != 2 || !slices.Equal(org.States[0].Countries, []string{"US"}) || !slices.Equal(org.States[1].Countries, []string{"CA"}) {
		t.Errorf("the org offers %+v", org)
	}
	if org := offered([]salesforce.Description{{Object: record.Lead, Fields: []salesforce.FieldInfo{{Name: "Country"}}}}); len(org.Countries) != 0 {
		t.Errorf("an org without picklists offers %+v", org)
	}
}
