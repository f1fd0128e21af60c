package look

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Span is a stretch of text in one style. An empty Color is the Text's own.
type Span struct {
	Text  string
	Bold  bool
	Color fyne.ThemeColorName
}

// Spans reads "**" as the begin and end of bold: "The peak was **Data Loader**."
func Spans(marked string) []Span {
	var spans []Span
	for i, part := range strings.Split(marked, "**") {
		if part != "" {
			spans = append(spans, Span{Text: part, Bold: i%2 == 1})
		}
	}
	return spans
}

// Text is text without the paddings of Fyne's Label, and with a height that does not depend on what it says: Lines
// lines are reserved, so that a screen keeps its layout while sentences come and go. What does not fit ends in "…".
type Text struct {
	widget.BaseWidget
	SizeName fyne.ThemeSizeName
	Color    fyne.ThemeColorName
	Bold     bool
	Align    fyne.TextAlign
	// Lines is how many lines there are room for; 0: one line, and the text is as wide as it needs to be.
	Lines int
	// Middle sets fewer lines than there is room for in the middle of it.
	Middle bool
	// Shrinks lets letters become smaller, down to three quarters of their size as long as one can read them, before text is cut.
	Shrinks bool

	spans []Span
	// Long says that it may be cut: all of it stands elsewhere.
	Long  bool
	wraps int // not 0: there is room for all of it, and so many letters fit on a line before the width is known
}

// NewText is one line in ink.
func NewText(marked string) *Text {
	t := &Text{SizeName: SizeText, Color: Ink, spans: Spans(marked)}
	t.ExtendBaseWidget(t)
	return t
}

// Heading is the sentence at the head of a page.
func Heading(marked string) *Text {
	t := NewText(marked)
	t.SizeName, t.Bold, t.Lines, t.Shrinks = SizeHeading, true, 1, true
	return t
}

// Title is the heading of a card.
func Title(marked string) *Text {
	t := NewText(marked)
	t.Bold = true
	return t
}

// Explain is a soft sentence with room for a number of lines.
func Explain(marked string, lines int) *Text {
	t := NewText(marked)
	t.Color, t.Lines = Soft, lines
	return t
}

// Caption is small and soft.
func Caption(marked string) *Text {
	t := NewText(marked)
	t.Color, t.SizeName = Soft, SizeCaption
	return t
}

// Wrapped has room for all of a text. Layouts cannot ask how high something is at a width: before it has one, it is as high as where so many
// letters fit on a line.
func Wrapped(text string, color fyne.ThemeColorName, lettersInLine int) *Text {
	t := NewText(text)
	t.Color, t.Lines, t.wraps = color, 1, lettersInLine
	return t
}

// Set changes what the text says; setting the same again costs nothing.
func (t *Text) Set(marked string) { t.SetSpans(Spans(marked)...) }

// SetSpans is Set for text whose styles do not come from marks.
func (t *Text) SetSpans(spans ...Span) {
	if !slices.Equal(spans, t.spans) {
		t.spans = spans
		t.Refresh()
	}
}

// SetLines changes how many lines there are room for.
func (t *Text) SetLines(n int) {
	if t.Lines != n {
		t.Lines = n
		t.Refresh()
	}
}

// SetColor changes the colour of what has none of its own.
func (t *Text) SetColor(name fyne.ThemeColorName) {
	if t.Color != name {
		t.Color = name
		t.Refresh()
	}
}

// String is what the text says, without its styles.
func (t *Text) String() string {
	var b strings.Builder
	for _, s := range t.spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// CreateRenderer is for Fyne.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{text: t}
	r.Refresh()
	return r
}

type textRenderer struct {
	text    *Text
	size    fyne.Size
	letters float32 // the size that the text is drawn in
	taken   int     // how many lines it takes
	objects []fyne.CanvasObject
}

func (r *textRenderer) style(bold bool) fyne.TextStyle {
	return fyne.TextStyle{Bold: bold || r.text.Bold}
}

func (r *textRenderer) lineHeight() float32 {
	return fyne.MeasureText("Åg", r.text.Theme().Size(r.text.SizeName), r.style(false)).Height
}

// MinSize has the height of all lines; the width is that of the text only where it must not be cut.
func (r *textRenderer) MinSize() fyne.Size {
	t := r.text
	if t.wraps > 0 {
		lines := r.taken
		if lines == 0 {
			lines = 1 + utf8.RuneCountInString(t.String())/t.wraps
		}
		return fyne.NewSize(Large, r.lineHeight()*float32(lines))
	}
	if t.Lines > 0 {
		return fyne.NewSize(Large, r.lineHeight()*float32(t.Lines))
	}
	var width float32
	for _, s := range t.spans {
		width += fyne.MeasureText(s.Text, t.Theme().Size(t.SizeName), r.style(s.Bold)).Width
	}
	return fyne.NewSize(width, r.lineHeight())
}

func (r *textRenderer) Layout(size fyne.Size) {
	if size == r.size && r.objects != nil {
		return
	}
	before := r.taken
	r.size = size
	if r.build(); r.text.wraps > 0 && r.taken != before {
		canvas.Refresh(r.text) // with the next frame it has another height
	}
}

// Refresh follows the theme and the text.
func (r *textRenderer) Refresh() {
	r.build()
	canvas.Refresh(r.text)
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *textRenderer) Destroy() {}

// piece is a word with the blanks after it, placed on a line.
type piece struct {
	text  string
	span  Span
	width float32
}

// leastLetters are the smallest letters that one can read.
const leastLetters = 10

