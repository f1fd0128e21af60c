// Package shot draws the dashboard into a picture without a window, a display or a C compiler: for the command line's
// demo and for documents.
//
// It uses Fyne's software driver, which is the one that Fyne's tests use, and must not be imported beside a real window:
// Fyne has one current app in a process.
package shot

import (
	"image"
	"image/png"
	"io"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/overview"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Options say how the picture is to be. The zero Options is 1280 by 800, light, English, in the computer's zone.
type Options struct {
	Width, Height int // in pixels at density 1
	Density       float64
	Dark          bool
	Language      string
	Zone          *time.Location
	FiveDays      bool // the backlog of five days is shown, not of one
}

func (o Options) filled() Options {
	if o.Width == 0 {
		o.Width = 1280
	}
	if o.Height == 0 {
		o.Height = 800
	}
	if o.Density == 0 {
		o.Density = 1
	}
	return o
}

// Dashboard draws the Overview of a dashboard as it stands at its AsOf. Not for concurrent use.
func Dashboard(d app.Dashboard, o Options) (image.Image, error) {
	o = o.filled()
	w := o.enter()
	screen := overview.New(w, still{}, func() time.Time { return d.AsOf }, overview.Ways{Places: wizard.Places(w, "", nil)})
	screen.Choose(o.FiveDays)
	screen.Show(overview.Picture(w, d, d.AsOf))
	surface := o.stage(screen.Content())
	if err := screen.DrawNow(o.Density); err != nil {
		return nil, err
	}
	return surface.Capture(), nil
}

// enter takes up the theme and gives the words.
func (o Options) enter() *words.Words {
	w := words.For(o.Language)
	if o.Zone != nil {
		w.Zone = o.Zone
	}
	theme := look.Light()
	if o.Dark {
		theme = look.Dark()
	}
	fyne.CurrentApp().Settings().SetTheme(theme)
	return w
}

// stage lays a screen out.
func (o Options) stage(content fyne.CanvasObject) fyne.Canvas {
	surface := software.NewCanvas()
	surface.SetPadded(false)
	surface.SetScale(float32(o.Density))
	surface.SetContent(content)
	surface.Resize(fyne.NewSize(float32(o.Width), float32(o.Height)))
	content.Refresh() // texts know by now how many lines they take, as they do in a window with its next frame
	return surface
}

// WritePNG draws the Overview as a PNG.
func WritePNG(to io.Writer, d app.Dashboard, o Options) error {
	picture, err := Dashboard(d, o)
	if err != nil {
		return err
	}
	return png.Encode(to, picture)
}

// still is the workspace behind a picture: nothing is asked of it.
type still struct{ app.Running }

func (still) LookOnly() bool { return false }
