package marketo

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Extract is what a bulk extract reads: everybody who was created in a stretch of time, both ends included.
type Extract struct {
	From, Until time.Time
	Columns     []record.Column
	OtherID     string
}

// MostExtract is the longest stretch of one extract (Marketo REST API, Bulk Extract: 31 days).
const MostExtract = 31 * 24 * time.Hour

// ExtractJob is a bulk extract as Marketo sees it.
type ExtractJob struct {
	ID string
	// State is Created, Queued, Processing, Completed, Failed or Canceled.
	State string
	Size  int64  // of the file, in bytes; known of a completed one
	Sum   string // its SHA-256, in hexadecimal; empty if Marketo did not say
}

// Err is nil unless the job came to an end without a file.
func (j ExtractJob) Err() error {
	switch j.State {
	case "Failed", "Canceled", "Cancelled":
		return NewError(0, codeExtract, j.State)
	}
	return nil
}

const (
	exportsPath  = "/bulk/v1/leads/export"
	extractState = "/status.json"
)

// CreateExtract defines an extract. It does nothing until it is queued.
func (c *Client) CreateExtract(ctx context.Context, purpose record.Purpose, e Extract) (ExtractJob, error) {
	body, err := json.Marshal(map[string]any{
		"fields": personLayout(e.Columns, e.OtherID).names, "format": "CSV",
		"filter": map[string]any{"createdAt": map[string]string{"startAt": parameter(e.From), "endAt": parameter(e.Until)}},
	}, json.Deterministic(true))
	if err != nil {
		return ExtractJob{}, localError(codeShape, err)
	}
	return c.extract(ctx, purpose, http.MethodPost, "/create.json", body)
}

func parameter(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// QueueExtract puts an extract into the queue, where ten of all programs together have room, until their files of a day hold 500 MB. One
// that is in it already stays there.
func (c *Client) QueueExtract(ctx context.Context, purpose record.Purpose, id string) error {
	_, err := c.extract(ctx, purpose, http.MethodPost, "/"+id+"/enqueue.json", nil)
	var refused *Error
	if errors.As(err, &refused) && refused.row.key == "queue.already" {
		return nil
	}
	return err
}

// ExtractJob asks for the state of an extract. It changes once a minute.
func (c *Client) ExtractJob(ctx context.Context, purpose record.Purpose, id string) (ExtractJob, error) {
	return c.extract(ctx, purpose, http.MethodGet, "/"+id+extractState, nil)
}

func (c *Client) extract(ctx context.Context, purpose record.Purpose, method, path string, body []byte) (job ExtractJob, err error) {
	err = c.send(ctx, &request{purpose: purpose, method: method, path: exportsPath + path, body: body, repeatable: true, decode: func(a *answer) error {
		job = ExtractJob{}
		_, err := readEnvelope(a.body, func(dec *jsontext.Decoder) error {
			var shown struct {
				ID     string `json:"exportId"`
				Status string `json:"status"`
				Size   int64  `json:"fileSize"`
				Sum    string `json:"fileChecksum"`
			}
			if err := json.UnmarshalDecode(dec, &shown, jsontext.AllowDuplicateNames(true)); err != nil {
				return err
			}
			job = ExtractJob{ID: shown.ID, State: shown.Status, Size: shown.Size, Sum: strings.TrimPrefix(shown.Sum, "sha256:")}
			return nil
		})
		if err == nil && (!uuid.MatchString(job.ID) || job.State == "") {
			return errShape
		}
		return err
	}})
	return job, err
}

// ExtractPart reads people from a completed extract's file: from a byte on that a row begins with, 0 at first, as many as stand whole in
// most bytes. read are the bytes that they stood in; the next part begins behind them, at Size there is none. A file is there for seven days.
func (c *Client) ExtractPart(ctx context.Context, purpose record.Purpose, e Extract, job ExtractJob, from, most int64) (people []record.Record, read []byte, err error) {
	until := min(from+most, job.Size)
	var part []byte
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodGet, path: exportsPath + "/" + job.ID + "/file.json", repeatable: true, accept: "text/csv",
		ranged: fmt.Sprintf("bytes=%d-%d", from, until-1),
		decode: func(a *answer) error {
			if a.status != http.StatusPartialContent {
				return notAFile(a)
			}
			part, err = io.ReadAll(a.body)
			if err == nil && int64(len(part)) != until-from {
				return localError(codeBroken, nil)
			}
			return err
		},
	})
	if err != nil {
		return nil, nil, err
	}
	l := personLayout(e.Columns, e.OtherID)
	people, n, err := l.people(part, from == 0, until == job.Size)
	return people, part[:n], err
}

// people reads the whole rows of a part of a file, and tells where they end. Its columns stand in the order in which they were asked for; the
// first line names them.
func (l *layout) people(part []byte, first, last bool) (people []record.Record, end int64, err error) {
	rows := csv.NewReader(bytes.NewReader(part))
	rows.FieldsPerRecord, rows.ReuseRecord = len(l.names), true
	for {
		cells, err := rows.Read()
		at := rows.InputOffset()
		cut := !last && (at >= int64(len(part)) && (len(part) == 0 || part[len(part)-1] != '\n') || err != nil)
		switch {
		case errors.Is(err, io.EOF):
			return people, end, nil
		case cut && end > 0: // the part ends in the middle of a row
			return people, end, nil
		case err != nil, cut:
			return nil, 0, localError(codeShape, nil)
		case first && end == 0:
			if !slices.Equal(cells, l.names) {
				return nil, 0, localError(codeShape, nil)
			}
		default:
			rec := l.blank()
			for i, text := range cells {
				if text != "null" { // which is how an empty value is written
					l.place(&rec, i, strings.Clone(unprinted.Replace(text)))
				}
			}
			if rec.ID == "" {
				return nil, 0, localError(codeShape, nil)
			}
			people = append(people, rec)
		}
		end = at
	}
}

// unprinted are characters that files were seen to hold and that no value has.
var unprinted = strings.NewReplacer("\x00", "", "\r", "")
