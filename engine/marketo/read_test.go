package marketo_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

func person(id int) string {
	return fmt.Sprintf(`{"id":%d,"email":"p%d@example.com","updatedAt":"2026-11-25T09:00:00Z"}`, id, id)
}

// TestPagesAreWalked: until the answer says that there is no more, over short and empty pages; what comes twice counts once.
func TestPagesAreWalked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := []string{
			`"result":[` + person(1) + `,` + person(2) + `],"nextPageToken":"A=","moreResult":true`,
			`"result":[],"nextPageToken":"B=","moreResult":true`,
			`"result":[` + person(2) + `,` + person(3) + `],"nextPageToken":"C=","moreResult":false`,
		}
		s := &side{t: t}
		s.answer = func(r request) reply {
			n := len(s.calls())
			if want := []string{"", "A=", "B="}[n-1]; r.query.Get("nextPageToken") != want {
				t.Errorf("page %d was asked for with %q", n, r.query.Get("nextPageToken"))
			}
			return reply{status: 200, zipped: true, body: `{"requestId":"a#b","success":true,` + pages[n-1] + `}`}
		}
		people, err := newClient(t, s).PeopleBy(t.Context(), record.LookUp, "email", []string{"p1@example.com", "p2@example.com"}, emailColumn, "")
		if err != nil || len(people) != 3 || people[2].Email.Text() != "p3@example.com" || people[0].Modified.IsZero() {
			t.Errorf("%d people, %v", len(people), err)
		}
	})
}

// TestStuckAnswersEnd: an instance that leads from a page to itself, or answers with people whom nobody asked for, is not
// asked without end.
func TestStuckAnswersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := newClient(t, &side{t: t, answer: func(request) reply {
			return ok(`{"requestId":"a#b","success":true,"result":[` + person(7) + `],"nextPageToken":"A=","moreResult":true}`)
		}})
		var failure pace.Failure
		if _, err := stuck.PeopleBy(t.Context(), record.LookUp, "email", []string{"a"}, nil, ""); !errors.As(err, &failure) || failure.Code() != "BROKEN_ANSWER" {
			t.Errorf("%v", err)
		}
		if _, err := stuck.Lists(t.Context()); !errors.As(err, &failure) || failure.Code() != "BROKEN_ANSWER" {
			t.Errorf("%v", err)
		}
		other := newClient(t, &side{t: t, answer: func(request) reply { return result(person(7)) }})
		if highest, err := other.HighestID(t.Context(), record.FirstRead); err != nil || highest != 7 {
			t.Errorf("%d, %v", highest, err)
		}
	})
}

// TestTooManyMatchesAreSplit: 1003 asks for smaller parts; what no part can shrink is told.
func TestTooManyMatchesAreSplit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &side{t: t}
		s.answer = func(r request) reply {
			values := strings.Split(r.query.Get("filterValues"), ",")
			if len(values) > 100 || slices.Contains(values, "crowd") {
				return refuse("1003", "Too many results match the filter")
			}
			var found []string
			for _, v := range values {
				n, err := strconv.Atoi(v)
				if err != nil {
					t.Error(err)
				}
				found = append(found, person(n))
			}
			return result(found...)
		}
		var values []string
		for i := range 400 {
			values = append(values, fmt.Sprint(1000+i))
		}
		people, err := newClient(t, s).PeopleBy(t.Context(), record.LookUp, "crm", values, nil, "")
		if err != nil || len(people) != 400 {
			t.Errorf("%d people, %v", len(people), err)
		}
		var failure pace.Failure
		if _, err := newClient(t, s).PeopleBy(t.Context(), record.LookUp, "crm", []string{"crowd", "1"}, nil, ""); !errors.As(err, &failure) || failure.Code() != "1003" {
			t.Errorf("%v", err)
		}
		if _, err := newClient(t, s).PeopleBy(t.Context(), record.LookUp, "company", []string{"a, b"}, nil, ""); !errors.As(err, &failure) || failure.Code() != "COMMA" {
			t.Errorf("%v", err)
		}
		calls := len(s.calls())
		if none, err := newClient(t, s).PeopleBy(t.Context(), record.LookUp, "email", []string{" ", ""}, nil, ""); err != nil || len(none) != 0 || len(s.calls()) != calls {
			t.Errorf("blanks were asked for: %v", err)
		}
	})
}