func (r *textRenderer) build() {
	t := r.text
	r.objects = r.objects[:0]
	if r.objects == nil {
		r.objects = []fyne.CanvasObject{}
	}
	width := r.size.Width
	if t.Lines == 0 {
		width = max(width, r.MinSize().Width)
	}
	if width <= 0 {
		return
	}
	full := t.Theme().Size(t.SizeName)
	r.letters = full
	lines, best := r.lines(width)
	letters := full
	for best != whole && t.Shrinks && r.letters > max(full*3/4, leastLetters) {
		r.letters--
		if smaller, how := r.lines(width); how < best || how == cut {
			lines, best, letters = smaller, how, r.letters
		}
	}
	r.letters = letters
	r.taken = len(lines)
	height := r.lineHeight()
	down := float32(int(height * (full - r.letters) / full / 2)) // small letters stand in the middle of their line
	if t.Middle {
		down += float32(int(height * float32(max(t.Lines-len(lines), 0)) / 2))
	}
	variant := fyne.CurrentApp().Settings().ThemeVariant()
	for n, line := range lines {
		x := float32(0)
		if t.Align != fyne.TextAlignLeading {
			var used float32
			for i, p := range line {
				if i == len(line)-1 {
					p.width = r.measure(strings.TrimRight(p.text, " "), p.span.Bold)
				}
				used += p.width
			}
			x = width - used
			if t.Align == fyne.TextAlignCenter {
				x /= 2
			}
			x = float32(int(x)) // letters between two columns of pixels are blurred
		}
		for _, p := range line {
			name := p.span.Color
			if name == "" {
				name = t.Color
				if p.span.Bold && t.Color == Soft {
					name = Ink // a culprit stands out of its explanation
				}
			}
			o := canvas.NewText(p.text, t.Theme().Color(name, variant))
			o.TextSize, o.TextStyle = r.letters, r.style(p.span.Bold)
			o.Move(fyne.NewPos(x, float32(n)*height+down))
			o.Resize(fyne.NewSize(p.width, height))
			r.objects = append(r.objects, o)
			x += p.width
		}
	}
}

func (r *textRenderer) measure(text string, bold bool) float32 {
	return fyne.MeasureText(text, r.letters, r.style(bold)).Width
}

// breaking is what became of a text on the lines that there are, the best first.
type breaking int

const (
	whole breaking = iota
	split          // a word stands on two lines
	cut
)

// lines breaks the spans into at most t.Lines lines; neighbouring words of one span are joined again, so that a line
// costs few objects.
func (r *textRenderer) lines(width float32) (_ [][]piece, how breaking) {
	limit := max(r.text.Lines, 1)
	if r.text.wraps > 0 {
		limit = math.MaxInt
	}
	lines := [][]piece{nil}
	var used float32
	for _, s := range r.text.spans {
		for _, word := range strings.SplitAfter(s.Text, " ") {
			if word == "" {
				continue
			}
			bare := r.measure(strings.TrimRight(word, " "), s.Bold)
			for len(lines) < limit && bare > width && utf8.RuneCountInString(word) > 1 { // a word that no line is long enough for
				if used > 0 {
					lines, used = append(lines, nil), 0
					continue
				}
				how = split
				head := r.fitting(word, s.Bold, width)
				lines[len(lines)-1] = []piece{{head, s, r.measure(head, s.Bold)}}
				lines, word = append(lines, nil), word[len(head):]
				bare = r.measure(strings.TrimRight(word, " "), s.Bold)
			}
			if used > 0 && used+bare > width+0.5 && r.text.Lines != 0 {
				if len(lines) == limit {
					lines[limit-1] = r.shorten(append(lines[limit-1], piece{word, s, bare}), width)
					return lines, cut
				}
				lines = append(lines, nil)
				used = 0
			}
			last := len(lines) - 1
			if n := len(lines[last]); n > 0 && lines[last][n-1].span == s {
				joined := lines[last][n-1].text + word
				before := lines[last][n-1].width
				lines[last][n-1] = piece{joined, s, r.measure(joined, s.Bold)}
				used += lines[last][n-1].width - before
			} else {
				w := r.measure(word, s.Bold)
				lines[last] = append(lines[last], piece{word, s, w})
				used += w
			}
		}
	}
	if r.text.Lines > 0 && used > width+0.5 {
		last := len(lines) - 1
		lines[last] = r.shorten(lines[last], width)
		return lines, cut
	}
	return lines, how
}

// fitting is as much of a word's begin as a width has room for, a letter at least.
func (r *textRenderer) fitting(word string, bold bool, width float32) string {
	letters := []rune(word)
	n := len(letters) - 1
	for n > 1 && r.measure(string(letters[:n]), bold) > width {
		n--
	}
	return string(letters[:n])
}

// shorten cuts a line to the width, with an ellipsis.
func (r *textRenderer) shorten(line []piece, width float32) []piece {
	var used float32
	for i, p := range line {
		p.width = r.measure(p.text, p.span.Bold)
		if used+p.width+r.measure("…", p.span.Bold) <= width {
			used += p.width
			continue
		}
		letters := []rune(p.text)
		for len(letters) > 0 {
			cut := strings.TrimRight(string(letters), " ,.;:") + "…"
			if w := r.measure(cut, p.span.Bold); used+w <= width {
				return append(line[:i:i], piece{cut, p.span, w})
			}
			letters = letters[:len(letters)-1]
		}
		if i == 0 {
			return nil
		}
		end := &line[i-1]
		end.text = strings.TrimRight(end.text, " ") + "…"
		return line[:i]
	}
	if n := len(line); n > 0 {
		line[n-1].text = strings.TrimRight(line[n-1].text, " ") + "…"
	}
	return line
}

// SoftText is one soft line, as wide as it needs to be.
func SoftText(marked string) *Text {
	t := NewText(marked)
	t.Color = Soft
	return t
}
