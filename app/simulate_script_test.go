package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// deed is one thing that happens on a simulated day. It draws what it needs from a seed of its own, so that a day goes on as it
// was when other deeds are left out of it.
type deed struct {
	what  string
	cycle int
	at    int  // the call of that cycle at which it happens, -1 for before the cycle begins
	after bool // once the call was served
	seed  uint64
}

// The deeds. Those of the office are named after what is done there.
const (
	misbehave = "both systems misbehave"
	cutOff    = "the cycle is cut off"
	powerOff  = "the power fails" // before something is kept for the at-th time
	fields    = "fields are edited"
	affairs   = "people come, go, merge and convert"
	rivalry   = "the other side's edit is contradicted"
	trade     = "sales makes, moves and loses deals"
	job       = "a job changes a third of the people"
	sleep     = "the laptop sleeps for a night"
	pairing   = "a program and a campaign are linked"
	joining   = "people join a campaign, move on and leave"
	tasking   = "what people do becomes tasks, and tasks become activities"
	busy      = "people fill in forms, and sales makes tasks"
	decision  = "somebody decides what is open"
	hurry     = "some people are wanted now"
	undoing   = "something is put back"
	looking   = "a cycle only looks"
	resetting = "the workspace decides otherwise"
	goingOn   = "a brake may go on"
	amnesia   = "Marketo forgets its tokens"
	holidays  = "the laptop is closed for three weeks"
	backup    = "a backup is made"
	restoring = "the backup is put back"
	filtering = "another filter is set"
	ticking   = "people are kept out, or let in again"
)

// acts are what the office does in its deeds.
func (o *office) acts() map[string]func() {
	return map[string]func(){
		fields: o.edits, affairs: o.works, rivalry: o.contradicts, trade: o.trades, job: o.runsJob, sleep: night,
		decision: o.decides, hurry: o.hurries, undoing: o.undoes, looking: o.onlyLooks, resetting: o.resets, goingOn: o.resumes,
		amnesia: o.forgetsTokens, holidays: vacation, backup: o.backsUp, restoring: o.putsBack, filtering: o.filters, ticking: o.ticks,
		pairing: o.pairsUp, joining: o.joins, tasking: o.setsTaskRules, busy: o.keepsBusy,
	}
}

func (d deed) String() string {
	when := "before"
	switch {
	case d.what == misbehave:
		when = "in"
	case d.at >= 0 && d.after:
		when = fmt.Sprintf("after call %d of", d.at)
	case d.at >= 0:
		when = fmt.Sprintf("at call %d of", d.at)
	}
	return fmt.Sprintf("%s cycle %d %s", when, d.cycle+1, d.what)
}

// script draws a day from a seed: between two cycles and in the midst of one.
func script(seed uint64) (deeds []deed) {
	rng, kind := rand.New(rand.NewPCG(seed, 0x5eed)), rand.New(rand.NewPCG(seed, 0xda7))
	withMembers, withTasks, withDesk, withFilter := kind.IntN(2) == 0, kind.IntN(3) == 0, kind.IntN(2) == 0, kind.IntN(4) == 0
	withAges, withBackup := kind.IntN(4) == 0, kind.IntN(5) == 0
	for n := range simulatedCycles {
		add := func(oneIn int, what string, at int, after bool) {
			if own := rng.Uint64(); rng.IntN(oneIn) == 0 {
				deeds = append(deeds, deed{what, n, at, after, own})
			}
		}
		add(1, misbehave, -1, false)
		add(2, fields, -1, false)
		add(3, affairs, -1, false)
		add(4, fields, rng.IntN(12), false)
		add(2, rivalry, rng.IntN(12), false)
		add(2, trade, -1, false)
		add(4, trade, rng.IntN(20), false)
		add(20, job, -1, false)
		add(20, sleep, -1, false)
		add(4, cutOff, rng.IntN(12), rng.IntN(2) == 0)
		add(4, powerOff, rng.IntN(12), false)
		if withMembers {
			if n == 2 {
				add(1, pairing, -1, false)
			}
			add(2, joining, -1, false)
			add(4, joining, rng.IntN(20), false)
		}
		if withTasks {
			if n == 1 {
				add(1, tasking, -1, false)
			}
			add(2, busy, -1, false)
			add(4, busy, rng.IntN(20), false)
		}
		if withDesk {
			add(5, decision, -1, false)
			add(6, hurry, -1, false)
			add(8, undoing, -1, false)
			add(12, looking, -1, false)
			add(5, resetting, -1, false)
			add(3, goingOn, -1, false)
		}
		if withFilter {
			add(6, filtering, -1, false)
			add(1, ticking, -1, false)
			add(2, ticking, rng.IntN(20), false)
		}
		if withAges {
			add(12, amnesia, -1, false)
			add(30, holidays, -1, false)
		}
		if withBackup {
			add(8, backup, -1, false)
			add(10, restoring, -1, false)
		}
	}
	return deeds
}

