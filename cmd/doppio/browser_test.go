//go:build window

package main

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/callback"
)

// browser is a real Chromium with a profile of its own, gone with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, endAll := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(endAll)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // starts it
		t.Fatalf("Chromium does not start: %v", err)
	}
	return ctx
}

// signIn fills the sign-in page of the org as a person does, presses a button, and gives the text of the page that comes then.
func signIn(ctx context.Context, address, username, password, button string) (page string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err = chromedp.Do(ctx,
		chromedp.Navigate(address),
		chromedp.Clear("#username"),
		chromedp.SendKeys("#username", username),
		chromedp.SendKeys("#password", password),
		chromedp.Click("#"+button),
		chromedp.WaitNotPresent("#"+button),
	); err != nil {
		return "", err
	}
	return chromedp.Run(ctx, chromedp.Text("body"))
}

// TestRealBrowser signs in to Salesforce through a real browser: it comes back to Doppio by the loopback address, on a port of this computer,
// and says that it worked, or that it did not.
func TestRealBrowser(t *testing.T) {
	pair, err := sandbox.New(sandbox.Options{People: 20, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	served, err := pair.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := served.Close(); err != nil {
			t.Error(err)
		}
	}()
	a, err := app.New(app.Options{Home: t.TempDir(), Secrets: app.SecretsMemory})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.NewWorkspace(t.Context(), "Acme", false); err != nil {
		t.Fatal(err)
	}
	chromium, c := browser(t), pair.Credentials()
	for _, row := range []struct {
		button, page string
		works        bool
	}{
		{"deny", "The sign-in did not work", false},
		{"allow", "Signed in. You can close this window", true},
	} {
		t.Run(row.button, func(t *testing.T) {
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			defer callback.Alone(t)()
			var work sync.WaitGroup
			connected, err := a.ConnectSalesforce(ctx, "Acme", app.ConnectSalesforce{
				LoginURL: served.Salesforce, ClientID: c.Salesforce.ClientID, Flow: app.FlowBrowser,
				Open: func(address string) error {
					work.Go(func() {
						page, err := signIn(chromium, address, c.Salesforce.Username, c.Salesforce.Password, row.button)
						if err != nil || !strings.Contains(page, row.page) {
							t.Errorf("the browser shows %q, %v", page, err)
							giveUp()
						}
					})
					return nil
				},
			})
			work.Wait()
			if row.works && (err != nil || connected.User != c.Salesforce.Username) || !row.works && app.ExitCode(err) != app.ExitSignIn {
				t.Errorf("connected as %q, %v", connected.User, err)
			}
		})
	}
}
