package words

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/app"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// TestLanguagesMatch holds every language to the first: the same keys, the same plural forms, the same placeholders and
// as many marks for bold.
func TestLanguagesMatch(t *testing.T) {
	first, err := load(Languages()[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Languages()[1:] {
		other, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		for key, a := range first {
			b, ok := other[key]
			if !ok {
				t.Errorf("%s lacks %s", name, key)
				continue
			}
			if (a.one == "") != (b.one == "") {
				t.Errorf("%s: %s has other plural forms", name, key)
			}
			for _, pair := range [][2]string{{a.one, b.one}, {a.other, b.other}} {
				if got, want := names(pair[1]), names(pair[0]); !slices.Equal(got, want) {
					t.Errorf("%s: %s has placeholders %v, want %v", name, key, got, want)
				}
				if strings.Count(pair[0], "**") != strings.Count(pair[1], "**") {
					t.Errorf("%s: %s has other marks for bold", name, key)
				}
			}
			if b.other == "" {
				t.Errorf("%s: %s is empty", name, key)
			}
		}
		for key := range other {
			if _, ok := first[key]; !ok && !engineKey(key) {
				t.Errorf("%s has %s, which %s lacks", name, key, Languages()[0])
			}
		}
	}
}

// command is something that is typed, not pressed.
var command = regexp.MustCompile(`doppioctl|sync --| --[a-z]`)

// engineKey tells what the engine says, in English, by itself; its translations are held to its code by
// TestEngineIsTranslated.
func engineKey(key string) bool {
	begin, _, _ := strings.Cut(key, ".")
	return slices.Contains([]string{"salesforce", "marketo", "quota", "mode", "check", "trouble", "maker", "setup", "request", "rehearsal", "suggest", "loss", "why", "wish", "rule"}, begin)
}

// TestEngineIsTranslated reads the engine's source for every sentence that it tells people: each has a text in every
// other language, with the same arguments, and no text is left over.
func TestEngineIsTranslated(t *testing.T) {
	told := map[string][]string{}
	commands := map[string]bool{} // what is said to whoever types: a screen says it otherwise
	note := func(key, english string) {
		commands[key] = command.MatchString(english)
		var args []string
		for _, m := range regexp.MustCompile(`%(\d)`).FindAllStringSubmatch(english, -1) {
			args = append(args, "{"+m[1]+"}")
		}
		slices.Sort(args)
		told[key] = slices.Compact(args)
	}
	const quoted = `"((?:[^"\\]|\\.)*)"`
	for side, patterns := range map[string][]string{
		"salesforce": {`key: ` + quoted + `, text: ` + quoted}, "marketo": {`key: ` + quoted + `, text: ` + quoted},
		"salesforce.oauth": {`pace\.(?:SignIn|Ours|Permission|Config|Quota|Transient), pace\.\w+, ` + quoted + `, ` + quoted},
		"":                 {`\bSay\(` + quoted + `, ` + quoted},
	} {
		folder := map[string]string{"salesforce": "../../engine/salesforce", "marketo": "../../engine/marketo", "salesforce.oauth": "../../engine/salesforce"}[side]
		source := readGo(t, folder)
		if side == "" {
			source = readGo(t, "../../engine/pace") + readGo(t, "../../engine/salesforce") + readGo(t, "../../engine/setup") + readGo(t, "../../engine/schema") + readGo(t, "../../app") + readGo(t, "../../app/report")
		} else {
			side += "."
		}
		for _, p := range patterns {
			for _, m := range regexp.MustCompile(p).FindAllStringSubmatch(source, -1) {
				note(side+m[1], m[2])
			}
		}
	}
	for _, m := range regexp.MustCompile(`\b(?:say\("[a-z-]+", |fail\(.*?)`+quoted+`, `+quoted).FindAllStringSubmatch(readGo(t, "../../engine/schema"), -1) {
		note(m[1], m[2])
	}
	rules := readGo(t, "../../engine/rule")
	for _, m := range regexp.MustCompile(`\b(?:at|wrong)\(.*?"(rule\.[^"]*)", `+quoted).FindAllStringSubmatch(rules, -1) {
		note(m[1], m[2])
	}
	for _, m := range regexp.MustCompile(`syntax\.Err\w+: +"([^"]+)"`).FindAllStringSubmatch(rules, -1) {
		note(m[1], "%1") // the part of the pattern
	}
	for _, m := range regexp.MustCompile(`\{(?:store\.|keychain\.)?[eE]rr\w+, `+quoted+`\}`).FindAllStringSubmatch(readGo(t, "../../app"), -1) {
		note(m[1], "%1") // the file that it is about
	}
	if len(told) < 480 {
		t.Fatalf("only %d sentences were found in the engine", len(told))
	}
	for _, name := range Languages()[1:] {
		texts, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		for key, args := range told {
			switch got, ok := texts[key]; {
			case !ok:
				t.Errorf("%s lacks %s", name, key)
			case !slices.Equal(names(got.other), args):
				t.Errorf("%s: %s has the arguments %v, want %v", name, key, names(got.other), args)
			}
		}
		first, err := load(Languages()[0])
		if err != nil {
			t.Fatal(err)
		}
		for key, text := range first {
			if command.MatchString(text.one + text.other + texts[key].one + texts[key].other) {
				t.Errorf("%s tells somebody at a window of a command", key)
			}
		}
		for key, named := range commands {
			if _, own := first[key]; named && (!own || command.MatchString(texts[key].other)) {
				t.Errorf("%s tells somebody at a window of a command", key)
			}
		}
		for key := range texts {
			if _, own := first[key]; !own && told[key] == nil {
				if _, said := told[key]; !said {
					t.Errorf("%s has %s, which nobody tells", name, key)
				}
			}
		}
		for key := range texts {
			cause, named := strings.CutPrefix(key, "cause.")
			if !named {
				cause, named = strings.CutPrefix(key, "causeof.")
			}
			if _, said := told[cause]; named && !said && cause != "any" {
				t.Errorf("%s names the cause %s, which does not exist", name, cause)
			}
		}
	}
}

// commands are the files of package app to which no screen leads: what they say, they say to whoever typed a command.
var commands = []string{
	"bench.go", "demo.go", "dictionary.go", "failures.go", "holds.go", "mapping_read.go", "pair_campaign.go", "pairs.go", "price.go", "problem.go",
	"sample.go", "settings.go", "undo.go", "whatif.go",
}

// flagged are the wrong inputs of the other files that only flags of a command can be.
var flagged = regexp.MustCompile(`--home|a place for secrets|--timeout|--daily-calls|--none|not a way to sign in|inputf\("%v", err\)|can be had as|so everybody takes part`)

// TestRefusalsHaveKeys reads package app for errors that have a sentence and no key by which another language can say it.
func TestRefusalsHaveKeys(t *testing.T) {
	files, err := filepath.Glob("../../app/*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	keyless := regexp.MustCompile(`inputf\(|&InputError\{Text: [^,\n]*\}|&told\{\w+, (?:fmt|")`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || slices.Contains(commands, filepath.Base(f)) {
			continue
		}
		code, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(code), "\n") {
			if keyless.MatchString(line) && !flagged.MatchString(line) {
				t.Errorf("%s:%d: a screen can show this, and only in English: %s", f, i+1, strings.TrimSpace(line))
			}
		}
	}
}

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

// readGo is the source of a folder, without tests.
func readGo(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", folder, err)
	}
	var source strings.Builder
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			code, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(code)
		}
	}
	return source.String()
}

func names(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestKeysAreUsedAndExist reads the window's source: every key that it says has a text, and every text is said
// somewhere. Keys that are put together in the program are named by their beginnings.
func TestKeysAreUsedAndExist(t *testing.T) {
	texts, err := load("en")
	if err != nil {
		t.Fatal(err)
	}
	composed := []string{
		"phase.", "mode.", "side.", "month.", "weekday.", "cause.", "causeof.", "purpose.", "org.flow.", "signin.sub.", "signin.until.", "instance.opens.", "wizard.step.", "golive.differ.",
		"fields.object.", "fields.means.", "fields.group.", "fields.kind.", "fields.stuck.", "fields.direction.", "fields.policy.", "fields.quiet.", "fields.wins.",
		"fields.ask.", "fields.answer.", "fields.empty.", "rules.kind.", "rules.step.", "rules.make.", "rules.param.", "rules.choice.", "rules.quiet.",
	}
	composed = append(composed, "filter.ask.", "filter.day.", "filter.dayform.", "filter.unit.", "filter.stretch.", "filter.join.", "filter.list.", "filter.preset.", "filter.who.",
		"filter.version.", "filter.leaving.", "filter.hanging.", "filter.confirm.", "filter.marketo.stay.", "filter.leave.linked.", "filter.why.")
	call := regexp.MustCompile(`"([a-z]+(?:\.[a-z0-9-]+)+)"`)
	source := ""
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		source += string(code)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, m := range call.FindAllStringSubmatch(source, -1) {
		said[m[1]] = true
	}
	for key := range texts {
		if !said[key] && !engineKey(key) && !slices.ContainsFunc(composed, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("nothing says %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`\.(?:Say|Count)\("([^"]+)"[,)]`).FindAllStringSubmatch(source, -1) {
		if _, ok := texts[m[1]]; !ok {
			t.Errorf("%s is said and has no text", m[1])
		}
	}
	for _, p := range app.Phases() {
		if _, ok := texts["phase."+string(p)]; !ok {
			t.Errorf("phase %s has no text", p)
		}
	}
	for _, f := range []app.Flow{app.FlowBrowser, app.FlowRefreshToken, app.FlowClientCredentials, app.FlowJWT} {
		for _, key := range []string{"org.flow.", "signin.sub.", "signin.until."} {
			if _, ok := texts[key+string(f)]; !ok {
				t.Errorf("%s%s has no text", key, f)
			}
		}
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
