package salesforce_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// No duplicates (promise 3): a creation whose answer is lost is sent once, and reported in doubt. What can be repeated is.
func TestLostAnswers(t *testing.T) {
	lost := map[string]func(reply) reply{
		"reset":    func(reply) reply { return reply{err: errors.New("connection reset by peer")} },
		"cut off":  func(r reply) reply { r.cut, r.body = true, r.body[:len(r.body)/2]; return r },
		"html 502": func(reply) reply { return reply{status: 502, body: "<html>"} },
		"error":    func(reply) reply { return refuse(500, "UNKNOWN_EXCEPTION", "") },
		"time-out": func(reply) reply { return reply{hang: true} },
	}
	upsert := []salesforce.Write{{Key: 5, Object: record.Lead, UpsertField: "Marketo_Person_Id__c", UpsertValue: "a", Fields: titles("t")}}
	for name, lose := range lost {
		for _, c := range []struct {
			name  string
			rows  []salesforce.Write
			times int // how often the first answers are lost
			doubt bool
			saved int
		}{
			{"creation", creations(3), 1, true, 1},
			{"update", updates(3, true), 1, false, 2},
			{"upsert", upsert, 1, false, 2},
			{"update, for good", updates(3, true), 99, true, 5},
		} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &saver{t: t}
					calls := 0
					results, err := newClient(t, &side{t: t, answer: func(r request) reply {
						rep := s.answer(r)
						if calls++; calls <= c.times {
							return lose(rep)
						}
						return rep
					}}).Write(t.Context(), record.Push, c.rows)
					var doubt *pace.InDoubt
					if errors.As(err, &doubt) != c.doubt {
						t.Fatalf("err = %v", err)
					}
					if c.doubt && (len(doubt.Keys) != len(c.rows) || len(results) != 0) {
						t.Errorf("%d in doubt, %d known", len(doubt.Keys), len(results))
					}
					for _, r := range results {
						if !r.Repeated {
							t.Errorf("row %d does not say that it was sent twice", r.Key)
						}
					}
					for id, n := range s.saved {
						if n != c.saved {
							t.Errorf("%s saved %d times, want %d", id, n, c.saved)
						}
					}
				})
			})
		}
	}
}

// What was not carried out is in no doubt, and creations may then be sent again.
func TestRefusedCallsAreNotInDoubt(t *testing.T) {
	cases := []struct {
		name   string
		first  reply
		failed bool
		quota  bool
	}{
		{"throttled", reply{status: 429}, false, false},
		{"too many at once", refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), false, false},
		{"session over", refuse(401, "INVALID_SESSION_ID", "Session expired or invalid"), false, false},
		{"out of calls", refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), true, true},
		{"forbidden", refuse(403, "API_DISABLED_FOR_ORG", ""), true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &saver{t: t}
				calls := 0
				results, err := newClient(t, &side{t: t, answer: func(r request) reply {
					if calls++; calls == 1 {
						return c.first
					}
					return s.answer(r)
				}}).Write(t.Context(), record.Push, creations(2))
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

// A call that fails in the middle tells apart what is known, what is in doubt and what was not sent.
func TestHalfWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &saver{t: t}
		calls := 0
		results, err := newClient(t, &side{t: t, answer: func(r request) reply {
			if calls++; calls == 2 {
				return reply{err: errors.New("reset")}
			}
			return s.answer(r)
		}}).Write(t.Context(), record.Push, creations(2500))
		var doubt *pace.InDoubt
		if !errors.As(err, &doubt) {
			t.Fatalf("err = %v", err)
		}
		if len(results) != 1000 || len(doubt.Keys) != 1000 || doubt.Keys[0] != 1000 || results[999].Key != 999 {
			t.Errorf("%d known, %d in doubt", len(results), len(doubt.Keys))
		}
		if calls != 2 {
			t.Errorf("%d calls", calls)
		}
	})
}
