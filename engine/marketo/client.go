// Package marketo is the client of one Marketo Engage instance: signing in, reading people and the activity log, writing
// people and companies, describing fields, telling the use of the allowance.
//
// In come questions in the words of engine/record; out go as few REST calls as the limits allow (300 people a call), each
// through the instance's Pacer; back come canonical values, straight from the tokens of the answer, or typed failures
// with a sentence for people. A guard below everything else refuses whatever could change data unless the workspace is
// Live. The room keeps no state but the access token and the description of the fields.
//
// Sources of facts are Adobe's developer documentation (Marketo REST API) and its published OpenAPI files.
package marketo

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/wire"
)

// MaxBatch is how many people, companies or filter values one call takes (Marketo REST API, Leads: at most 300).
const MaxBatch = 300

// defaultTimeout is how long an answer may make no progress. Marketo gives up on most calls after 30 to 90 seconds by
// itself; giving up earlier would make a write's outcome doubtful.
const (
	defaultTimeout = 35 * time.Second
	writeTimeout   = 100 * time.Second
)

// Call is one HTTP call as it went, for journals. It names no record and no value.
type Call struct {
	Purpose  record.Purpose
	Endpoint string // "POST /rest/v1/leads.json"
	Status   int    // 0 when no answer came
	Took     time.Duration
	Err      error
}

// Config says which instance, as whom, and within which bounds.
type Config struct {
	// BaseURL is the REST endpoint in any form that people paste: with /rest, /identity, a slash, without scheme.
	BaseURL      string
	ClientID     string
	ClientSecret pace.Secret
	// Partition is the lead partition in which people are created; empty for the default one.
	Partition string
	// Transport carries the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout is how long a read may make no progress; 0 means 35 seconds. Writes get 100 seconds at least.
	Timeout time.Duration
	// Pacer is shared by all who call this instance; nil means an unlimited one.
	Pacer *pace.Pacer
	// Mode is asked before every request; nil means Observe.
	Mode func() record.Mode
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	Log *slog.Logger
	// Calls, if set, is told of every HTTP call when it ended. It must be safe for concurrent use.
	Calls func(Call)
}

// Client talks to one instance. It is safe for concurrent use, starts no goroutine and needs no closing.
type Client struct {
	base      string
	partition string
	http      *http.Client
	timeout   time.Duration
	pacer     *pace.Pacer
	now       func() time.Time
	log       *slog.Logger
	calls     func(Call)
	id        string
	secret    pace.Secret
	session   wire.Session[grant]

	mu        sync.Mutex
	described *Description
	names     map[int64]string // REST names by field id
	// remembered are those of an earlier description.
	remembered map[int64]string
}

// New checks the configuration; it makes no call.
func New(cfg Config) (*Client, error) {
	base, err := Host(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.ClientID == "" || cfg.ClientSecret == "" {
		return nil, errors.New("a Marketo client needs the client id and the client secret of a custom service (Admin > LaunchPoint)")
	}
	c := &Client{
		base: base, partition: cfg.Partition, timeout: cfg.Timeout, pacer: cfg.Pacer, now: cfg.Now, log: cfg.Log, calls: cfg.Calls,
		id: cfg.ClientID, secret: cfg.ClientSecret,
	}
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
	if c.pacer == nil {
		c.pacer = pace.New(pace.Limits{}, c.now, func() float64 { return 0.5 })
	}
	if cfg.Mode == nil {
		cfg.Mode = func() record.Mode { return record.Observe }
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	c.http = &http.Client{
		Transport: &guard{next: cfg.Transport, mode: cfg.Mode},
		// The API never redirects; a token must not follow whoever does.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.session.SignIn, c.session.Secret = c.signIn, func(g grant) pace.Secret { return g.token }
	c.session.Alive = func(g grant) bool { return c.now().Before(g.until) }
	return c, nil
}

// Host reduces what people paste from Admin > Web Services to scheme and host: "https://123-ABC-456.mktorest.com/rest/",
// the identity address, the bare host or the Munchkin id. Plain http is accepted for this machine only.
func Host(pasted string) (string, error) {
	text := strings.TrimSpace(pasted)
	if munchkin(text) {
		text += ".mktorest.com"
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, " _") {
		return "", errors.New("this is not the address of a Marketo instance; copy the REST endpoint from Admin > Web Services, for example https://123-ABC-456.mktorest.com/rest")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"):
	default:
		return "", errors.New("a Marketo instance is reached by https only")
	}
	if !strings.Contains(u.Hostname(), ".") && u.Hostname() != "localhost" && u.Hostname() != "::1" {
		return "", errors.New("this is not the address of a Marketo instance; copy the REST endpoint from Admin > Web Services")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// munchkin reports whether a text is an account id such as 123-ABC-456.
func munchkin(text string) bool {
	if len(text) != 11 || text[3] != '-' || text[7] != '-' {
		return false
	}
	for i, c := range text {
		switch {
		case i == 3 || i == 7:
		case i > 3 && i < 7:
			if c < 'A' || c > 'Z' {
				return false
			}
		case c < '0' || c > '9':
			return false
		}
	}
	return true
}
