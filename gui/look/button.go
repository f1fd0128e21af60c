package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Kind is how much a button stands out.
type Kind uint8

// The kinds. A screen has one Filled button at most: what one came to do.
const (
	Outlined Kind = iota
	Filled
	Link   // text in the accent colour, for what leads elsewhere
	Choice // one of a few views of the same thing; the selected one is tinted
	Entry  // of the sidebar; the selected one is where one is
	// EntryDone is an Entry of a row of steps whose turn has been.
	EntryDone
	Sorter // the heading of a column, which sorts by it
)

// kindStyle is what differs between kinds.
type kindStyle struct {
	size              fyne.ThemeSizeName
	text, fill, hover fyne.ThemeColorName // an empty fill is none
	border            fyne.ThemeColorName
	selectedText      fyne.ThemeColorName
	bold              bool
	padX, padY        float32
	radius            float32
	align             fyne.TextAlign
}

var kinds = map[Kind]kindStyle{
	Outlined:  {size: SizeText, text: Ink, fill: Panel, hover: AccentSoft, border: Line, padX: 16, padY: 9, radius: buttonRadius, align: fyne.TextAlignCenter},
	Filled:    {size: SizeText, text: OnAccent, fill: Accent, hover: AccentHover, bold: true, padX: 16, padY: 9, radius: buttonRadius, align: fyne.TextAlignCenter},
	Link:      {size: SizeText, text: Accent, hover: AccentSoft, padX: 8, padY: 4, radius: buttonRadius, align: fyne.TextAlignCenter},
	Choice:    {size: SizeCaption, text: Soft, hover: AccentSoft, selectedText: Accent, bold: true, padX: 10, padY: 2, radius: 11, align: fyne.TextAlignCenter},
	Entry:     {size: SizeText, text: Ink, hover: AccentSoft, selectedText: Accent, padX: 10, padY: 8, radius: buttonRadius, align: fyne.TextAlignLeading},
	EntryDone: {size: SizeText, text: Good, hover: AccentSoft, selectedText: Accent, padX: 10, padY: 8, radius: buttonRadius, align: fyne.TextAlignLeading},
	Sorter:    {size: SizeCaption, text: Soft, hover: AccentSoft, padX: 0, padY: 3, radius: 6, align: fyne.TextAlignLeading},
}

// Button is pressed by a tap, by Enter and by the space bar. It draws its focus, and it is never wider than it needs to
// be unless its layout says so.
type Button struct {
	widget.DisableableWidget
	// OnTapped runs on the UI thread and must not wait.
	OnTapped func()

	kind                       Kind
	text                       string
	others                     []string // that it says at other times
	selected, focused, hovered bool
	trailing                   bool // what it says stands at its end
	hint                       string
	hints                      *Hints
}

var (
	_ fyne.Focusable     = (*Button)(nil)
	_ fyne.Tappable      = (*Button)(nil)
	_ desktop.Hoverable  = (*Button)(nil)
	_ desktop.Cursorable = (*Button)(nil)
)

// NewButton is a button of a kind.
func NewButton(kind Kind, text string, tapped func()) *Button {
	b := &Button{kind: kind, text: text, OnTapped: tapped}
	b.ExtendBaseWidget(b)
	return b
}

// Text is what the button says.
func (b *Button) Text() string { return b.text }

// SetText changes what the button says.
func (b *Button) SetText(text string) {
	if b.text != text {
		b.text = text
		b.Refresh()
	}
}

// Reserve keeps room for what the button says at other times, so that nothing beside it moves.
func (b *Button) Reserve(texts ...string) {
	b.others = texts
	b.Refresh()
}

// SetKind changes how much the button stands out.
func (b *Button) SetKind(kind Kind) {
	if b.kind != kind {
		b.kind = kind
		b.Refresh()
	}
}

// Kind is how much the button stands out.
func (b *Button) Kind() Kind { return b.kind }

// Select marks the button as the chosen one of its group.
func (b *Button) Select(on bool) {
	if b.selected != on {
		b.selected = on
		b.Refresh()
	}
}

// Selected reports whether it is.
func (b *Button) Selected() bool { return b.selected }

// Tapped presses the button.
func (b *Button) Tapped(*fyne.PointEvent) { b.press() }

func (b *Button) press() {
	if !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
	}
}

// SetHint lets a layer say a text, such as a shortcut, while the mouse or the focus is on the button.
func (b *Button) SetHint(layer *Hints, text string) {
	b.hints, b.hint = layer, text
	b.tell()
}

