package frame

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Field is an entry under its name.
func Field(name string, entry ...fyne.CanvasObject) *fyne.Container {
	return look.Column(look.Tiny, append([]fyne.CanvasObject{look.Caption(name)}, entry...)...)
}

// Note is a small explanation under an entry, with room for a number of lines.
func Note(text string, lines int) *look.Text {
	n := look.Caption(text)
	n.Lines = lines
	return n
}

// Scrolling is a card whose content scrolls where there is too little room for it; foot stays.
func Scrolling(content, foot fyne.CanvasObject) fyne.CanvasObject {
	inner := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), content))
	return look.Card(container.NewBorder(nil, foot, nil, nil, inner))
}

// Split sets two cards beside each other, the right one with a share of the width and never narrower than least.
func Split(share, least float32, left, right fyne.CanvasObject) fyne.CanvasObject {
	return container.New(look.Split{Gap: look.Medium, Share: share, Least: least, Min: fyne.NewSize(2*least, 380)}, left, right)
}

// Choices are a few views of the same thing, one of them chosen.
type Choices[T comparable] struct {
	Content *fyne.Container
	values  []T
	buttons []*look.Button
}

// NewChoices are choices, so many in a row; chosen is called when one is pressed, not by Choose.
func NewChoices[T comparable](inRow int, texts []string, values []T, chosen func(T)) *Choices[T] {
	c := &Choices[T]{Content: look.Column(2), values: values}
	var row *fyne.Container
	for i, text := range texts {
		b := look.NewButton(look.Choice, text, func() {
			c.Choose(values[i])
			chosen(values[i])
		})
		c.buttons = append(c.buttons, b)
		if i%inRow == 0 {
			row = look.Row(2)
			c.Content.Add(row)
		}
		row.Add(b)
	}
	return c
}

// Choose marks a value; none of the values marks nothing.
func (c *Choices[T]) Choose(value T) {
	for i, b := range c.buttons {
		b.Select(c.values[i] == value)
	}
}

// Line is one thing that was looked at, and what to do about it.
type Line struct {
	Tone           look.Tone
	Sign, What, Do string
}

// Lines is a list of them, in a card of so many letters a line.
type Lines struct {
	Content *fyne.Container
	letters int
	shown   []Line
}

// NewLines is an empty list.
func NewLines(letters int) *Lines { return &Lines{Content: look.Column(0), letters: letters} }

// Set shows lines.
func (l *Lines) Set(lines []Line) {
	if slices.Equal(lines, l.shown) {
		return
	}
	l.shown = lines
	l.Content.RemoveAll()
	for i, line := range lines {
		if i > 0 {
			l.Content.Add(look.Rule())
		}
		text := look.Column(0, look.Row(0, look.NewBadge(line.Tone, line.Sign)), look.Wrapped(line.What, look.Ink, l.letters))
		if line.Do != "" {
			text.Add(look.Wrapped(line.Do, look.Soft, l.letters))
		}
		l.Content.Add(look.Pad(0, look.Small, text))
	}
	l.Content.Refresh()
}

// Copied is a button that puts a text on the clipboard and says that it did.
func Copied(w *words.Words, text func() string, clipboard func(string)) *look.Button {
	var b *look.Button
	b = look.NewButton(look.Link, w.Say("form.copy"), func() {
		clipboard(text())
		b.SetText(w.Say("problem.copied"))
	})
	b.Reserve(w.Say("problem.copied"))
	return b
}
