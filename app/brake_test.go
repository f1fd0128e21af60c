package app

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// A change of 30 % of the people, on either side, trips the brake before a single write. It stays a decision that waits, also after
// people were asked for by name, until it is resumed; naming as many people by name trips it too.
func TestMassChangeTripsTheBrake(t *testing.T) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		t.Run(side.String(), func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				const people = 1000
				ctx := t.Context()
				a, pair := pairOf(t, home, sandbox.Options{People: people, Seed: 4})
				cycles(t, a, 2)
				linked, err := a.Status(ctx, sampleName)
				must(t, err)
				edited, err := pair.Edit(sandbox.Edit{Sides: []record.Side{side}, People: linked.People.Linked * 3 / 10, Seed: 1, Fields: []string{"Title", "title"}})
				must(t, err)
				time.Sleep(betweenCycles)
				pair.ResetJournal()
				var brake *cycle.BrakeError
				if _, err := a.Sync(ctx, sampleName, SyncOptions{}); !errors.As(err, &brake) || ExitCode(err) != ExitBrake {
					t.Fatalf("the cycle ended with %v", err)
				}
				if brake.Field != "Title" || brake.By == "" {
					t.Errorf("it does not say what it is about: %v", brake)
				}
				holds, err := a.Holds(ctx, sampleName)
				if must(t, err); !slices.ContainsFunc(holds, func(h Hold) bool { return h.Cause == "brake" && strings.Contains(h.Sentence, "about Title") }) {
					t.Errorf("the decision does not say what it is about: %+v", holds)
				}
				wrote := func() int {
					j := pair.Journal()
					return j.Of(record.Salesforce).WriteCalls + j.Of(record.Marketo).WriteCalls
				}
				if n := wrote(); n != 0 {
					t.Errorf("%d calls that write before the brake", n)
				}
				var names []string
				for _, e := range edited {
					names = append(names, e.ID)
				}
				if _, err := a.Sync(ctx, sampleName, SyncOptions{Now: names, NowOnly: true}); !errors.As(err, &brake) || wrote() != 0 {
					t.Errorf("all of them by name: %v, and %d calls that write", err, wrote())
				}
				now, err := a.Sync(ctx, sampleName, SyncOptions{Now: names[:1], NowOnly: true})
				if must(t, err); now.Now[0].State != NowWritten {
					t.Errorf("one of them by name: %+v", now.Now)
				}
				if s, err := a.Status(ctx, sampleName); err != nil || s.Holds != linked.Holds+1 {
					t.Errorf("%d decisions wait (%v), want one more than %d", s.Holds, err, linked.Holds)
				}
				if _, err := a.Sync(ctx, sampleName, SyncOptions{Resume: true}); err != nil {
					t.Fatalf("resumed: %v", err)
				}
				s, err := a.Status(ctx, sampleName)
				if must(t, err); s.Holds > linked.Holds || s.Backlog.sum() != 0 {
					t.Errorf("after resuming: %+v", s)
				}
				cycles(t, a, 1)
			})
		})
	}
}

// Where a filter that was set would change so many, the brake says that it is so.
func TestTheBrakeNamesTheFilter(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 100, Seed: 4})
		must(t, pair.Instance().AddField("keptOut", "Kept Out", "boolean"))
		_, err := a.ChangeSettings(t.Context(), sampleName, "brake_percent=1", "brake_records=5")
		must(t, err)
		cycles(t, a, 2)
		setFilter(t, a, "Email is blank\nwho leaves is marked in \"Kept Out\"")
		var brake *cycle.BrakeError
		if _, err := a.Sync(t.Context(), sampleName, SyncOptions{}); !errors.As(err, &brake) || brake.By != cycle.FilterEdit || !strings.Contains(err.Error(), "because the filter was changed") {
			t.Errorf("the cycle ended with %v", err)
		}
	})
}

// An open workspace that the brake stopped writes nothing until somebody there says so, and then all of it.
func TestAnOpenWorkspaceGoesOnAfterTheBrake(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 600, Seed: 4})
		must(t, a.SetMode(t.Context(), sampleName, record.Live))
		s, err := a.openSession(t.Context(), sampleName)
		must(t, err)
		r := start(s, a.Named(""), nil, a.world.now, betweenCycles, nil)
		defer func() { must(t, r.Close()) }()
		after(3 * betweenCycles)
		_, err = pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: board(t, r).Linked * 3 / 10, Seed: 1, Fields: []string{"Title"}})
		must(t, err)
		pair.ResetJournal()
		wrote := func() int { j := pair.Journal(); return j.Of(record.Marketo).Writes }
		after(2 * betweenCycles)
		r.Resume() // once more, and the brake stops it again
		after(betweenCycles)
		if d := board(t, r); d.Problem == nil || !d.Problem.Resumable || !strings.HasPrefix(d.Problem.What.Key, "trouble.brake") || wrote() != 0 {
			t.Fatalf("%d writes, problem %+v", wrote(), d.Problem)
		}
		r.GoOn()
		after(3 * betweenCycles)
		if d := board(t, r); d.Problem != nil || d.Waiting.Sum() != 0 || wrote() == 0 {
			t.Errorf("gone on: %d writes, %+v waits, problem %+v", wrote(), d.Waiting, d.Problem)
		}
	})
}
