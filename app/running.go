package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// work is what running asks of a session.
type work interface {
	once(ctx context.Context, o SyncOptions) (SyncResult, error)
	dashboard(ctx context.Context) (Dashboard, error)
	Close() error
}

// running is a workspace at work in this process: one goroutine runs its cycles until Close.
type running struct {
	Named
	at      sync.RWMutex // held while the session is asked
	session work         // nil while it could not be opened again
	reopen  func(ctx context.Context) (work, error)
	now     func() time.Time
	every   time.Duration
	sample  *sample // nil for a real pair
	// lookOnly: the workspace never leaves Observe.
	lookOnly bool
	cancel   context.CancelFunc
	ended    chan struct{}
	wake     chan struct{} // a cycle is wanted now, or pause ended

	mu      sync.Mutex
	changed chan struct{} // closed and replaced with every change
	doing   *Progress
	paused  bool
	trouble bool
	next    time.Time
	wait    *Sentence
	problem *Problem
	goOn    bool               // a person has looked at why the last cycle was stopped: the next one takes it up
	stop    context.CancelFunc // ends the running cycle
	edits   uint64
	read    map[record.Side]int // how far the running cycle has read each side
	most    int                 // of what waited since it began to write
	writes  time.Time           // when it began to write
}

// start begins the first cycle at once; reopen opens w anew where it had to be closed for a while. Close must follow.
func start(w work, n Named, reopen func(context.Context) (work, error), now func() time.Time, every time.Duration, sample *sample) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{
		Named: n, session: w, reopen: reopen, now: now, every: every, sample: sample, cancel: cancel,
		ended: make(chan struct{}), wake: make(chan struct{}, 1), changed: make(chan struct{}),
	}
	r.alone = r.apart
	go func() {
		defer close(r.ended)
		r.loop(ctx)
	}()
	return r
}

// change does something under the lock and tells whoever watches.
func (r *running) change(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *running) loop(ctx context.Context) {
	for ctx.Err() == nil {
		r.mu.Lock()
		paused := r.paused
		r.mu.Unlock()
		rest := r.every
		if !paused {
			rest = r.once(ctx)
		}
		if !r.rest(ctx, rest) {
			return
		}
	}
}

// once runs a cycle and gives how long to rest after it.
func (r *running) once(ctx context.Context) time.Duration {
	cycleCtx, stop := context.WithCancel(ctx)
	defer stop()
	resume := false
	r.change(func() {
		resume, r.goOn = r.goOn, false
		select {
		case <-r.wake: // this is the cycle that was asked for
		default:
		}
		r.stop, r.next, r.wait, r.problem, r.doing = stop, time.Time{}, nil, nil, &Progress{Phase: PhaseConnect, Since: r.now()}
		r.read, r.most, r.writes = map[record.Side]int{}, 0, time.Time{}
	})
	err := r.with(cycleCtx, func(w work) error {
		_, err := w.once(cycleCtx, SyncOptions{Spare: true, Resume: resume, Progress: func(d Doing) { r.change(func() { r.note(d) }) }})
		return err
	})
	rest := r.every
	r.change(func() {
		r.doing, r.stop = nil, nil
		if err == nil || cycleCtx.Err() != nil {
			return
		}
		if r.wait = passing(err); r.wait == nil {
			code := ExitCode(err)
			r.problem, r.paused = problemOf(err), r.paused || code == ExitBrake || code == ExitSignIn
		}
		var quota *pace.QuotaError
		if errors.As(err, &quota) {
			rest = max(rest, quota.Until.Sub(r.now()))
		}
	})
	return rest
}

// note keeps what the running cycle says of itself, under the lock. Both sides are read side by side: what was read of
// either is one number.
func (r *running) note(d Doing) {
	p := Progress{Phase: Phase(d.Phase), Done: d.Done, Total: d.Total, Since: r.doing.Since}
	if side, err := record.ParseSide(d.Side); err == nil { // none means both
		p.Side = side
		r.read[side] = d.Done
	}
	if p.Phase == PhaseRead && len(r.read) > 1 {
		p.Side, p.Done, p.Total = 0, r.read[record.Salesforce]+r.read[record.Marketo], 0
	}
	if p.Phase == PhaseWrite && r.writes.IsZero() {
		r.writes = r.now()
	}
	r.doing = &p
}

