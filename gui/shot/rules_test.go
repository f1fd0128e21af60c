//go:build pictures

package shot

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/rules"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestRulesPictures draws the page Rules of a pair with what it suggests, tried on the pair's values.
func TestRulesPictures(t *testing.T) {
	home := t.TempDir()
	var setup app.RuleSetup
	var sample app.RuleSample
	synctest.Test(t, func(t *testing.T) {
		a := settled(t, home)
		_, err := a.SetRules(t.Context(), "Acme B.V.", []byte(`{"rules":[{"name":"countries","fields":["Lead.Country","Contact.MailingCountry"],"do":["trim","blank","country"]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if setup, err = a.RuleSetup(t.Context(), "Acme B.V."); err != nil {
			t.Fatal(err)
		}
		if sample, err = a.RuleSample(t.Context(), "Acme B.V."); err != nil {
			t.Fatal(err)
		}
	})
	each := os.Getenv("PAGES_OUT")
	for _, o := range pageOptions(each) {
		for _, part := range []rules.Part{rules.List, rules.Making, rules.Tasked} {
			if each == "" && part != rules.List {
				continue
			}
			w := o.enter()
			page := rules.New(w, wizard.At{Workspace: still{}, Open: true, Foot: func(wizard.Foot) {}}, rules.Ways{})
			surface := o.stage(container.NewStack(look.Fill(look.Background), frame.Beside(sidebar(w, "rules").Content(), page.Content())))
			row := 2
			if o.Dark {
				row = 0
			}
			if err := page.Picture(setup, sample, nil, part, row); err != nil {
				t.Fatal(err)
			}
			if each == "" {
				keep(t, *out, "rules", surface.Capture())
			} else {
				keep(t, each, fmt.Sprintf("rules-%d-%d-%v-%s", part, o.Width, o.Dark, w.Language()), surface.Capture())
			}
		}
	}
}

// pageOptions are the pictures that are drawn of a page: one for documents, all for looking at.
func pageOptions(each string) []Options {
	if each == "" {
		return []Options{Options{}.filled()}
	}
	return []Options{Options{}.filled(), Options{Width: 1024, Height: 640}.filled(), Options{Dark: true, Language: "nl"}.filled(), Options{Width: 1024, Height: 640, Language: "nl"}.filled()}
}

// sidebar is that of an open workspace, at a place.
func sidebar(w *words.Words, here string) *frame.Sidebar {
	side := frame.NewSidebar(wizard.Places(w, here, nil), frame.Place{Text: w.Say("overview.all")})
	side.Set("Acme B.V.", w.Say("mode.live"))
	return side
}

// settled is a workspace that was synced once.
func settled(t *testing.T, home string) *app.App {
	t.Helper()
	a, pair := joined(t, home, "Acme B.V.", sandbox.Options{People: 400, Seed: 1, Now: clock()})
	if err := a.SetMode(t.Context(), "Acme B.V.", record.Live); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := a.Sync(t.Context(), "Acme B.V.", app.SyncOptions{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
	}
	for _, field := range []string{"region", "budget"} {
		if err := pair.Instance().AddField(field, words.Field(field), "string"); err != nil {
			t.Fatal(err)
		}
	}
	return a
}
