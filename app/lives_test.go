package app

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// TestWhatHappensToPeople lives through conversions, merges on either side, deletions and returns. Each ends with one linked
// person, one history that is found by all ids that the person ever had, and no value lost (promises 1, 3, 6 and 8). All stories
// share one pair; a round of acts lies between two cycles.
func TestWhatHappensToPeople(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		stories := map[string]*life{}
		for name, story := range lives() {
			stories[name] = s.born(story)
		}
		s.sync()
		s.sync()
		for _, l := range stories {
			l.find()
			s.set(l.lead, "Title", "Told early")
		}
		s.sync()
		s.sync()
		for round := range 3 {
			for _, name := range sorted(stories) {
				if acts := stories[name].story.acts; round < len(acts) {
					acts[round](stories[name])
				}
			}
			s.sync()
		}
		s.sync()
		s.sync()
		before := s.pair.Journal()
		s.sync()
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			if n := s.pair.Journal().Of(side).Writes - before.Of(side).Writes; n != 0 {
				t.Errorf("a quiet pair was written to: %d records in %s", n, side)
			}
		}
		for _, name := range sorted(stories) {
			stories[name].judge(func(format string, args ...any) { t.Errorf(name+": "+format, args...) })
		}
	})
}

func sorted[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The log may tell of a merge after its loser was seen to be gone, and the winner may wait to be entered in Salesforce: it takes the loser's place all the same.
func TestMergeIsToldLate(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "create_in_salesforce=true")
		l := s.born(tale{})
		winner := s.makePerson(map[string]string{"email": "nameless@lives.example"}) // Salesforce wants a last name and a company
		s.sync()
		s.sync()
		l.find()
		l.mergePersonInto(winner)
		s.set(l.lead, "Title", "Edited")
		log := s.a.world.transport
		s.a.world.transport = silent{log}
		s.sync()
		if k, _ := l.link(l.lead); k.Link.State != cycle.Ended {
			t.Fatalf("the lead whose person is gone: %+v", k.Link)
		}
		s.a.world.transport = log
		s.sync()
		s.sync()
		if k, _ := l.link(l.lead); k.Link.State != cycle.Linked || string(k.Link.Marketo) != winner {
			t.Errorf("the lead is linked with %q (state %d), wanted %s", k.Link.Marketo, k.Link.State, winner)
		}
	})
}

// TestAMergeIsToldOfBoth: where two people who were both linked become one, the story of the one that remains tells of the other, on whichever
// side it was.
func TestAMergeIsToldOfBoth(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newTown(t, home, "")
		inSalesforce, inMarketo, converted := s.born(tale{second: "Lead"}), s.born(tale{second: "Lead"}), s.born(tale{})
		s.sync()
		s.sync()
		inSalesforce.find()
		inMarketo.find()
		converted.find()
		s.must(s.pair.Org().Merge(inSalesforce.lead, inSalesforce.other))
		s.must(s.pair.Instance().Merge(inMarketo.person, inMarketo.fellow))
		converted.convert(org.Conversion{})
		s.sync()
		s.sync()
		for _, row := range []struct{ who, told string }{
			{inSalesforce.lead, inSalesforce.other + " became part of this record in Salesforce; what happened to it before is told under that id."},
			{inMarketo.person, inMarketo.fellow + " became part of this record in Marketo; what happened to it before is told under that id."},
			{converted.record, "The lead was converted; the person is linked with the contact now."},
		} {
			e, err := s.a.Explain(t.Context(), sampleName, row.who)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, event := range e.History {
				if event.Sentence == row.told {
					n++
				}
				if event.Kind == "held" {
					t.Errorf("%s: a decision that nobody could take is told: %s", row.who, event.Sentence)
				}
			}
			if n != 1 || !e.Linked {
				t.Errorf("%s (linked: %v) is told %d times that %q: %+v", row.who, e.Linked, n, row.told, e.History)
			}
		}
	})
}
