package rules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

// Accept makes what is suggested and chosen.
func (m *Model) Accept() {
	m.edit(func(f *facts) Edit {
		at := slices.IndexFunc(f.suggested, func(s app.SuggestedRule) bool { return s.Kind+" "+strings.Join(s.Fields, ",") == f.look.chosen.name })
		if f.look.chosen.kind != Suggested || at < 0 {
			return f.made.Now
		}
		s := f.suggested[at]
		if s.Rule == nil {
			f.look.chosen = item{Quieted, s.Fields[0], 0}
			return f.made.Now.quieted(s.Fields[0], s.Quiet)
		}
		var r app.RuleEntry
		if json.Unmarshal(s.Rule, &r) != nil {
			return f.made.Now
		}
		f.look.chosen = item{Ruled, "", len(f.made.Now.Sheet.Rules)}
		return f.made.Now.sheet(f.made.Now.Sheet.add(r))
	})
}

func (e Edit) sheet(s Sheet) Edit { e.Sheet = s; return e }

func (e Edit) quieted(field, quiet string) Edit {
	e.Quiets = maps.Clone(e.Quiets)
	if e.Quiets == nil {
		e.Quiets = map[string]string{}
	}
	e.Quiets[field] = quiet
	return e
}

// Remove takes the chosen rule, or quiet time, out.
func (m *Model) Remove() {
	m.edit(func(f *facts) Edit {
		switch c := f.look.chosen; {
		case c.kind == Ruled && c.at < len(f.made.Now.Sheet.Rules):
			return f.made.Now.sheet(f.made.Now.Sheet.with(c.at, nil))
		case c.kind == Quieted:
			return f.made.Now.quieted(c.name, "")
		}
		return f.made.Now
	})
}

// Rule changes the chosen rule.
func (m *Model) Rule(how func(*app.RuleEntry)) {
	m.edit(func(f *facts) Edit {
		c := f.look.chosen
		if c.kind != Ruled || c.at >= len(f.made.Now.Sheet.Rules) {
			return f.made.Now
		}
		r := f.made.Now.Sheet.Rules[c.at]
		r.Fields, r.Do = slices.Clone(r.Fields), slices.Clone(r.Do)
		how(&r)
		return f.made.Now.sheet(f.made.Now.Sheet.with(c.at, &r))
	})
}

// Param changes what a step of the chosen rule takes.
func (m *Model) Param(step int, key, value string) {
	m.Rule(func(r *app.RuleEntry) {
		form, ok := ReadForm(r.Do[step])
		if !ok {
			return
		}
		form.Values[key] = value
		if next, err := form.Step(); err == nil {
			r.Do[step] = next
		}
	})
}

// Quiet gives the chosen field another quiet time.
func (m *Model) Quiet(quiet string) {
	m.edit(func(f *facts) Edit {
		if f.look.chosen.kind != Quieted {
			return f.made.Now
		}
		return f.made.Now.quieted(f.look.chosen.name, quiet)
	})
}

// Make makes a rule of the chosen kind for the chosen field, and shows it.
func (m *Model) Make() {
	if !m.View().CanMake {
		return
	}
	m.edit(func(f *facts) Edit {
		k := makings[slices.IndexFunc(makings, func(k making) bool { return k.word == f.look.make })]
		field := f.look.field
		f.look.part = List
		if k.quiet != "" {
			f.look.chosen = item{Quieted, field, 0}
			return f.made.Now.quieted(field, k.quiet)
		}
		f.look.chosen = item{Ruled, "", len(f.made.Now.Sheet.Rules)}
		_, name, _ := strings.Cut(field, ".")
		return f.made.Now.sheet(f.made.Now.Sheet.add(app.RuleEntry{Name: strings.ToLower(strings.TrimSuffix(name, "__c")), Fields: []string{field}, Do: slices.Clone(k.do)}))
	})
}

// Task changes the task rules.
func (m *Model) Task(how func(*app.TaskRules)) {
	m.edit(func(f *facts) Edit { return f.made.Now.sheet(f.made.Now.Sheet.tasks(how)) })
}

// Preset turns the task rules that every workspace has on or off.
func (m *Model) Preset(on bool) {
	m.edit(func(f *facts) Edit {
		return f.made.Now.sheet(f.made.Now.Sheet.tasks(func(t *app.TaskRules) { t.Preset = map[bool]string{true: f.setup.Preset}[on] }))
	})
}
