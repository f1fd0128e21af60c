package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

func (p *painter) detail(r Row) Detail {
	f, w := p.facts, p.words
	d := Detail{Title: r.Title, Under: r.Under}
	switch r.item.kind {
	case Suggested:
		s := f.suggested[r.item.at]
		d.Under = p.labels(s.Fields)
		d.Key, d.Why, d.Accept = "suggested "+r.item.name, w.Sentence(s.Why), true
	case Quieted:
		at := slices.IndexFunc(f.setup.Fields, func(x app.RuleField) bool { return x.Name == r.field })
		d.Key, d.Remove, d.Why = "quiet "+r.field, true, w.Say("rules.quiet.means")
		for _, q := range quiets {
			d.Quiets = append(d.Quiets, w.Say("rules.quiet."+q))
		}
		d.Quiet = slices.Index(quiets, f.quiet(f.setup.Fields[at]))
		d.Preview = p.cost(r.field)
		return d
	case Ruled:
		if p.rule(&d, r.item.at); len(d.Wrong) > 0 {
			return d
		}
	}
	p.results(&d, r.item)
	return d
}

// quiets are the quiet times in the order in which they are offered.
var quiets = []string{"hour", "day"}

// rule adds the forms of a rule.
func (p *painter) rule(d *Detail, at int) {
	f, w := p.facts, p.words
	r := f.made.Now.Sheet.Rules[at]
	d.Remove, d.Named, d.Name, d.Wrong = true, true, r.Name, p.mistakes(f.wrong(at))
	if len(r.Fields) > 0 {
		d.Under = p.labels(r.Fields)
	}
	key := []string{"rule", keyOf(r, at)}
	for _, name := range r.Fields {
		d.Fields = append(d.Fields, FieldOf{name, p.label(name)})
		key = append(key, name)
	}
	for _, x := range f.setup.Fields {
		if f.made.Now.Sheet.of(x.Name) < 0 && x.ByMapping == "" {
			d.Add, d.add = append(d.Add, p.label(x.Name)), append(d.add, x.Name)
		}
	}
	for _, s := range r.Do {
		v := StepView{Title: s.Word, Text: string(s.Text())}
		if w.Has("rules.step." + s.Word) {
			v.Title, v.Means = w.Say("rules.step."+s.Word), w.Say("rules.step."+s.Word+".means")
		}
		if form, ok := ReadForm(s); ok {
			v.Text = ""
			for _, x := range parameters[s.Word] {
				v.Params = append(v.Params, p.param(s.Word, x, form.Values[x.key]))
			}
		}
		key = append(key, s.Word, map[bool]string{true: "text"}[v.Text != ""])
		d.Steps = append(d.Steps, v)
	}
	d.Key = strings.Join(key, "|")
}

func (p *painter) param(word string, x parameter, value string) ParamView {
	v := ParamView{Key: x.key, Title: p.words.Say("rules.param." + word + "." + x.key), Value: value, Lines: x.lines}
	if x.lines > 0 {
		return v
	}
	v.choices = x.offered(value)
	for _, c := range v.choices {
		key := "rules.choice." + x.key + "." + cmp.Or(c, "none")
		if !p.words.Has(key) {
			v.Choices = append(v.Choices, c)
			continue
		}
		v.Choices = append(v.Choices, p.words.Say(key))
	}
	v.At = slices.Index(v.choices, value)
	return v
}

// results says what was tried.
func (p *painter) results(d *Detail, i item) {
	w := p.words
	all := p.facts.previewed(i)
	switch {
	case i.kind == Suggested && p.facts.suggested[i.at].Rule == nil:
		d.Preview = p.cost(p.facts.suggested[i.at].Fields[0])
		return
	case p.facts.sampleErr != nil:
		d.Preview = []string{w.Say("rules.preview.failed")}
		return
	case p.facts.sample == nil:
		d.Preview = []string{w.Say("rules.preview.reading")}
		return
	case len(all) == 0:
		d.Preview = []string{w.Say("rules.preview.none")}
	}
	for _, x := range all {
		line := w.Count("rules.preview.of", x.Values, "field", p.label(x.Field), "side", w.Say("side."+x.Side.String()), "changed", w.Number(x.Changed))
		if x.Emptied > 0 {
			line += " " + w.Count("rules.preview.emptied", x.Emptied)
		}
		if x.Strange > 0 {
			line += " " + w.Count("rules.preview.strange", x.Strange)
		}
		d.Preview = append(d.Preview, line)
		for _, e := range x.Examples {
			to := e.To
			if to == "" {
				to = w.Say("rules.preview.blank")
			}
			if one := w.Say("rules.example", "from", e.From, "to", to, "n", w.Number(e.N)); len(d.Examples) < mostExamples && !slices.Contains(d.Examples, one) {
				d.Examples = append(d.Examples, one)
			}
		}
	}
}

// mostExamples is how many the page shows of a rule.
const mostExamples = 8

// cost says what a field costs and a quiet time would save, or that nobody knows.
func (p *painter) cost(field string) []string {
	f, w := p.facts, p.words
	if f.prices == nil {
		return []string{w.Say("rules.price.reckoning")}
	}
	for _, x := range f.prices {
		if string(x.Object)+"."+x.Field == field && x.Writes > 0 {
			return []string{w.Count("rules.price", x.Writes, "days", w.Number(app.PriceDays)), w.Count("rules.price.quiet", x.Saved.QuietDay)}
		}
	}
	return []string{w.Say("rules.price.unknown")}
}
