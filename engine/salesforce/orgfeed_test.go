package salesforce_test

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// walk reads a feed from the beginning to its end, again where a page may be retried.
func walk(t *testing.T, c *salesforce.Client, feed salesforce.Feed) []record.Record {
	t.Helper()
	var all []record.Record
	for tries := 0; tries < 200; tries++ {
		pages, _, err := c.Feeds(t.Context(), record.Feed, []salesforce.Feed{feed})
		if err != nil {
			var failure pace.Failure
			if errors.As(err, &failure) && failure.Retryable() {
				continue
			}
			t.Fatal(err)
		}
		page := pages[0]
		if page.Err != nil {
			if !page.Err.Retryable() {
				t.Fatal(page.Err)
			}
			continue
		}
		all = append(all, page.Records...)
		feed.From = page.Next
		if !page.More {
			return all
		}
	}
	t.Fatal("the feed does not end")
	return nil
}

func TestOrgFeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		const leads = 2300
		for i := range leads {
			a.lead(t, "Email", "p"+strconv.Itoa(i)+"@example.com", "Title", "Number "+strconv.Itoa(i))
			if i%700 == 0 {
				time.Sleep(time.Second)
			}
		}
		c := a.client(t, inMode(record.Observe))
		gone, loser, winner := a.lead(t), a.lead(t), a.lead(t)
		if err := errors.Join(a.Delete(string(gone)), a.Merge(string(winner), string(loser))); err != nil {
			t.Fatal(err)
		}
		converted := a.lead(t)
		who, err := a.Convert(string(converted), "")
		if err != nil {
			t.Fatal(err)
		}
		feed := salesforce.Feed{Object: record.Lead, Columns: titleColumn, OtherID: "Marketo_Person_Id__c"}
		byID := map[record.ID]record.Record{}
		calls := a.calls
		for _, r := range walk(t, c, feed) {
			if _, twice := byID[r.ID]; twice {
				t.Errorf("%s came twice", r.ID)
			}
			byID[r.ID] = r
		}
		if a.calls-calls != 2 {
			t.Errorf("%d calls for %d leads", a.calls-calls, len(byID))
		}
		if len(byID) != leads+4 {
			t.Errorf("%d leads, want %d", len(byID), leads+4)
		}
		if r := byID[gone]; !r.Deleted || r.MergedInto != "" {
			t.Errorf("deleted: %+v", r)
		}
		if r := byID[loser]; !r.Deleted || r.MergedInto != winner {
			t.Errorf("merged: %+v", r)
		}
		if r := byID[converted]; r.Deleted || !r.Converted || r.ConvertedTo != record.ID(who.Contact) {
			t.Errorf("converted: %+v", r)
		}
		since := salesforce.Feed{Object: record.Lead, From: salesforce.Position{Stamp: a.clock.Now().Add(-time.Hour)}, Deleted: a.clock.Now().Add(-time.Hour)}
		pages, server, err := c.Feeds(t.Context(), record.Feed, []salesforce.Feed{since})
		if err != nil || pages[0].Err != nil || pages[0].GoneErr != nil {
			t.Fatal(err, pages[0].Err, pages[0].GoneErr)
		}
		if len(pages[0].Gone) != 2 {
			t.Errorf("%d deletions, want 2", len(pages[0].Gone))
		}
		if d := server.Sub(a.clock.Now()); d < -time.Second || d > time.Second {
			t.Errorf("the org's clock is %v away", d)
		}
	})
}

// Nothing lost (promise 1): a feed brings every record once, whatever happens to its pages.
func TestOrgFeedsUnderFaults(t *testing.T) {
	for _, kind := range []fault.Kind{
		fault.DuplicatePage, fault.EmptyPage, fault.ShortPage, fault.Reset, fault.TruncatedJSON, fault.HTML500, fault.Unavailable503, fault.Throttle429, fault.TokenExpiry, fault.SlowPage,
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAcme(t)
				const leads = 4100
				for range leads {
					a.lead(t)
				}
				roll := func() error { return a.dice.Single(kind, 0.4) }
				if kind == fault.TokenExpiry {
					roll = func() error { return a.dice.Next(kind, 1) } // twice in a row would be no expiry any more
				}
				if err := roll(); err != nil {
					t.Fatal(err)
				}
				seen := map[record.ID]int{}
				for _, r := range walk(t, a.client(t), salesforce.Feed{Object: record.Lead}) {
					seen[r.ID]++
					if seen[r.ID] > 1 {
						t.Fatalf("%s came twice", r.ID)
					}
				}
				if len(seen) != leads {
					t.Errorf("%d of %d leads came", len(seen), leads)
				}
			})
		})
	}
}

func TestOrgLookUps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t, inMode(record.Observe))
		var emails []string
		for i := range 1500 {
			email := "o'neil+" + strconv.Itoa(i) + "@example.com"
			emails = append(emails, email)
			a.lead(t, "Email", email)
		}
		got, err := c.FindBy(t.Context(), record.LookUp, record.Lead, "Email", append(emails, "nobody@example.com"), emailColumn, "")
		if err != nil || len(got) != 1500 {
			t.Errorf("%d found, %v", len(got), err)
		}
		if n, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead"); err != nil || n != 1500 {
			t.Errorf("counted %d, %v", n, err)
		}
		who, err := c.Identity(t.Context())
		if err != nil || who.Username == "" || who.OrgName != "Acme" || !who.IsSandbox || string(who.UserID) != a.SyncUser() {
			t.Errorf("identity %+v, %v", who, err)
		}
		limits, err := c.Limits(t.Context())
		if err != nil || limits["DailyApiRequests"].Max == 0 {
			t.Errorf("limits %v, %v", limits["DailyApiRequests"], err)
		}
		versions, err := c.Versions(t.Context())
		if err != nil || len(versions) == 0 {
			t.Errorf("versions %v, %v", versions, err)
		}
		n := 0
		for row, err := range c.Query(t.Context(), record.Check, "SELECT Id, Owner.Name FROM Lead ORDER BY Id") {
			if err != nil || row.Get("Id") == "" || row.Get("Owner.Name") == "" {
				t.Fatal(row, err)
			}
			n++
		}
		if n != 1500 {
			t.Errorf("queried %d", n)
		}
		var failure pace.Failure
		if err := drain(c.Query(t.Context(), record.Check, "SELECT Nonsense__c FROM Lead")); !errors.As(err, &failure) || failure.Code() != "INVALID_FIELD" || failure.Class() != pace.Permission {
			t.Errorf("a field that is not there: %v", err)
		}
	})
}
