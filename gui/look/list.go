package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// ListCell is what a List shows in one place: a line, and a small one under it. An empty Color is ink.
type ListCell struct {
	Text, Under string
	Color       fyne.ThemeColorName
	UnderColor  fyne.ThemeColorName // empty: soft
}

// List is a list of as many things as one likes, under headings that sort it: only what can be seen is drawn. Its rows are chosen with the
// mouse and the arrow keys, Home, End, Page Up and Page Down; Enter and the space bar open the chosen one.
type List struct {
	widget.BaseWidget
	// OnChosen tells of a row that a person chose, OnOpened of one that was opened, OnSorted of a heading that was pressed, OnFind that
	// somebody wants to search ("/"). They run on the UI thread and must not wait; nil ones are not told.
	OnChosen, OnOpened, OnSorted func(n int)
	OnFind                       func()

	columns []ColumnSpec
	rows    int
	row     func(n int) []ListCell
	chosen  int
	quiet   bool // nobody is told of what Set chooses
	list    *listBody
}

// NewList is an empty list. A column without a heading does not sort.
func NewList(columns ...ColumnSpec) *List {
	l := &List{columns: columns, chosen: -1}
	l.list = &listBody{of: l}
	l.list.Length = func() int { return l.rows }
	l.list.CreateItem = func() fyne.CanvasObject { return newListRow(l.columns) }
	l.list.UpdateItem = func(n int, o fyne.CanvasObject) { o.(*listRow).set(l.row(n)) }
	l.list.OnSelected = func(n int) { l.choose(n) }
	l.list.HideSeparators = false
	l.list.ExtendBaseWidget(l.list)
	l.ExtendBaseWidget(l)
	return l
}

// Set shows so many rows, of which row gives the cells, and chooses one of them; -1 chooses none.
func (l *List) Set(rows, chosen int, row func(n int) []ListCell) {
	l.rows, l.row = rows, row
	l.quiet = true
	if chosen < 0 || chosen >= rows {
		chosen = -1
		l.list.UnselectAll()
	} else if chosen != l.chosen {
		l.list.Select(chosen)
	}
	l.chosen = chosen
	l.quiet = false
	l.list.Refresh()
}

// Chosen is the chosen row, -1 where there is none.
func (l *List) Chosen() int { return l.chosen }

// Keyboard is what takes the focus.
func (l *List) Keyboard() fyne.Focusable { return l.list }

// MarkSorted shows by which column the list is sorted, and in which direction; -1 is none.
func (l *List) MarkSorted(column int, down bool) {
	for i, h := range l.list.heads {
		if h == nil {
			continue
		}
		text := l.columns[i].Heading
		switch {
		case i == column && down:
			text += " ↓"
		case i == column:
			text += " ↑"
		}
		h.SetText(text)
	}
}

func (l *List) choose(n int) {
	l.chosen = n
	if !l.quiet && l.OnChosen != nil {
		l.OnChosen(n)
	}
}

func (l *List) open(n int) {
	if n >= 0 && l.OnOpened != nil {
		l.OnOpened(n)
	}
}

// listBody is Fyne's list with keys that choose at once.
type listBody struct {
	widget.List
	of      *List
	heads   []*Button
	ring    *shape
	focused bool
}

// FocusGained draws the focus around the whole list.
func (b *listBody) FocusGained() { b.focus(true) }

// FocusLost removes it.
func (b *listBody) FocusLost() { b.focus(false) }

func (b *listBody) focus(on bool) {
	b.focused = on
	if b.ring != nil {
		b.ring.border = map[bool]fyne.ThemeColorName{true: Accent}[on]
		b.ring.Refresh()
	}
	if on && b.of.chosen < 0 && b.of.rows > 0 {
		b.Select(0)
	}
}

// TypedRune asks for the search with "/".
func (b *listBody) TypedRune(r rune) {
	if r == '/' && b.of.OnFind != nil {
		b.of.OnFind()
	}
}

// TypedKey moves through the rows.
func (b *listBody) TypedKey(e *fyne.KeyEvent) {
	page := max(1, int(b.Size().Height/(b.of.rowHeight()+Tiny))-1)
	at := b.of.chosen
	switch e.Name {
	case fyne.KeyDown:
		at++
	case fyne.KeyUp:
		at--
	case fyne.KeyPageDown:
		at += page
	case fyne.KeyPageUp:
		at -= page
	case fyne.KeyHome:
		at = 0
	case fyne.KeyEnd:
		at = b.of.rows - 1
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		b.of.open(b.of.chosen)
		return
	case fyne.KeyEscape:
		escape(b, e)
		return
	default:
		return
	}
	if b.of.rows > 0 {
		b.Select(min(max(at, 0), b.of.rows-1))
	}
}

