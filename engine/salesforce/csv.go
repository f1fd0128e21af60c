package salesforce

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// csvReader reads the CSV of a bulk result row by row, by the names in its header line.
type csvReader struct {
	rows   *csv.Reader
	header map[string]int // lower-case name -> place
	names  []string
}

// newCSVReader reads the header line. A file without one is empty or cut off.
func newCSVReader(body io.Reader) (*csvReader, error) {
	buffered := bufio.NewReader(body)
	if err := looksLikeCSV(buffered); err != nil {
		return nil, err
	}
	r := &csvReader{rows: csv.NewReader(buffered), header: map[string]int{}}
	r.rows.ReuseRecord = true
	first, err := r.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, localError(codeEmpty, nil) // blank lines only
	}
	if err != nil {
		return nil, csvError(err)
	}
	for i, name := range first {
		name = strings.TrimPrefix(strings.Clone(name), "\ufeff")
		r.names = append(r.names, name)
		r.header[strings.ToLower(name)] = i
	}
	return r, nil
}

func looksLikeCSV(body *bufio.Reader) error {
	first, err := body.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return localError(codeEmpty, nil)
	case err != nil:
		return err
	case first[0] == '<':
		return localError(codeHTML, nil)
	}
	return nil
}

// next reads one row; io.EOF ends the file. The strings are good until the next call.
func (r *csvReader) next() ([]string, error) {
	row, err := r.rows.Read()
	if err != nil {
		return nil, csvError(err)
	}
	return row, nil
}

// csvError hides the row, which the parser's own error may quote by position only, and types an end in the middle.
func csvError(err error) error {
	var syntax *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.As(err, &syntax):
		// A quote that never closes is what a file cut off inside a cell looks like; a short last row likewise.
		return localError(codeTruncated, syntax.Err)
	}
	return unreadable(err)
}

// appendCSV writes one row with LF. Every cell is quoted: a blank at its edge or a line break inside needs no thought
// then. Salesforce takes an empty cell for "leave alone" and #N/A for "make empty".
func appendCSV(b []byte, row []string) []byte {
	for i, cell := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(cell, `"`, `""`)...)
		b = append(b, '"')
	}
	return append(b, '\n')
}
