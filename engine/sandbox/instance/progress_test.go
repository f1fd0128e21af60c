package instance_test

import (
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox/instance"
)

func TestProgressByHand(t *testing.T) {
	w := newWorld(t, 20, instance.Config{})
	token := w.ok("GET", "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-07-14T09:00:00Z", "").Token
	for _, step := range []string{"Registered", "Invited", "Attended", "Not in Program", "Not in Program"} { // a lower step is no move
		if err := w.i.SetProgress(1002, "10", step); err != nil {
			t.Fatal(err)
		}
	}
	if w.i.SetProgress(1002, "10", "Elsewhere") == nil || w.i.SetProgress(9, "10", "Invited") == nil || w.i.SetProgress(1002, "999999", "Invited") == nil {
		t.Error("a status, a program or a person that does not exist was taken")
	}
	var moves []string
	for _, a := range w.ok("GET", "/rest/v1/activities.json?activityTypeIds=104&nextPageToken="+token, "").Result {
		names := map[string]any{}
		for _, at := range a["attributes"].([]any) {
			one := at.(map[string]any)
			names[one["name"].(string)] = one["value"]
		}
		if a["primaryAttributeValueId"] != 1002.0 || a["primaryAttributeValue"] != "Product Webinar 2026" {
			t.Errorf("the program is %v %v", a["primaryAttributeValueId"], a["primaryAttributeValue"])
		}
		moves = append(moves, names["Old Status"].(string)+" > "+names["New Status"].(string))
	}
	want := []string{"Not in Program > Registered", "Registered > Attended", "Attended > Not in Program"}
	if len(moves) != len(want) {
		t.Fatalf("the log tells of %q", moves)
	}
	for i := range want {
		if moves[i] != want[i] {
			t.Errorf("move %d is %q, want %q", i, moves[i], want[i])
		}
	}
	w.i.Members(1002, func(person, _ string) {
		if person == "10" {
			t.Error("whoever was taken out of a program is in it")
		}
	})
}

func TestSalesforceActivity(t *testing.T) {
	const added = `{"input":[{"leadId":10,"activityDate":"2026-07-14T08:00:00Z","activityTypeId":100003,"primaryAttributeValue":"00T000000000001","attributes":[{"name":"Subject","value":"Call"},{"name":"Kind","value":"Task"}]}]}`
	w := newWorld(t, 20, instance.Config{})
	if a := w.ok("POST", "/rest/v1/activities/external.json", added); a.Result[0]["status"] != "added" {
		t.Fatalf("not added: %s", a.Text)
	}
	found := 0
	w.i.Logged(100003, func(person, primary string, attributes map[string]string) {
		found++
		if person != "10" || primary != "00T000000000001" || attributes["Subject"] != "Call" {
			t.Errorf("the log says %s %s %v", person, primary, attributes)
		}
	})
	if found != 1 {
		t.Errorf("%d activities stand in the log", found)
	}
	if err := w.i.Act("10", 2, 7, "Webinar.Sign-up"); err != nil {
		t.Fatal(err)
	}

	bare := newWorld(t, 20, instance.Config{Scenario: "bare"})
	if a := bare.ok("POST", "/rest/v1/activities/external.json", added); a.Result[0]["status"] != "skipped" {
		t.Errorf("an instance without the type took the activity: %s", a.Text)
	}
	if n := len(bare.ok("GET", "/rest/v1/activities/external/types.json", "").Result); n != 1 {
		t.Errorf("a bare instance has %d types of its own", n)
	}
	if a := bare.get("/rest/v1/activities/external/type/salesforceActivity/describe.json"); a.code() != "1013" {
		t.Errorf("describing the missing type is answered %s", a.Text)
	}
}
