package app

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// A program and a campaign go together only when their statuses are alike, and only after somebody has seen what that does.
func TestLinkPair(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 7, nil)
		cycles(t, a, 1)
		fair, err := o.pair.Org().Create("Campaign", map[string]string{"Name": "Fair"})
		must(t, err)
		for _, label := range []string{"invited", "Registered", "No Show", "Attended", "Sent"} {
			_, err := o.pair.Org().Create("CampaignMemberStatus", map[string]string{"CampaignId": fair, "Label": label})
			must(t, err)
		}
		yes := func(PairPreview) (bool, error) { return true, nil }
		_, err = a.LinkPair(t.Context(), sampleName, "1002", fair, yes)
		if !errors.Is(err, ErrInput) {
			t.Fatalf("unlike statuses: %v", err)
		}
		for _, part := range []string{"Only the program has: “Invited”", "Only the campaign has: “invited”, “Sent”", "“Invited” and “invited” differ only in capitals"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q is not said of them: %v", part, err)
			}
		}
		for _, names := range [][2]string{{"No such program", people.Webinar}, {"1002", "No such campaign"}, {"1002", "701000000000001"}} {
			if _, err := a.LinkPair(t.Context(), sampleName, names[0], names[1], yes); !errors.Is(err, ErrInput) {
				t.Errorf("%q: %v", names, err)
			}
		}

		seen, err := a.LinkPair(t.Context(), sampleName, people.Webinar, people.Webinar, nil)
		must(t, err)
		if pairs, err := a.Pairs(t.Context(), sampleName); err != nil || len(pairs) != 0 || seen.Linked {
			t.Errorf("looking linked %v, %v", pairs, err)
		}
		campaign := seen.Campaign
		inCampaign := 0
		o.pair.Org().Each("CampaignMember", func(_ string, get func(string) (string, bool)) bool {
			if of, _ := get("CampaignId"); of == campaign {
				inCampaign++
			}
			return true
		})
		inProgram := 0
		o.pair.Instance().Members(1002, func(string, string) { inProgram++ })
		m := seen.Members
		if m.Campaign != inCampaign || m.Program != inProgram || m.Both+m.ToProgram+m.WaitingCampaign != inCampaign || m.Both+m.ToCampaign+m.WaitingProgram != inProgram || m.Leads != 0 {
			t.Errorf("%d are in the campaign and %d in the program, told is %+v", inCampaign, inProgram, m)
		}
		linked, err := a.LinkPair(t.Context(), sampleName, "1002", campaign, yes)
		must(t, err)
		if !linked.Linked || linked.Members != m || strings.Join(linked.Statuses, ",") != "Invited,Registered,No Show,Attended" {
			t.Errorf("linked: %+v", linked)
		}
		for _, names := range [][2]string{{"1002", campaign}, {"1001", campaign}, {"1002", fair}} {
			if _, err := a.LinkPair(t.Context(), sampleName, names[0], names[1], yes); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "already") {
				t.Errorf("linked twice, %q: %v", names, err)
			}
		}
		if _, err := a.UnlinkPair(t.Context(), sampleName, "1001"); !errors.Is(err, ErrInput) {
			t.Errorf("ended what never was: %v", err)
		}
		if was, err := a.UnlinkPair(t.Context(), sampleName, people.Webinar); err != nil || was.Program != 1002 {
			t.Errorf("%+v, %v", was, err)
		}
		if pairs, err := a.Pairs(t.Context(), sampleName); err != nil || len(pairs) != 0 {
			t.Errorf("still linked: %v, %v", pairs, err)
		}
	})
}
