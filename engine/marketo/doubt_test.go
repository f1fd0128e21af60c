package marketo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// saver is a Marketo that creates and changes whatever it is told to, and counts.
type saver struct {
	t     *testing.T
	saved map[string]int // by key
	sizes []int
}

type sent struct {
	Action      string           `json:"action"`
	LookupField string           `json:"lookupField"`
	DedupeBy    string           `json:"dedupeBy"`
	Partition   string           `json:"partitionName"`
	Input       []map[string]any `json:"input"`
}

func (s *saver) read(r request) sent {
	s.t.Helper()
	var body sent
	if err := json.Unmarshal(r.body, &body); err != nil {
		s.t.Fatal(err)
	}
	return body
}

func (s *saver) answer(r request) reply {
	body := s.read(r)
	if s.saved == nil {
		s.saved = map[string]int{}
	}
	s.sizes = append(s.sizes, len(body.Input))
	var elements []string
	for i, row := range body.Input {
		key := fmt.Sprint(row[body.LookupField])
		if body.DedupeBy != "" {
			key = fmt.Sprint(row["externalCompanyId"])
		}
		s.saved[key]++
		element := fmt.Sprintf(`{"id":%d,"status":"created"`, 1000+i)
		if body.DedupeBy != "" {
			element += fmt.Sprintf(`,"seq":%d`, i)
		}
		elements = append(elements, element+"}")
	}
	if body.DedupeBy != "" {
		slices.Reverse(elements) // seq says who is who
	}
	return result(elements...)
}

func creations(n int) []marketo.Write {
	rows := make([]marketo.Write, n)
	for i := range rows {
		rows[i] = marketo.Write{Key: int64(i), LookupField: "email", LookupValue: fmt.Sprintf("p%d@example.com", i)}
	}
	return rows
}

// TestLostAnswers: no duplicates (promise 3): a write whose answer is lost is sent once and reported in doubt, whatever the loss looks like.
func TestLostAnswers(t *testing.T) {
	lost := map[string]func(reply) reply{
		"reset":     func(reply) reply { return reply{err: errors.New("connection reset by peer")} },
		"cut off":   func(r reply) reply { r.cut, r.body = true, r.body[:len(r.body)/2]; return r },
		"empty":     func(reply) reply { return ok("") },
		"html 502":  func(reply) reply { return reply{status: 502, body: "<html>"} },
		"604":       func(reply) reply { return refuse("604", "Request timed out") },
		"611":       func(reply) reply { return refuse("611", "System error") },
		"too short": func(reply) reply { return result() },
		"time-out":  func(reply) reply { return reply{hang: true} },
	}
	update := []marketo.Write{{Key: 5, ID: "7", Fields: emailField}}
	for name, lose := range lost {
		for kind, rows := range map[string][]marketo.Write{"creation": creations(3), "update": update} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &saver{t: t}
					results, err := newClient(t, &side{t: t, answer: func(r request) reply { return lose(s.answer(r)) }}).WritePeople(t.Context(), record.Push, rows)
					var doubt *pace.InDoubt
					if !errors.As(err, &doubt) || len(doubt.Keys) != len(rows) || len(results) != 0 {
						t.Fatalf("%d results, err = %v", len(results), err)
					}
					for key, n := range s.saved {
						if n != 1 {
							t.Errorf("%s was sent %d times", key, n)
						}
					}
				})
			})
		}
	}
}

