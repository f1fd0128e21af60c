package marketo_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

const secretAddress = "ada.lovelace@example.com"

var (
	emailColumn = []record.Column{{Name: "email", Type: record.Type{Kind: record.Email}}}
	emailField  = []marketo.Field{{Name: "email", Type: record.Type{Kind: record.Email}, Value: record.Of(secretAddress)}}
)

type method struct {
	name   string
	writes bool
	call   func(ctx context.Context, c *marketo.Client) error
}

// methods are all that ask the instance something. A new one belongs here.
var methods = []method{
	{"People", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.People(ctx, record.Reread, []record.ID{"7"}, emailColumn, "salesforceId")
		return err
	}},
	{"PeopleRange", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.PeopleRange(ctx, record.FirstRead, 1, 300, emailColumn, "")
		return err
	}},
	{"PeopleBy", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.PeopleBy(ctx, record.LookUp, "email", []string{secretAddress}, emailColumn, "")
		return err
	}},
	{"HighestID", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.HighestID(ctx, record.FirstRead)
		return err
	}},
	{"PagingToken", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.PagingToken(ctx, time.Now())
		return err
	}},
	{"Activities", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.Activities(ctx, record.Feed, "TOKEN=", []int{12, 13})
		return err
	}},
	{"ActivitiesOf", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.ActivitiesOf(ctx, record.LookUp, "TOKEN=", []int{13}, []record.ID{"7"})
		return err
	}},
	{"Deleted", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.Deleted(ctx, record.Feed, "TOKEN=")
		return err
	}},
	{"WritePeople update", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.WritePeople(ctx, record.Push, []marketo.Write{{Key: 1, ID: "7", Fields: emailField}}))
	}},
	{"DeletePeople", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.DeletePeople(ctx, record.Push, []marketo.Write{{Key: 1, ID: "7"}}))
	}},
	{"MergePeople", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.MergePeople(ctx, record.Push, []marketo.Merge{{Key: 1, Winner: "1002", Loser: "7"}}))
	}},
	{"WritePeople upsert", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.WritePeople(ctx, record.Push, []marketo.Write{{Key: 1, LookupField: "email", LookupValue: secretAddress, Fields: emailField}}))
	}},
	{"WriteRecords", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.WriteRecords(ctx, record.Push, record.Company, []marketo.Write{{Key: 1, LookupValue: "001"}}))
	}},
	{"DeleteRecords", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.DeleteRecords(ctx, record.Push, record.OpportunityRole, []marketo.Write{{Key: 1, ID: "dff23271"}}))
	}},
	{"Describe", false, func(ctx context.Context, c *marketo.Client) error { _, err := c.Describe(ctx); return err }},
	{"Usage", false, func(ctx context.Context, c *marketo.Client) error { _, err := c.Usage(ctx); return err }},
	{"Check", false, func(ctx context.Context, c *marketo.Client) error { _, err := c.Check(ctx); return err }},
	{"Companies", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.Companies(ctx, record.LookUp, "externalCompanyId", []string{"001"}, nil)
		return err
	}},
	{"ActivityTypes", false, func(ctx context.Context, c *marketo.Client) error { _, err := c.ActivityTypes(ctx); return err }},
	{"Program", false, func(ctx context.Context, c *marketo.Client) error { _, _, err := c.Program(ctx, "1002"); return err }},
	{"Progressions", false, func(ctx context.Context, c *marketo.Client) error {
		_, _, err := c.Progressions(ctx, "Webinar")
		return err
	}},
	{"ProgramMembers", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.ProgramMembers(ctx, record.FirstRead, 1002, "")
		return err
	}},
	{"MembersAmong", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.MembersAmong(ctx, record.Reread, 1002, []record.ID{"7"})
		return err
	}},
	{"SetProgress", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.SetProgress(ctx, record.Push, 1002, "Invited", []marketo.MemberWrite{{Key: 1, Person: "7"}}))
	}},
	{"RemoveMembers", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.RemoveMembers(ctx, record.Push, 1002, []marketo.MemberWrite{{Key: 1, Person: "7"}}))
	}},
	{"CustomType", false, func(ctx context.Context, c *marketo.Client) error {
		_, _, err := c.CustomType(ctx, "salesforceActivity")
		return err
	}},
	{"AddActivities", true, func(ctx context.Context, c *marketo.Client) error {
		return writeOne(c.AddActivities(ctx, record.Push, []marketo.ActivityWrite{{Key: 1, Person: "7", Type: 100003, At: time.Now(), Primary: record.Of(secretAddress)}}))
	}},
	{"ImportPeople", true, func(ctx context.Context, c *marketo.Client) error {
		f := marketo.NewFile([]string{"email"})
		f.Add("7", emailField)
		_, err := c.ImportPeople(ctx, record.Push, f)
		return err
	}},
	{"Import", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.Import(ctx, record.Bulk, "1002")
		return err
	}},
	{"ImportFailures", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.ImportFailures(ctx, record.Push, "1002")
		return err
	}},
	{"CreateExtract", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.CreateExtract(ctx, record.Bulk, marketo.Extract{From: time.Unix(0, 0), Until: time.Unix(1, 0), Columns: emailColumn})
		return err
	}},
	{"QueueExtract", false, func(ctx context.Context, c *marketo.Client) error { return c.QueueExtract(ctx, record.Bulk, "1002") }},
	{"ExtractJob", false, func(ctx context.Context, c *marketo.Client) error {
		_, err := c.ExtractJob(ctx, record.Bulk, "1002")
		return err
	}},
	{"ExtractPart", false, func(ctx context.Context, c *marketo.Client) error {
		_, _, err := c.ExtractPart(ctx, record.FirstRead, marketo.Extract{Columns: emailColumn}, marketo.ExtractJob{ID: "1002", Size: 500}, 0, 1000)
		return err
	}},
	{"Lists", false, func(ctx context.Context, c *marketo.Client) error { _, err := c.Lists(ctx, "Sync now"); return err }},
}

