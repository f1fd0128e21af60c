package marketo

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Import is a bulk import of people as Marketo sees it (Marketo REST API, Bulk Import).
type Import struct {
	ID string
	// State is Queued, Importing, Complete or Failed. Complete does not mean that all rows were taken: see Failed.
	State  string
	Failed int // rows
	Warned int // rows that were taken all the same
}

// Ended reports whether an import has reached its last state.
func (i Import) Ended() bool { return i.State == "Complete" || i.State == "Failed" }

// mostImport is how large a file may be (Marketo REST API: less than 10 MB), with room for what surrounds it.
const mostImport = 9_500_000

// File is a file to import: the people's ids and the same fields of each.
type File struct {
	names []string
	buf   bytes.Buffer
	rows  *csv.Writer
	cells []string
}

// NewFile begins a file whose rows name a person and give values to some fields.
func NewFile(fields []string) *File {
	f := &File{names: append([]string{idField}, fields...)}
	f.rows = csv.NewWriter(&f.buf)
	f.write(f.names)
	return f
}

func (f *File) write(cells []string) {
	if err := f.rows.Write(cells); err == nil { // a buffer takes everything
		f.rows.Flush()
	}
}

// Add appends a row; false when the file is full. Values are in the order of the file's fields, and none may be blank: whether an empty cell
// empties a field or leaves it alone is not documented.
func (f *File) Add(id record.ID, fields []Field) bool {
	f.cells = append(f.cells[:0], string(id))
	size := len(id) + 2
	for _, v := range fields {
		text := strings.ToValidUTF8(v.Value.Text(), "\uFFFD")
		f.cells, size = append(f.cells, text), size+2*len(text)+3
	}
	if f.buf.Len()+size > mostImport {
		return false
	}
	f.write(f.cells)
	return true
}

// ImportPeople begins an import that changes people by their ids, and creates nobody. It is never repeated by itself: where the answer is
// lost, nobody knows whether it is in the queue, and nothing lists imports.
func (c *Client) ImportPeople(ctx context.Context, purpose record.Purpose, f *File) (job Import, err error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	file, err := parts.CreateFormFile("file", "people.csv")
	if err == nil {
		_, err = file.Write(f.buf.Bytes())
	}
	if err = errors.Join(err, parts.Close()); err != nil {
		return Import{}, localError(codeShape, err)
	}
	query := url.Values{"format": {"csv"}, "lookupField": {idField}}
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodPost, path: "/bulk/v1/leads.json", query: query, body: body.Bytes(), contentType: parts.FormDataContentType(), write: true,
		decode: job.decode,
	})
	return job, err
}

// Unsure reports whether a write that failed so may have happened.
func Unsure(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.doubtful() && refused.row.key != "queue" // a queue that is full has not taken it
}

// Import asks for the state of an import, which is known for seven days.
func (c *Client) Import(ctx context.Context, purpose record.Purpose, id string) (job Import, err error) {
	err = c.send(ctx, &request{purpose: purpose, method: http.MethodGet, path: "/bulk/v1/leads/batch/" + id + ".json", repeatable: true, decode: job.decode})
	return job, err
}

func (i *Import) decode(a *answer) error {
	*i = Import{}
	_, err := readEnvelope(a.body, func(dec *jsontext.Decoder) error {
		var shown struct {
			Batch  jsontext.Value `json:"batchId"`
			Status string         `json:"status"`
			Failed int            `json:"numOfRowsFailed"`
			Warned int            `json:"numOfRowsWithWarning"`
		}
		if err := json.UnmarshalDecode(dec, &shown, jsontext.AllowDuplicateNames(true)); err != nil {
			return err
		}
		*i = Import{ID: plain(shown.Batch), State: shown.Status, Failed: shown.Failed, Warned: shown.Warned}
		return nil
	})
	if err == nil && (!number.MatchString(i.ID) || i.State == "") {
		return errShape
	}
	return err
}

// ImportFailures gives the ids of the people whose rows an ended import did not take. Why is better asked with a call that writes them.
func (c *Client) ImportFailures(ctx context.Context, purpose record.Purpose, id string) (failed []record.ID, err error) {
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodGet, path: "/bulk/v1/leads/batch/" + id + "/failures.json", repeatable: true, accept: "text/csv",
		decode: func(a *answer) error {
			failed = nil
			rows, err := newFileReader(a)
			if err != nil {
				return err
			}
			for {
				row, err := rows.next()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				failed = append(failed, record.ID(strings.TrimSpace(strings.Clone(rows.cell(row, idField)))))
			}
		},
	})
	var none *Error
	if errors.As(err, &none) && none.Status == http.StatusNotFound {
		return nil, nil
	}
	return failed, err
}
