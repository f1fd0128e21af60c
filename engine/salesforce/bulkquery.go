package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// bulkPage is how many rows a result page is asked to have; the server gives between 50,000 and 250,000 of its own accord.
const bulkPage = 50_000

// Export is what a bulk query reads: an object's records, deleted ones included, in no order.
type Export struct {
	Object  record.Object
	Columns []record.Column
	// OtherID is the field that carries the Marketo id, empty where the org has none.
	OtherID string
	// Where restricts it ("UserType = 'Standard'"), empty for all.
	Where string
	// Editors asks who changed each record last.
	Editors bool
}

func (e Export) layout() (*layout, error) {
	l, err := newLayout(e.Object, e.Columns, e.OtherID)
	if err == nil && e.Editors {
		err = l.system("LastModifiedById", sysEditor)
	}
	return l, err
}

// Query is what it asks for, in SOQL.
func (e Export) Query() (string, error) {
	l, err := e.layout()
	if err != nil {
		return "", err
	}
	soql := "SELECT " + strings.Join(l.names(), ",") + " FROM " + string(l.object)
	if e.Where != "" {
		soql += " WHERE " + e.Where
	}
	return soql, nil
}

// StartExport begins a bulk query. Job.Created is the org's time: what changes later is for a feed to read.
func (c *Client) StartExport(ctx context.Context, purpose record.Purpose, e Export) (Job, error) {
	soql, err := e.Query()
	if err != nil {
		return Job{}, err
	}
	ask := struct {
		Operation  string `json:"operation"`
		Query      string `json:"query"`
		Delimiter  string `json:"columnDelimiter"`
		LineEnding string `json:"lineEnding"`
	}{"queryAll", soql, "COMMA", "LF"}
	return c.postJob(ctx, purpose, "/jobs/query", ask, false)
}

// ExportJob asks for the state of a bulk query.
func (c *Client) ExportJob(ctx context.Context, purpose record.Purpose, id string) (Job, error) {
	return c.job(ctx, purpose, "/jobs/query/"+id)
}

// WaitExport asks for the state of a bulk query until it has ended, every two seconds at first, every minute at last.
func (c *Client) WaitExport(ctx context.Context, purpose record.Purpose, id string) (Job, error) {
	return c.wait(ctx, purpose, "/jobs/query/"+id)
}

// AbortExport ends a bulk query that has not ended.
func (c *Client) AbortExport(ctx context.Context, purpose record.Purpose, id string) error {
	_, err := c.patchJob(ctx, purpose, "/jobs/query/"+id, "Aborted")
	return err
}

// ExportPage reads one page of the results of a bulk query that is complete, from a locator on; the empty one is the first page. next is
// the locator of the page behind it, empty after the last one. Locators are good as long as the job, seven days.
//
// A download that breaks is begun anew, and no row is handed out twice by one call. It counts the rows against what the server announced,
// since a CSV cut off between two rows looks whole. While rows are handed out it holds one of the org's concurrent calls. An error of row
// ends it and is given back.
func (c *Client) ExportPage(ctx context.Context, purpose record.Purpose, e Export, id, locator string, row func(record.Record) error) (next string, err error) {
	l, err := e.layout()
	if err != nil {
		return "", err
	}
	path := c.data("/jobs/query/" + id + "/results?maxRecords=" + strconv.Itoa(bulkPage))
	if locator != "" {
		path += "&locator=" + escapeQuery(locator)
	}
	done := 0
	var stopped error
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
				stopped = row(r)
				return stopped == nil
			})
			if err == nil && stopped == nil && announced >= 0 && n != announced {
				return localError(codeTruncated, fmt.Errorf("%d of %d rows", n, announced))
			}
			return err
		},
	})
	switch {
	case stopped != nil:
		return "", stopped
	case err != nil:
		return "", err
	case next == "null":
		return "", nil
	case next != "" && next == locator:
		return "", localError(codeLocal, errors.New("the export does not move on"))
	}
	return next, nil
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
