package look

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// PickItem is something that a Pick offers: its value, what is said of it, and under which heading it stands.
type PickItem struct{ Value, Text, Under, Group string }

// PickWords are the texts of what a Pick opens.
type PickWords struct {
	Search, Nothing string
	// Type stands in the field where nothing is offered and what is typed is taken.
	Type string
	// Use says that what is typed becomes a value: "Use %s".
	Use func(typed string) string
	// Several says by which keys several are chosen.
	Several string
}

// Pick is a box that opens a list to choose from, which is searched by typing. Enter, the space bar and ↓ open it; there ↑ ↓ and Enter
// choose, and Esc closes it. It is never wider than its layout says.
type Pick struct {
	widget.DisableableWidget
	// Items are asked for whenever the list opens; OnPicked is told of the values that were chosen. Both run on the UI thread.
	Items    func() []PickItem
	OnPicked func(values []string)
	// Several lets more than one be chosen, Free makes a value of what is typed.
	Several, Free bool

	words            PickWords
	said             *Text
	values           []string
	plain            bool
	focused, hovered bool
	open             *pickList
}

var (
	_ fyne.Focusable     = (*Pick)(nil)
	_ fyne.Tappable      = (*Pick)(nil)
	_ desktop.Hoverable  = (*Pick)(nil)
	_ desktop.Cursorable = (*Pick)(nil)
)

// NewPick is a box that says nothing yet.
func NewPick(words PickWords, items func() []PickItem, picked func(values []string)) *Pick {
	p := &Pick{words: words, Items: items, OnPicked: picked, said: NewText("")}
	p.said.Lines, p.said.Shrinks, p.said.Middle = 1, true, true
	p.ExtendBaseWidget(p)
	return p
}

// NewPlainPick is a Pick without a box around it: for a word within a line. It is as wide as its text.
func NewPlainPick(words PickWords, items func() []PickItem, picked func(values []string)) *Pick {
	p := NewPick(words, items, picked)
	p.plain, p.said.Color = true, Accent
	return p
}

// Set says what is chosen: its values, and a text for them in a colour.
func (p *Pick) Set(values []string, text string, color fyne.ThemeColorName) {
	p.values = values
	p.said.SetColor(color)
	switch {
	case p.plain:
		text += " ▾"
	case p.Several:
		p.said.SetLines(min(1+(len([]rune(text))-1)/pickLetters, 3))
	}
	p.said.Set(strings.ReplaceAll(text, "*", ""))
	p.Refresh()
}

// Strong sets what it says in bold.
func (p *Pick) Strong() *Pick {
	p.said.Bold = true
	return p
}

// pickLetters is how many letters fit on a line of a box as narrow as boxes are.
const pickLetters = 18

// Values are those that are chosen, Text is what is said of them.
func (p *Pick) Values() []string { return p.values }

// Text is what the box says.
func (p *Pick) Text() string { return strings.TrimSuffix(p.said.String(), " ▾") }

// Tapped opens the list.
func (p *Pick) Tapped(*fyne.PointEvent) { p.Open() }

// Open opens the list, with the keyboard in it.
func (p *Pick) Open() {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c == nil || p.Disabled() || p.Opened() != nil {
		return
	}
	p.open = newPickList(p, c)
	p.open.show()
}

// Opened is the search field of the list that is open; nil where none is.
func (p *Pick) Opened() fyne.Focusable {
	if p.open == nil || !p.open.pop.Visible() { // it was hidden by a tap beside it
		return nil
	}
	return p.open.search
}

// FocusGained draws the focus.
func (p *Pick) FocusGained() { p.focused = true; p.Refresh(); reveal(p) }

// FocusLost removes it.
func (p *Pick) FocusLost() { p.focused = false; p.Refresh() }

// TypedRune opens the list and searches for what is typed.
func (p *Pick) TypedRune(r rune) {
	if r == ' ' {
		return // the space bar opened it
	}
	p.Open()
	if search := p.Opened(); search != nil {
		search.TypedRune(r)
	}
}

// TypedKey opens the list on Enter, the space bar and ↓, and leaves Esc to the window.
func (p *Pick) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
		p.Open()
	case fyne.KeyEscape:
		escape(p, e)
	}
}

// MouseIn tints the box.
func (p *Pick) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved is for Fyne.
func (p *Pick) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the tint.
func (p *Pick) MouseOut() { p.hovered = false; p.Refresh() }

// Cursor is a hand over what can be opened.
func (p *Pick) Cursor() desktop.Cursor {
	if p.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// CreateRenderer is for Fyne.
func (p *Pick) CreateRenderer() fyne.WidgetRenderer {
	r := &pickRenderer{p: p, body: &canvas.Rectangle{CornerRadius: buttonRadius}, arrow: &canvas.Text{Text: "▾"}}
	r.Refresh()
	return r
}

type pickRenderer struct {
	p     *Pick
	body  *canvas.Rectangle
	arrow *canvas.Text
}

const (
	pickPadX  float32 = 10
	pickPadY  float32 = 8
	pickArrow float32 = 16
)

func (r *pickRenderer) MinSize() fyne.Size {
	text := r.p.said.MinSize()
	if r.p.plain {
		whole := fyne.MeasureText(r.p.said.String(), r.p.Theme().Size(SizeText), fyne.TextStyle{Bold: r.p.said.Bold})
		return whole.AddWidthHeight(0, 2*Tiny)
	}
	if !r.p.Several { // two lines of small letters take no more than one and the room around it
		text = fyne.MeasureText("Åg", r.p.Theme().Size(SizeText), fyne.TextStyle{})
	}
	return fyne.NewSize(60, text.Height+2*pickPadY)
}

func (r *pickRenderer) Layout(size fyne.Size) {
	high := r.p.said.MinSize().Height
	if r.p.plain { // its letters stand in line with those above it, its focus around them
		r.body.Move(fyne.NewPos(-Tiny, 0))
		r.body.Resize(size.AddWidthHeight(2*Tiny, 0))
		r.p.said.Move(fyne.NewPos(0, middle(size.Height, high)))
		r.p.said.Resize(fyne.NewSize(size.Width, high))
		return
	}
	r.body.Resize(size)
	room := max(0, size.Width-2*pickPadX-pickArrow)
	if !r.p.Several {
		fit(r.p.said, room)
		high = r.p.said.MinSize().Height
	}
	r.p.said.Move(fyne.NewPos(pickPadX, middle(size.Height, high)))
	r.p.said.Resize(fyne.NewSize(room, high))
	least := r.arrow.MinSize()
	r.arrow.Move(fyne.NewPos(size.Width-pickPadX-least.Width, middle(size.Height, least.Height)))
	r.arrow.Resize(least)
}

func (r *pickRenderer) Refresh() {
	th, variant := r.p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.body.FillColor, r.body.StrokeColor, r.body.StrokeWidth = nil, nil, 0
	if !r.p.plain {
		r.body.FillColor, r.body.StrokeColor, r.body.StrokeWidth = th.Color(Background, variant), th.Color(Line, variant), 1
	}
	if r.p.hovered && !r.p.Disabled() {
		r.body.FillColor = th.Color(AccentSoft, variant)
	}
	if r.p.focused {
		r.body.StrokeColor, r.body.StrokeWidth = th.Color(Accent, variant), 2
	}
	r.arrow.TextSize, r.arrow.Color, r.arrow.Hidden = th.Size(SizeCaption), th.Color(Soft, variant), r.p.plain
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *pickRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.body, r.p.said, r.arrow}
}

func (r *pickRenderer) Destroy() {}
