package pace

import (
	"context"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Limits is what a side, and the user, allow. Zero fields mean "no such limit" unless said otherwise.
type Limits struct {
	// PerWindow calls may reach the side within any stretch of Window.
	PerWindow int
	Window    time.Duration
	// Concurrent calls may be under way at once.
	Concurrent int
	// Daily is the most calls that Doppio itself makes in a day, whatever Share says.
	Daily int
	// Allowance is the side's daily allowance where it is known beforehand; what Observe reports replaces it.
	Allowance int
	// Share is the percentage of the allowance that Doppio may use; 0 means 100.
	Share int
	// Reserve is the percentage of the share that is kept back until ReserveUntil, such as for the business day: only urgent calls may
	// use it before.
	Reserve      int
	ReserveUntil time.Time
	// ResetIn is the zone at whose midnight the side's count starts again (Marketo: America/Chicago).
	// nil means a rolling window of 24 hours (Salesforce).
	ResetIn *time.Location
	// Tries bounds how often one call is sent, 0 means 5. Patience bounds how long it may wait for its next try, all
	// waits together, 0 means 2 minutes. Neither counts the waiting for rate and concurrency.
	Tries    int
	Patience time.Duration
}

func (l Limits) tries() int {
	if l.Tries > 0 {
		return l.Tries
	}
	return 5
}

func (l Limits) patience() time.Duration {
	if l.Patience > 0 {
		return l.Patience
	}
	return 2 * time.Minute
}

// Verdict is what a call's answer means for the next one. Use Done, Retry, Throttled and OutOfQuota.
type Verdict struct {
	again   bool
	after   time.Duration
	all     bool // the waiting time is for every caller of the side
	used    bool // the daily allowance is used up
	usedFor time.Time
}

var (
	// Done ends the call: with its result, or with an error that repeating does not cure or must not meet.
	Done = Verdict{}
	// Retry asks for another try after a back-off. Only for calls that are safe to repeat.
	Retry = Verdict{again: true}
)

// RetryAfter is Retry, waiting at least for d.
func RetryAfter(d time.Duration) Verdict { return Verdict{again: true, after: d} }

// Throttled says that the side refused the call unexecuted because calls come too fast: every caller waits, at least for
// the given time (0: a back-off), then this one tries again.
func Throttled(after time.Duration) Verdict { return Verdict{again: true, after: after, all: true} }

// OutOfQuota says that the side's daily allowance is used up: every call fails with ErrQuota until then. A zero time
// means the next reset, or with a rolling window a quarter of an hour, after which one call probes.
func OutOfQuota(until time.Time) Verdict { return Verdict{used: true, usedFor: until} }

// Usage is the state of the daily allowance.
type Usage struct {
	Day       string                 // the day that Used counts, in the zone of the reset; with a rolling window today in UTC
	Used      int                    // calls of Doppio in the current day or the last 24 hours
	Share     int                    // the most that Used may become, 0 for no ceiling
	SideUsed  int                    // calls of all programs as the side last reported, plus ours since; 0 if it never did
	Limit     int                    // the side's allowance, 0 if unknown
	Today     int                    // calls of Doppio since Day began, which is what Restore takes; equals Used unless rolling
	ByPurpose map[record.Purpose]int // Today, but for restored calls, whose purpose is not known
}

// Pacer spaces the calls to one side. One is shared by all callers of a workspace; it is safe for concurrent use and
// starts no goroutine. Callers get their turn in the order of asking, except that those marked with Urgent go first.
type Pacer struct {
	now    func() time.Time
	jitter func() float64

	mu     sync.Mutex
	state  state
	urgent []*waiter
	line   []*waiter
}

// New makes a Pacer. now is the clock; jitter gives numbers in [0,1), for spreading back-offs.
func New(l Limits, now func() time.Time, jitter func() float64) *Pacer {
	return &Pacer{now: now, jitter: jitter, state: newState(l)}
}

type urgentKey struct{}

// Urgent marks calls that a person waits for: they go before the others, and the last 2 % of the share are kept for them.
func Urgent(ctx context.Context) context.Context { return context.WithValue(ctx, urgentKey{}, true) }

func isUrgent(ctx context.Context) bool { return ctx.Value(urgentKey{}) != nil }

// Do makes one call as soon as the limits allow, and again as the Verdict says. It blocks until the call is done, and
// returns what the last try returned. When the daily share is used up the error is ErrQuota and nothing was sent;
// when ctx ends while waiting, the error is ctx's cause. Sign-ins are neither counted nor delayed: both sides give
// tokens for free, and a call that holds a place may need one.
func (p *Pacer) Do(ctx context.Context, purpose record.Purpose, call func(ctx context.Context) (Verdict, error)) error {
	var waited time.Duration
	for try := 1; ; try++ {
		if err := p.enter(ctx, purpose); err != nil {
			return err
		}
		verdict, err := p.attempt(ctx, purpose, call)
		wait, quota := p.judge(verdict, try, waited, err)
		if quota != nil {
			return quota
		}
		if wait < 0 {
			return err
		}
		waited += wait
		if err := Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// attempt gives the place back also when call panics.
func (p *Pacer) attempt(ctx context.Context, purpose record.Purpose, call func(ctx context.Context) (Verdict, error)) (Verdict, error) {
	defer p.leave(purpose)
	return call(ctx)
}

// judge says how long to wait before the next try; negative means that there is none.
func (p *Pacer) judge(v Verdict, try int, waited time.Duration, cause error) (time.Duration, *QuotaError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if v.used {
		return -1, p.state.exhausted(now, v.usedFor, cause)
	}
	if !v.again {
		return -1, nil
	}
	wait := max(v.after, Backoff(try, p.jitter()))
	if v.all {
		p.state.hold(now.Add(wait))
	}
	if try >= p.state.limits.tries() || waited+wait > p.state.limits.patience() {
		return -1, nil
	}
	return wait, nil
}

// Sleep waits for a time, or until ctx ends, and gives its cause then.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Observe takes what the side says about its daily allowance: calls used by all programs, and the limit
// (Sforce-Limit-Info; Marketo's usage statistics). A limit of 0 is for a side that does not tell its own: Limits.Allowance
// stands.
func (p *Pacer) Observe(used, limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.observe(p.now(), used, limit)
	p.wake()
}

// Restore tells what earlier runs used on a day (Usage.Day, Usage.Today), so that a restart does not forget it. A
// second call for the same day replaces the first. Days that no longer count are ignored.
func (p *Pacer) Restore(day string, used int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.restore(p.now(), day, used)
	p.wake()
}

// Recent is when the calls of the last Window ended, oldest first, as Resume takes it; one that is under way ends now. It
// is empty without a limit of rate.
func (p *Pacer) Recent() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.recent(p.now())
}

// Resume tells when the last calls of an earlier run ended, so that a restart does not exceed the rate. What the clock has
// not reached yet counts as now.
func (p *Pacer) Resume(recent []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.resume(p.now(), recent)
	p.wake()
}

// SetLimits replaces the limits; calls that wait feel it at once, what was counted stays counted.
func (p *Pacer) SetLimits(l Limits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.limits = l
	p.wake()
}

// Usage is how the daily allowance stands.
func (p *Pacer) Usage() Usage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.usage(p.now())
}
