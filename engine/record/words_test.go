package record_test

import (
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
)

func TestFill(t *testing.T) {
	for _, row := range []struct {
		text string
		args []string
		want string
	}{
		{"%1 and %2, %1", []string{"a", "b"}, "a and b, a"},
		{"100% of %1 %3 %0 %", []string{"50%2", "b"}, "100% of 50%2 %3 %0 %"},
		{"%1", nil, "%1"},
		{"", []string{"a"}, ""},
	} {
		if got := record.Fill(row.text, row.args...); got != row.want {
			t.Errorf("%q with %q: %q, want %q", row.text, row.args, got, row.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, row := range []struct {
		object record.Object
		want   string
		side   record.Side
		person bool
	}{
		{record.Lead, "a Lead", record.Salesforce, true},
		{record.Account, "an Account", record.Salesforce, false},
		{record.User, "a User", record.Salesforce, false},
		{record.OpportunityContactRole, "a contact role", record.Salesforce, false},
		{record.OpportunityRole, "an opportunity role", record.Marketo, false},
		{record.SalesPerson, "a sales person", record.Marketo, false},
		{record.Person, "a person", record.Marketo, true},
		{"acme__Plan_Item__c", "a Plan Item", record.Salesforce, false},
		{"order_line_c", "an order line", record.Marketo, false},
	} {
		if got := row.object.A(); got != row.want || row.object.Side() != row.side || row.object.IsPerson() != row.person {
			t.Errorf("%s: %q of %s", row.object, got, row.object.Side())
		}
	}
}
