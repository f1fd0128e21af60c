package wizard

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/gui/look"
)

// foot is the line under a page: the way back, what the page says, and the one button that leads on.
type foot struct {
	note     *look.Text
	back, on *look.Button
	text     string // what the button says where the page says nothing
	said     Foot
	busy     bool
	content  fyne.CanvasObject
}

func newFoot(back, on *look.Button) *foot {
	f := &foot{note: look.Explain("", 2), back: back, on: on, text: on.Text()}
	f.note.Align, f.note.Middle, f.note.Shrinks = fyne.TextAlignTrailing, true, true
	f.content = look.Pad(look.Large, 12, container.New(footLine{}, back, f.note, on))
	return f
}

// say shows what a page says.
func (f *foot) say(said Foot) {
	f.said = said
	f.show()
}

// rest keeps the button from being pressed while the page is left.
func (f *foot) rest(busy bool) {
	f.busy = busy
	f.show()
}

func (f *foot) show() {
	f.note.Set(f.said.Note)
	text := f.said.Continue
	if text == "" {
		text = f.text
	}
	f.on.SetText(text)
	look.Enable(f.on, f.said.Ready && !f.said.Nothing && !f.busy)
	look.Show(f.on, !f.said.Nothing)
	f.content.Refresh()
}

// footLine sets a button at the left and one at the right; what is said stands beside the right one.
type footLine struct{}

func (footLine) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[0].MinSize().Width+o[2].MinSize().Width+8*look.Large, max(o[1].MinSize().Height, o[2].MinSize().Height))
}

func (footLine) Layout(o []fyne.CanvasObject, size fyne.Size) {
	back, on := o[0].MinSize().Width, o[2].MinSize().Width
	if !o[0].Visible() {
		back = 0
	}
	look.Place(o[0], 0, back, size.Height)
	look.Place(o[2], size.Width-on, on, size.Height)
	look.Place(o[1], back+look.Medium, size.Width-on-back-look.Medium-12, size.Height)
}
