package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/doppio-sync/doppio/app"
)

type fieldsCommand struct {
	Name string `arg:"" help:"The workspace."`
	CSV  string `name:"csv" xor:"form" placeholder:"FILE" help:"Write it as comma-separated values; - is standard output." type:"path"`
	XLSX string `name:"xlsx" xor:"form" placeholder:"FILE" help:"Write it as a workbook." type:"path"`
}

func (c fieldsCommand) Run(ctx context.Context, s *shell) error {
	d, err := s.app.Dictionary(ctx, c.Name)
	if err != nil {
		return err
	}
	switch {
	case c.CSV == "-":
		return d.WriteCSV(s.out)
	case c.CSV != "":
		return c.file(s, c.CSV, len(d.Fields), d.WriteCSV)
	case c.XLSX != "":
		return c.file(s, c.XLSX, len(d.Fields), d.WriteXLSX)
	}
	s.answer(d, func() { s.dictionary(d) })
	return nil
}

// file writes the dictionary into a file, which stays as it was when that fails.
func (c fieldsCommand) file(s *shell, name string, fields int, write func(io.Writer) error) error {
	if err := intoFile(name, write); err != nil {
		return err
	}
	s.answer(map[string]any{"file": name, "fields": fields}, func() { s.say("Wrote %d fields to %s.", fields, name) })
	return nil
}

// dictionary prints the data dictionary for people.
func (s *shell) dictionary(d app.Dictionary) {
	rows := make([][]string, len(d.Fields))
	for i, f := range d.Fields {
		filled, changes := "-", "-"
		if f.Filled != nil {
			filled = strconv.Itoa(int(100**f.Filled+0.5)) + " %"
		}
		if f.ChangesPerWeek != nil {
			changes = strconv.FormatFloat(*f.ChangesPerWeek, 'f', 1, 64)
		}
		rows[i] = []string{
			string(f.Object), f.Salesforce.Name, side(f.Salesforce), arrows[f.Direction], f.Marketo.Name, side(f.Marketo), filled, changes, f.Owner, f.Why,
		}
	}
	s.table([]string{"OBJECT", "SALESFORCE", "TYPE", "", "MARKETO", "TYPE", "FILLED", "CHANGES/WEEK", "OWNER", "WHY"}, rows)
	if d.Sampled {
		s.say("The filled shares are of a sample drawn evenly over all linked records.")
	}
}

// side is a field's type on a side, with its length.
func side(d app.DictionarySide) string {
	if d.Length == 0 {
		return d.Type
	}
	return fmt.Sprintf("%s(%d)", d.Type, d.Length)
}
