//go:build pictures

package shot

import (
	"image"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/rehearsal"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// rehearsed is what the two last pages of a set-up have to show.
type rehearsed struct {
	plan  app.Rehearsal
	share app.Share
	since app.Outcome
	now   time.Time
}

// rehearse rehearses a pair, and writes the first ten people of the plan, and meanwhile people are edited.
func rehearse(t *testing.T) (seen rehearsed) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(sandbox.Options{People: 1500, Seed: 4, Now: clock()})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		a, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Version: "pictures", Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		const name = "Acme B.V."
		join(t, a, pair, name)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(app.Say(err))
			}
		}
		_, err = a.ChangeSettings(t.Context(), name, "create_in_salesforce=true")
		must(err)
		must(a.SetMode(t.Context(), name, record.Rehearse))
		quiet := func(app.Progress) {}
		w := a.Named(name)
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

// page draws a page in the frame of a set-up.
func (seen rehearsed) page(o Options, key string) image.Image {
	o = o.filled()
	w := o.enter()
	ways := rehearsal.Ways{Now: func() time.Time { return seen.now }}
	entries := []wizard.Entry{
		{Key: "rights"}, {Key: "fields"},
		{Key: "rehearsal", New: func(at wizard.At) wizard.Page { return seen.plans(w, at, ways) }},
		{Key: "live", New: func(at wizard.At) wizard.Page { return seen.goes(w, at, ways) }},
	}
	ask := func(string) app.Asked { return still{} }
	screen := wizard.New(w, nil, entries, wizard.Begin{Name: "Acme B.V.", Stand: wizard.Stand{At: key, Reached: key}}, wizard.Ways{Ask: ask})
	return o.stage(screen.Content()).Capture()
}

func (seen rehearsed) plans(w *words.Words, at wizard.At, ways rehearsal.Ways) wizard.Page {
	page := rehearsal.New(w, at, ways)
	page.Show(rehearsal.Picture(w, seen.plan, seen.now))
	return page
}

func (seen rehearsed) goes(w *words.Words, at wizard.At, ways rehearsal.Ways) wizard.Page {
	page := rehearsal.NewLive(w, at, ways)
	page.Show(rehearsal.LivePicture(w, seen.plan, &seen.share, &seen.since, seen.now))
	return page
}

// TestRehearsalPictures draws the two last pages of a set-up.
func TestRehearsalPictures(t *testing.T) {
	seen := rehearse(t)
	for name, key := range map[string]string{"rehearsal": "rehearsal", "go-live": "live"} {
		keep(t, *out, name, seen.page(Options{}, key))
		if *all == "" {
			continue
		}
		for suffix, o := range map[string]Options{"": {}, "-small": {Width: 1024, Height: 640}, "-dark-nl": {Dark: true, Language: "nl"}, "-small-dark-nl": {Width: 1024, Height: 640, Dark: true, Language: "nl"}} {
			keep(t, *all, name+suffix, seen.page(o, key))
		}
	}
}