func writeOne(results []marketo.Result, err error) error {
	if err == nil && results[0].Err != nil {
		return results[0].Err
	}
	return err
}

// TestEveryMethodBreaks: every method meets every breakage with a typed failure that tells the breakage, holds no
// person's data and no secret, and asks nobody but the instance.
func TestEveryMethodBreaks(t *testing.T) {
	html := "<!DOCTYPE html><html><body>We are down for maintenance</body></html>"
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	faults := []struct {
		name   string
		answer reply
		code   string
		class  pace.Class
		calls  int // that a repeatable request makes; 0: not looked at
	}{
		{name: "connection reset", answer: reply{err: errors.New("read: connection reset by peer")}, code: "NETWORK", class: pace.Transient, calls: 5},
		{name: "no connection", answer: reply{err: dial}, code: "UNREACHED", class: pace.Transient, calls: 5},
		{name: "no answer", answer: reply{hang: true}, code: "TIMEOUT", class: pace.Transient, calls: 5},
		{name: "web page with 500", answer: reply{status: 500, body: html, header: map[string]string{"Content-Type": "text/html"}}, code: "HTTP_500", class: pace.Transient, calls: 5},
		{name: "bad gateway", answer: reply{status: 502, body: html}, code: "HTTP_502", class: pace.Transient, calls: 5},
		{name: "unavailable for a second", answer: reply{status: 503, header: map[string]string{"Retry-After": "1"}}, code: "HTTP_503", class: pace.Transient, calls: 5},
		{name: "web page with 200", answer: ok(html), code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "empty answer", answer: ok(""), code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "cut off", answer: reply{status: 200, cut: true, body: `{"requestId":"a#b","success":true,"result":[{"id":7,"email":"` + secretAddress}, code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "cut off between records", answer: ok(`{"requestId":"a#b","result":[{"id":7,"email":"` + secretAddress + `"}`), code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "cut off before the end", answer: ok(`{"requestId":"a#b","success":true,"nextPageToken":"X","result":[]`), code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "broken compression", answer: reply{status: 200, body: "no gzip", header: map[string]string{"Content-Encoding": "gzip"}}, code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "garbage", answer: ok(`{"success":}`), code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "two documents", answer: ok(`{"success":true,"nextPageToken":"X","result":[{"id":7,"status":"created"}]}{}`), code: "BROKEN_ANSWER", class: pace.Transient, calls: 5},
		{name: "another shape", answer: ok(`{"x":[1,{"y":null}]}`), code: "UNEXPECTED_ANSWER", class: pace.Ours, calls: 1},
		{name: "redirect", answer: reply{status: 302, header: map[string]string{"Location": "https://evil.example/steal"}}, code: "REDIRECT", class: pace.Config, calls: 1},
		{name: "token invalid twice", answer: refuse("601", "Access token invalid"), code: "601", class: pace.SignIn, calls: 2},
		{name: "token expired twice", answer: refuse("602", "Access token expired"), code: "602", class: pace.SignIn, calls: 2},
		{name: "denied", answer: refuse("603", "Access denied"), code: "603", class: pace.Permission},
		{name: "timed out there", answer: refuse("604", "Request timed out"), code: "604", class: pace.Transient, calls: 5},
		{name: "too fast", answer: refuse("606", "Max rate limit '100' exceeded with in '20' secs"), code: "606", class: pace.Transient, calls: 5},
		{name: "daily calls used up", answer: refuse("607", "Daily quota reached"), code: "607", class: pace.Quota, calls: 1},
		{name: "unavailable", answer: refuse("608", "API temporarily unavailable"), code: "608", class: pace.Transient, calls: 5},
		{name: "wrong path", answer: refuse("610", "Requested resource not found"), code: "610", class: pace.Config, calls: 1},
		{name: "system error", answer: refuse("611", "System error"), code: "611", class: pace.Transient, calls: 5},
		{name: "too many at once", answer: refuse("615", "Concurrent access limit reached"), code: "615", class: pace.Transient, calls: 5},
		{name: "a new code of the call", answer: refuse("699", "new"), code: "699", class: pace.Transient, calls: 5},
		{name: "throttled by a gateway", answer: reply{status: 429, header: map[string]string{"Retry-After": "1"}}, code: "HTTP_429", class: pace.Transient, calls: 5},
		{name: "too large", answer: reply{status: 413}, code: "HTTP_413", class: pace.Ours, calls: 1},
		{name: "bare 400", answer: reply{status: 400}, code: "HTTP_400", class: pace.Refused, calls: 1},
	}
	for _, m := range methods {
		for _, f := range faults {
			if m.name == "Check" && f.name == "denied" {
				continue // that is what it finds out
			}
			t.Run(m.name+"/"+f.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &side{t: t, answer: func(request) reply { return f.answer }}
					err := m.call(t.Context(), newClient(t, s))
					var failure pace.Failure
					if !errors.As(err, &failure) {
						t.Fatalf("err = %v, want a failure", err)
					}
					if failure.Code() != f.code || failure.Class() != f.class {
						t.Errorf("failure %s %v, want %s %v (%v)", failure.Code(), failure.Class(), f.code, f.class, err)
					}
					if failure.Sentence().Text == "" || strings.Contains(failure.Sentence().Text, "%") {
						t.Errorf("sentence %q", failure.Sentence().Text)
					}
					for _, word := range []string{secretAddress, "lovelace", "token1", "hush"} {
						if strings.Contains(err.Error(), word) {
							t.Errorf("the error tells %q: %v", word, err)
						}
					}
					for _, r := range s.seen {
						if r.host != instanceHost {
							t.Errorf("asked %s", r.host)
						}
					}
					if n := len(s.calls()); f.calls > 0 && !m.writes && n != f.calls {
						t.Errorf("%d calls, want %d", n, f.calls)
					}
				})
			})
		}
	}
}