// TestLongQuestionsArePosted: beyond 8 KB of address a GET travels in a body.
func TestLongQuestionsArePosted(t *testing.T) {
	s := &side{t: t, answer: func(r request) reply { return result() }}
	var values []string
	for i := range 300 {
		values = append(values, fmt.Sprintf("somebody.with.a.long.name.%d@a-long-domain.example", i))
	}
	if _, err := newClient(t, s, inMode(record.Observe)).PeopleBy(t.Context(), record.LookUp, "email", values, nil, ""); err != nil {
		t.Fatal(err)
	}
	r := s.calls()[0]
	if r.method != http.MethodPost || r.header.Get("Content-Type") != "application/x-www-form-urlencoded" || len(strings.Split(r.query.Get("filterValues"), ",")) != 300 {
		t.Errorf("%s with %s", r.method, r.header.Get("Content-Type"))
	}
}

// TestHighestID finds the last person whatever the gaps, in a dozen calls.
func TestHighestID(t *testing.T) {
	for _, highest := range []int{0, 1, 7, 299, 300, 301, 12_345, 1_000_000, 987_654_321} {
		synctest.Test(t, func(t *testing.T) {
			s := &side{t: t}
			s.answer = func(r request) reply {
				var found []string
				for v := range strings.SplitSeq(r.query.Get("filterValues"), ",") {
					n, err := strconv.Atoi(v)
					if err != nil {
						t.Error(err)
					}
					if n <= highest && (n%13 != 0 || n == highest) {
						found = append(found, person(n))
					}
				}
				return result(found...)
			}
			got, err := newClient(t, s).HighestID(t.Context(), record.FirstRead)
			if err != nil || got != int64(highest) {
				t.Errorf("%d of %d, %v", got, highest, err)
			}
			if n := len(s.calls()); n > 14 {
				t.Errorf("%d calls for %d", n, highest)
			}
		})
	}
}

