package rules

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
)

// listPart is the list of rules, with all about the chosen one beside it.
type listPart struct {
	page    *Page
	list    *look.List
	empty   *look.Text
	detail  *detailCard
	content fyne.CanvasObject
}

func newList(p *Page) *listPart {
	w := p.words
	l := &listPart{page: p, empty: look.Explain("", 2), detail: newDetail(p)}
	l.empty.Align = fyne.TextAlignCenter
	l.list = look.NewList(
		look.ColumnSpec{Heading: w.Say("rules.column.rule"), Weight: 52}, look.ColumnSpec{Heading: w.Say("rules.column.state"), Weight: 22},
		look.ColumnSpec{Heading: w.Say("rules.column.effect"), Weight: 26, Number: true})
	l.list.OnChosen = func(n int) { p.do(func() { p.model.Choose(n) }) }
	l.list.OnOpened = func(int) {
		if p.view.Detail.Accept {
			p.do(p.model.Accept)
		}
	}
	l.list.OnFind = p.Find
	table := look.Card(container.NewStack(l.list, container.NewPadded(container.NewVBox(layout.NewSpacer(), l.empty, layout.NewSpacer()))))
	l.content = container.New(listAndDetail, table, l.detail.content)
	return l
}

// listAndDetail: the detail takes somewhat less than half of the width.
var listAndDetail = look.Split{Gap: look.Small, Share: 0.45, Min: fyne.NewSize(720, 260)}

func (l *listPart) show(v View) {
	l.list.Set(len(v.Rows), v.Chosen, func(n int) []look.ListCell {
		r := v.Rows[n]
		state := look.ListCell{Text: r.State, Color: look.Good}
		switch {
		case r.Wrong:
			state.Color = look.Bad
		case r.Suggested:
			state.Color = look.Accent
		}
		return []look.ListCell{{Text: r.Title, Under: r.Under}, state, {Text: r.Effect, Under: r.EffectUnder}}
	})
	l.empty.Set("")
	if v.State == Full && len(v.Rows) == 0 {
		l.empty.Set(l.page.words.Say("rules.empty"))
	}
	l.detail.show(v)
}

// detailCard is all about the chosen rule.
type detailCard struct {
	page           *Page
	title, under   *look.Text
	accept, remove *look.Button
	head, told     *fyne.Container
	body, all      *fyne.Container
	forms, results *fyne.Container
	key            string
	texts          [3][]string // what told and results say
	values         []func(Detail)
	content        fyne.CanvasObject
}

func newDetail(p *Page) *detailCard {
	w := p.words
	d := &detailCard{page: p, title: look.Title(""), under: look.Wrapped("", look.Soft, 60), told: look.Column(look.Small), forms: look.Column(look.Tiny), results: look.Column(look.Small)}
	d.title.Lines, d.title.Shrinks, d.under.SizeName = 1, true, look.SizeCaption
	d.accept = look.NewButton(look.Outlined, w.Say("rules.accept"), func() { p.do(p.model.Accept) })
	d.remove = look.NewButton(look.Link, w.Say("rules.remove"), func() { p.do(p.model.Remove) })
	d.head = look.Column(look.Small, look.Column(0, d.title, d.under), look.Row(look.Small, d.accept, d.remove))
	d.all = look.Column(look.Small, d.told, d.results, d.forms)
	d.body = container.NewBorder(d.head, nil, nil, nil, look.Pad(0, look.Small, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), d.all))))
	d.content = look.Card(d.body)
	return d
}

// lettersInLine is how many letters the narrowest detail takes on a line, or somewhat fewer.
const lettersInLine = 40

func (d *detailCard) show(v View) {
	x, w := v.Detail, d.page.words
	if v.Chosen < 0 && len(v.Rows) > 0 {
		x.Title = w.Say("rules.choose")
	}
	d.title.Set(x.Title)
	d.under.Set(x.Under)
	d.accept.Hidden, d.remove.Hidden = !x.Accept, !x.Remove
	look.Enable(d.accept, !v.Busy)
	look.Enable(d.remove, !v.Busy)
	higher := tell(d.told, &d.texts[0], []string{x.Why}, look.Soft, x.Wrong)
	if d.key != x.Key {
		d.build(x)
		higher = true
	}
	for _, set := range d.values {
		set(x)
	}
	results := slices.Concat(x.Preview, []string{"|"}, x.Examples)
	if !slices.Equal(results, d.texts[1]) {
		d.texts[1] = results
		d.results.RemoveAll()
		if len(x.Preview) > 0 {
			d.results.Add(look.Title(w.Say("rules.preview")))
		}
		for _, text := range x.Preview {
			d.results.Add(look.Wrapped(text, look.Ink, lettersInLine))
		}
		for _, text := range x.Examples {
			line := look.Caption("")
			line.SetSpans(look.Span{Text: text})
			line.Lines = 1
			d.results.Add(line)
		}
		higher = true
	}
	d.body.Refresh()
	if higher { // what is below has another place
		d.all.Refresh()
	}
}

// tell writes sentences, and what is wrong, and reports whether they are others than before.
func tell(box *fyne.Container, before *[]string, texts []string, color fyne.ThemeColorName, wrong []string) bool {
	all := slices.Concat(texts, []string{"|"}, wrong)
	if slices.Equal(all, *before) {
		return false
	}
	*before = all
	box.RemoveAll()
	for _, text := range wrong {
		box.Add(look.Edged(look.Bad, look.Wrapped(text, look.Ink, lettersInLine)))
	}
	for _, text := range texts {
		if text != "" {
			box.Add(look.Wrapped(text, color, lettersInLine))
		}
	}
	box.Refresh()
	return true
}

