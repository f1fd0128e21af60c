package salesforce_test

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

const secretAddress = "ada.lovelace@example.com"

var emailColumn = []record.Column{{Name: "Email", Type: record.Type{Kind: record.Email}}}

type method struct {
	name   string
	writes bool
	call   func(ctx context.Context, c *salesforce.Client) error
	begin  string // how a good answer begins; empty: as a composite of queries does
}

// methods are all that ask the org something. A new one belongs here.
var methods = []method{
	{"Feeds", false, func(ctx context.Context, c *salesforce.Client) error {
		_, _, err := c.Feeds(ctx, record.Feed, []salesforce.Feed{{Object: record.Lead, Columns: emailColumn, Deleted: time.Now().Add(-time.Hour)}})
		return err
	}, ""},
	{"Get", false, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.Get(ctx, record.Reread, record.Lead, []record.ID{leadID(1)}, emailColumn, "")
		return err
	}, `[{"attributes":{"type"`},
	{"FindBy", false, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.FindBy(ctx, record.LookUp, record.Lead, "Email", []string{secretAddress}, emailColumn, "")
		return err
	}, ""},
	{"Write update", true, func(ctx context.Context, c *salesforce.Client) error {
		return writeOne(ctx, c, salesforce.Write{Key: 1, Object: record.Lead, ID: leadID(1), ReadBack: true, Fields: emailField()})
	}, `{"compositeResponse":[{"body":[{"id":"00Q`},
	{"Write upsert", true, func(ctx context.Context, c *salesforce.Client) error {
		return writeOne(ctx, c, salesforce.Write{Key: 1, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", UpsertValue: "7", Fields: emailField()})
	}, `{"compositeResponse":[{"body":[{"id":"00Q`},
	{"Write create", true, func(ctx context.Context, c *salesforce.Client) error {
		return writeOne(ctx, c, salesforce.Write{Key: 1, Object: record.Lead, Fields: emailField()})
	}, `{"compositeResponse":[{"body":[{"id":"00Q`},
	{"Delete", true, func(ctx context.Context, c *salesforce.Client) error {
		results, err := c.Delete(ctx, record.Push, record.Lead, []salesforce.Removal{{Key: 1, ID: leadID(1)}})
		if err == nil && results[0].Err != nil {
			return results[0].Err
		}
		return err
	}, `{"compositeResponse":[{"body":[{"id":"00Q`},
	{"Describe", false, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.Describe(ctx, record.Describe, []record.Object{record.Lead})
		return err
	}, ""},
	{"Limits", false, func(ctx context.Context, c *salesforce.Client) error { _, err := c.Limits(ctx); return err }, `{"DailyApiRequests":{"Max"`},
	{"Identity", false, func(ctx context.Context, c *salesforce.Client) error { _, err := c.Identity(ctx); return err }, ""},
	{"Versions", false, func(ctx context.Context, c *salesforce.Client) error { _, err := c.Versions(ctx); return err }, `[{"version":"6`},
	{"Count", false, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.Count(ctx, "SELECT COUNT() FROM Lead WHERE Email = '"+secretAddress+"'")
		return err
	}, ""},
	{"Query", false, func(ctx context.Context, c *salesforce.Client) error {
		return drain(c.Query(ctx, record.Check, "SELECT Id FROM Lead WHERE Email = '"+secretAddress+"'"))
	}, ""},
	{"QueryTooling", false, func(ctx context.Context, c *salesforce.Client) error {
		return drain(c.QueryTooling(ctx, record.Check, "SELECT Name FROM ApexTrigger"))
	}, ""},
	{"Upload", true, func(ctx context.Context, c *salesforce.Client) error {
		rows := salesforce.NewRows(slices.Values([][]string{{string(leadID(1)), secretAddress}}), 2)
		defer rows.Close()
		_, _, err := c.Upload(ctx, record.WriteBack, salesforce.Ingest{Object: record.Lead, Operation: "update", Columns: []string{"Id", "Email"}}, rows)
		return err
	}, ""},
	{"Job", false, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.Job(ctx, record.WriteBack, "7505f000000KxRpAAK")
		return err
	}, ""},
	{"Wait", false, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.Wait(ctx, record.WriteBack, "7505f000000KxRpAAK")
		return err
	}, ""},
	{"Results", false, func(ctx context.Context, c *salesforce.Client) error {
		return drain(c.Results(ctx, record.WriteBack, "7505f000000KxRpAAK", salesforce.Failures))
	}, ""},
	{"Deploy", true, func(ctx context.Context, c *salesforce.Client) error {
		_, err := c.Deploy(ctx, []byte("zip"), true)
		return err
	}, ""},
	{"Export", false, func(ctx context.Context, c *salesforce.Client) error {
		return drain(export(ctx, c, salesforce.Export{Object: record.Lead, Columns: emailColumn}))
	}, ""},
}

