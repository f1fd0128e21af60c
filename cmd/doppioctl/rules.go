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
	Action  string `arg:"" help:"show, or set FILE." enum:"show,set"`
	File    string `arg:"" optional:"" placeholder:"FILE" help:"A rule file; - reads standard input."`
	Preview bool   `help:"Keep nothing: say what the file would make of values that stand on both sides now."`
	Values  bool   `help:"With --preview: show ten examples of each. They are people's data."`
}

func (c rulesCommand) Run(ctx context.Context, s *shell) error {
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
		s.answer(p, func() { s.showRulePreview(p) })
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
	for _, p := range list.Problems {
		s.say("Rests: %s", p)
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