func (l *List) rowHeight() float32 { return listRowHeight }

const (
	listRowHeight float32 = 42
	listHead      float32 = 28
)

// CreateRenderer is for Fyne.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	var heads []fyne.CanvasObject
	named := false
	for i, c := range l.columns {
		if c.Heading == "" {
			l.list.heads = append(l.list.heads, nil)
			heads = append(heads, NewText(""))
			continue
		}
		named = true
		h := NewButton(Sorter, c.Heading, func() {
			if l.OnSorted != nil {
				l.OnSorted(i)
			}
		})
		h.trailing = c.Number
		l.list.heads = append(l.list.heads, h)
		heads = append(heads, h)
	}
	l.list.ring = newShape("", "", buttonRadius)
	var head fyne.CanvasObject
	if named {
		head = container.NewBorder(nil, Rule(), nil, nil, container.New(columnsLayout{l.columns, listHead}, heads...))
	}
	return widget.NewSimpleRenderer(container.NewStack(container.NewBorder(head, nil, nil, nil, l.list), l.list.ring))
}

// columnsLayout gives objects the widths of columns.
type columnsLayout struct {
	columns []ColumnSpec
	height  float32
}

func (c columnsLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(len(c.columns))*40, c.height)
}

func (c columnsLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var weights float32
	for _, column := range c.columns {
		weights += column.Weight
	}
	x := Small
	width := size.Width - 2*Small - Small*float32(len(c.columns)-1)
	for i, column := range c.columns {
		w := float32(int(width * column.Weight / weights))
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(w, size.Height))
		x += w + Small
	}
}

// listRow draws one row.
type listRow struct {
	widget.BaseWidget
	columns []ColumnSpec
	cells   []*twoLines
}

func newListRow(columns []ColumnSpec) *listRow {
	r := &listRow{columns: columns}
	for _, c := range columns {
		r.cells = append(r.cells, newTwoLines(c.Number))
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *listRow) set(cells []ListCell) {
	for i, c := range cells {
		r.cells[i].set(c)
	}
}

// CreateRenderer is for Fyne.
func (r *listRow) CreateRenderer() fyne.WidgetRenderer {
	boxes := make([]fyne.CanvasObject, len(r.cells))
	for i, c := range r.cells {
		boxes[i] = c.box
	}
	return widget.NewSimpleRenderer(container.New(columnsLayout{r.columns, listRowHeight}, boxes...))
}

// twoLines is a line with a small one under it; alone it stands in the middle.
type twoLines struct {
	line, under *Text
	box         *fyne.Container
}

func newTwoLines(number bool) *twoLines {
	t := &twoLines{line: NewText(""), under: Caption("")}
	t.line.Lines, t.under.Lines = 1, 1
	t.line.Shrinks, t.under.Shrinks = true, true
	if number {
		t.line.Align, t.under.Align = fyne.TextAlignTrailing, fyne.TextAlignTrailing
	}
	t.box = container.New(t, t.line, t.under)
	return t
}

func (t *twoLines) set(c ListCell) {
	color, under := c.Color, c.UnderColor
	if color == "" {
		color = Ink
	}
	if under == "" {
		under = Soft
	}
	t.line.SetColor(color)
	t.line.SetSpans(Span{Text: c.Text})
	t.under.SetColor(under)
	t.under.SetSpans(Span{Text: c.Under})
	if alone := c.Under == ""; alone == t.under.Visible() {
		t.under.Hidden = alone
		t.Layout(t.box.Objects, t.box.Size())
	}
}

// MinSize is that of both lines.
func (t *twoLines) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(Large, listRowHeight) }

// Layout sets the lines under each other.
func (t *twoLines) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	high, low := t.line.MinSize().Height, t.under.MinSize().Height
	top := middle(size.Height, high+low)
	if t.under.Hidden {
		top = middle(size.Height, high)
	}
	t.line.Move(fyne.NewPos(0, top))
	t.line.Resize(fyne.NewSize(size.Width, high))
	t.under.Move(fyne.NewPos(0, top+high))
	t.under.Resize(fyne.NewSize(size.Width, low))
}
