// Package sandbox is a pair of imitated systems that know the same world: a Salesforce org and a Marketo instance, seeded
// from one set of invented people, living on one clock, disturbed by one set of dice and watched by one journal. The demo,
// the training mode and the tests talk to it over HTTP as they would to the real systems; whoever holds the Pair can also
// look inside, edit as users do, switch faults and move the clock.
//
// Nothing here is used by the engine. What the two imitations do and leave out is said in packages org and instance, what
// can go wrong in package fault, who lives in the world in package people.
package sandbox

import (
	"fmt"
	"iter"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/clock"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
	"github.com/doppio-sync/doppio/engine/sandbox/journal"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

// Bare is the scenario of a pair that nobody has set up yet: the fields that carry the other side's id are missing, and
// the sync user lacks rights.
const Bare = "bare"

// Strict is the scenario of an org whose admin has rules: see org.StrictRules.
const Strict = "strict"

// Options say what pair is made. The zero value is an empty pair that behaves.
type Options struct {
	// People is the number of Salesforce leads and contacts.
	People int
	// Seed decides the people, the faults and the secrets.
	Seed uint64
	// Latency is how long every request to either system waits before it is served.
	Latency time.Duration
	// Faults is none, rough or hostile; "" is none.
	Faults string
	// NativeSync switches Marketo's own sync on, as it is where Doppio only looks.
	NativeSync bool
	// Scenario is "", Bare or Strict.
	Scenario string
	// Unpaced lifts Marketo's limit of calls in 20 seconds, for measuring without waiting.
	Unpaced bool
	// Now is the time that the pair's clock runs with; nil is time.Now.
	Now func() time.Time
}

// Pair is both systems. It is safe for concurrent use.
type Pair struct {
	// Salesforce, Marketo and Control serve one host each. Control is the sandbox's own: see control.go.
	Salesforce, Marketo, Control http.Handler

	clock    *clock.Clock
	dice     *fault.Dice
	journal  *journal.Journal
	org      *org.Org
	instance *instance.Instance
	opened   time.Time
	memory   *memory
	control  string
}

// New makes a pair and fills it. A million people take some tens of seconds and less than two gigabytes.
func New(o Options) (*Pair, error) {
	if o.Scenario != "" && o.Scenario != Bare && o.Scenario != Strict {
		return nil, fmt.Errorf("%q is not a scenario of the sandbox: there are %q and %q", o.Scenario, Bare, Strict)
	}
	if o.People < 0 {
		return nil, fmt.Errorf("the sandbox cannot hold %d people", o.People)
	}
	p := &Pair{clock: clock.New(o.Now), dice: fault.New(o.Seed), journal: journal.New()}
	if err := p.dice.Set(orNone(o.Faults)); err != nil {
		return nil, err
	}
	p.opened = p.clock.Now()
	p.org = org.New(org.Config{Clock: p.clock, Dice: p.dice, Journal: p.journal, Scenario: o.Scenario, Seed: o.Seed})
	p.instance = instance.New(instance.Config{
		Clock: p.clock, Dice: p.dice, Journal: p.journal, Scenario: o.Scenario, Seed: o.Seed, NativeSync: o.NativeSync, Unpaced: o.Unpaced,
	})
	if err := p.fill(people.New(people.Options{People: o.People, Seed: o.Seed, Opening: p.opened}), o.NativeSync); err != nil {
		return nil, err
	}
	if o.Scenario == Strict {
		p.org.SetRules(p.org.StrictRules())
	}
	p.Salesforce = fault.Delay(p.dice.Wrap(p.org, record.Salesforce, mayWrite), o.Latency)
	p.Marketo = fault.Delay(p.dice.Wrap(p.instance, record.Marketo, mayWrite), o.Latency)
	if o.NativeSync {
		p.instance.Connect(p.org)
		p.Salesforce, p.Marketo = p.ticking(p.Salesforce), p.ticking(p.Marketo)
	}
	p.Control = p.controlHandler()
	p.memory = newMemory(map[string]http.Handler{SalesforceHost: p.Salesforce, MarketoHost: p.Marketo, ControlHost: p.Control})
	p.setBases("https://"+SalesforceHost, "https://"+MarketoHost, "https://"+ControlHost)
	return p, nil
}

// ticking gives Marketo's own sync its turn before each request: it has no goroutine, and works when its rest is over.
func (p *Pair) ticking(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.instance.Tick(p.clock.Now())
		h.ServeHTTP(w, r)
	})
}

func orNone(profile string) string {
	if profile == "" {
		return "none"
	}
	return profile
}

// fill loads both sides at once: they share nothing but the world, which is a pure function.
func (p *Pair) fill(w *people.World, native bool) error {
	var group errgroup.Group
	group.Go(func() error {
		return inOrder(
			loading(p.org.LoadUsers, w.Users()), loading(p.org.LoadAccounts, w.Accounts()), loading(p.org.LoadContacts, w.Contacts()),
			loading(p.org.LoadLeads, w.Leads()), loading(p.org.LoadCampaigns, w.Campaigns()),
			loading(p.org.LoadCampaignMemberStatuses, w.MemberStatuses()), loading(p.org.LoadCampaignMembers, w.Members()),
			loading(p.org.LoadOpportunities, w.Opportunities()), loading(p.org.LoadOpportunityContactRoles, w.Roles()),
			loading(p.org.LoadSubscriptions, w.Subscriptions()), loading(p.org.LoadSites, w.Sites()), loading(p.org.LoadMachines, w.Machines()),
		)
	})
	group.Go(func() error {
		if native {
			return inOrder(loading(p.instance.LoadCompanies, w.Companies()), loading(p.instance.LoadPersons, w.Persons()))
		}
		return p.instance.LoadPersons(w.Persons())
	})
	return group.Wait()
}

func loading[T any](load func(iter.Seq[T]) error, rows iter.Seq[T]) func() error {
	return func() error { return load(rows) }
}

func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("the sandbox cannot be filled: %w", err)
		}
	}
	return nil
}

// setBases tells everybody under which addresses they are served.
func (p *Pair) setBases(salesforce, marketo, control string) {
	p.org.SetBase(salesforce)
	p.instance.SetBase(marketo)
	p.control = control
}

// Close ends what still runs in memory. A Server has to be closed by itself.
func (p *Pair) Close() {
	p.memory.close()
	p.org.Close()
}

// Transport serves the pair to clients in this process: requests to SalesforceHost, MarketoHost and ControlHost, under
// the base URLs that Credentials names. It opens no sockets and works in a testing/synctest bubble.
func (p *Pair) Transport() http.RoundTripper { return p.memory }

// Org is the imitated Salesforce, for those who want to look inside or act as a user there.
func (p *Pair) Org() *org.Org { return p.org }

// Instance is the imitated Marketo, likewise.
func (p *Pair) Instance() *instance.Instance { return p.instance }

// Journal is what both systems were asked since the start or the last ResetJournal.
func (p *Pair) Journal() journal.Snapshot { return p.journal.Snapshot() }

// ResetJournal begins to count anew.
func (p *Pair) ResetJournal() { p.journal.Reset() }

// Faults takes up a profile: none, rough or hostile.
func (p *Pair) Faults(profile string) error { return p.dice.Set(profile) }

// Dice are the pair's faults one by one.
func (p *Pair) Dice() *fault.Dice { return p.dice }

// Now is the time on both systems' clocks.
func (p *Pair) Now() time.Time { return p.clock.Now() }

// Advance moves both systems' clocks forward.
func (p *Pair) Advance(d time.Duration) { p.clock.Advance(d) }
