package main

import (
	"context"

	"github.com/doppio-sync/doppio/app"
)

// link links a program with a campaign, or ends that, or lists the pairs.
func (c mappingCommand) link(ctx context.Context, s *shell) error {
	switch {
	case c.Remove && len(c.What) != 1 && len(c.What) != 2:
		return &app.InputError{Text: "mapping link --remove needs PROGRAM, by its id or its name"}
	case c.Remove:
		was, err := s.app.UnlinkPair(ctx, c.Name, c.What[0])
		if err != nil {
			return err
		}
		s.answer(map[string]any{"removed": was}, func() {
			s.say("Program %d “%s” and campaign %s “%s” are no longer linked. Their members stay as they are.", was.Program, was.ProgramName, was.Campaign, was.CampaignName)
		})
		return nil
	case len(c.What) == 0:
		return c.pairs(ctx, s)
	case len(c.What) != 2:
		return &app.InputError{Text: "mapping link needs PROGRAM and CAMPAIGN, each by its id or its name; put names with blanks in quotes"}
	}
	preview, err := s.app.LinkPair(ctx, c.Name, c.What[0], c.What[1], func(p app.PairPreview) (bool, error) {
		if c.Yes {
			return true, nil
		}
		question := p.Sentence()
		for _, w := range p.Warnings {
			question += "\n" + w
		}
		if !s.asks() {
			return false, &app.InputError{Text: question + "\nSay --yes to link them: nobody is here to be asked"}
		}
		return s.confirm(question)
	})
	if err != nil {
		return err
	}
	if !preview.Linked {
		return &app.InputError{Text: "nothing was linked"}
	}
	s.answer(preview, func() {
		s.say("%s", preview.Sentence())
		for _, w := range preview.Warnings {
			s.say("%s", w)
		}
		s.say("Linked. Members travel from the next cycle on.")
	})
	return nil
}

func (c mappingCommand) pairs(ctx context.Context, s *shell) error {
	pairs, err := s.app.Pairs(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(map[string]any{"programs": pairs}, func() {
		if len(pairs) == 0 {
			s.say("No program is linked with a campaign.")
		}
		for _, p := range pairs {
			s.say("%d  %s\n    %s  %s", p.Program, p.ProgramName, p.Campaign, p.CampaignName)
		}
	})
	return nil
}
