package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// metaRules is the setting of the rule file, sealed: a table of one's own names people's values.
const metaRules = "rules"

// rulesOf reads a workspace's rule file; one without is empty.
func rulesOf(ctx context.Context, w *store.Workspace) (doc rule.Document, err error) {
	text, err := w.Setting(ctx, metaRules)
	if err != nil || text == "" {
		return doc, err
	}
	plain, err := w.Unseal(metaRules, text)
	if err != nil {
		return doc, err
	}
	if err := json.Unmarshal(plain, &doc); err != nil {
		return doc, fmt.Errorf("the stored rules cannot be read: %w", err)
	}
	return doc, nil
}

// compile makes rules ready for a mapping, spelled as the workspace's org wants them; wrong tells which of them do not work with it.
func compile(ctx context.Context, w *store.Workspace, doc rule.Document, m schema.Mapping) (rules rule.Rules, wrong, err error) {
	org, err := placesOf(ctx, w)
	if err != nil {
		return rules, nil, err
	}
	rules, wrong = rule.Compile(doc, m, org)
	return rules, wrong, nil
}

// loadRules makes the stored rules ready. A rule about a field that is not mapped any more rests until it is.
func (s *session) loadRules(ctx context.Context) error {
	doc, err := rulesOf(ctx, s.ws)
	if err != nil {
		return err
	}
	rules, wrong, err := compile(ctx, s.ws, doc, s.mapping)
	if err != nil {
		return err
	}
	s.rules = rules
	for _, e := range entryErrors(wrong) {
		s.app.log.Warn("a rule rests", "rule", e.Rule, "place", e.Place)
	}
	return nil
}

// entryErrors are the single errors of a rule file that does not work.
func entryErrors(err error) (all []*rule.EntryError) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			all = append(all, entryErrors(one)...)
		}
		return all
	}
	var one *rule.EntryError
	if errors.As(err, &one) {
		all = append(all, one)
	}
	return all
}

// A rule file and what it is made of, for whoever edits one.
type (
	RuleFile  = rule.Document
	RuleEntry = rule.Entry
	RuleStep  = rule.Step
	TaskRules = rule.Tasks
	TaskRule  = rule.TaskRule
	LogRule   = rule.LogRule
)

// RuleLine is one rule as it is shown.
type RuleLine struct {
	Name   string      `json:"name"`
	Fields []string    `json:"fields"` // that have it, by the file or by the mapping
	Do     []rule.Step `json:"do"`
	Preset bool        `json:"preset,omitempty"`
}

// RuleList are a workspace's rules.
type RuleList struct {
	Rules []RuleLine  `json:"rules"`
	Tasks *rule.Tasks `json:"tasks,omitempty"`
	// Problems are what in them does not work now, as with a field that a side hides.
	Problems []string `json:"problems,omitempty"`
}

// Rules lists a workspace's rules, presets last.
func (a *App) Rules(ctx context.Context, name string) (list RuleList, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		doc, err := rulesOf(ctx, w)
		if err != nil {
			return err
		}
		list, err = listRules(ctx, w, doc)
		return err
	})
	return list, err
}

func listRules(ctx context.Context, w *store.Workspace, doc rule.Document) (RuleList, error) {
	m, err := mappingOf(ctx, w)
	if err != nil {
		return RuleList{}, err
	}
	rules, wrong, err := compile(ctx, w, doc, m)
	if err != nil {
		return RuleList{}, err
	}
	fields := map[string][]string{}
	eachRuled(m, rules, func(o schema.Object, place int, name string) {
		fields[name] = append(fields[name], fieldOf(o, place))
	})
	list := RuleList{Rules: []RuleLine{}, Tasks: doc.Tasks}
	add := func(entries []rule.Entry, preset bool) {
		for _, e := range entries {
			line := RuleLine{Name: e.Name, Fields: fields[e.Name], Do: e.Do, Preset: preset}
			if line.Fields == nil {
				line.Fields = []string{}
			}
			list.Rules = append(list.Rules, line)
		}
	}
	add(doc.Rules, false)
	add(rule.Presets(), true)
	for _, e := range entryErrors(wrong) {
		list.Problems = append(list.Problems, e.Error())
	}
	notices, err := noticesBeside(ctx, w)
	for _, n := range notices {
		if n.Kind == noticeTasks {
			list.Problems = append(list.Problems, n.Sentence)
		}
	}
	return list, err
}

