package look_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/look"
)

// TestTableShowsAll sets what is too wide for its column on two lines, also where it is one word, and takes them back where there is room.
func TestTableShowsAll(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Light())
	cells := []string{"Opportunity Contact Role", "https://www.lumen11.example", "Lead"}
	table := look.NewTable(look.ColumnSpec{Weight: 1}, look.ColumnSpec{Weight: 1}, look.ColumnSpec{Weight: 1})
	window := test.NewTempWindow(t, table)
	window.SetPadded(false)
	said := func() (all string, least float32) {
		for _, o := range test.WidgetRenderer(table).Objects()[0].(*fyne.Container).Objects {
			text, ok := o.(*look.Text)
			if !ok || !text.Visible() {
				continue
			}
			for _, part := range test.WidgetRenderer(text).Objects() {
				one := part.(*canvas.Text)
				if all += one.Text; least == 0 || one.TextSize < least {
					least = one.TextSize
				}
			}
		}
		return strings.ReplaceAll(all, " ", ""), least
	}
	table.Set([][]look.Cell{{{Text: cells[0]}, {Text: cells[1]}, {Text: cells[2]}}})
	for _, width := range []float32{700, 310, 700} {
		window.Resize(fyne.NewSize(width, 200))
		all, least := said()
		if all != strings.ReplaceAll(strings.Join(cells, ""), " ", "") {
			t.Errorf("at %v: %q", width, all)
		}
		if wide := width > 500; wide != (least == 14) {
			t.Errorf("at %v the smallest letters are %v", width, least)
		}
	}
}

// TestWordsStayTogether sets a word in smaller letters before it is split, and splits it in letters of its size where that does not help.
func TestWordsStayTogether(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Light())
	for word, want := range map[string]struct {
		lines int
		full  bool
	}{"Role": {1, true}, "Opportunity": {1, false}, "https://lumen.nl": {2, true}} {
		text := look.NewText(word)
		text.Lines, text.Shrinks = 2, true
		text.Resize(fyne.NewSize(72, 60))
		lines := test.WidgetRenderer(text).Objects()
		if full := lines[0].(*canvas.Text).TextSize == 14; len(lines) != want.lines || full != want.full {
			t.Errorf("%q stands on %d lines, in letters of its size: %v", word, len(lines), full)
		}
	}
}
