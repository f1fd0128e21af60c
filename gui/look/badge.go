package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Tone is what a badge is about. The word on it says the same: colour alone never does.
type Tone uint8

// The tones.
const (
	QuietTone Tone = iota
	GoodTone
	WarningTone
	BadTone
	AccentTone
)

var tones = map[Tone]struct{ text, fill fyne.ThemeColorName }{
	QuietTone:   {Ink, Track},
	GoodTone:    {Good, GoodSoft},
	WarningTone: {Warning, WarningSoft},
	BadTone:     {Bad, BadSoft},
	AccentTone:  {Accent, AccentSoft},
}

// Badge is a word in a pill.
type Badge struct {
	widget.BaseWidget
	text string
	tone Tone
}

// NewBadge is a badge; with an empty text it takes no room.
func NewBadge(tone Tone, text string) *Badge {
	b := &Badge{text: text, tone: tone}
	b.ExtendBaseWidget(b)
	return b
}

// Set changes word and tone.
func (b *Badge) Set(tone Tone, text string) {
	if b.tone != tone || b.text != text {
		b.tone, b.text = tone, text
		b.Refresh()
	}
}

// Text is the word.
func (b *Badge) Text() string { return b.text }

// CreateRenderer is for Fyne.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	r := &badgeRenderer{b: b, pill: &canvas.Rectangle{}, label: &canvas.Text{Alignment: fyne.TextAlignCenter, TextStyle: fyne.TextStyle{Bold: true}}}
	r.Refresh()
	return r
}

type badgeRenderer struct {
	b     *Badge
	pill  *canvas.Rectangle
	label *canvas.Text
}

func (r *badgeRenderer) MinSize() fyne.Size {
	if r.b.text == "" {
		return fyne.Size{}
	}
	return fyne.MeasureText(r.b.text, r.b.Theme().Size(SizeCaption), r.label.TextStyle).AddWidthHeight(20, 4)
}

// Layout keeps the pill's height and centres it: a badge never becomes a block.
func (r *badgeRenderer) Layout(size fyne.Size) {
	least := r.MinSize()
	at := fyne.NewPos(0, middle(size.Height, least.Height))
	for _, o := range r.Objects() {
		o.Resize(least)
		o.Move(at)
	}
}

func (r *badgeRenderer) Refresh() {
	th, variant := r.b.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	tone := tones[r.b.tone]
	r.pill.Hidden = r.b.text == ""
	r.pill.FillColor, r.pill.CornerRadius = th.Color(tone.fill, variant), 10
	r.label.Text, r.label.Color, r.label.TextSize = r.b.text, th.Color(tone.text, variant), th.Size(SizeCaption)
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *badgeRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.pill, r.label} }

func (r *badgeRenderer) Destroy() {}
