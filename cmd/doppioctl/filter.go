package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

type filterCommand struct {
	Name   string `arg:"" help:"The workspace."`
	Action string `arg:"" help:"show: what is set. set FILE: change it, after a preview. test: what a filter means. presets: sentences to begin with." enum:"show,set,test,presets"`
	File   string `arg:"" optional:"" placeholder:"FILE" help:"The filter's text; - reads it from standard input."`
	Expr   string `help:"This filter instead of a file, or of the one that is set." placeholder:"E"`
	Count  bool   `help:"With test: ask Salesforce how many records pass."`
	Values bool   `help:"With set: name the people of the examples. They are people's data."`
	None   bool   `help:"With set: no filter; everybody takes part."`
	Back   int    `help:"With set: put the filter of this version back; 0 is the one before." placeholder:"VERSION" default:"-1"`
	Why    string `help:"With set: the reason, kept beside the filter."`
	Yes    bool   `help:"Do not ask."`
}

func (c filterCommand) Run(ctx context.Context, s *shell) error {
	switch c.Action {
	case "show":
		return c.show(ctx, s)
	case "test":
		return c.pointed(s, c.test(ctx, s))
	case "presets":
		return c.presets(ctx, s)
	}
	return c.pointed(s, c.set(ctx, s))
}

// pointed shows where a filter's text is not understood, to whoever typed it.
func (c filterCommand) pointed(s *shell, err error) error {
	var wrong app.FilterError
	if !errors.As(err, &wrong) {
		return err
	}
	fmt.Fprintln(s.err, wrong.Caret())
	if s.JSON {
		printJSON(s.out, map[string]any{
			"error": app.Say(err), "code": app.ExitCode(err), "offset": wrong.Offset, "length": wrong.Length, "line": wrong.Line, "column": wrong.Column,
			"suggestions": append([]string{}, wrong.Suggestions...),
		})
		s.told = true
	}
	return err
}

// text is the filter that the command line names; "" for none.
func (c filterCommand) text(s *shell) (string, error) {
	switch {
	case c.Expr != "" && c.File != "":
		return "", &app.InputError{Text: "say either FILE or --expr, not both"}
	case c.Expr != "":
		return c.Expr, nil
	case c.File == "":
		return "", nil
	case c.File == "-":
		text, err := io.ReadAll(s.in)
		return string(text), err
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return "", &app.InputError{Text: fmt.Sprintf("the filter's file cannot be read: %v", err)}
	}
	return string(text), nil
}

// back is the version that is to be put back as the use case wants it: 0 is none, -1 the one before.
func (c filterCommand) back() int {
	switch {
	case c.Back < 0:
		return 0
	case c.Back == 0:
		return -1
	}
	return c.Back
}

func (c filterCommand) show(ctx context.Context, s *shell) error {
	shown, err := s.app.ShowFilter(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(shown, func() {
		if shown.Text == "" {
			s.say("No sync filter is set: everybody takes part.")
		} else {
			s.say("%s\n\n%s", shown.Text, shown.English)
		}
		for _, k := range append([]app.KeptFilter{shown.KeptFilter}, shown.Former...) {
			if k.Version > 0 {
				s.say("version %d, %s, %s  %s", k.Version, k.At.Local().Format("2006-01-02 15:04"), k.By, k.Why)
			}
		}
	})
	return nil
}

func (c filterCommand) test(ctx context.Context, s *shell) error {
	text, err := c.text(s)
	if err != nil {
		return err
	}
	t, err := s.app.TestFilter(ctx, c.Name, text, c.Count)
	if err != nil {
		return err
	}
	s.answer(t, func() {
		s.say("%s\n", t.English)
		for _, o := range t.Objects {
			s.say("%s WHERE %s", o.Object, o.SOQL)
			if o.Passes != nil {
				s.say("  %d of %d pass", *o.Passes, *o.Records)
			}
		}
		for _, w := range t.Warnings {
			s.say("Note: %s", w)
		}
	})
	return nil
}

func (c filterCommand) presets(ctx context.Context, s *shell) error {
	presets, err := s.app.FilterPresets(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(presets, func() {
		for _, p := range presets {
			s.say("%s\n    %s\n    %s", p.Name, p.About, strings.ReplaceAll(p.Sentence, "\n", "\n    "))
		}
	})
	return nil
}

func (c filterCommand) set(ctx context.Context, s *shell) error {
	text, err := c.text(s)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" && !c.None && c.Back < 0 {
		return &app.InputError{Text: "filter set needs FILE, --expr, --back or --none; doppioctl filter NAME presets shows sentences to begin with"}
	}
	p, err := s.app.SetFilter(ctx, c.Name, app.FilterChange{Text: text, None: c.None, Back: c.back(), Why: c.Why, Values: c.Values}, func(p app.FilterPreview) (bool, error) {
		if c.Yes {
			return true, nil
		}
		question := strings.Join(p.Sentences(), "\n")
		if !s.asks() {
			return false, &app.InputError{Text: question + "\nSay --yes to set it: nobody is here to be asked"}
		}
		return s.confirm(question)
	})
	if err != nil {
		return err
	}
	if !p.Set {
		return &app.InputError{Text: "nothing was changed"}
	}
	s.answer(p, func() {
		if c.Yes {
			for _, line := range p.Sentences() {
				s.say("%s", line)
			}
		}
		s.say("Set. Everybody whom it concerns is looked at in the next cycle.")
	})
	return nil
}
