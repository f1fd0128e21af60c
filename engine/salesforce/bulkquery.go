package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// bulkPage is how many rows a result page is asked to have; the server gives between 50,000 and 250,000 of its own accord.
const bulkPage = 50_000

// Export reads a whole object, deleted rows included, through a bulk query: one call to ask, some to wait, one for each
// 50,000 rows. Rows come in no order. Use it above some ten thousand rows, and let a feed read on from the server's
// time before it began. where restricts it ("SystemModstamp >= 2026-01-01T00:00:00Z"), empty for all.
//
// A download that breaks is taken up at the page where it broke; no row is yielded twice. An error ends it. While rows
// are handed out the download holds one of the org's concurrent calls, so a loop that calls the org needs another.
func (c *Client) Export(ctx context.Context, purpose record.Purpose, object record.Object, cols []record.Column, otherID, where string) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		l, err := newLayout(object, cols, otherID)
		if err != nil {
			yield(record.Record{}, err)
			return
		}
		id, err := c.startExport(ctx, purpose, l, where)
		if err != nil {
			yield(record.Record{}, err)
			return
		}
		locator := ""
		for {
			next, stopped, err := c.exportPage(ctx, purpose, l, id, locator, func(r record.Record) bool { return yield(r, nil) })
			if stopped {
				return
			}
			if err != nil {
				yield(record.Record{}, err)
				return
			}
			if next == "" || next == "null" {
				return
			}
			if next == locator {
				yield(record.Record{}, localError(codeMalformed, errors.New("the export does not move on")))
				return
			}
			locator = next
		}
	}
}

func (c *Client) startExport(ctx context.Context, purpose record.Purpose, l *layout, where string) (string, error) {
	soql := "SELECT " + strings.Join(l.names(), ",") + " FROM " + string(l.object)
	if where != "" {
		soql += " WHERE " + where
	}
	ask := struct {
		Operation  string `json:"operation"`
		Query      string `json:"query"`
		Delimiter  string `json:"columnDelimiter"`
		LineEnding string `json:"lineEnding"`
	}{"queryAll", soql, "COMMA", "LF"}
	job, err := c.postJob(ctx, purpose, "/jobs/query", ask, false)
	if err != nil {
		return "", err
	}
	ended, err := c.wait(ctx, purpose, "/jobs/query/"+job.ID)
	if err == nil {
		err = ended.Err()
	}
	return job.ID, err
}

// exportPage reads one page of results. It counts the rows against what the server announced, since a CSV cut off
// between two rows looks whole.
func (c *Client) exportPage(ctx context.Context, purpose record.Purpose, l *layout, id, locator string, row func(record.Record) bool) (next string, stopped bool, err error) {
	path := c.data("/jobs/query/" + id + "/results?maxRecords=" + strconv.Itoa(bulkPage))
	if locator != "" {
		path += "&locator=" + escapeQuery(locator)
	}
	done := 0
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodGet, path: path, accept: "text/csv", repeatable: true,
		decode: func(a *answer) error {
			next = a.header.Get("Sforce-Locator")
			announced, err := strconv.Atoi(a.header.Get("Sforce-NumberOfRecords"))
			if err != nil {
				announced = -1
			}
			n, err := decodeExport(a.body, l, func(n int, r record.Record) bool {
				if n < done {
					return true
				}
				done++
				stopped = !row(r)
				return !stopped
			})
			if err == nil && !stopped && announced >= 0 && n != announced {
				return localError(codeTruncated, fmt.Errorf("%d of %d rows", n, announced))
			}
			return err
		},
	})
	return next, stopped, err
}

// decodeExport hands out the rows of one page with their number, until row says no.
func decodeExport(body io.Reader, l *layout, row func(n int, r record.Record) bool) (int, error) {
	rows, err := newCSVReader(body)
	if err != nil {
		return 0, err
	}
	places := make([]int, len(rows.names)) // of each column's field, -1 for none
	for i, name := range rows.names {
		places[i] = -1
		if at, ok := l.index[strings.ToLower(name)]; ok {
			places[i] = at
		}
	}
	d := newRowDecoder(l)
	for n := 0; ; n++ {
		cells, err := rows.next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		r, err := d.csvRow(cells, places)
		if err != nil {
			return n, unreadable(err)
		}
		if !row(n, r) {
			return n, nil
		}
	}
}

// csvRow makes a record of one row of CSV. An empty cell is null.
func (d *rowDecoder) csvRow(cells []string, places []int) (record.Record, error) {
	d.buf = d.buf[:0]
	clear(d.cells)
	for i, at := range places {
		if at < 0 || i >= len(cells) {
			continue
		}
		from := len(d.buf)
		d.buf = append(d.buf, cells[i]...)
		d.cells[at] = cell{from: from, to: len(d.buf), state: text}
	}
	return d.record()
}
