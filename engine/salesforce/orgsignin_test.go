package salesforce_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// Every way to sign in works against the org, also when sessions end and refresh tokens rotate.
func TestOrgSignIn(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(a *acme, kept *[]pace.Secret) salesforce.Auth{
		"refresh token": func(a *acme, kept *[]pace.Secret) salesforce.Auth {
			c := a.Credentials()
			return &salesforce.RefreshToken{ClientID: c.ClientID, ClientSecret: pace.Secret(c.ClientSecret), Token: pace.Secret(c.RefreshToken), Store: func(_ context.Context, token pace.Secret) error {
				*kept = append(*kept, token)
				return nil
			}}
		},
		"client credentials": func(a *acme, _ *[]pace.Secret) salesforce.Auth {
			c := a.Credentials()
			return &salesforce.ClientCredentials{ClientID: c.ClientID, ClientSecret: pace.Secret(c.ClientSecret)}
		},
		"JWT": func(a *acme, _ *[]pace.Secret) salesforce.Auth {
			a.TrustKey(&key.PublicKey)
			c := a.Credentials()
			return &salesforce.JWT{ClientID: c.ClientID, Username: c.Username, Audience: "https://login.salesforce.com", Key: key, Now: a.clock.Now}
		},
	}
	for name, way := range ways {
		for _, rotate := range []bool{false, true} {
			t.Run(name+" rotation "+strconv.FormatBool(rotate), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := newAcme(t)
					a.SetRotation(rotate)
					var kept []pace.Secret
					c := a.client(t, func(cfg *salesforce.Config) { cfg.Auth = way(a, &kept) })
					for range 3 {
						if _, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead"); err != nil {
							t.Fatal(err)
						}
						a.ExpireSessions()
					}
					if want := map[bool]int{true: 3, false: 0}[rotate && name == "refresh token"]; len(kept) != want {
						t.Errorf("%d refresh tokens kept, want %d", len(kept), want)
					}
				})
			})
		}
	}
}

func TestOrgBulk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAcme(t)
		c := a.client(t)
		var ids []record.ID
		for range 300 {
			ids = append(ids, a.lead(t, "Title", "before"))
		}
		rows := salesforce.NewRows(func(yield func([]string) bool) {
			for i, id := range ids {
				title := "a \"quoted\", one\nof " + strconv.Itoa(i)
				if i == 7 {
					title = strings.Repeat("x", 200) // too long
				}
				if !yield([]string{string(id), title, salesforce.BulkNull}) {
					return
				}
			}
		}, 3)
		defer rows.Close()
		job, more, err := c.Upload(t.Context(), record.WriteBack, salesforce.Ingest{Object: record.Lead, Operation: "update", Columns: []string{"Id", "Title", "Website"}}, rows)
		if err != nil || more {
			t.Fatal(more, err)
		}
		if job, err = c.Wait(t.Context(), record.WriteBack, job.ID); err != nil || job.Err() != nil || job.Failed != 1 {
			t.Fatalf("%+v, %v", job, err)
		}
		for row, err := range c.Results(t.Context(), record.WriteBack, job.ID, salesforce.Failures) {
			if err != nil || row.Err.Code() != "STRING_TOO_LONG" || row.Text("Id") != string(ids[7]) {
				t.Errorf("failed: %q %v, %v", row.Text("Id"), row.Err, err)
			}
		}
		n := 0
		for r, err := range c.Export(t.Context(), record.FirstRead, record.Lead, titleColumn, "Marketo_Person_Id__c", "") {
			if err != nil || r.Err != nil {
				t.Fatal(err, r.Err)
			}
			if changed := strings.HasPrefix(r.Values[0].Text(), `a "quoted", one`); changed == (r.ID == ids[7]) {
				t.Errorf("%s changed: %v", r.ID, changed)
			}
			n++
		}
		if n != 300 {
			t.Errorf("exported %d", n)
		}
	})
}
