package app

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// TestCertificateRenewed signs in with a certificate that comes to its end: a month before somebody is told, a new key is made beside the old
// one, and whichever of both the app in the org holds the workspace signs in.
func TestCertificateRenewed(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 20, Seed: 3})
		ctx, c := t.Context(), pair.Credentials().Salesforce
		if _, err := a.RenewSigningKey(ctx, sampleName); ExitCode(err) != ExitUsage {
			t.Errorf("without a certificate there is one to renew: %v", err)
		}
		first, err := a.SigningKey(ctx, sampleName)
		must(t, err)
		pair.Org().UseKey(publicKey(t, first))
		connectedAt := pair.Now()
		_, err = a.ConnectSalesforce(ctx, sampleName, ConnectSalesforce{LoginURL: c.LoginURL, ClientID: c.ClientID, Flow: FlowJWT, Username: c.Username})
		must(t, err)
		expects := func(days int, said string) {
			t.Helper()
			s, err := a.Status(ctx, sampleName)
			must(t, err)
			switch {
			case said == "" && len(s.Expires) != 0:
				t.Errorf("it is told of %+v", s.Expires)
			case said != "" && (len(s.Expires) != 1 || s.Expires[0].Days != days || !strings.Contains(s.Expires[0].Sentence, said)):
				t.Errorf("told is %+v, not %d days and %q", s.Expires, days, said)
			}
		}
		works := func(until SigningKey) {
			t.Helper()
			who, err := a.Named(sampleName).Who(ctx)
			must(t, err)
			if !who.Until.Equal(until.Until) || !who.Since.Equal(connectedAt.UTC()) {
				t.Errorf("it signs in with what is good from %s until %s, not until %s", who.Since, who.Until, until.Until)
			}
			r, err := a.Check(ctx, sampleName)
			if must(t, err); !strings.Contains(checked(r), "ertificate") {
				t.Errorf("a check says nothing of the certificate: %s", checked(r))
			}
		}
		expects(0, "")
		works(first)
		time.Sleep(time.Until(first.Until) - 30*24*time.Hour)
		expects(0, "")
		time.Sleep(time.Hour)
		expects(29, "--new")
		time.Sleep(25 * 24 * time.Hour)
		second, err := a.RenewSigningKey(ctx, sampleName)
		must(t, err)
		if again, err := a.RenewSigningKey(ctx, sampleName); err != nil || !bytes.Equal(again.Certificate, second.Certificate) || bytes.Equal(first.Certificate, second.Certificate) {
			t.Errorf("the one that waits is not given again: %v", err)
		}
		works(first)
		expects(4, "Days left: 4.")

		pair.Org().UseKey(publicKey(t, second))
		works(second)
		expects(0, "")
		_, err = a.Sync(ctx, sampleName, SyncOptions{})
		must(t, err)

		third, err := a.RenewSigningKey(ctx, sampleName)
		must(t, err)
		pair.Org().UseKey(publicKey(t, third))
		_, err = a.Sync(ctx, sampleName, SyncOptions{}) // in the middle of the work
		must(t, err)
		works(third)
		pair.Org().UseKey(publicKey(t, first))
		if _, err := a.Check(ctx, sampleName); ExitCode(err) != ExitSignIn {
			t.Errorf("with a certificate that the app does not hold any more: %v", err)
		}
		time.Sleep(time.Until(third.Until) + 25*time.Hour)
		expects(-2, "ended on")
	})
}

func checked(r CheckReport) (all string) {
	for _, l := range r.Lines {
		all += l.What.Text + " "
	}
	return all
}

func publicKey(t *testing.T, k SigningKey) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode(k.Certificate)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		t.Fatal("it is no RSA key")
	}
	return key
}
