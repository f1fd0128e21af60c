package words

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/app"
)

// TestProblems says errors in Dutch: by their key, as whole sentences, and what has none as a text that is English.
func TestProblems(t *testing.T) {
	setup := app.RuleSetup{}
	wrong := setup.Try([]byte(`{"rules":[{"name":"a","do":[{"replace":{"pattern":"(","with":""}}]}]}`))
	if len(wrong) != 1 {
		t.Fatalf("%+v", wrong)
	}
	settings := app.DefaultSettings()
	for _, row := range []struct {
		said   app.Sentence
		en, nl string
	}{
		{said: wrong[0].Said, en: "Error parsing regexp: missing closing ): `(`", nl: "Een ) ontbreekt in het patroon: ("},
		{said: app.Told(settings.Set("marketo_daily_calls=5")), en: "“5” is not a whole number from 100 to 10000000.", nl: "‘5’ is geen geheel getal van 100 tot en met 10000000."},
	} {
		if en, nl := For("en").Whole(row.said), For("nl").Whole(row.said); en != row.en || nl != row.nl {
			t.Errorf("%q, want %q; %q, want %q", en, row.en, nl, row.nl)
		}
	}
	if got := For("nl").Problem(errors.New("the frobnicator is stuck")); !strings.Contains(got.What, "in het Engels: The frobnicator is stuck.") || got.Details == "" {
		t.Errorf("%+v", got)
	}
}

func TestLanguageIsChosen(t *testing.T) {
	for wanted, want := range map[string]string{"nl_NL.UTF-8": "nl", "nl-BE": "nl", "en_GB": "en", "fr": "en", "C": "en", "": "en", "POSIX": "en"} {
		if got := For(wanted).Language(); got != want {
			t.Errorf("%q gives %s, want %s", wanted, got, want)
		}
	}
}

func TestMoments(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	en, nl := For("en"), For("nl")
	en.Zone, nl.Zone = time.UTC, time.UTC
	rows := []struct{ got, want string }{
		{en.Number(1234567), "1,234,567"},
		{nl.Number(1234567), "1.234.567"},
		{en.Moment(now.Add(-3*time.Minute), now), "11:57"},
		{en.Moment(now.Add(-24*time.Hour), now), "yesterday 12:00"},
		{nl.Moment(now.Add(13*time.Hour), now), "morgen 01:00"},
		{nl.Moment(now.AddDate(0, 0, -20), now), "4 november"},
		{en.Point(now.Add(-time.Hour), now), "11:00"},
		{nl.Point(now.AddDate(0, 0, -1), now), "23 november, 12:00"},
		{en.Weekday(now.AddDate(0, 0, -1), now), "Mon"},
		{nl.Weekday(now, now), "vandaag"},
		{en.Ago(now.Add(-20*time.Second), now), "just now"},
		{en.Ago(now.Add(-time.Minute), now), "1 minute ago"},
		{en.Ago(now.Add(-2*time.Hour), now), "2 hours ago"},
		{nl.Ago(now.Add(-50*time.Hour), now), "2 dagen geleden"},
		{en.Ago(now.AddDate(0, -1, 0), now), "on 24 October"},
		{en.Duration(0), "0 s"},
		{en.Duration(300 * time.Millisecond), "under 1 s"},
		{en.Duration(192 * time.Second), "3 min 12 s"},
		{en.Duration(2 * time.Hour), "2 h"},
		{nl.Duration(150 * time.Minute), "2 u 30 min"},
		{en.Duration(72 * time.Hour), "3 days"},
		{en.About(107 * time.Second), "2 min"},
		{en.About(7 * time.Second), "5 s"},
		{en.Every(5 * time.Minute), "every 5 minutes"},
		{nl.Every(time.Minute), "elke minuut"},
		{en.Every(15 * time.Second), "every 15 seconds"},
		{en.Every(2 * time.Hour), "every 2 hours"},
		{en.Percent(1, 3), "33 %"},
		{en.Percent(1, 0), "0 %"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("%q, want %q", row.got, row.want)
		}
	}
}

