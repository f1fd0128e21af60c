package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app/report"
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/store"
)

// RehearsalForm is a form in which a rehearsal can be had.
type RehearsalForm string

// The forms. The workbook has the whole plan, the page examples of it.
const (
	RehearsalXLSX RehearsalForm = "xlsx"
	RehearsalPDF  RehearsalForm = "pdf"
)

// WriteRehearsal writes the last rehearsal of a workspace: its sum, what is lost, what will be refused, and what waits still. Records are
// named by their ids; values puts people's values in besides. say puts it into another language than English; nil does not.
func (a *App) WriteRehearsal(ctx context.Context, name string, form RehearsalForm, values bool, to io.Writer, say func(Sentence) string) error {
	if form != RehearsalXLSX && form != RehearsalPDF {
		return inputf("a rehearsal can be had as .xlsx and .pdf, not as %q", form)
	}
	if say == nil {
		say = Sentence.String
	}
	return a.beside(ctx, name, true, func(w *store.Workspace) error {
		r, err := rehearsalOf(ctx, w)
		if err != nil {
			return err
		}
		if !values {
			r = r.withoutValues()
		}
		paper := printed{say: say, values: values}.paper(name, r, a.world.now())
		if form == RehearsalPDF {
			return paper.PDF(to)
		}
		mapping, err := mappingOf(ctx, w)
		if err != nil {
			return err
		}
		b := newBook(to)
		return errors.Join(printed{say: say, values: values}.book(b, paper, func(each func(Planned) error) error {
			return plannerOf(w, mapping).each(ctx, values, each)
		}), b.close())
	})
}

// printed says a rehearsal in a language.
type printed struct {
	say    func(Sentence) string
	values bool
}

func (p printed) number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + p.say(pace.Say("rehearsal.thousands", ",")) + text[i:]
	}
	return text
}

func (p printed) action(action string) string {
	switch action {
	case "create":
		return p.say(pace.Say("rehearsal.action.create", "Created"))
	case "update":
		return p.say(pace.Say("rehearsal.action.update", "Updated"))
	case ActionLink:
		return p.say(pace.Say("rehearsal.action.link", "Linked: gets the other side's id"))
	case ActionMerge:
		return p.say(pace.Say("rehearsal.action.merge", "Merged into another"))
	}
	return p.say(pace.Say("rehearsal.action.delete", "Deleted"))
}

// paper is all but the whole plan.
func (p printed) paper(name string, r Rehearsal, now time.Time) report.Paper {
	out := report.Paper{
		Title: p.say(pace.Say("rehearsal.title", "What going live will do: %1", name)),
		Intro: p.say(pace.Say("rehearsal.intro", "Doppio read both sides on %1 and wrote nothing. Records are named by their ids. Whoever edits a record before going live changes what will be written; that is shown then.", r.At.Local().Format("2006-01-02 15:04"))),
		Made:  now, MadeText: p.say(pace.Say("rehearsal.made", "Made on %1", now.Local().Format("2006-01-02 15:04"))),
	}
	out.Sections = append([]report.PaperSection{p.writes(r), p.effort(r)}, append(p.lost(r), p.refused(r), p.decisions(r))...)
	return out
}

func (p printed) writes(r Rehearsal) report.PaperSection {
	s := report.PaperSection{
		Head: p.say(pace.Say("rehearsal.head.writes", "What would be written")),
		Columns: []report.PaperColumn{
			{Head: p.say(pace.Say("rehearsal.column.action", "What")), Weight: 34}, {Head: p.say(pace.Say("rehearsal.column.side", "Where")), Weight: 16},
			{Head: p.say(pace.Say("rehearsal.column.object", "Object")), Weight: 26}, {Head: p.say(pace.Say("rehearsal.column.records", "Records")), Weight: 14, Number: true},
		},
	}
	for _, w := range r.Writes {
		s.Rows = append(s.Rows, []string{p.action(w.Action), sideName(w.Side), string(w.Object), p.number(w.Count)})
	}
	if len(s.Rows) == 0 {
		s.Lines = []string{p.say(pace.Say("rehearsal.nothing", "Nothing: both sides agree already."))}
	}
	s.Lines = append(s.Lines, p.say(pace.Say("rehearsal.people", "People on both sides: %1. In Salesforce only: %2. In Marketo only: %3. Kept out by the filter: %4.",
		p.number(r.People.Linked), p.number(r.People.Unlinked.Salesforce), p.number(r.People.Unlinked.Marketo), p.number(r.People.Filtered))))
	return s
}

