package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// refused runs what must end with code, in words and as JSON, and looks at how it is said: one line, one document, no
// stack, no secret, and what is wanted in it.
func (d *desk) refused(code int, says string, env []string, args ...string) {
	d.t.Helper()
	stdout, stderr, got := d.runWith(env, args...)
	line, rest, _ := strings.Cut(stderr, "\n")
	switch {
	case got != code:
		d.t.Errorf("%v ended with %d, not %d: %s", args, got, code, stderr)
	case !strings.HasPrefix(line, "doppioctl: ") || rest != "" || len(line) < 30:
		d.t.Errorf("%v does not say one sentence: %q", args, stderr)
	case !strings.Contains(line, says):
		d.t.Errorf("%v says %q, without %q", args, line, says)
	case stdout != "" && code == 2:
		d.t.Errorf("%v prints on standard output: %q", args, stdout)
	}
	for _, dump := range []string{"goroutine", ".go:", "%!", "0x", "panic", "SQLITE", "sqlite", "dial tcp", "errno"} {
		if strings.Contains(stderr, dump) {
			d.t.Errorf("%v says it in the words of a programmer (%s): %s", args, dump, stderr)
		}
	}
	d.secretFree("what is said of a mistake", stdout+stderr)

	stdout, _, got = d.runWith(env, append([]string{"--json"}, args...)...)
	var document struct {
		Error string
		Code  int
	}
	if err := oneDocument(stdout, &document); err != nil || got != code || document.Code != code || !strings.Contains(document.Error, says) {
		d.t.Errorf("--json %v ended with %d and %+v (%v), not with %d: %q", args, got, document, err, code, stdout)
	}
}

// oneDocument reads a standard output that is one JSON document and nothing else.
func oneDocument(stdout string, into any) error {
	reader := json.NewDecoder(strings.NewReader(stdout))
	if err := reader.Decode(into); err != nil {
		return fmt.Errorf("%q: %w", stdout, err)
	}
	if reader.More() {
		return fmt.Errorf("more than one document: %q", stdout)
	}
	return nil
}

