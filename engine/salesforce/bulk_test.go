package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

const jobID = "7505f000000KxRpAAK"

func jobJSON(state, more string) string {
	return fmt.Sprintf(`{"id":%q,"object":"Lead","operation":"update","state":%q,"apiVersion":61.0%s}`, jobID, state, more)
}

// jobs is the bulk service: what was uploaded, how often it was asked, and what it answers.
type jobs struct {
	t        testing.TB
	steps    []string
	uploaded []string
	polls    int
	upload   reply
	closing  reply
	results  func(r request) reply
}

func (j *jobs) answer(r request) reply {
	step := r.method + " " + strings.TrimPrefix(r.path, "/services/data/v61.0/jobs/")
	step = strings.ReplaceAll(step, jobID, "ID")
	if r.method == "PATCH" {
		step += " " + between(string(r.body), `"state":"`, `"`)
	}
	j.steps = append(j.steps, step)
	switch {
	case r.method == "POST":
		return ok(jobJSON(map[bool]string{true: "Open", false: "UploadComplete"}[strings.Contains(r.path, "ingest")], ""))
	case r.method == "PUT":
		j.uploaded = append(j.uploaded, string(r.body))
		if j.upload.status != 0 || j.upload.err != nil {
			return j.upload
		}
		return reply{status: 201}
	case strings.HasSuffix(step, "UploadComplete"):
		if j.closing.status != 0 || j.closing.err != nil {
			return j.closing
		}
		return ok(jobJSON("UploadComplete", ""))
	case r.method == "PATCH":
		return ok(jobJSON("Aborted", ""))
	case strings.HasSuffix(r.path, jobID):
		j.polls++
		if j.polls < 4 {
			return ok(jobJSON("InProgress", ""))
		}
		return ok(jobJSON("JobComplete", `,"numberRecordsProcessed":2,"numberRecordsFailed":1`))
	}
	return j.results(r)
}

var leadUpdate = salesforce.Ingest{Object: record.Lead, Operation: "update", Columns: []string{"Id", "Title"}}

func TestUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &jobs{t: t}
		c := newClient(t, &side{t: t, answer: j.answer})
		rows := salesforce.NewRows(slices.Values([][]string{{"a", "x, \"y\"\nz"}, {"b", salesforce.BulkNull}}), 2)
		defer rows.Close()
		job, more, err := c.Upload(t.Context(), record.WriteBack, leadUpdate, rows)
		if err != nil || more || job.State != "UploadComplete" {
			t.Fatal(job, more, err)
		}
		if want := "\"Id\",\"Title\"\n\"a\",\"x, \"\"y\"\"\nz\"\n\"b\",\"#N/A\"\n"; j.uploaded[0] != want {
			t.Errorf("uploaded %q", j.uploaded[0])
		}
		began := time.Now()
		job, err = c.Wait(t.Context(), record.WriteBack, job.ID)
		if err != nil || !job.Ended() || job.Failed != 1 || job.Err() != nil {
			t.Errorf("%+v, %v", job, err)
		}
		if took := time.Since(began); took != (2+4+8)*time.Second {
			t.Errorf("four polls in %v", took)
		}
	})
}

