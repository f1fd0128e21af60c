package app

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// A group of failures tells how many, which share, since when, who can end it and how. Asked why, the org says it without a write: which
// field is read only for the sync user, which text is too long, which record it may not edit. One record is tried again by
// itself, and a group whose cause is gone closes.
func TestFailuresAreExplainedAndHeal(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 200, Seed: 6})
		cycles(t, a, 3)
		old, err := a.Failures(ctx, sampleName, "")
		must(t, err, a.SetMode(ctx, sampleName, record.Live)) // which calls Marketo alone
		if s, err := a.Status(ctx, sampleName); err != nil || s.Quota.Salesforce.Limit == 0 || s.Quota.Salesforce.Share == 0 {
			t.Errorf("what Salesforce told of its limit is forgotten: %+v (%v)", s.Quota, err)
		}

		var rules org.Rules
		for _, object := range []string{"Lead", "Contact"} {
			for _, letter := range []string{"a", "e", "i", "o"} {
				rules.Validations = append(rules.Validations, org.Validation{Object: object, Field: "Title", Contains: letter, Message: "No letters here."})
			}
		}
		pair.Org().SetRules(rules)
		edited, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Marketo}, People: 12, Seed: 2, Fields: []string{"title"}})
		must(t, err)
		time.Sleep(betweenCycles)
		if _, err := a.Sync(ctx, sampleName, SyncOptions{}); err != nil {
			t.Fatal(err)
		}
		groups, err := a.Failures(ctx, sampleName, "")
		must(t, err)
		var refused []Failure
		share := 0.0
		for _, g := range groups {
			share += g.Share
			if g.Code == "FIELD_CUSTOM_VALIDATION_EXCEPTION" {
				refused = append(refused, g)
			}
		}
		if len(refused) == 0 || share < 99 || share > 101 {
			t.Fatalf("groups %+v, %v %% together", groups, share)
		}
		for _, g := range refused {
			if g.Fixer != FixSalesforceAdmin || !strings.Contains(g.Step, "validation rule") || g.First.IsZero() || g.Last.Before(g.First) {
				t.Errorf("%+v", g)
			}
		}
		why, err := a.Why(ctx, sampleName, refused[0].ID)
		must(t, err)
		for _, r := range why[0].Why { // nothing else stands in the way: the rules are named
			if said := fmt.Sprint(r.Findings); !strings.Contains(said, "Title_") || r.Findings[0].Kind != "rule" {
				t.Errorf("%+v", r)
			}
		}
		for _, object := range []string{"Lead", "Contact"} {
			pair.Org().SetFieldAccess(object+".Title", true, false)
		}
		before := pair.Journal().Of(record.Salesforce)
		why, err = a.Why(ctx, sampleName, refused[0].ID)
		must(t, err)
		after := pair.Journal().Of(record.Salesforce)
		if after.WriteCalls != before.WriteCalls || after.Calls-before.Calls > 4 {
			t.Errorf("asking why took %d calls, %d of them that write", after.Calls-before.Calls, after.WriteCalls-before.WriteCalls)
		}
		for _, r := range why[0].Why {
			if len(r.Findings) != 1 || r.Findings[0].Field != "Title" || !strings.Contains(r.Findings[0].Sentence, "read only") {
				t.Errorf("%+v", r)
			}
		}

		// The rule goes and the right is given back: one record is tried by itself, then the rest; the groups close.
		for _, object := range []string{"Lead", "Contact"} {
			pair.Org().SetFieldAccess(object+".Title", true, true)
		}
		pair.Org().SetRules(org.Rules{})
		n, _, err := a.Retry(ctx, sampleName, Retried{Record: string(refused[0].Examples[0].Source)})
		if must(t, err); n != 1 {
			t.Errorf("%d writes of one record were tried again", n)
		}
		if now, err := a.Failures(ctx, sampleName, ""); err != nil || sum(now) != sum(groups)-1 {
			t.Errorf("%d of %d are open after one was tried again (%v)", sum(now), sum(groups), err)
		}
		time.Sleep(betweenCycles)
		_, err = pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 200, Seed: 3, Fields: []string{"MobilePhone"}})
		must(t, err)

		time.Sleep(betweenCycles)
		for range 2 {
			_, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
			must(t, err)
		}
		now, err := a.Failures(ctx, sampleName, "")
		must(t, err)
		for _, g := range now {
			if g.Code == "FIELD_CUSTOM_VALIDATION_EXCEPTION" {
				t.Errorf("the cause is gone, and the records changed: %+v", g)
			}
		}
		if sum(now) > sum(old) {
			t.Errorf("%d failures are open, %d were before", sum(now), sum(old))
		}
		if _, _, err := a.Retry(ctx, sampleName, Retried{Record: edited[0].ID}); ExitCode(err) != ExitUsage {
			t.Errorf("nothing of it is refused: %v", err)
		}
	})
}

func sum(groups []Failure) (n int) {
	for _, g := range groups {
		n += g.Count
	}
	return n
}
