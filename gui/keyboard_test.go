package gui_test

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
)

// TestEverythingIsReached goes through a set-up, and through every page of the workspace then, in a small window: on each of them the Tab
// key comes to everything that can be pressed or typed in, and what it comes to can be seen.
func TestEverythingIsReached(t *testing.T) {
	clicking(t, sandbox.Options{People: 40, Seed: 3}, fyne.NewSize(1024, 640), func(c *clicker) {
		t, sides := c.t, c.pair.Credentials()
		parts := map[string][]string{"Fields": {"Objects", "Fields", "Pair by hand", "Who wins"}, "Rules": {"Rules", "New rule", "Tasks and activities"}}
		page := func(name string) {
			c.stage.Rest()
			for _, part := range parts[name] {
				c.part(part)
				c.tab(name + ", " + part)
			}
			if parts[name] == nil {
				c.tab(name)
			}
		}

		page("the start page")
		c.press("Begin")
		c.fill(sides.Salesforce.LoginURL, "Acme B.V.", sides.Salesforce.ClientID)
		c.press("Client credentials")
		page("Salesforce")
		c.press("Continue")
		page("Sign in, out")
		c.fill(sides.Salesforce.ClientSecret)
		c.press("Sign in")
		page("Sign in, in")
		c.press("Continue")
		page("Permissions")
		c.press("Continue")
		page("Marketo, out")
		c.fill(sides.Marketo.BaseURL, sides.Marketo.ClientID, sides.Marketo.ClientSecret)
		c.press("Sign in")
		page("Marketo, in")
		for _, step := range []string{"Fields", "Who takes part", "Rules", "Rehearsal", "Go live"} {
			c.press("Continue")
			page(step)
		}
		c.press("Go live")
		for _, place := range []string{"Overview", "Sign in", "Permissions", "Marketo", "Fields", "Who takes part", "Rules", "Rehearsal"} {
			c.press(place)
			page(place)
			set := fake.Button(c.canvas.Content(), "Set")
			if settable := slices.Contains([]string{"Fields", "Who takes part", "Rules"}, place); (set != nil) != settable {
				t.Errorf("%s has a button that sets: %v", place, set != nil)
			}
		}
	})
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
