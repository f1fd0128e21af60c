package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Problem is a card in place of a dialog: what happened, what to do, Copy details, and one thing to press.
type Problem struct {
	words   *words.Words
	text    *look.Text
	copied  *look.Button
	again   *look.Button
	details string
	content fyne.CanvasObject
}

// NewProblem is a hidden card. again runs when its button is pressed; copyText puts a text on the clipboard.
func NewProblem(w *words.Words, again func(), copyText func(string)) *Problem {
	p := &Problem{words: w, text: look.Wrapped("", look.Soft, 60)}
	p.copied = look.NewButton(look.Link, w.Say("problem.copy"), func() {
		copyText(p.details)
		p.copied.SetText(w.Say("problem.copied"))
	})
	p.again = look.NewButton(look.Outlined, w.Say("problem.retry"), again)
	card := look.Notice(look.Bad, look.Ends(p.text, look.Row(look.Small, p.copied, p.again)))
	p.content = container.New(layout.NewCustomPaddedLayout(look.Tiny, look.Small, 0, 0), card)
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
	p.text.SetSpans(look.Span{Text: what + " ", Bold: true, Color: look.Bad}, look.Span{Text: do})
	if details != p.details {
		p.details = details
		p.copied.SetText(p.words.Say("problem.copy"))
	}
	p.content.Show()
}

// Tell puts the card up for a problem; nil takes it away.
func (p *Problem) Tell(told *words.Told) {
	if told == nil {
		told = &words.Told{}
	}
	p.Show(told.What, told.Do, told.Details)
}

// Offer says by a key what the card's button does, where that is not to try again.
func (p *Problem) Offer(key string) { p.again.SetText(p.words.Say(key)) }

// Shown reports whether the card is up.
func (p *Problem) Shown() bool { return p.content.Visible() }
