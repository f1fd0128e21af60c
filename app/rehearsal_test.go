package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// What a rehearsal announces and what live does are equal, item by item, as the pair itself says past the engine; where somebody edits in
// between, what differs is told, and nothing else differs.
func TestLiveDoesWhatWasRehearsed(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, staff, _ := opened(t, home, seed, nil)
				before := staff.pair.Journal()
				rehearsed, err := a.Sync(t.Context(), sampleName, SyncOptions{Rehearse: true, Values: true})
				must(t, err)
				if j := staff.pair.Journal(); j.Salesforce.WriteCalls+j.Marketo.WriteCalls != before.Salesforce.WriteCalls+before.Marketo.WriteCalls {
					t.Fatalf("a rehearsal wrote: %+v", j)
				}
				edited := seed%2 == 0
				if edited {
					_, err := staff.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 6, Seed: seed})
					must(t, err)
					email := fmt.Sprintf("new%d@rehearsed.example", seed)
					must(t, staff.intoSalesforce("Nieuw", email))
				}
				watch := standingOf(t, a, staff.pair)
				_, err = a.Sync(t.Context(), sampleName, SyncOptions{AllowBrake: true})
				must(t, err)
				done := watch.since(t, staff.pair)
				outcome, err := a.SinceRehearsal(t.Context(), sampleName)
				must(t, err)
				told := map[string]bool{}
				for _, d := range outcome.Differences {
					told[fmt.Sprintf("%s %s %s", d.Side, d.Object, d.ID)] = true
					told[fmt.Sprintf("%s %s %s", d.Side, d.Object, d.Source)] = true
				}
				for _, f := range stillThere(t, a) {
					told[f] = true
				}
				if len(rehearsed.Plan) < 60 {
					t.Errorf("%d writes were announced: too few to tell anything", len(rehearsed.Plan))
				}
				announced := map[string]string{}
				for _, p := range rehearsed.Plan {
					announced[fmt.Sprintf("%s %s %s", p.Side, p.Object, p.ID)] = watch.spelled(p)
				}
				differ := 0
				for item := range maps.Keys(merged(announced, done)) {
					if announced[item] == done[item] {
						continue
					}
					if differ++; !told[item] {
						t.Errorf("%s: announced was %q, and done %q; nothing tells of it", item, announced[item], done[item])
					}
				}
				if outcome.Announced != len(rehearsed.Plan) || outcome.AsAnnounced+outcome.Waiting+outcome.Changed+outcome.Dropped != outcome.Announced {
					t.Errorf("%d were announced: %+v", len(rehearsed.Plan), outcome)
				}
				if !edited {
					if differ != outcome.Waiting {
						t.Errorf("%d writes are not as announced, and %d are told to wait or to be refused", differ, outcome.Waiting)
					}
					for _, d := range outcome.Differences {
						t.Logf("%+v", d)
					}
				}
				if (outcome.Differ() > 0) != edited || edited && differ == 0 {
					t.Errorf("somebody edited in between: %t; told are %d differences, found %d", edited, outcome.Differ(), differ)
				}
			})
		})
	}
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// stillThere are the writes that are refused, or wait for a person, as items.
func stillThere(t *testing.T, a *App) (items []string) {
	t.Helper()
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
		rows, err := w.RowsAfter(t.Context(), 0, plannedAtOnce)
		for _, row := range rows {
			id := row.Target
			if id == "" {
				id = row.Source
			}
			items = append(items, fmt.Sprintf("%s %s %s", row.Side, row.Object, id))
			// What follows a creation does not come before it.
			items = append(items, fmt.Sprintf("%s %s %s", row.Side.Other(), record.Person, row.Source), fmt.Sprintf("%s %s %s", row.Side.Other(), record.Lead, row.Source))
		}
		return err
	}))
	return items
}

// A rehearsal is kept with its numbers, sealed, until the next one; the first cycle that carries it out to its end closes it.
func TestRehearsalIsKept(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 300, Seed: 4})
		if _, err := a.Rehearsal(t.Context(), sampleName); !errors.Is(err, ErrNotRehearsed) {
			t.Fatalf("before any: %v", err)
		}
		run, err := a.Sync(t.Context(), sampleName, SyncOptions{Rehearse: true})
		must(t, err)
		r, err := a.Rehearsal(t.Context(), sampleName)
		must(t, err)
		made := map[string]int{}
		for _, p := range run.Plan {
			made[p.Action]++
		}
		updates := r.Count(0, "update") + r.Count(0, ActionLink)
		if r.Count(0, "create") != made["create"] || updates != made["update"] || made["create"] == 0 || r.People.Linked == 0 || !r.First {
			t.Errorf("the plan has %v, its sum %d created and %d updated; %+v", made, r.Count(0, "create"), updates, r.People)
		}
		for _, w := range r.Writes {
			if len(w.Examples) != min(w.Count, rehearsedExamples) || len(w.Examples[0].Fields) == 0 {
				t.Errorf("%s %s %s: %d examples of %d", w.Action, w.Side, w.Object, len(w.Examples), w.Count)
			}
		}
		for _, side := range r.Sides {
			if side.Writes == 0 || side.Calls == 0 || side.TakesS <= 0 || side.Days != 1 {
				t.Errorf("%+v", side)
			}
		}
		if r.Overwrites.Count == 0 || len(r.Overwrites.Fields) == 0 || r.Overwrites.Examples[0].Old == "" {
			t.Errorf("overwritten: %+v", r.Overwrites)
		}
		if run.Rehearsal == nil || len(run.Rehearsal.Overwrites.Examples) > 0 || run.Rehearsal.Writes[0].Examples[0].Fields[0].Value != nil {
			t.Error("values are told that nobody asked for")
		}
		since, err := a.SinceRehearsal(t.Context(), sampleName)
		must(t, err)
		if since.Announced != len(run.Plan) || since.Waiting != len(run.Plan) || since.Differ() > 0 {
			t.Errorf("right after it: %+v", since)
		}

		foreseen := map[string]int{}
		for _, f := range r.Foreseen {
			foreseen[fmt.Sprintf("%s %s %s", f.Side, f.Code, f.Field)] += f.Count
		}
		pair.ResetJournal()
		live, err := a.Sync(t.Context(), sampleName, SyncOptions{})
		must(t, err)
		failures, err := a.Failures(t.Context(), sampleName, "")
		must(t, err)
		refused := 0
		for _, f := range failures {
			refused += f.Count
		}
		told := 0
		for _, f := range r.Foreseen {
			told += f.Count
		}
		if told > refused {
			t.Errorf("%d refusals were foreseen (%v), and %d came: %+v", told, foreseen, refused, failures)
		}
		if r, err = a.Rehearsal(t.Context(), sampleName); err != nil || r.Outcome == nil || r.Outcome.AsAnnounced+r.Outcome.Waiting != len(run.Plan) {
			t.Errorf("carried out: %+v, %v", r.Outcome, err)
		}
		if live.Cycle.Writes.Salesforce+live.Cycle.Writes.Marketo < r.Outcome.AsAnnounced {
			t.Errorf("%d were written as announced, and %+v in all", r.Outcome.AsAnnounced, live.Cycle.Writes)
		}
	})
}

