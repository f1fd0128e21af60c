package look

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// TestFocusIsSeen draws everything that takes the keyboard with it and without: the two differ, in both themes.
func TestFocusIsSeen(t *testing.T) {
	a := test.NewTempApp(t)
	list := NewList(ColumnSpec{Heading: "Name", Weight: 1})
	list.Set(1, 0, func(int) []ListCell { return []ListCell{{Text: "Acme"}} })
	controls := map[string]fyne.Focusable{
		"option": NewOption("This", "what it means", 1, func() {}), "pick": NewPick(PickWords{}, func() []PickItem { return nil }, func([]string) {}), "list": list.Keyboard(),
		"field": NewField(func() {}), "check": NewCheck("Never blank", nil), "select": NewSelect([]string{"a", "b"}, nil),
	}
	for kind, name := range map[Kind]string{Filled: "filled", Outlined: "outlined", Link: "link", Entry: "entry", EntryDone: "entry of what is done", Choice: "choice"} {
		controls[name] = NewButton(kind, "Press", func() {})
	}
	for name, o := range controls {
		for _, theme := range []Theme{Light(), Dark()} {
			a.Settings().SetTheme(theme)
			drawn := o.(fyne.CanvasObject)
			if name == "list" {
				drawn = list
			}
			w := test.NewWindow(container.NewStack(Fill(Background), Pad(Medium, Medium, drawn)))
			w.Resize(fyne.NewSize(200, 120))
			w.Canvas().Unfocus()
			without := w.Canvas().Capture()
			w.Canvas().Focus(o)
			if n := differing(without, w.Canvas().Capture()); n < 40 {
				t.Errorf("%s: with the keyboard %d points are others than without", name, n)
			}
			w.Close()
		}
	}
}

func differing(a, b image.Image) (n int) {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if color.RGBAModel.Convert(a.At(x, y)) != color.RGBAModel.Convert(b.At(x, y)) {
				n++
			}
		}
	}
	return n
}