// build makes the forms of a rule anew.
func (d *detailCard) build(x Detail) {
	d.key, d.values = x.Key, nil
	d.forms.RemoveAll()
	p, w := d.page, d.page.words
	if x.Quiets != nil {
		quiet := look.NewSelect(x.Quiets, nil)
		quiet.OnChanged = func(string) { p.do(func() { p.model.Quiet(quiets[quiet.SelectedIndex()]) }) }
		d.values = append(d.values, func(x Detail) { quiet.SetSelectedIndex(x.Quiet) })
		d.add(w.Say("rules.quiet"), look.Outline(quiet))
	}
	if x.Named {
		d.entry(w.Say("rules.name"), 1, func(x Detail) string { return x.Name }, func(text string) { p.model.Rule(func(r *app.RuleEntry) { r.Name = text }) })
		d.fields(x)
	}
	for i, s := range x.Steps {
		d.step(i, s)
	}
	if x.Named {
		d.forms.Add(d.chooser(w.Say("rules.step.add"), stepTitles(p), func(n int) {
			p.model.Rule(func(r *app.RuleEntry) {
				next := app.RuleStep{Word: Steps[n]}
				switch next.Word {
				case "case":
					next = step("case", `"names"`)
				case "table":
					next = step("table", "{}")
				case "replace":
					next = step("replace", `{"pattern":"","with":""}`)
				}
				if n := len(r.Do); n > 0 && r.Do[n-1].Word == "band" { // a band comes last
					r.Do = slices.Insert(r.Do, n-1, next)
					return
				}
				r.Do = append(r.Do, next)
			})
		}))
	}
}

func stepTitles(p *Page) (titles []string) {
	for _, word := range Steps {
		titles = append(titles, p.words.Say("rules.step."+word))
	}
	return titles
}

func (d *detailCard) add(title string, o fyne.CanvasObject) {
	if title != "" {
		caption := look.Caption(title)
		caption.Lines = 1
		d.forms.Add(caption)
	}
	d.forms.Add(o)
}

// chooser is a list of what can be added; it says so again after each.
func (d *detailCard) chooser(title string, options []string, add func(int)) fyne.CanvasObject {
	s := look.NewSelect(options, nil)
	s.PlaceHolder = title
	s.OnChanged = func(string) {
		if n := s.SelectedIndex(); n >= 0 {
			d.page.do(func() { add(n) })
			s.ClearSelected()
		}
	}
	return look.Outline(s)
}

// fields are those that have the rule, each with a way out, and those that may have it too.
func (d *detailCard) fields(x Detail) {
	p, w := d.page, d.page.words
	caption := look.Caption(w.Say("rules.fields"))
	d.forms.Add(caption)
	for i, f := range x.Fields {
		name := look.NewText("")
		name.Lines = 1
		name.SetSpans(look.Span{Text: f.Label})
		d.forms.Add(look.Ends(name, look.NewButton(look.Link, w.Say("rules.field.remove"), func() {
			p.do(func() { p.model.Rule(func(r *app.RuleEntry) { r.Fields = slices.Delete(r.Fields, i, i+1) }) })
		})))
	}
	d.forms.Add(d.chooser(w.Say("rules.field.add"), x.Add, func(n int) {
		p.model.Rule(func(r *app.RuleEntry) { r.Fields = append(r.Fields, x.add[n]) })
	}))
}

// step is one thing that the rule does, with what it takes.
func (d *detailCard) step(i int, s StepView) {
	p, w := d.page, d.page.words
	title := look.Title(s.Title)
	title.Lines = 1
	d.forms.Add(look.Pad(0, look.Tiny, look.Ends(title, look.NewButton(look.Link, w.Say("rules.step.remove"), func() {
		p.do(func() { p.model.Rule(func(r *app.RuleEntry) { r.Do = slices.Delete(r.Do, i, i+1) }) })
	}))))
	if s.Means != "" {
		means := look.Caption(s.Means)
		means.Lines = 1 + len([]rune(s.Means))/lettersInLine
		d.forms.Add(means)
	}
	if s.Text != "" {
		d.forms.Add(look.Inset(look.Wrapped(s.Text, look.Ink, lettersInLine-4)))
		means := look.Caption(w.Say("rules.step.text"))
		means.Lines = 2
		d.forms.Add(means)
	}
	for j, x := range s.Params {
		if x.Choices == nil {
			d.entry(x.Title, x.Lines, func(d Detail) string { return d.Steps[i].Params[j].Value }, func(text string) { p.model.Param(i, x.Key, text) })
			continue
		}
		choice := look.NewSelect(x.Choices, nil)
		choice.OnChanged = func(string) {
			if n := choice.SelectedIndex(); n >= 0 {
				p.do(func() { p.model.Param(i, x.Key, x.choices[n]) })
			}
		}
		d.values = append(d.values, func(d Detail) {
			if at := d.Steps[i].Params[j].At; at >= 0 {
				choice.SetSelectedIndex(at)
			}
		})
		d.add(x.Title, look.Outline(choice))
	}
}

// entry is a text of so many lines; what is being typed in it is left alone.
func (d *detailCard) entry(title string, lines int, get func(Detail) string, set func(string)) {
	e := look.NewField(func() {})
	if lines > 1 {
		e.MultiLine = true
		e.SetMinRowsVisible(lines)
	}
	e.OnChanged = func(text string) { d.page.do(func() { set(text) }) }
	d.values = append(d.values, func(x Detail) {
		if text := get(x); text != e.Text && !focused(e) {
			e.SetText(text)
		}
	})
	d.add(title, e)
}
