package main

import (
	"context"

	"github.com/doppio-sync/doppio/app"
)

type undoCommand struct {
	Name       string `arg:"" help:"The workspace."`
	Change     int64  `help:"This change, numbered as explain --json does." placeholder:"ID"`
	Cycle      int64  `help:"All that this cycle wrote." placeholder:"N"`
	Record     string `help:"What the last cycle that wrote to this person wrote, or --cycle N." placeholder:"EMAIL_OR_ID"`
	Yes        bool   `help:"Do it. Without it, it is only said, or asked on a terminal."`
	AllowBrake bool   `help:"Also when it is more than the brake allows."`
}

func (c undoCommand) Run(ctx context.Context, s *shell) error {
	if (c.Change == 0) == (c.Cycle == 0 && c.Record == "") {
		return &app.InputError{Text: "say what to put back: --change ID, --cycle N, or --record EMAIL_OR_ID"}
	}
	asked := false
	r, err := s.app.Undo(ctx, c.Name, app.UndoOptions{Change: c.Change, Cycle: c.Cycle, Record: c.Record, AllowBrake: c.AllowBrake}, func(r app.UndoResult) (bool, error) {
		if c.Yes || !s.asks() {
			return c.Yes, nil
		}
		asked = true
		s.undo(r)
		return s.confirm("Put them back?")
	})
	if err != nil && !r.Done && len(r.Changes) == 0 {
		return err
	}
	if r.Done && (r.Failures > 0 || r.Holds > 0) {
		s.code = app.ExitOpen
	}
	return s.outcome(r, err, func() {
		if !asked {
			s.undo(r)
		}
		if r.Done {
			s.say("Done: %s", r.Sentence())
		} else if len(r.Changes) > 0 && err == nil {
			s.say("Nothing was changed. Add --yes to do it.")
		}
	})
}

// undo prints what goes back and what does not.
func (s *shell) undo(r app.UndoResult) {
	if !r.Done {
		s.say("%s", r.Sentence())
	}
	for _, c := range r.Changes {
		s.say("  %s %s  %s  %q in Salesforce, %q in Marketo → %q", c.Object, c.Salesforce, c.Field, c.Now.Salesforce, c.Now.Marketo, c.Back)
	}
	for _, l := range r.Left {
		s.say("  %s", l.Sentence)
	}
}
