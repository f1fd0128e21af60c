package salesforce_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// org is a Salesforce that saves Collections writes, refuses what refuse says, and remembers how often it saved what.
type saver struct {
	t      testing.TB
	refuse func(row map[string]any) string // an error entry, "" to save
	whole  func(rows []map[string]any) (int, string)
	mu     sync.Mutex
	saved  map[string]int // by target
	sizes  []string       // what each call held
	parts  []part
}

func (s *saver) answer(r request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sizes []string
	rep := composite(s.t, func(_ int, p part) (int, string) {
		s.parts = append(s.parts, p)
		if p.Method == "GET" {
			sizes = append(sizes, "read")
			return 200, s.read(p)
		}
		var body struct {
			AllOrNone bool             `json:"allOrNone"`
			Records   []map[string]any `json:"records"`
		}
		if err := json.Unmarshal(p.Body, &body); err != nil {
			s.t.Fatal(err)
		}
		sizes = append(sizes, fmt.Sprintf("%s %d", p.Method, len(body.Records)))
		if s.whole != nil {
			if status, answer := s.whole(body.Records); status != 0 {
				return status, answer
			}
		}
		results := make([]string, len(body.Records))
		for i, row := range body.Records {
			results[i] = s.save(p, row)
		}
		return 200, "[" + strings.Join(results, ",") + "]"
	})(r)
	s.sizes = append(s.sizes, strings.Join(sizes, "+"))
	return rep
}

func (s *saver) save(p part, row map[string]any) string {
	if s.refuse != nil {
		if entry := s.refuse(row); entry != "" {
			return `{"success":false,"errors":[` + entry + `]}`
		}
	}
	target, ok := row["id"].(string)
	created := ""
	if !ok {
		key := row["Marketo_Person_Id__c"]
		target = string(leadID(90_000 + len(s.saved)))
		if key != nil {
			target = string(leadID(50_000 + int(key.(string)[0])))
			created = `,"created":` + fmt.Sprint(s.saved[target] == 0)
		}
	}
	if s.saved == nil {
		s.saved = map[string]int{}
	}
	s.saved[target]++
	return fmt.Sprintf(`{"id":%q,"success":true,"errors":[]%s}`, target, created)
}

