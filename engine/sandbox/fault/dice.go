package fault

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
)

// Kind names a fault.
type Kind string

// Faults of the transport, made by Wrap.
const (
	LostResponse   Kind = "lost-response"   // the write is applied, then the connection ends without an answer
	Reset          Kind = "reset"           // the connection ends in the middle of the answer
	SlowPage       Kind = "slow-page"       // the answer comes seconds late, sometimes after any sensible time-out
	Throttle429    Kind = "throttle-429"    // a gateway refuses, with or without Retry-After
	Unavailable503 Kind = "unavailable-503" // likewise; nothing is applied
	HTML500        Kind = "html-500"        // a gateway's error page in HTML; nothing is applied
	TruncatedJSON  Kind = "truncated-json"  // a complete answer whose text ends early; the write is applied
)

// Faults of the inside, made by the imitated systems, which ask Roll.
const (
	TokenExpiry    Kind = "token-expiry"    // an access token ends early
	LockRow        Kind = "lock-row"        // a row is locked by somebody else: UNABLE_TO_LOCK_ROW
	PartialFailure Kind = "partial-failure" // some rows of a write fail and others stand
	DuplicatePage  Kind = "duplicate-page"  // a page of a feed comes twice
	EmptyPage      Kind = "empty-page"      // a page of a feed is empty though more follow
	ShortPage      Kind = "short-page"      // a page holds fewer records than were asked for though more follow
	LateCommit     Kind = "late-commit"     // a change becomes visible some time after its stamp
	QuotaCutoff    Kind = "quota-cutoff"    // the day's allowance is suddenly used up
	RotateRefresh  Kind = "rotate-refresh-token"
)

// profiles are the probabilities of a request (LockRow, PartialFailure: of a row) to meet each fault. QuotaCutoff is in
// none: it ends all work until the next day, so it is only ever switched on by itself.
var profiles = map[string]map[Kind]float64{
	"none": {},
	"rough": {
		LostResponse: 0.01, Reset: 0.005, SlowPage: 0.01, Throttle429: 0.01, Unavailable503: 0.01, HTML500: 0.005,
		TruncatedJSON: 0.003, TokenExpiry: 0.003, LockRow: 0.003, PartialFailure: 0.002, DuplicatePage: 0.005,
		EmptyPage: 0.005, ShortPage: 0.005, LateCommit: 0.02,
	},
	"hostile": {
		LostResponse: 0.04, Reset: 0.02, SlowPage: 0.03, Throttle429: 0.03, Unavailable503: 0.03, HTML500: 0.02,
		TruncatedJSON: 0.02, TokenExpiry: 0.02, LockRow: 0.02, PartialFailure: 0.01, DuplicatePage: 0.03,
		EmptyPage: 0.03, ShortPage: 0.03, LateCommit: 0.05,
	},
}

// Profiles are the names that Set takes.
func Profiles() []string { return slices.Sorted(maps.Keys(profiles)) }

// Kinds are the faults that Single and Next take.
func Kinds() []Kind {
	return []Kind{
		LostResponse, Reset, SlowPage, Throttle429, Unavailable503, HTML500, TruncatedJSON, TokenExpiry, LockRow,
		PartialFailure, DuplicatePage, EmptyPage, ShortPage, LateCommit, QuotaCutoff, RotateRefresh,
	}
}

// Dice decides when a fault happens. Every kind has a stream of its own that follows from the seed, so asking for one
// kind does not shift another. It is safe for concurrent use; with concurrent requests the order in which they ask
// decides which of them is met. A nil *Dice never rolls a fault.
type Dice struct {
	mu    sync.Mutex
	kinds map[Kind]*die
}

type die struct {
	rng         *rand.Rand
	probability float64
	next        int
}

// New makes dice that roll no faults until told to.
func New(seed uint64) *Dice {
	d := &Dice{kinds: map[Kind]*die{}}
	for _, k := range Kinds() {
		h := fnv.New64a()
		h.Write([]byte(k))
		d.kinds[k] = &die{rng: rand.New(rand.NewPCG(seed, h.Sum64()))}
	}
	return d
}

// Set takes up a profile: none, rough or hostile. It ends every single fault but RotateRefresh, which is how an org is
// set up rather than a fault.
func (d *Dice) Set(profile string) error {
	rates, ok := profiles[profile]
	if !ok {
		return fmt.Errorf("%q is not a profile of faults: none, rough or hostile", profile)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for k, one := range d.kinds {
		if k != RotateRefresh {
			one.probability, one.next = rates[k], 0
		}
	}
	return nil
}

// Single sets one fault's probability, from 0 (never) to 1 (always).
func (d *Dice) Single(kind Kind, probability float64) error {
	return d.with(kind, func(one *die) error {
		if !(probability >= 0 && probability <= 1) {
			return fmt.Errorf("the probability of %s is from 0 to 1", kind)
		}
		one.probability = probability
		return nil
	})
}

// Next makes the next n rolls of one fault come true, whatever its probability.
func (d *Dice) Next(kind Kind, n int) error {
	return d.with(kind, func(one *die) error {
		if n < 0 {
			return fmt.Errorf("%s cannot happen %d times", kind, n)
		}
		one.next = n
		return nil
	})
}

func (d *Dice) with(kind Kind, fn func(*die) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, ok := d.kinds[kind]
	if !ok {
		return fmt.Errorf("%q is not a fault", kind)
	}
	return fn(one)
}

// Roll reports whether the fault happens now.
func (d *Dice) Roll(kind Kind) bool {
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.kinds[kind]
	if one == nil {
		return false
	}
	if one.next > 0 {
		one.next--
		return true
	}
	return one.probability > 0 && one.rng.Float64() < one.probability
}

// Pick is a number from 0 to n-1 out of the fault's stream: how late, how much, which page. n is at least 1.
func (d *Dice) Pick(kind Kind, n int) int {
	if d == nil {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kinds[kind].rng.IntN(n)
}

// Rates are the probabilities of the faults that can happen, without those that are set by Next.
func (d *Dice) Rates() map[Kind]float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	rates := map[Kind]float64{}
	for k, one := range d.kinds {
		if one.probability > 0 {
			rates[k] = one.probability
		}
	}
	return rates
}