func (p printed) effort(r Rehearsal) report.PaperSection {
	s := report.PaperSection{
		Head: p.say(pace.Say("rehearsal.head.effort", "What it takes")),
		Columns: []report.PaperColumn{
			{Head: p.say(pace.Say("rehearsal.column.side", "Where")), Weight: 20}, {Head: p.say(pace.Say("rehearsal.column.writes", "Writes")), Weight: 16, Number: true},
			{Head: p.say(pace.Say("rehearsal.column.calls", "Calls, about")), Weight: 18, Number: true}, {Head: p.say(pace.Say("rehearsal.column.left", "Left of today's share")), Weight: 22, Number: true},
			{Head: p.say(pace.Say("rehearsal.column.minutes", "Minutes, about")), Weight: 18, Number: true}, {Head: p.say(pace.Say("rehearsal.column.days", "On days")), Weight: 14, Number: true},
		},
	}
	for _, side := range r.Sides {
		left, minutes := "", "—"
		if side.Share > 0 {
			left = p.number(side.Left)
		}
		if side.TakesS >= 0 {
			minutes = p.number(int(side.TakesS+59) / 60)
		}
		s.Rows = append(s.Rows, []string{sideName(side.Side), p.number(side.Writes), p.number(side.Calls), left, minutes, p.number(side.Days)})
	}
	switch {
	case r.Brake != nil:
		s.Lines = append(s.Lines, p.say(pace.Say("rehearsal.brake.stops", "The brake stops it before the first write and asks: %1 changed and %2 deleted in %3 are more than the %4 that it allows.",
			p.number(r.Brake.Updates), p.number(r.Brake.Deletes), sideName(r.Brake.Side), p.number(r.Brake.Limit))))
	case r.First:
		s.Lines = append(s.Lines, p.say(pace.Say("rehearsal.brake.first", "The brake lets it pass: a first sync does not count.")))
	default:
		s.Lines = append(s.Lines, p.say(pace.Say("rehearsal.brake.passes", "The brake lets it pass.")))
	}
	return s
}

// lost are the values that are overwritten: counted by field, and examples where values are told.
func (p printed) lost(r Rehearsal) []report.PaperSection {
	field := report.PaperColumn{Head: p.say(pace.Say("rehearsal.column.field", "Field")), Weight: 26}
	object := report.PaperColumn{Head: p.say(pace.Say("rehearsal.column.object", "Object")), Weight: 18}
	side := report.PaperColumn{Head: p.say(pace.Say("rehearsal.column.loser", "Loses in")), Weight: 16}
	counted := report.PaperSection{
		Head:    p.say(pace.Say("rehearsal.head.lost", "Values that differ and are overwritten")),
		Columns: []report.PaperColumn{side, object, field, {Head: p.say(pace.Say("rehearsal.column.values", "Values")), Weight: 12, Number: true}},
		Lines:   []string{p.say(pace.Say("rehearsal.lost", "In all: %1. The history keeps each of them, and each can be put back.", p.number(r.Overwrites.Count)))},
	}
	for _, o := range r.Overwrites.Fields {
		counted.Rows = append(counted.Rows, []string{sideName(o.Side), string(o.Object), o.Field, p.number(o.Count)})
	}
	if len(r.Overwrites.Examples) == 0 {
		return []report.PaperSection{counted}
	}
	examples := report.PaperSection{
		Head: p.say(pace.Say("rehearsal.head.lost.examples", "Examples of them")),
		Columns: []report.PaperColumn{
			side, {Head: p.say(pace.Say("rehearsal.column.record", "Record")), Weight: 24}, field,
			{Head: p.say(pace.Say("rehearsal.column.old", "Has")), Weight: 26}, {Head: p.say(pace.Say("rehearsal.column.new", "Gets")), Weight: 26},
		},
	}
	for _, o := range r.Overwrites.Examples {
		examples.Rows = append(examples.Rows, []string{sideName(o.Side), string(o.Object) + " " + string(o.ID), o.Field, o.Old, o.New})
	}
	return []report.PaperSection{counted, examples}
}

