package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Job is a Bulk API 2.0 job as the org sees it.
type Job struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Operation string `json:"operation"`
	// State is Open, UploadComplete, InProgress, JobComplete, Failed or Aborted. JobComplete does not mean that rows
	// succeeded: see Failed.
	State     string `json:"state"`
	Message   string `json:"errorMessage"`
	Processed int    `json:"numberRecordsProcessed"`
	Failed    int    `json:"numberRecordsFailed"`
	// Created is the org's time when it was made; zero if it did not say.
	Created time.Time `json:"-"`
}

// Ended reports whether the job has reached its last state.
func (j Job) Ended() bool {
	return j.State == "JobComplete" || j.State == "Failed" || j.State == "Aborted"
}

// Err is nil unless the org ended the job without finishing it. What was done until then stays done.
func (j Job) Err() error {
	if j.State != "Failed" && j.State != "Aborted" {
		return nil
	}
	code, _, found := strings.Cut(j.Message, " : ")
	e := NewError(0, strings.TrimSpace(code), j.Message)
	if !found || codeIndex[strings.ToUpper(e.code)] == nil {
		e = NewError(0, codeJobFailed, j.Message)
	}
	return e
}

// Ingest describes a bulk load.
type Ingest struct {
	Object     record.Object
	Operation  string   // insert, update, upsert or delete
	ExternalID string   // the key of an upsert
	Columns    []string // API names; for an update one of them is Id
	// Started is told of each job before anything is sent to it: whoever remembers it can take it up later. nil tells nobody; an error
	// ends the load.
	Started func(Job) error
}

// mostUpload is what one job may carry: 150 MB after base64, for which Salesforce advises 100 MB (Bulk API 2.0 limits).
const mostUpload = 100_000_000

// BulkNull makes a field empty; an empty cell leaves it alone.
const BulkNull = "#N/A"

// Upload starts one job from rows and closes it, streaming. It takes rows until the next one would not fit into a job,
// or rows end; more says whether some are left, which the caller uploads with another call on the same rows. Rows
// must be sorted by parent, or parallel batches lock each other out.
//
// When it fails nothing was written: a job that is not closed does nothing, and is aborted. When the answer to the
// closing itself is lost, the job is asked for its state.
func (c *Client) Upload(ctx context.Context, purpose record.Purpose, in Ingest, rows *Rows) (job Job, more bool, err error) {
	if job, err = c.createJob(ctx, purpose, in); err != nil {
		return Job{}, false, err
	}
	if in.Started != nil {
		if err := in.Started(job); err != nil {
			return Job{}, false, errors.Join(err, c.Abort(context.WithoutCancel(ctx), purpose, job.ID))
		}
	}
	body := &csvBody{rows: rows, left: mostUpload, buf: appendCSV(nil, in.Columns)}
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodPut, path: c.data("/jobs/ingest/" + job.ID + "/batches"), stream: body, contentType: "text/csv", write: true,
		decode: func(*answer) error { return nil },
	})
	if err == nil {
		err = body.failed
	}
	if err != nil {
		return Job{}, false, errors.Join(err, c.Abort(context.WithoutCancel(ctx), purpose, job.ID))
	}
	closed, err := c.patchJob(ctx, purpose, "/jobs/ingest/"+job.ID, "UploadComplete")
	if err != nil {
		if now, asked := c.Job(ctx, purpose, job.ID); asked == nil && now.State != "Open" {
			return now, rows.more(), nil
		}
		return Job{}, false, err
	}
	return closed, rows.more(), nil
}

func (c *Client) createJob(ctx context.Context, purpose record.Purpose, in Ingest) (Job, error) {
	ask := struct {
		Object      record.Object `json:"object"`
		Operation   string        `json:"operation"`
		ExternalID  string        `json:"externalIdFieldName,omitempty"`
		ContentType string        `json:"contentType"`
		LineEnding  string        `json:"lineEnding"`
		Delimiter   string        `json:"columnDelimiter"`
	}{in.Object, in.Operation, in.ExternalID, "CSV", "LF", "COMMA"}
	return c.postJob(ctx, purpose, "/jobs/ingest", ask, true)
}

// postJob creates a job. An open ingest job and a second export do no harm, so that it may be repeated.
func (c *Client) postJob(ctx context.Context, purpose record.Purpose, resource string, ask any, write bool) (job Job, err error) {
	body, err := json.Marshal(ask)
	if err != nil {
		return Job{}, localError(codeLocal, err)
	}
	err = c.send(ctx, &request{purpose: purpose, method: http.MethodPost, path: c.data(resource), body: body, repeatable: true, write: write, decode: job.decode})
	return job, err
}

func (c *Client) patchJob(ctx context.Context, purpose record.Purpose, resource, state string) (job Job, err error) {
	body := []byte(`{"state":"` + state + `"}`)
	err = c.send(ctx, &request{purpose: purpose, method: http.MethodPatch, path: c.data(resource), body: body, repeatable: true, write: true, decode: job.decode})
	return job, err
}

// Abort ends an ingest job that has not ended. One that was never closed has written nothing.
func (c *Client) Abort(ctx context.Context, purpose record.Purpose, id string) error {
	_, err := c.patchJob(ctx, purpose, "/jobs/ingest/"+id, "Aborted")
	return err
}

func (j *Job) decode(a *answer) error {
	*j = Job{}
	shown := struct {
		*Job
		CreatedDate string `json:"createdDate"`
	}{Job: j}
	err := decodeJSON(a.body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, &shown) })
	if at, unread := parseStamp(shown.CreatedDate); unread == nil {
		j.Created = at
	}
	if err == nil && (j.ID == "" || j.State == "") {
		return localError(codeMalformed, errShape)
	}
	if err == nil && !idPart.MatchString(j.ID) {
		return localError(codeMalformed, errShape)
	}
	return err
}