// A share writes to the people that it is about, to what they name, and to nobody else; what is left of the plan is carried out by going
// live. One that is cut off is taken up again with the same people.
func TestShareOfTheRehearsal(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, staff, _ := opened(t, home, 3, nil)
		must(t, a.SetMode(t.Context(), sampleName, record.Rehearse))
		if _, err := a.Share(t.Context(), sampleName, 10, SyncOptions{}); ExitCode(err) != ExitUsage {
			t.Errorf("a share of nothing: %v", err)
		}
		rehearsed, err := a.Sync(t.Context(), sampleName, SyncOptions{Rehearse: true})
		must(t, err)
		watch := standingOf(t, a, staff.pair)

		ctx, cut := context.WithCancel(t.Context())
		if _, err := a.Share(ctx, sampleName, 10, SyncOptions{Progress: func(d Doing) {
			if d.Phase == "pushing" {
				cut()
			}
		}}); err == nil {
			t.Fatal("it was not cut off")
		}
		before, err := a.LastShare(t.Context(), sampleName)
		must(t, err)
		r, err := a.Share(t.Context(), sampleName, 10, SyncOptions{})
		must(t, err)
		if before.Whole || !r.Share.Whole || len(r.Share.People) != 10 {
			t.Fatalf("cut off: %+v; then %+v", before, r.Share)
		}
		mine := map[string]bool{}
		for i, p := range r.Share.People {
			if q := before.People[i]; q.Salesforce != p.Salesforce && q.Marketo != p.Marketo {
				t.Errorf("the share was about %+v, and went on with %+v", q, p)
			}
			if p.State != NowFailed && (p.State != NowWritten || len(p.Did) == 0 || p.Page == "" || !strings.HasSuffix(p.Page, "/"+string(p.Salesforce))) {
				t.Errorf("%+v", p)
			}
			mine[string(p.Salesforce)], mine[string(p.Marketo)] = true, true
		}
		for item := range watch.since(t, staff.pair) {
			parts := strings.Split(item, " ")
			if record.Object(parts[1]).IsPerson() && !mine[parts[2]] {
				t.Errorf("written to besides: %s", item)
			}
		}
		if ws, err := a.Workspace(t.Context(), sampleName); err != nil || ws.Mode != record.Rehearse {
			t.Errorf("the workspace is in mode %v: %v", ws.Mode, err)
		}

		must(t, a.SetMode(t.Context(), sampleName, record.Live))
		live, err := a.Sync(t.Context(), sampleName, SyncOptions{})
		must(t, err)
		o := live.Outcome
		if o == nil || o.Announced != len(rehearsed.Plan) || o.Changed+o.Dropped > 0 || o.AsAnnounced+o.Waiting != o.Announced || o.AsAnnounced < r.Share.Left {
			t.Errorf("shared, then live: %+v", o)
		}
		for _, d := range o.Differences {
			if d.Cause.Key != "rehearsal.cause.followed" {
				t.Errorf("%+v", d)
			}
		}
	})
}

// What the workspace itself changed since the rehearsal is told as the cause, and nobody's edit.
func TestDifferencesBySettings(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _ := pairOf(t, home, sandbox.Options{People: 120, Seed: 6})
		_, err := a.Sync(t.Context(), sampleName, SyncOptions{Rehearse: true})
		must(t, err)
		_, err = a.SetRules(t.Context(), sampleName, []byte(`{"rules":[{"name":"shout","fields":["Lead.LastName","Contact.LastName"],"do":[{"case":"upper"}]}]}`))
		must(t, err)
		r, err := a.Sync(t.Context(), sampleName, SyncOptions{Since: true})
		must(t, err)
		if r.Outcome.Differ() == 0 || r.Outcome.AsAnnounced > 0 {
			t.Errorf("a rule was set since: %+v", r.Outcome)
		}
		for _, d := range r.Outcome.Differences {
			if d.Key != "rehearsal.cause.rules" {
				t.Errorf("%+v", d)
			}
		}
		kept, err := a.Rehearsal(t.Context(), sampleName)
		must(t, err)
		if kept.Cycle == r.Cycle.N {
			t.Error("to compare took the place of the rehearsal")
		}
	})
}
