package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

type mappingCommand struct {
	Name   string   `arg:"" help:"The workspace."`
	Action string   `arg:"" help:"show or suggest fields, or set FILE. link PROGRAM CAMPAIGN: members and their statuses travel between the two; without names it lists what is linked." enum:"show,suggest,set,link"`
	What   []string `arg:"" optional:"" placeholder:"FILE | PROGRAM CAMPAIGN" help:"With set: the mapping, - for standard input. With link: a program and a campaign, each by its id or its name."`
	Add    string   `help:"With suggest: put suggestions into the mapping that is printed: ${enum}." enum:"none,sure,likely" default:"none"`
	Remove bool     `help:"With link: link no longer; members stay where they are."`
	Yes    bool     `help:"With link: do not ask."`
}

func (c mappingCommand) Run(ctx context.Context, s *shell) error {
	switch {
	case c.Action == "set" && len(c.What) != 1:
		return &app.InputError{Text: "mapping set wants one FILE, as doppioctl mapping show --json prints it"}
	case (c.Action == "show" || c.Action == "suggest") && len(c.What) > 0:
		return &app.InputError{Text: "mapping " + c.Action + " takes no file"}
	}
	switch c.Action {
	case "set":
		return c.set(ctx, s)
	case "suggest":
		return c.suggest(ctx, s)
	case "link":
		return c.link(ctx, s)
	}
	d, err := s.app.Mapping(ctx, c.Name)
	if err != nil {
		return err
	}
	return s.document(d)
}

// document prints a mapping: for people, or as the text that set takes, a line for each key, because mistakes in it are told by
// their line.
func (s *shell) document(d app.MappingDocument) error {
	if !s.JSON {
		s.mapping(d)
		return nil
	}
	text, err := app.MarshalMapping(d)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s\n", text)
	return err
}

// mapping prints a mapping for people.
func (s *shell) mapping(d app.MappingDocument) {
	for _, o := range d.Objects {
		rows := make([][]string, len(o.Fields))
		for i, f := range o.Fields {
			rows[i] = []string{f.Salesforce, arrows[f.Travels], f.Marketo, f.Type, orWord(f.Policy, "-"), strings.Join(marks(f), ", ")}
		}
		s.table([]string{strings.ToUpper(string(o.Salesforce)), "", strings.ToUpper(string(o.Marketo)), "TYPE", "CONFLICTS", ""}, rows)
		for _, f := range o.Fields {
			for _, l := range f.Losses {
				s.say("  %s → %s: %s", f.Salesforce, l.To, l.Sentence)
			}
		}
		s.say("")
	}
	for _, n := range d.Notices {
		s.say("%s  %s", n.At.Local().Format("2006-01-02 15:04"), n.Sentence)
	}
	if len(d.Missing) > 0 {
		s.say("Not shown by a side, and so not mapped: %s", strings.Join(d.Missing, " "))
	}
}

// arrows draw where a field travels.
var arrows = map[string]string{"": "·", "both": "↔", "to_marketo": "→", "to_salesforce": "←"}

// marks are what is special about a field.
func marks(f app.MappingField) []string {
	var marks []string
	if f.NeverBlank {
		marks = append(marks, "never blank")
	}
	if f.Consent {
		marks = append(marks, "consent")
	}
	for _, mark := range []struct{ word, is string }{{"rule ", f.Rule}, {"once an ", f.Quiet}, {"read again ", f.Reread}, {"does not travel: ", string(f.State)}} {
		if mark.is != "" {
			marks = append(marks, strings.Replace(mark.word+mark.is, "an day", "a day", 1))
		}
	}
	return marks
}

func orWord(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (c mappingCommand) suggest(ctx context.Context, s *shell) error {
	found, err := s.app.SuggestMapping(ctx, c.Name, c.Add)
	if err != nil {
		return err
	}
	if c.Add != "none" {
		return s.document(found.Mapping)
	}
	s.answer(found.List, func() {
		if len(found.List) == 0 {
			s.say("No fields are left that both sides have and nobody mapped.")
			return
		}
		for _, one := range found.List {
			s.say("%-6s  %s.%s %s %s  %s", one.Confidence, one.Object, one.Salesforce, arrows[one.Direction], one.Marketo, one.Reason)
			for _, l := range one.Losses {
				s.say("          → %s: %s", l.To, l.Sentence)
			}
		}
	})
	return nil
}

func (c mappingCommand) set(ctx context.Context, s *shell) error {
	text, err := s.read(c.What[0])
	if err != nil {
		return err
	}
	change, err := s.app.SetMapping(ctx, c.Name, text)
	if err != nil {
		return err
	}
	s.answer(change, func() {
		s.say("%s", change.Sentence())
		s.table(nil, [][]string{
			{"added", strings.Join(change.Added, " ")}, {"changed", strings.Join(change.Changed, " ")}, {"taken out", strings.Join(change.Removed, " ")},
		})
	})
	return nil
}

// fileAtMost bounds what is read of a file that somebody wrote by hand.
const fileAtMost = 16 << 20

// read reads a file that somebody wrote, - for standard input.
func (s *shell) read(file string) ([]byte, error) {
	from := s.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, &app.InputError{Text: "the file cannot be read: " + err.Error()}
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, fileAtMost+1))
	if err != nil {
		return nil, &app.InputError{Text: "the file cannot be read: " + err.Error()}
	}
	if len(text) > fileAtMost {
		return nil, &app.InputError{Text: file + " is longer than " + strconv.Itoa(fileAtMost>>20) + " MB"}
	}
	return text, nil
}
