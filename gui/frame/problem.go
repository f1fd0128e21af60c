package frame

import (
	"fyne.io/fyne/v2"

	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Problem is a card in place of a dialog: what happened, what to do, Copy details, and one thing to press.
type Problem struct {
	words   *words.Words
	what    *look.Text
	do      *look.Text
	copied  *look.Button
	again   *look.Button
	details string
	content fyne.CanvasObject
}

// NewProblem is a hidden card. again runs when its button is pressed; copyText puts a text on the clipboard.
func NewProblem(w *words.Words, again func(), copyText func(string)) *Problem {
	p := &Problem{words: w, what: look.Title(""), do: look.Explain("", 2)}
	p.what.Lines, p.what.Color = 2, look.Bad
	p.copied = look.NewButton(look.Link, w.Say("problem.copy"), func() {
		copyText(p.details)
		p.copied.SetText(w.Say("problem.copied"))
	})
	p.again = look.NewButton(look.Outlined, w.Say("problem.retry"), again)
	p.content = look.Notice(look.Bad, look.Ends(look.Column(look.Tiny, p.what, p.do), look.Row(look.Small, p.copied, p.again)))
	p.content.Hide()
	return p
}

// Content is what to draw.
func (p *Problem) Content() fyne.CanvasObject { return p.content }

// Show puts the card up; all texts empty takes it away.
func (p *Problem) Show(what, do, details string) {
	if what == "" && do == "" && details == "" {
		p.content.Hide()
		return
	}
	p.what.Set(what)
	p.do.Set(do)
	if details != p.details {
		p.details = details
		p.copied.SetText(p.words.Say("problem.copy"))
	}
	p.content.Show()
}

// Shown reports whether the card is up.
func (p *Problem) Shown() bool { return p.content.Visible() }