// trouble is the stretch of a day with deeds. A cycle may be cut off before or after a call is served: the next one goes on.
func trouble(t *testing.T, a *App, staff *office, line *wire, deeds []deed) {
	acts := staff.acts()
	maps.Copy(acts, staff.widerActs())
	for n := range simulatedCycles {
		ctx, cancel := context.WithCancel(t.Context())
		before, after := map[int][]func(){}, map[int][]func(){}
		faults, left := "none", 0
		for _, d := range deeds {
			act := func() {
				staff.desk.Lock()
				staff.rng = rand.New(rand.NewPCG(d.seed, 0x0ff1ce))
				staff.desk.Unlock()
				if d.what == cutOff {
					cancel()
					return
				}
				acts[d.what]()
			}
			switch {
			case d.cycle != n:
			case d.what == misbehave:
				faults = "hostile"
			case d.what == powerOff:
				left = 1 + d.at
			case d.at < 0:
				act()
			case d.after:
				after[d.at] = append(after[d.at], act)
			default:
				before[d.at] = append(before[d.at], act)
			}
		}
		if err := staff.pair.Faults(faults); err != nil {
			t.Fatal(err)
		}
		line.expect(before, after)
		line.power.lasts(left)
		// What a cycle says of its end is no matter here: it may have been cut off, and the systems misbehave.
		journal := staff.pair.Journal()
		staff.inCycle = true
		_, err := a.Sync(ctx, sampleName, SyncOptions{})
		if staff.unread {
			staff.restored, staff.unread = staff.pair.Now(), err != nil
		}
		if err != nil {
			staff.diary("the cycle ended: %s", Say(err))
			if brake := new(cycle.BrakeError); errors.As(err, &brake) {
				staff.wroteNothing("a cycle that the brake stopped", journal.Salesforce.Writes, journal.Marketo.Writes)
			}
		}
		if left > 0 {
			err = staff.file.close()
			if err != nil {
				t.Fatal(err)
			}
		}
		staff.inCycle = false
		line.expect(nil, nil)
		line.power.lasts(0)
		cancel()
		time.Sleep(betweenCycles)
	}
}

// night is how long a closed laptop sleeps.
func night() { time.Sleep(9 * time.Hour) }

// triesAtMost bounds how many days are lived through to make a story short.
const triesAtMost = 300

// shortest leaves deeds out of a day that breaks a promise as long as one is broken still, and tells the rest: first halves, then
// ever smaller parts (delta debugging: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).
func shortest(t *testing.T, seed uint64, deeds []deed) string {
	var broken, diary []string
	tries := 0
	fails := func(fewer []deed) bool {
		tries++
		found := false
		t.Run("", func(t *testing.T) {
			if wrong, pages := day(t, seed, fewer, nil); len(wrong) > 0 {
				broken, diary, found = wrong, pages, true
			}
		})
		return found
	}
	for part := len(deeds) / 2; part > 0 && tries < triesAtMost; {
		smaller := false
		for at := 0; at < len(deeds) && tries < triesAtMost; {
			fewer := slices.Delete(slices.Clone(deeds), at, min(at+part, len(deeds)))
			if fails(fewer) {
				deeds, smaller = fewer, true
			} else {
				at += part
			}
		}
		if !smaller || part > len(deeds) {
			part /= 2
		}
	}
	lines := []string{fmt.Sprintf("seed %d breaks a promise with %d deeds alone:", seed, len(deeds))}
	for _, d := range deeds {
		lines = append(lines, d.String())
	}
	return strings.Join(slices.Concat(lines, broken, diary), "\n  ")
}
