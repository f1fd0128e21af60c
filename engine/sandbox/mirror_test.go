package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// The comparison of mirrored objects says of every record whether its twin is there, of every twin whether its record is, and of
// both in what they differ; what cannot be there yet is not missed.
func TestMirroredObjectsAreCompared(t *testing.T) {
	pair, err := sandbox.New(sandbox.Options{People: 300, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	post := marketoClient(t, pair)
	write := func(path, input string) {
		t.Helper()
		if answer := post("POST", "/rest/v1/"+path+".json", `{"input":[`+input+`]}`); !strings.Contains(answer, `"created"`) && !strings.Contains(answer, `"updated"`) {
			t.Fatalf("%s: %s", path, answer)
		}
	}
	before := pair.Truth().Mirrored
	users, opportunities := before[record.User], before[record.Opportunity]
	if users.Missing == 0 || users.Missing != users.Salesforce || opportunities.Missing != opportunities.Salesforce || before[record.OpportunityContactRole].Salesforce != 0 || before["Machine__c"].Salesforce != 0 {
		t.Fatalf("an empty Marketo lacks %+v", before)
	}
	var user, name string
	pair.Org().Each("User", func(id string, get func(string) (string, bool)) bool {
		if kind, _ := get("UserType"); kind == "Standard" {
			user = id
			name, _ = get("LastName")
		}
		return user == ""
	})
	write("salespersons", fmt.Sprintf(`{"externalSalesPersonId":%q,"lastName":"Wrong"}`, user))
	write("salespersons", `{"externalSalesPersonId":"0055g00000KZZZZAAA","lastName":"Nobody"}`)
	after := pair.Truth().Mirrored[record.User]
	if after.Missing != users.Missing-1 || after.Surplus != 1 || after.Differences < 2 {
		t.Errorf("%+v, before %+v", after, users)
	}
	said := map[string]bool{}
	pair.CompareMirrored(func(d sandbox.Difference) bool {
		said[fmt.Sprintf("%s %s %q %q", d.SalesforceID, d.SalesforceField, d.Salesforce, d.Marketo)] = true
		return true
	})
	if !said[fmt.Sprintf("%s LastName %q %q", user, name, "Wrong")] {
		t.Errorf("the wrong name of %s is not among %d differences", user, len(said))
	}
	stopped := 0
	pair.CompareMirrored(func(sandbox.Difference) bool { stopped++; return false })
	if stopped != 1 {
		t.Errorf("%d differences after it was stopped", stopped)
	}
}
