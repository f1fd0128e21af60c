package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

type rulesCommand struct {
	Name    string `arg:"" help:"The workspace."`
	Action  string `arg:"" help:"show what is set, suggest what would help, or set FILE." enum:"show,suggest,set"`
	File    string `arg:"" optional:"" placeholder:"FILE" help:"A rule file; - reads standard input."`
	Preview bool   `help:"Keep nothing: say what the file would make of values that stand on both sides now, and which tasks of the last days. With show: of the rules that are kept, the tasks."`
	Days    int    `help:"With --preview: for how many days back tasks are counted." default:"30"`
	Add     bool   `help:"With suggest: print the rule file with the suggestions in it, for set."`
	Values  bool   `help:"With --preview: show ten examples of each. They are people's data."`
}

func (c rulesCommand) Run(ctx context.Context, s *shell) error {
	if c.Days < 1 || c.Days > 90 {
		return &app.InputError{Text: "--days takes a number from 1 to 90: Marketo keeps most of its log for 90 days"}
	}
	if c.Action != "set" && c.File != "" {
		return &app.InputError{Text: "rules " + c.Action + " takes no file"}
	}
	if c.Action == "suggest" {
		return c.suggest(ctx, s)
	}
	if c.Action == "show" && c.Preview {
		tasks, err := s.app.PreviewTasks(ctx, c.Name, nil, c.Days)
		if err != nil {
			return err
		}
		s.answer(map[string]any{"tasks": tasks}, func() { s.showTaskPreview(tasks) })
		return nil
	}
	if c.Action == "show" {
		list, err := s.app.Rules(ctx, c.Name)
		if err != nil {
			return err
		}
		s.answer(list, func() { s.showRules(list) })
		return nil
	}
	if c.File == "" {
		return &app.InputError{Text: "rules set needs FILE, or - for standard input"}
	}
	file, err := s.file(c.File)
	if err != nil {
		return err
	}
	if c.Preview {
		p, err := s.app.PreviewRules(ctx, c.Name, file, c.Values)
		if err != nil {
			return err
		}
		tasks, err := s.app.PreviewTasks(ctx, c.Name, file, c.Days)
		if err != nil {
			return err
		}
		s.answer(struct {
			app.RulePreview
			Tasks app.TaskPreview `json:"tasks,omitzero"` // where the file has rules for them
		}{p, tasks}, func() {
			if len(tasks.Rules) > 0 {
				s.showTaskPreview(tasks)
			}
			s.showRulePreview(p)
		})
		return nil
	}
	list, err := s.app.SetRules(ctx, c.Name, file)
	if err != nil {
		return err
	}
	s.answer(list, func() {
		s.showRules(list)
		s.say("\nThey hold from the next cycle on, for what changes then, what waits and what was refused.")
	})
	return nil
}

func (c rulesCommand) suggest(ctx context.Context, s *shell) error {
	found, err := s.app.SuggestRules(ctx, c.Name)
	if err != nil {
		return err
	}
	if c.Add {
		text, err := json.MarshalIndent(found.File, "", "  ")
		if err == nil {
			_, err = fmt.Fprintf(s.out, "%s\n", text)
		}
		return err
	}
	s.answer(found.List, func() {
		if len(found.List) == 0 {
			s.say("Nothing is suggested: what would help is set.")
			return
		}
		for _, one := range found.List {
			s.say("%-8s %s  %s", one.Kind, strings.Join(one.Fields, " "), one.Why.Text)
			if one.Rule == nil {
				s.say("         in the mapping: \"quiet\": %q at this field", one.Quiet)
				continue
			}
			s.say("         in the file: %s", one.Rule)
		}
	})
	return nil
}

// file reads what a person names, or standard input.
func (s *shell) file(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.in)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &app.InputError{Text: fmt.Sprintf("%s cannot be read: %v", name, err)}
	}
	return text, nil
}

func (s *shell) showRules(list app.RuleList) {
	var rows [][]string
	for _, r := range list.Rules {
		var does []string
		for _, step := range r.Do {
			text, err := json.Marshal(step)
			if err == nil {
				does = append(does, strings.Trim(string(text), `"`))
			}
		}
		name := r.Name
		if r.Preset {
			name += " (preset)"
		}
		rows = append(rows, []string{name, strings.Join(r.Fields, " "), strings.Join(does, " ")})
	}
	s.table([]string{"RULE", "FIELDS", "DOES"}, rows)
	for _, t := range list.Tasks.All() {
		s.say("Task rule %s: completed tasks of “%s”, %s", t.Name, t.Activity, orWord(t.Asset, "any"))
	}
	if list.Tasks != nil && list.Tasks.ToMarketo != nil {
		s.say("Tasks and events of Salesforce become activities in Marketo.")
	}
	for _, p := range list.Problems {
		s.say("Rests: %s", p)
	}
}

func (s *shell) showTaskPreview(p app.TaskPreview) {
	var rows [][]string
	for _, r := range p.Rules {
		rows = append(rows, []string{r.Rule, strconv.Itoa(r.Activities), strconv.Itoa(r.Tasks), strconv.Itoa(r.Calls), strconv.Itoa(r.StorageKB) + " KB"})
	}
	s.say("In the last %d days these rules would have made:", p.Days)
	s.table([]string{"TASK RULE", "ACTIVITIES", "TASKS", "CALLS", "STORAGE"}, rows)
	if p.Partial {
		s.say("Marketo's log was longer than a preview reads; these are its first %d days.", p.Days)
	}
}

func (s *shell) showRulePreview(p app.RulePreview) {
	var rows [][]string
	for _, r := range p.Rules {
		rows = append(rows, []string{r.Rule, r.Field, r.Side.String(), strconv.Itoa(r.Values), strconv.Itoa(r.Changed), strconv.Itoa(r.Emptied), strconv.Itoa(r.Strange)})
	}
	s.table([]string{"RULE", "FIELD", "SIDE", "VALUES", "CHANGED", "EMPTIED", "STRANGE"}, rows)
	for _, r := range p.Rules {
		for _, e := range r.Examples {
			s.say("%s in %s: %q becomes %q (%d)", r.Field, r.Side, e.From, e.To, e.N)
		}
	}
	s.say("\nNothing was kept. Without --preview the file is put in place.")
}
