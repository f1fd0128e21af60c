package fields

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/look"
)

// objectsPart is the list of what can take part.
type objectsPart struct {
	page    *Page
	list    *fyne.Container
	shown   []Card
	content fyne.CanvasObject
}

func newObjects(p *Page) *objectsPart {
	o := &objectsPart{page: p, list: look.Column(look.Small)}
	o.content = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(look.Tiny, 0, 0, 12), o.list))
	return o
}

func (o *objectsPart) show(v View) {
	if slices.Equal(o.shown, v.Cards) {
		return
	}
	focused := o.focused()
	o.shown = v.Cards
	o.list.RemoveAll()
	var again fyne.Focusable
	for i, c := range v.Cards {
		title := look.Title(c.Title)
		if !c.Taking {
			title.Color = look.Faint
		}
		buttons := look.Row(look.Small)
		add := func(b *look.Button) {
			buttons.Add(b)
			if focused == [2]int{i, len(buttons.Objects)} {
				again = b
			}
		}
		if c.Switch != "" {
			add(look.NewButton(look.Link, c.Switch, func() { o.page.model.Switch(c.Object); o.page.draw() }))
		}
		if c.Taking {
			add(look.NewButton(look.Outlined, o.page.words.Say("fields.open"), func() {
				o.page.look(func(l *looking) { l.part, l.object, l.chosen = Fields, c.Object, pair{} })
				look.Focus(o.page.fields.list.Keyboard())
			}))
		}
		means := look.Explain(c.Means, 2)
		o.list.Add(look.Card(look.Ends(look.Column(2, look.Row(look.Medium, title, look.Caption(c.Counts)), means), buttons)))
	}
	o.list.Refresh()
	if again != nil {
		look.Focus(again)
	}
}

// focused is the button that has the focus, by card and place from 1.
func (o *objectsPart) focused() [2]int {
	c := fyne.CurrentApp().Driver().CanvasForObject(o.list)
	if c == nil {
		return [2]int{}
	}
	at := [2]int{-1, 0}
	var visit func(i int, x fyne.CanvasObject)
	visit = func(i int, x fyne.CanvasObject) {
		box, ok := x.(*fyne.Container)
		if !ok {
			return
		}
		for n, child := range box.Objects {
			if b, ok := child.(*look.Button); ok && c.Focused() == b {
				at = [2]int{i, n + 1}
			}
			visit(i, child)
		}
	}
	for i, card := range o.list.Objects {
		visit(i, card)
	}
	return at
}

// pairingPart sets a field of either side beside each other.
type pairingPart struct {
	page    *Page
	find    [2]*look.Field
	list    [2]*look.List
	told    *look.Text
	pair    *look.Button
	content fyne.CanvasObject
}

func newPairing(p *Page) *pairingPart {
	x := &pairingPart{page: p, told: look.Explain("", 3)}
	x.pair = look.NewButton(look.Outlined, p.words.Say("fields.pair"), func() { p.model.Pair(); p.draw() })
	var cards []fyne.CanvasObject
	for n, side := range halves {
		x.find[n] = look.NewField(func() { look.Focus(x.list[n].Keyboard()) })
		x.find[n].SetPlaceHolder(p.words.Say("fields.find"))
		x.find[n].OnChanged = func(text string) { p.look(func(l *looking) { l.sides[n] = text }) }
		x.list[n] = look.NewList(look.ColumnSpec{Weight: 1})
		x.list[n].OnChosen = func(i int) {
			if names := p.view.Halves[n].Names; i < len(names) {
				p.look(func(l *looking) { l.pick[n] = names[i] })
			}
		}
		x.list[n].OnOpened = func(int) {
			if n == 0 {
				look.Focus(x.find[1])
			} else if p.view.CanPair {
				p.model.Pair()
				p.draw()
			}
		}
		x.list[n].OnFind = func() { look.Focus(x.find[n]) }
		title := look.Title(p.words.Say(map[record.Side]string{record.Salesforce: "fields.column.salesforce", record.Marketo: "fields.column.marketo"}[side]))
		title.Color = map[record.Side]fyne.ThemeColorName{record.Salesforce: look.Salesforce, record.Marketo: look.Marketo}[side]
		cards = append(cards, look.Card(container.NewBorder(look.Column(look.Tiny, title, x.find[n]), nil, nil, nil, x.list[n])))
	}
	x.content = container.NewBorder(nil, look.Pad(0, look.Small, look.Ends(x.told, x.pair)), nil, nil, look.Halves(cards[0], cards[1]))
	return x
}

func (x *pairingPart) show(v View) {
	for n, h := range v.Halves {
		x.list[n].Set(len(h.Labels), h.Chosen, func(i int) []look.ListCell { return []look.ListCell{{Text: h.Labels[i], Under: h.Under[i]}} })
	}
	x.told.Set(v.Pair)
	look.Enable(x.pair, v.CanPair && !v.Busy)
}

// lettersInOption is how many letters the narrowest option takes on a line, or somewhat fewer.
const lettersInOption = 54

// winnersPart asks who wins.
type winnersPart struct {
	page    *Page
	options map[[2]string]*look.Option
	content fyne.CanvasObject
}

func newWinners(p *Page) *winnersPart {
	x := &winnersPart{page: p, options: map[[2]string]*look.Option{}}
	columns := [2]*fyne.Container{look.Column(look.Small), look.Column(look.Small)}
	for i, q := range winnerQuestions {
		ask := look.Wrapped(p.words.Say("fields.ask."+q.key), look.Ink, lettersInOption)
		ask.Bold = true
		list := look.Column(2, ask)
		for _, word := range q.words {
			key := "fields.answer." + q.key + "." + word
			means := p.words.Say(key + ".means")
			o := look.NewOption(p.words.Say(key), means, 1+len([]rune(means))/lettersInOption, func() { p.model.SetWinner(q.key, word); p.draw() })
			x.options[[2]string{q.key, word}] = o
			list.Add(o)
		}
		columns[i/3].Add(look.Card(list))
	}
	x.content = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(look.Tiny, 0, 0, 12), look.Halves(columns[0], columns[1])))
	return x
}

func (x *winnersPart) show(v View) {
	for _, q := range v.Winners {
		for _, o := range q.Options {
			x.options[[2]string{q.Key, o.Word}].Choose(o.Chosen)
		}
	}
}
