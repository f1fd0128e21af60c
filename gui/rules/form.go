package rules

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/assets/places"
)

// Form is a step with what it takes in plain words. A step of which a form cannot say everything has none, and is shown as the text that the
// file has.
type Form struct {
	Word   string
	Values map[string]string // by parameter
}

// parameter is one thing that a step takes.
type parameter struct {
	key     string
	choices []string // "" is the first where nothing need be said
	lines   int      // of a text; 0 for a choice
}

// inLanguage stands for the languages in which places can be named, which are read when they are needed.
var inLanguage = []string{"language"}

// offered are the choices of a parameter, and what stands there now.
func (p parameter) offered(now string) []string {
	choices := p.choices
	if len(choices) == 1 && choices[0] == inLanguage[0] {
		choices = append([]string{""}, places.Languages()...)
	}
	if !slices.Contains(choices, now) {
		choices = append(slices.Clone(choices), now)
	}
	return choices
}

// parameters are what each step takes, in the order in which it is asked.
var parameters = map[string][]parameter{
	"trim":    nil,
	"blank":   {{key: "words", lines: 3}},
	"case":    {{key: "case", choices: []string{"names", "lower", "upper"}}},
	"table":   {{key: "table", lines: 6}},
	"replace": {{key: "pattern", lines: 1}, {key: "with", lines: 1}},
	"phone":   {{key: "assume", lines: 1}, {key: "country", lines: 1}},
	"country": {{key: "as", choices: []string{"", "code", "alpha3"}}, {key: "language", choices: inLanguage}},
	"state":   {{key: "as", choices: []string{"", "code", "alpha3"}}, {key: "language", choices: inLanguage}, {key: "country", lines: 1}, {key: "assume", lines: 1}},
	"band":    {{key: "bands", lines: 5}, {key: "margin", choices: []string{"", "0", "1", "3", "5", "10"}}, {key: "send", choices: []string{"", "band", "low", "high"}}, {key: "to", choices: []string{"", "salesforce", "marketo"}}},
}

// Steps are the words of all steps, in the order in which they are offered.
var Steps = []string{"trim", "blank", "case", "country", "state", "phone", "table", "replace", "band"}

// ReadForm reads a step; ok is false where a form would lose some of it.
func ReadForm(s app.RuleStep) (f Form, ok bool) {
	if _, known := parameters[s.Word]; !known {
		return f, false
	}
	f = Form{Word: s.Word, Values: map[string]string{}}
	if s.With != nil {
		read := objectForm
		switch s.Word {
		case "blank":
			read = listForm
		case "case":
			read = caseForm
		case "table":
			read = tableForm
		case "band":
			read = bandForm
		}
		if !read(&f, s.With) {
			return Form{}, false
		}
	}
	back, err := f.Step()
	return f, err == nil && same(back, s)
}

// same reports whether two steps are written alike, but for the order of keys and the blanks between them.
func same(a, b app.RuleStep) bool {
	if a.Word != b.Word || (a.With == nil) != (b.With == nil) {
		return false
	}
	return a.With == nil || bytes.Equal(canonical(a.With), canonical(b.With))
}

func canonical(text []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return text
	}
	out, err := json.Marshal(v)
	if err != nil {
		return text
	}
	return out
}

// objectForm reads an object of texts.
func objectForm(f *Form, with []byte) bool {
	return json.Unmarshal(with, &f.Values) == nil && len(f.Values) > 0
}

func caseForm(f *Form, with []byte) bool {
	var word string
	if json.Unmarshal(with, &word) != nil {
		return false
	}
	f.Values["case"] = word
	return true
}

func listForm(f *Form, with []byte) bool {
	var words []string
	if json.Unmarshal(with, &words) != nil {
		return false
	}
	f.Values["words"] = strings.Join(words, "\n")
	return true
}

func tableForm(f *Form, with []byte) bool {
	var table map[string]string
	if json.Unmarshal(with, &table) != nil {
		return false
	}
	var lines []string
	for _, from := range slices.Sorted(maps.Keys(table)) {
		lines = append(lines, from+" = "+table[from])
	}
	f.Values["table"] = strings.Join(lines, "\n")
	return true
}

// bandEntry is what a band takes.
type bandEntry struct {
	Bands  []json.RawMessage `json:"bands,omitempty"`
	Margin json.Number       `json:"margin,omitempty"`
	To     string            `json:"to,omitempty"`
	Send   string            `json:"send,omitempty"`
}

// ownBand is a band with a word of its own.
type ownBand struct {
	Band string `json:"band"`
	Send string `json:"send"`
}

func bandForm(f *Form, with []byte) bool {
	var e bandEntry
	if json.Unmarshal(with, &e) != nil {
		return false
	}
	var lines []string
	for _, raw := range e.Bands {
		var text string
		var own ownBand
		switch {
		case json.Unmarshal(raw, &text) == nil:
			lines = append(lines, text)
		case json.Unmarshal(raw, &own) == nil:
			lines = append(lines, own.Band+" = "+own.Send)
		default:
			return false
		}
	}
	f.set("bands", strings.Join(lines, "\n"))
	f.set("margin", string(e.Margin))
	f.set("to", e.To)
	f.set("send", e.Send)
	return true
}

func (f *Form) set(key, value string) {
	if value != "" {
		f.Values[key] = value
	}
}

// Step is the step that a form says.
func (f Form) Step() (s app.RuleStep, err error) {
	s.Word = f.Word
	var with any
	switch f.Word {
	case "trim":
	case "blank":
		if words := linesOf(f.Values["words"]); len(words) > 0 {
			with = words
		}
	case "case":
		with = f.Values["case"]
	case "table":
		table := map[string]string{}
		for _, line := range linesOf(f.Values["table"]) {
			from, to, _ := strings.Cut(line, "=")
			table[strings.TrimSpace(from)] = strings.TrimSpace(to)
		}
		with = table
	case "replace":
		with = map[string]string{"pattern": f.Values["pattern"], "with": f.Values["with"]}
	case "band":
		if with, err = f.band(); err != nil {
			return s, err
		}
	default:
		said := map[string]string{}
		for key, value := range f.Values {
			if value != "" {
				said[key] = value
			}
		}
		if len(said) > 0 {
			with = said
		}
	}
	if with != nil {
		s.With, err = json.Marshal(with)
	}
	return s, err
}

func (f Form) band() (any, error) {
	e := bandEntry{Margin: json.Number(f.Values["margin"]), To: f.Values["to"], Send: f.Values["send"]}
	for _, line := range linesOf(f.Values["bands"]) {
		band, send, own := strings.Cut(line, "=")
		var one any = strings.TrimSpace(line)
		if own {
			one = ownBand{strings.TrimSpace(band), strings.TrimSpace(send)}
		}
		raw, err := json.Marshal(one)
		if err != nil {
			return nil, err
		}
		e.Bands = append(e.Bands, raw)
	}
	if e.Bands == nil && e.Margin == "" && e.To == "" && e.Send == "" {
		return nil, nil
	}
	return e, nil
}

// linesOf are the lines of a text that say something.
func linesOf(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
