// Package salesforce is the client of one Salesforce org: signing in, reading changes, reading and writing records,
// describing objects, bulk jobs.
//
// In come questions in the words of engine/record; out go as few HTTP calls as the API allows, each through the org's
// Pacer; back come canonical values, straight from the tokens of the answer, or typed failures with a sentence for
// people. A guard below everything else refuses whatever could change data unless the workspace is Live. The room
// keeps no state but the access token.
package salesforce

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
)

// DefaultVersion is the API version that the client is written and tested against.
const DefaultVersion = "61.0"

const (
	defaultTimeout = 20 * time.Second
	// writeTimeouts is how many time-outs a write may take: a save runs the org's triggers and flows, 200 rows at a
	// time, and giving up early makes its outcome doubtful.
	writeTimeouts = 6
)

// Call is one HTTP call as it went, for journals. It names no record and no value.
type Call struct {
	Purpose  record.Purpose
	Endpoint string // "POST /composite"
	Status   int    // 0 when no answer came
	Took     time.Duration
	Err      error
}

// Config says which org, as whom, and within which bounds. Auth and one of LoginURL and InstanceURL are required.
type Config struct {
	// LoginURL is where tokens come from, in any of the spellings that people paste (see Host).
	LoginURL string
	// InstanceURL is used until a token answer names the org's own host, which then replaces it.
	InstanceURL string
	// APIVersion such as "61.0" or "v61.0"; empty means DefaultVersion.
	APIVersion string
	Auth       Auth
	// Transport carries the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout is how long an answer may make no progress; 0 means 20 seconds. Writes get six times as long.
	Timeout time.Duration
	// Pacer is shared by all who call this org; nil means an unlimited one.
	Pacer *pace.Pacer
	// Mode is asked before every request; nil means Observe.
	Mode func() record.Mode
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	Log *slog.Logger
	// Calls, if set, is told of every HTTP call when it ended. It must be safe for concurrent use.
	Calls func(Call)
	// Product names the program in the org's event logs ("doppio/1.2"); empty means "doppio".
	Product string
	// NoAssignment keeps the org's lead assignment rules from running on records that Doppio creates. On updates they
	// never run: an update must not re-route an owner.
	NoAssignment bool
}

// Client talks to one org. It is safe for concurrent use, starts no goroutine and needs no closing.
type Client struct {
	login        string
	version      string
	http         *http.Client
	timeout      time.Duration
	pacer        *pace.Pacer
	now          func() time.Time
	log          *slog.Logger
	calls        func(Call)
	product      string
	noAssignment bool
	auth         Auth
	instance     string // where data calls go if the sign-in does not say
	session      wire.Session[Token]
}

// New checks the configuration; it makes no call.
func New(cfg Config) (*Client, error) {
	if cfg.Auth == nil {
		return nil, errors.New("a Salesforce client needs a way to sign in")
	}
	if cfg.LoginURL == "" {
		cfg.LoginURL = cfg.InstanceURL
	}
	login, err := Host(cfg.LoginURL)
	if err != nil {
		return nil, err
	}
	instance := ""
	if cfg.InstanceURL != "" {
		if instance, err = Host(cfg.InstanceURL); err != nil {
			return nil, err
		}
	}
	version, err := apiVersion(cfg.APIVersion)
	if err != nil {
		return nil, err
	}
	c := &Client{
		login: login, version: version, timeout: cfg.Timeout, pacer: cfg.Pacer, now: cfg.Now, log: cfg.Log,
		calls: cfg.Calls, product: cfg.Product, noAssignment: cfg.NoAssignment, auth: cfg.Auth, instance: instance,
	}
	c.defaults()
	c.http = newHTTP(cfg.Transport, cfg.Mode)
	c.session.SignIn, c.session.Secret = c.signIn, func(t Token) pace.Secret { return t.Access }
	return c, nil
}

func (c *Client) defaults() {
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.calls == nil {
		c.calls = func(Call) {}
	}
	if c.product == "" {
		c.product = "doppio"
	}
	if c.pacer == nil {
		c.pacer = pace.New(pace.Limits{}, c.now, func() float64 { return 0.5 })
	}
}

// data is the path of a REST resource of the pinned version.
func (c *Client) data(resource string) string { return "/services/data/v" + c.version + resource }

// newHTTP builds the HTTP stack: guard below, no cookies, no redirects. Salesforce's API never redirects, so a redirect
// is a captive portal or worse, and neither token nor body may follow it.
func newHTTP(transport http.RoundTripper, mode func() record.Mode) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport
	}
	if mode == nil {
		mode = func() record.Mode { return record.Observe }
	}
	return &http.Client{
		Transport:     &guard{next: transport, mode: mode},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
