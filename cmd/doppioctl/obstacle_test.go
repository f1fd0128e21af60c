package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/callback"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// TestBrokenSetUps meets everything that stands in the way of a connection for the first time: each ends in a sentence of its own that
// says who can do what, nothing of it is kept, and once it is out of the way the same command works.
func TestBrokenSetUps(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sandbox.Options{People: 20, Seed: 5})
	d.does("workspace", "new", workspace)
	c := d.pair.Credentials()
	d.trustsKey()

	salesforce := func(flow string) []string {
		return []string{"connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", flow, "--username", c.Salesforce.Username}
	}
	marketo := []string{"connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", c.Marketo.ClientID}
	noSecret := []string{"DOPPIO_SALESFORCE_CLIENT_SECRET="}
	for _, row := range []struct {
		name       string
		salesforce org.Obstacle
		marketo    instance.Obstacle
		clock      time.Duration // by which the org's runs ahead
		code       int
		says       string
		env        []string
		args       []string
	}{
		{name: "the app is not installed", salesforce: org.AppUninstalled, code: 4, says: "install it under Connected Apps OAuth Usage", args: salesforce("refresh-token")},
		{name: "the app is for approved users", salesforce: org.AppUnapproved, code: 4, says: "profile or permission set", args: salesforce("jwt")},
		{name: "the flow is off", salesforce: org.FlowOff, code: 4, says: "enable the flow", args: salesforce("client-credentials")},
		{name: "the app wants its secret", salesforce: org.SecretNeeded, code: 4, says: "the app needs one", env: noSecret, args: salesforce("refresh-token")},
		{name: "no user to run as", salesforce: org.NoRunAsUser, code: 4, says: "choose the sync user", args: salesforce("client-credentials")},
		{name: "a frozen user", salesforce: org.UserFrozen, code: 4, says: "activate it", args: salesforce("refresh-token")},
		{name: "an expired password", salesforce: org.PasswordExpired, code: 4, says: "set a new password", args: salesforce("refresh-token")},
		{name: "an address that is not allowed", salesforce: org.AddressBlocked, code: 4, says: "relax the IP rule", args: salesforce("refresh-token")},
		{name: "a locked org", salesforce: org.OrgLocked, code: 4, says: "locked, closed or suspended", args: salesforce("refresh-token")},
		{name: "an edition without API", salesforce: org.EditionWithoutAPI, code: 1, says: "the edition", args: salesforce("refresh-token")},
		{name: "a user without API", salesforce: org.UserWithoutAPI, code: 4, says: "'API Enabled'", args: salesforce("refresh-token")},
		{name: "Salesforce's calls are used up", salesforce: org.CallsUsedUp, code: 5, says: "within 24 hours", args: salesforce("refresh-token")},
		{name: "a clock that is an hour late", clock: time.Hour, code: 4, says: "Set the clock", args: salesforce("jwt")},
		{name: "an allowlist of Marketo", marketo: instance.AddressBlocked, code: 4, says: "allowlist", args: marketo},
		{name: "Marketo's calls are used up", marketo: instance.CallsUsedUp, code: 5, says: "midnight US Central", args: marketo},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := d.in(t)
			d.obstruct(row.salesforce, row.marketo)
			d.pair.Advance(row.clock)
			before := d.does("workspace", "show", workspace, "--json")
			d.refused(row.code, row.says, row.env, row.args...)
			if after := d.does("workspace", "show", workspace, "--json"); after != before {
				t.Errorf("something was kept: %s, %s before", after, before)
			}
			d.obstruct("", "")
			if row.clock > 0 {
				return // the other clock cannot be set back
			}
			d.does(row.args...)
		})
	}

	browser := append([]string{"--json"}, salesforce("browser")...)
	allow := url.Values{"username": {c.Salesforce.Username}, "password": {c.Salesforce.Password}, "decision": {"allow"}}
	for _, row := range []struct {
		name, says string
		obstacle   org.Obstacle
		form       url.Values
		code       int
	}{
		{"the person declines", "choose Allow", "", url.Values{"decision": {"deny"}}, 4},
		{"a scope that the app lacks", "scopes 'api'", org.ScopeMissing, nil, 4},
		{"the app needs its secret, in the browser", "the app needs one", org.SecretNeeded, allow, 4},
		{"all goes well", "", "", allow, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := d.in(t)
			d.env = append(d.env, noSecret...)
			d.obstruct(row.obstacle, "")
			defer d.obstruct("", "")
			_, stderr, code := d.throughBrowser(answers(t, row.form), browser...)
			if code != row.code || !strings.Contains(stderr, row.says) {
				t.Errorf("it ended with %d: %s", code, stderr)
			}
			d.secretFree("what is said in the terminal", stderr)
		})
	}
	t.Run("an error page in the browser", func(t *testing.T) { // nothing ever comes back: the person gives up
		d := d.in(t)
		for obstacle, says := range map[org.Obstacle]string{org.AppUninstalled: "app must be installed into org", org.CallbackMissing: "redirect_uri must match"} {
			d.obstruct(obstacle, "")
			_, stderr, code := d.throughBrowser(func(address string) bool {
				resp, err := http.Get(address)
				if err != nil {
					t.Error(err)
					return true
				}
				page, err := io.ReadAll(resp.Body)
				if err = errors.Join(err, resp.Body.Close()); err != nil || !strings.Contains(string(page), says) {
					t.Errorf("%s: the browser shows %s, %v", obstacle, page, err)
				}
				return true
			}, salesforce("browser")...)
			if code != 130 || !strings.Contains(stderr, "press Ctrl+C") {
				t.Errorf("%s: it ended with %d: %s", obstacle, code, stderr)
			}
		}
		d.obstruct("", "")
	})
	t.Run("every port is taken", func(t *testing.T) {
		d := d.in(t)
		callback.Alone(t)
		for _, address := range app.CallbackURLs() {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			taken, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", u.Port()))
			switch {
			case errors.Is(err, syscall.EADDRINUSE): // a call that somebody makes comes from there
			case err != nil:
				t.Fatal(err)
			default:
				defer taken.Close()
			}
		}
		d.refused(1, "Close other programs", nil, salesforce("browser")...)
	})
	t.Run("somebody reads along", func(t *testing.T) {
		d := d.in(t)
		proxy := httptest.NewTLSServer(http.NotFoundHandler())
		defer proxy.Close()
		d.refused(1, "a proxy of this network", nil, "connect", "salesforce", workspace, "--login-url", proxy.URL, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token")
		d.refused(1, "a proxy of this network", nil, "connect", "marketo", workspace, "--base-url", proxy.URL, "--client-id", c.Marketo.ClientID)
	})
	t.Run("a role with two permissions", func(t *testing.T) {
		d := d.in(t)
		lacking, err := d.pair.Instance().AddService("narrow@acme.example", "Read-Only Lead", "Read-Only Activity")
		if err != nil {
			t.Fatal(err)
		}
		d.env = append(d.env, "DOPPIO_MARKETO_CLIENT_SECRET="+lacking.ClientSecret)
		d.does("connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", lacking.ClientID)
		said := d.does("check", workspace)
		if n := strings.Count(said, "lacks the permission"); n < 4 || !strings.Contains(said, "Users & Roles") {
			t.Errorf("%d permissions are told: %s", n, said)
		}
	})
}

// obstruct puts at most one obstacle in the way on each side; "" is none.
func (d *desk) obstruct(salesforce org.Obstacle, marketo instance.Obstacle) {
	d.t.Helper()
	var err error
	if salesforce == "" {
		err = d.pair.Org().Obstruct()
	} else {
		err = d.pair.Org().Obstruct(salesforce)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	if marketo == "" {
		err = d.pair.Instance().Obstruct()
	} else {
		err = d.pair.Instance().Obstruct(marketo)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}
