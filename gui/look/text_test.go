package look_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/look"
)

// drawn is what can be read of a text at a width, and the smallest size of its letters.
func drawn(t *look.Text, width float32) (said string, least float32) {
	t.Resize(fyne.NewSize(width, t.MinSize().Height))
	for _, o := range test.WidgetRenderer(t).Objects() {
		text := o.(*canvas.Text)
		said += text.Text
		if least == 0 || text.TextSize < least {
			least = text.TextSize
		}
	}
	return said, least
}

// TestShrinks makes letters smaller before anything is cut, and cuts what does not fit even then.
func TestShrinks(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Light())
	const sentence = "In step but for 7 failures. Nothing waits; the next cycle starts in 7 s."
	h := look.Heading(sentence)
	said, full := drawn(h, 2000)
	if said != sentence || full != 22 {
		t.Fatalf("with room: %q in %v", said, full)
	}
	whole := fyne.MeasureText(sentence, full, fyne.TextStyle{Bold: true}).Width
	if said, size := drawn(h, whole*0.85); said != sentence || size >= full {
		t.Errorf("with 85 %% of the room: %q in %v", said, size)
	}
	if said, size := drawn(h, whole*0.5); !strings.HasSuffix(said, "…") || size < full*0.7 {
		t.Errorf("with half the room: %q in %v", said, size)
	}
	if h.SetLines(2); h.MinSize().Height < 2*full {
		t.Errorf("two lines are %v high", h.MinSize().Height)
	}
	if said, size := drawn(h, whole*0.6); said != sentence || size != full {
		t.Errorf("on two lines: %q in %v", said, size)
	}
}

// TestWraps gives a text all the lines that it takes at its width, and breaks a word that no line is long enough for.
func TestWraps(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Light())
	const sentence = "In step but for 7 failures. Nothing waits; the next cycle starts in 7 s."
	one := look.NewText("").MinSize().Height
	x := look.Wrapped(sentence, look.Ink, 20)
	if got := x.MinSize().Height; got != 4*one {
		t.Errorf("before it has a width it is %v high, not four lines", got)
	}
	for _, width := range []float32{2000, 200, 120} {
		said, _ := drawn(x, width)
		lines := map[float32]float32{}
		for _, o := range test.WidgetRenderer(x).Objects() {
			lines[o.Position().Y]++
		}
		if strings.ReplaceAll(said, " ", "") != strings.ReplaceAll(sentence, " ", "") || x.MinSize().Height != one*float32(len(lines)) {
			t.Errorf("at %v: %q, %v high on %d lines", width, said, x.MinSize().Height, len(lines))
		}
	}
	const address = "https://www.lumen11.example"
	long := look.NewText(address)
	long.Lines = 2
	if said, _ := drawn(long, fyne.MeasureText(address, 14, fyne.TextStyle{}).Width*0.6); said != address {
		t.Errorf("a long word is %q", said)
	}
}
