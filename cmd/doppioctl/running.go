package main

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

type syncCommand struct {
	Name       string        `arg:"" help:"The workspace."`
	People     []string      `arg:"" optional:"" hidden:"" help:"More people, after --now."`
	Once       bool          `help:"One cycle, then end."`
	Every      time.Duration `help:"Time between two cycles; the workspace's setting when left out." placeholder:"5m"`
	Rehearse   bool          `help:"Plan everything, write nothing, and print the plan."`
	Since      bool          `help:"Plan everything again, write nothing, and tell what changed since the rehearsal."`
	First      int           `help:"Carry out the rehearsal for so many people and nobody else, whatever the mode: to look at before going live." placeholder:"N"`
	Out        string        `help:"With --rehearse: write it into a .xlsx or .pdf file as well; with --values people's values too." placeholder:"FILE" type:"path"`
	Values     bool          `help:"Print the values in the plan as well. They are people's data."`
	Now        []string      `help:"These people at once, ahead of everything; - reads them from standard input." placeholder:"EMAIL_OR_ID"`
	Resume     bool          `help:"Take up what a brake or a quota stopped."`
	AllowBrake bool          `help:"Let a cycle change more than the brake allows."`
}

func (c syncCommand) Run(ctx context.Context, s *shell) error {
	spendHeap()
	if c.Every < 0 {
		return &app.InputError{Text: "--every takes a time of more than nothing, such as 5m"}
	}
	o := app.SyncOptions{Rehearse: c.Rehearse, Values: c.Values, AllowBrake: c.AllowBrake, Resume: c.Resume, Every: c.Every, Progress: s.progress()}
	if c.First < 0 || c.First > 0 && (c.Rehearse || c.Since || c.Every > 0 || len(c.Now) > 0) {
		return &app.InputError{Text: "--first takes a number of people, and goes with neither --rehearse, --since, --every nor --now"}
	}
	if c.Out != "" && !c.Rehearse {
		return &app.InputError{Text: "--out goes with --rehearse; doppioctl rehearsal NAME --out FILE writes the last one"}
	}
	o.Since = c.Since
	if len(c.Now) == 0 && len(c.People) > 0 {
		return &app.InputError{Text: "people are named after --now"}
	}
	if len(c.Now) > 0 {
		people, err := c.people(s)
		if err != nil {
			return err
		}
		o.Now, o.NowOnly = people, !c.Once && c.Every == 0 && !c.Rehearse && !c.Resume
		o.Told = func(now []app.NowPerson) { s.clear(); s.now(now) }
	}
	if !c.Once && !c.Rehearse && !c.Since && c.First == 0 && !o.NowOnly && !c.Resume {
		return s.app.SyncEvery(ctx, c.Name, o, func(r app.SyncResult) { s.clear(); s.answer(r, func() { s.cycle(r) }) })
	}
	plan := s.planning()
	o.Planned = plan.each
	sync := s.app.Sync
	if c.First > 0 {
		sync = func(ctx context.Context, name string, o app.SyncOptions) (app.SyncResult, error) {
			return s.app.Share(ctx, name, c.First, o)
		}
	}
	r, err := sync(ctx, c.Name, o)
	s.clear()
	if r.Cycle.N == 0 {
		return err
	}
	if r.Failures > 0 || r.Holds > 0 {
		s.code = app.ExitOpen
	}
	if err == nil && c.Out != "" {
		err = rehearsalCommand{Name: c.Name, Out: c.Out, Values: c.Values}.write(ctx, s)
	}
	if err = plan.end(c.Rehearse, err); s.JSON && plan.begun {
		return plan.document(r, err)
	}
	return s.outcome(r, err, func() {
		if !o.NowOnly {
			s.cycle(r)
		}
	})
}

// now prints what came of the people who were asked for, at once.
func (s *shell) now(people []app.NowPerson) {
	if s.JSON {
		return
	}
	for _, p := range people {
		s.say("%-13s  %s  %s", p.State, p.Person, p.Sentence)
	}
}

func (c syncCommand) people(s *shell) ([]string, error) {
	var people []string
	for _, p := range append(c.Now, c.People...) {
		if p != "-" {
			people = append(people, p)
			continue
		}
		lines, err := s.lines()
		if err != nil {
			return nil, err
		}
		people = append(people, lines...)
	}
	return people, nil
}

// cycle prints one cycle's result.
func (s *shell) cycle(r app.SyncResult) {
	s.say("%s", r.Sentence())
	if r.Outcome != nil {
		s.say("%s", r.Outcome.Sentence())
		for _, d := range r.Outcome.Differences {
			s.say("  %-7s %-10s %-9s %s  %s", d.How, d.Side, d.Object, cmp.Or(d.ID, d.Source), d.Cause.Text)
		}
	}
	if r.Share != nil {
		s.say("%s", r.Share.Sentence())
		for _, p := range r.Share.People {
			s.say("%-13s  %s  %s %s", p.State, p.Text(), p.Sentence, p.Page)
		}
	}
	if r.Rehearsal != nil {
		for _, sentence := range r.Rehearsal.Sentences() {
			s.say("%s", sentence)
		}
	}
}

type statusCommand struct {
	Name string `arg:"" help:"The workspace."`
}

