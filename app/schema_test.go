package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// A side that comes to look different is noticed: on Salesforce within a cycle, on Marketo at its first refusal or within a day. It
// ends no cycle, and a field that was hidden for a while catches up with what changed meanwhile.
func TestASideComesToLookDifferent(t *testing.T) {
	title := func(pair *sandbox.Pair, person string) (out string) {
		pair.Instance().Look(record.Person, person, func(get func(string) (string, bool)) { out, _ = get("title") })
		return out
	}
	for name, story := range map[string]struct {
		change func(pair *sandbox.Pair)
		kind   schema.NoticeKind
		within time.Duration // 0: by the next cycle
	}{
		"a field is hidden from the sync user": {func(p *sandbox.Pair) { p.Org().SetFieldAccess("Lead.Title", false, false) }, schema.NoticeGone, 0},
		"an object is hidden":                  {func(p *sandbox.Pair) { p.Org().SetObjectAccess("Lead", false, false, false, false) }, schema.NoticeGone, 0},
		"a field is deleted":                   {func(p *sandbox.Pair) { p.Org().SetFieldPresent("Lead.Segment__c", false) }, schema.NoticeGone, 0},
		"a field is shortened":                 {func(p *sandbox.Pair) { p.Org().AlterField("Lead.Title", org.Alteration{Length: 20}) }, schema.NoticeShortened, 0},
		"a field has another label":            {func(p *sandbox.Pair) { p.Org().AlterField("Lead.Title", org.Alteration{Label: "Role"}) }, schema.NoticeRenamed, 0},
		"a field has another type":             {func(p *sandbox.Pair) { p.Org().AlterField("Lead.Segment__c", org.Alteration{Type: "double"}) }, schema.NoticeRetyped, 0},
		"a field is read-only": {func(p *sandbox.Pair) {
			p.Org().SetFieldAccess("Lead.Title", true, false)
		}, schema.NoticeDirection, 25 * time.Hour},
		"a field is hidden in Marketo": {func(p *sandbox.Pair) {
			if err := p.Instance().HideField("title", true); err != nil {
				t.Error(err)
			}
		}, schema.NoticeGone, 25 * time.Hour},
		"a field has another label in Marketo": {func(p *sandbox.Pair) {
			if err := p.Instance().RenameField("title", "Role"); err != nil {
				t.Error(err)
			}
		}, schema.NoticeRenamed, 25 * time.Hour},
		"Marketo has a new field": {func(p *sandbox.Pair) {
			if err := p.Instance().AddField("budget", "Budget", "float"); err != nil {
				t.Error(err)
			}
		}, schema.NoticeNew, 25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair := pairOf(t, home, sandbox.Options{People: 40, Seed: 1})
				cycles(t, a, 2)
				time.Sleep(time.Hour) // what was described first lies behind
				story.change(pair)
				if story.within > 0 {
					time.Sleep(story.within)
				}
				cycles(t, a, 2)
				d, err := a.Mapping(t.Context(), sampleName)
				must(t, err)
				if !slices.ContainsFunc(d.Notices, func(n schema.Notice) bool { return n.Kind == story.kind }) {
					t.Errorf("noticed: %+v", d.Notices)
				}
				s, err := a.Status(t.Context(), sampleName)
				must(t, err)
				if s.Notices != len(d.Notices) {
					t.Errorf("the status tells of %d notices, there are %d", s.Notices, len(d.Notices))
				}
				pair.ResetJournal()
				cycles(t, a, 1)
				if sf, mk := pair.Journal().Of(record.Salesforce), pair.Journal().Of(record.Marketo); sf.Calls > 2 || mk.Calls > 3 {
					t.Errorf("afterwards an idle cycle makes %d and %d calls: %v %v", sf.Calls, mk.Calls, sf.ByEndpoint, mk.ByEndpoint)
				}
			})
		})
	}

	for _, row := range []struct {
		name string
		hide func(t *testing.T, pair *sandbox.Pair, hidden bool)
	}{
		{"in Salesforce", func(t *testing.T, pair *sandbox.Pair, hidden bool) {
			pair.Org().SetFieldAccess("Lead.Title", !hidden, !hidden)
		}},
		{"in Marketo", func(t *testing.T, pair *sandbox.Pair, hidden bool) {
			must(t, pair.Instance().HideField("title", hidden))
		}},
	} {
		t.Run("a field hidden for a while "+row.name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair := pairOf(t, home, sandbox.Options{People: 40, Seed: 1})
				cycles(t, a, 2)
				lead, person := oneLinked(t, a)
				row.hide(t, pair, true)
				must(t, pair.Org().Set(string(lead), map[string]string{"Title": "Zookeeper", "Phone": "+31 20 1234567"}))
				cycles(t, a, 3)
				if strings.Contains(title(pair, string(person)), "Zookeeper") {
					t.Fatal("a hidden field travelled")
				}
				row.hide(t, pair, false)
				time.Sleep(25 * time.Hour)
				cycles(t, a, 2)
				if got := title(pair, string(person)); got != "Zookeeper" {
					t.Errorf("what changed while the field was hidden did not arrive: %q", got)
				}
			})
		})
	}
}

