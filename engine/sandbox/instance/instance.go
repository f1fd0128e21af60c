package instance

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/clock"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Config says what an Instance is made of. Clock is needed; Dice and Journal may be nil.
type Config struct {
	Clock   *clock.Clock
	Dice    *fault.Dice
	Journal *journal.Journal
	// Scenario is "" for an instance that was set up for the sync, or "bare": without the field salesforceId.
	Scenario string
	Seed     uint64
	// NativeSync switches Marketo's own Salesforce sync on: see native.go.
	NativeSync bool
	// Unpaced lifts the limit of calls in 20 seconds.
	Unpaced bool
	// HTTPBase is the public address, scheme and host; SetBase may give it later.
	HTTPBase string
	// DailyCalls is the subscription's allowance; 0 for 50,000.
	DailyCalls int
	// TokenLife is how long an access token lives; 0 for an hour.
	TokenLife time.Duration
}

// Instance is one imitated Marketo subscription. It is safe for concurrent use and owns no goroutine.
type Instance struct {
	clock   *clock.Clock
	dice    *fault.Dice
	journal *journal.Journal
	seed    uint64
	native  bool
	bare    bool

	routes   *node
	limits   *limits
	identity *identity
	requests atomic.Uint64
	flight   flight

	// What follows is read in db.View and changed in db.Update.
	db        *table.DB
	schema    *schema
	people    *table.Table
	lastID    uint64 // highest person id given out
	objects   map[string]*object
	companies *object
	log       *activityLog
	lists     *lists
	programs  *programs
	campaigns *campaigns
	updatedAt bool // bulk extract knows updatedAt and smart lists
	sync      nativeSync

	jobs    *jobs
	imports *imports

	mu   sync.Mutex // guards what follows
	base string
}

// New makes an instance that has its schema and its assets, and no people yet: see LoadPersons.
func New(cfg Config) *Instance {
	i := &Instance{
		clock: cfg.Clock, dice: cfg.Dice, journal: cfg.Journal, seed: cfg.Seed, native: cfg.NativeSync, bare: cfg.Scenario == "bare",
		base: strings.TrimSuffix(cfg.HTTPBase, "/"), updatedAt: true, db: table.NewDB(cfg.Clock.Now),
	}
	if cfg.DailyCalls == 0 {
		cfg.DailyCalls = 50_000
	}
	if cfg.TokenLife == 0 {
		cfg.TokenLife = time.Hour
	}
	i.limits = newLimits(cfg.DailyCalls, cfg.Unpaced)
	i.identity = newIdentity(cfg.Seed, cfg.TokenLife)
	i.flight.recent = map[uint64]uint64{}
	i.schema = newSchema(cfg.Scenario != "bare", cfg.NativeSync)
	i.people = i.db.Create(table.Spec{Name: "person", Columns: i.schema.width(), Lookup: i.schema.indexed()})
	i.log = newActivityLog()
	i.defineObjects()
	i.seedAssets()
	i.jobs = newJobs(cfg.Seed)
	i.imports = newImports()
	i.routes = i.table()
	return i
}

// SetBase tells the instance its public address.
func (i *Instance) SetBase(base string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.base = strings.TrimSuffix(base, "/")
}

// Base is the public address, without a slash at its end. The REST endpoint is Base()+"/rest", identity Base()+"/identity".
func (i *Instance) Base() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.base
}

// Credentials open the API for one custom service. They open nothing but the sandbox, yet are handled like real ones.
type Credentials struct{ ClientID, ClientSecret string }

// String hides everything.
func (c Credentials) String() string { return "***" }

// GoString hides everything.
func (c Credentials) GoString() string { return "***" }

// Credentials are those of the service that the instance starts with; its API user has every permission.
func (i *Instance) Credentials() Credentials { return i.identity.services[0].credentials }

// SetUpdatedAtFilter says whether this subscription's bulk extract knows the filters updatedAt and smart lists. Some
// subscriptions do not: they answer 1035 (Marketo REST API, Bulk Lead Extract). It is on at the start.
func (i *Instance) SetUpdatedAtFilter(on bool) {
	i.update(func(*table.Tx) { i.updatedAt = on })
}

// update runs fn as the only writer. fn cannot fail: what could be refused is checked before anything is written.
func (i *Instance) update(fn func(tx *table.Tx)) {
	must(i.db.Update(func(tx *table.Tx) error {
		fn(tx)
		return nil
	}))
}

// must ends the program on a write that was refused although it had been checked: rows without unique columns refuse
// nothing else.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("instance: a checked write was refused: %v", err))
	}
}

// flight knows which requests are under way, to let two that create the same key at once both succeed, as the real
// system does (Marketo REST API, Leads: racing upserts make duplicates).
type flight struct {
	mu     sync.Mutex
	now    int               // requests under way
	clock  uint64            // counts commits that created people
	recent map[uint64]uint64 // person -> commit that created it, while an older request is under way
}

// enter tells of a request that has arrived, and what it may know of.
func (f *flight) enter() (arrived uint64, inFlight int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now++
	return f.clock, f.now
}

func (f *flight) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now--; f.now == 0 {
		clear(f.recent)
	}
}

// created notes people that a commit has made.
func (f *flight) created(ids []uint64) {
	if len(ids) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock++
	if f.now == 0 { // an import that nobody's request began
		return
	}
	for _, id := range ids {
		f.recent[id] = f.clock
	}
}

// unseen reports whether a person was created by a request that was still under way when another arrived.
func (f *flight) unseen(id, arrived uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	made, ok := f.recent[id]
	return ok && made > arrived
}
