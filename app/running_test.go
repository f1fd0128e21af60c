package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// played is work whose cycles last as long, and end as, the test says.
type played struct {
	mu     sync.Mutex
	begun  []time.Time
	lasts  time.Duration
	err    error
	closed int
	opened int
	resume []bool // of each cycle
}

func (p *played) once(ctx context.Context, o SyncOptions) (SyncResult, error) {
	p.mu.Lock()
	p.begun, p.resume = append(p.begun, time.Now()), append(p.resume, o.Resume)
	lasts, err := p.lasts, p.err
	p.mu.Unlock()
	o.Progress(Doing{Phase: "reading", Side: "marketo", Done: 7})
	select {
	case <-time.After(lasts):
		return SyncResult{}, err
	case <-ctx.Done():
		return SyncResult{}, ctx.Err()
	}
}

func (p *played) dashboard(ctx context.Context) (Dashboard, error) {
	return Dashboard{AsOf: time.Now(), Mode: record.Live}, ctx.Err()
}

func (p *played) Close() error { p.closed++; return nil }

// again opens it once more after it was closed.
func (p *played) again(context.Context) (work, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened++
	if p.err != nil {
		return nil, p.err
	}
	return p, nil
}

func (p *played) cycles() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.begun)
}

func (p *played) first() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun[0]
}

func (p *played) play(lasts time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lasts, p.err = lasts, err
}

// stage runs a test in a bubble. The bubble fails when a goroutine outlives Close.
func stage(t *testing.T, p *played, act func(t *testing.T, r *running)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := start(p, Named{}, p.again, time.Now, time.Minute, nil)
		synctest.Wait()
		act(t, r)
		if err := r.Close(); err != nil || p.closed != 1 {
			t.Errorf("Close: %v, closed %d times", err, p.closed)
		}
	})
}

func after(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}

