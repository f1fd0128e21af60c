package rules

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

// making is a kind of rule that a person can make of a field.
type making struct {
	word  string
	do    []app.RuleStep
	quiet string
	fits  func(app.RuleField) bool
}

func text(f app.RuleField) bool {
	return !f.Number && f.Type != "checkbox" && f.Type != "date" && f.Type != "date-time" && f.Type != "reference"
}

func step(word, with string) app.RuleStep {
	if with == "" {
		return app.RuleStep{Word: word}
	}
	return app.RuleStep{Word: word, With: json.RawMessage(with)}
}

// makings are what can be made, in the order in which it is offered.
var makings = []making{
	{word: "band", do: []app.RuleStep{step("band", "")}, fits: func(f app.RuleField) bool { return f.Number || text(f) }},
	{word: "country", do: []app.RuleStep{step("trim", ""), step("blank", ""), step("country", "")}, fits: text},
	{word: "state", do: []app.RuleStep{step("trim", ""), step("blank", ""), step("state", "")}, fits: text},
	{word: "phone", do: []app.RuleStep{step("trim", ""), step("blank", ""), step("phone", "")}, fits: text},
	{word: "blank", do: []app.RuleStep{step("trim", ""), step("blank", "")}, fits: text},
	{word: "case", do: []app.RuleStep{step("trim", ""), step("case", `"names"`)}, fits: text},
	{word: "table", do: []app.RuleStep{step("table", "{}")}, fits: text},
	{word: "replace", do: []app.RuleStep{step("replace", `{"pattern":"","with":""}`)}, fits: text},
	{word: "hour", quiet: "hour", fits: func(app.RuleField) bool { return true }},
	{word: "day", quiet: "day", fits: func(app.RuleField) bool { return true }},
}

// newRule fills in the fields of which a rule can be made, and the kinds of rules.
func (p *painter) newRule(v *View) {
	f, w := p.facts, p.words
	var chosen *app.RuleField
	for i, x := range f.setup.Fields {
		r := Row{Title: x.Labels[0], Under: x.Name, field: x.Name, State: p.kind(x.Type)}
		if r.Title == "" {
			r.Title = x.Name
		}
		if at := f.made.Now.Sheet.of(x.Name); at >= 0 {
			r.Effect = f.made.Now.Sheet.Rules[at].Name
		} else if x.ByMapping != "" {
			r.Effect = x.ByMapping
		}
		if !contains(f.look.find, r.Title, r.Under, x.Labels[1]) {
			continue
		}
		if x.Name == f.look.field {
			v.Field, chosen = len(v.Fields), &f.setup.Fields[i]
		}
		v.Fields = append(v.Fields, r)
	}
	for _, m := range makings {
		v.Makes = append(v.Makes, Make{
			Word: m.word, Title: w.Say("rules.make." + m.word), Means: w.Say("rules.make." + m.word + ".means"),
			Chosen: m.word == f.look.make, Fits: chosen == nil || m.fits(*chosen),
		})
	}
	at := slices.IndexFunc(makings, func(m making) bool { return m.word == f.look.make })
	switch {
	case chosen == nil || at < 0:
		v.MakeSay = w.Say("rules.make.choose")
	case !makings[at].fits(*chosen):
		v.MakeSay = w.Say("rules.make.unfit", "type", p.kind(chosen.Type))
	case makings[at].quiet == "" && f.made.Now.Sheet.of(chosen.Name) >= 0:
		v.MakeSay = w.Say("rules.make.taken", "rule", f.made.Now.Sheet.Rules[f.made.Now.Sheet.of(chosen.Name)].Name)
	case makings[at].quiet == "" && chosen.ByMapping != "":
		v.MakeSay = w.Say("rules.make.mapped", "rule", chosen.ByMapping)
	default:
		v.CanMake = true
		v.MakeSay = w.Say("rules.make.would", "field", p.label(chosen.Name))
	}
}

func (p *painter) kind(kind string) string {
	if key := "fields.kind." + strings.ReplaceAll(kind, " ", "."); p.words.Has(key) {
		return p.words.Say(key)
	}
	return kind
}

// contains reports whether all words that are searched are in one of the texts.
func contains(find string, texts ...string) bool {
	all := strings.ToLower(strings.Join(texts, " "))
	for _, word := range strings.Fields(strings.ToLower(find)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}
