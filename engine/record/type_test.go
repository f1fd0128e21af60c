package record_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doppio-sync/doppio/engine/record"
)

func TestCanon(t *testing.T) {
	rows := []struct {
		name string
		typ  record.Type
		in   string
		want string
		bad  bool
	}{
		{"blanks around a text", record.Type{Kind: record.Text}, "  Anna \t", "Anna", false},
		{"blanks alone are nothing", record.Type{Kind: record.Text}, " \n ", "", false},
		{"line ends of a browser", record.Type{Kind: record.TextArea}, "a\r\nb\rc", "a\nb\nc", false},
		{"not UTF-8", record.Type{Kind: record.Text}, "\xff", "", true},
		{"Salesforce's boolean", record.Type{Kind: record.Boolean}, "true", "true", false},
		{"the activity log's boolean", record.Type{Kind: record.Boolean}, "False", "false", false},
		{"no boolean is false", record.Type{Kind: record.Boolean}, "", "false", false},
		{"a word is no boolean", record.Type{Kind: record.Boolean}, "maybe", "", true},
		{"a whole double", record.Type{Kind: record.Integer}, "300.0", "300", false},
		{"a score without leading zeros", record.Type{Kind: record.Integer}, "007", "7", false},
		{"rounded half away from zero", record.Type{Kind: record.Decimal, Scale: 2}, "2.675", "2.68", false},
		{"trailing zeros", record.Type{Kind: record.Decimal, Scale: 2}, "10.50", "10.5", false},
		{"scientific", record.Type{Kind: record.Decimal, Scale: 0}, "9.12260031E8", "912260031", false},
		{"a small negative is zero", record.Type{Kind: record.Decimal, Scale: 0}, "-0.2", "0", false},
		{"a number out of all proportion", record.Type{Kind: record.Decimal}, "1e999999999", "", true},
		{"a word is no number", record.Type{Kind: record.Integer}, "many", "", true},
		{"a date", record.Type{Kind: record.Date}, "2026-02-28", "2026-02-28", false},
		{"no such day", record.Type{Kind: record.Date}, "2026-02-30", "", true},
		{"Salesforce's date-time", record.Type{Kind: record.DateTime}, "2026-01-01T01:00:00.000+0100", "2026-01-01T00:00:00Z", false},
		{"Marketo's date-time", record.Type{Kind: record.DateTime}, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", false},
		{"the asset API's date-time", record.Type{Kind: record.DateTime}, "2026-01-01T00:00:00Z+0000", "2026-01-01T00:00:00Z", false},
		{"no zone", record.Type{Kind: record.DateTime}, "2026-01-01 00:00:00", "", true},
		{"picklist in another case", record.Type{Kind: record.Picklist, Values: []string{"Hot", "Cold"}}, "hot", "Hot", false},
		{"picklist value nobody defined", record.Type{Kind: record.Picklist, Values: []string{"Hot"}}, "lukewarm", "lukewarm", false},
		{"choices in another order and case", record.Type{Kind: record.MultiPicklist, Values: []string{"Red", "Blue", "Green"}}, "green; red;Red;", "Red;Green", false},
		{"choices that nobody defined stand behind", record.Type{Kind: record.MultiPicklist, Values: []string{"Red"}}, "teal;ochre;Red", "Red;ochre;teal", false},
		{"no choice", record.Type{Kind: record.MultiPicklist}, " ; ", "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := row.typ.Canon(row.in)
			if (err != nil) != row.bad {
				t.Fatalf("error %v", err)
			}
			if got.Text() != row.want {
				t.Errorf("got %q, want %q", got.Text(), row.want)
			}
			if err != nil && row.in != "" && strings.Contains(err.Error(), row.in) {
				t.Errorf("the error repeats what was typed: %v", err)
			}
		})
	}
}

var kinds = []record.Kind{
	record.Text, record.TextArea, record.Email, record.Phone, record.URL, record.Picklist, record.MultiPicklist,
	record.Boolean, record.Integer, record.Decimal, record.Date, record.DateTime, record.Reference,
}

// FuzzCanon: what is canonical stays as it is, whatever it was made from.
func FuzzCanon(f *testing.F) {
	for _, seed := range []string{"", " a ", "1e3", "-0", "0001", "2026-01-01", "2026-01-01T00:00:00Z", "True", "é\r\n", "9999999999999999999.5"} {
		f.Add(seed, uint8(7), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text string, kind, scale uint8) {
		typ := record.Type{Kind: kinds[int(kind)%len(kinds)], Scale: int(scale % 9)}
		once, err := typ.Canon(text)
		if err != nil {
			return
		}
		twice, err := typ.Canon(once.Text())
		if err != nil || twice != once {
			t.Fatalf("%v of %q is %q, of that %q, %v", typ, text, once.Text(), twice.Text(), err)
		}
	})
}

func TestValuesHideThemselves(t *testing.T) {
	v := record.Of("anna@kade12.example")
	rec := record.Record{Email: v, Values: []record.Value{v}}
	for _, text := range []string{fmt.Sprint(v), fmt.Sprintf("%v %+v %#v %s %q", v, v, v, v, v), fmt.Sprintf("%+v", rec)} {
		if strings.Contains(text, "anna") {
			t.Errorf("a value printed itself: %s", text)
		}
	}
}

// TestLongID compares with ids that live orgs answered.
func TestLongID(t *testing.T) {
	for short, long := range map[string]record.ID{
		"00Q5f00000KxRpa": "00Q5f00000KxRpaEAF",
		"005x00000012Q9P": "005x00000012Q9PAAU",
	} {
		got, err := record.LongID(short)
		if err != nil || got != long {
			t.Errorf("%s gives %s, %v; want %s", short, got, err, long)
		}
		if again, err := record.LongID(string(got)); err != nil || again != got {
			t.Errorf("%s gives %s, %v", got, again, err)
		}
	}
	for _, bad := range []string{"", "00Q", "00Q5f00000KxRp!", "00Q5f00000KxRpaEAFx"} {
		if _, err := record.LongID(bad); err == nil {
			t.Errorf("%q was taken for an id", bad)
		}
	}
}

func TestTimesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).UTC()
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05Z+0000"} {
			got, err := record.ParseTime(at.Format(layout))
			if err != nil || !got.Equal(at) {
				t.Fatalf("%s reads as %v, %v", at.Format(layout), got, err)
			}
		}
	})
}
