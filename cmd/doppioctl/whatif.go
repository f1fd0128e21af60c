package main

import (
	"context"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

type whatifCommand struct {
	Name    string `arg:"" help:"The workspace."`
	Object  string `required:"" help:"The Salesforce object: Lead, Contact, …" placeholder:"Lead"`
	Field   string `required:"" help:"The field that is changed, by its name on either side." placeholder:"F"`
	Records int    `required:"" help:"How many records are changed." placeholder:"N"`
	At      string `help:"When, as a time of day; now when left out." placeholder:"20:00"`
}

func (c whatifCommand) Run(ctx context.Context, s *shell) error {
	r, err := s.app.WhatIf(ctx, c.Name, app.WhatIf{Object: record.Object(c.Object), Field: c.Field, Records: c.Records, At: c.At})
	if err != nil {
		return err
	}
	s.answer(r, func() { s.say("%s", r.Sentence) })
	return nil
}