// TestActivities: the field is named by its REST name, a value that is left out was cleared, a merge names its winner and
// losers, whatever type values come in.
func TestActivities(t *testing.T) {
	s := &side{t: t}
	s.answer = func(r request) reply {
		if r.path == "/rest/v1/leads/describe.json" {
			return result(`{"id":146,"displayName":"Lead Score","rest":{"name":"leadScore"}}`, `{"id":147,"displayName":"Hidden"}`)
		}
		return reply{status: 200, body: `{"requestId":"a#b","success":true,"nextPageToken":"N=","moreResult":true,"result":[
			{"marketoGUID":"1","leadId":9007199254740993,"activityDate":"2023-01-16T23:32:19Z","activityTypeId":13,"primaryAttributeValueId":146,"primaryAttributeValue":"Lead Score",
			 "attributes":[{"name":"New Value","value":"10"},{"name":"Old Value","value":null},{"name":"Source","value":"Web service API"},{"name":"Modifying User","value":"api@acme.example"}]},
			{"marketoGUID":"2","leadId":2,"activityDate":"2023-01-16T23:32:19-08:00","activityTypeId":13,"primaryAttributeValueId":"146","attributes":[{"name":"Old Value","value":5}]},
			{"marketoGUID":"3","leadId":3,"activityDate":"2023-01-16T23:32:19+0000","activityTypeId":13,"primaryAttributeValueId":999,"attributes":[{"name":"New Value","value":true}]},
			{"marketoGUID":"4","leadId":4,"activityDate":"2023-01-16T23:32:19Z","activityTypeId":32,"primaryAttributeValueId":7,"attributes":[{"name":"Merge IDs","value":[4,5]}]},
			{"marketoGUID":"5","leadId":4,"activityDate":"2023-01-16T23:32:19Z","activityTypeId":32,"primaryAttributeValueId":7,"attributes":[{"name":"Merge IDs","value":"[4, 5]"}]}]}`}
	}
	page, err := newClient(t, s).Activities(t.Context(), record.Feed, "T=", []int{13, 32})
	if err != nil || len(page.Changes) != 5 || page.Next != "N=" || !page.More || page.Server.IsZero() {
		t.Fatalf("%+v, %v", page, err)
	}
	first, cleared, unknown := page.Changes[0], page.Changes[1], page.Changes[2]
	if first.Person != "9007199254740993" || first.Field != "leadScore" || first.New != "10" || first.User != "api@acme.example" || first.Source != "Web service API" {
		t.Errorf("%+v", first)
	}
	if cleared.Field != "leadScore" || !cleared.HasNew || cleared.New != "" || cleared.Old != "5" || !cleared.At.Equal(time.Date(2023, 1, 17, 7, 32, 19, 0, time.UTC)) {
		t.Errorf("%+v", cleared)
	}
	if unknown.Field != "" || unknown.New != "true" {
		t.Errorf("%+v", unknown)
	}
	for _, merged := range page.Changes[3:] {
		if merged.Person != "7" || !slices.Equal(merged.Losers, []record.ID{"4", "5"}) {
			t.Errorf("%+v", merged)
		}
	}
	for _, types := range [][]int{nil, make([]int, 11)} {
		if _, err := newClient(t, s).Activities(t.Context(), record.Feed, "T=", types); err == nil {
			t.Errorf("%d types were asked for", len(types))
		}
	}
	if _, err := newClient(t, &side{t: t, answer: func(request) reply { return result() }}).Activities(t.Context(), record.Feed, "T=", []int{12}); err == nil {
		t.Error("a page without a token was taken: the log would be lost")
	}
}

// flood is an instance whose answer of 300 people is 30 MB long, because each has a field that nobody asked for.
type flood struct{ notes []byte }

func (f flood) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == tokenPath {
		return ok(tokenBody(1, 3600)).response(r)
	}
	body, write := io.Pipe()
	go func() {
		var err error
		put := func(text []byte) {
			if err == nil {
				_, err = write.Write(text)
			}
		}
		put([]byte(`{"requestId":"a#b","success":true,"result":[`))
		for n := range marketo.MaxBatch {
			if n > 0 {
				put([]byte{','})
			}
			put(strconv.AppendInt([]byte(`{"id":`), int64(n+1), 10))
			put([]byte(`,"email":"p@example.com","notes":"`))
			put(f.notes)
			put([]byte(`"}`))
		}
		put([]byte(`]}`))
		write.CloseWithError(err)
	}()
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, Request: r}, nil
}

// TestAnswersStream: an answer is read token by token; what nobody asked for is never held.
func TestAnswersStream(t *testing.T) {
	c := newClient(t, flood{[]byte(strings.Repeat("x", 100_000))})
	read := func() {
		if found, err := c.People(t.Context(), record.FirstRead, []record.ID{"1"}, emailColumn, ""); err != nil || len(found) != marketo.MaxBatch {
			t.Fatalf("%d people, %v", len(found), err)
		}
	}
	read()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if held := after.TotalAlloc - before.TotalAlloc; held > 3<<20 {
		t.Errorf("reading 30 MB took %d KB", held>>10)
	}
}

