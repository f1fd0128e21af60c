package org

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/clock"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Config says what an Org is made of. Clock, Dice and Journal are needed.
type Config struct {
	Clock   *clock.Clock
	Dice    *fault.Dice
	Journal *journal.Journal
	// Scenario is "" for an org that was set up for the sync, or "bare": without the fields that carry the other
	// side's id, and with a sync user that lacks rights; or "strict": with picklists of states and countries.
	Scenario string
	Seed     uint64
	// HTTPBase is the public address, scheme and host; SetBase may give it later.
	HTTPBase string
	// DailyRequests is the allowance of a rolling day; 0 for 130,000, an Enterprise org with 30 licences.
	DailyRequests int
	// Rules says which business rules are on.
	Rules Rules
}

// Org is one imitated Salesforce org. It is safe for concurrent use and owns no goroutine.
type Org struct {
	clock   *clock.Clock
	dice    *fault.Dice
	journal *journal.Journal
	bare    bool
	strict  bool
	seed    uint64
	id      string // 18 characters

	db      *table.DB
	objects []*object
	byName  map[string]*object // lower case
	byKey   map[string]*object // key prefix
	formula *formula
	quota   *quota
	people  staff
	late    lateCommits
	buffers buffers
	altered atomic.Int64 // when an admin last changed the schema, in Unix seconds

	mu          sync.Mutex // guards what follows
	base        string
	rules       Rules
	sessions    map[string]*session
	deployments map[string]*deployment
	sets        []*deployedSet
	// contactMapping is the mapping of a lead's fields to those of its contact, once one was deployed.
	contactMapping [][2]string
	aged           time.Time // when the bin was last looked through
	issued         uint64    // counts tokens and locators given out, so that each differs
	grants         map[string]*rights

	oauth   oauthState
	bulk    bulkState
	cursors cursorState

	mux *http.ServeMux
}

// New makes an org that has its users and its schema, and no people yet: see Load.
func New(cfg Config) *Org {
	o := &Org{
		clock: cfg.Clock, dice: cfg.Dice, journal: cfg.Journal,
		bare: cfg.Scenario == "bare", strict: cfg.Scenario == "strict", seed: cfg.Seed,
		db: table.NewDB(cfg.Clock.Now), base: strings.TrimSuffix(cfg.HTTPBase, "/"), rules: cfg.Rules,
		sessions: map[string]*session{}, grants: map[string]*rights{}, deployments: map[string]*deployment{}, aged: cfg.Clock.Now(),
	}
	if cfg.DailyRequests == 0 {
		cfg.DailyRequests = 130_000
	}
	o.altered.Store(cfg.Clock.Now().AddDate(-1, 0, 0).Unix()) // an org that nobody has set up anew lately
	o.quota = newQuota(cfg.Clock.Now, cfg.DailyRequests)
	o.formula = newFormula()
	o.defineSchema()
	o.id = o.object("Organization").longID(orgRow)
	o.seedStaff()
	o.writeSchema()
	o.writeRules()
	o.mux = http.NewServeMux()
	o.mux.HandleFunc("/services/data/", o.serveData)
	o.mux.HandleFunc("/services/data", o.serveData)
	o.routeOAuth(o.mux)
	o.routeSOAP(o.mux)
	return o
}

// Close waits for the bulk jobs that are worked on.
func (o *Org) Close() { o.bulk.working.Wait() }

// SetBase tells the org its public address, which tokens and describe repeat to clients.
func (o *Org) SetBase(base string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.base = strings.TrimSuffix(base, "/")
}

// Base is the public address, without a slash at its end.
func (o *Org) Base() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.base
}

// ServeHTTP answers as the whole Salesforce host.
func (o *Org) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.mux.ServeHTTP(w, r) }

// object finds an object by its API name in any case; nil when the org has none.
func (o *Org) object(name string) *object { return o.byName[strings.ToLower(name)] }

// view runs fn under the rows' read lock, or at once inside the call's transaction.
func (o *Org) view(c *call, fn func()) {
	if c.tx != nil {
		fn()
		return
	}
	o.db.View(fn)
}

// update runs fn in a transaction of its own, or at once inside the call's. An error rolls the transaction back, and
// the records that fn changed no longer count as written.
func (o *Org) update(c *call, fn func() error) error {
	if c.tx != nil {
		return fn()
	}
	before := c.wrote
	err := o.db.Update(func(tx *table.Tx) error {
		c.tx = tx
		defer func() { c.tx = nil }()
		return fn()
	})
	if err != nil {
		c.wrote = before
	}
	return err
}