// TestRefusedCallsAreNotInDoubt: what was not carried out may be sent again, and what waits cures nothing is told.
func TestRefusedCallsAreNotInDoubt(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  reply
		failed bool
		quota  bool
	}{
		{"too fast", refuse("606", "Max rate limit '100' exceeded with in '20' secs"), false, false},
		{"too many at once", refuse("615", "Concurrent access limit reached"), false, false},
		{"token expired", refuse("602", "Access token expired"), false, false},
		{"throttled", reply{status: 429}, false, false},
		{"out of calls", refuse("607", "Daily quota reached"), true, true},
		{"denied", refuse("603", "Access denied"), true, false},
		{"native sync", refuse("1018", "CRM Enabled"), true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &saver{t: t}
				calls := 0
				results, err := newClient(t, &side{t: t, answer: func(r request) reply {
					if calls++; calls == 1 {
						return c.first
					}
					return s.answer(r)
				}}).WritePeople(t.Context(), record.Push, creations(2))
				var doubt *pace.InDoubt
				if errors.As(err, &doubt) || (err != nil) != c.failed || errors.Is(err, pace.ErrQuota) != c.quota {
					t.Fatalf("err = %v", err)
				}
				if want := map[bool]int{true: 0, false: 2}[c.failed]; len(results) != want || len(s.saved) != want {
					t.Errorf("%d results, %d saved, want %d", len(results), len(s.saved), want)
				}
			})
		})
	}
}

// TestOneBadRowDoesNotTakeItsNeighbours: a call that is refused as a whole for the sake of one record, or of several, is halved until
// these are alone, and the others are written.
func TestOneBadRowDoesNotTakeItsNeighbours(t *testing.T) {
	for _, c := range []struct {
		refusal reply
		every   int // which rows are at fault
	}{
		{refuse("1003", "Value for field cannot be read"), 1000}, {refuse("1006", "Field 'x' not found"), 1000},
		{refuse("609", "Invalid JSON"), 1000}, {reply{status: 413}, 1000}, {refuse("1003", "Value for field cannot be read"), 40},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &saver{t: t}
			client := newClient(t, &side{t: t, answer: func(r request) reply {
				for _, row := range s.read(r).Input {
					var n int
					if _, err := fmt.Sscanf(fmt.Sprint(row["email"]), "p%d@", &n); err == nil && n%c.every == 17 {
						return c.refusal
					}
				}
				return s.answer(r)
			}})
			left := creations(700)
			for round := 0; len(left) > 0; round++ {
				results, err := client.WritePeople(t.Context(), record.Push, left)
				if err != nil || len(results) != len(left) || round > 10 {
					t.Fatal(round, len(results), err)
				}
				var again []marketo.Write
				for i, r := range results {
					bad := int(left[i].Key)%c.every == 17
					switch {
					case r.Err == nil && bad, r.Err != nil && r.Err.Class() != pace.Transient && !bad:
						t.Fatalf("row %d: %v", left[i].Key, r.Err)
					case r.Err != nil && r.Err.Class() == pace.Transient:
						again = append(again, left[i])
					}
				}
				left = again
			}
			for key, n := range s.saved {
				if n != 1 {
					t.Errorf("%s was written %d times", key, n)
				}
			}
		})
	}
}

// TestHalfWritten: a call that fails in the middle tells apart what is known and what is in doubt; calls after it go on,
// since no key stands in two of them.
func TestHalfWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &saver{t: t}
		calls := 0
		results, err := newClient(t, &side{t: t, answer: func(r request) reply {
			if calls++; calls == 2 {
				return reply{err: errors.New("reset")}
			}
			return s.answer(r)
		}}).WritePeople(t.Context(), record.Push, creations(800))
		var doubt *pace.InDoubt
		if !errors.As(err, &doubt) {
			t.Fatalf("err = %v", err)
		}
		if len(results) != 500 || len(doubt.Keys) != 300 || doubt.Keys[0] != 300 || results[300].Key != 600 {
			t.Errorf("%d known, %d in doubt", len(results), len(doubt.Keys))
		}
	})
}

