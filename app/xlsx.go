package app

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sheet is a table that is written as a workbook of its own.
type sheet struct {
	name string
	head []string
	rows [][]any // string, bool, int, float64, or nil for an empty cell
	// percent are the columns, from 0, whose numbers are shares.
	percent map[int]bool
}

// write writes the workbook.
func (s sheet) write(w io.Writer) error {
	b := newBook(w)
	return errors.Join(b.add(s.name, s.head, s.percent, func(row func([]any) error) error {
		for _, cells := range s.rows {
			if err := row(cells); err != nil {
				return err
			}
		}
		return nil
	}), b.close())
}

// book is a workbook (ECMA-376, SpreadsheetML) that is written as it comes: the head of each sheet fixed and bold, each column with a filter.
// It is written here and not by a library because those take as long to start as the rest of the command line, whatever is asked of it.
type book struct {
	z      *zip.Writer
	sheets []string // their names
}

// The parts of a workbook that are always the same. Styles: 0 plain, 1 bold, 2 percent.
const (
	xlsxTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`%s<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	xlsxType  = `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`
	xlsxRels  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	xlsxBooks = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s` +
		`<Relationship Id="rId0" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	xlsxBook   = `<Relationship Id="rId%[1]d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%[1]d.xml"/>`
	xlsxStyles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="9" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`
	xlsxMain = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
)

// sheetRows is how many rows a sheet holds (Excel specifications and limits), its head among them. A variable for tests alone.
var sheetRows = 1 << 20

func newBook(w io.Writer) *book { return &book{z: zip.NewWriter(w)} }

// add writes a sheet; rows hands over one row after the other. What does not fit on one goes on on another.
func (b *book) add(name string, head []string, percent map[int]bool, rows func(row func([]any) error) error) error {
	var at *page
	begin := func() (err error) {
		title := name
		if at != nil {
			title = fmt.Sprintf("%s %d", name, at.part+1)
		}
		at, err = b.begin(at, title, head, percent)
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	if err := rows(func(cells []any) error {
		if at.n >= sheetRows {
			if err := at.end(); err != nil {
				return err
			}
			if err := begin(); err != nil {
				return err
			}
		}
		return at.add(cells)
	}); err != nil {
		return err
	}
	return at.end()
}

// page is a sheet that is being written.
type page struct {
	w       *bufio.Writer
	columns int
	percent map[int]bool
	n, part int
}

func (b *book) begin(before *page, title string, head []string, percent map[int]bool) (*page, error) {
	b.sheets = append(b.sheets, title)
	f, err := b.z.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(b.sheets)))
	if err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	p := &page{w: bufio.NewWriter(f), columns: len(head), percent: percent, part: 1}
	if before != nil {
		p.part = before.part + 1
	}
	fmt.Fprintf(p.w, `%s<worksheet xmlns=%q><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`, xml.Header, xlsxMain)
	cells := make([]any, len(head))
	for i, title := range head {
		fmt.Fprintf(p.w, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, max(12, utf8.RuneCountInString(title)+4))
		cells[i] = title
	}
	p.w.WriteString(`</cols><sheetData>`)
	return p, p.add(cells)
}

// end ends a sheet. A writer that failed says so here at the latest.
func (p *page) end() error {
	fmt.Fprintf(p.w, `</sheetData><autoFilter ref="A1:%s%d"/></worksheet>`, columnName(p.columns-1), p.n)
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// close writes what ties the sheets together.
func (b *book) close() error {
	var types, books, sheets strings.Builder
	for i, name := range b.sheets {
		fmt.Fprintf(&types, xlsxType, i+1)
		fmt.Fprintf(&books, xlsxBook, i+1)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped(name), i+1, i+1)
	}
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", fmt.Sprintf(xlsxTypes, types.String())}, {"_rels/.rels", xlsxRels}, {"xl/styles.xml", xlsxStyles}, {"xl/_rels/workbook.xml.rels", fmt.Sprintf(xlsxBooks, books.String())},
		{"xl/workbook.xml", fmt.Sprintf(`<workbook xmlns=%q xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>%s</sheets></workbook>`, xlsxMain, sheets.String())},
	} {
		f, err := b.z.Create(part.name)
		if err == nil {
			_, err = io.WriteString(f, xml.Header+part.text)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("write the workbook: %w", err), b.z.Close())
		}
	}
	if err := b.z.Close(); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// add writes a row; the first is the head.
func (p *page) add(cells []any) error {
	p.n++
	b := p.w
	fmt.Fprintf(b, `<row r="%d">`, p.n)
	for i, cell := range cells {
		place, style := columnName(i)+strconv.Itoa(p.n), 0
		switch {
		case p.n == 1:
			style = 1
		case p.percent[i]:
			style = 2
		}
		switch v := cell.(type) {
		case nil:
		case string:
			if v != "" {
				fmt.Fprintf(b, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, place, style, escaped(v))
			}
		case bool:
			fmt.Fprintf(b, `<c r="%s" s="%d" t="b"><v>%d</v></c>`, place, style, map[bool]int{true: 1}[v])
		default:
			fmt.Fprintf(b, `<c r="%s" s="%d"><v>%v</v></c>`, place, style, v)
		}
	}
	if _, err := b.WriteString(`</row>`); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// columnName is a column's letters: A for 0, AA for 26.
func columnName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return columnName(i/26-1) + string(rune('A'+i%26))
}

func escaped(text string) string {
	var b bytes.Buffer
	// A buffer takes everything; what XML cannot hold is replaced.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
