//go:build window

package main

import (
	"bytes"
	"image"
	"image/color"
	"os/exec"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/look"
)

// letters is a sentence as the head of a page shows it: where there is ink, by rows.
type letters struct {
	width, height int
	ink           []bool
	places        []image.Point // of the ink
}

// headed draws a sentence as the head of a page, beside the window, on the light theme.
func headed(sentence string) letters {
	app := test.NewApp()
	defer app.Quit()
	app.Settings().SetTheme(look.Light())
	theme, variant := look.Light(), app.Settings().ThemeVariant()
	text := canvas.NewText(sentence, theme.Color(look.Ink, variant))
	text.TextSize, text.TextStyle.Bold = theme.Size(look.SizeHeading), true
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetContent(container.NewStack(canvas.NewRectangle(theme.Color(look.Background, variant)), text))
	c.Resize(text.MinSize().Max(fyne.NewSize(1, 1)))
	return inked(c.Capture(), image.Rectangle{})
}

// inked says where a picture is dark, in a part of it; an empty part is that around all that is dark.
func inked(picture image.Image, part image.Rectangle) (l letters) {
	dark := func(x, y int) bool { return color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y < 0x8a }
	b := picture.Bounds()
	if part.Empty() {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if dark(x, y) {
					part = part.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
	}
	l.width, l.height = part.Dx(), part.Dy()
	for y := range l.height {
		for x := range l.width {
			ink := dark(part.Min.X+x, part.Min.Y+y)
			if l.ink = append(l.ink, ink); ink {
				l.places = append(l.places, image.Pt(x, y))
			}
		}
	}
	return l
}

// reads reports whether a sentence stands on the screen as the head of a page.
func (j *journey) reads(sentence string) bool {
	shot, err := exec.CommandContext(j.ctx, "import", "-silent", "-window", "root", "png:-").Output()
	if err != nil {
		return false
	}
	picture, _, err := image.Decode(bytes.NewReader(shot))
	return err == nil && inked(picture, picture.Bounds()).holds(headed(sentence))
}

// holds finds letters on a screen. Two painters do not draw a letter's edges quite alike.
func (l letters) holds(wanted letters) bool {
	const apart = 0.2 // of the ink
	few := int(apart * float64(len(wanted.places)))
	for top := 0; top+wanted.height <= l.height; top++ {
		for left := 0; left+wanted.width <= l.width; left++ {
			if l.lacks(wanted, left, top, few) {
				continue
			}
			other := 0
			for y := range wanted.height {
				for x := range wanted.width {
					if l.ink[(top+y)*l.width+left+x] != wanted.ink[y*wanted.width+x] {
						other++
					}
				}
			}
			if other <= 2*few {
				return true
			}
		}
	}
	return false
}

// lacks reports whether more than so much of the wanted ink is not there.
func (l letters) lacks(wanted letters, left, top, few int) bool {
	const step = 97 // a place here and one there: what is blank is told soon
	missing, n := 0, len(wanted.places)
	for i := range n {
		p := wanted.places[i*step%n]
		if !l.ink[(top+p.Y)*l.width+left+p.X] {
			if missing++; missing > few {
				return true
			}
		}
		if i == 16 && missing > 8 {
			return true
		}
	}
	return false
}

// TestReads finds a sentence in a picture of itself, and no other.
func TestReads(t *testing.T) {
	one, other := headed("The sync user may do all that is needed."), headed("3 things are missing in Salesforce, for all we know.")
	if len(one.places) < 500 || !one.holds(one) || one.holds(other) || other.holds(one) {
		t.Errorf("of %d and %d dark places", len(one.places), len(other.places))
	}
}