func (c statusCommand) Run(ctx context.Context, s *shell) error {
	status, err := s.app.Status(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(status, func() {
		s.say("%s", status.Sentence())
		s.table(nil, status.Rows())
	})
	return nil
}

type failuresCommand struct {
	Name  string `arg:"" help:"The workspace."`
	Group string `help:"Only this group, with its records." placeholder:"ID"`
	Why   bool   `help:"Ask the side that refused why, as the sync user and without a write. Takes --group and a few calls."`
}

func (c failuresCommand) Run(ctx context.Context, s *shell) error {
	ask := s.app.Failures
	if c.Why {
		if c.Group == "" {
			return &app.InputError{Text: "say of which group: --group ID (doppioctl failures lists them)"}
		}
		ask = s.app.Why
	}
	groups, err := ask(ctx, c.Name, c.Group)
	if err != nil {
		return err
	}
	s.answer(groups, func() {
		if len(groups) == 0 {
			s.say("No refused writes are open.")
			return
		}
		for _, g := range groups {
			s.say("%s  %d × (%.1f %%) %s %s", g.ID, g.Count, g.Share, g.Title, g.Advice)
			s.say("    %s: %s", g.Fixer, g.Step)
			s.say("    since %s, last %s", g.First.Local().Format(time.DateTime), g.Last.Local().Format(time.DateTime))
			for _, example := range g.Examples {
				s.say("    %s %s → %s", example.Object, example.Source, example.Target)
			}
			for _, w := range g.Why {
				s.say("    %s %s → %s", w.Object, w.Source, w.Target)
				for _, f := range w.Findings {
					s.say("      %s", f.Sentence)
				}
			}
		}
	})
	return nil
}

type retryCommand struct {
	Name   string `arg:"" help:"The workspace."`
	Group  string `help:"Only this group." xor:"which" placeholder:"ID"`
	Record string `help:"Only this record: an id of either side, or an address." xor:"which" placeholder:"ID"`
	All    bool   `help:"All of them." xor:"which"`

	AllowBrake bool `help:"Also when they are more than the brake allows."`
}

func (c retryCommand) Run(ctx context.Context, s *shell) error {
	if c.Group == "" && c.Record == "" && !c.All {
		return &app.InputError{Text: "say which: --group ID (doppioctl failures lists them), --record ID, or --all"}
	}
	n, r, err := s.app.Retry(ctx, c.Name, app.Retried{Group: c.Group, Record: c.Record, AllowBrake: c.AllowBrake})
	if err != nil && n == 0 {
		return err
	}
	if r.Failures > 0 || r.Holds > 0 {
		s.code = app.ExitOpen
	}
	return s.outcome(map[string]any{"retried": n, "failures": r.Failures, "holds": r.Holds}, err, func() {
		s.say("Refused writes tried again: %d. Refused now: %d.", n, r.Failures)
	})
}

type holdsCommand struct {
	Name string `arg:"" help:"The workspace."`
}

func (c holdsCommand) Run(ctx context.Context, s *shell) error {
	holds, err := s.app.Holds(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(holds, func() {
		if len(holds) == 0 {
			s.say("Nothing waits for your decision.")
			return
		}
		for _, h := range holds {
			number := "-"
			if h.ID > 0 {
				number = strconv.FormatInt(h.ID, 10)
			}
			s.say("%s  %s\n    %s", number, h.Sentence, h.Choices)
		}
	})
	return nil
}

type resolveCommand struct {
	Name   string `arg:"" help:"The workspace."`
	Hold   int64  `arg:"" help:"The hold's number, from doppioctl holds."`
	Take   string `help:"This side's value counts: salesforce or marketo." xor:"how" placeholder:"SIDE"`
	Link   string `help:"Link with this record of the other side." xor:"how" placeholder:"ID"`
	Create bool   `help:"Create a new record on the other side." xor:"how"`
	Merge  bool   `help:"Merge the two people in Marketo whose records became one in Salesforce. For good." xor:"how"`
	Skip   bool   `help:"Leave it as it is, and do not ask again until it changes." xor:"how"`
}

func (c resolveCommand) Run(ctx context.Context, s *shell) error {
	d := app.Decision{Link: record.ID(c.Link), Create: c.Create, Skip: c.Skip, Merge: c.Merge}
	if c.Take != "" {
		side, err := record.ParseSide(c.Take)
		if err != nil {
			return &app.InputError{Text: err.Error()}
		}
		d.Take = side
	}
	if d == (app.Decision{}) {
		return &app.InputError{Text: "say how: --take salesforce, --take marketo, --link ID, --create, --merge, or --skip"}
	}
	if err := s.app.Resolve(ctx, c.Name, c.Hold, d); err != nil {
		return err
	}
	s.answer(map[string]any{"resolved": c.Hold}, func() { s.say("Decided. It takes effect in the next cycle.") })
	return nil
}

type explainCommand struct {
	Name   string `arg:"" help:"The workspace."`
	Person string `arg:"" help:"E-mail address, Salesforce id or Marketo id." placeholder:"EMAIL_OR_ID"`
}

func (c explainCommand) Run(ctx context.Context, s *shell) error {
	e, err := s.app.Explain(ctx, c.Name, c.Person)
	if err != nil {
		return err
	}
	s.answer(e, func() {
		s.say("%s", e.Sentence)
		for _, h := range e.History {
			s.say("  %s  %s", h.At.Local().Format("2006-01-02 15:04:05"), h.Sentence)
		}
		for _, m := range e.Programs {
			s.say("Program “%s”, campaign “%s”: %s", m.Program, m.Campaign, map[bool]string{true: "a member", false: "not a member"}[m.Member])
			for _, w := range m.Waiting {
				s.say("  %s", w.Sentence)
			}
			for _, h := range m.History {
				s.say("  %s  %s", h.At.Local().Format("2006-01-02 15:04:05"), h.Sentence)
			}
		}
	})
	return nil
}