func (s *saver) read(p part) string {
	u, err := url.Parse(p.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	var rows []string
	for id := range strings.SplitSeq(u.Query().Get("ids"), ",") {
		row := fmt.Sprintf(`{"attributes":{"type":"Lead"},"Id":%q,"LastModifiedDate":%q`, id, stamp(epoch))
		for name := range strings.SplitSeq(u.Query().Get("fields"), ",") {
			switch name {
			case "Title":
				row += `,"Title":"before"`
			case "Score__c":
				row += `,"Score__c":5.0`
			}
		}
		rows = append(rows, row+"}")
	}
	return "[" + strings.Join(rows, ",") + "]"
}

func titles(text string) []salesforce.Field {
	return []salesforce.Field{{Name: "Title", Type: record.Type{Kind: record.Text}, Value: record.Of(text)}}
}

func updates(n int, readBack bool) []salesforce.Write {
	rows := make([]salesforce.Write, n)
	for i := range rows {
		rows[i] = salesforce.Write{Key: int64(i), Object: record.Lead, ID: leadID(i), Fields: titles("t"), ReadBack: readBack}
	}
	return rows
}

// partlyRead are updates of which only the first are read back.
func partlyRead(n, read int) []salesforce.Write {
	rows := updates(n, false)
	for i := range read {
		rows[i].ReadBack = true
	}
	return rows
}

func creations(n int) []salesforce.Write {
	rows := make([]salesforce.Write, n)
	for i := range rows {
		rows[i] = salesforce.Write{Key: int64(i), Object: record.Lead, Fields: titles("t")}
	}
	return rows
}

func TestWritesTakeFewCalls(t *testing.T) {
	upserts := []salesforce.Write{
		{Key: 1, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", UpsertValue: "a", Fields: titles("t")},
		{Key: 2, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", UpsertValue: "A", Fields: titles("t")},
	}
	cases := []struct {
		name string
		rows []salesforce.Write
		want []string
	}{
		{"a thousand rows", updates(1000, false), []string{"PATCH 200+PATCH 200+PATCH 200+PATCH 200+PATCH 200"}},
		{"one more", updates(1001, false), []string{"PATCH 200+PATCH 200+PATCH 200+PATCH 200+PATCH 200", "PATCH 1"}},
		{"four hundred read back", updates(400, true), []string{"read+PATCH 200+read+PATCH 200"}},
		{"one more", updates(401, true), []string{"read+PATCH 200+read+PATCH 200", "read+PATCH 1"}},
		{"reads leave a place", append(updates(400, true), updates(1, false)...), []string{"read+PATCH 200+read+PATCH 200+PATCH 1"}},
		{"what is not read fills each call", partlyRead(1000, 600), []string{"read+PATCH 200+read+PATCH 200+PATCH 200", "read+PATCH 200+PATCH 200"}},
		{"creations travel alone", append(updates(1, false), creations(2)...), []string{"PATCH 1", "POST 2"}},
		{"one key twice", upserts, []string{"PATCH 1+PATCH 1"}},
		{"one record twice", append(updates(2, false), updates(1, false)...), []string{"PATCH 2+PATCH 1"}},
		{"nothing", nil, nil},
	}
	for _, row := range cases {
		t.Run(row.name, func(t *testing.T) {
			s := &saver{t: t}
			results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, row.rows)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, s.sizes); diff != "" {
				t.Error(diff)
			}
			if len(results) != len(row.rows) {
				t.Fatalf("%d results of %d rows", len(results), len(row.rows))
			}
			for i, r := range results {
				if r.Key != row.rows[i].Key || r.Err != nil || r.ID == "" || (row.rows[i].ID != "" && r.ID != row.rows[i].ID) {
					t.Fatalf("place %d: %+v for %+v", i, r, row.rows[i])
				}
			}
		})
	}
}

func TestWriteReadsBack(t *testing.T) {
	s := &saver{t: t}
	rows := []salesforce.Write{{Key: 9, Object: record.Lead, ID: leadID(1), ReadBack: true, Fields: []salesforce.Field{
		{Name: "Score__c", Type: record.Type{Kind: record.Integer}, Value: record.Of("7")},
		{Name: "Title", Type: record.Type{Kind: record.Text}},
	}}}
	results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, rows)
	if err != nil {
		t.Fatal(err)
	}
	want := []salesforce.Result{{Key: 9, ID: leadID(1), Before: []record.Value{record.Of("5"), record.Of("before")}, Edited: epoch}}
	if diff := cmp.Diff(want, results, cmp.AllowUnexported(record.Value{}), cmp.AllowUnexported(salesforce.Error{})); diff != "" {
		t.Error(diff)
	}
	if body := string(s.parts[1].Body); !strings.Contains(body, `"Score__c":7,"Title":null`) {
		t.Errorf("sent %s", body)
	}
	if s.parts[1].HTTPHeaders["Sforce-Auto-Assign"] != "FALSE" {
		t.Error("an update may re-route an owner")
	}
}

func TestRowsAreRefusedOneByOne(t *testing.T) {
	s := &saver{t: t, refuse: func(row map[string]any) string {
		switch row["Title"] {
		case "locked":
			return `{"statusCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record or 1 records: 003","fields":[]}`
		case "twice":
			return `{"statusCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"no ada@example.com","fields":["Title"]},{"statusCode":"STRING_TOO_LONG","message":"x","fields":["Title"]}`
		}
		return ""
	}}
	rows := updates(3, false)
	rows[0].Fields, rows[1].Fields = titles("locked"), titles("twice")
	results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, rows)
	if err != nil {
		t.Fatal(err)
	}
	if e := results[0].Err; e == nil || e.Class() != pace.Locked || !e.Retryable() || e.ID != leadID(0) {
		t.Errorf("locked: %v", e)
	}
	if e := results[1].Err; e == nil || e.Class() != pace.Refused || e.Retryable() || len(e.More) != 1 || strings.Contains(e.Error(), "ada") {
		t.Errorf("refused: %v", e)
	} else if s := e.Sentence(); !strings.Contains(s.Text, "Lead "+string(leadID(1))) || !strings.Contains(s.Text, "Title") {
		t.Errorf("sentence: %q", s.Text)
	}
	if results[2].Err != nil {
		t.Error(results[2].Err)
	}
}

