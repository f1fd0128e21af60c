//go:build pictures

package shot

import (
	"image"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/fields"
	"github.com/doppio-sync/doppio/gui/filter"
	"github.com/doppio-sync/doppio/gui/instance"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/rehearsal"
	"github.com/doppio-sync/doppio/gui/rights"
	"github.com/doppio-sync/doppio/gui/rules"
	"github.com/doppio-sync/doppio/gui/signin"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// setup is what the pages of a set-up have to show.
type setup struct {
	who      app.Who
	instance app.Instance
	rights   app.Rights
	fields   app.FieldSetup
	filters  map[string]filter.View // by language
	rules    app.RuleSetup
	sample   app.RuleSample
	plan     app.Rehearsal
	share    app.Share
	since    app.Outcome
	now      time.Time
}

// setUp leads a workspace through its set-up, until the first ten people of the plan are written and meanwhile people are edited.
func setUp(t *testing.T) (seen setup) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const name = "Acme B.V."
		a, pair := joined(t, home, name, sandbox.Options{People: 1500, Seed: 4, Now: clock()})
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(app.Say(err))
			}
		}
		var err error
		w := a.Named(name)
		seen.who, err = w.Who(t.Context())
		must(err)
		seen.rights, err = w.Rights(t.Context())
		must(err)
		seen.instance, err = w.Instance(t.Context())
		must(err)
		for _, field := range []string{"region", "budget"} {
			must(pair.Instance().AddField(field, words.Field(field), "string"))
		}
		seen.fields, err = w.FieldSetup(t.Context())
		must(err)
		winners := seen.fields.Winners
		winners.Create = true
		_, err = w.KeepFields(t.Context(), seen.fields.Mapping, winners)
		must(err)
		seen.filters = map[string]filter.View{}
		for _, language := range words.Languages() {
			seen.filters[language] = weighed(t, words.For(language), w, pair.Now)
		}
		seen.rules, err = w.RuleSetup(t.Context())
		must(err)
		seen.sample, err = w.RuleSample(t.Context())
		must(err)
		must(a.SetMode(t.Context(), name, record.Rehearse))
		quiet := func(app.Progress) {}
		seen.plan, err = w.Rehearse(t.Context(), quiet)
		must(err)
		time.Sleep(4 * time.Minute)
		seen.share, err = w.Share(t.Context(), 10, quiet)
		must(err)
		_, err = pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 7, Seed: 2})
		must(err)
		seen.since, err = w.SinceRehearsal(t.Context(), quiet)
		must(err)
		seen.now = pair.Now()
	})
	return seen
}

// steps are the pages of the set-up, each with what it has to show.
func (seen setup) steps(t *testing.T, w *words.Words) []wizard.Entry {
	ways := rehearsal.Ways{Now: func() time.Time { return seen.now }}
	typed := org.Typed{Name: "Acme B.V.", Named: true, Address: "https://acme.lightning.force.com/lightning/page/home", ClientID: "3MVG9…", Flow: app.FlowBrowser}
	return []wizard.Entry{
		{Key: org.Step, New: func(at wizard.At) wizard.Page {
			page := org.New(w, nil, at, org.Ways{})
			page.Show(org.View{Loaded: &typed})
			return page
		}},
		{Key: "signin", New: func(at wizard.At) wizard.Page {
			page := signin.New(w, nil, at, signin.Ways{})
			page.Show(signin.Picture(w, seen.who))
			return page
		}},
		{Key: "rights", New: func(at wizard.At) wizard.Page {
			page := rights.New(w, at, rights.Ways{})
			page.Show(rights.Picture(w, seen.rights))
			return page
		}},
		{Key: instance.Step, New: func(at wizard.At) wizard.Page {
			page := instance.New(w, nil, at, nil)
			page.Show(instance.Picture(w, seen.instance, at.LookOnly))
			return page
		}},
		{Key: "fields", New: func(at wizard.At) wizard.Page {
			page := fields.New(w, at, fields.Ways{})
			page.Picture(seen.fields, nil, fields.Fields, "Region__c")
			return page
		}},
		{Key: "filter", New: func(at wizard.At) wizard.Page {
			page := filter.New(w, at, ways.Now, func(string) {})
			page.Show(seen.filters[w.Language()])
			return page
		}},
		{Key: "rules", New: func(at wizard.At) wizard.Page {
			page := rules.New(w, at, rules.Ways{})
			if err := page.Picture(seen.rules, seen.sample, nil, rules.List, 0); err != nil {
				t.Fatal(err)
			}
			return page
		}},
		{Key: "rehearsal", New: func(at wizard.At) wizard.Page {
			page := rehearsal.New(w, at, ways)
			page.Show(rehearsal.Picture(w, seen.plan, seen.now))
			return page
		}},
		{Key: "live", New: func(at wizard.At) wizard.Page {
			page := rehearsal.NewLive(w, at, ways)
			page.Show(rehearsal.LivePicture(w, seen.plan, &seen.share, &seen.since, seen.now))
			return page
		}},
	}
}

// page draws a step in the frame of the set-up.
func (seen setup) page(t *testing.T, o Options, step int, lookOnly bool) image.Image {
	if o.Height == 0 && step == 5 {
		o.Height = 1010 // the text below the rows is a scroll within a scroll, which the software painter does not cut at the outer one
	}
	o = o.filled()
	w := o.enter()
	steps := seen.steps(t, w)
	if lookOnly {
		steps = []wizard.Entry{steps[0], steps[1], steps[3]}
	}
	begin := wizard.Begin{Name: "Acme B.V.", LookOnly: lookOnly, Stand: wizard.Stand{At: steps[step].Key, Reached: steps[step].Key}}
	if step == 0 {
		begin.Name, begin.Stand = "", wizard.Stand{} // nothing is made yet
	}
	ask := func(string) app.Asked { return still{} }
	return o.stage(wizard.New(w, nil, steps, begin, wizard.Ways{Ask: ask}).Content()).Capture()
}

// TestSetUpPictures draws every step of both set-ups.
func TestSetUpPictures(t *testing.T) {
	seen := setUp(t)
	for i, e := range seen.steps(t, words.For("en")) {
		each(t, strconv.Itoa(i+1)+"-"+e.Key, func(o Options) image.Image { return seen.page(t, o, i, false) })
	}
	for i, key := range []string{org.Step, "signin", instance.Step} {
		each(t, "look-"+strconv.Itoa(i+1)+"-"+key, func(o Options) image.Image { return seen.page(t, o, i, true) })
	}
}
