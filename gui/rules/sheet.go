package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/app"
)

// Sheet is a rule file as the page holds it. What the page has no form for stays in it as it was read: a Sheet that is not edited is written
// as the file said.
type Sheet app.RuleFile

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
		s.Rules = []app.RuleEntry{}
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // of texts, numbers and JSON that was read as such
	}
	return text
}

// with is the sheet with another rule in a place; nil takes it out.
func (s Sheet) with(at int, r *app.RuleEntry) Sheet {
	s.Rules = slices.Clone(s.Rules)
	if r == nil {
		s.Rules = slices.Delete(s.Rules, at, at+1)
	} else {
		s.Rules[at] = *r
	}
	return s
}

// add is the sheet with one more rule, under a name that is free.
func (s Sheet) add(r app.RuleEntry) Sheet {
	base := r.Name
	for n := 2; slices.ContainsFunc(s.Rules, func(x app.RuleEntry) bool { return x.Name == r.Name }); n++ {
		r.Name = fmt.Sprintf("%s-%d", base, n)
	}
	s.Rules = append(slices.Clip(s.Rules), r)
	return s
}

// of is the rule that the file gives to a field, -1 for none.
func (s Sheet) of(field string) int {
	return slices.IndexFunc(s.Rules, func(r app.RuleEntry) bool { return slices.Contains(r.Fields, field) })
}

// tasks is the sheet with other task rules; those that do nothing are none.
func (s Sheet) tasks(change func(*app.TaskRules)) Sheet {
	var t app.TaskRules
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

// keyOf names a rule of the file while it is edited.
func keyOf(r app.RuleEntry, at int) string { return fmt.Sprint(at, " ", len(r.Do)) }