// TestDescribe joins the two descriptions, and tells Marketo's own sync by what it manages or refuses.
func TestDescribe(t *testing.T) {
	for _, row := range []struct {
		name, managed string
		company       reply
		native        bool
	}{
		{"by itself", "false", result(`{"name":"company","fields":[{"name":"externalCompanyId","displayName":"Id","dataType":"string"}]}`), false},
		{"managed fields", "true", result(`{"name":"company","fields":[{"name":"externalCompanyId","displayName":"Id","dataType":"string"}]}`), true},
		{"refused companies", "false", refuse("1018", "CRM Enabled"), true},
		{"hidden companies", "false", refuse("603", "Access denied"), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := &side{t: t}
			s.answer = func(r request) reply {
				switch r.path {
				case "/rest/v1/leads/describe.json":
					return result(`{"id":5,"displayName":"Email Address","dataType":"email","rest":{"name":"email","readOnly":false}}`)
				case "/rest/v1/leads/describe2.json":
					return result(`{"name":"API Lead","searchableFields":[["email"],["a","b"]],"fields":[{"name":"email","displayName":"Email Address","dataType":"email","length":255,"updateable":true,"crmManaged":` + row.managed + `},{"name":"a","displayName":"A","dataType":"string"}]}`)
				}
				return row.company
			}
			c := newClient(t, s)
			for range 2 {
				d, err := c.Describe(t.Context())
				if err != nil || d.NativeSync != row.native || d.Person[0].ID != 5 || !d.Person[0].Searchable || d.Person[1].Searchable || d.Person[0].Length != 255 {
					t.Fatalf("%+v, %v", d, err)
				}
			}
			if n := len(s.calls()); n != 3 {
				t.Errorf("%d calls", n)
			}
			c.Forget()
			if _, err := c.Describe(t.Context()); err != nil || len(s.calls()) != 6 {
				t.Errorf("%d calls, %v", len(s.calls()), err)
			}
		})
	}
}

// TestCheckTellsPermissions one by one, without a write: how an import ended is told to those alone who may write.
func TestCheckTellsPermissions(t *testing.T) {
	for _, row := range []struct {
		mayWrite bool
		unknown  reply // of an import that does not exist
	}{
		{true, reply{status: 404, body: `{"requestId":"1","success":false,"errors":[{"code":"404","message":"Not found"}]}`}},
		{true, refuse("1013", "Object not found")},
		{false, refuse("603", "Access denied")},
	} {
		mayWrite := row.mayWrite
		s := &side{t: t, answer: func(r request) reply {
			switch {
			case strings.Contains(r.path, "activities/types"):
				return refuse("603", "Access denied")
			case strings.Contains(r.path, "leads/batch"):
				return row.unknown
			}
			return result()
		}}
		probes, err := newClient(t, s, inMode(record.Observe)).Check(t.Context())
		if err != nil || len(probes) != 10 {
			t.Fatalf("%+v, %v", probes, err)
		}
		for _, p := range probes {
			granted := p.Permission != "Read-Only Activity" && (mayWrite || p.Permission != "Read-Write Lead")
			if p.OK != granted || !granted && p.Err.Class() != pace.Permission {
				t.Errorf("may write: %v: %s came out as %v", mayWrite, p.Permission, p.OK)
			}
		}
	}
}

// TestUsageIsTold to the pacer, which then keeps within what others leave.
func TestUsageIsTold(t *testing.T) {
	pacer := pace.New(pace.Limits{Allowance: 50_000}, time.Now, func() float64 { return 0 })
	s := &side{t: t, answer: func(request) reply {
		return result(`{"date":"2026-11-25","total":41000,"users":[{"userId":"a@x.example","count":40000},{"userId":"b@x.example","count":1000}]}`)
	}}
	used, err := newClient(t, s, func(c *marketo.Config) { c.Pacer = pacer }).Usage(t.Context())
	if err != nil || used.Today != 41_000 || used.ByUser["b@x.example"] != 1000 || pacer.Usage().SideUsed < 41_000 {
		t.Errorf("%+v, %v; the pacer knows of %d", used, err, pacer.Usage().SideUsed)
	}
}
