package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

type rehearsalCommand struct {
	Name   string `arg:"" help:"The workspace."`
	Out    string `help:"Write it into a .xlsx or .pdf file, with the whole plan that waits in the first." placeholder:"FILE" type:"path"`
	Values bool   `help:"With the values of its examples and of the plan. They are people's data."`
}

func (c rehearsalCommand) Run(ctx context.Context, s *shell) error {
	if c.Out != "" {
		if err := c.write(ctx, s); err != nil {
			return err
		}
		s.answer(map[string]any{"file": c.Out}, func() { s.say("Wrote %s.", c.Out) })
		return nil
	}
	r, err := s.app.ShownRehearsal(ctx, c.Name, c.Values)
	if err != nil {
		return err
	}
	s.answer(r, func() {
		s.say("Rehearsed %s.", r.At.Local().Format("2006-01-02 15:04"))
		for _, sentence := range r.Sentences() {
			s.say("%s", sentence)
		}
		if r.Outcome != nil {
			s.say("%s", r.Outcome.Sentence())
		}
	})
	return nil
}

// write writes the last rehearsal into a file.
func (c rehearsalCommand) write(ctx context.Context, s *shell) error {
	form := app.RehearsalForm(strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), "."))
	return intoFile(c.Out, func(w io.Writer) error { return s.app.WriteRehearsal(ctx, c.Name, form, c.Values, w, nil) })
}
