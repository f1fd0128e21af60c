package pace_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newPacer(l pace.Limits) *pace.Pacer {
	return pace.New(l, time.Now, func() float64 { return 0.5 })
}

var errSide = errors.New("the side said no")

func done(context.Context) (pace.Verdict, error) { return pace.Done, nil }

// Never more than allowed (promise 7): whatever calls come when, and however long they take, the side sees at most
// PerWindow arrivals in any Window, at most Concurrent at once, and at most the share in a day.
func TestNeverMoreThanAllowed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limits := pace.Limits{
			PerWindow:  rapid.IntRange(1, 8).Draw(rt, "per window"),
			Window:     time.Duration(rapid.IntRange(1, 20).Draw(rt, "window")) * time.Second,
			Concurrent: rapid.IntRange(1, 5).Draw(rt, "concurrent"),
			Daily:      rapid.IntRange(5, 60).Draw(rt, "daily"),
		}
		calls := rapid.IntRange(1, 60).Draw(rt, "calls")
		seed := rapid.Uint64().Draw(rt, "seed")
		rng := rand.New(rand.NewPCG(seed, 1))
		type plan struct{ start, before, after time.Duration }
		plans := make([]plan, calls)
		for i := range plans {
			draw := func(n int) time.Duration { return time.Duration(rng.IntN(n)) * time.Millisecond }
			plans[i] = plan{draw(30_000), draw(5_000), draw(5_000)}
		}
		var mu sync.Mutex
		var arrivals []time.Time
		flying, most, refused := 0, 0, 0
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(limits)
			var wg sync.WaitGroup
			for _, pl := range plans {
				wg.Go(func() {
					time.Sleep(pl.start)
					err := p.Do(t.Context(), record.Feed, func(context.Context) (pace.Verdict, error) {
						mu.Lock()
						flying++
						most = max(most, flying)
						mu.Unlock()
						time.Sleep(pl.before)
						mu.Lock()
						arrivals = append(arrivals, time.Now())
						mu.Unlock()
						time.Sleep(pl.after)
						mu.Lock()
						flying--
						mu.Unlock()
						return pace.Done, nil
					})
					mu.Lock()
					defer mu.Unlock()
					if errors.Is(err, pace.ErrQuota) {
						refused++
					} else if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
		slices.SortFunc(arrivals, time.Time.Compare)
		for i := range arrivals {
			if j := i + limits.PerWindow; j < len(arrivals) && arrivals[j].Sub(arrivals[i]) < limits.Window {
				rt.Fatalf("%d arrivals within %v, allowed %d in %v", limits.PerWindow+1, arrivals[j].Sub(arrivals[i]), limits.PerWindow, limits.Window)
			}
		}
		if most > limits.Concurrent {
			rt.Fatalf("%d at once, allowed %d", most, limits.Concurrent)
		}
		if len(arrivals) > limits.Daily || len(arrivals)+refused != calls {
			rt.Fatalf("%d of %d calls made and %d refused, allowed %d", len(arrivals), calls, refused, limits.Daily)
		}
	})
}

func TestVerdicts(t *testing.T) {
	rows := []struct {
		name     string
		limits   pace.Limits
		verdicts []pace.Verdict // the last one repeats
		tries    int
		least    time.Duration
		quota    bool
	}{
		{name: "done", verdicts: []pace.Verdict{pace.Done}, tries: 1},
		{name: "retried until done", verdicts: []pace.Verdict{pace.Retry, pace.Retry, pace.Done}, tries: 3, least: time.Second},
		{name: "five tries are enough", verdicts: []pace.Verdict{pace.Retry}, tries: 5},
		{name: "tries can be set", limits: pace.Limits{Tries: 2}, verdicts: []pace.Verdict{pace.Retry}, tries: 2},
		{name: "the side's own waiting time", verdicts: []pace.Verdict{pace.RetryAfter(40 * time.Second), pace.Done}, tries: 2, least: 40 * time.Second},
		{name: "which is too long", verdicts: []pace.Verdict{pace.RetryAfter(10 * time.Minute), pace.Done}, tries: 1},
		{name: "patience ends", verdicts: []pace.Verdict{pace.RetryAfter(50 * time.Second)}, tries: 3},
		{name: "throttled", verdicts: []pace.Verdict{pace.Throttled(20 * time.Second), pace.Done}, tries: 2, least: 20 * time.Second},
		{name: "out of quota", verdicts: []pace.Verdict{pace.OutOfQuota(time.Time{})}, tries: 1, quota: true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPacer(row.limits)
				began, tries := time.Now(), 0
				err := p.Do(t.Context(), record.Feed, func(context.Context) (pace.Verdict, error) {
					tries++
					v := row.verdicts[min(tries, len(row.verdicts))-1]
					if v == pace.Done {
						return v, nil
					}
					return v, errSide
				})
				if tries != row.tries {
					t.Errorf("%d tries, want %d", tries, row.tries)
				}
				if ended := row.verdicts[len(row.verdicts)-1] == pace.Done && tries == len(row.verdicts); ended != (err == nil) {
					t.Errorf("err = %v", err)
				}
				if errors.Is(err, pace.ErrQuota) != row.quota || (err != nil && !errors.Is(err, errSide)) {
					t.Errorf("err = %v, quota %v wanted", err, row.quota)
				}
				if took := time.Since(began); took < row.least {
					t.Errorf("took %v, want at least %v", took, row.least)
				}
			})
		})
	}
}

func TestThrottledHoldsEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{Tries: 1})
		err := p.Do(t.Context(), record.Feed, func(context.Context) (pace.Verdict, error) { return pace.Throttled(20 * time.Second), errSide })
		if !errors.Is(err, errSide) {
			t.Fatal(err)
		}
		began := time.Now()
		if err := p.Do(t.Context(), record.Push, done); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited < 20*time.Second {
			t.Errorf("another caller waited %v, want 20s", waited)
		}
	})
}

func TestQuotaStaysUntilItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{})
		until := time.Now().Add(time.Hour)
		refuse := func(context.Context) (pace.Verdict, error) { return pace.OutOfQuota(until), errSide }
		if err := p.Do(t.Context(), record.Feed, refuse); !errors.Is(err, pace.ErrQuota) {
			t.Fatal(err)
		}
		var quota *pace.QuotaError
		if err := p.Do(t.Context(), record.Feed, done); !errors.As(err, &quota) || !quota.Until.Equal(until) {
			t.Fatalf("err = %v, want refused until %v", err, until)
		}
		time.Sleep(time.Hour)
		if err := p.Do(t.Context(), record.Feed, done); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTurnsAreInOrderAndPeopleFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{Concurrent: 1})
		var order []int
		var wg sync.WaitGroup
		call := func(ctx context.Context, n int) {
			wg.Go(func() {
				err := p.Do(ctx, record.Push, func(context.Context) (pace.Verdict, error) {
					order = append(order, n)
					time.Sleep(time.Second)
					return pace.Done, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for n := range 4 {
			call(t.Context(), n)
		}
		call(pace.Urgent(t.Context()), 9)
		wg.Wait()
		if want := []int{0, 9, 1, 2, 3}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

func TestGivingUpWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{PerWindow: 1, Window: time.Minute, Concurrent: 1})
		if err := p.Do(t.Context(), record.Feed, done); err != nil {
			t.Fatal(err)
		}
		why := errors.New("the window was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		began := time.Now()
		if err := p.Do(ctx, record.Feed, done); !errors.Is(err, why) {
			t.Fatalf("err = %v, want %v", err, why)
		}
		if time.Since(began) != time.Second {
			t.Errorf("gave up after %v", time.Since(began))
		}
		if err := p.Do(t.Context(), record.Feed, done); err != nil {
			t.Fatalf("the next in line: %v", err)
		}
		if got := p.Usage().Used; got != 2 {
			t.Errorf("used %d: a call that was never sent is counted", got)
		}
	})
}

func TestPlacesAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{Concurrent: 1})
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			err := p.Do(t.Context(), record.Feed, func(context.Context) (pace.Verdict, error) { panic("in the call") })
			t.Error("returned", err)
		}()
		if err := p.Do(t.Context(), record.Feed, done); err != nil {
			t.Fatal(err)
		}
	})
}

// A call that holds the only place may need a token on its way.
func TestSignInNeedsNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{Concurrent: 1, Daily: 50})
		err := p.Do(t.Context(), record.Feed, func(ctx context.Context) (pace.Verdict, error) {
			return pace.Done, p.Do(ctx, record.SignIn, done)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Usage().Used; got != 1 {
			t.Errorf("used %d, want 1: sign-ins are free", got)
		}
	})
}

func TestNewLimitsAreFeltAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace.Limits{PerWindow: 1, Window: time.Hour})
		if err := p.Do(t.Context(), record.Feed, done); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(time.Second, func() { p.SetLimits(pace.Limits{}) })
		if err := p.Do(t.Context(), record.Feed, done); err != nil {
			t.Fatal(err)
		}
		if time.Since(began) != time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
	})
}
