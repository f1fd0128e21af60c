package words

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/assets"
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
		for key := range fynes(t, Languages()[0]) {
			if fynes(t, name)[key] == "" {
				t.Errorf("%s lacks %q of Fyne's own widgets", name, key)
			}
		}
		for key := range other {
			if _, ok := first[key]; !ok && !engineKey(key) {
				t.Errorf("%s has %s, which %s lacks", name, key, Languages()[0])
			}
		}
	}
}

// fynes are the texts of Fyne's own widgets.
func fynes(t *testing.T, language string) (texts map[string]string) {
	t.Helper()
	data, err := assets.Translations.ReadFile("translations/fyne/" + language + ".json")
	if err == nil {
		err = json.Unmarshal(data, &texts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return texts
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

// TestRefusalsHaveNames: what one record is refused for has a few words for lists, where the sentence would be cut.
func TestRefusalsHaveNames(t *testing.T) {
	for _, side := range []string{"salesforce", "marketo"} {
		found := regexp.MustCompile(`class: pace\.(?:Refused|Gone|Duplicate|Locked), .*?key: "([^"]+)"`).FindAllStringSubmatch(readGo(t, "../../engine/"+side), -1)
		if len(found) < 12 {
			t.Fatalf("only %d causes were found in %s", len(found), side)
		}
		for _, m := range found {
			if key := "cause." + side + "." + m[1]; !For("en").Has(key) {
				t.Errorf("there is no %s", key)
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

// TestKeysAreUsedAndExist reads the window's source: every key that it says has a text, and every text is said
// somewhere. Keys that are put together in the program are named by their beginnings.
func TestKeysAreUsedAndExist(t *testing.T) {
	texts, err := load("en")
	if err != nil {
		t.Fatal(err)
	}
	composed := []string{
		"phase.", "mode.", "side.", "object.", "month.", "weekday.", "cause.", "causeof.", "purpose.", "org.flow.", "signin.sub.", "signin.until.", "instance.opens.", "wizard.step.", "golive.differ.",
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
