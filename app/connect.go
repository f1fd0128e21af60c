package app

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/store"
)

// ConnectSalesforce is what connecting to an org takes. Secrets are in memory only until the sign-in worked.
type ConnectSalesforce struct {
	LoginURL, ClientID string
	Flow               Flow
	Username           string
	ClientSecret       string
	RefreshToken       string
	JWTKey             string // PEM
	Timeout            time.Duration
	// Open shows the sign-in page in a browser, for FlowBrowser.
	Open func(address string) error
}

// ConnectMarketo is what connecting to a Marketo instance takes.
type ConnectMarketo struct {
	BaseURL, ClientID, ClientSecret string
	Partition                       string
	DailyCalls                      int // 0 leaves the setting
	Timeout                         time.Duration
}

// Connected says whom a connection reached.
type Connected struct {
	Side         record.Side `json:"side"`
	Organisation string      `json:"organisation"`
	User         string      `json:"user,omitempty"`
	Sandbox      bool        `json:"sandbox,omitempty"`
}

// CallbackURLs are the addresses that the Salesforce admin enters in the app that people sign in through in the browser.
func CallbackURLs() []string { return salesforce.CallbackURLs() }

func observing() record.Mode { return record.Observe }

var errTimeout = inputf("--timeout takes a time of more than nothing, such as 20s")

// ConnectSalesforce signs in, and keeps the connection when that worked. Nothing is changed when it did not.
func (a *App) ConnectSalesforce(ctx context.Context, name string, c ConnectSalesforce) (done Connected, err error) {
	host, err := salesforce.Host(c.LoginURL)
	if err != nil {
		return Connected{}, inputf("%v", err)
	}
	if c.Flow == FlowJWT && c.Username == "" {
		return Connected{}, inputf("the jwt flow needs the name of the user to run as: --username")
	}
	if c.Timeout < 0 {
		return Connected{}, errTimeout
	}
	if c.ClientID == "" {
		return Connected{}, inputf("the client id (consumer key) of the app is needed; the Salesforce admin finds it in the External Client App Manager")
	}
	vault, err := a.secrets()
	if err != nil {
		return Connected{}, err
	}
	err = a.within(ctx, name, func(ws *store.Workspace) error {
		secrets := salesforceSecrets{ClientSecret: c.ClientSecret, RefreshToken: c.RefreshToken, JWTKey: c.JWTKey, Username: c.Username}
		connection := SalesforceConnection{LoginURL: host, ClientID: c.ClientID, Flow: c.Flow}
		if c.Flow == FlowBrowser {
			token, err := a.browser(ctx, host, c)
			if err != nil {
				return err
			}
			secrets.RefreshToken = string(token.Refresh)
		}
		auth, err := connection.auth(secrets, kept{keep: func(ctx context.Context, token pace.Secret) error {
			secrets.RefreshToken = string(token)
			return keepSecret(ctx, vault, name, secretSalesforce, secrets)
		}}, a.world.now)
		if err != nil {
			return err
		}
		client, err := a.timed(c.Timeout).salesforce(connection, auth, nil, observing, a)
		if err != nil {
			return err
		}
		who, err := client.Identity(ctx)
		if err != nil {
			return err
		}
		connection.OrgID, connection.OrgName = string(who.OrgID), who.OrgName
		done = Connected{Side: record.Salesforce, Organisation: who.OrgName, User: who.Username, Sandbox: who.IsSandbox}
		if err := keepSecret(ctx, vault, name, secretSalesforce, secrets); err != nil {
			return err
		}
		return keepConnection(ctx, ws, metaSalesforce, connection)
	})
	return done, err
}

// browser lets a person sign in and approve.
func (a *App) browser(ctx context.Context, host string, c ConnectSalesforce) (salesforce.Token, error) {
	open := c.Open
	if open == nil {
		open = func(address string) error { return OpenBrowser(ctx, address) }
	}
	return salesforce.AuthorizationCode{
		LoginURL: host, ClientID: c.ClientID, ClientSecret: pace.Secret(c.ClientSecret), LoginHint: c.Username,
		Open: open, Transport: a.world.transport, Timeout: c.Timeout, Now: a.world.now,
	}.SignIn(ctx)
}

// ConnectMarketo signs in, and keeps the connection when that worked.
func (a *App) ConnectMarketo(ctx context.Context, name string, c ConnectMarketo) (done Connected, err error) {
	if c.ClientID == "" {
		return Connected{}, inputf("the client id of the custom service is needed; the Marketo admin finds it under Admin > LaunchPoint")
	}
	if c.DailyCalls < 0 {
		return Connected{}, inputf("--daily-calls takes the instance's daily allowance, as Admin > Web Services shows it")
	}
	if c.Timeout < 0 {
		return Connected{}, errTimeout
	}
	vault, err := a.secrets()
	if err != nil {
		return Connected{}, err
	}
	err = a.within(ctx, name, func(ws *store.Workspace) error {
		connection, secrets := MarketoConnection{BaseURL: c.BaseURL, ClientID: c.ClientID}, marketoSecrets{c.ClientSecret}
		client, err := a.timed(c.Timeout).marketo(connection, secrets, c.Partition, nil, observing, a)
		if err != nil {
			return inputf("%v", err)
		}
		if _, err := client.Describe(ctx); err != nil {
			return err
		}
		host, err := marketo.Host(c.BaseURL)
		if err != nil {
			return inputf("%v", err)
		}
		connection.BaseURL = host
		done = Connected{Side: record.Marketo, Organisation: hostOf(host)}
		if err := keepSecret(ctx, vault, name, secretMarketo, secrets); err != nil {
			return err
		}
		s, err := settingsOf(ctx, ws)
		if err != nil {
			return err
		}
		if c.DailyCalls > 0 {
			if err := s.Set("marketo_daily_calls=" + strconv.Itoa(c.DailyCalls)); err != nil {
				return err
			}
		}
		if c.Partition != "" {
			s.Partition = c.Partition
		}
		return errors.Join(keepSettings(ctx, ws, s), keepConnection(ctx, ws, metaMarketo, connection))
	})
	return done, err
}

// keepConnection keeps a connection; both sides are asked anew what they look like.
func keepConnection(ctx context.Context, ws *store.Workspace, fact string, connection any) error {
	text, err := encodeFact(connection)
	if err != nil {
		return err
	}
	return ws.SetSettings(ctx, map[string]string{fact: text, metaDescribed: ""})
}

// timed is the world with a time-out of its own.
func (a *App) timed(d time.Duration) world {
	w := a.world
	if d > 0 {
		w.timeout = d
	}
	return w
}

// OpenBrowser shows an address in the person's browser, without waiting for it to end.
func OpenBrowser(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	if err := command.Start(); err != nil {
		return fmt.Errorf("no browser could be opened; open the address by hand: %w", err)
	}
	return command.Process.Release()
}
