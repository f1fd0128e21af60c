//go:build window

package main

import (
	"os"
	"testing"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestDoors goes through the door that only looks, in an org that nobody has set up, and into every page behind it: nothing is written. Then
// it takes up a set-up of the same org that stands at what is missing, and has Doppio deploy it, as an admin who signs in for this once: the
// page that is open says that nothing is missing any more.
func TestDoors(t *testing.T) {
	if os.Getenv("DISPLAY") == "" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		t.Fatal("no display, or no session bus: run this under Xvfb with a keychain")
	}
	j := newJourney(t, sandbox.Options{People: 30, Seed: 3, Scenario: sandbox.Bare})
	c := j.pair.Credentials()
	j.open()
	j.name = "Kade 12"
	j.key("Tab", "Tab", "Return") // the second of the three doors
	j.settles()
	j.fill(0, j.served.Salesforce, 1, j.name, 5, c.Salesforce.ClientID)
	j.on("signin")
	j.signsIn(func() { j.key("ctrl+Return") }, c.Salesforce.Username, c.Salesforce.Password)
	j.on("marketo")
	j.fill(0, j.served.Marketo, 1, c.Marketo.ClientID, 1, c.Marketo.ClientSecret)
	j.on("")
	for page := range 8 {
		for range page + 1 { // the sidebar comes first
			j.key("Tab")
		}
		j.key("Return")
		j.settles()
		j.key("ctrl+r", "space", "Tab", "Tab", "space", "ctrl+Return") // asks again, presses what comes first and what is after it, sets
		j.settles()
		j.shot("looking")
		j.key("Escape", "Escape") // what has come up, and back to the Overview
	}
	seen := j.pair.Journal()
	w, err := j.app.Workspace(j.ctx, j.name)
	if err != nil || w.Mode != record.Observe || seen.Salesforce.Writes+seen.Marketo.Writes+seen.Salesforce.WriteCalls+seen.Marketo.WriteCalls != 0 {
		t.Errorf("looking at everything left it in %s, %v, and wrote %+v", w.Mode, err, seen)
	}
	j.kill()

	kept, err := app.New(app.Options{Home: j.home, Secrets: app.SecretsKeychain})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(kept.Forget(j.ctx, j.name))
	j.name = "Acme"
	must(kept.NewWorkspace(j.ctx, j.name, false))
	_, err = kept.ConnectSalesforce(j.ctx, j.name, app.ConnectSalesforce{LoginURL: j.served.Salesforce, ClientID: c.Salesforce.ClientID, Flow: app.FlowClientCredentials, ClientSecret: c.Salesforce.ClientSecret})
	must(err)
	must(kept.KeepSetupStep(j.ctx, j.name, "rights"))
	must(os.Remove(j.asked()))
	j.takesUp("rights")
	said := words.For("en")
	r, err := kept.Rights(j.ctx, j.name)
	must(err)
	bad := 0
	for _, a := range r.Asks() {
		if a.State == app.RightsBad {
			bad++
		}
	}
	until(j.ctx, t, &j.log, func() bool { return j.reads(said.Count("rights.heading.bad", bad)) })
	j.settles()
	j.key("shift+Tab", "shift+Tab", "space") // from Continue past Back to Deploy it
	j.settles()
	j.shot("confirm")
	if writes := j.writes(); writes != 0 {
		t.Errorf("%d things were written before anybody agreed", writes)
	}
	j.signsIn(func() { j.key("Tab", "Return") }, c.Salesforce.AdminUsername, c.Salesforce.AdminPassword)
	until(j.ctx, t, &j.log, func() bool { return j.writes() > 0 && j.reads(said.Say("rights.heading.good")) })
	j.settles()
	j.shot("green")
	if r, err := kept.Rights(j.ctx, j.name); err != nil || r.State() != app.RightsGood {
		t.Errorf("the org grants %v, %v", r.Asks(), err)
	}
	j.close()
}
