//go:build pictures

package shot

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/gui/fields"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
)

// TestFieldsPictures draws the page Fields of a pair with fields that nobody mapped.
func TestFieldsPictures(t *testing.T) {
	home := t.TempDir()
	var setup app.FieldSetup
	var prices []app.FieldPrice
	synctest.Test(t, func(t *testing.T) {
		pair, err := sandbox.New(sandbox.Options{People: 400, Seed: 1, Now: clock()})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		a, err := app.New(app.Options{Home: home, Secrets: app.SecretsMemory, Version: "pictures", Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		join(t, a, pair, "Acme B.V.")
		if err := pair.Instance().AddField("region", "Region", "string"); err != nil {
			t.Fatal(err)
		}
		if setup, err = a.FieldSetup(t.Context(), "Acme B.V."); err != nil {
			t.Fatal(err)
		}
	})
	folder := os.Getenv("FIELDS_OUT")
	if folder == "" {
		folder = *out
	}
	for _, part := range []fields.Part{fields.Fields} {
		for _, o := range []Options{{}, {Width: 1024, Height: 640}, {Dark: true, Language: "nl"}, {Width: 1024, Height: 640, Language: "nl"}} {
			o = o.filled()
			w := o.enter()
			page := fields.New(w, wizard.At{Workspace: still{}, Open: true, Foot: func(wizard.Foot) {}}, fields.Ways{})
			side := frame.NewSidebar([]frame.Place{{Text: w.Say("overview.title")}, {Text: w.Say("wizard.step.rights")}, {Text: w.Say("wizard.step.fields"), Here: true}}, frame.Place{Text: w.Say("overview.all")})
			side.Set("Acme B.V.", w.Say("mode.live"))
			var content fyne.CanvasObject = container.NewStack(look.Fill(look.Background), frame.Beside(side.Content(), page.Content()))
			surface := o.stage(content)
			page.Picture(setup, prices, part, "Region__c")
			keep(t, folder, fmt.Sprintf("fields-%d-%d-%v-%s", part, o.Width, o.Dark, w.Language()), surface.Capture())
		}
	}
}