// tell shows the hint, or takes it away.
func (b *Button) tell() {
	switch {
	case b.hints == nil:
	case b.hint != "" && (b.hovered || b.focused) && !b.Disabled():
		b.hints.Say(b, b.hint)
	default:
		b.hints.Unsay(b)
	}
}

// FocusGained draws the focus.
func (b *Button) FocusGained() { b.focused = true; b.tell(); b.Refresh(); reveal(b) }

// FocusLost removes it.
func (b *Button) FocusLost() { b.focused = false; b.tell(); b.Refresh() }

// TypedRune is for Fyne; letters do nothing.
func (b *Button) TypedRune(rune) {}

// TypedKey presses the button on Enter and the space bar, and leaves Esc to the window.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.press()
	case fyne.KeyEscape:
		escape(b, e)
	}
}

// escape hands Esc from what has the focus to the window, and reports whether the window wanted it.
func escape(from fyne.CanvasObject, e *fyne.KeyEvent) bool {
	window := fyne.CurrentApp().Driver().CanvasForObject(from)
	if window == nil || window.OnTypedKey() == nil {
		return false
	}
	window.OnTypedKey()(e)
	return true
}

// MouseIn tints the button.
func (b *Button) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.tell(); b.Refresh() }

// MouseMoved is for Fyne.
func (b *Button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the tint.
func (b *Button) MouseOut() { b.hovered = false; b.tell(); b.Refresh() }

// Cursor is a hand over what can be pressed.
func (b *Button) Cursor() desktop.Cursor {
	if b.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// CreateRenderer is for Fyne.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{b: b, body: &canvas.Rectangle{}, ring: &canvas.Rectangle{}, label: &canvas.Text{}}
	r.Refresh()
	return r
}

type buttonRenderer struct {
	b          *Button
	body, ring *canvas.Rectangle
	label      *canvas.Text
}

func (r *buttonRenderer) MinSize() fyne.Size {
	s := kinds[r.b.kind]
	// With other texts it may be of another kind too, and bold letters are the widest.
	style := fyne.TextStyle{Bold: s.bold || s.align == fyne.TextAlignLeading || len(r.b.others) > 0}
	size := fyne.MeasureText(r.b.text, r.b.Theme().Size(s.size), style)
	for _, other := range r.b.others {
		size = size.Max(fyne.MeasureText(other, r.b.Theme().Size(s.size), style))
	}
	return fyne.NewSize(size.Width+2*s.padX, size.Height+2*s.padY)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	s := kinds[r.b.kind]
	r.body.Resize(size)
	gap := r.gap()
	r.ring.Move(fyne.NewPos(-gap, -gap))
	r.ring.Resize(size.AddWidthHeight(2*gap, 2*gap))
	height := r.label.MinSize().Height
	r.label.Move(fyne.NewPos(s.padX, middle(size.Height, height)))
	r.label.Resize(fyne.NewSize(size.Width-2*s.padX, height))
}

// gap is how far the ring of the focus stands off: around a filled button of its own colour it would not be seen without.
func (r *buttonRenderer) gap() float32 {
	if r.b.kind == Filled {
		return 4
	}
	return 2
}

func (r *buttonRenderer) Refresh() {
	b, s := r.b, kinds[r.b.kind]
	th, variant := b.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	text, fill, border := s.text, s.fill, s.border
	if b.selected {
		text, fill = s.selectedText, AccentSoft
	} else if b.hovered && !b.Disabled() {
		fill = s.hover
	}
	if b.Disabled() {
		text = Faint
		if s.fill != "" {
			fill, border = Sidebar, Line
		}
	}
	r.body.FillColor, r.body.StrokeColor, r.body.StrokeWidth, r.body.CornerRadius = nil, nil, 0, s.radius
	if fill != "" {
		r.body.FillColor = th.Color(fill, variant)
	}
	if border != "" {
		r.body.StrokeColor, r.body.StrokeWidth = th.Color(border, variant), 1
	}
	r.ring.Hidden = !b.focused
	r.ring.StrokeColor, r.ring.StrokeWidth, r.ring.CornerRadius = th.Color(Accent, variant), 2, s.radius+r.gap()
	r.label.Text, r.label.Color, r.label.Alignment = b.text, th.Color(text, variant), s.align
	if b.trailing {
		r.label.Alignment = fyne.TextAlignTrailing
	}
	r.label.TextSize, r.label.TextStyle = th.Size(s.size), fyne.TextStyle{Bold: s.bold || (b.kind == Entry && b.selected)}
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.body, r.label, r.ring}
}

func (r *buttonRenderer) Destroy() {}
