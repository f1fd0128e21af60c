package soql_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

func value(t interface{ Fatal(...any) }, literal string) soql.Literal {
	op := "="
	if strings.HasPrefix(literal, "'") {
		op = "LIKE"
	}
	q, err := soql.Parse("SELECT Id FROM Lead WHERE A " + op + " " + literal)
	if err != nil {
		t.Fatal(message(err))
	}
	return q.Where.(*soql.Comparison).Value
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`'Test%'`, "testing", true}, {`'Test%'`, "a test", false}, {`'%a%b%'`, "xxaxxbxx", true}, {`'a_c'`, "aéc", true},
		{`'a_c'`, "ac", false}, {`'50\%'`, "50%", true}, {`'50\%'`, "505", false}, {`'a\_b'`, "axb", false}, {`''`, "", true}, {`''`, "a", false},
		{`'%'`, "", true}, {`'ÉA%'`, "éab", true}, {`'\\%'`, `\x`, true}, {`'\\%'`, `x`, false},
	} {
		if got := value(t, c.pattern).Pattern().Matches(c.text); got != c.want {
			t.Errorf("%q LIKE %s is %v", c.text, c.pattern, got)
		}
	}
}

// LIKE is the regular expression that one would write for it.
func TestLikeIsARegularExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab%_]{0,8}`).Draw(t, "pattern")
		text := rapid.StringMatching(`[abAB]{0,8}`).Draw(t, "text")
		expression := strings.NewReplacer("%", ".*", "_", ".").Replace(pattern)
		want := regexp.MustCompile("(?is)^" + expression + "$").MatchString(text)
		if got := value(t, "'"+pattern+"'").Pattern().Matches(text); got != want {
			t.Fatalf("%q LIKE %q is %v", text, pattern, got)
		}
	})
}

func TestSpan(t *testing.T) {
	now := time.Date(2026, 11, 24, 15, 30, 0, 0, time.UTC) // a Tuesday
	for _, c := range []struct{ literal, begin, end string }{
		{"TODAY", "2026-11-24", "2026-11-25"}, {"YESTERDAY", "2026-11-23", "2026-11-24"}, {"TOMORROW", "2026-11-25", "2026-11-26"},
		{"THIS_WEEK", "2026-11-22", "2026-11-29"}, {"LAST_WEEK", "2026-11-15", "2026-11-22"}, {"NEXT_WEEK", "2026-11-29", "2026-12-06"},
		{"LAST_MONTH", "2026-10-01", "2026-11-01"}, {"THIS_MONTH", "2026-11-01", "2026-12-01"}, {"NEXT_MONTH", "2026-12-01", "2027-01-01"},
		{"THIS_QUARTER", "2026-10-01", "2027-01-01"}, {"LAST_QUARTER", "2026-07-01", "2026-10-01"}, {"THIS_YEAR", "2026-01-01", "2027-01-01"},
		{"LAST_FISCAL_YEAR", "2025-01-01", "2026-01-01"}, {"NEXT_FISCAL_QUARTER", "2027-01-01", "2027-04-01"},
		{"LAST_90_DAYS", "2026-08-26", "2026-11-25"}, {"LAST_N_DAYS:1", "2026-11-23", "2026-11-25"}, {"NEXT_N_DAYS:2", "2026-11-25", "2026-11-27"},
		{"LAST_N_MONTHS:2", "2026-09-01", "2026-11-01"}, {"NEXT_N_YEARS:1", "2027-01-01", "2028-01-01"}, {"N_DAYS_AGO:7", "2026-11-17", "2026-11-18"},
		{"N_WEEKS_AGO:1", "2026-11-15", "2026-11-22"}, {"N_FISCAL_QUARTERS_AGO:1", "2026-07-01", "2026-10-01"},
	} {
		span := value(t, c.literal).Span(now)
		if got := span.Begin.Format(time.DateOnly) + " " + span.End.Format(time.DateOnly); got != c.begin+" "+c.end {
			t.Errorf("%s is %s, not %s %s", c.literal, got, c.begin, c.end)
		}
	}
}

func TestEscapes(t *testing.T) {
	for literal, want := range map[string]string{
		`'a\'b'`: "a'b", `'a\\b'`: `a\b`, `'\u00e9\n\t'`: "é\n\t", `'\%\_'`: "%_", `'\"'`: `"`,
	} {
		if got := value(t, literal).Text(); got != want {
			t.Errorf("%s is %q", literal, got)
		}
	}
}
