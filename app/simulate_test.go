package app

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

var (
	seeds   = flag.Int("seeds", 20, "how many simulated days are lived through")
	seedAt  = flag.Uint64("seed", 1, "the first seed: with -seeds 1 a failing one runs alone")
	unusual = flag.Bool("unusual", false, "the computer's clock is set, and leads are made or no longer, in the middle of a day too")
	story   = flag.Bool("story", false, "tell of a failing seed what little of it is enough to fail")
)

// TestSimulatedDay lives through a stretch of cycles from a seed, in virtual time: users edit both sides, the systems
// misbehave, cycles are cut off before or after any of their calls, and the power fails before anything is kept. When edits and faults have ended, both sides must agree (promise 4), nobody stands twice (3), a quiet pair stays quiet (2), and of every edit it can be said what became of it (1 and 6).
func TestSimulatedDay(t *testing.T) {
	for i := range *seeds {
		seed := *seedAt + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			broken, diary := day(t, seed, widest(seed), nil)
			if len(broken) == 0 {
				return
			}
			for _, line := range diary {
				t.Log(line)
			}
			for _, promise := range broken {
				t.Error(promise)
			}
			if *story {
				t.Log(shortest(t, seed, widest(seed)))
			}
		})
	}
}

// TestSimulatedDayInSmallBatches lives through days in which never more than a few rows are sent together, so that nearly always answers are
// kept while more is under way, as otherwise where thousands wait.
func TestSimulatedDayInSmallBatches(t *testing.T) {
	few := func(c cycle.Config) cycle.Config { c.AtOnce = 4; return c }
	for i := range max(*seeds/20, 1) {
		seed := *seedAt + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			broken, _ := day(t, seed, widest(seed), few)
			for _, promise := range broken {
				t.Error(promise)
			}
		})
	}
}

// TestSimulatedDayReplays lives through a day twice: the same calls are made at the same moments, so that a day that fails can be
// looked into.
func TestSimulatedDayReplays(t *testing.T) {
	var stories [2][]string
	for i := range stories {
		t.Run("", func(t *testing.T) {
			home := t.TempDir()
			cryptotest.SetGlobalRandom(t, 3)
			synctest.Test(t, func(t *testing.T) {
				a, staff, line := opened(t, home, 3, nil)
				staff.file = keepsOpen(t, a)
				trouble(t, a, staff, line, widest(3))
				stories[i] = line.story
			})
		})
	}
	for i, call := range stories[0] {
		if i >= len(stories[1]) || stories[1][i] != call {
			t.Fatalf("call %d of the second time is another: %q, then %q", i, stories[0][max(0, i-3):i+2], stories[1][max(0, i-3):min(i+2, len(stories[1]))])
		}
	}
}

const (
	simulatedPeople = 60
	simulatedCycles = 24
	betweenCycles   = 5 * time.Minute
)

// day lives through one seed's deeds, with a bug planted in the engine or without, and tells which promises were broken. The same
// deeds make the same calls in the same order: keys are drawn from the seed too, because they order what is read. The diary
// has what was done, and when.
func day(t *testing.T, seed uint64, deeds []deed, bug func(cycle.Config) cycle.Config) (broken, diary []string) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, seed)
	synctest.Test(t, func(t *testing.T) {
		a, staff, line := opened(t, home, seed, bug)
		staff.file = keepsOpen(t, a)
		broken, diary = live(t, a, staff, line, deeds), staff.pages
	})
	return broken, diary
}

func live(t *testing.T, a *App, staff *office, line *wire, deeds []deed) []string {
	ctx := t.Context()
	trouble(t, a, staff, line, deeds)
	if err := staff.pair.Faults("none"); err != nil {
		t.Fatal(err)
	}
	staff.asUsual()
	if staff.filtered {
		time.Sleep(time.Hour + time.Minute)
		if _, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true}); err != nil {
			return []string{"a cycle without faults failed: " + Say(err)}
		}
		staff.broken = append(staff.broken, staff.sieved()...)
	}
	if err := staff.letsAllIn(); err != nil {
		return []string{"the filter cannot be taken away: " + Say(err)}
	}
	if err := staff.evening(); err != nil {
		return []string{"what was changed cannot be taken back: " + Say(err)}
	}
	time.Sleep(staff.longest())
	for range 3 {
		if _, err := a.Sync(ctx, sampleName, SyncOptions{AllowBrake: true}); err != nil {
			return []string{"a cycle without faults failed: " + Say(err)}
		}
		time.Sleep(betweenCycles)
	}
	return judge(t, a, staff)
}

