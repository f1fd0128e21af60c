package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

func TestListen(t *testing.T) {
	pair := newPair(t, sandbox.Options{People: 10, Seed: 1})
	ctx, cancel := context.WithCancel(t.Context())
	server, err := pair.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := pair.Credentials()
	if c.Salesforce.LoginURL != server.Salesforce || c.Marketo.BaseURL != server.Marketo || c.ControlURL != server.Control {
		t.Error("the credentials do not name the addresses that are served")
	}
	for _, address := range []string{server.Salesforce + "/services/data", server.Marketo + "/rest/v1/leads.json", server.Control + "/journal"} {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode >= 500 {
			t.Errorf("%s is answered %d", address, answer.StatusCode)
		}
	}
	cancel()
	if err := server.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(server.Control, "http://")); err == nil {
		t.Error("an ended server still takes connections")
	}
}

func TestListenRefusesBadAddresses(t *testing.T) {
	pair := newPair(t, sandbox.Options{})
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, address := range []string{"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:65534", taken.Addr().String()} {
		if server, err := pair.Listen(t.Context(), address); err == nil {
			t.Errorf("%q was listened on: %v", address, server.Close())
		}
	}
}

// TestCredentialsAreNotPrinted: they are handled like real ones.
func TestCredentialsAreNotPrinted(t *testing.T) {
	c := newPair(t, sandbox.Options{Seed: 1}).Credentials()
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); text != "***" {
			t.Errorf("%s prints %d characters", format, len(text))
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"salesforce":{"login_url":"`, `"client_id":"`, `"client_secret":"`, `"username":"`, `"password":"`, `"refresh_token":"`,
		`"api_version":"v61.0"}`, `"marketo":{"base_url":"`, `"control_url":"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the JSON lacks %s", want)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []sandbox.Options{{Scenario: "no-such"}, {Faults: "mild"}, {People: -1}} {
		if pair, err := sandbox.New(o); err == nil {
			pair.Close()
			t.Errorf("%+v was accepted", o)
		}
	}
}
