package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

func isPost(r *http.Request) bool { return r.Method == http.MethodPost }

// TestTransportFaults says of each fault whether the write stands and what the client sees.
func TestTransportFaults(t *testing.T) {
	body := `{"result":[` + strings.Repeat(`{"id":1},`, 500) + `{}]}`
	rows := []struct {
		kind    fault.Kind
		method  string
		applied bool
		sees    string
	}{
		{fault.LostResponse, "POST", true, "no answer"},
		{fault.LostResponse, "GET", true, "whole"},
		{fault.Reset, "POST", true, "broken off"},
		{fault.Reset, "GET", true, "broken off"},
		{fault.TruncatedJSON, "POST", true, "cut"},
		{fault.Throttle429, "POST", false, "429"},
		{fault.Unavailable503, "POST", false, "503"},
		{fault.HTML500, "GET", false, "500"},
	}
	for _, row := range rows {
		t.Run(string(row.kind)+" "+row.method, func(t *testing.T) {
			var applied atomic.Bool // the answer to a lost one is no sign that its handler has returned
			system := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				applied.Store(true)
				io.WriteString(w, body)
			})
			dice := fault.New(7)
			server := httptest.NewServer(dice.Wrap(system, record.Salesforce, isPost))
			defer server.Close()
			if err := dice.Next(row.kind, 1); err != nil {
				t.Fatal(err)
			}
			if sees := look(t, server, row.method, "/"); sees != row.sees {
				t.Errorf("the client sees %q, want %q", sees, row.sees)
			}
			if applied.Load() != row.applied {
				t.Errorf("applied %v, want %v", applied.Load(), row.applied)
			}
			if row.sees != "whole" {
				if sees := look(t, server, row.method, "/"); sees != "whole" {
					t.Errorf("the next request sees %q", sees)
				}
			}
		})
	}
}

func look(t *testing.T, server *httptest.Server, method, path string) string {
	t.Helper()
	// A body that cannot be rewound keeps net/http from repeating the request by itself.
	request, err := http.NewRequest(method, server.URL+path, io.NopCloser(strings.NewReader("{}")))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(request)
	if err != nil {
		return "no answer"
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case answer.StatusCode != http.StatusOK:
		return answer.Status[:3]
	case err != nil:
		return "broken off"
	case !json.Valid(text):
		return "cut"
	}
	return "whole"
}

func TestSignInIsNeverLost(t *testing.T) {
	dice := fault.New(1)
	for _, kind := range []fault.Kind{fault.LostResponse, fault.Reset, fault.TruncatedJSON} {
		if err := dice.Single(kind, 1); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(dice.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "{}")
	}), record.Marketo, isPost))
	defer server.Close()
	for _, path := range []string{"/services/oauth2/token", "/identity/oauth/token"} {
		if sees := look(t, server, "POST", path); sees != "whole" {
			t.Errorf("%s sees %q", path, sees)
		}
	}
}

// TestSlowPage runs on virtual time: a patient client gets its answer, an impatient one leaves the write in doubt.
func TestSlowPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dice := fault.New(3)
		applied := 0
		h := dice.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { applied++ }), record.Salesforce, isPost)
		serve := func(patience time.Duration) (ended bool) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			defer func() { ended = errors.Is(asError(recover()), http.ErrAbortHandler) }()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/", nil))
			return false
		}
		if err := dice.Single(fault.SlowPage, 1); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if serve(time.Minute) {
				t.Fatal("a patient client was cut off")
			}
		}
		if applied != 20 {
			t.Fatalf("%d of 20 writes applied", applied)
		}
		applied = 0
		for range 40 {
			if !serve(time.Millisecond) {
				t.Fatal("the answer was not late")
			}
		}
		if applied == 0 || applied == 40 {
			t.Errorf("%d of 40 writes that timed out stand: both outcomes must occur", applied)
		}
	})
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}

func TestDice(t *testing.T) {
	rolls := func(seed uint64, noise bool) string {
		d := fault.New(seed)
		if err := d.Set("hostile"); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for range 2000 {
			if noise {
				d.Roll(fault.Reset)
			}
			if d.Roll(fault.LostResponse) {
				b.WriteByte('x')
			} else {
				b.WriteByte('.')
			}
		}
		return b.String()
	}
	if rolls(1, false) != rolls(1, true) {
		t.Error("asking for one kind shifts another")
	}
	if rolls(1, false) == rolls(2, false) {
		t.Error("the seed changes nothing")
	}
	if n := strings.Count(rolls(1, false), "x"); n < 40 || n > 140 {
		t.Errorf("%d of 2000 at four in a hundred", n)
	}
	d := fault.New(1)
	if err := d.Single(fault.RotateRefresh, 1); err != nil {
		t.Fatal(err)
	}
	if err := d.Single(fault.LockRow, 1); err != nil {
		t.Fatal(err)
	}
	if err := d.Set("none"); err != nil {
		t.Fatal(err)
	}
	if !d.Roll(fault.RotateRefresh) || d.Roll(fault.LockRow) {
		t.Error("a profile ends faults, and leaves the rotation of tokens as it is")
	}
	for _, bad := range []error{d.Set("mild"), d.Single("no-such", 1), d.Single(fault.Reset, 1.5), d.Next(fault.Reset, -1)} {
		if bad == nil {
			t.Error("nonsense was accepted")
		}
	}
	var none *fault.Dice
	if none.Roll(fault.Reset) {
		t.Error("nil dice rolled a fault")
	}
}

// TestEveryProfileLetsWorkGoOn: at least half of the requests pass untouched.
func TestEveryProfileLetsWorkGoOn(t *testing.T) {
	for _, name := range fault.Profiles() {
		d := fault.New(9)
		if err := d.Set(name); err != nil {
			t.Fatal(err)
		}
		clean := 0
		for range 1000 {
			met := false
			for _, k := range fault.Kinds() {
				met = d.Roll(k) || met
			}
			if !met {
				clean++
			}
		}
		if clean < 500 {
			t.Errorf("%s: only %d of 1000 requests pass", name, clean)
		}
	}
}