// What people type wrongly ends with the right exit code and a sentence that says what to do.
func TestMistakes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sandbox.Options{People: 20, Seed: 5})
	d.does("workspace", "new", workspace)
	d.does("workspace", "new", "look", "--look-only")
	mistakes := []struct {
		name, says string
		code       int
		args       []string
	}{
		{"nothing missing but a flag", "unknown flag --nosuch; doppioctl status --help", 2, []string{"status", workspace, "--nosuch"}},
		{"an unknown command", "unexpected argument frobnicate", 2, []string{"frobnicate"}},
		{"half a command", `one of "list", "new", "show", "forget"`, 2, []string{"workspace"}},
		{"no workspace named", "doppioctl sync needs <name>", 2, []string{"sync"}},
		{"one word too many", "unexpected argument more", 2, []string{"status", workspace, "more"}},
		{"a required flag", "--login-url", 2, []string{"connect", "salesforce", workspace}},
		{"a mapping without a file", "mapping set wants one FILE", 2, []string{"mapping", workspace, "set"}},
		{"a mapping in a file that is not there", "cannot be read", 2, []string{"mapping", workspace, "set", "nowhere.json"}},
		{"a mode that is none", `"observe","rehearse","live"`, 2, []string{"mode", workspace, "fast"}},
		{"a flow that is none", `"jwt"`, 2, []string{"connect", "salesforce", workspace, "--login-url", "https://x.example", "--client-id", "x", "--flow", "magic"}},
		{"a time that is none", "--every", 2, []string{"sync", workspace, "--every", "5"}},
		{"a time before now", "--every", 2, []string{"sync", workspace, "--every=-5m"}},
		{"a number out of range", "--people takes a number", 2, []string{"demo", "--people", "0"}},
		{"a port that is none", "not a port", 2, []string{"sandbox", "--listen", "127.0.0.1:99999"}},
		{"a scenario that is none", "scenario", 2, []string{"sandbox", "--scenario", "nosuch"}},
		{"a shell that is none", `"fish"`, 2, []string{"completion", "tcsh"}},
		{"decisions that exclude each other", "can't be used together", 2, []string{"resolve", workspace, "1", "--skip", "--create"}},
		{"no decision", "say how", 2, []string{"resolve", workspace, "1"}},
		{"a side that is none", "salesforce", 2, []string{"resolve", workspace, "1", "--take", "hubspot"}},
		{"a hold that is none", "doppioctl holds lists", 2, []string{"resolve", workspace, "4711", "--skip"}},
		{"nothing to retry", "--all", 2, []string{"retry", workspace}},
		{"a group that is none", "doppioctl failures lists", 2, []string{"failures", workspace, "--group", "4711"}},
		{"a missing workspace", "doppioctl workspace list", 2, []string{"sync", "nosuch", "--once"}},
		{"a missing workspace, shown", "doppioctl workspace list", 2, []string{"status", "nosuch"}},
		{"a missing workspace, forgotten", "doppioctl workspace list", 2, []string{"workspace", "forget", "nosuch", "--yes"}},
		{"an empty name", "1 to 64 characters", 2, []string{"workspace", "new", ""}},
		{"a long name", "1 to 64 characters", 2, []string{"workspace", "new", strings.Repeat("x", 65)}},
		{"a path as a name", "no path separators", 2, []string{"workspace", "new", "../else/where"}},
		{"another path as a name", "no path separators", 2, []string{"workspace", "new", `a\b`}},
		{"dots as a name", "not made of dots", 2, []string{"workspace", "new", ".."}},
		{"a name that is taken", "already", 2, []string{"workspace", "new", workspace}},
		{"no filter to set", "needs FILE", 2, []string{"filter", workspace, "set"}},
		{"an empty filter", "--none", 2, []string{"filter", workspace, "set", "--expr", " "}},
		{"two filters", "not both", 2, []string{"filter", workspace, "set", "file", "--expr", "Email is filled"}},
		{"half a pair", "needs PROGRAM and CAMPAIGN", 2, []string{"mapping", workspace, "link", "1002"}},
		{"no pair to end", "--remove needs PROGRAM", 2, []string{"mapping", workspace, "link", "--remove"}},
		{"a pair that is none", "lists those that are", 2, []string{"mapping", workspace, "link", "1002", "--remove"}},
		{"nobody to be asked", "say --yes", 2, []string{"workspace", "forget", workspace}},
		{"an unknown setting", "brake_percent", 2, []string{"settings", workspace, "set", "nosuch=1"}},
		{"a setting without a value", "KEY=VALUE", 2, []string{"settings", workspace, "set", "every"}},
		{"a setting out of range", "from 0 to 100", 2, []string{"settings", workspace, "set", "every=10m", "brake_percent=101"}},
		{"a sync without connections", "connect salesforce", 2, []string{"sync", workspace, "--once"}},
		{"a check without connections", "connect salesforce", 2, []string{"check", workspace}},
		{"live without connections", "needs both connections", 2, []string{"mode", workspace, "live"}},
		{"live where one may only look", "look-only", 2, []string{"mode", "look", "live"}},
	}
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) { d.in(t).refused(m.code, m.says, nil, m.args...) })
	}
	if settings := d.does("settings", workspace, "show", "--json"); !strings.Contains(settings, `"every":"5m0s"`) {
		t.Errorf("half a wrong change was kept: %s", settings)
	}
	t.Run("a passphrase of another file", func(t *testing.T) {
		d := d.in(t)
		for _, args := range [][]string{{"sync", workspace, "--once"}, {"workspace", "new", "other"}, {"workspace", "forget", workspace, "--yes"}} {
			d.refused(2, "passphrase", []string{"DOPPIO_PASSPHRASE=wrong"}, args...)
			d.refused(2, "DOPPIO_PASSPHRASE", []string{"DOPPIO_PASSPHRASE="}, args...)
		}
		if list := d.does("workspace", "list", "--json"); strings.Count(list, `"name"`) != 2 {
			t.Errorf("the workspaces are not those from before: %s", list)
		}
		for _, args := range [][]string{{"status", workspace}, {"version"}, {"completion", "bash"}, {"workspace", "list"}} {
			if _, stderr, code := d.runWith([]string{"DOPPIO_PASSPHRASE="}, args...); code != 0 {
				t.Errorf("%v wants secrets: %d, %s", args, code, stderr)
			}
		}
	})
}