func writeOne(ctx context.Context, c *salesforce.Client, row salesforce.Write) error {
	results, err := c.Write(ctx, record.Push, []salesforce.Write{row})
	if err == nil && results[0].Err != nil {
		return results[0].Err
	}
	return err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func emailField() []salesforce.Field {
	return []salesforce.Field{{Name: "Email", Type: record.Type{Kind: record.Email}, Value: record.Of(secretAddress)}}
}

func drain[T any](rows iter.Seq2[T, error]) error {
	var last error
	for _, err := range rows {
		last = err
	}
	return last
}

// Every method meets every breakage with a typed failure that tells the breakage, holds no person's data and no
// secret, and asks nobody but the org.
func TestEveryMethodBreaks(t *testing.T) {
	html := "<!DOCTYPE html><html><body>We are down for maintenance</body></html>"
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	faults := []struct {
		name      string
		answer    reply
		code      string
		class     pace.Class
		calls     int // that a repeatable request makes; 0: not looked at
		otherBody bool
	}{
		{name: "connection reset", answer: reply{err: errors.New("read: connection reset by peer")}, code: "NETWORK", class: pace.Transient, calls: 5},
		{name: "no connection", answer: reply{err: dial}, code: "UNREACHED", class: pace.Transient},
		{name: "no answer", answer: reply{hang: true}, code: "TIMEOUT", class: pace.Transient},
		{name: "web page with 500", answer: reply{status: 500, body: html, header: map[string]string{"Content-Type": "text/html"}}, code: "HTML_ANSWER", class: pace.Transient},
		{name: "web page with 200", answer: reply{status: 200, body: html}, code: "HTML_ANSWER", class: pace.Transient},
		{name: "empty answer", answer: reply{status: 200}, code: "EMPTY_ANSWER", class: pace.Transient},
		{name: "cut off", answer: reply{status: 200, cut: true}, code: "TRUNCATED_ANSWER", class: pace.Transient},
		{name: "garbage", answer: ok(`{"totalSize":}`), code: "MALFORMED_ANSWER", class: pace.Transient, otherBody: true},
		{name: "another shape", answer: ok(`{"x":[1,{"y":null}]}`), code: "MALFORMED_ANSWER", class: pace.Transient, otherBody: true},
		{name: "redirect", answer: reply{status: 302, header: map[string]string{"Location": "https://evil.example/steal"}}, code: "REDIRECTED", class: pace.Config, calls: 1},
		{name: "session dead twice", answer: refuse(401, "INVALID_SESSION_ID", "Session expired or invalid"), code: "INVALID_SESSION_ID", class: pace.SignIn},
		{name: "daily calls used up", answer: refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), code: "REQUEST_LIMIT_EXCEEDED", class: pace.Quota, calls: 1},
		{name: "too many at once", answer: refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), code: "REQUEST_LIMIT_EXCEEDED", class: pace.Transient},
		{name: "throttled by a proxy", answer: reply{status: 429, header: map[string]string{"Retry-After": "1"}}, code: "HTTP_429", class: pace.Transient},
		{name: "unexpected error", answer: refuse(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."), code: "UNKNOWN_EXCEPTION", class: pace.Transient},
		{name: "forbidden", answer: refuse(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."), code: "API_DISABLED_FOR_ORG", class: pace.Config, calls: 1},
		{name: "bare 400", answer: reply{status: 400}, code: "HTTP_400", class: pace.Refused},
	}
	for _, m := range methods {
		for _, f := range faults {
			if f.otherBody && m.name == "Results" {
				continue // any text without quotes is a CSV
			}
			t.Run(m.name+"/"+f.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if f.answer.cut {
						f.answer.body = orElse(m.begin, `{"compositeResponse":[{"body":{"totalSize":1,"done":true,"records":[`)
					}
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
					for _, word := range []string{secretAddress, "lovelace", "token1", "secret", "SELECT"} {
						if strings.Contains(err.Error(), word) {
							t.Errorf("the error tells %q: %v", word, err)
						}
					}
					for _, r := range s.calls() {
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

// Observe and Rehearse send no write: the HTTP layer refuses them (promise 5); reads pass.
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

// A caller that gives up gets its own reason, at once, from every method.
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
				if m.name != "Upload" && time.Since(began) != time.Second {
					t.Errorf("took %v", time.Since(began))
				}
			})
		})
	}
}

// Every call is told to the journal with its purpose, and no id or value in its name.
func TestCallsAreTold(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &side{t: t, answer: func(request) reply { return reply{status: 400} }}
				var told []salesforce.Call
				c := newClient(t, s, func(cfg *salesforce.Config) { cfg.Calls = func(call salesforce.Call) { told = append(told, call) } })
				if err := m.call(t.Context(), c); err == nil {
					t.Fatal("no error")
				}
				if len(told) != len(s.seen) {
					t.Fatalf("%d calls told, %d made", len(told), len(s.seen))
				}
				for i, call := range told {
					if call.Purpose == "" || !strings.HasPrefix(call.Endpoint, s.seen[i].method+" /") || strings.Contains(call.Endpoint, "v61") ||
						strings.Contains(call.Endpoint, "KxRp") || strings.Contains(call.Endpoint, "?") {
						t.Errorf("told %+v", call)
					}
				}
				if told[1].Status != http.StatusBadRequest || told[1].Err == nil {
					t.Errorf("told %+v", told[1])
				}
			})
		})
	}
}
