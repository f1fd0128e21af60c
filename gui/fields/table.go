package fields

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
)

// fieldsPart is the list of an object's fields, with all about the chosen one beside it.
type fieldsPart struct {
	columns int // of the list
	page    *Page
	find    *look.Field
	groups  map[Group]*look.Button
	bar     *fyne.Container
	top     *fyne.Container
	all     *look.Button
	list    *look.List
	empty   *look.Text
	detail  *detailCard
	content fyne.CanvasObject
}

func newFields(p *Page) *fieldsPart {
	w := p.words
	f := &fieldsPart{page: p, groups: map[Group]*look.Button{}}
	f.find = look.NewField(func() { look.Focus(f.list.Keyboard()) })
	f.find.SetPlaceHolder(w.Say("fields.find"))
	f.find.OnChanged = func(text string) { p.look(func(l *looking) { l.find = text }) }
	f.bar = look.Row(look.Tiny)
	for _, g := range groups {
		b := look.NewButton(look.Choice, "", func() { p.look(func(l *looking) { l.group = g }) })
		f.groups[g] = b
		f.bar.Add(b)
	}
	f.all = look.NewButton(look.Outlined, "", func() { p.model.DoAll(); p.draw() })
	columns := []look.ColumnSpec{
		{Heading: w.Say("fields.column.salesforce"), Weight: 30}, {Weight: 6}, {Heading: w.Say("fields.column.marketo"), Weight: 26},
		{Heading: w.Say("fields.column.state"), Weight: 23}, {Heading: w.Say("fields.column.filled"), Weight: 15, Number: true},
	}
	if !p.at.Open { // nothing was counted yet
		columns = columns[:columnFilled]
	}
	f.list, f.columns = look.NewList(columns...), len(columns)
	f.list.OnChosen = func(n int) {
		if rows := p.view.Rows; n < len(rows) {
			p.look(func(l *looking) { l.chosen = rows[n].Pair })
		}
	}
	f.list.OnOpened = func(int) { f.open() }
	f.list.OnFind = func() { look.Focus(f.find) }
	f.list.OnSorted = func(n int) {
		p.look(func(l *looking) {
			switch {
			case l.sort != n:
				l.sort, l.down = n, n == columnFilled
			case l.down == (n == columnFilled):
				l.down = !l.down
			default:
				l.sort, l.down = -1, false
			}
		})
	}
	f.empty = look.Explain("", 2)
	f.empty.Align = fyne.TextAlignCenter
	f.detail = newDetail(p)
	f.top = look.Column(look.Small, look.Ends(container.NewHScroll(look.Ends(f.bar, look.NewText(""))), f.all), f.find)
	table := look.Card(container.NewStack(f.list, container.NewPadded(container.NewVBox(layout.NewSpacer(), f.empty, layout.NewSpacer()))))
	f.content = container.NewBorder(look.Pad(0, look.Tiny, f.top), nil, nil, nil, container.New(listAndDetail, table, f.detail.content))
	return f
}

// listAndDetail: the detail takes a third of the width, at least what its choices need.
var listAndDetail = look.Split{Gap: look.Small, Share: 0.32, Least: 270, Min: fyne.NewSize(720, 260)}

// open does what Enter does on a row: it takes what is suggested, and goes to the choices of what is mapped.
func (f *fieldsPart) open() {
	p := f.page
	if d := p.view.Detail; d.Mapped {
		look.Focus(f.detail.direction)
	} else if d.Deed != NoDeed {
		p.do()
	}
}

// do does what the button of the chosen field says, and stays at its place in the list.
func (p *Page) do() {
	at := p.view.Chosen
	p.model.Do()
	p.draw()
	if n := len(p.view.Rows); p.view.Chosen < 0 && n > 0 {
		next := p.view.Rows[min(max(at, 0), n-1)].Pair
		p.look(func(l *looking) { l.chosen = next })
	}
}

func (f *fieldsPart) show(v View) {
	for g, b := range f.groups {
		i := slices.IndexFunc(v.Groups, func(t Tab) bool { return t.Group == g })
		if i < 0 {
			b.Hide()
			continue
		}
		b.Show()
		b.SetText(v.Groups[i].Text)
		b.Select(v.Groups[i].Chosen)
		look.Enable(b, v.State == Full)
	}
	f.all.SetText(v.All)
	f.all.Hidden = v.All == ""
	look.Enable(f.all, !v.Busy)
	f.top.Refresh() // what its buttons say has another width
	f.list.Set(len(v.Rows), v.Chosen, func(n int) []look.ListCell { return cells(v.Rows[n])[:f.columns] })
	f.list.MarkSorted(v.Sort, v.Down)
	f.empty.Set(v.Empty)
	f.detail.show(v)
}

var standingColors = map[Standing]fyne.ThemeColorName{
	IsWrong: look.Bad, IsSure: look.Good, IsLikely: look.Accent, IsStuck: look.Warning, IsNew: look.Accent, IsChanged: look.Accent, IsOut: look.Warning, IsNot: look.Faint,
}

func cells(r Row) []look.ListCell {
	arrow := look.ListCell{Text: r.Arrow, Color: look.Soft}
	if r.Losses > 0 {
		arrow.Under, arrow.UnderColor = "!", look.Warning
	}
	label := look.ListCell{Text: r.Salesforce, Under: r.SalesforceUnder}
	if r.Standing == IsNot || r.Standing == IsOut {
		label.Color = look.Faint
	}
	return []look.ListCell{
		label, arrow, {Text: r.Marketo, Under: r.MarketoUnder, Color: label.Color}, {Text: r.State, Under: r.Wins, Color: standingColors[r.Standing]},
		{Text: r.Filled, Under: r.Changes},
	}
}