// An address or a secret that is wrong is refused when it is typed, and nothing of it is kept.
func TestWrongConnection(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sandbox.Options{People: 20, Seed: 5})
	d.does("workspace", "new", workspace)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><html><body>Welcome to the hotel. Please sign in.</body></html>")
	}))
	defer page.Close()
	nothing := httptest.NewServer(http.NotFoundHandler())
	nothing.Close()
	key := filepath.Join(d.home, "key.pem")
	if err := os.WriteFile(key, newKey(t), 0o600); err != nil {
		t.Fatal(err)
	}
	noKey := filepath.Join(d.home, "nokey.pem")
	if err := os.WriteFile(noKey, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := d.pair.Credentials()
	salesforce := func(url string, more ...string) []string {
		return append([]string{"connect", "salesforce", workspace, "--client-id", c.Salesforce.ClientID, "--login-url", url}, more...)
	}
	marketo := func(url string, more ...string) []string {
		return append([]string{"connect", "marketo", workspace, "--client-id", c.Marketo.ClientID, "--base-url", url}, more...)
	}
	https := func(url string) string { return strings.Replace(url, "http:", "https:", 1) }
	refresh, credentials, jwt := []string{"--flow", "refresh-token"}, []string{"--flow", "client-credentials"}, []string{"--flow", "jwt"}
	as := append(jwt, "--username", c.Salesforce.Username)
	for _, m := range []struct {
		name, says string
		code       int
		env        []string
		args       []string
	}{
		{"Salesforce, no address", "Copy it from the browser", 2, nil, salesforce("", refresh...)},
		{"Salesforce, no web address", "Copy it from the browser", 2, nil, salesforce("not a url", refresh...)},
		{"Salesforce, http elsewhere", "https://", 2, nil, salesforce("http://acme.my.salesforce.com", refresh...)},
		{"Salesforce, another scheme", "https://", 2, nil, salesforce("ftp://acme.my.salesforce.com", refresh...)},
		{"Salesforce, an unknown host", "Check that this computer is online", 1, nil, salesforce("https://acme.invalid", refresh...)},
		{"Salesforce, nobody there", "Nothing answers", 1, nil, salesforce(nothing.URL, refresh...)},
		{"Salesforce, https where http is spoken", "does not speak https", 1, nil, salesforce(https(d.base.Salesforce), refresh...)},
		{"Salesforce, a web page", "A web page came", 1, nil, salesforce(page.URL, refresh...)},
		{"Salesforce, another service", "no sign-in of Salesforce", 4, nil, salesforce(d.base.Control, refresh...)},
		{"Salesforce, no time", "--timeout", 2, nil, salesforce(d.base.Salesforce, "--flow", "refresh-token", "--timeout=-1s")},
		{"Salesforce, a wrong client id", "consumer key", 4, nil, append(salesforce(d.base.Salesforce, refresh...), "--client-id", "wrong")},
		{"Salesforce, no refresh token", "DOPPIO_SALESFORCE_REFRESH_TOKEN", 2, []string{"DOPPIO_SALESFORCE_REFRESH_TOKEN="}, salesforce(d.base.Salesforce, refresh...)},
		{"Salesforce, a wrong refresh token", "Sign in again", 4, []string{"DOPPIO_SALESFORCE_REFRESH_TOKEN=wrong"}, salesforce(d.base.Salesforce, refresh...)},
		{"Salesforce, a wrong secret", "consumer secret", 4, []string{"DOPPIO_SALESFORCE_CLIENT_SECRET=wrong"}, salesforce(d.base.Salesforce, refresh...)},
		{"Salesforce, client credentials, no secret", "DOPPIO_SALESFORCE_CLIENT_SECRET", 2, []string{"DOPPIO_SALESFORCE_CLIENT_SECRET="}, salesforce(d.base.Salesforce, credentials...)},
		{"Salesforce, client credentials, a wrong secret", "consumer secret", 4, []string{"DOPPIO_SALESFORCE_CLIENT_SECRET=wrong"}, salesforce(d.base.Salesforce, credentials...)},
		{"Salesforce, jwt, no key", "DOPPIO_SALESFORCE_JWT_KEY_FILE", 2, nil, salesforce(d.base.Salesforce, as...)},
		{"Salesforce, jwt, no such file", "cannot be read", 2, []string{"DOPPIO_SALESFORCE_JWT_KEY_FILE=/nosuch.pem"}, salesforce(d.base.Salesforce, as...)},
		{"Salesforce, jwt, another file", "no RSA private key", 2, []string{"DOPPIO_SALESFORCE_JWT_KEY_FILE=" + noKey}, salesforce(d.base.Salesforce, as...)},
		{"Salesforce, jwt, nobody to run as", "--username", 2, []string{"DOPPIO_SALESFORCE_JWT_KEY_FILE=" + key}, salesforce(d.base.Salesforce, jwt...)},
		{"Salesforce, jwt, another key", "signature", 4, []string{"DOPPIO_SALESFORCE_JWT_KEY_FILE=" + key}, salesforce(d.base.Salesforce, as...)},
		{"Marketo, no address", "Admin > Integration > Munchkin", 2, nil, marketo("")},
		{"Marketo, no web address", "Admin > Integration > Munchkin", 2, nil, marketo("not a url")},
		{"Marketo, an unknown host", "Check that this computer is online", 1, nil, marketo("https://123-abc-456.invalid/rest")},
		{"Marketo, nobody there", "Nothing answers", 1, nil, marketo(nothing.URL)},
		{"Marketo, https where http is spoken", "does not speak https", 1, nil, marketo(https(d.base.Marketo))},
		{"Marketo, a web page", "A web page came", 1, nil, marketo(page.URL)},
		{"Marketo, another service", "Check the REST endpoint", 1, nil, marketo(d.base.Control)},
		{"Marketo, too few calls", "from 100", 2, nil, marketo(d.base.Marketo, "--daily-calls", "5")},
		{"Marketo, a wrong client id", "client id and secret", 4, nil, append(marketo(d.base.Marketo), "--client-id", "wrong")},
		{"Marketo, a wrong secret", "client id and secret", 4, []string{"DOPPIO_MARKETO_CLIENT_SECRET=wrong"}, marketo(d.base.Marketo)},
		{"Marketo, no secret", "DOPPIO_MARKETO_CLIENT_SECRET", 2, []string{"DOPPIO_MARKETO_CLIENT_SECRET="}, marketo(d.base.Marketo)},
	} {
		t.Run(m.name, func(t *testing.T) { d.in(t).refused(m.code, m.says, m.env, m.args...) })
	}
	if shown := d.does("workspace", "show", workspace, "--json"); strings.Contains(shown, "127.0.0.1") {
		t.Errorf("a connection that does not work was kept: %s", shown)
	}
}