// TestModes: Observe and Rehearse send no write: the HTTP layer refuses them (promise 5); reads pass.
func TestModes(t *testing.T) {
	for _, mode := range []record.Mode{record.Observe, record.Rehearse, record.Live} {
		for _, m := range methods {
			t.Run(mode.String()+"/"+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &side{t: t, answer: func(request) reply { return reply{status: 400} }}
					err := m.call(t.Context(), newClient(t, s, inMode(mode)))
					var refused *pace.ModeError
					if want := m.writes && mode != record.Live; errors.As(err, &refused) != want {
						t.Fatalf("err = %v, refusal by mode %v wanted", err, want)
					}
					if refused != nil && (refused.Mode != mode || len(s.calls()) != 0) {
						t.Errorf("refused %+v after %d calls", refused, len(s.calls()))
					}
					if refused == nil && len(s.calls()) == 0 {
						t.Error("nothing was sent")
					}
				})
			})
		}
	}
}

// TestGivingUp: a caller that gives up gets its own reason, at once, from every method.
func TestGivingUp(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, answer: func(request) reply { return reply{hang: true} }}
				why := errors.New("the window was closed")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(why) })
				began := time.Now()
				if err := m.call(ctx, newClient(t, s)); !errors.Is(err, why) {
					t.Fatalf("err = %v", err)
				}
				if time.Since(began) != time.Second {
					t.Errorf("took %v", time.Since(began))
				}
			})
		})
	}
}

// TestCallsAreTold: every call is told to the journal with its purpose, and no id or value in its name.
func TestCallsAreTold(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, answer: func(request) reply { return reply{status: 400} }}
				var told []marketo.Call
				c := newClient(t, s, func(cfg *marketo.Config) { cfg.Calls = func(call marketo.Call) { told = append(told, call) } })
				if err := m.call(t.Context(), c); err == nil {
					t.Fatal("no error")
				}
				if len(told) != len(s.seen) {
					t.Fatalf("%d calls told, %d made", len(told), len(s.seen))
				}
				for i, call := range told {
					if call.Purpose == "" || call.Endpoint != s.seen[i].method+" "+strings.ReplaceAll(s.seen[i].path, "/1002", "/{id}") || strings.ContainsAny(call.Endpoint, "?@") {
						t.Errorf("told %+v", call)
					}
				}
				if told[0].Purpose != record.SignIn || told[1].Purpose == record.SignIn || told[1].Status != http.StatusBadRequest || told[1].Err == nil {
					t.Errorf("told %+v", told)
				}
			})
		})
	}
}
