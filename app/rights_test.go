package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/setup"
)

// What an org lacks is told, the package grants it, and then nothing is lacking.
func TestRightsAndPackage(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 20, Seed: 3, Scenario: sandbox.Bare})
		pair.ResetJournal()
		r, err := a.Rights(t.Context(), sampleName)
		must(t, err)
		if r.State() != setup.Bad || len(r.Asks()) < 10 {
			t.Errorf("a bare org is said to be %s, with %d things to ask for", r.State(), len(r.Asks()))
		}
		var zip bytes.Buffer
		_, err = a.WritePackage(t.Context(), sampleName, &zip, true)
		must(t, err)
		if j := pair.Journal(); j.Salesforce.WriteCalls > 0 || j.Salesforce.Calls > 10 {
			t.Errorf("looking at the rights and writing a package took %+v", j.Salesforce)
		}

		if _, err := a.Deploy(t.Context(), sampleName, Deploy{}); err == nil || !strings.Contains(Say(err), "admin") {
			t.Errorf("the sync user of a bare org deploys: %v", err)
		}
		pair.Org().GrantSetup()
		tried, err := a.Deploy(t.Context(), sampleName, Deploy{Try: true})
		must(t, err)
		if again, err := a.Rights(t.Context(), sampleName); err != nil || tried.Assigned || len(again.Asks()) != len(r.Asks())-1 {
			t.Errorf("trying a deployment changed something: %v %+v", err, again.Asks())
		}
		done, err := a.Deploy(t.Context(), sampleName, Deploy{})
		must(t, err)
		if !done.Assigned || done.Rights.State() != setup.Good {
			t.Errorf("after the deployment: %+v", done.Rights.Asks())
		}
		_, err = a.Deploy(t.Context(), sampleName, Deploy{})
		must(t, err)
	})
}

// Who may only look never deploys.
func TestLookOnlyNeverDeploys(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 20, Seed: 3})
		must(t, a.NewWorkspace(t.Context(), "looks", true))
		if _, err := a.Deploy(t.Context(), "looks", Deploy{}); !errors.As(err, new(*InputError)) {
			t.Errorf("it is answered: %v", err)
		}
		if _, err := a.Rights(t.Context(), "looks"); !errors.Is(err, ErrNotConnected) {
			t.Errorf("without a connection: %v", err)
		}
		r, err := a.Rights(t.Context(), sampleName)
		must(t, err)
		for _, ask := range r.Asks() {
			t.Logf("%+v", ask)
		}
		if j := pair.Journal(); j.Salesforce.WriteCalls > 0 {
			t.Errorf("something was written: %+v", j.Salesforce)
		}
	})
}
