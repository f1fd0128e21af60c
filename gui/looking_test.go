package gui_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestLookingWritesNothing goes through the door that only looks, into every page of the workspace, and presses whatever there is to press,
// in an org where there is much to set right: neither side is written to, and the workspace stays in Observe.
func TestLookingWritesNothing(t *testing.T) {
	clicking(t, sandbox.Options{People: 60, Seed: 3, Scenario: sandbox.Bare}, "en", fyne.NewSize(1280, 800), func(c *clicker) {
		t, sides := c.t, c.pair.Credentials()
		const name = "Kade 12"

		c.press("Look")
		c.fill(sides.Salesforce.LoginURL, name, sides.Salesforce.ClientID)
		c.press("Client credentials")
		c.press("Continue")
		c.fill(sides.Salesforce.ClientSecret)
		c.press("Sign in")
		c.press("Continue")
		c.fill(sides.Marketo.BaseURL, sides.Marketo.ClientID, sides.Marketo.ClientSecret)
		c.press("Sign in")
		c.press("Continue")
		for _, page := range []string{"Overview", "Permissions", "Fields", "Who takes part", "Rules", "Rehearsal", "Sign in", "Marketo", "Overview"} {
			c.press(page)
			if !strings.Contains(strings.Join(fake.Texts(c.canvas.Content()), " "), "Nothing is written to Salesforce or Marketo from here") {
				t.Errorf("%s does not say that nothing is written", page)
			}
			c.everything(page)
			now, err := c.app.Workspace(t.Context(), name)
			wrote := c.pair.Journal()
			if err != nil || now.Mode != record.Observe || wrote.Salesforce.Writes+wrote.Marketo.Writes+wrote.Salesforce.WriteCalls+wrote.Marketo.WriteCalls != 0 {
				t.Fatalf("after %s it is in %s, %v, and wrote %+v", page, now.Mode, err, wrote)
			}
		}
		for _, must := range []string{"Overview: Sync now", "Permissions: Save the package (deployable)", "Fields: Set", "Who takes part: Set", "Rules: Set", "Rehearsal: Rehearse", "Sign in: Sign in as another"} {
			if !c.pressed[must] {
				t.Errorf("%q was not pressed", must)
			}
		}
	})
}

// clicking opens the window of a real app beside an imitated pair, in a language and as large as size says.
func clicking(t *testing.T, o sandbox.Options, language string, size fyne.Size, do func(c *clicker)) {
	home := t.TempDir()
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(o)
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		a, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		stage := fake.NewStage(t, look.Light())
		window := gui.Open(t.Context(), stage, a, gui.Options{Language: language, Theme: look.Light(), Now: pair.Now, Browser: func(string) error { return nil }})
		defer window.Close()
		windows := stage.Driver().AllWindows()
		shown := windows[len(windows)-1]
		shown.Resize(size)
		do(&clicker{t: t, words: words.For(language), app: a, pair: pair, stage: stage, canvas: shown.Canvas(), pressed: map[string]bool{}})
	})
}

// clicker presses what a window shows.
type clicker struct {
	t       *testing.T
	words   *words.Words
	app     *app.App
	pair    *sandbox.Pair
	stage   *fake.Stage
	canvas  fyne.Canvas
	pressed map[string]bool // by page and text
}

// press presses what says a text.
func (c *clicker) press(text string) {
	c.t.Helper()
	c.stage.Rest()
	for _, o := range fake.Pressable(c.canvas.Content()) {
		if fake.Says(o) == text {
			o.Tapped(&fyne.PointEvent{})
			c.stage.Rest()
			return
		}
	}
	c.t.Fatalf("there is no %q to press in %q", text, fake.Texts(c.canvas.Content()))
}

// fill types into the fields that are empty, in their order.
func (c *clicker) fill(texts ...string) {
	for _, text := range texts {
		for range 20 {
			if f, ok := c.canvas.Focused().(*look.Field); ok && f.Text == "" {
				break
			}
			c.canvas.FocusNext()
		}
		test.Type(c.canvas.Focused(), text)
	}
}

// everything presses all that a page has, but for the ways to other pages, and all that comes up by it.
func (c *clicker) everything(page string) {
	for range 400 {
		o := c.next(page)
		if o == nil {
			return
		}
		o.Tapped(&fyne.PointEvent{})
		c.stage.Rest()
	}
	c.t.Fatalf("there is ever more to press in %s", page)
}

// next is something that was not pressed yet: of what has come up in front of the page, else of the page, and what sets something as soon
// as it can be pressed. A place to save a file in is declined.
func (c *clicker) next(page string) (found fake.Presses) {
	top := c.canvas.Overlays().Top()
	for ; top != nil; top = c.canvas.Overlays().Top() {
		for _, o := range fake.Pressable(top) {
			if b, ok := o.(*widget.Button); ok && b.Text == "Cancel" {
				return o
			}
		}
		if found = c.unpressed(page, top); found != nil {
			return found
		}
		c.canvas.Overlays().Remove(top)
	}
	return c.unpressed(page, c.canvas.Content())
}

func (c *clicker) unpressed(page string, under fyne.CanvasObject) (found fake.Presses) {
	seen := map[string]bool{}
	which := ""
	for _, o := range fake.Pressable(under) {
		if b, ok := o.(*look.Button); ok && b.Kind() == look.Entry {
			continue
		}
		key := page + ": " + fake.Says(o)
		for seen[key] {
			key += ", another"
		}
		if seen[key] = true; !c.pressed[key] && (found == nil || fake.Says(o) == "Set") {
			found, which = o, key
		}
	}
	if found != nil {
		c.pressed[which] = true
	}
	return found
}