// editedMeanwhile is Marketo where somebody edits a person right before it is written to.
type editedMeanwhile struct {
	cycle.Marketo
	edit func()
}

func (m editedMeanwhile) WritePeople(ctx context.Context, purpose record.Purpose, rows []marketo.Write) ([]marketo.Result, error) {
	m.edit()
	return m.Marketo.WritePeople(ctx, purpose, rows)
}

// What a write to Marketo replaced is told, also where its field stopped travelling before the log was read that says so.
func TestALossIsToldOfAFieldThatIsHidden(t *testing.T) {
	for side, hide := range map[record.Side]func(*sandbox.Pair) error{
		record.Salesforce: func(p *sandbox.Pair) error { p.Org().SetFieldAccess("Lead.Title", false, false); return nil },
		record.Marketo:    func(p *sandbox.Pair) error { return p.Instance().HideField("title", true) },
	} {
		t.Run(side.String(), func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair := pairOf(t, home, sandbox.Options{People: 40, Seed: 1})
				cycles(t, a, 2)
				lead, person := oneLinked(t, a)
				must(t, pair.Org().Set(string(lead), map[string]string{"Title": "Zookeeper"}))
				a.world.engine = func(c cycle.Config) cycle.Config {
					c.Marketo = editedMeanwhile{c.Marketo, func() { must(t, pair.Instance().Set(string(person), map[string]string{"title": "Keeper"})) }}
					return c
				}
				cycles(t, a, 1)
				a.world.engine = nil
				must(t, hide(pair))
				_, err := a.SetMapping(t.Context(), sampleName, edited(t, a, func(*MappingDocument) {})) // both sides are asked what they look like
				must(t, err)
				cycles(t, a, 3)
				must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
					known, err := w.Known(t.Context(), record.Salesforce, []record.ID{lead})
					must(t, err)
					events, err := w.EventsOf(t.Context(), known[0].Link.ID, 100)
					if !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "overwrote" && e.Old.Text() == "Keeper" }) {
						t.Errorf("nothing tells of the title that was overwritten: %d events", len(events))
					}
					return err
				}))
			})
		})
	}
}

// It is told once, also when the log tells late what the write replaced, after it was read further already.
func TestALossIsToldThatTheLogTellsLate(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, pair := pairOf(t, home, sandbox.Options{People: 40, Seed: 1})
		cycles(t, a, 2)
		lead, person := oneLinked(t, a)
		must(t, pair.Org().Set(string(lead), map[string]string{"Title": "Zookeeper"}))
		a.world.engine = func(c cycle.Config) cycle.Config {
			c.Marketo = editedMeanwhile{c.Marketo, func() {
				must(t, pair.Instance().Set(string(person), map[string]string{"title": "Keeper"}), pair.Dice().Next("late-commit", 1))
			}}
			return c
		}
		_, err := a.Sync(t.Context(), sampleName, SyncOptions{})
		must(t, err)
		a.world.engine = nil
		for range 6 {
			cycles(t, a, 1)
			time.Sleep(40 * time.Minute)
		}
		must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
			known, err := w.Known(t.Context(), record.Salesforce, []record.ID{lead})
			must(t, err)
			events, err := w.EventsOf(t.Context(), known[0].Link.ID, 100)
			events = slices.DeleteFunc(events, func(e store.Event) bool { return e.Kind != "overwrote" || e.New.Text() != "Zookeeper" })
			if len(events) != 1 || events[0].Old.Text() != "Keeper" || len(known[0].Echoes) != 0 {
				t.Errorf("%d events tell of what was overwritten, and %d writes are listened for still", len(events), len(known[0].Echoes))
			}
			return err
		}))
	})
}

// oneLinked are the ids of a Lead and of the person who it is linked with.
func oneLinked(t *testing.T, a *App) (lead, person record.ID) {
	t.Helper()
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
		links, err := w.Links(t.Context(), 0, 1000)
		for _, l := range links {
			if l.State == cycle.Linked && l.Object == record.Lead {
				lead, person = l.Salesforce, l.Marketo
			}
		}
		return err
	}))
	if lead == "" {
		t.Fatal("no lead is linked")
	}
	return lead, person
}
