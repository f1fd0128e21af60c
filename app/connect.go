package app

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
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
	Username           string // of the sync user; FlowJWT needs it, the others hold whoever signs in to it where it is given
	ClientSecret       string
	RefreshToken       string
	JWTKey             string // PEM; empty means the key that SigningKey made
	Timeout            time.Duration
	// Open shows the sign-in page in a browser, for FlowBrowser.
	Open func(address string) error
	// DonePage and FailedPage are the HTML that the browser shows at the end; empty means a plain English one.
	DonePage, FailedPage string
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
	Profile      string      `json:"profile,omitempty"`
	Edition      string      `json:"edition,omitempty"`
	Sandbox      bool        `json:"sandbox,omitempty"`
}

// ErrOtherUser says that somebody else signed in than the user that was named. Nothing of it is kept.
var ErrOtherUser = errors.New("another user signed in")

// CallbackURLs are the addresses that the Salesforce admin enters in the app that people sign in through in the browser.
func CallbackURLs() []string { return salesforce.CallbackURLs() }

func observing() record.Mode { return record.Observe }

var errTimeout = inputf("--timeout takes a time of more than nothing, such as 20s")

// ConnectSalesforce signs in, and keeps the connection when that worked. Nothing is changed when it did not.
func (a *App) ConnectSalesforce(ctx context.Context, name string, c ConnectSalesforce) (done Connected, err error) {
	org, err := UnderstandSalesforce(c.LoginURL)
	if err != nil {
		return Connected{}, err
	}
	host := org.Host
	var until time.Time
	if c.Flow == FlowJWT && c.Username == "" {
		return Connected{}, input(pace.Say("trouble.username.none", "the jwt flow needs the name of the user to run as: --username"))
	}
	if c.Timeout < 0 {
		return Connected{}, errTimeout
	}
	if c.ClientID == "" {
		return Connected{}, input(pace.Say("trouble.client.salesforce", "the client id (consumer key) of the app is needed; the Salesforce admin finds it in the External Client App Manager"))
	}
	vault, err := a.secrets()
	if err != nil {
		return Connected{}, err
	}
	if c.Flow == FlowJWT && c.JWTKey == "" {
		made, err := madeKey(ctx, vault, name)
		if err != nil {
			return Connected{}, err
		}
		certificate, err := readCertificate(made.Certificate)
		if err != nil {
			return Connected{}, err
		}
		c.JWTKey, until = made.Key, certificate.Until
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
		if c.Username != "" && !strings.EqualFold(c.Username, who.Username) {
			return otherUser(ctx, client, c.Flow, secrets)
		}
		connection.OrgID, connection.OrgName = string(who.OrgID), who.OrgName
		connection.Since, connection.Until = a.world.now().UTC(), until.UTC()
		done = Connected{Side: record.Salesforce, Organisation: who.OrgName, User: who.Username, Profile: who.Profile, Edition: who.Edition, Sandbox: who.IsSandbox}
		if err := keepSecret(ctx, vault, name, secretSalesforce, secrets); err != nil {
			return err
		}
		return keepConnection(ctx, ws, metaSalesforce, connection)
	})
	return done, err
}

// otherUser ends what somebody else than the sync user just allowed, and says so.
func otherUser(ctx context.Context, client *salesforce.Client, flow Flow, secrets salesforceSecrets) error {
	said := &told{ErrOtherUser, pace.Say("trouble.user.other", "Another user signed in than the one you named, so nothing was kept. Sign out of Salesforce in the browser, or use a private window, then sign in as the sync user.")}
	if flow != FlowBrowser {
		said.said = pace.Say("trouble.user.other.app", "The app signs in as another user than the one you named, so nothing was kept. Correct the name, or have the Salesforce admin change the user that the app runs as.")
		return said
	}
	return errors.Join(said, client.Revoke(context.WithoutCancel(ctx), pace.Secret(secrets.RefreshToken)))
}

// browser lets a person sign in and approve.
func (a *App) browser(ctx context.Context, host string, c ConnectSalesforce) (salesforce.Token, error) {
	open := c.Open
	if open == nil {
		open = func(address string) error { return OpenBrowser(ctx, address) }
	}
	return salesforce.AuthorizationCode{
		LoginURL: host, ClientID: c.ClientID, ClientSecret: pace.Secret(c.ClientSecret), LoginHint: c.Username,
		Open: open, Transport: a.world.transport, Timeout: c.Timeout, Now: a.world.now, DonePage: c.DonePage, FailedPage: c.FailedPage,
	}.SignIn(ctx)
}

// ConnectMarketo signs in, and keeps the connection when that worked.
func (a *App) ConnectMarketo(ctx context.Context, name string, c ConnectMarketo) (done Connected, err error) {
	if c.ClientID == "" {
		return Connected{}, input(pace.Say("trouble.client.marketo", "the client id of the custom service is needed; the Marketo admin finds it under Admin > LaunchPoint"))
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
	where, err := UnderstandMarketo(c.BaseURL)
	if err != nil {
		return Connected{}, err
	}
	err = a.within(ctx, name, func(ws *store.Workspace) error {
		connection, secrets := MarketoConnection{BaseURL: where.Host, ClientID: c.ClientID}, marketoSecrets{c.ClientSecret}
		client, err := a.timed(c.Timeout).marketo(connection, secrets, c.Partition, nil, observing, a)
		if err != nil {
			return misread(err)
		}
		if _, err := client.Describe(ctx); err != nil {
			return err
		}
		if err := knownPartition(ctx, client, c.Partition); err != nil {
			return err
		}
		done = Connected{Side: record.Marketo, Organisation: hostOf(where.Host)}
		connection.Since = a.world.now().UTC()
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

// knownPartition sees that people can be created in a partition: a mistyped one would fail each of them.
func knownPartition(ctx context.Context, client *marketo.Client, partition string) error {
	if partition == "" {
		return nil
	}
	names, err := client.Partitions(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, partition) }) {
		return input(pace.Say("trouble.partition", "The API user has no lead partition %1; it has: %2. Choose one of them, or ask the Marketo admin to give the API user's role the workspace of that partition.", partition, strings.Join(names, ", ")))
	}
	return nil
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
