package marketo

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// number is what ids of imports look like, uuid those of extracts.
var (
	number = regexp.MustCompile(`^\d+$`)
	uuid   = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}$`)
)

// fileReader reads a bulk file row by row, by the names in its first line.
type fileReader struct {
	rows   *csv.Reader
	names  []string
	places map[string]int
}

// newFileReader reads the first line. What comes in an envelope in place of a file is a refusal.
func newFileReader(a *answer) (*fileReader, error) {
	body := bufio.NewReader(a.body)
	if first, err := body.Peek(1); err == nil && (first[0] == '{' || first[0] == '<') {
		return nil, notAFile(&answer{body: body})
	}
	f := &fileReader{rows: csv.NewReader(body), places: map[string]int{}}
	f.rows.ReuseRecord, f.rows.FieldsPerRecord = true, 0
	names, err := f.next()
	if errors.Is(err, io.EOF) {
		return nil, localError(codeBroken, nil)
	}
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		name = strings.TrimPrefix(strings.Clone(name), "\ufeff")
		f.names = append(f.names, name)
		f.places[name] = i
	}
	return f, nil
}

// notAFile is why something else came in place of a file: mostly a refusal in an envelope.
func notAFile(a *answer) error {
	if _, err := readEnvelope(a.body, func(dec *jsontext.Decoder) error { return dec.SkipValue() }); err != nil {
		return err
	}
	return errShape
}

// next reads one row; io.EOF ends the file. The texts are good until the next call.
func (f *fileReader) next() ([]string, error) {
	row, err := f.rows.Read()
	var syntax *csv.ParseError
	if errors.As(err, &syntax) { // cut off inside a cell, or in a row
		return nil, localError(codeBroken, nil)
	}
	return row, err
}

// cell is a row's cell by the name of its column, empty where there is none.
func (f *fileReader) cell(row []string, name string) string {
	if i, ok := f.places[name]; ok && i < len(row) {
		return row[i]
	}
	return ""
}
