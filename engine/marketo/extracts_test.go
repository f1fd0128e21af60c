package marketo_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

// A file read in parts of any size gives the same people, whatever stands in their values, and each byte is read.
func TestExtractInParts(t *testing.T) {
	columns := []record.Column{
		{Name: "title", Type: record.Type{Kind: record.Text}}, {Name: "unsubscribed", Type: record.Type{Kind: record.Boolean}},
	}
	file := "email,id,salesforceId,title,unsubscribed,updatedAt\n" +
		"ada@example.com,1,0035f00000KxRpA,\"a \"\"quoted\"\", one\",true,2026-01-02T03:04:05Z\n" +
		"null,2,null,\"of\ntwo \r\nlines, \"\"\",null,2026-01-02T03:04:05Z\n" +
		"łódź@example.com,3,null,Nu\x00ll,false,null\n"
	value := func(texts ...string) (values []record.Value) {
		for _, text := range texts {
			values = append(values, record.Of(text))
		}
		return values
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := []record.Record{
		{Object: record.Person, ID: "1", OtherID: "0035f00000KxRpAAAV", Email: record.Of("ada@example.com"), Modified: at, Values: value(`a "quoted", one`, "true")},
		{Object: record.Person, ID: "2", Modified: at, Values: value("of\ntwo \nlines, \"", "false")},
		{Object: record.Person, ID: "3", Email: record.Of("łódź@example.com"), Values: value("Null", "false")},
	}
	e := marketo.Extract{Columns: columns, OtherID: "salesforceId"}
	job := marketo.ExtractJob{ID: "12345678-1234-1234-1234-123456789012", Size: int64(len(file))}
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t, answer: func(r request) reply {
			var from, to int
			if _, err := fmt.Sscanf(r.header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil || r.path != "/bulk/v1/leads/export/"+job.ID+"/file.json" {
				t.Fatalf("%s %v", r.path, err)
			}
			return reply{status: 206, header: map[string]string{"Content-Type": "text/csv"}, body: file[from : to+1]}
		}}
		c := newClient(t, s)
		for most := int64(110); most <= job.Size+1; most++ {
			var got []record.Record
			var read []byte
			for int64(len(read)) < job.Size {
				people, part, err := c.ExtractPart(t.Context(), record.FirstRead, e, job, int64(len(read)), most)
				if err != nil || len(part) == 0 {
					t.Fatalf("in parts of %d, from %d: %v", most, len(read), err)
				}
				got, read = append(got, people...), append(read, part...)
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b record.Value) bool { return a == b }), cmpopts.EquateEmpty()); diff != "" || string(read) != file {
				t.Fatalf("in parts of %d (-want +got):\n%s", most, diff)
			}
		}
	})
}

// What is no file that was asked for is refused, and never taken for an end.
func TestExtractOfSomethingElse(t *testing.T) {
	head := "email,id,updatedAt\n"
	for name, file := range map[string]string{
		"other columns": "id,email,updatedAt\n1,a@b.c,null\n", "a cell too few": head + "a@b.c,1\n", "nobody": head + "a@b.c,null,null\n", "an open quote": head + "\"a@b.c,1,null\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, answer: func(request) reply { return reply{status: 206, body: file} }}
				_, _, err := newClient(t, s).ExtractPart(t.Context(), record.FirstRead, marketo.Extract{}, marketo.ExtractJob{ID: "1", Size: int64(len(file))}, 0, 1<<20)
				if err == nil {
					t.Error("it was believed")
				}
			})
		})
	}
}

// An extract is asked for, queued and followed; one that is in the queue already is.
func TestExtractJob(t *testing.T) {
	const id = "12345678-1234-1234-1234-123456789012"
	synctest.Test(t, func(t *testing.T) {
		queued := 0
		s := &side{t: t, answer: func(r request) reply {
			switch {
			case strings.HasSuffix(r.path, "/create.json"):
				if got := string(r.body); got != `{"fields":["email","id","salesforceId","title","updatedAt"],"filter":{"createdAt":{"endAt":"2026-02-01T00:00:00Z","startAt":"2026-01-01T00:00:00Z"}},"format":"CSV"}` {
					t.Errorf("asked for %s", got)
				}
				return result(`{"exportId":"` + id + `","status":"Created","format":"CSV"}`)
			case strings.HasSuffix(r.path, "/enqueue.json"):
				if queued++; queued > 1 {
					return refuse("1029", "Job already queued")
				}
				return result(`{"exportId":"` + id + `","status":"Queued"}`)
			}
			return result(`{"exportId":"` + id + `","status":"Completed","fileSize":` + strconv.Itoa(77) + `,"fileChecksum":"sha256:abc"}`)
		}}
		c := newClient(t, s)
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		job, err := c.CreateExtract(t.Context(), record.Bulk, marketo.Extract{
			From: from, Until: from.AddDate(0, 1, 0), OtherID: "salesforceId", Columns: []record.Column{{Name: "title", Type: record.Type{Kind: record.Text}}},
		})
		if err != nil || job.ID != id {
			t.Fatalf("%+v, %v", job, err)
		}
		for range 2 {
			if err := c.QueueExtract(t.Context(), record.Bulk, id); err != nil {
				t.Fatal(err)
			}
		}
		job, err = c.ExtractJob(t.Context(), record.Bulk, id)
		if want := (marketo.ExtractJob{ID: id, State: "Completed", Size: 77, Sum: "abc"}); err != nil || job != want {
			t.Errorf("%+v, %v", job, err)
		}
		for state, ends := range map[string]bool{"Failed": true, "Canceled": true, "Cancelled": true, "Queued": false, "Processing": false} {
			if err := (marketo.ExtractJob{State: state}).Err(); (err != nil) != ends {
				t.Errorf("%s: %v", state, err)
			}
		}
	})
}
