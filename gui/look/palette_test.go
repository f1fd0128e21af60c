package look

import (
	"fmt"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// TestContrast holds the table to what people can read (WCAG 2.1, 1.4.3): text 4.5:1, disabled text 4:1, areas of
// charts 3:1 on the card they stand on.
func TestContrast(t *testing.T) {
	rows := []struct {
		text  fyne.ThemeColorName
		on    []fyne.ThemeColorName
		least float64
	}{
		{Ink, []fyne.ThemeColorName{Background, Panel, Sidebar, AccentSoft, Track}, 4.5},
		{Soft, []fyne.ThemeColorName{Background, Panel, Sidebar}, 4.5},
		{Faint, []fyne.ThemeColorName{Background, Panel, Sidebar}, 4},
		{Accent, []fyne.ThemeColorName{Background, Panel, Sidebar, AccentSoft}, 4.5},
		{OnAccent, []fyne.ThemeColorName{Accent, AccentHover}, 4.5},
		{Good, []fyne.ThemeColorName{Panel, GoodSoft, Sidebar}, 4.5},
		{Warning, []fyne.ThemeColorName{Panel, WarningSoft}, 4.5},
		{Bad, []fyne.ThemeColorName{Panel, BadSoft, Background}, 4.5},
		{Salesforce, []fyne.ThemeColorName{Panel}, 3},
		{Marketo, []fyne.ThemeColorName{Panel}, 3},
		{BarBad, []fyne.ThemeColorName{Panel}, 3},
		{theme.ColorNamePlaceHolder, []fyne.ThemeColorName{theme.ColorNameInputBackground}, 4},
		{theme.ColorNameForeground, []fyne.ThemeColorName{theme.ColorNameSelection, theme.ColorNameInputBackground, theme.ColorNameMenuBackground}, 4.5},
	}
	for _, row := range rows {
		for _, on := range row.on {
			for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
				if got := contrast(t, row.text, on, variant); got < row.least {
					t.Errorf("%s on %s, variant %d: %.2f:1, want at least %.1f:1", row.text, on, variant, got, row.least)
				}
			}
		}
	}
}

// TestContrastKnows pins the formula to the two ends that the standard names.
func TestContrastKnows(t *testing.T) {
	if got := ratio(0xffffff, 0x000000); math.Abs(got-21) > 0.001 {
		t.Errorf("white on black is %f", got)
	}
	if got := ratio(0x777777, 0xffffff); math.Abs(got-4.478) > 0.001 {
		t.Errorf("#777 on white is %f", got)
	}
}

func contrast(t *testing.T, text, on fyne.ThemeColorName, variant fyne.ThemeVariant) float64 {
	t.Helper()
	a, ok := palette[text]
	b, ok2 := palette[on]
	if !ok || !ok2 {
		t.Fatalf("%s or %s is not in the table", text, on)
	}
	if variant == theme.VariantDark {
		return ratio(a.dark, b.dark)
	}
	return ratio(a.light, b.light)
}

func ratio(a, b uint32) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(rgb uint32) float64 {
	part := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// TestEveryColourAnswers guards against a name that a screen asks for and the table lacks: Fyne would answer with
// black or with nothing.
func TestEveryColourAnswers(t *testing.T) {
	for name := range palette {
		for _, th := range []Theme{Light(), Dark(), {}} {
			if c := th.Color(name, theme.VariantLight); c == nil {
				t.Errorf("%s has no colour", name)
			}
		}
	}
	if fmt.Sprint(Dark().Color(Panel, theme.VariantLight)) == fmt.Sprint(Light().Color(Panel, theme.VariantDark)) {
		t.Error("a fixed theme follows the system")
	}
}
