package gui_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/instance"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/signin"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestSetUpOfAPair sets an imitated pair up without a window, to look only. Another process finds the set-up at the step where this one was
// ended; neither side was written to.
func TestSetUpOfAPair(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(sandbox.Options{People: 20, Seed: 3, NativeSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		a, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, w, c := t.Context(), words.For("en"), pair.Credentials()
		ended := ""
		wiz := wizard.NewModel(w, a, []string{org.Step, "signin", instance.Step}, "", wizard.Stand{})
		on := func(want int, leave func(context.Context) bool) {
			t.Helper()
			wiz.On(ctx, wiz.View().At, leave, func(name string) { ended = name })
			if v := wiz.View(); v.At != want || v.Problem != nil {
				t.Fatalf("the set-up stands at %d with %+v, want %d", v.At, v.Problem, want)
			}
		}
		const name = "Kade 12"
		first := org.NewModel(w, a, "", true, wiz.Made)
		first.Load(ctx)
		on(0, func(ctx context.Context) bool {
			return first.Leave(ctx, org.Typed{Name: "a/b", Flow: app.FlowClientCredentials})
		})
		on(1, func(ctx context.Context) bool {
			return first.Leave(ctx, org.Typed{Name: name, Address: c.Salesforce.LoginURL + "/lightning/page", ClientID: c.Salesforce.ClientID, Flow: app.FlowClientCredentials})
		})

		in := signin.NewModel(w, a, name, a.Ask(name), func(string) error { t.Error("a browser was opened"); return nil })
		in.Load(ctx)
		on(1, func(ctx context.Context) bool { return in.Leave(ctx, signin.Secrets{ClientSecret: "wrong"}) })
		if sf, _, err := a.Ask(name).Connections(ctx); err != nil || sf.LoginURL != "" {
			t.Errorf("after a wrong secret %+v is kept, %v", sf, err)
		}
		secret := signin.Secrets{ClientSecret: c.Salesforce.ClientSecret + " "}
		on(1, func(ctx context.Context) bool { return in.Leave(ctx, secret) })
		on(2, func(ctx context.Context) bool { return in.Leave(ctx, signin.Secrets{}) })
		who, err := a.Ask(name).Who(ctx)
		if err != nil || who.Username != c.Salesforce.Username || who.Limit == 0 || !slices.ContainsFunc(who.Lines, func(l app.CheckLine) bool { return l.What.Key == "check.user.own.license" }) {
			t.Errorf("it is %+v, %v", who, err)
		}

		step, err := a.SetupStep(ctx, name)
		if err != nil || wizard.ParseStand(step).At != instance.Step {
			t.Errorf("another process finds it at %q, %v", step, err)
		}
		mk := instance.NewModel(w, a, name, true, a.Ask(name))
		mk.Load(ctx)
		mk.Type(instance.Typed{Address: c.Marketo.BaseURL + "/identity", ClientID: c.Marketo.ClientID, Secret: c.Marketo.ClientSecret, Partition: "Nowhere"})
		on(2, mk.Leave)
		mk.Type(instance.Typed{Address: c.Marketo.BaseURL + "/identity", ClientID: c.Marketo.ClientID, Secret: c.Marketo.ClientSecret, Partition: "Europe", Daily: "20.000"})
		on(2, mk.Leave)
		on(2, mk.Leave)
		if ended != name {
			t.Errorf("the set-up of %q has ended", ended)
		}
		found, err := a.Ask(name).Instance(ctx)
		if err != nil || !found.NativeSync || found.Lacking(true) != 0 || found.Limit != 20_000 || found.Partition != "Europe" || len(found.Users) == 0 || !found.Users[0].Ours {
			t.Errorf("the instance says %+v, %v", found, err)
		}
		if found.Lacking(false) != 0 || len(found.Rights) < 7 {
			t.Errorf("the API user may do all, and the instance says %+v", found.Rights)
		}
		if !slices.ContainsFunc(found.Rights, func(r app.MarketoRight) bool { return r.Write && r.Granted }) {
			t.Errorf("whether people may be written was not found out: %+v", found.Rights)
		}
		if err := a.SetMode(ctx, name, record.Live); err == nil {
			t.Error("what only looks was made live")
		}
		if writes := pair.Journal(); writes.Salesforce.Writes+writes.Marketo.Writes+writes.Salesforce.WriteCalls+writes.Marketo.WriteCalls != 0 {
			t.Errorf("looking wrote: %+v", writes)
		}
	})
}