func board(t *testing.T, r *running) Dashboard {
	t.Helper()
	d, err := r.dashboard(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRunningCycles(t *testing.T) {
	p := &played{lasts: 10 * time.Second}
	stage(t, p, func(t *testing.T, r *running) {
		d := board(t, r)
		if p.cycles() != 1 || d.Running == nil || *d.Running != (Progress{Phase: PhaseRead, Side: record.Marketo, Done: 7, Since: p.first()}) {
			t.Fatalf("the first cycle does not run at once: %d, %+v", p.cycles(), d.Running)
		}
		r.SyncNow() // one runs
		after(11 * time.Second)
		if d = board(t, r); p.cycles() != 1 || d.Running != nil || !d.Next.Equal(p.first().Add(70*time.Second)) {
			t.Fatalf("asked while one ran: %d cycles, next %v", p.cycles(), d.Next)
		}
		after(time.Minute)
		if p.cycles() != 2 {
			t.Fatalf("%d cycles after a minute's rest", p.cycles())
		}
		after(20 * time.Second)
		r.SyncNow()
		r.SyncNow()
		after(11 * time.Second)
		if p.cycles() != 3 {
			t.Fatalf("asked twice while none ran: %d cycles", p.cycles())
		}
	})
}

func TestRunningStopAndPause(t *testing.T) {
	p := &played{lasts: time.Hour}
	stage(t, p, func(t *testing.T, r *running) {
		r.Stop()
		synctest.Wait()
		if d := board(t, r); d.Running != nil || d.Problem != nil || d.Wait != nil || d.Next.IsZero() {
			t.Fatalf("stopped: %+v", d)
		}
		r.Pause()
		r.SyncNow()
		after(5 * time.Minute)
		if d := board(t, r); p.cycles() != 1 || !d.Paused || !d.Next.IsZero() {
			t.Fatalf("paused: %d cycles, %+v", p.cycles(), d)
		}
		r.Resume()
		synctest.Wait()
		if d := board(t, r); p.cycles() != 2 || d.Paused || d.Running == nil {
			t.Fatalf("resumed: %d cycles, %+v", p.cycles(), d)
		}
	})
}

func TestRunningAfterErrors(t *testing.T) {
	refused := func(code string) error { return fmt.Errorf("read: %w", salesforce.NewError(0, code, "")) }
	for name, row := range map[string]struct {
		err                   error
		waits, stands, pauses bool
	}{
		"network":             {&net.OpError{Op: "dial", Err: errors.New("no route")}, true, false, false},
		"busy server":         {refused("SERVER_UNAVAILABLE"), true, false, false},
		"sign-in":             {refused("INVALID_LOGIN"), false, true, true},
		"brake":               {&cycle.BrakeError{Side: record.Marketo, Updates: 500, Linked: 1000, Limit: 200}, false, true, true},
		"anything unexpected": {errors.New("the file cannot be read"), false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &played{lasts: time.Second, err: row.err}
			stage(t, p, func(t *testing.T, r *running) {
				after(2 * time.Second)
				d := board(t, r)
				if (d.Wait != nil) != row.waits || (d.Problem != nil) != row.stands || d.Paused != row.pauses {
					t.Fatalf("wait %v, problem %v, paused %v", d.Wait, d.Problem, d.Paused)
				}
				p.play(time.Second, nil)
				after(5 * time.Minute)
				if went := p.cycles() > 1; went == row.pauses {
					t.Fatalf("%d cycles in five minutes", p.cycles())
				}
				r.Resume()
				after(2 * time.Second)
				if d = board(t, r); d.Wait != nil || d.Problem != nil || d.Paused {
					t.Errorf("a good cycle left something standing: %+v", d)
				}
			})
		})
	}
}

// TestRunningGoesOn: what the brake stopped is taken up by a person's word, and by nothing else; the word is for one cycle.
func TestRunningGoesOn(t *testing.T) {
	p := &played{lasts: time.Second, err: &cycle.BrakeError{Side: record.Marketo, Updates: 500, Linked: 1000, Limit: 200}}
	stage(t, p, func(t *testing.T, r *running) {
		r.GoOn() // a cycle runs, and nothing is known yet that a person could have looked at
		after(2 * time.Second)
		r.Resume()
		after(2 * time.Second)
		if d := board(t, r); d.Problem == nil || !d.Problem.Resumable || !d.Paused {
			t.Fatalf("stopped by the brake: %+v", d.Problem)
		}
		p.play(time.Second, nil)
		r.GoOn()
		r.GoOn()
		after(2 * time.Minute)
		if d := board(t, r); d.Problem != nil || d.Paused || !slices.Equal(p.resume[:4], []bool{false, false, true, false}) {
			t.Errorf("went on: problem %v, paused %v, taken up %v", d.Problem, d.Paused, p.resume)
		}
	})
}

func TestRunningWaitsForQuota(t *testing.T) {
	p := &played{lasts: time.Second}
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(3 * time.Hour)
		p.err = fmt.Errorf("read: %w", &pace.QuotaError{Reason: pace.ShareUsedUp, Until: until})
		r := start(p, Named{}, p.again, time.Now, time.Minute, nil)
		after(2 * time.Second)
		if d := board(t, r); d.Wait == nil || d.Problem != nil || d.Next.Before(until) {
			t.Errorf("wait %v, problem %v, next %v", d.Wait, d.Problem, d.Next)
		}
		after(2 * time.Hour)
		if p.cycles() != 1 {
			t.Errorf("%d cycles before the allowance starts again", p.cycles())
		}
		after(time.Hour)
		if p.cycles() < 2 {
			t.Error("it does not go on when the allowance starts again")
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestRunningWatch changes far more often than a screen is told, and the last picture is the newest.
func TestRunningWatch(t *testing.T) {
	p := &played{lasts: time.Hour}
	stage(t, p, func(t *testing.T, r *running) {
		ctx, cancel := context.WithCancel(t.Context())
		var shown []Dashboard
		ended := make(chan error, 1)
		go func() { ended <- r.Watch(ctx, func(d Dashboard) { shown = append(shown, d) }) }()
		for i := range 1000 {
			r.change(func() { r.doing = &Progress{Phase: PhaseMatch, Done: i + 1} })
			time.Sleep(time.Millisecond)
		}
		after(time.Second)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch: %v", err)
		}
		if n := len(shown); n < 5 || n > 12 || shown[n-1].Running.Done != 1000 {
			t.Errorf("%d pictures, the last %+v", n, shown[n-1].Running)
		}
	})
}

func TestOnlySampleDataIsEdited(t *testing.T) {
	stage(t, &played{}, func(t *testing.T, r *running) {
		if err := r.Edit(t.Context(), 3); !errors.Is(err, errNoSample) {
			t.Errorf("Edit: %v", err)
		}
		if err := r.Trouble(t.Context(), true); !errors.Is(err, errNoSample) {
			t.Errorf("Trouble: %v", err)
		}
	})
}

// TestProgress follows a first sync: what was read of both sides is one number, and how far the writing is follows from
// what still waits.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		r := &running{now: time.Now, doing: &Progress{Since: begun}, read: map[record.Side]int{}}
		for _, step := range []struct {
			doing Doing
			want  Progress
		}{
			{Doing{Phase: "reading"}, Progress{Phase: PhaseRead, Since: begun}},
			{Doing{Phase: "reading", Side: "marketo", Done: 300, Total: 900}, Progress{Phase: PhaseRead, Side: record.Marketo, Done: 300, Total: 900, Since: begun}},
			{Doing{Phase: "reading", Side: "salesforce", Done: 2000}, Progress{Phase: PhaseRead, Done: 2300, Since: begun}},
			{Doing{Phase: "matching", Done: 50}, Progress{Phase: PhaseMatch, Done: 50, Since: begun}},
			{Doing{Phase: "pushing"}, Progress{Phase: PhaseWrite, Since: begun}},
		} {
			if r.note(step.doing); *r.doing != step.want {
				t.Errorf("%+v is shown as %+v", step.doing, *r.doing)
			}
		}
		for _, step := range []struct {
			after   time.Duration
			waiting int
			want    Progress
		}{
			{0, 900, Progress{Total: 900}},
			{4 * time.Second, 800, Progress{Total: 900, Done: 100}},
			{4 * time.Second, 700, Progress{Total: 900, Done: 200, Left: 28 * time.Second}},
			{2 * time.Second, 0, Progress{Total: 900, Done: 900}},
		} {
			time.Sleep(step.after) // the bubble's clock
			if got := r.writing(Progress{}, step.waiting); got != step.want {
				t.Errorf("%d wait: %+v, want %+v", step.waiting, got, step.want)
			}
		}
	})
}

