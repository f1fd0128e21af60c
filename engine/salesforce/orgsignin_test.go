package salesforce_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/pace"
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
