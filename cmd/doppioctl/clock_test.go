package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// watchmaker is an office in Amsterdam whose computer's clock can be set wrong, on a pair whose own goes right.
type watchmaker struct {
	*office
	began, start time.Time
}

func newWatchmaker(t *testing.T, start time.Time) *watchmaker {
	t.Helper()
	w := &watchmaker{began: time.Now(), start: start}
	options := officePair
	options.Now = func() time.Time { return start.Add(time.Since(w.began)) }
	w.office = &office{desk: newDesk(t, options)}
	w.program = filepath.Join(t.TempDir(), "doppioctl")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "wrongclock,netgo,osusergo", "-o", w.program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("doppioctl does not build: %v\n%s", err, out)
	}
	w.env = append(w.env, "TZ=Europe/Amsterdam", "")
	w.wrong(0)
	w.opens()
	return w
}

// wrong sets the computer's clock, by so much off the pair's.
func (w *watchmaker) wrong(by time.Duration) {
	w.env[len(w.env)-1] = "DOPPIO_WRONG_CLOCK=" + (time.Until(w.pair.Now()) + by).String()
}

// until lets time pass on both sides.
func (w *watchmaker) until(at time.Time) {
	w.t.Helper()
	if w.pair.Now().After(at) {
		w.t.Fatalf("it is %v, later than %v already", w.pair.Now(), at)
	}
	w.pair.Advance(at.Sub(w.pair.Now()))
	w.wrong(0)
}

// nights counts the calls in which linked people were read again for their formulas.
func (w *watchmaker) nights() int {
	return w.pair.Journal().Of(record.Salesforce).ByEndpoint["POST /composite/sobjects/{object}"]
}

// A computer's clock that is hours or weeks off, and is set right between two runs, costs nothing: nobody is lost or made twice, no task
// is made twice, no allowance stays closed. And in the nights in which the clocks of a country change, formulas are read once.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	w := newWatchmaker(t, time.Date(2026, 3, 24, 9, 0, 0, 0, time.UTC))
	for _, by := range []time.Duration{-72 * time.Hour, 40 * 24 * time.Hour, -time.Hour, 30 * time.Minute, 0} {
		w.pair.Advance(5 * time.Minute)
		w.works()
		w.wrong(by)
		if _, stderr, code := w.run("sync", workspace, "--once", "--allow-brake"); code != 0 && code != 3 {
			t.Errorf("with a clock that is %v off a cycle ended with %d: %s", by, code, stderr)
		}
	}
	w.until(w.pair.Now().Add(61 * time.Minute)) // the log is read again once an hour
	w.settles()
	w.whole("after a wrong clock")

	region := "Netherlands"
	for _, night := range []struct {
		change string
		at     []time.Time // the cycles of a night: the first before its reading begins
	}{
		{"Spring", []time.Time{
			time.Date(2026, 3, 28, 23, 50, 0, 0, amsterdam), time.Date(2026, 3, 29, 1, 55, 0, 0, amsterdam), // then comes 3:00
			time.Date(2026, 3, 29, 3, 5, 0, 0, amsterdam), time.Date(2026, 3, 29, 4, 10, 0, 0, amsterdam), time.Date(2026, 3, 29, 23, 0, 0, 0, amsterdam),
		}},
		{"Autumn", []time.Time{
			time.Date(2026, 10, 24, 23, 50, 0, 0, amsterdam), time.Date(2026, 10, 25, 0, 55, 0, 0, amsterdam),
			time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), // both are 2:30
			time.Date(2026, 10, 25, 23, 0, 0, 0, amsterdam),
		}},
	} {
		w.until(night.at[0])
		w.settles() // the day before has had its reading
		w.pair.Org().EditFormula(region, night.change)
		region = night.change
		before := w.nights()
		var read []int
		for _, at := range night.at[1:] {
			w.until(at)
			w.does("sync", workspace, "--once", "--allow-brake")
			read = append(read, w.nights()-before)
		}
		if want := []int{0, read[1], read[1], read[1]}; read[1] == 0 || !slices.Equal(read, want) {
			t.Errorf("in the night of %s formulas were read in %v calls", night.change, read)
		}
		if behind := w.regions(); len(behind) > 0 {
			t.Errorf("after the night of %s Marketo still has %v", night.change, behind)
		}
	}
	w.settles()
	w.whole("after a year of nights")
}
