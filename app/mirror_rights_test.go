package app

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

func TestMassRemovalTripsTheBrake(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := mirrored(t, home, 1200)
		var all []string
		d.pair.Org().Each("Opportunity", func(id string, _ func(string) (string, bool)) bool { all = append(all, id); return true })
		before := len(d.twins(record.MarketoOpportunity, "externalOpportunityId"))
		for _, id := range all {
			d.done(d.pair.Org().Delete(id))
		}
		time.Sleep(betweenCycles)
		d.pair.ResetJournal()
		var brake *cycle.BrakeError
		if _, err := d.app.Sync(t.Context(), sampleName, SyncOptions{}); !errors.As(err, &brake) || !brake.Twins || brake.Deletes < len(all) {
			t.Fatalf("%d opportunities were removed: %v", len(all), err)
		}
		if n := d.pair.Journal().Of(record.Marketo).WriteCalls; n != 0 || len(d.twins(record.MarketoOpportunity, "externalOpportunityId")) != before {
			t.Errorf("%d calls that write before the brake", n)
		}
		if _, err := d.app.Sync(t.Context(), sampleName, SyncOptions{Resume: true}); err != nil {
			t.Fatal(err)
		}
		d.agree("after it was resumed")
	})
}

// Where the API user may not see sales persons and opportunities, people and companies are synced all the same, and nothing is said of
// their owners. Where it may see and not write them, that is a failure which names the permission, and stops nothing else.
func TestWithoutTheRights(t *testing.T) {
	for _, row := range []struct {
		name   string
		more   []string
		failed int
	}{
		{"unseen", nil, 0},
		{"read-only", []string{"Read-Only Opportunity", "Read-Only Sales Person"}, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				pair, err := sandbox.New(sandbox.Options{People: 200, Seed: 5})
				must(t, err)
				t.Cleanup(pair.Close)
				rights := append([]string{"Read-Write Lead", "Read-Only Activity", "Read-Only Activity Metadata", "Read-Write Company", "Read-Write Custom Object"}, row.more...)
				narrow, err := pair.Instance().AddService("narrow@doppio.example", rights...)
				must(t, err)
				a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "narrow", Transport: pair.Transport(), Now: pair.Now})
				must(t, err)
				c := pair.Credentials()
				c.Marketo.ClientID, c.Marketo.ClientSecret = narrow.ClientID, narrow.ClientSecret
				must(t, connectSample(t.Context(), a, c), a.SetMode(t.Context(), sampleName, record.Live))
				d := &mirrorDesk{t, pair, a}
				d.sync()
				d.sync()
				truth := pair.Truth()
				if n := truth.Mirrored[record.User].Marketo + truth.Mirrored[record.Opportunity].Marketo; n != 0 {
					t.Errorf("%d records were written without the right to", n)
				}
				for _, object := range []record.Object{record.Account, "Subscription__c", "Machine__c", record.Lead, record.Contact} {
					if m := truth.Mirrored[object]; m.Missing+m.Surplus+m.Differences > 0 {
						t.Errorf("%s: %+v", object, m)
					}
				}
				if r := d.sync(); r.Writes != (cycle.Counts{}) || r.Calls.Salesforce > 2 || r.Calls.Marketo > 3 {
					t.Errorf("a quiet pair: %+v", r)
				}
				failures, err := a.Failures(t.Context(), sampleName, "")
				must(t, err)
				denied := 0
				for _, f := range failures {
					if f.Code == "603" {
						denied++
					}
				}
				if denied != row.failed {
					t.Errorf("%d groups of failures for lack of a permission: %+v", denied, failures)
				}
				report, err := a.Check(t.Context(), sampleName)
				must(t, err)
				warned := ""
				for _, l := range report.Lines {
					if l.State == CheckWarning {
						warned += l.What.Text + "\n"
					}
				}
				if strings.Contains(warned, "Read-Only Sales Person") != (row.failed == 0) || strings.Contains(warned, "Read-Only Opportunity") != (row.failed == 0) || strings.Contains(warned, "Custom Object") {
					t.Errorf("the check warns of: %s", warned)
				}
			})
		})
	}
}
