package main

import (
	"context"
	"strconv"

	"github.com/doppio-sync/doppio/app"
)

type priceCommand struct {
	Name string `arg:"" help:"The workspace."`
	Days int    `help:"How far back." default:"30"`
}

func (c priceCommand) Run(ctx context.Context, s *shell) error {
	prices, err := s.app.Price(ctx, c.Name, c.Days)
	if err != nil {
		return err
	}
	s.answer(prices, func() { s.showPrices(prices) })
	return nil
}

func (s *shell) showPrices(prices []app.FieldPrice) {
	if len(prices) == 0 {
		s.say("Nothing changed in that time, as far as the history goes back.")
		return
	}
	rows := make([][]string, len(prices))
	for i, p := range prices {
		rows[i] = []string{string(p.Object) + "." + p.Field}
		for _, n := range []int{p.Changes, p.Writes, p.Alone, p.Calls, p.Saved.Band, p.Saved.QuietDay, p.Saved.Hide} {
			rows[i] = append(rows[i], strconv.Itoa(n))
		}
	}
	s.table([]string{"FIELD", "CHANGES", "WRITES", "ALONE", "CALLS", "A BAND SAVES", "A QUIET DAY", "HIDING"}, rows)
}