// Job asks for the state of an ingest job.
func (c *Client) Job(ctx context.Context, purpose record.Purpose, id string) (Job, error) {
	return c.job(ctx, purpose, "/jobs/ingest/"+id)
}

func (c *Client) job(ctx context.Context, purpose record.Purpose, resource string) (job Job, err error) {
	err = c.send(ctx, &request{purpose: purpose, method: http.MethodGet, path: c.data(resource), repeatable: true, decode: job.decode})
	return job, err
}

// Wait asks for the state of an ingest job until it has ended, every two seconds at first, every minute at last.
func (c *Client) Wait(ctx context.Context, purpose record.Purpose, id string) (Job, error) {
	return c.wait(ctx, purpose, "/jobs/ingest/"+id)
}

func (c *Client) wait(ctx context.Context, purpose record.Purpose, resource string) (Job, error) {
	for pause := 2 * time.Second; ; pause = min(2*pause, time.Minute) {
		job, err := c.job(ctx, purpose, resource)
		if err != nil || job.Ended() {
			return job, err
		}
		if err := pace.Sleep(ctx, pause); err != nil {
			return job, err
		}
	}
}

// Outcome names a set of rows of an ended ingest job.
type Outcome string

// The outcomes.
const (
	Successful  Outcome = "successfulResults"
	Failures    Outcome = "failedResults"
	Unprocessed Outcome = "unprocessedrecords"
)

// BulkRow is one row of a job's results, in an order of its own: match it by a column that was sent.
type BulkRow struct {
	ID      record.ID
	Created bool
	Err     *Error // of failed rows
	cells   []string
	header  map[string]int
}

// Text is a cell by the name of its column, empty if there is none. It is good until the next row.
func (r BulkRow) Text(name string) string {
	if at, ok := r.header[strings.ToLower(name)]; ok && at < len(r.cells) {
		return r.cells[at]
	}
	return ""
}

// Results streams the rows of an ended ingest job that had the given outcome. An error ends it.
func (c *Client) Results(ctx context.Context, purpose record.Purpose, id string, outcome Outcome) iter.Seq2[BulkRow, error] {
	return func(yield func(BulkRow, error) bool) {
		done := 0 // rows handed out: after a broken download they are skipped
		stopped := false
		err := c.send(ctx, &request{
			purpose: purpose, method: http.MethodGet, path: c.data("/jobs/ingest/" + id + "/" + string(outcome) + "/"), accept: "text/csv", repeatable: true,
			decode: func(a *answer) error {
				rows, err := newCSVReader(a.body)
				if err != nil {
					return err
				}
				for n := 0; ; n++ {
					cells, err := rows.next()
					if errors.Is(err, io.EOF) {
						return nil
					}
					if err != nil {
						return err
					}
					if n < done {
						continue
					}
					done++
					if !yield(bulkRow(rows, cells), nil) {
						stopped = true
						return nil
					}
				}
			},
		})
		if err != nil && !stopped {
			yield(BulkRow{}, err)
		}
	}
}

func bulkRow(rows *csvReader, cells []string) BulkRow {
	r := BulkRow{cells: cells, header: rows.header}
	if id, err := record.LongID(r.Text("sf__Id")); err == nil {
		r.ID = id
	}
	r.Created = r.Text("sf__Created") == "true"
	if text := r.Text("sf__Error"); text != "" {
		r.Err = parseBulkError(text)
	}
	return r
}

// parseBulkError reads "CODE:message:field field --": cut at the first and the last colon.
func parseBulkError(text string) *Error {
	text = strings.Clone(text)
	code, rest, _ := strings.Cut(text, ":")
	message, fields := rest, []string(nil)
	if at := strings.LastIndex(rest, ":"); at >= 0 {
		message = rest[:at]
		fields = strings.Fields(strings.TrimSuffix(strings.TrimSpace(rest[at+1:]), "--"))
	}
	return NewError(0, strings.TrimSpace(code), message, fields...)
}

// Rows hands out the rows of a load one after the other, over several jobs if need be. Close it.
type Rows struct {
	next    func() ([]string, bool)
	stop    func()
	waiting []string
	width   int
}

// NewRows makes Rows of a sequence. Each row has the columns of the Ingest.
func NewRows(rows iter.Seq[[]string], width int) *Rows {
	next, stop := iter.Pull(rows)
	return &Rows{next: next, stop: stop, width: width}
}

// Close ends the sequence.
func (r *Rows) Close() { r.stop() }

func (r *Rows) peek() ([]string, bool) {
	if r.waiting == nil {
		row, ok := r.next()
		if !ok {
			return nil, false
		}
		r.waiting = row
	}
	return r.waiting, true
}

func (r *Rows) more() bool {
	_, ok := r.peek()
	return ok
}

// csvBody is the body of an upload: it makes CSV as it is read.
type csvBody struct {
	rows   *Rows
	buf    []byte
	left   int
	failed error
}

// Read gives the next bytes of the file, whole rows until the job is full.
func (b *csvBody) Read(p []byte) (int, error) {
	for len(b.buf) == 0 {
		row, ok := b.rows.peek()
		if !ok {
			return 0, io.EOF
		}
		if len(row) != b.rows.width {
			b.failed = localError(codeLocal, fmt.Errorf("a row of %d cells where %d columns are", len(row), b.rows.width))
			return 0, b.failed
		}
		line := appendCSV(nil, row)
		if len(line) > b.left {
			return 0, io.EOF
		}
		b.left -= len(line)
		b.buf = line
		b.rows.waiting = nil
	}
	n := copy(p, b.buf)
	b.buf = b.buf[n:]
	return n, nil
}
