package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/doppio-sync/doppio/app/keychain"
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/store"
)

// Flow is a way to sign in to Salesforce.
type Flow string

// The flows.
const (
	FlowBrowser           Flow = "browser"
	FlowRefreshToken      Flow = "refresh-token"
	FlowClientCredentials Flow = "client-credentials"
	FlowJWT               Flow = "jwt"
)

// SalesforceConnection is how a workspace reaches its org. Secrets are kept apart, in the keychain.
type SalesforceConnection struct {
	LoginURL string `json:"login_url"`
	ClientID string `json:"client_id"`
	Flow     Flow   `json:"flow"`
	OrgID    string `json:"org_id,omitempty"`
	OrgName  string `json:"org_name,omitempty"`
	// Since is when somebody connected it last, Until when the certificate ends that it signs in with; zero where none does, or where the
	// key came from elsewhere.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// MarketoConnection is how a workspace reaches its Marketo instance.
type MarketoConnection struct {
	BaseURL  string `json:"base_url"`
	ClientID string `json:"client_id"`
	// Since is when somebody connected it last.
	Since time.Time `json:"since,omitzero"`
}

// salesforceSecrets is what the keychain keeps of a Salesforce connection. The user name looks like an address, so it
// stays out of the database with the rest.
type salesforceSecrets struct {
	ClientSecret string `json:"client_secret,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	JWTKey       string `json:"jwt_key,omitempty"`
	Username     string `json:"username,omitempty"`
}

type marketoSecrets struct {
	ClientSecret string `json:"client_secret"`
}

// The names under which a workspace's secrets are kept.
const (
	secretDatabase   = "database"
	secretSalesforce = "salesforce"
	secretMarketo    = "marketo"
)

// The settings under which a workspace's connections are kept.
const (
	metaSalesforce = "salesforce"
	metaMarketo    = "marketo"
)

// Vault keeps a workspace's secrets: the keychain of the operating system, a sealed file, or memory for the demo.
type Vault interface {
	// Get gives a secret; ok is false when there is none of that name.
	Get(ctx context.Context, workspace, name string) (secret []byte, ok bool, err error)
	Set(ctx context.Context, workspace, name string, secret []byte) error
	// Forget removes all secrets of a workspace.
	Forget(ctx context.Context, workspace string) error
}

// ErrNotConnected is found when a workspace lacks a connection that the task needs.
var ErrNotConnected = errors.New("not connected")

func keepSecret(ctx context.Context, v Vault, workspace, name string, secret any) error {
	text, err := json.Marshal(secret)
	if err != nil {
		return fmt.Errorf("keep a secret: %w", err)
	}
	return v.Set(ctx, workspace, name, text)
}

func readSecret(ctx context.Context, v Vault, workspace, name string, into any) error {
	text, ok, err := v.Get(ctx, workspace, name)
	if err != nil {
		return err
	}
	if !ok {
		return &told{ErrNotConnected, pace.Say("trouble.secret.none", "the secrets of workspace \"%1\" for %2 are not here; connect it again", workspace, name)}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &told{keychain.ErrSpoiled, pace.Say("trouble.secret.unreadable", "the %1 secret of workspace \"%2\" cannot be read; connect it again", name, workspace)}
	}
	return nil
}

// central is the zone at whose midnight Marketo's daily count starts again.
func central() *time.Location {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		return time.FixedZone("US Central", -6*3600)
	}
	return zone
}

// limits are what both sides, and the user, allow one workspace now: a first sync may go faster than the cycles after it, and
// outside business hours a part of the share is kept for them, where calls of now would be missing then.
func (s Settings) limits(first bool, now time.Time) (sf, mk pace.Limits) {
	sf = pace.Limits{Concurrent: 5, Share: s.ShareSalesforce}
	perWindow := s.Pace
	if first {
		perWindow = 100
	}
	// One call of the hundred is left to others: the side counts by its own clock.
	mk = pace.Limits{
		PerWindow: min(perWindow, 98), Window: 20 * time.Second, Concurrent: 5,
		Allowance: s.MarketoDailyCalls, Share: s.ShareMarketo, ResetIn: central(),
	}
	if opens := s.BusinessHours.next(now); opens.After(now) {
		sf.Reserve, sf.ReserveUntil = s.ReservePercent, opens // Salesforce counts the last 24 hours
		if opens.Before(midnight(now.In(central()), 1)) {
			mk.Reserve, mk.ReserveUntil = s.ReservePercent, opens
		}
	}
	return sf, mk
}

// kept is where the refresh token of a connection lies, so that programs beside each other do not work with a dead one.
type kept struct {
	keep func(ctx context.Context, token pace.Secret) error
	load func(ctx context.Context) (pace.Secret, error) // nil while connecting
	// next is a newer key than the one that signs in, empty where there is none; took is told when it has taken its place.
	next string
	took func(ctx context.Context) error
}

// auth makes the sign-in of a connection.
func (c SalesforceConnection) auth(s salesforceSecrets, k kept, now func() time.Time) (salesforce.Auth, error) {
	switch c.Flow {
	case FlowClientCredentials:
		return &salesforce.ClientCredentials{ClientID: c.ClientID, ClientSecret: pace.Secret(s.ClientSecret)}, nil
	case FlowJWT:
		key, err := salesforce.ParseKey([]byte(s.JWTKey))
		if err != nil {
			return nil, inputf("%v", err)
		}
		host, err := salesforce.Host(c.LoginURL)
		if err != nil {
			return nil, err
		}
		signed := &salesforce.JWT{ClientID: c.ClientID, Username: s.Username, Audience: salesforce.JWTAudience(host), Key: key, Now: now}
		if k.next != "" && k.next != s.JWTKey {
			if signed.Next, err = salesforce.ParseKey([]byte(k.next)); err != nil {
				return nil, inputf("%v", err)
			}
			signed.Took = k.took
		}
		return signed, nil
	case FlowBrowser, FlowRefreshToken:
		return &salesforce.RefreshToken{ClientID: c.ClientID, ClientSecret: pace.Secret(s.ClientSecret), Token: pace.Secret(s.RefreshToken), Store: k.keep, Load: k.load}, nil
	}
	return nil, inputf("%q is not a way to sign in: browser, refresh-token, client-credentials, jwt", c.Flow)
}

// world is what differs between a real pair and an imitated one.
type world struct {
	transport http.RoundTripper // nil: the network
	now       func() time.Time
	jitter    func() float64
	timeout   time.Duration
	unpaced   bool // Marketo takes any number of calls in 20 seconds, as an imitated one can
	// engine changes what an engine is made of, to see whether the simulated days notice; nil changes nothing.
	engine func(cycle.Config) cycle.Config
	files  files
}

// files is how workspaces' files are opened for writing and for reading, and closed. A simulated day keeps one open from use to use.
type files struct {
	open, read func(context.Context, string, store.Keys, store.Options) (*store.Workspace, error)
	close      func(*store.Workspace) error
}

func (w world) salesforce(c SalesforceConnection, auth salesforce.Auth, p *pace.Pacer, mode func() record.Mode, a *App) (*salesforce.Client, error) {
	return salesforce.New(salesforce.Config{
		LoginURL: c.LoginURL, Auth: auth, Transport: w.transport, Timeout: w.timeout, Pacer: p, Mode: mode, Now: w.now,
		Log: a.log, Product: "doppio/" + a.version, Calls: func(c salesforce.Call) { a.logCall(record.Salesforce, c.Purpose, c.Endpoint, c.Status, c.Took, c.Err) },
	})
}

func (w world) marketo(c MarketoConnection, s marketoSecrets, partition string, p *pace.Pacer, mode func() record.Mode, a *App) (*marketo.Client, error) {
	return marketo.New(marketo.Config{
		BaseURL: c.BaseURL, ClientID: c.ClientID, ClientSecret: pace.Secret(s.ClientSecret), Partition: partition,
		Transport: w.transport, Timeout: w.timeout, Pacer: p, Mode: mode, Now: w.now, Log: a.log,
		Calls: func(c marketo.Call) { a.logCall(record.Marketo, c.Purpose, c.Endpoint, c.Status, c.Took, c.Err) },
	})
}

// logCall notes a call of either client at level debug. It names no record and no value.
func (a *App) logCall(side record.Side, purpose record.Purpose, endpoint string, status int, took time.Duration, err error) {
	if !a.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	log := a.log.With("side", side, "purpose", purpose, "endpoint", endpoint, "status", status, "took", took)
	if err != nil {
		log.Debug("a call failed", "err", err)
		return
	}
	log.Debug("a call")
}