// longest is how long it can take until something is noticed. What was committed late stands under an older date, where only the
// reading that comes round every hour meets it; that another program took somebody out of a program is asked for once a day, and later where the
// clock was ahead when it was asked for last.
func (o *office) longest() time.Duration {
	if o.webinar.Campaign == "" {
		return time.Hour + time.Minute
	}
	ahead := time.Duration(0)
	for _, c := range o.clocks {
		ahead = max(ahead, c.wrong)
	}
	return 25*time.Hour + ahead
}

// opened is a pair with people, and a workspace on it that is live and makes a Lead of whoever is in Marketo only.
func opened(t *testing.T, home string, seed uint64, bug func(cycle.Config) cycle.Config) (*App, *office, *wire) {
	ctx := t.Context()
	pair, err := sandbox.New(sandbox.Options{People: simulatedPeople, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pair.Close)
	a, line, err := wired(home, pair, bug)
	if err != nil {
		t.Fatal(err)
	}
	line.trail, line.plain = &trail{pair: pair}, seed%4 != 0
	if err := connectSample(ctx, a, pair.Credentials()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ChangeSettings(ctx, sampleName, "create_in_salesforce=true"); err != nil {
		t.Fatal(err)
	}
	// Every other day goes by another rule than the usual one.
	if rule := []string{"default", "newest", "default", "hold", "default", "lead:salesforce,contact:marketo"}[seed%6]; rule != "default" {
		if _, err := a.ChangeSettings(ctx, sampleName, "conflicts="+rule); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.SetMode(ctx, sampleName, record.Live); err != nil {
		t.Fatal(err)
	}
	return a, &office{
		t: t, a: a, pair: pair, seed: seed, rng: rand.New(rand.NewPCG(seed, 0x0ff1ce)), entered: map[string]bool{}, moved: map[string]bool{}, chosen: map[record.ID]bool{},
		altered: altered{line: line, out: map[spot]time.Time{}, oneWay: map[spot]oneWay{}, rested: map[spot]time.Time{}, inForce: map[string]inForce{}},
	}, line
}

// judge holds both sides against each other, past the engine, and says what is wrong.
func judge(t *testing.T, a *App, staff *office) (broken []string) {
	t.Helper()
	ctx, pair := t.Context(), staff.pair
	wrong := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	before := pair.Journal()
	broken = append(broken, staff.broken...)
	if _, err := a.Sync(ctx, sampleName, SyncOptions{}); err != nil {
		wrong("the last cycle failed: %s", Say(err))
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if n := pair.Journal().Of(side).Writes - before.Of(side).Writes; n != 0 {
			wrong("promise 2: a quiet pair was written to: %d records in %s", n, side)
		}
	}
	truth := pair.Truth()
	if truth.CreatedTwice > staff.doubled {
		wrong("promise 3: %d records stand twice", truth.CreatedTwice)
	}
	if truth.Linked < simulatedPeople*8/10 {
		wrong("promise 1: only %d of %d people are linked", truth.Linked, simulatedPeople)
	}
	standing := staff.standing()
	for _, email := range slices.Sorted(maps.Keys(staff.entered)) {
		if n := standing[email]; n != [2]int{1, 1} {
			wrong("promises 1 and 3: %s stands %d times in Salesforce and %d times in Marketo", email, n[0], n[1])
		}
	}
	if err := a.within(ctx, sampleName, func(w *store.Workspace) error {
		rest, err := unexplained(ctx, w, pair)
		more, err2 := staff.differences(ctx, w)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
		for _, d := range append(rest, more...) {
			if staff.inherited(d) || staff.alike(d) {
				continue
			}
			wrong("promise 4: %s %s and its person %s differ in %s (%q, %q), and nothing explains it", d.Object, d.SalesforceID, d.MarketoID, d.SalesforceField, d.Salesforce, d.Marketo)
		}
		staff.accounts(t, ctx, w, wrong)
		return errors.Join(err, staff.links(ctx, w, wrong), staff.memberships(ctx, w, wrong), staff.tasksMade(ctx, w, wrong), staff.letIn(ctx, w, wrong), staff.stories(ctx, w, wrong))
	}); err != nil {
		t.Fatal(err)
	}
	return broken
}
