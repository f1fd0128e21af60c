package org

import (
	"net/http"
	"strconv"
	"strings"
)

// delimiter is what stands between two cells.
type delimiter struct {
	name string
	char byte
}

func delimiterNamed(name string) (delimiter, bool) {
	for _, d := range []delimiter{{"COMMA", ','}, {"BACKQUOTE", '`'}, {"CARET", '^'}, {"PIPE", '|'}, {"SEMICOLON", ';'}, {"TAB", '\t'}} {
		if d.name == name {
			return d, true
		}
	}
	return delimiter{}, false
}

// csvRow is one row of an uploaded file. A row with a problem fails alone.
type csvRow struct {
	cells   []string
	problem string
}

// parseCSV takes a file apart by the rules of Bulk API 2.0: a quote is doubled inside quotes, nothing is trimmed, line
// ends are the job's. A problem of the whole file is a job's errorMessage.
func parseCSV(file string, comma byte, crlf bool) (header []string, rows []csvRow, problem string) {
	ending := "LF"
	if crlf {
		ending = "CRLF"
	}
	for rest := file; rest != ""; {
		row, after, end := parseRow(rest, comma)
		if end != "" && (end == "\r\n") != crlf {
			return header, nil, "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is " + ending
		}
		rest = after
		switch {
		case len(row.cells) == 1 && row.cells[0] == "" && row.problem == "":
			continue // a blank line
		case header == nil && row.problem != "":
			return nil, nil, "InvalidBatch : " + row.problem
		case header == nil:
			header = row.cells
			continue
		case len(row.cells) != len(header) && row.problem == "":
			row.problem = "The row has " + strconv.Itoa(len(row.cells)) + " columns where the header has " + strconv.Itoa(len(header))
		}
		rows = append(rows, row)
	}
	if header == nil {
		return nil, nil, "InvalidBatch : The content has no header row"
	}
	return header, rows, ""
}

// badQuote is said of a quote inside a cell without quotes and of anything between a quote and the cell's end.
const badQuote = "Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote"

// parseRow takes one row off the text; end is the line break that ended it.
func parseRow(text string, comma byte) (row csvRow, rest, end string) {
	for {
		var cell string
		if strings.HasPrefix(text, `"`) {
			cell, text = quoted(text[1:])
			if text != "" && text[0] != comma && !breaks(text) {
				row.problem = badQuote
			}
		}
		stop := len(text)
		for i := range len(text) {
			if text[i] == comma || breaks(text[i:]) {
				stop = i
				break
			}
		}
		if strings.Contains(text[:stop], `"`) {
			row.problem = badQuote
		}
		row.cells = append(row.cells, cell+text[:stop])
		text = text[stop:]
		switch {
		case text == "":
			return row, "", ""
		case text[0] == comma:
			text = text[1:]
		case text[0] == '\r':
			return row, text[2:], "\r\n"
		default:
			return row, text[1:], "\n"
		}
	}
}

func breaks(text string) bool { return text[0] == '\n' || strings.HasPrefix(text, "\r\n") }

// quoted reads to the quote that closes the cell; one that none closes reaches to the end.
func quoted(text string) (cell, rest string) {
	for from := 0; ; {
		at := strings.IndexByte(text[from:], '"')
		if at < 0 {
			return strings.ReplaceAll(text, `""`, `"`), ""
		}
		from += at
		if !strings.HasPrefix(text[from:], `""`) {
			return strings.ReplaceAll(text[:from], `""`, `"`), text[from+1:]
		}
		from += 2
	}
}

// csvWriter writes a result file: every cell in quotes.
type csvWriter struct {
	comma byte
	end   string
}

func (j *job) writer() csvWriter {
	if j.lineEnding == "CRLF" {
		return csvWriter{j.delimiter.char, "\r\n"}
	}
	return csvWriter{j.delimiter.char, "\n"}
}

func (w csvWriter) cell(b []byte, first bool, text string) []byte {
	if !first {
		b = append(b, w.comma)
	}
	b = append(b, '"')
	for {
		before, after, more := strings.Cut(text, `"`)
		b = append(b, before...)
		if !more {
			return append(b, '"')
		}
		b = append(b, `""`...)
		text = after
	}
}

// ingestResults answers the rows of an ended job that share a fate. They come in another order than they were sent.
func (o *Org) ingestResults(c *call, j *job, which string) {
	if !c.allow(http.MethodGet) {
		return
	}
	o.bulk.mu.Lock()
	ended := j.ended()
	o.bulk.mu.Unlock()
	if !ended {
		c.fail(badState("The job has not ended yet"))
		return
	}
	in, w := j.ingest, j.writer()
	b := c.out.buf
	switch which {
	case "successfulresults":
		b = append(b, `"sf__Id"`+string(w.comma)+`"sf__Created"`...)
	case "failedresults":
		b = append(b, `"sf__Id"`+string(w.comma)+`"sf__Error"`...)
	}
	for i, name := range in.header {
		if i > 0 || which != "unprocessedrecords" {
			b = append(b, w.comma)
		}
		b = append(b, name...)
	}
	b = append(b, w.end...)
	for i := len(in.rows) - 1; i >= 0; i-- {
		switch {
		case which == "unprocessedrecords" && i >= len(in.results):
		case which != "unprocessedrecords" && i < len(in.results) && (in.results[i].errs != nil) == (which == "failedresults"):
			b = w.fate(b, in.results[i])
		default:
			continue
		}
		for at, text := range in.rows[i].cells {
			b = w.cell(b, at == 0 && which == "unprocessedrecords", text)
		}
		b = append(b, w.end...)
	}
	c.out.buf, c.out.kind = b, "text/csv"
	c.ok(http.StatusOK)
}

// fate writes the first two cells of a processed row.
func (w csvWriter) fate(b []byte, r outcome) []byte {
	id := ""
	if r.object != nil && r.row != 0 && (r.errs == nil || r.errs[0].Code != noRow.Code) {
		id = r.object.longID(r.row)
	}
	b = w.cell(b, true, id)
	if r.errs == nil {
		return w.cell(b, false, strconv.FormatBool(r.created))
	}
	e := r.errs[0]
	fields := strings.Join(e.Fields, " ")
	if fields != "" {
		fields += " "
	}
	return w.cell(b, false, e.Code+":"+e.Message+":"+fields+"--")
}