// TestWritesAreGathered: 300 rows and less than a megabyte a call, no key twice in one, each kind by itself; values go in
// their field's type, a blank as null, and results stand in the order of the rows.
func TestWritesAreGathered(t *testing.T) {
	s := &saver{t: t}
	side := &side{t: t, answer: s.answer}
	rows := append(creations(302), marketo.Write{Key: 900, ID: "42", Fields: []marketo.Field{
		{Name: "id", Value: record.Of("42")}, {Name: "leadScore", Type: record.Type{Kind: record.Integer}, Value: record.Of("12")},
		{Name: "unsubscribed", Type: record.Type{Kind: record.Boolean}, Value: record.Of("true")},
		{Name: "title", Type: record.Type{Kind: record.Text}}, {Name: "city", Type: record.Type{Kind: record.Text}, Value: record.Of(`K"ö`)},
	}})
	twin := creations(1)[0]
	twin.Key, twin.LookupValue = 901, strings.ToUpper(twin.LookupValue)
	rows = append(rows, twin)
	results, err := newClient(t, side, func(c *marketo.Config) { c.Partition = "Europe" }).WritePeople(t.Context(), record.Push, rows)
	if err != nil || len(results) != len(rows) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i, r := range results {
		if r.Key != rows[i].Key || r.Err != nil || !r.Created {
			t.Fatalf("result %d is %+v", i, r)
		}
	}
	if !slices.Equal(s.sizes, []int{300, 3, 1}) {
		t.Errorf("sent in %v", s.sizes)
	}
	for _, r := range side.calls() {
		body := s.read(r)
		switch {
		case body.Action == "updateOnly" && (body.LookupField != "id" || body.Partition != ""):
			t.Errorf("an update with %+v", body)
		case body.Action == "createOrUpdate" && (body.LookupField != "email" || body.Partition != "Europe"):
			t.Errorf("a creation with %+v", body)
		case body.Action == "updateOnly":
			want := map[string]any{"id": 42.0, "leadScore": 12.0, "unsubscribed": true, "title": nil, "city": `K"ö`}
			if fmt.Sprint(body.Input[0]) != fmt.Sprint(want) {
				t.Errorf("sent %v", body.Input[0])
			}
		}
	}
	big := creations(3)
	for i := range big {
		big[i].Fields = []marketo.Field{{Name: "notes", Type: record.Type{Kind: record.Text}, Value: record.Of(strings.Repeat("x", 400_000))}}
	}
	s.sizes = nil
	if _, err := newClient(t, side).WritePeople(t.Context(), record.Push, big); err != nil || !slices.Equal(s.sizes, []int{2, 1}) {
		t.Errorf("1.2 MB were sent in %v, %v", s.sizes, err)
	}
}

// TestCompaniesAreMatchedBySeq and every record's refusal finds its row.
func TestCompaniesAreMatchedBySeq(t *testing.T) {
	s := &saver{t: t}
	rows := []marketo.Write{{Key: 1, LookupValue: "a"}, {Key: 2, LookupValue: "b"}, {Key: 3, LookupValue: "c"}}
	results, err := newClient(t, &side{t: t, answer: s.answer}).WriteRecords(t.Context(), record.Push, record.Company, rows)
	if err != nil || results[0].ID != "1000" || results[2].ID != "1002" {
		t.Errorf("%+v, %v", results, err)
	}
	refused := `{"seq":1,"status":"skipped","reasons":[{"code":"1003","message":"Invalid value for field 'phone'"}]},{"seq":0,"id":5,"status":"updated"},{"seq":2,"status":"skipped"}`
	results, err = newClient(t, &side{t: t, answer: func(request) reply { return result(refused) }}).WriteRecords(t.Context(), record.Push, record.Company, rows)
	if err != nil || results[0].Err != nil || results[0].Created || results[1].Err == nil || results[1].Err.Code() != "1003" || !slices.Equal(results[1].Err.Fields, []string{"phone"}) || results[2].Err == nil {
		t.Errorf("%+v, %v", results, err)
	}
	for _, bad := range []string{`{"seq":7,"id":1,"status":"created"},{"seq":0,"id":1,"status":"created"},{"seq":2,"id":1,"status":"created"}`, `{"seq":0,"id":1,"status":"created"}`} {
		var failure pace.Failure
		if _, err := newClient(t, &side{t: t, answer: func(request) reply { return result(bad) }}).WriteRecords(t.Context(), record.Push, record.Company, rows); !errors.As(err, &failure) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