// A load too large for one job goes on in the next, no row lost and none twice.
func TestUploadSplits(t *testing.T) {
	j := &jobs{t: t}
	c := newClient(t, &side{t: t, answer: j.answer})
	const all = 2100
	cell := strings.Repeat("x", 100_000)
	rows := salesforce.NewRows(func(yield func([]string) bool) {
		for i := range all {
			if !yield([]string{fmt.Sprint(i), cell}) {
				return
			}
		}
	}, 2)
	defer rows.Close()
	for more := true; more; {
		var err error
		if _, more, err = c.Upload(t.Context(), record.WriteBack, leadUpdate, rows); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, file := range j.uploaded {
		if len(file) > 100_000_100 {
			t.Errorf("a file of %d bytes", len(file))
		}
		for _, line := range strings.Split(strings.TrimSuffix(file, "\n"), "\n")[1:] {
			if !strings.HasPrefix(line, fmt.Sprintf(`"%d",`, n)) {
				t.Fatalf("row %d is %.20s", n, line)
			}
			n++
		}
	}
	if n != all || len(j.uploaded) != 3 {
		t.Errorf("%d rows in %d files", n, len(j.uploaded))
	}
}

// A load that breaks writes nothing: the job is aborted, and creations are not sent twice.
func TestUploadBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &jobs{t: t, upload: reply{err: errors.New("reset")}}
		c := newClient(t, &side{t: t, answer: j.answer})
		rows := salesforce.NewRows(slices.Values([][]string{{"a", "b"}}), 2)
		defer rows.Close()
		_, _, err := c.Upload(t.Context(), record.WriteBack, leadUpdate, rows)
		var failure pace.Failure
		if !errors.As(err, &failure) || failure.Code() != "NETWORK" {
			t.Fatal(err)
		}
		if want := []string{"POST ingest", "PUT ingest/ID/batches", "PATCH ingest/ID Aborted"}; !slices.Equal(j.steps, want) {
			t.Errorf("steps %v, want %v", j.steps, want)
		}
	})
}

func TestUploadClosingLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &jobs{t: t, closing: reply{err: errors.New("reset")}, polls: 9}
		c := newClient(t, &side{t: t, answer: j.answer})
		rows := salesforce.NewRows(slices.Values([][]string{{"a", "b"}}), 2)
		defer rows.Close()
		job, _, err := c.Upload(t.Context(), record.WriteBack, leadUpdate, rows)
		if err != nil || job.State != "JobComplete" {
			t.Errorf("%+v, %v", job, err)
		}
	})
}

func TestUploadChecksRows(t *testing.T) {
	j := &jobs{t: t}
	rows := salesforce.NewRows(slices.Values([][]string{{"a"}}), 2)
	defer rows.Close()
	if _, _, err := newClient(t, &side{t: t, answer: j.answer}).Upload(t.Context(), record.WriteBack, leadUpdate, rows); err == nil {
		t.Error("a short row was sent")
	}
	if !slices.Contains(j.steps, "PATCH ingest/ID Aborted") {
		t.Errorf("steps %v", j.steps)
	}
}

func TestJobsThatEndBadly(t *testing.T) {
	for message, want := range map[string]string{
		"InvalidBatch : Field name not found : Foo__c": "InvalidBatch",
		"TooManyLockFailure : too many":                "TooManyLockFailure",
		"":                                             "JOB_FAILED",
		"anything":                                     "JOB_FAILED",
	} {
		err := salesforce.Job{State: "Failed", Message: message}.Err()
		var failure pace.Failure
		if !errors.As(err, &failure) || failure.Code() != want {
			t.Errorf("%q: %v", message, err)
		}
	}
}

