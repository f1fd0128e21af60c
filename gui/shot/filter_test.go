//go:build pictures

package shot

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/filter"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestFilterPicture draws the page of who takes part, in a workspace that is at work, with a filter that is typed and not yet set.
func TestFilterPicture(t *testing.T) {
	home := t.TempDir()
	views := map[string]filter.View{}
	var now time.Time
	synctest.Test(t, func(t *testing.T) {
		const name = "Acme B.V."
		a, pair := joined(t, home, name, sandbox.Options{People: 3000, Seed: 1, Now: clock()})
		workspace := a.Named(name)
		set := func(text, why string) {
			if err := workspace.SetFilter(t.Context(), app.FilterChange{Text: text, Why: why, Seen: true}); err != nil {
				t.Fatal(err)
			}
		}
		set("Email is filled", "nobody else can be written to")
		set(keptText, "sales decides who is left alone")
		if err := a.SetMode(t.Context(), name, record.Live); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Sync(t.Context(), name, app.SyncOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, language := range words.Languages() {
			views[language] = weighed(t, words.For(language), workspace, pair.Now)
		}
		now = pair.Now()
	})
	for _, o := range []Options{{Height: 1010}, {Dark: true, Language: "nl"}, {Width: 1024, Height: 640}} {
		o = o.filled()
		w := o.enter()
		at := wizard.At{Open: true, Workspace: still{}, Foot: func(wizard.Foot) {}, On: func() {}}
		screen := filter.New(w, at, func() time.Time { return now }, func(string) {})
		language := "en"
		if o.Language != "" {
			language = o.Language
		}
		screen.Show(views[language])
		side := frame.NewSidebar(wizard.Places(w, "filter", nil), frame.Place{Text: w.Say("overview.all")})
		side.Set("Acme B.V.", w.Say("mode.live"))
		name := "filter"
		if o.Dark || o.Height == 640 {
			if *all == "" {
				continue
			}
			name += map[bool]string{true: "-dark-dutch", false: "-small"}[o.Dark]
			keep(t, *all, name, o.stage(container.NewStack(look.Fill(look.Background), frame.Beside(side.Content(), screen.Content()))).Capture())
			continue
		}
		keep(t, *out, name, o.stage(container.NewStack(look.Fill(look.Background), frame.Beside(side.Content(), screen.Content()))).Capture())
	}
}

const (
	keptText = `Do_Not_Sync_to_Marketo is not true and Email is filled and (LeadSource is not "Purchased List" or CreatedDate within 24 months)`
	// typedText keeps a few people out whose names every font has.
	typedText = keptText + `
lead where Country is not "Sweden"
contact where MailingCountry not in ("Sweden", "Germany")`
)

// weighed is the page after a filter was typed and weighed.
func weighed(t *testing.T, w *words.Words, workspace app.Asked, now func() time.Time) (v filter.View) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	model := filter.NewModel(w, workspace, false, now)
	done := make(chan struct{})
	go func() { defer close(done); model.Run(ctx) }()
	defer func() { cancel(); <-done }()
	typed := false
	err := model.Watch(ctx, func(seen filter.View) {
		v = seen
		switch {
		case v.State == filter.Failed:
			t.Error(v.Problem.What)
			cancel()
		case v.State == filter.Full && !typed:
			typed = true
			model.Type(typedText)
		case typed && v.State == filter.Full && !v.Means.Old && v.Means.Whole:
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return v
}
