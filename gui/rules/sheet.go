package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Sheet is a rule file as the page holds it. What the page has no form for stays in it as it was read: a Sheet that is not edited is written
// as the file said.
type Sheet struct {
	Rules []Rule `json:"rules"`
	Tasks *Tasks `json:"tasks,omitempty"`
}

// Rule is one rule: what it does, and to which fields.
type Rule struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields,omitempty"`
	Do     []Step   `json:"do"`
}

// Step is one thing that a rule does: a word, and what it takes, as the file has it.
type Step struct {
	Word string
	With json.RawMessage // nil for none
}

// UnmarshalJSON reads "trim", or {"case": "names"}.
func (s *Step) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &s.Word)
	}
	var one map[string]json.RawMessage
	if err := json.Unmarshal(text, &one); err != nil || len(one) != 1 {
		return fmt.Errorf("%s is no step", text)
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

// Tasks are the task rules.
type Tasks struct {
	Preset       string     `json:"preset,omitempty"`
	ToSalesforce []TaskRule `json:"to_salesforce,omitempty"`
	ToMarketo    *LogRule   `json:"to_marketo,omitempty"`
}

// TaskRule makes tasks of activities of one type.
type TaskRule struct {
	Name         string `json:"name"`
	Activity     string `json:"activity"`
	Asset        string `json:"asset,omitempty"`
	Subject      string `json:"subject,omitempty"`
	BackfillDays int    `json:"backfill_days,omitempty"`
}

// LogRule makes activities of tasks and events.
type LogRule struct {
	Type    string   `json:"type,omitempty"`
	Objects []string `json:"objects,omitempty"`
	Updates bool     `json:"updates,omitempty"`
}

// ReadSheet reads a rule file.
func ReadSheet(file []byte) (s Sheet, err error) {
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields() // what is not understood must not be lost
	err = d.Decode(&s)
	return s, err
}

// Text is the rule file.
func (s Sheet) Text() []byte {
	if s.Rules == nil {
		s.Rules = []Rule{}
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // of texts, numbers and JSON that was read as such
	}
	return text
}

// with is the sheet with another rule in a place; nil takes it out.
func (s Sheet) with(at int, r *Rule) Sheet {
	s.Rules = slices.Clone(s.Rules)
	if r == nil {
		s.Rules = slices.Delete(s.Rules, at, at+1)
	} else {
		s.Rules[at] = *r
	}
	return s
}

// add is the sheet with one more rule, under a name that is free.
func (s Sheet) add(r Rule) Sheet {
	base := r.Name
	for n := 2; slices.ContainsFunc(s.Rules, func(x Rule) bool { return x.Name == r.Name }); n++ {
		r.Name = fmt.Sprintf("%s-%d", base, n)
	}
	s.Rules = append(slices.Clip(s.Rules), r)
	return s
}

// of is the rule that the file gives to a field, -1 for none.
func (s Sheet) of(field string) int {
	return slices.IndexFunc(s.Rules, func(r Rule) bool { return slices.Contains(r.Fields, field) })
}

// tasks is the sheet with other task rules; those that do nothing are none.
func (s Sheet) tasks(change func(*Tasks)) Sheet {
	var t Tasks
	if s.Tasks != nil {
		t = *s.Tasks
		t.ToSalesforce = slices.Clone(t.ToSalesforce)
	}
	change(&t)
	s.Tasks = &t
	if t.Preset == "" && len(t.ToSalesforce) == 0 && t.ToMarketo == nil {
		s.Tasks = nil
	}
	return s
}

// key names a rule of the file while it is edited.
func (r Rule) key(at int) string { return fmt.Sprint(at, " ", len(r.Do)) }

// Text is a step as the file has it.
func (s Step) Text() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // of a word, and JSON that was read as such
	}
	return text
}
