package report

import (
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Paper is a report to print or to keep: sentences and tables, in the language of whoever reads it.
type Paper struct {
	Title, Intro string
	Sections     []PaperSection
	Made         time.Time
	MadeText     string
}

// PaperSection is a heading, what is said under it, and a table. Without columns it has no table.
type PaperSection struct {
	Head    string
	Lines   []string
	Columns []PaperColumn
	Rows    [][]string
}

// PaperColumn is a column of a table: its heading, its share of the width, and whether it holds numbers, which stand to the right.
type PaperColumn struct {
	Head   string
	Weight float64
	Number bool
}

// rowHeight is how high a line of a table is, in millimetres.
const rowHeight = 4.6

// PDF writes the paper on A4.
func (p Paper) PDF(w io.Writer) error {
	doc := newDocument(p.Title, p.Made, 18)
	s := sheet{doc}
	s.write("B", 15, ink, p.Title)
	doc.Ln(2)
	s.write("", 10, ink, p.Intro)
	for _, section := range p.Sections {
		doc.Ln(5)
		if doc.GetY() > 250 { // a heading stays with what is under it
			doc.AddPage()
		}
		s.write("B", 12, ink, section.Head)
		for _, line := range section.Lines {
			doc.Ln(1)
			s.write("", 9.5, ink, line)
		}
		if len(section.Columns) > 0 && len(section.Rows) > 0 {
			doc.Ln(1.5)
			s.table(section)
		}
	}
	doc.Ln(6)
	s.write("", 8, soft, p.MadeText)
	return doc.Output(w)
}

// sheet is what is written on.
type sheet struct{ *fpdf.Fpdf }

func (s sheet) write(style string, size float64, colour [3]int, text string) {
	s.SetFont("Noto", style, size)
	s.SetTextColor(colour[0], colour[1], colour[2])
	s.MultiCell(0, size*0.5, text, "", "L", false)
}

// table writes a table whose texts break where they are too long; a row stays together.
func (s sheet) table(section PaperSection) {
	page, _ := s.GetPageSize()
	left, _, right, _ := s.GetMargins()
	sum := 0.0
	for _, c := range section.Columns {
		sum += c.Weight
	}
	widths, head := make([]float64, len(section.Columns)), make([]string, len(section.Columns))
	for i, c := range section.Columns {
		widths[i], head[i] = (page-left-right)*c.Weight/sum, c.Head
	}
	s.row(section, widths, head, "B", soft)
	for _, row := range section.Rows {
		s.row(section, widths, row, "", ink)
	}
}

func (s sheet) row(section PaperSection, widths []float64, row []string, style string, colour [3]int) {
	s.SetFont("Noto", style, 8.5)
	s.SetTextColor(colour[0], colour[1], colour[2])
	lines, most := make([][]string, len(row)), 1
	for i, text := range row {
		lines[i] = s.SplitText(text, widths[i]-2)
		most = max(most, len(lines[i]))
	}
	height := float64(most)*rowHeight + 1.2
	if _, page := s.GetPageSize(); s.GetY()+height > page-18 {
		s.AddPage()
		s.SetFont("Noto", style, 8.5)
		s.SetTextColor(colour[0], colour[1], colour[2])
	}
	x, y := s.GetX(), s.GetY()
	for i := range row {
		align := "L"
		if section.Columns[i].Number {
			align = "R"
		}
		for n, line := range lines[i] {
			s.SetXY(x, y+float64(n)*rowHeight)
			s.CellFormat(widths[i]-2, rowHeight, line, "", 0, align, false, 0, "")
		}
		x += widths[i]
	}
	left, _, right, _ := s.GetMargins()
	width, _ := s.GetPageSize()
	s.SetDrawColor(0xdd, 0xd2, 0xc6)
	s.Line(left, y+height-0.6, width-right, y+height-0.6)
	s.SetXY(left, y+height)
}
