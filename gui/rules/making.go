package rules

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/gui/look"
)

// makePart makes a rule: a field at the left, and what to do at the right.
type makePart struct {
	page    *Page
	find    *look.Field
	list    *look.List
	options []*look.Option
	say     *look.Text
	make    *look.Button
	content fyne.CanvasObject
}

func newMaking(p *Page) *makePart {
	w := p.words
	m := &makePart{page: p, say: look.Explain("", 2)}
	m.find = look.NewField(func() { look.Focus(m.list.Keyboard()) })
	m.find.SetPlaceHolder(w.Say("fields.find"))
	m.find.OnChanged = func(text string) { p.look(func(l *looking) { l.find = text }) }
	m.list = look.NewList(look.ColumnSpec{Weight: 55}, look.ColumnSpec{Weight: 25}, look.ColumnSpec{Weight: 20})
	m.list.OnChosen = func(n int) {
		if rows := p.view.Fields; n < len(rows) {
			p.look(func(l *looking) { l.field = rows[n].field })
		}
	}
	m.list.OnOpened = func(int) { look.Focus(m.options[0]) }
	m.list.OnFind = func() { look.Focus(m.find) }
	column := look.Column(2)
	for _, k := range makings {
		means := w.Say("rules.make." + k.word + ".means")
		o := look.NewOption(w.Say("rules.make."+k.word), means, 1+len([]rune(means))/lettersInOption, func() { p.look(func(l *looking) { l.make = k.word }) })
		m.options = append(m.options, o)
		column.Add(o)
	}
	scroll := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), column))
	m.make = look.NewButton(look.Outlined, w.Say("rules.make"), func() { p.do(p.model.Make) })
	left := look.Card(container.NewBorder(look.Pad(0, look.Tiny, m.find), nil, nil, nil, m.list))
	right := look.Card(container.NewBorder(nil, look.Pad(0, look.Small, look.Ends(m.say, m.make)), nil, nil, scroll))
	m.content = look.Halves(left, right)
	return m
}

// lettersInOption is how many letters the narrowest option takes on a line, or somewhat fewer.
const lettersInOption = 48

func (m *makePart) show(v View) {
	m.list.Set(len(v.Fields), v.Field, func(n int) []look.ListCell {
		r := v.Fields[n]
		return []look.ListCell{{Text: r.Title, Under: r.Under}, {Text: r.State, Color: look.Soft}, {Text: r.Effect, Color: look.Accent}}
	})
	for i, k := range v.Makes {
		m.options[i].Choose(k.Chosen)
	}
	m.say.Set(v.MakeSay)
	look.Enable(m.make, v.CanMake && !v.Busy)
}
