package gui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestEverythingIsReached goes through a set-up, and through every page of the workspace then, in a small window: on each of them the Tab
// key comes to everything that can be pressed or typed in, and what it comes to can be seen.
func TestEverythingIsReached(t *testing.T) {
	clicking(t, sandbox.Options{People: 40, Seed: 3}, "en", fyne.NewSize(1024, 640), func(c *clicker) { c.walk(c.tab) })
}

// TestNothingIsCut goes the same way in each language: every text on every page can be read to its end.
func TestNothingIsCut(t *testing.T) {
	for _, language := range words.Languages() {
		t.Run(language, func(t *testing.T) {
			clicking(t, sandbox.Options{People: 40, Seed: 3}, language, fyne.NewSize(1024, 640), func(c *clicker) {
				c.walk(func(page string) {
					c.canvas.Content().Refresh() // what has come up since has its place with the next frame
					for _, text := range fake.Cut(c.canvas) {
						t.Errorf("%s: cut is %s", page, text)
					}
				})
			})
		})
	}
}

// walk goes through a set-up and then through the workspace, and visits every page and every part of one.
func (c *clicker) walk(visit func(page string)) {
	w, sides := c.words, c.pair.Credentials()
	parts := map[string][]string{
		"fields":    {"fields.part.objects", "fields.part.fields", "fields.part.pairing", "fields.part.winners"},
		"rules":     {"rules.part.list", "rules.part.make", "rules.part.tasks"},
		"rehearsal": {"rehearse.face.numbers", "rehearse.face.examples", "rehearse.face.lost"},
	}
	page := func(step, name string) {
		c.stage.Rest()
		for _, part := range parts[step] {
			c.part(w.Say(part))
			visit(name + ", " + w.Say(part))
		}
		if parts[step] == nil {
			visit(name)
		}
	}
	press := func(key string) { c.press(w.Say(key)) }

	page("", "the start page")
	press("start.new.button")
	c.fill(sides.Salesforce.LoginURL, "Acme B.V.", sides.Salesforce.ClientID)
	press("org.flow.client-credentials")
	page("", "Salesforce")
	press("wizard.on")
	page("", "Sign in, out")
	c.fill(sides.Salesforce.ClientSecret)
	press("signin.do")
	page("", "Sign in, in")
	press("wizard.on")
	page("", "Permissions")
	press("wizard.on")
	page("", "Marketo, out")
	c.fill(sides.Marketo.BaseURL, sides.Marketo.ClientID, sides.Marketo.ClientSecret)
	press("signin.do")
	page("", "Marketo, in")
	for _, step := range []string{"fields", "filter", "rules", "rehearsal", "live"} {
		press("wizard.on")
		page(step, w.Say("wizard.step."+step))
	}
	press("golive.on")
	for _, place := range []string{"overview.title", "wizard.step.signin", "wizard.step.rights", "wizard.step.marketo", "wizard.step.fields", "wizard.step.filter", "wizard.step.rules", "wizard.step.rehearsal"} {
		press(place)
		step := strings.TrimPrefix(place, "wizard.step.")
		page(step, "open: "+w.Say(place))
		set := fake.Button(c.canvas.Content(), w.Say("wizard.set"))
		if settable := slices.Contains([]string{"fields", "filter", "rules"}, step); (set != nil) != settable {
			c.t.Errorf("%s has a button that sets: %v", place, set != nil)
		}
	}
}

// part turns to a part of a page, whose name may be the page's own.
func (c *clicker) part(text string) {
	for _, b := range fake.Buttons(c.canvas.Content()) {
		if b.Text() == text && b.Kind() == look.Choice {
			b.Tapped(&fyne.PointEvent{})
			c.stage.Rest()
			return
		}
	}
	c.t.Fatalf("there is no part %q in %q", text, fake.Texts(c.canvas.Content()))
}

// tab presses Tab until it comes round.
func (c *clicker) tab(page string) {
	c.t.Helper()
	c.canvas.Unfocus()
	reached := map[fyne.CanvasObject]bool{}
	var all []fake.Keyed
	for range 200 {
		c.canvas.FocusNext()
		o, ok := c.canvas.Focused().(fyne.CanvasObject)
		if !ok || reached[o] {
			break
		}
		reached[o] = true
		find := func() int { return slices.IndexFunc(all, func(k fake.Keyed) bool { return k.CanvasObject == o }) }
		at := find()
		if at < 0 { // a list that is come to shows its first row
			all = fake.Keyboard(c.canvas.Content())
			at = find()
		}
		if at < 0 {
			c.t.Errorf("%s: Tab comes to what cannot be seen, %s", page, says(o))
			continue
		}
		for _, s := range all[at].Scrolls {
			if !within(s, o) {
				c.t.Errorf("%s: %s has the focus and is out of sight", page, says(o))
			}
		}
	}
	for _, k := range fake.Keyboard(c.canvas.Content()) {
		if !reached[k.CanvasObject] {
			c.t.Errorf("%s: Tab never comes to %s", page, says(k.CanvasObject))
		}
	}
}

// within reports whether something is in the part of a scroll that is seen, or fills it.
func within(s *container.Scroll, o fyne.CanvasObject) bool {
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s).Y
	return at >= 0 && at+o.Size().Height <= s.Size().Height || o.Size().Height > s.Size().Height && at < s.Size().Height && at+o.Size().Height > 0
}

func says(o fyne.CanvasObject) string { return fmt.Sprintf("%T %q", o, fake.Says(o)) }