func (p printed) refused(r Rehearsal) report.PaperSection {
	s := report.PaperSection{
		Head: p.say(pace.Say("rehearsal.head.refused", "What will be refused")),
		Columns: []report.PaperColumn{
			{Head: p.say(pace.Say("rehearsal.column.side", "Where")), Weight: 14}, {Head: p.say(pace.Say("rehearsal.column.object", "Object")), Weight: 12}, {Head: p.say(pace.Say("rehearsal.column.records", "Records")), Weight: 11, Number: true},
			{Head: p.say(pace.Say("rehearsal.column.why", "Why")), Weight: 42}, {Head: p.say(pace.Say("rehearsal.column.fixer", "Who can mend it")), Weight: 20}, {Head: p.say(pace.Say("rehearsal.column.examples", "For example")), Weight: 26},
		},
		Lines: []string{p.say(pace.Say("rehearsal.refused", "By what both sides say of their fields. Validation rules, duplicate rules, flows and triggers show only when something is written."))},
	}
	for _, f := range r.Foreseen {
		var ids []string
		for _, e := range f.Examples[:min(len(f.Examples), 3)] {
			id := e.Target
			if id == "" {
				id = e.Source
			}
			ids = append(ids, string(id))
		}
		s.Rows = append(s.Rows, []string{sideName(f.Side), string(f.Object), p.number(f.Count), p.say(f.Sentence()), p.fixer(f.Fixer), strings.Join(ids, ", ")})
	}
	return s
}

// fixer is who can mend something.
func (p printed) fixer(f Fixer) string { return p.say(f.Sentence()) }

// Sentence names the person of the house.
func (f Fixer) Sentence() Sentence {
	switch f {
	case FixSalesforceAdmin:
		return pace.Say("rehearsal.fixer.salesforce", "Salesforce admin")
	case FixMarketoAdmin:
		return pace.Say("rehearsal.fixer.marketo", "Marketo admin")
	case FixDataOwner:
		return pace.Say("rehearsal.fixer.owner", "whoever owns the data")
	case FixOperator:
		return pace.Say("rehearsal.fixer.operator", "whoever runs Doppio")
	case FixMakers:
		return pace.Say("rehearsal.fixer.makers", "the makers of Doppio")
	}
	return pace.Say("rehearsal.fixer.nobody", "nobody: it heals by itself")
}

// CauseSentence says what a decision of a cause is about.
func CauseSentence(cause string) Sentence {
	switch cause {
	case "contact-has-address":
		return pace.Say("rehearsal.hold.contact", "A lead has the address of a contact: the contact is linked, the lead waits.")
	case "taken":
		return pace.Say("rehearsal.hold.taken", "The person in Marketo is linked with another record already.")
	case "conflict":
		return pace.Say("rehearsal.hold.conflict", "Both sides changed a field, and a person decides which value counts.")
	case "unreadable":
		return pace.Say("rehearsal.hold.unreadable", "A value cannot be read in the type of its field.")
	case cycle.FlipFlop:
		return pace.Say("rehearsal.hold.turns", "Both sides set a field back and forth.")
	case cycle.TwoPeople:
		return pace.Say("rehearsal.hold.two", "Two records became one in Salesforce, and their people in Marketo are still two.")
	case "ambiguous":
		return pace.Say("rehearsal.hold.ambiguous", "Several records share an address, so nobody can tell who is who.")
	}
	return pace.Say("rehearsal.hold.other", "A person has to decide (%1).", cause)
}