func TestSentences(t *testing.T) {
	nl := For("nl")
	if got := nl.Sentence(app.Sentence{Key: "no.such", Text: "English."}); got != "English." {
		t.Errorf("a missing key says %q", got)
	}
	if got := nl.Cause(app.Sentence{Key: "salesforce.too.long", Text: "The text is too long."}); got != "Tekst te lang" {
		t.Errorf("the cause is %q", got)
	}
	long := app.Sentence{Key: "salesforce.too.long", Args: []string{"a Contact", "a field", ""}, Text: "The text is too long for a field of a Contact."}
	if got := nl.Sentence(long); !strings.HasPrefix(got, "De tekst is te lang voor een veld van een Contact.") {
		t.Errorf("records and fields of which only the kind is known: %q", got)
	}
	if got := nl.Say("state.paused", "waiting", "a **b**"); strings.Contains(got, "*") {
		t.Errorf("an argument brought marks: %q", got)
	}
}

// FuzzSay feeds arguments that look like placeholders and marks.
func FuzzSay(f *testing.F) {
	f.Add("{field}", "**")
	f.Fuzz(func(t *testing.T, by, field string) {
		got := For("en").Count("backlog.peak.by", 2, "time", by, "by", field)
		if strings.Count(got, "**") != 2 {
			t.Errorf("%q, %q: %q", by, field, got)
		}
	})
}

// TestField says what a field is called, from its API name.
func TestField(t *testing.T) {
	for name, want := range map[string]string{
		"State": "State", "LeadSource": "Lead Source", "NumberOfEmployees": "Number of Employees", "leadScore": "Lead Score", "Customer_Segment__c": "Customer Segment",
		"CRMName": "CRM Name", "mktoSFDCId": "Mkto SFDC Id", "": "",
	} {
		if got := Field(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	w := For("en")
	for _, row := range []struct {
		key    string
		fields []string
		want   string
	}{
		{"salesforce.picklist", nil, "Value not in Salesforce's list"},
		{"salesforce.picklist", []string{"LeadSource"}, "Lead Source not in Salesforce's list"},
		{"salesforce.validation", []string{"State", "Country"}, "Validation rule: State, Country"},
		{"none.of.these", []string{"State"}, "The whole sentence."},
	} {
		if got := w.Cause(app.Sentence{Key: row.key, Text: "The whole sentence."}, row.fields...); got != row.want {
			t.Errorf("%s of %v: %q, want %q", row.key, row.fields, got, row.want)
		}
	}
}

// TestCountsInSentences writes counts of calls with the language's separators, and leaves codes as they are.
func TestCountsInSentences(t *testing.T) {
	quota := app.Sentence{Key: "check.marketo.quota", Args: []string{"5000", "50000"}, Text: "5000 of 50000 daily calls were made today by all programs together."}
	if got, want := For("en").Sentence(quota), "5,000 of 50,000 daily calls were made today by all programs together."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := For("nl").Sentence(quota); !strings.Contains(got, "50.000") {
		t.Errorf("%q", got)
	}
	brake := app.Sentence{Key: "trouble.brake", Args: []string{"2600", "0", "12480", "Marketo", "2496"}, Text: "2600 of 12480"}
	if got := For("nl").Sentence(brake); !strings.Contains(got, "2.600 van 12.480") || !strings.Contains(got, "‘Toch doorgaan’") {
		t.Errorf("%q", got)
	}
	ends := app.Sentence{Key: "check.certificate", Args: []string{"2028-11-04"}, Text: "Good until 2028-11-04."}
	if en, nl := For("en").Sentence(ends), For("nl").Sentence(ends); en != "Good until 4 November 2028." || !strings.HasSuffix(nl, "tot 4 november 2028.") {
		t.Errorf("%q, %q", en, nl)
	}
	code := app.Sentence{Key: "marketo.unheard", Args: []string{"1003"}, Text: "Refused with 1003."}
	if got := For("en").Sentence(code); got != "Refused with 1003." {
		t.Errorf("%q", got)
	}
}
