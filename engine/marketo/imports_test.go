package marketo_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

func title(text string) []marketo.Field {
	return []marketo.Field{{Name: "title", Type: record.Type{Kind: record.Text}, Value: record.Of(text)}}
}

// A file arrives as it was made, whatever stands in its values; its state is read, and the rows that it did not take.
func TestImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := []string{`a "quoted", one`, "of\ntwo lines", "null", "Łódź", "bad \xff"}
		f := marketo.NewFile([]string{"title"})
		want := [][]string{{"id", "title"}}
		for i, v := range values {
			id := record.MarketoID(int64(i + 1))
			if !f.Add(id, title(v)) {
				t.Fatal("full")
			}
			want = append(want, []string{string(id), strings.ToValidUTF8(v, "\uFFFD")})
		}
		s := &side{t: t, answer: func(r request) reply {
			switch {
			case r.method == "POST":
				_, params, err := mime.ParseMediaType(r.header.Get("Content-Type"))
				if err != nil {
					t.Fatal(err)
				}
				part, err := multipart.NewReader(bytes.NewReader(r.body), params["boundary"]).NextPart()
				if err != nil || part.FormName() != "file" {
					t.Fatal(err)
				}
				got, err := csv.NewReader(part).ReadAll()
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("the file (-sent +arrived), %v:\n%s", err, diff)
				}
				if q := r.query; q.Get("lookupField") != "id" || q.Get("format") != "csv" {
					t.Errorf("query %v", q)
				}
				return ok(`{"requestId":"a#1","success":true,"result":[{"batchId":1022,"importId":"1022","status":"Queued"}]}`)
			case strings.HasSuffix(r.path, "/failures.json"):
				return reply{status: 200, header: map[string]string{"Content-Type": "text/csv"}, body: "\ufeffid,title,Import Failure Reason\n2,\"of\ntwo lines\",Invalid data type in field Title\n5,x,no\n"}
			}
			return ok(`{"requestId":"a#1","success":true,"result":[{"batchId":1022,"status":"Complete","numOfLeadsProcessed":3,"numOfRowsFailed":2,"numOfRowsWithWarning":1,"message":"x"}]}`)
		}}
		c := newClient(t, s)
		job, err := c.ImportPeople(t.Context(), record.Push, f)
		if err != nil || job.ID != "1022" || job.Ended() {
			t.Fatalf("%+v, %v", job, err)
		}
		if job, err = c.Import(t.Context(), record.Bulk, job.ID); err != nil || !job.Ended() || job.Failed != 2 || job.Warned != 1 {
			t.Fatalf("%+v, %v", job, err)
		}
		failed, err := c.ImportFailures(t.Context(), record.Push, job.ID)
		if diff := cmp.Diff([]record.ID{"2", "5"}, failed); err != nil || diff != "" {
			t.Errorf("%v:\n%s", err, diff)
		}
	})
}

// A file takes rows until Marketo would refuse it.
func TestImportFileIsFull(t *testing.T) {
	f, n := marketo.NewFile([]string{"title"}), 0
	for f.Add("1234567", title(strings.Repeat(`"`, 100))) {
		n++
	}
	if n < 40_000 || n > 50_000 {
		t.Errorf("%d rows", n)
	}
}

// Where nobody knows whether an import is in the queue, it is told apart from one that is not.
func TestImportUnsure(t *testing.T) {
	for name, row := range map[string]struct {
		answer reply
		want   bool
	}{
		"lost":   {reply{err: io.ErrUnexpectedEOF}, true},
		"busy":   {reply{status: 503, body: "busy"}, true},
		"full":   {refuse("1016", "Too many imports"), false},
		"denied": {refuse("603", "Access denied"), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				posts := 0
				s := &side{t: t, answer: func(request) reply { posts++; return row.answer }}
				_, err := newClient(t, s).ImportPeople(t.Context(), record.Push, marketo.NewFile([]string{"title"}))
				if err == nil || marketo.Unsure(err) != row.want || posts != 1 {
					t.Errorf("%v after %d calls", err, posts)
				}
			})
		})
	}
}
