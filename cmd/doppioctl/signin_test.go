package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/callback"
)

func newKey(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// trustsKey makes a key, tells the org of it, and doppioctl where it is.
func (d *desk) trustsKey() {
	d.t.Helper()
	key := newKey(d.t)
	block, _ := pem.Decode(key)
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		d.t.Fatal(err)
	}
	d.pair.Org().TrustKey(&private.PublicKey)
	file := filepath.Join(d.home, "key.pem")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.env = append(d.env, "DOPPIO_SALESFORCE_JWT_KEY_FILE="+file)
}

// Each way to sign in leads to a connection that a check finds good.
func TestSignIns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sandbox.Options{People: 20, Seed: 5})
	c := d.pair.Credentials()
	d.does("workspace", "new", workspace)
	d.does("connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", c.Marketo.ClientID)
	t.Run("a key of Doppio's", func(t *testing.T) {
		d := d.in(t)
		args := []string{"connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "jwt", "--username"}
		out := filepath.Join(d.home, "doppio.crt")
		d.does("setup", workspace, "key", "--out", out)
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		d.does("setup", workspace, "key", "--out", out)
		again, err := os.ReadFile(out)
		if err != nil || !bytes.Equal(text, again) {
			t.Errorf("the certificate is another one, or %v", err)
		}
		block, _ := pem.Decode(text)
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		d.pair.Org().TrustKey(certificate.PublicKey.(*rsa.PublicKey))
		d.does(append(args, c.Salesforce.Username)...)
	})
	t.Run("another user", func(t *testing.T) {
		d := d.in(t)
		d.refused(4, "as another user", nil, "connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token", "--username", "somebody@acme.example")
	})
	d.trustsKey()
	for _, flow := range []string{"refresh-token", "client-credentials", "jwt", "browser"} {
		t.Run(flow, func(t *testing.T) {
			d := d.in(t)
			args := []string{"--json", "connect", "salesforce", workspace, "--login-url", d.base.Salesforce + "/lightning/page", "--client-id", c.Salesforce.ClientID, "--flow", flow}
			if flow == "jwt" {
				args = append(args, "--username", c.Salesforce.Username)
			}
			var connected map[string]any
			stdout := ""
			if flow == "browser" {
				stdout = d.signsIn(c.Salesforce.Username, c.Salesforce.Password, args...)
			} else {
				stdout = d.does(args...)
			}
			if err := oneDocument(stdout, &connected); err != nil || connected["organisation"] == "" {
				t.Fatalf("connected with %v: %v", connected, err)
			}
			if said := d.does("check", workspace); strings.Contains(said, "bad") {
				t.Errorf("a check finds: %s", said)
			}
		})
	}
}

// An admin signs in for one deployment, which the sync user may not do; nothing of that is kept, and the token is dead afterwards.
func TestDeployAsAdmin(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sandbox.Options{People: 20, Seed: 5, Scenario: sandbox.Bare})
	c := d.pair.Credentials()
	d.does("workspace", "new", workspace)
	d.does("connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token")
	d.refused(4, "--as-admin", nil, "setup", workspace, "deploy", "--yes")
	d.refused(2, "--yes", nil, "setup", workspace, "deploy", "--as-admin")
	d.refused(2, "--out", nil, "setup", workspace, "package")
	d.refused(2, ".pdf", nil, "setup", workspace, "request", "--out", filepath.Join(d.home, "request.docx"))
	var done struct {
		State    string
		Assigned bool
		User     string
	}
	if err := oneDocument(d.signsIn(c.Salesforce.AdminUsername, c.Salesforce.AdminPassword, "--json", "setup", workspace, "deploy", "--as-admin", "--yes"), &done); err != nil {
		t.Fatal(err)
	}
	if done.State != "good" || !done.Assigned || done.User != c.Salesforce.Username {
		t.Errorf("after the deployment: %+v", done)
	}
	d.refused(4, "--as-admin", nil, "setup", workspace, "deploy", "--yes") // the sync user is no admin now
}

// signsIn runs what wants a sign-in, and plays the person in the browser that it asks for.
func (d *desk) signsIn(username, password string, args ...string) string {
	d.t.Helper()
	stdout, stderr, code := d.throughBrowser(answers(d.t, url.Values{"username": {username}, "password": {password}, "decision": {"allow"}}), args...)
	if code != 0 {
		d.t.Fatalf("%v through the browser ended with %d: %s", args, code, stderr)
	}
	return stdout
}

// answers fills the form of the sign-in page.
func answers(t *testing.T, form url.Values) func(address string) (givesUp bool) {
	return func(address string) bool {
		resp, err := http.PostForm(address, form)
		if err != nil {
			t.Error(err)
			return true
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("the browser ends on %s, %v", resp.Status, err)
		}
		return false
	}
}

// throughBrowser runs what wants a sign-in; person opens the address that is to be opened by hand, because there is no browser, and
// presses Ctrl+C when giving up.
func (d *desk) throughBrowser(person func(address string) (givesUp bool), args ...string) (stdout, stderr string, code int) {
	d.t.Helper()
	defer callback.Alone(d.t)()
	cmd := d.command(d.t.Context(), args...)
	cmd.Env = append(cmd.Env, "PATH=")
	said, err := cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	var out, errs strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		line := lines.Text()
		fmt.Fprintln(&errs, line)
		if strings.HasPrefix(line, d.base.Salesforce) {
			if person(line) {
				if err := cmd.Process.Signal(os.Interrupt); err != nil {
					d.t.Error(err)
				}
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