// One value that the parser does not take refuses the whole chunk. Only its row may fail.
func TestOneBadRowDoesNotTakeItsNeighbours(t *testing.T) {
	for _, whole := range []bool{false, true} {
		t.Run(fmt.Sprint("whole call ", whole), func(t *testing.T) {
			bad := func(rows []map[string]any) bool {
				for _, row := range rows {
					if row["Title"] == "bad" {
						return true
					}
				}
				return false
			}
			const refusal = `[{"errorCode":"JSON_PARSER_ERROR","message":"Cannot deserialize instance of double"}]`
			s := &saver{t: t}
			answer := s.answer
			if whole {
				answer = func(r request) reply {
					if strings.Contains(string(r.body), `"bad"`) {
						return reply{status: 400, body: refusal}
					}
					return s.answer(r)
				}
			} else {
				s.whole = func(rows []map[string]any) (int, string) {
					if bad(rows) {
						return 400, refusal
					}
					return 0, ""
				}
			}
			rows := updates(700, false)
			rows[333].Fields = titles("bad")
			results, err := newClient(t, &side{t: t, answer: answer}).Write(t.Context(), record.Push, rows)
			if err != nil || len(results) != 700 {
				t.Fatal(len(results), err)
			}
			for i, r := range results {
				if (r.Err != nil) != (i == 333) {
					t.Errorf("row %d: %v", i, r.Err)
				}
			}
			for id, n := range s.saved {
				if n != 1 {
					t.Errorf("%s was saved %d times", id, n)
				}
			}
		})
	}
}

// Where more are at fault than can be found at once, the others are not refused for it: they are sent again.
func TestManyBadRowsDoNotTakeTheirNeighbours(t *testing.T) {
	s := &saver{t: t}
	s.whole = func(rows []map[string]any) (int, string) {
		for _, row := range rows {
			if row["Title"] == "bad" {
				return 400, `[{"errorCode":"JSON_PARSER_ERROR","message":"Cannot deserialize instance of double"}]`
			}
		}
		return 0, ""
	}
	rows := updates(600, false)
	for i := range rows {
		if i%20 == 7 {
			rows[i].Fields = titles("bad")
		}
	}
	for round := 0; len(rows) > 0; round++ {
		results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, rows)
		if err != nil || len(results) != len(rows) || round > 10 {
			t.Fatal(round, len(results), err)
		}
		var again []salesforce.Write
		for i, r := range results {
			bad := rows[i].Fields[0].Value.Text() == "bad"
			switch {
			case r.Err == nil && bad, r.Err != nil && r.Err.Class() == pace.Ours && !bad:
				t.Fatalf("row %d: %v", i, r.Err)
			case r.Err != nil && r.Err.Class() == pace.Transient:
				again = append(again, rows[i])
			}
		}
		rows = again
	}
}

func TestRowsThatCannotBeSent(t *testing.T) {
	s := &saver{t: t}
	bad := []salesforce.Write{
		{Key: 1, Object: "Lead/../x", Fields: titles("t")},
		{Key: 2, Object: record.Lead, ID: "123", Fields: titles("t")},
		{Key: 3, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", Fields: titles("t")},
		{Key: 4, Object: record.Lead, ID: leadID(1), Fields: []salesforce.Field{{Name: "Score__c", Type: record.Type{Kind: record.Integer}, Value: record.Of("many")}}},
		{Key: 5, Object: record.Lead, ID: leadID(2), Fields: []salesforce.Field{{Name: `T","x":"`, Type: record.Type{Kind: record.Text}}}},
		{Key: 6, Object: record.Lead, ID: leadID(3), Fields: titles("fine")},
	}
	results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, bad)
	if err != nil || len(results) != len(bad) {
		t.Fatal(results, err)
	}
	for i, r := range results {
		if (r.Err == nil) != (i == 5) {
			t.Errorf("row %d: %v", i, r.Err)
		}
	}
	if len(s.saved) != 1 {
		t.Errorf("%d saved", len(s.saved))
	}
}

// Very wide rows are read in smaller groups: an address has its limit.
func TestWideRowsStillFit(t *testing.T) {
	s := &saver{t: t}
	rows := updates(200, true)
	for i := range rows {
		for n := range 300 {
			name := fmt.Sprintf("A_Field_With_A_Rather_Long_Name_%03d__c", n)
			rows[i].Fields = append(rows[i].Fields, salesforce.Field{Name: name, Type: record.Type{Kind: record.Text}})
		}
	}
	results, err := newClient(t, &side{t: t, answer: s.answer}).Write(t.Context(), record.Push, rows)
	if err != nil || len(results) != 200 || len(s.saved) != 200 {
		t.Fatal(len(results), len(s.saved), err)
	}
	for _, p := range s.parts {
		if len(p.URL) > 16_000 {
			t.Errorf("an address of %d bytes", len(p.URL))
		}
	}
}

// A write may take long: the org's automation runs inside it.
func TestWritesArePatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &saver{t: t}
		c := newClient(t, &side{t: t, answer: func(r request) reply {
			time.Sleep(100 * time.Second)
			return s.answer(r)
		}})
		if _, err := c.Write(t.Context(), record.Push, updates(1, false)); err != nil {
			t.Fatal(err)
		}
	})
}
