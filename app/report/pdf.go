package report

import (
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/doppio-sync/doppio/assets"
)

// Colours of printed pages, those of the window.
var (
	ink  = [3]int{0x2b, 0x21, 0x1b}
	soft = [3]int{0x6a, 0x5d, 0x54}
	bad  = [3]int{0xa8, 0x32, 0x2a}
	warn = [3]int{0x8a, 0x5a, 0x10}
)

// newDocument is an A4 document with its first page; the margin is in millimetres.
func newDocument(title string, made time.Time, margin float64) *fpdf.Fpdf {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.AddUTF8FontFromBytes("Noto", "", assets.NotoSans)
	doc.AddUTF8FontFromBytes("Noto", "B", assets.NotoSansBold)
	doc.SetTitle(title, true)
	doc.SetCreationDate(made)
	doc.SetModificationDate(made)
	doc.SetMargins(margin, margin, margin)
	doc.SetAutoPageBreak(true, margin)
	doc.AddPage()
	return doc
}

// PDF writes the request on A4.
func (r Request) PDF(w io.Writer) error {
	p := r.page()
	doc := newDocument(p.Title, r.Made, 20)
	write := func(style string, size float64, colour [3]int, text string) {
		doc.SetFont("Noto", style, size)
		doc.SetTextColor(colour[0], colour[1], colour[2])
		doc.MultiCell(0, size*0.5, text, "", "L", false)
	}
	write("B", 16, ink, p.Title)
	doc.Ln(3)
	write("", 10, ink, p.Intro)
	doc.Ln(2)
	if len(r.Asks) == 0 {
		write("", 10, ink, p.Nothing)
	} else {
		write("", 10, ink, p.Package)
	}
	for _, s := range p.Sections {
		colour := warn
		if s.Grave {
			colour = bad
		}
		doc.Ln(5)
		write("B", 12, colour, s.Head)
		for _, it := range s.Items {
			doc.Ln(2)
			if doc.GetY() > 255 { // an item stays together
				doc.AddPage()
			}
			what := it.What
			if it.By != "" {
				what = it.By + " " + what
			}
			write("B", 10, ink, what)
			write("", 9, soft, p.Why+": "+it.Why)
			write("", 9, soft, p.How+": "+it.How)
		}
	}
	doc.Ln(6)
	write("", 8, soft, p.Made)
	return doc.Output(w)
}