// eachRuled calls do with every field that has a rule.
func eachRuled(m schema.Mapping, rules rule.Rules, do func(o schema.Object, place int, name string)) {
	for _, o := range m.Objects {
		r := rules.Object(o.Name)
		for place := range o.Fields {
			if name := r.Name(place); name != "" {
				do(o, place, name)
			}
		}
	}
}

func fieldOf(o schema.Object, place int) string {
	return string(o.Name) + "." + o.Fields[place].Salesforce
}

// SetRules puts a rule file in place of the one that is kept. It holds for what changes from then on, for what waits, was refused or is held: those are read
// afresh in the next cycle. An error is ErrInput and points at each entry that does not work; nothing is kept then.
func (a *App) SetRules(ctx context.Context, name string, file []byte) (list RuleList, err error) {
	doc, err := rule.Parse(file)
	if err != nil {
		return RuleList{}, misread(err)
	}
	err = a.within(ctx, name, func(w *store.Workspace) error {
		if _, err := checkRules(ctx, w, doc); err != nil {
			return err
		}
		plain, err := json.Marshal(doc)
		if err != nil {
			return fmt.Errorf("keep the rules: %w", err)
		}
		sealed := ""
		if len(doc.Rules) > 0 || doc.Tasks != nil {
			if sealed, err = w.Seal(metaRules, plain); err != nil {
				return err
			}
		}
		if err := w.SetSetting(ctx, metaRules, sealed); err != nil {
			return err
		}
		if err := keepTaskRules(ctx, w, doc.Tasks, a.world.now()); err != nil {
			return err
		}
		if _, err := w.RecheckWaiting(ctx); err != nil {
			return err
		}
		list, err = listRules(ctx, w, doc)
		return err
	})
	return list, err
}

// checkRules makes a rule file ready for the workspace's mapping; a mistake in it is an InputError.
func checkRules(ctx context.Context, w *store.Workspace, doc rule.Document) (rule.Rules, error) {
	m, err := mappingOf(ctx, w)
	if err != nil {
		return rule.Rules{}, err
	}
	if len(m.Objects) == 0 {
		return rule.Rules{}, input(pace.Say("trouble.rules.fieldless", "a rule is about fields that are mapped, and this workspace knows none yet: run doppioctl sync --rehearse first"))
	}
	rules, wrong, err := compile(ctx, w, doc, m)
	if err == nil && wrong != nil {
		err = misread(wrong)
	}
	return rules, err
}

// RulePreview is what rules would make of the values that stand there now.
type RulePreview struct {
	Rules []PreviewedRule `json:"rules"`
	// Read is how many records of each side were looked at.
	Read map[record.Side]int `json:"read"`
}

// PreviewedRule is what a rule makes of one field's values on one side.
type PreviewedRule struct {
	Rule    string      `json:"rule"`
	Field   string      `json:"field"`
	Side    record.Side `json:"side"`
	Values  int         `json:"values"`  // that are filled
	Changed int         `json:"changed"` // of which something else becomes
	Emptied int         `json:"emptied"` // of those, of which nothing becomes
	// Strange are values that the rule knows nothing of although it knows what they should be: no country, no telephone number.
	Strange  int           `json:"strange"`
	Examples []RuleExample `json:"examples,omitempty"` // only where values were asked for
}

// RuleExample is a value and what becomes of it. It is people's data.
type RuleExample struct {
	From string `json:"from"`
	To   string `json:"to"`
	N    int    `json:"n"` // how many records say it
}

// ruleExamples is how many are shown.
const ruleExamples = 10
