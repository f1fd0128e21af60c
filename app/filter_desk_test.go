package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// weighed is all that a desk knows of a filter.
func weighed(t *testing.T, d FilterDesk, text string) (last FilterWeight) {
	t.Helper()
	var known []FilterKnown
	must(t, d.Weigh(t.Context(), text, func(w FilterWeight) { known, last = append(known, w.Known), w }))
	if !slices.Equal(known, []FilterKnown{FilterCounted, FilterNamed, FilterCompared, FilterWeighed}) {
		t.Errorf("%s was shown at the stages %v", text, known)
	}
	return last
}

// get reads a field of a record, "" for blank.
type get func(field string) string

// TestDeskCountsTheTruth holds what a desk says of filters against all records, judged one by one without Doppio.
func TestDeskCountsTheTruth(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 12, nil)
		desk, err := a.Named(sampleName).OpenFilter(t.Context())
		must(t, err)
		defer func() { must(t, desk.Close()) }()
		everybody := func(record.Object, get) bool { return true }
		filters := []struct {
			text  string
			holds func(record.Object, get) bool
		}{
			{"", everybody},
			{"Email is filled and LeadSource is not \"Web\"", func(_ record.Object, of get) bool {
				return of("Email") != "" && !strings.EqualFold(of("LeadSource"), "Web")
			}},
			{"lead where Company starts with \"A\" or not Email contains \"a\"", func(object record.Object, of get) bool {
				return object != record.Lead || strings.HasPrefix(strings.ToLower(of("Company")), "a") || !strings.Contains(strings.ToLower(of("Email")), "a")
			}},
			{"contact where Title is filled\nlead where Title is blank", func(object record.Object, of get) bool { return (object == record.Contact) == (of("Title") != "") }},
		}
		compare := func(before, after int, w FilterWeight, linked bool) {
			t.Helper()
			for _, got := range w.Objects {
				want := FilterObjectWeight{Object: got.Object, Plural: got.Plural, Roughly: got.Roughly}
				o.pair.Org().Each(string(got.Object), func(id string, read func(string) (string, bool)) bool {
					of := func(field string) string { text, _ := read(field); return text }
					if of("IsDeleted") == "true" || of("IsConverted") == "true" {
						return true
					}
					was, now := filters[before].holds(got.Object, of), filters[after].holds(got.Object, of)
					want.Records++
					if now {
						want.Passes++
					}
					if was && !now {
						want.Leaves++
					}
					if now && !was {
						want.Enters++
					}
					if linked && linkOf(t, a, id).Link.State == cycle.Linked {
						want.Linked++
						if was && !now {
							want.LinkedLeaves++
						}
					}
					return true
				})
				if got != want {
					t.Errorf("from %q to %q:\n%+v, the truth is\n%+v", filters[before].text, filters[after].text, got, want)
				}
			}
			for way, list := range map[string][]FilterWho{"leaves": w.Leave, "enters": w.Enter} {
				for _, who := range list {
					of := func(field string) (text string) {
						o.pair.Org().Look(string(who.Object), string(who.Salesforce), func(read func(string) (string, bool)) { text, _ = read(field) })
						return text
					}
					if was, now := filters[before].holds(who.Object, of), filters[after].holds(who.Object, of); was == now || was != (way == "leaves") {
						t.Errorf("%s %s does not: %+v", who.Salesforce, way, who)
					}
					if who.Name == "" || len(who.Facts) == 0 {
						t.Errorf("who %s has no name or no reason: %+v", way, who)
					}
					for _, f := range who.Facts {
						field := map[string]string{"Email": "Email", "Lead Source": "LeadSource", "Company": "Company", "Title": "Title"}[f.Label]
						if of(field) != f.Value {
							t.Errorf("%s of %s is told as %q", f.Label, who.Salesforce, f.Value)
						}
					}
				}
			}
		}
		for i := range filters {
			compare(0, i, weighed(t, desk, filters[i].text), false)
		}
		cycles(t, a, 2)
		o.pair.ResetJournal()
		for before := range filters {
			if before > 0 {
				setFilter(t, a, filters[before].text)
				cycles(t, a, 1)
			}
			for after := range filters {
				compare(before, after, weighed(t, desk, filters[after].text), true)
			}
		}
		// Many are counted by the id on their records; it says the same.
		desk.(*filterDesk).oneByOne = 0
		w := weighed(t, desk, filters[1].text)
		compare(3, 1, w, true)
		if !slices.ContainsFunc(w.Objects, func(o FilterObjectWeight) bool { return o.Roughly && o.LinkedLeaves > 0 }) {
			t.Errorf("nobody was counted by the id: %+v", w.Objects)
		}
		sheet, err := desk.Sheet(t.Context())
		must(t, err)
		if sheet.Kept.Text != filters[3].text || len(sheet.Former) != 2 || !sheet.Linked || len(sheet.Presets) < 5 || len(sheet.Language.Marks()) == 0 {
			t.Errorf("the sheet is %d former, %d presets, %v, %v", len(sheet.Former), len(sheet.Presets), sheet.Kept.Text, sheet.Language.Marks())
		}
	})
}

// TestDeskEnds gives up when nobody wants to know any more, and says which word it does not understand.
func TestDeskEnds(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, _ := opened(t, home, 12, nil)
		desk, err := a.Named(sampleName).OpenFilter(t.Context())
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		shown := 0
		if err := desk.Weigh(ctx, "Email is filled", func(FilterWeight) { shown++; cancel() }); !errors.Is(err, context.Canceled) || shown != 1 {
			t.Errorf("%v after %d", err, shown)
		}
		var wrong FilterError
		if err := desk.Weigh(t.Context(), "Emial is filled", nil); !errors.As(err, &wrong) || wrong.Offset != 0 || wrong.Length != 5 || !slices.Contains(wrong.Suggestions, "Email") {
			t.Errorf("a slip: %v", err)
		}
		must(t, desk.Close())
		must(t, a.Named(sampleName).SetFilter(t.Context(), FilterChange{Text: "Email is filled", Why: "agreed", Seen: true}))
		must(t, a.Named(sampleName).SetFilter(t.Context(), FilterChange{None: true, Seen: true}))
		shown2, err := a.ShowFilter(t.Context(), sampleName)
		must(t, err)
		if shown2.Text != "" || len(shown2.Former) != 1 || shown2.Former[0].Why != "agreed" {
			t.Errorf("%+v", shown2)
		}
	})
}