// detailCard is all about the chosen field.
type detailCard struct {
	page                     *Page
	title                    *look.Text
	under                    *look.Text
	deed                     *look.Button
	head, told, all          *fyne.Container
	choices                  *fyne.Container
	direction, policy, quiet *look.Select
	blank, consent, nightly  *look.Check
	means                    *look.Text // what never blank, or consent, is for
	shown                    []string
	content                  fyne.CanvasObject
}

func newDetail(p *Page) *detailCard {
	w := p.words
	d := &detailCard{page: p, title: look.Title(""), under: look.Caption(""), told: look.Column(look.Small)}
	d.title.Lines, d.under.Lines = 2, 2
	d.means = look.Caption("")
	d.means.Lines = 2
	d.deed = look.NewButton(look.Outlined, "", p.do)
	choose := func(s **look.Select, set func(*app.MappingField, int)) {
		*s = look.NewSelect(nil, func(string) {
			if n := (*s).SelectedIndex(); n >= 0 && !p.drawing {
				p.model.Set(func(f *app.MappingField) { set(f, n) })
				p.draw()
			}
		})
	}
	choose(&d.direction, func(f *app.MappingField, n int) { f.Direction = directionsOf(p.view.Rows[p.view.Chosen].Pair)[n] })
	choose(&d.policy, func(f *app.MappingField, n int) { f.Policy = policies[n] })
	choose(&d.quiet, func(f *app.MappingField, n int) { f.Quiet = quiets[n] })
	check := func(key string, set func(*app.MappingField, bool)) *look.Check {
		return look.NewCheck(w.Say(key), func(on bool) {
			if !p.drawing {
				p.model.Set(func(f *app.MappingField) { set(f, on) })
				p.draw()
			}
		})
	}
	d.blank = check("fields.neverblank", func(f *app.MappingField, on bool) { f.NeverBlank = on })
	d.consent = check("fields.consent", func(f *app.MappingField, on bool) { f.Consent = on })
	d.nightly = check("fields.nightly", func(f *app.MappingField, on bool) { f.Reread = map[bool]string{true: "nightly"}[on] })
	d.choices = look.Column(look.Tiny,
		look.Caption(w.Say("fields.direction")), look.Outline(d.direction), look.Caption(w.Say("fields.policy")), look.Outline(d.policy),
		look.Caption(w.Say("fields.quiet")), look.Outline(d.quiet), d.blank, d.consent, d.means, d.nightly)
	d.head = look.Column(look.Small, look.Column(0, d.title, d.under), look.Row(0, d.deed))
	d.all = look.Column(look.Small, d.told, d.choices)
	d.content = look.Card(container.NewBorder(d.head, nil, nil, nil,
		look.Pad(0, look.Small, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), d.all)))))
	return d
}

// lettersInLine is how many letters the narrowest detail takes on a line, or somewhat fewer.
const lettersInLine = 32

// lettersInEdge is how many fewer go on a line behind an edge.
const lettersInEdge = 4

func (d *detailCard) show(v View) {
	x := v.Detail
	if x.Title == "" {
		x.Title = d.page.words.Say("fields.choose")
		if len(v.Rows) == 0 {
			x.Title = ""
		}
	}
	d.title.Set(x.Title)
	d.under.Set(x.Under)
	d.deed.SetText(x.DeedText)
	d.deed.Hidden = x.Deed == NoDeed
	look.Enable(d.deed, !v.Busy)
	d.head.Refresh()
	d.tell(x)
	d.choices.Hidden = !x.Mapped
	defer d.all.Refresh()
	if !x.Mapped {
		return
	}
	for _, s := range []struct {
		of      *look.Select
		options []string
		at      int
	}{{d.direction, x.Directions, x.Direction}, {d.policy, x.Policies, x.Policy}, {d.quiet, x.Quiets, x.Quiet}} {
		if !slices.Equal(s.of.Options, s.options) {
			s.of.SetOptions(s.options)
		}
		s.of.SetSelectedIndex(s.at)
		look.Enable(s.of, !v.Busy && len(s.options) > 1)
	}
	d.blank.SetChecked(x.NeverBlank)
	d.consent.SetChecked(x.Consent)
	d.nightly.SetChecked(x.Nightly)
	d.blank.Hidden, d.consent.Hidden = x.Checkbox && !x.NeverBlank, !x.Checkbox && !x.Consent
	means := "fields.neverblank.means"
	if x.Checkbox {
		means = "fields.consent.means"
	}
	d.means.Set(d.page.words.Say(means))
}

// tell writes the sentences, where they are others than before.
func (d *detailCard) tell(x Detail) {
	all := slices.Concat(x.Wrong, []string{x.Stuck, x.Reason}, x.Losses, []string{"|"}, x.Facts)
	if slices.Equal(all, d.shown) {
		return
	}
	d.shown = all
	d.told.RemoveAll()
	edged := func(edge fyne.ThemeColorName, texts ...string) {
		for _, text := range texts {
			if text != "" {
				d.told.Add(look.Edged(edge, look.Wrapped(text, look.Ink, lettersInLine-lettersInEdge)))
			}
		}
	}
	plain := func(texts ...string) {
		for _, text := range texts {
			if text != "" {
				d.told.Add(look.Wrapped(text, look.Soft, lettersInLine))
			}
		}
	}
	edged(look.Bad, x.Wrong...)
	edged(look.Warning, x.Stuck)
	plain(x.Reason)
	edged(look.Warning, x.Losses...)
	plain(x.Facts...)
}
