package pace_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// However a secret is printed, it is not there (promise 9).
func TestSecretsDoNotPrint(t *testing.T) {
	const content = "hunter2"
	type holder struct {
		Secret pace.Secret
		Text   pace.Sensitive
	}
	h := holder{Secret: content, Text: content}
	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		fmt.Fprintf(&printed, verb+" ", h)
		fmt.Fprintf(&printed, verb+" "+verb+" ", h.Secret, h.Text)
	}
	encoded, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	printed.Write(encoded)
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "secret", h.Secret, "text", h.Text, "both", h)
	slog.New(slog.NewTextHandler(&printed, nil)).Info("x", "secret", h.Secret, "text", h.Text, "both", h)
	if hex := fmt.Sprintf("%x", content); strings.Contains(printed.String(), content) || strings.Contains(printed.String(), hex) {
		t.Errorf("printed: %s", printed.String())
	}
	if string(h.Secret) != content {
		t.Error("the conversion does not give the content")
	}
}

func TestNames(t *testing.T) {
	for c := pace.Transient; c <= pace.Ours; c++ {
		back, err := pace.ParseClass(c.String())
		if err != nil || back != c {
			t.Errorf("class %d reads back as %d, %v", c, back, err)
		}
	}
	if _, err := pace.ParseClass(""); err == nil {
		t.Error("an empty class was read")
	}
	seen := map[string]bool{}
	for w := pace.Nobody; w <= pace.Operator; w++ {
		if seen[w.String()] || strings.Contains(w.String(), "(") {
			t.Errorf("who %d has no name of its own", w)
		}
		seen[w.String()] = true
	}
}

func TestSay(t *testing.T) {
	if odd := pace.Say("k", "100% of %1 %3 %0 %", "50%2", "b"); odd.Text != "100% of 50%2 %3 %0 %" {
		t.Errorf("%q", odd.Text)
	}
	s := pace.Say("k", "%1 and %2, %1", "a", "b")
	if s.Text != "a and b, a" || s.Key != "k" || len(s.Args) != 2 {
		t.Errorf("%+v", s)
	}
}

func TestFailuresOfOurOwn(t *testing.T) {
	until := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	for reason := pace.ShareUsedUp; reason <= pace.AskedToWait; reason++ {
		var err error = fmt.Errorf("wrapped: %w", &pace.QuotaError{Reason: reason, Until: until, Used: 5, Limit: 5})
		var failure pace.Failure
		if !errors.Is(err, pace.ErrQuota) || !errors.As(err, &failure) || !failure.Retryable() || failure.Code() == "" {
			t.Errorf("reason %d: %v", reason, err)
			continue
		}
		if !strings.Contains(failure.Sentence().Text, "2026-11-24 06:00 UTC") {
			t.Errorf("reason %d does not say when it goes on: %q", reason, failure.Sentence().Text)
		}
	}
	refused := &pace.ModeError{Mode: record.Observe, Endpoint: "POST /composite"}
	if refused.Retryable() || !strings.Contains(refused.Sentence().Text, "observe") {
		t.Errorf("%v", refused)
	}
	cause := errors.New("reset")
	doubt := &pace.InDoubt{Keys: []int64{1, 2}, Cause: cause}
	if !errors.Is(doubt, cause) || !strings.Contains(doubt.Error(), "2 record") {
		t.Errorf("%v", doubt)
	}
}
