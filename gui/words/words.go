// Package words says things to people in their language: sentences by key, plural forms, numbers, dates and durations.
//
// Keys, arguments and a moment in time flow in, finished text flows out. The texts themselves lie in
// assets/translations, one file a language; a key that a language lacks is a failing test, not a blank on a screen.
package words

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/assets"
	"github.com/doppio-sync/doppio/engine/record"
)

// Words is one language. It is immutable but for Zone, and safe for concurrent use.
type Words struct {
	// Zone is the zone in which times are said; set before first use. The zero value of a Words from For is the
	// computer's own.
	Zone *time.Location

	tag     language.Tag
	texts   map[string]text
	printer *message.Printer
}

// text is one translation: a plain one, or one for each plural form.
type text struct{ one, other string }

// UnmarshalJSON reads "…" or {"one": "…", "other": "…"}.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.other)
	}
	var forms map[string]string
	if err := json.Unmarshal(data, &forms); err != nil {
		return err
	}
	for form, content := range forms {
		switch form {
		case "one":
			t.one = content
		case "other":
			t.other = content
		default:
			return fmt.Errorf("%q is not a plural form that these languages have", form)
		}
	}
	return nil
}

// Languages are the languages that there are translations for, the first being the one for everybody else.
func Languages() []string { return []string{"en", "nl"} }

// For gives the words of the best language for what the system or a person asks for ("nl_NL.UTF-8", "nl-BE", "en").
// Something unknown gives English.
func For(wanted ...string) *Words {
	tags := make([]language.Tag, len(Languages()))
	for i, l := range Languages() {
		tags[i] = language.MustParse(l)
	}
	var asked []language.Tag
	for _, w := range wanted {
		w, _, _ = strings.Cut(w, ".")
		if tag, err := language.Parse(strings.ReplaceAll(w, "_", "-")); err == nil {
			asked = append(asked, tag)
		}
	}
	_, index, _ := language.NewMatcher(tags).Match(asked...)
	texts, err := load(Languages()[index])
	if err != nil {
		panic(err) // the files are compiled in, and a test reads them all
	}
	return &Words{Zone: time.Local, tag: tags[index], texts: texts, printer: message.NewPrinter(tags[index])}
}

func load(name string) (map[string]text, error) {
	texts := map[string]text{}
	for _, file := range []string{"translations/" + name + ".json", "translations/engine/" + name + ".json"} {
		data, err := assets.Translations.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && name == Languages()[0] {
			continue // the engine speaks English by itself
		}
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &texts); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return texts, nil
}

// Language is the tag of the language.
func (w *Words) Language() string { return w.tag.String() }

// Say gives the text of a key with its placeholders filled in: Say("x", "name", "Acme") replaces {name}. Arguments
// lose their asterisks, which are marks for bold. A key that is missing is said as it is.
func (w *Words) Say(key string, args ...string) string {
	t, ok := w.texts[key]
	if !ok {
		return key
	}
	return fill(t.other, args)
}

// Count is Say with the plural form for n; {n} is the number itself.
func (w *Words) Count(key string, n int, args ...string) string {
	t, ok := w.texts[key]
	if !ok {
		return key
	}
	args = append([]string{"n", w.Number(n)}, args...)
	if t.one != "" && plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0) == plural.One {
		return fill(t.one, args)
	}
	return fill(t.other, args)
}

// Object is what one of an object is called; a custom object goes by its API name.
func (w *Words) Object(o record.Object) string {
	if key := "object." + string(o); w.Has(key) {
		return w.Say(key)
	}
	return string(o)
}

// Has reports whether the language has a text for the key.
func (w *Words) Has(key string) bool { _, ok := w.texts[key]; return ok }

// Sentence says what the engine has to tell: in this language if it has the key, else in English. Its arguments are
// {1}, {2} …
func (w *Words) Sentence(s app.Sentence) string {
	t, ok := w.texts[s.Key]
	text, args := s.Text, make([]string, 0, 2*len(s.Args))
	for i, a := range s.Args {
		if n, err := strconv.Atoi(a); err == nil && (strings.HasSuffix(s.Key, ".quota") || strings.HasPrefix(s.Key, "loss.") || strings.HasPrefix(s.Key, "trouble.brake")) { // counts; other numbers are codes and ids
			text = regexp.MustCompile(`\b`+a+`\b`).ReplaceAllString(text, w.Number(n))
			a = w.Number(n)
		}
		if day, err := time.ParseInLocation(time.DateOnly, a, w.Zone); err == nil {
			text = strings.ReplaceAll(text, a, w.Day(day))
			a = w.Day(day)
		}
		args = append(args, fmt.Sprint(i+1), w.some(s.Key, a))
	}
	if !ok {
		return text
	}
	return fill(t.other, args)
}

// some says a record or a field of which a side's refusal knows no more than its kind: the engine's English for it is "a Contact".
func (w *Words) some(key, arg string) string {
	article, kind, _ := strings.Cut(arg, " ")
	switch {
	case article != "a" && article != "an", !strings.HasPrefix(key, "salesforce.") && !strings.HasPrefix(key, "marketo."):
		return arg
	case kind == "field":
		return w.Say("some.field")
	}
	return w.Say("some.record", "kind", kind)
}

// Cause names the cause of failures in a few words, for lists, with the fields that it is about. Where there is no such
// name it is the whole sentence.
func (w *Words) Cause(s app.Sentence, fields ...string) string {
	key := "cause." + s.Key
	if !w.Has(key) {
		return w.Sentence(s)
	}
	if len(fields) == 0 {
		return w.Say(key)
	}
	labels := make([]string, len(fields))
	for i, f := range fields {
		labels[i] = Field(f)
	}
	named := strings.Join(labels, ", ")
	if of := "causeof." + s.Key; w.Has(of) {
		return w.Say(of, "field", named)
	}
	return w.Say("causeof.any", "field", named, "cause", w.Say(key))
}

// Field is the API name of a field as words: "NumberOfEmployees" is "Number of Employees", "Segment__c" is "Segment".
func Field(name string) string {
	name = strings.TrimSuffix(name, "__c")
	var parts []string
	for _, part := range strings.Split(name, "_") {
		from := 0
		letters := []rune(part)
		for i := 1; i <= len(letters); i++ {
			if i == len(letters) || unicode.IsUpper(letters[i]) && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
				parts = append(parts, string(letters[from:i]))
				from = i
			}
		}
	}
	for i, part := range parts {
		switch letters := []rune(part); {
		case i > 0 && (part == "Of" || part == "In" || part == "To"):
			parts[i] = strings.ToLower(part)
		case i == 0:
			letters[0] = unicode.ToUpper(letters[0])
			parts[i] = string(letters)
		}
	}
	return strings.Join(parts, " ")
}

func fill(content string, args []string) string {
	if len(args) == 0 {
		return content
	}
	pairs := make([]string, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs[i] = "{" + args[i] + "}"
		pairs[i+1] = strings.ReplaceAll(args[i+1], "*", "")
	}
	return strings.NewReplacer(pairs...).Replace(content)
}
