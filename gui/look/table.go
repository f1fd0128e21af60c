package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// ColumnSpec is a column of a Table: its heading, its share of the width, whether it holds numbers, which stand to the right, and whether it
// is long, so that it may be cut.
type ColumnSpec struct {
	Heading string
	Weight  float32
	Number  bool
	Long    bool
}

// Cell is what a table shows in one place. An empty Color is ink.
type Cell struct {
	Text  string
	Color fyne.ThemeColorName
}

// Table is a short list of facts under headings, drawn as many rows as there is room for. For records, which are many,
// it is not meant.
type Table struct {
	widget.BaseWidget
	columns []ColumnSpec
	rows    [][]Cell
}

// NewTable is an empty table.
func NewTable(columns ...ColumnSpec) *Table {
	t := &Table{columns: columns}
	t.ExtendBaseWidget(t)
	return t
}

// Set shows rows, each with a cell for every column.
func (t *Table) Set(rows [][]Cell) {
	t.rows = rows
	t.Refresh()
}

// CreateRenderer is for Fyne.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	r := &tableRenderer{t: t, box: container.NewWithoutLayout()}
	for _, c := range t.columns {
		h := Caption(c.Heading)
		h.Lines, h.Shrinks = 1, true
		if c.Number {
			h.Align = fyne.TextAlignTrailing
		}
		r.head = append(r.head, h)
		r.box.Add(h)
	}
	r.fill()
	return r
}

const tableHead float32 = 30

type tableRow struct {
	rule  fyne.CanvasObject
	cells []*Text
}

type tableRenderer struct {
	t    *Table
	box  *fyne.Container
	head []*Text
	rows []tableRow
	size fyne.Size
}

// TableHeight is how high a Table is that shows so many rows.
func TableHeight(rows int) float32 { return tableHead + float32(max(rows, 3))*rowHeight }

// MinSize asks for the headings and three rows.
func (r *tableRenderer) MinSize() fyne.Size {
	return fyne.NewSize(float32(len(r.t.columns))*40, TableHeight(3))
}

func (r *tableRenderer) Layout(size fyne.Size) {
	r.size = size
	r.box.Resize(size)
	var weights float32
	for _, c := range r.t.columns {
		weights += c.Weight
	}
	x := Small
	gaps := Small * float32(len(r.t.columns)-1)
	width := size.Width - 2*Small - gaps
	for i, c := range r.t.columns {
		w := float32(int(width * c.Weight / weights))
		r.place(r.head[i], x, 0, w, tableHead-4)
		for n, row := range r.rows {
			fit(row.cells[i], w)
			r.place(row.cells[i], x, tableHead+float32(n)*rowHeight, w, rowHeight)
		}
		x += w + Small
	}
	for n, row := range r.rows {
		top := tableHead + float32(n)*rowHeight
		row.rule.Move(fyne.NewPos(0, top))
		row.rule.Resize(fyne.NewSize(size.Width, 1))
		fits := top+rowHeight <= size.Height+1 && n < len(r.t.rows)
		for _, o := range append([]fyne.CanvasObject{row.rule}, texts(row.cells)...) {
			if fits {
				o.Show()
			} else {
				o.Hide()
			}
		}
	}
}

func texts(cells []*Text) []fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, len(cells))
	for i, c := range cells {
		objects[i] = c
	}
	return objects
}

// fit gives a text that small letters do not fit onto a line two lines of them: a row has room for these.
func fit(t *Text, width float32) {
	name, lines := SizeText, 1
	if small := t.Theme().Size(SizeCaption); fyne.MeasureText(t.String(), small, fyne.TextStyle{}).Width > width {
		name, lines = SizeCaption, 2
	}
	if t.SizeName != name {
		t.SizeName, t.Lines, t.Middle = name, lines, true
		t.Refresh()
	}
}

func (r *tableRenderer) place(t *Text, x, y, width, height float32) {
	least := t.MinSize().Height
	t.Resize(fyne.NewSize(width, least))
	t.Move(fyne.NewPos(x, y+middle(height, least)))
}

// fill makes the rows that are missing and sets their texts.
func (r *tableRenderer) fill() {
	for len(r.rows) < len(r.t.rows) {
		row := tableRow{rule: Rule()}
		r.box.Add(row.rule)
		for _, c := range r.t.columns {
			text := NewText("")
			text.Lines, text.Shrinks, text.Long = 1, true, c.Long
			if c.Number {
				text.Align = fyne.TextAlignTrailing
			}
			row.cells = append(row.cells, text)
			r.box.Add(text)
		}
		r.rows = append(r.rows, row)
	}
	for n, cells := range r.t.rows {
		for i, c := range cells {
			color := c.Color
			if color == "" {
				color = Ink
			}
			r.rows[n].cells[i].SetColor(color)
			r.rows[n].cells[i].Set(c.Text)
		}
	}
}

func (r *tableRenderer) Refresh() {
	r.fill()
	r.Layout(r.size)
	r.box.Refresh()
}

func (r *tableRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.box} }

func (r *tableRenderer) Destroy() {}
