package frame_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
)

// TestPage keeps the whole sentence readable and the buttons beside it, whatever the width; on two lines in a narrow
// window.
func TestPage(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Light())
	const sentence = "In de pas op 41 fouten na. 1.238 wijzigingen wachten op de volgende ronde, over 3 min 12 s."
	for width, lines := range map[float32]int{760: 2, 1080: 1, 1720: 1} {
		heading, sub := look.Heading(sentence), look.Explain("12.480 personen gekoppeld", 1)
		buttons := look.Row(look.Small, look.NewButton(look.Outlined, "Pauze", nil), look.NewButton(look.Filled, "Nu synchroniseren", nil))
		rest := look.Fill(look.Panel)
		window := test.NewTempWindow(t, frame.Page(heading, sub, buttons, rest))
		window.SetPadded(false)
		window.Resize(fyne.NewSize(width, 700))
		said := ""
		for _, o := range test.WidgetRenderer(heading).Objects() {
			said += o.(*canvas.Text).Text
		}
		if said != sentence || heading.Lines != lines {
			t.Errorf("at %v: %q on %d lines", width, said, heading.Lines)
		}
		if end := heading.Position().X + heading.Size().Width; end > buttons.Position().X {
			t.Errorf("at %v: the sentence ends at %v, the buttons begin at %v", width, end, buttons.Position().X)
		}
		if end := buttons.Position().X + buttons.Size().Width; end != width-look.Large {
			t.Errorf("at %v: the buttons end at %v", width, end)
		}
		if under := sub.Position().Y + sub.Size().Height; under > fyne.CurrentApp().Driver().AbsolutePositionForObject(rest).Y {
			t.Errorf("at %v: the rest begins above %v", width, under)
		}
	}
}

// TestCentred fills a small window and stays narrow in a wide one.
func TestCentred(t *testing.T) {
	test.NewTempApp(t)
	for width, want := range map[float32][2]float32{1000: {0, 1000}, 1920: {280, 1360}} {
		page := look.Fill(look.Panel)
		window := test.NewTempWindow(t, frame.Centred(1360, page))
		window.SetPadded(false)
		window.Resize(fyne.NewSize(width, 500))
		if page.Position().X != want[0] || page.Size().Width != want[1] {
			t.Errorf("at %v: from %v, %v wide", width, page.Position().X, page.Size().Width)
		}
	}
}
