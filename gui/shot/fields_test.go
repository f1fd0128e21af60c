//go:build pictures

package shot

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
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
		a := settled(t, home)
		var err error
		if setup, err = a.FieldSetup(t.Context(), "Acme B.V."); err != nil {
			t.Fatal(err)
		}
		if prices, err = a.Price(t.Context(), "Acme B.V.", 30); err != nil {
			t.Fatal(err)
		}
	})
	each := os.Getenv("PAGES_OUT")
	for _, o := range pageOptions(each) {
		for part, name := range map[fields.Part]string{fields.Objects: "objects", fields.Fields: "fields", fields.Pairing: "pairing", fields.Winners: "winners"} {
			if each == "" && part != fields.Fields && part != fields.Winners {
				continue
			}
			w := o.enter()
			page := fields.New(w, wizard.At{Workspace: still{}, Open: true, Foot: func(wizard.Foot) {}}, fields.Ways{})
			surface := o.stage(container.NewStack(look.Fill(look.Background), frame.Beside(sidebar(w, "fields").Content(), page.Content())))
			chosen := "Region__c"
			if o.Dark {
				chosen = "Email"
			}
			page.Picture(setup, prices, part, chosen)
			if each == "" {
				keep(t, *out, name, surface.Capture())
			} else {
				keep(t, each, fmt.Sprintf("%s-%d-%v-%s", name, o.Width, o.Dark, w.Language()), surface.Capture())
			}
		}
	}
}