// writing says how far the writing is, by what still waits.
func (r *running) writing(p Progress, waiting int) Progress {
	r.most = max(r.most, waiting)
	p.Total, p.Done = r.most, r.most-waiting
	if took := r.now().Sub(r.writes); p.Done > 0 && took > leastTaken {
		p.Left = time.Duration(float64(took) * float64(waiting) / float64(p.Done))
	}
	return p
}

// leastTaken is how long something has to have lasted before it is said how long it still takes.
const leastTaken = 5 * time.Second

// passing says why the next cycle has to wait, for an error that time cures; nil for one that needs a person.
func passing(err error) *Sentence {
	var failure pace.Failure
	switch code := ExitCode(err); {
	case code != ExitFailure && code != ExitQuota:
		return nil
	case errors.As(err, &failure):
		if c := failure.Class(); c != pace.Transient && c != pace.Locked && c != pace.Quota {
			return nil
		}
		said := failure.Sentence()
		return &said
	case networkBroke(err):
		return &Sentence{Text: Say(err)}
	}
	return nil
}

// problemOf says what a person reads of an error.
func problemOf(err error) *Problem {
	return &Problem{What: Told(err), Details: err.Error(), Resumable: ExitCode(err) == ExitBrake}
}

// rest waits for the next cycle; false when the work is to end.
func (r *running) rest(ctx context.Context, d time.Duration) bool {
	r.change(func() { r.next = r.now().Add(d) })
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan error, 1)
	go func() { over <- wait(ctx, d) }()
	select {
	case <-r.wake:
		cancel()
		<-over
		return true
	case err := <-over:
		return err == nil
	}
}

// Watch shows the dashboard now and after every change, at most ten times a second.
func (r *running) Watch(ctx context.Context, show func(Dashboard)) error {
	const least = 100 * time.Millisecond
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		d, err := r.dashboard(ctx)
		if err != nil {
			return err
		}
		show(d)
		timer := time.NewTimer(least)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *running) dashboard(ctx context.Context) (Dashboard, error) {
	var d Dashboard
	err := r.with(ctx, func(w work) (err error) {
		d, err = w.dashboard(ctx)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("read the dashboard: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	d.Every, d.Paused, d.Next, d.Wait, d.Problem = r.every, r.paused, r.next, r.wait, r.problem
	d.Demo, d.Trouble = r.sample != nil, r.trouble
	if r.doing != nil {
		p := *r.doing
		if p.Phase == PhaseWrite {
			p = r.writing(p, d.Waiting.Sum())
		}
		d.Running = &p
		d.Backlog.live(p.Since, d.AsOf, d.Waiting)
	}
	if d.Paused {
		d.Next = time.Time{}
	}
	return d, nil
}

// SyncNow starts a cycle unless one runs.
func (r *running) SyncNow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		return
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Stop ends the running cycle after the call that is under way.
func (r *running) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		r.stop()
	}
}

// LookOnly says that the workspace can never leave Observe.
func (r *running) LookOnly() bool { return r.lookOnly }

// Pause keeps cycles from starting.
func (r *running) Pause() { r.change(func() { r.paused = true }) }

// Resume lets them start again, at once.
func (r *running) Resume() {
	r.change(func() { r.paused, r.problem = false, nil })
	r.SyncNow()
}

// GoOn is Resume with a person's word for what was stopped to be looked at.
func (r *running) GoOn() {
	r.change(func() { r.goOn = r.goOn || r.problem != nil && r.problem.Resumable })
	r.Resume()
}

var errNoSample = errors.New("only the sample data can be edited from here")

// Edit changes n people on each side as users would.
func (r *running) Edit(_ context.Context, n int) error {
	if r.sample == nil {
		return errNoSample
	}
	r.mu.Lock()
	r.edits++
	seed := r.edits
	r.mu.Unlock()
	_, err := r.sample.edit(n, seed)
	return err
}

// Trouble switches faults on or off.
func (r *running) Trouble(_ context.Context, on bool) error {
	if r.sample == nil {
		return errNoSample
	}
	name := "none"
	if on {
		name = "hostile"
	}
	err := r.sample.pair.Faults(name)
	r.change(func() { r.trouble = on && err == nil })
	return err
}

// Close ends the work and waits for it.
func (r *running) Close() error {
	r.cancel()
	<-r.ended
	r.at.Lock()
	defer r.at.Unlock()
	r.reopen = func(context.Context) (work, error) { return nil, context.Canceled } // whoever still asks comes too late
	var err error
	if r.session != nil {
		err = r.session.Close()
		r.session = nil
	}
	if r.sample != nil {
		err = errors.Join(err, r.sample.close())
	}
	return err
}