// TestRunningApart changes something that needs the workspace's lock while a cycle runs: the session is closed meanwhile, whoever
// watches waits, and the work goes on with a new one, also when that could not be opened at once.
func TestRunningApart(t *testing.T) {
	p := &played{lasts: time.Hour}
	stage(t, p, func(t *testing.T, r *running) {
		refused, full := errors.New("refused"), errors.New("the disk is full")
		err := r.locked(t.Context(), func() error {
			if p.closed != 1 {
				t.Errorf("closed %d times while apart", p.closed)
			}
			p.play(time.Second, full) // opening it again fails
			return refused
		})
		if !errors.Is(err, refused) || !errors.Is(err, full) || p.opened != 1 {
			t.Errorf("apart gave %v, opened %d times", err, p.opened)
		}
		if _, err := r.dashboard(t.Context()); !errors.Is(err, full) {
			t.Errorf("a dashboard without a session: %v", err)
		}
		p.play(time.Second, nil)
		if err := r.locked(t.Context(), func() error { return nil }); err != nil || p.closed != 1 {
			t.Errorf("apart again gave %v, closed %d times", err, p.closed)
		}
		board(t, r)
		after(2 * time.Minute)
		if p.cycles() < 2 {
			t.Errorf("%d cycles after it", p.cycles())
		}
		p.closed = 0 // what follows is the one of Close
	})
}

// TestRunningSignsInAnew: a cycle that could not sign in ends the work until somebody does; one that fails changes nothing, one that works
// takes the work up again.
func TestRunningSignsInAnew(t *testing.T) {
	p := &played{lasts: time.Second, err: salesforce.NewError(0, "INVALID_LOGIN", "")}
	stage(t, p, func(t *testing.T, r *running) {
		after(10 * time.Minute)
		if d := board(t, r); !d.Paused || d.Problem == nil || p.cycles() != 1 {
			t.Fatalf("paused %v, problem %v, %d cycles", d.Paused, d.Problem, p.cycles())
		}
		p.play(time.Second, nil)
		denied := errors.New("denied")
		if _, err := r.signIn(t.Context(), func() (Connected, error) { return Connected{}, denied }); !errors.Is(err, denied) {
			t.Errorf("a sign-in that fails gives %v", err)
		}
		after(10 * time.Minute)
		if d := board(t, r); !d.Paused || d.Problem == nil || p.cycles() != 1 {
			t.Errorf("after one that failed: paused %v, problem %v, %d cycles", d.Paused, d.Problem, p.cycles())
		}
		if who, err := r.signIn(t.Context(), func() (Connected, error) { return Connected{User: "sync"}, nil }); err != nil || who.User != "sync" {
			t.Errorf("a sign-in gives %v, %v", who, err)
		}
		after(2 * time.Second)
		if d := board(t, r); d.Paused || d.Problem != nil || p.cycles() != 2 {
			t.Errorf("after one that worked: paused %v, problem %v, %d cycles", d.Paused, d.Problem, p.cycles())
		}
		p.closed = 0 // what follows is the one of Close
	})
}
