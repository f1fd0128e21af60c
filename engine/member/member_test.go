package member_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/record"
)

var webinar = []member.Progression{{"Invited", 10, false}, {"Attended", 40, true}, {"Registered", 20, false}, {"No Show", 40, false}}

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		campaign []member.Label
		want     member.Difference
	}{
		"alike": {[]member.Label{{"Attended", true}, {"Invited", false}, {"No Show", false}, {"Registered", false}}, member.Difference{}},
		"a response that is no success": {[]member.Label{{"Attended", true}, {"Invited", false}, {"No Show", false}, {"Registered", true}},
			member.Difference{Success: []string{"Registered"}}},
		"missing on both": {[]member.Label{{"Attended", true}, {"Invited", false}, {"No  show", false}, {"Sent", false}}, member.Difference{
			OnlyProgram: []string{"Registered", "No Show"}, OnlyCampaign: []string{"No  show", "Sent"}, Nearly: [][2]string{{"No Show", "No  show"}}}},
		"none": {nil, member.Difference{OnlyProgram: []string{"Invited", "Attended", "Registered", "No Show"}}},
	} {
		both, d := member.Compare(webinar, c.campaign)
		if diff := cmp.Diff(c.want, d); diff != "" || d.Apart() != (len(c.want.OnlyProgram)+len(c.want.OnlyCampaign) > 0) {
			t.Errorf("%s: %s", name, diff)
		}
		for i := 1; i < len(both); i++ {
			if both[i-1].Step > both[i].Step {
				t.Errorf("%s: %v stand out of order", name, both)
			}
		}
	}
}

func TestBack(t *testing.T) {
	both, _ := member.Compare(webinar, []member.Label{{Name: "Invited"}, {Name: "Registered"}, {Name: "No Show"}, {Name: "Attended"}})
	p := member.Pair{Statuses: both}
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"Invited", "Registered", false}, {"Registered", "Invited", true}, {"Attended", "No Show", true}, // one step
		{"Invited", "Invited", false}, {"Elsewhere", "Invited", false}, {"Invited", "Elsewhere", false},
	} {
		if got := p.Back(c.from, c.to); got != c.want {
			t.Errorf("from %s to %s is back: %v", c.from, c.to, got)
		}
	}
}

func TestKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program, person := rapid.Int64Range(1, 1<<40).Draw(t, "program"), record.MarketoID(rapid.Int64Range(1, 1<<60).Draw(t, "person"))
		gotProgram, gotPerson, ok := member.ParseKey(member.Key(program, person))
		if !ok || gotProgram != program || gotPerson != person {
			t.Fatalf("%d %s came back as %d %s %v", program, person, gotProgram, gotPerson, ok)
		}
	})
	for _, bad := range []record.ID{"", "4711", "m", "m1002", "m1002.", "mx.1", "m1002.x", "1002.4711", "00v000000000001AAA"} {
		if _, _, ok := member.ParseKey(bad); ok {
			t.Errorf("%q passes for a membership", bad)
		}
	}
}