func (p printed) decisions(r Rehearsal) report.PaperSection {
	s := report.PaperSection{
		Head:    p.say(pace.Say("rehearsal.head.decisions", "What waits for a person to decide")),
		Columns: []report.PaperColumn{{Head: p.say(pace.Say("rehearsal.column.why", "Why")), Weight: 80}, {Head: p.say(pace.Say("rehearsal.column.records", "Records")), Weight: 14, Number: true}},
	}
	for _, h := range r.Holds {
		s.Rows = append(s.Rows, []string{p.say(CauseSentence(h.Cause)), p.number(h.Count)})
	}
	if len(s.Rows) == 0 {
		s.Lines = []string{p.say(pace.Say("rehearsal.decisions.none", "Nothing."))}
	}
	return s
}

// book puts the sections on sheets, and the whole plan on the last.
func (p printed) book(b *book, paper report.Paper, plan func(func(Planned) error) error) error {
	said := func(row func([]any) error) error {
		for _, s := range paper.Sections {
			for _, line := range s.Lines {
				if err := row([]any{s.Head, line}); err != nil {
					return err
				}
			}
		}
		return row([]any{paper.MadeText, nil})
	}
	if err := b.add(p.say(pace.Say("rehearsal.sheet.summary", "Summary")), []string{paper.Title, paper.Intro}, nil, said); err != nil {
		return err
	}
	for _, s := range paper.Sections {
		if len(s.Columns) == 0 || len(s.Rows) == 0 {
			continue
		}
		head := make([]string, len(s.Columns))
		for i, c := range s.Columns {
			head[i] = c.Head
		}
		if err := b.add(sheetName(s.Head), head, nil, func(row func([]any) error) error { return p.cells(s, row) }); err != nil {
			return err
		}
	}
	head := []string{p.say(pace.Say("rehearsal.column.action", "What")), p.say(pace.Say("rehearsal.column.side", "Where")), p.say(pace.Say("rehearsal.column.object", "Object")), p.say(pace.Say("rehearsal.column.record", "Record")), p.say(pace.Say("rehearsal.column.fields", "Fields"))}
	return b.add(p.say(pace.Say("rehearsal.sheet.plan", "Plan")), head, nil, func(row func([]any) error) error {
		return plan(func(w Planned) error {
			return row([]any{p.action(w.Action), sideName(w.Side), string(w.Object), string(w.ID), p.fields(w)})
		})
	})
}

// cells are a table's rows, numbers as numbers.
func (p printed) cells(s report.PaperSection, row func([]any) error) error {
	for _, texts := range s.Rows {
		cells := make([]any, len(texts))
		for i, text := range texts {
			cells[i] = text
			if plain := strings.ReplaceAll(text, p.say(pace.Say("rehearsal.thousands", ",")), ""); s.Columns[i].Number {
				if n, err := strconv.Atoi(plain); err == nil {
					cells[i] = n
				}
			}
		}
		if err := row(cells); err != nil {
			return err
		}
	}
	return nil
}

// fields are what a write writes, with values where they are told.
func (p printed) fields(w Planned) string {
	texts := make([]string, len(w.Fields))
	for i, f := range w.Fields {
		if texts[i] = f.Name; f.Value != nil {
			texts[i] = fmt.Sprintf("%s = %s", f.Name, *f.Value)
		}
	}
	return strings.Join(texts, "\n")
}

// sheetName is a heading as a sheet may be named: at most 31 letters, and none that names a cell (Excel specifications and limits).
func sheetName(head string) string {
	letters := []rune(strings.NewReplacer(":", "", "/", "-", "\\", "-", "?", "", "*", "", "[", "", "]", "").Replace(head))
	return strings.TrimSpace(string(letters[:min(len(letters), 31)]))
}
