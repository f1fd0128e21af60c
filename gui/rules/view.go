// Package rules is the page on which a person makes rules: bands, quiet times, one spelling, and tasks of activities, each tried on values of
// both sides before it is set.
//
// The rule file and what was read of both sides flow in from the workspace; a Sheet is edited here, and flows out as the file that it is.
// What the page has no form for is shown as the file's own text, and stays as it is.
package rules

import (
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// State is which of the page's faces is shown.
type State uint8

// The faces.
const (
	Loading State = iota
	Failed
	Full
)

// Part is what of the page is looked at.
type Part uint8

// The parts.
const (
	List Part = iota
	Making
	Tasked
)

// Kind is what an item of the list is.
type Kind uint8

// The kinds, in the order in which they are shown.
const (
	Suggested Kind = iota
	Ruled
	Quieted
)

// item names an item of the list: a suggestion by its kind and fields, a rule by its place, a quiet time by its field.
type item struct {
	kind Kind
	name string
	at   int
}

// looking is what a person looks at: it is no part of the edit.
type looking struct {
	part   Part
	chosen item
	find   string // with Making: among the fields
	field  string // and the chosen one
	make   string // and what to make
}

// View is one picture of the page.
type View struct {
	State        State
	Heading, Sub string
	Note         string
	Busy         bool
	Problem      *words.Told
	Part         Part
	CanUndo      bool
	Changed      bool
	Ready        bool

	Rows   []Row
	Chosen int
	Detail Detail

	Fields  []Row // with Making
	Field   int
	Makes   []Make
	MakeSay string // why not, or what is missing
	CanMake bool

	Tasks TasksView
}

// Row is a rule, or a field.
type Row struct {
	item        item
	Title       string
	Under       string
	State       string
	Effect      string
	EffectUnder string
	Wrong       bool
	Suggested   bool
	field       string
}

// Make is a kind of rule that can be made.
type Make struct {
	Word, Title, Means string
	Chosen, Fits       bool
}

// Detail is all about the chosen rule. The zero Detail is of none.
type Detail struct {
	Key          string // names what the forms belong to: another key has others
	Title, Under string
	Why          string
	Wrong        []string
	Accept       bool
	Remove       bool
	Name         string
	Named        bool // its name can be changed
	Fields       []FieldOf
	Add          []string // fields that may have it too
	add          []string
	Steps        []StepView
	Quiet        int // of Quiets; with a quiet time
	Quiets       []string
	Preview      []string
	Examples     []string
}

// FieldOf is a field that has a rule.
type FieldOf struct{ Name, Label string }

// StepView is a step in plain words.
type StepView struct {
	Title, Means string
	Text         string // the file's own, where there is no form
	Params       []ParamView
}

// ParamView is what a step takes.
type ParamView struct {
	Key, Title string
	Value      string
	Choices    []string // in words; nil for a text
	choices    []string
	At         int
	Lines      int
}

func picture(w *words.Words, f facts) View {
	v := View{State: Loading, Heading: w.Say("rules.heading"), Sub: w.Say("rules.reading"), Busy: f.Busy, Note: f.Note, Part: f.look.part, Chosen: -1, Field: -1}
	if f.Failed != nil {
		told := w.Problem(f.Failed)
		v.Problem = &told
		if f.setup == nil {
			v.State, v.Sub = Failed, w.Say("rules.failed")
		}
	}
	if f.setup == nil {
		return v
	}
	v.State = Full
	v.CanUndo, v.Changed = f.made.CanUndo(), f.changed()
	v.Ready = !f.Busy && len(f.mistakes) == 0 && v.Changed
	p := &painter{words: w, facts: f}
	p.list(&v)
	p.newRule(&v)
	v.Tasks = p.tasks()
	suggested := 0
	for _, r := range v.Rows {
		if r.Suggested {
			suggested++
		}
	}
	n := len(v.Rows) - suggested
	v.Heading = w.Count("rules.heading.made", n)
	switch {
	case len(f.mistakes) > 0:
		v.Heading = w.Count("rules.heading.wrong", len(f.mistakes))
	case n == 0 && suggested > 0:
		v.Heading = w.Count("rules.heading.first", suggested)
	case n == 0:
		v.Heading = w.Say("rules.heading.none")
	case suggested > 0:
		v.Heading += " " + w.Count("rules.heading.suggested", suggested)
	}
	switch {
	case f.changed():
		v.Sub = w.Say("rules.sub.changed")
	case f.sample == nil && f.sampleErr == nil:
		v.Sub = w.Say("rules.sub.sampling")
	case f.sampleErr != nil:
		v.Sub = w.Say("rules.sub.unsampled", "why", w.Problem(f.sampleErr).What)
	default:
		v.Sub = w.Say("rules.sub.sampled", "salesforce", w.Number(f.preview.Read[record.Salesforce]), "marketo", w.Number(f.preview.Read[record.Marketo]))
	}
	if v.Note == "" && len(f.mistakes) > 0 {
		v.Note = p.mistakes(f.mistakes[:1])[0]
	}
	return v
}

// painter says facts in words.
type painter struct {
	words *words.Words
	facts facts
}

// label is a field as people call it.
func (p *painter) label(name string) string {
	object, field, _ := strings.Cut(name, ".")
	for _, f := range p.facts.setup.Fields {
		if strings.EqualFold(f.Name, name) && f.Labels[0] != "" {
			field = f.Labels[0]
		}
	}
	if key := "fields.object." + object; p.words.Has(key) {
		object = p.words.Say(key)
	}
	return field + " (" + object + ")"
}

// mistakes says what is wrong, each with the field that it is about.
func (p *painter) mistakes(all []app.RuleMistake) (texts []string) {
	for _, m := range all {
		text := p.words.Whole(m.Said)
		if m.Field != "" {
			text = p.label(m.Field) + ": " + text
		}
		texts = append(texts, text)
	}
	return texts
}

// few are fields in a few words: the first, and how many more.
func (p *painter) few(names []string) string {
	if len(names) < 2 {
		return p.labels(names)
	}
	return p.words.Count("rules.fields.more", len(names)-1, "first", p.label(names[0]))
}

func (p *painter) labels(names []string) string {
	labels := make([]string, len(names))
	for i, n := range names {
		labels[i] = p.label(n)
	}
	return strings.Join(labels, ", ")
}

// list fills in the rules, the suggested ones first, and the detail of the chosen one.
func (p *painter) list(v *View) {
	f, w := p.facts, p.words
	for i, s := range f.suggested {
		v.Rows = append(v.Rows, Row{
			item: item{Suggested, s.Kind + " " + strings.Join(s.Fields, ","), i}, Title: w.Say("rules.kind." + s.Kind), Under: p.few(s.Fields), State: w.Say("rules.is.suggested"), Suggested: true,
		})
	}
	for i, r := range f.made.Now.Sheet.Rules {
		row := Row{item: item{Ruled, "", i}, Title: p.title(r), Under: p.few(r.Fields), State: w.Say("rules.is.on")}
		if len(r.Fields) == 0 {
			row.Under = w.Say("rules.nofields")
		}
		if len(f.wrong(i)) > 0 {
			row.State, row.Wrong = w.Say("rules.is.wrong"), true
		}
		v.Rows = append(v.Rows, row)
	}
	for _, x := range f.setup.Fields {
		if q := f.quiet(x); q != "" {
			v.Rows = append(v.Rows, Row{item: item{Quieted, x.Name, 0}, Title: w.Say("rules.quiet." + q), Under: p.label(x.Name), State: w.Say("rules.is.on"), field: x.Name})
		}
	}
	for i := range v.Rows {
		p.effect(&v.Rows[i])
		if v.Rows[i].item == f.look.chosen {
			v.Chosen = i
			v.Detail = p.detail(v.Rows[i])
		}
	}
}

// title is what a rule does, in a few words.
func (p *painter) title(r app.RuleEntry) string {
	main := ""
	for _, s := range r.Do {
		if s.Word != "trim" && s.Word != "blank" || main == "" {
			main = s.Word
		}
	}
	if p.words.Has("rules.kind." + main) {
		return p.words.Say("rules.kind."+main) + " · " + r.Name
	}
	return r.Name
}

// previewed are what was tried of an item, field by field.
func (f facts) previewed(i item) (all []app.PreviewedRule) {
	list, name := f.preview.Rules, ""
	switch {
	case i.kind == Suggested && i.at < len(f.trials):
		list = f.trials[i.at].Rules
	case i.kind == Ruled && i.at < len(f.made.Now.Sheet.Rules):
		name = f.made.Now.Sheet.Rules[i.at].Name
	default:
		return nil
	}
	for _, r := range list {
		if name == "" || r.Rule == name {
			all = append(all, r)
		}
	}
	return all
}

// effect says in a row how many values change.
func (p *painter) effect(r *Row) {
	w := p.words
	values, changed := 0, 0
	for _, x := range p.facts.previewed(r.item) {
		values, changed = values+x.Values, changed+x.Changed
	}
	switch {
	case r.item.kind == Quieted || r.item.kind == Suggested && p.facts.suggested[r.item.at].Rule == nil:
	case p.facts.sample == nil:
		r.Effect = "…"
	default:
		r.Effect, r.EffectUnder = w.Count("rules.effect", changed), w.Count("rules.effect.of", values)
	}
}
