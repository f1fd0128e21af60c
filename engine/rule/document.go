package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/schema"
)

// Document is a workspace's rule file.
type Document struct {
	Rules []Entry `json:"rules"`
	Tasks *Tasks  `json:"tasks,omitempty"`
}

// Entry is one rule: what it does, and to which fields beside those whose mapping names it.
type Entry struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields,omitempty"` // as Lead.Country
	Do     []Step   `json:"do"`
}

// Step is one thing that a rule does. In a file it is a word, or an object with that word as its only key: "trim", {"case": "names"}.
type Step struct {
	Word string
	With json.RawMessage
}

// UnmarshalJSON reads either form.
func (s *Step) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &s.Word)
	}
	var one map[string]json.RawMessage
	if err := json.Unmarshal(text, &one); err != nil || len(one) != 1 {
		return wrong("rule.step", "a step is a word, or an object with one word as its key: %1", steps())
	}
	for word, with := range one {
		s.Word, s.With = word, with
	}
	return nil
}

// MarshalJSON writes the form that it was read in.
func (s Step) MarshalJSON() ([]byte, error) {
	if s.With == nil {
		return json.Marshal(s.Word)
	}
	return json.Marshal(map[string]json.RawMessage{s.Word: s.With})
}

// Text is the step as the file has it.
func (s Step) Text() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // of a word, and JSON that was read as such
	}
	return text
}

// EntryError says what is wrong in a rule file, and where.
type EntryError struct {
	Place string // as rules[2].do[0].band.margin
	Rule  string // the rule's name; empty when it has none
	Field string // the field to which it cannot be given, as Lead.Country; empty where it is wrong for each
	schema.Said
}

// Error is the sentence for people.
func (e *EntryError) Error() string {
	text := e.Place
	if e.Rule != "" {
		text += fmt.Sprintf(" (rule %q)", e.Rule)
	}
	text += ": " + e.Text
	if e.Field != "" {
		text += " (field " + e.Field + ")"
	}
	return text
}

func at(place, key, text string, args ...string) *EntryError {
	return &EntryError{Place: place, Said: schema.Say(key, text, args...)}
}

// wrong is at where the place is known above alone.
func wrong(key, text string, args ...string) *EntryError { return at("", key, text, args...) }

// under puts a place in front of what went wrong below it.
func under(place string, err error) *EntryError {
	var e *EntryError
	if !errors.As(err, &e) {
		return at(place, "rule.text", "%1", err.Error())
	}
	out := *e
	switch {
	case out.Place == "":
		out.Place = place
	case strings.HasPrefix(out.Place, "["):
		out.Place = place + out.Place
	default:
		out.Place = place + "." + out.Place
	}
	return &out
}

// strict reads JSON that may have no other keys.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// Parse reads a rule file. The error is an *EntryError that points at the entry, or tells line and column of what is no JSON.
func Parse(text []byte) (Document, error) {
	var file struct {
		Rules []json.RawMessage `json:"rules"`
		Tasks json.RawMessage   `json:"tasks"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&file)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows behind the end")
		}
	}
	if err != nil {
		offset := d.InputOffset()
		var syntax *json.SyntaxError
		switch {
		case errors.As(err, &syntax):
			offset = syntax.Offset
		case errors.Is(err, io.ErrUnexpectedEOF):
			offset = int64(len(text))
		}
		before := text[:min(int(offset), len(text))]
		line := bytes.Count(before, []byte("\n")) + 1
		return Document{}, at(fmt.Sprintf("line %d, column %d", line, len(before)-bytes.LastIndexByte(before, '\n')), "rule.text", "%1", strings.TrimPrefix(err.Error(), "json: "))
	}
	var doc Document
	names := map[string]int{}
	for i, raw := range file.Rules {
		place := fmt.Sprintf("rules[%d]", i)
		var e struct {
			Name   string            `json:"name"`
			Fields []string          `json:"fields"`
			Do     []json.RawMessage `json:"do"`
		}
		if err := strict(raw, &e); err != nil {
			return Document{}, under(place, err)
		}
		fail := func(err *EntryError) (Document, error) {
			err.Rule = e.Name
			return Document{}, err
		}
		first, twice := names[e.Name]
		_, preset := presets[e.Name]
		switch {
		case e.Name == "":
			return fail(at(place+".name", "rule.name", "a rule needs a name"))
		case twice:
			return fail(at(place+".name", "rule.name.twice", "rules[%1] has this name already", strconv.Itoa(first)))
		case preset:
			return fail(at(place+".name", "rule.name.preset", "this is the name of a preset; choose another"))
		case len(e.Do) == 0:
			return fail(at(place+".do", "rule.nothing", "a rule has to do something: %1", steps()))
		}
		names[e.Name] = i
		entry := Entry{Name: e.Name, Fields: e.Fields}
		for j, raw := range e.Do {
			var s Step
			if err := json.Unmarshal(raw, &s); err != nil {
				return fail(under(fmt.Sprintf("%s.do[%d]", place, j), err))
			}
			entry.Do = append(entry.Do, s)
		}
		doc.Rules = append(doc.Rules, entry)
	}
	doc.Tasks, err = parseTasks(file.Tasks)
	return doc, err
}

// presets are the rules that every workspace has.
var presets = map[string]Entry{
	"tidy":    {Name: "tidy", Do: []Step{{Word: "trim"}, {Word: "blank"}}},
	"names":   {Name: "names", Do: []Step{{Word: "trim"}, {Word: "blank"}, {Word: "case", With: json.RawMessage(`"names"`)}}},
	"country": {Name: "country", Do: []Step{{Word: "trim"}, {Word: "blank"}, {Word: "country"}}},
	"state":   {Name: "state", Do: []Step{{Word: "trim"}, {Word: "blank"}, {Word: "state"}}},
	"phone":   {Name: "phone", Do: []Step{{Word: "trim"}, {Word: "blank"}, {Word: "phone"}}},
	"band":    {Name: "band", Do: []Step{{Word: "band"}}},
}

// Presets are the rules that every workspace has, by name.
func Presets() []Entry {
	var out []Entry
	for _, name := range slices.Sorted(maps.Keys(presets)) {
		out = append(out, presets[name])
	}
	return out
}