func TestResults(t *testing.T) {
	j := &jobs{t: t, results: func(r request) reply {
		if !strings.HasSuffix(r.path, "/failedResults/") {
			t.Errorf("asked %s", r.path)
		}
		return reply{status: 200, body: "\"sf__Id\",\"sf__Error\",Id,Title\n\"\",\"UNABLE_TO_LOCK_ROW:unable: 003:--\",\"a\",\"x\"\n\"00Q5f00000KxRpa\",\"STRING_TOO_LONG:too large:Title --\",\"b\",\"y\ny\"\n"}
	}}
	var got []string
	for row, err := range newClient(t, &side{t: t, answer: j.answer}).Results(t.Context(), record.WriteBack, jobID, salesforce.Failures) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %v %q", row.Text("id"), row.Err.Code(), row.Err.Fields, row.Text("Title")))
	}
	if want := []string{`a UNABLE_TO_LOCK_ROW [] "x"`, `b STRING_TOO_LONG [Title] "y\ny"`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// exportRow is a CSV line of an export of leads with their e-mail.
func exportRow(n int) string {
	return fmt.Sprintf("\"%s\",\"2026-11-24T10:00:00.000Z\",\"2026-11-24T10:00:00.000Z\",\"false\",\"\",\"false\",\"\",\"p%d@example.com\"\n", leadID(n), n)
}

const exportHead = "\"Id\",\"SystemModstamp\",\"LastModifiedDate\",\"IsDeleted\",\"MasterRecordId\",\"IsConverted\",\"ConvertedContactId\",\"Email\"\n"

// An export walks its pages to the end, takes up a page that broke where it broke, and notices one that was cut off
// between two rows.
func TestExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broke := map[string]int{}
		j := &jobs{t: t}
		j.results = func(r request) reply {
			locator := between(r.query+"&", "locator=", "&")
			first := map[string]int{"": 0, "two": 100, "three": 200}[locator]
			next := map[string]string{"": "two", "two": "three", "three": "null"}[locator]
			lines := exportHead
			for i := range 100 {
				lines += exportRow(first + i)
			}
			header := map[string]string{"Content-Type": "text/csv", "Sforce-Locator": next, "Sforce-NumberOfRecords": "100"}
			broke[locator]++
			switch {
			case locator == "" && broke[locator] == 1:
				return reply{status: 200, header: header, body: lines[:len(lines)/2], cut: true}
			case locator == "two" && broke[locator] == 1:
				return reply{status: 200, header: header, body: strings.Join(strings.SplitAfter(lines, "\n")[:51], "")}
			}
			return reply{status: 200, header: header, body: lines}
		}
		n := 0
		s := &side{t: t, answer: j.answer}
		for r, err := range export(t.Context(), newClient(t, s, inMode(record.Observe)), salesforce.Export{Object: record.Lead, Columns: emailColumn}) {
			if err != nil {
				t.Fatal(err)
			}
			if r.ID != leadID(n) || r.Values[0].Text() != fmt.Sprintf("p%d@example.com", n) || r.Err != nil || !r.Modified.Equal(epoch) {
				t.Fatalf("row %d: %+v", n, r)
			}
			n++
		}
		if n != 300 || broke[""] != 2 || broke["two"] != 2 || broke["three"] != 1 {
			t.Errorf("%d rows, downloads %v", n, broke)
		}
	})
}

// A loop over rows can be left at any row, and takes as long as it likes.
func TestExportLeftEarlyAndSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &jobs{t: t, results: func(request) reply {
			return reply{status: 200, header: map[string]string{"Sforce-Locator": "null", "Sforce-NumberOfRecords": "3"}, body: exportHead + exportRow(1) + exportRow(2) + exportRow(3)}
		}}
		c := newClient(t, &side{t: t, answer: j.answer})
		n := 0
		for _, err := range export(t.Context(), c, salesforce.Export{Object: record.Lead, Columns: emailColumn}) {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestExportThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t, answer: func(r request) reply {
			if r.method == "POST" {
				return ok(jobJSON("UploadComplete", ""))
			}
			return ok(jobJSON("Failed", `,"errorMessage":"retried more than 15 times"`))
		}}
		err := drain(export(t.Context(), newClient(t, s), salesforce.Export{Object: record.Lead}))
		var failure pace.Failure
		if !errors.As(err, &failure) || failure.Code() != "JOB_FAILED" {
			t.Errorf("err = %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := drain(export(ctx, newClient(t, s), salesforce.Export{Object: record.Lead})); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	})
}

// export reads a whole object by a bulk query.
func export(ctx context.Context, c *salesforce.Client, e salesforce.Export) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		job, err := c.StartExport(ctx, record.FirstRead, e)
		if err == nil {
			job, err = c.WaitExport(ctx, record.FirstRead, job.ID)
		}
		if err == nil {
			err = job.Err()
		}
		left := errors.New("left early")
		for next := "first"; err == nil && next != ""; {
			locator := next
			if locator == "first" {
				locator = ""
			}
			next, err = c.ExportPage(ctx, record.FirstRead, e, job.ID, locator, func(r record.Record) error {
				if !yield(r, nil) {
					return left
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, left) {
			yield(record.Record{}, err)
		}
	}
}
