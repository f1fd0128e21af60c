package app

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// sheet is a table that is written as a workbook (ECMA-376, SpreadsheetML): one sheet, its head fixed and bold, each column with a filter. It
// is written here and not by a library because those take as long to start as the rest of the command line, whatever is asked of it.
type sheet struct {
	name string
	head []string
	rows [][]any // string, bool, int, float64, or nil for an empty cell
	// percent are the columns, from 0, whose numbers are shares.
	percent map[int]bool
}

// The parts of a workbook that are always the same. Styles: 0 plain, 1 bold, 2 percent.
const (
	xlsxTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	xlsxRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	xlsxBook = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	xlsxStyles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="9" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`
	xlsxMain = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
)

// write writes the workbook.
func (s sheet) write(w io.Writer) error {
	book := fmt.Sprintf(`<workbook xmlns=%q xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		xlsxMain, escaped(s.name))
	z := zip.NewWriter(w)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", xlsxTypes}, {"_rels/.rels", xlsxRels}, {"xl/workbook.xml", book}, {"xl/_rels/workbook.xml.rels", xlsxBook},
		{"xl/styles.xml", xlsxStyles}, {"xl/worksheets/sheet1.xml", s.table()},
	} {
		f, err := z.Create(part.name)
		if err == nil {
			_, err = io.WriteString(f, xml.Header+part.text)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("write the workbook: %w", err), z.Close())
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// table is the sheet's own part.
func (s sheet) table() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<worksheet xmlns=%q><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`, xlsxMain)
	for i, title := range s.head {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, max(12, utf8.RuneCountInString(title)+4))
	}
	b.WriteString(`</cols><sheetData>`)
	head := make([]any, len(s.head))
	for i, title := range s.head {
		head[i] = title
	}
	s.row(&b, 1, head)
	for i, row := range s.rows {
		s.row(&b, i+2, row)
	}
	fmt.Fprintf(&b, `</sheetData><autoFilter ref="A1:%s%d"/></worksheet>`, columnName(len(s.head)-1), len(s.rows)+1)
	return b.String()
}

func (s sheet) row(b *bytes.Buffer, n int, cells []any) {
	fmt.Fprintf(b, `<row r="%d">`, n)
	for i, cell := range cells {
		place, style := columnName(i)+strconv.Itoa(n), 0
		switch {
		case n == 1:
			style = 1
		case s.percent[i]:
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
	b.WriteString(`</row>`)
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
