package filter

import (
	"strconv"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/look"
)

// textCard is the filter as text, why it is not understood, and what it says.
type textCard struct {
	s       *Screen
	field   *entry
	wrong   *fyne.Container
	said    *fyne.Container
	content fyne.CanvasObject
}

func newTextCard(s *Screen) *textCard {
	c := &textCard{s: s, wrong: look.Column(2), said: look.Column(look.Small)}
	c.field = &entry{s: s}
	c.field.MultiLine, c.field.Wrapping, c.field.TextStyle = true, fyne.TextWrapWord, fyne.TextStyle{Monospace: true}
	c.field.ExtendBaseWidget(c.field)
	c.field.SetPlaceHolder(s.words.Say("filter.text.hint"))
	c.field.SetMinRowsVisible(3)
	c.field.OnChanged = func(text string) {
		if !s.drawing {
			s.edit(func(e editor, now time.Time) (editor, Path) { return e.typed(text, now), nil })
		}
	}
	c.content = look.Card(look.Column(look.Small, look.Title(s.words.Say("filter.text")), look.Outline(c.field), c.wrong, c.said))
	return c
}

// letters is how many letters of a sentence fit on a line of the card.
func (c *textCard) letters() int {
	if wide := c.content.Size().Width; wide > 0 && wide < 500 {
		return 56
	}
	return 80
}

func (c *textCard) show(v View) {
	c.field.show(v.Text)
	rows := 0
	for begin, i := 0, 0; i <= len(v.Text); i++ {
		if i == len(v.Text) || v.Text[i] == '\n' {
			rows += 1 + utf8.RuneCountInString(v.Text[begin:i])/54
			begin = i + 1
		}
	}
	c.field.SetMinRowsVisible(min(max(rows, 3), 10))
	c.wrong.Objects = nil
	if w := v.Wrong; w != nil {
		line := look.NewText("")
		line.Lines = 2
		line.SetSpans(look.Span{Text: w.Before, Color: look.Soft}, look.Span{Text: w.Word, Bold: true, Color: look.Bad}, look.Span{Text: w.After, Color: look.Soft})
		c.wrong.Add(line)
		c.wrong.Add(look.Wrapped(w.Why, look.Bad, c.letters()))
		if len(w.Meant) > 0 {
			meant := look.Row(0, look.SoftText(c.s.words.Say("filter.meant")))
			for _, m := range w.Meant {
				meant.Add(look.NewButton(look.Link, m, func() { c.mend(w, m) }))
			}
			c.wrong.Add(meant)
		}
	}
	c.wrong.Refresh()
	c.said.Objects = nil
	if v.Wrong == nil {
		c.said.Add(look.Wrapped(v.Said, look.Soft, c.letters()))
		for _, n := range v.Notes {
			c.said.Add(look.Edged(look.BarWarning, look.Wrapped(n, look.Warning, c.letters()-2)))
		}
	}
	c.said.Refresh()
}

// mend puts what was meant in the place of the word.
func (c *textCard) mend(w *Wrong, meant string) {
	c.s.edit(func(e editor, now time.Time) (editor, Path) { return e.mend(w.Offset, w.Length, meant, now), nil })
	c.s.window().Focus(c.field)
}

// meansCard is what the filter would do.
type meansCard struct {
	s                   *Screen
	salesforce, marketo *sideBar
	facts               []*factLine
	leaving             *look.Pick
	old                 *look.Text
	others              *fyne.Container
	content             fyne.CanvasObject
}

func newMeansCard(s *Screen) *meansCard {
	w := s.words
	c := &meansCard{s: s, old: look.Caption(""), others: look.Column(2)}
	c.old.Lines, c.old.Align, c.old.Shrinks = 1, fyne.TextAlignTrailing, true
	c.salesforce, c.marketo = newSideBar(w.Say("side.salesforce"), look.Salesforce), newSideBar(w.Say("side.marketo"), look.Marketo)
	c.leaving = look.NewPlainPick(s.picks, c.ways, c.choose)
	list := look.Column(0)
	for _, of := range []Mover{Entering, Leaving, Hanging} {
		var below fyne.CanvasObject
		if of == Leaving {
			below = look.Row(0, c.leaving)
		}
		f := newFactLine(map[Mover]fyne.ThemeColorName{Entering: look.Good, Leaving: look.BarWarning, Hanging: look.BarOther}[of], below)
		c.facts = append(c.facts, f)
		if of != Entering {
			list.Add(look.Rule())
		}
		list.Add(f.content)
	}
	head := container.New(headLayout{}, look.Title(w.Say("filter.means")), c.old)
	c.content = look.Card(look.Column(look.Small, head, c.salesforce.content, c.marketo.content, list, c.others))
	return c
}

// headLayout sets a title at the left, and gives the rest of the line to what stands at the right.
type headLayout struct{}

func (headLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (headLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	wide := o[0].MinSize().Width
	o[0].Resize(o[0].MinSize())
	high := o[1].MinSize().Height
	o[1].Move(fyne.NewPos(wide+look.Medium, float32(int((size.Height-high)/2))))
	o[1].Resize(fyne.NewSize(size.Width-wide-look.Medium, high))
}

// ways are what can become of those who leave: a mark is the number of a checkbox in Marketo.
func (c *meansCard) ways() []look.PickItem {
	say := c.s.words.Say
	items := []look.PickItem{
		{Value: "frozen", Text: say("filter.leaving.frozen"), Under: say("filter.leaving.frozen.about")},
		{Value: "unlinked", Text: say("filter.leaving.unlinked"), Under: say("filter.leaving.unlinked.about")},
	}
	for i, m := range c.s.model.language().Marks() {
		items = append(items, look.PickItem{Value: strconv.Itoa(i), Text: say("filter.leaving.marked", "field", m.Label), Under: m.API, Group: say("filter.leaving.mark")})
	}
	return items
}

func (c *meansCard) choose(values []string) {
	leaving, mark := app.FilterFreeze, ""
	if values[0] == "unlinked" {
		leaving = app.FilterUnlink
	}
	if i, err := strconv.Atoi(values[0]); err == nil {
		leaving, mark = app.FilterMark, c.s.model.language().Marks()[i].Name
	}
	c.s.edit(func(e editor, now time.Time) (editor, Path) { return e.setLeaving(leaving, mark, now), nil })
}

func (c *meansCard) show(m Means) {
	c.salesforce.show(m.Salesforce)
	c.marketo.show(m.Marketo)
	for i, f := range m.Facts {
		c.facts[i].show(f)
	}
	text := c.s.words.Say("filter.leaving." + m.Leaving.String())
	if m.Leaving == app.FilterMark {
		text = c.s.words.Say("filter.leaving.marked", "field", m.Mark)
	}
	c.leaving.Set(nil, text, look.Accent)
	able(c.s.view.Wrong == nil, c.leaving)
	c.old.Set("")
	if m.Old {
		c.old.Set(c.s.words.Say("filter.old"))
	}
	look.Show(c.others, len(m.Others) > 0)
	c.others.Objects = nil
	for _, o := range m.Others {
		c.others.Add(look.Wrapped(o, look.Soft, 50))
	}
	c.others.Refresh()
}

// sideBar is one side: its name, how many pass, and a bar of who is in, comes and goes.
type sideBar struct {
	text    *look.Text
	bar     *look.Parts
	content fyne.CanvasObject
}

func newSideBar(name string, color fyne.ThemeColorName) *sideBar {
	b := &sideBar{text: look.SoftText(""), bar: look.NewParts(14, color, look.Good, look.BarWarning)}
	b.text.Lines, b.text.Align, b.text.Shrinks = 1, fyne.TextAlignTrailing, true
	b.content = look.Column(2, container.New(headLayout{}, look.NewText(name), b.text), b.bar)
	return b
}

func (b *sideBar) show(s Side) {
	b.text.Set(s.Text)
	b.bar.Set(s.In, s.Entering, s.Going)
}

// factLine is a number with what it means.
type factLine struct {
	name, number, text *look.Text
	content            *fyne.Container
}

func newFactLine(dot fyne.ThemeColorName, below fyne.CanvasObject) *factLine {
	f := &factLine{name: look.NewText(""), number: look.NewText(""), text: look.Wrapped("", look.Soft, 24)}
	f.name.Lines, f.name.Shrinks, f.number.Lines, f.number.Align, f.number.Shrinks = 1, true, 1, fyne.TextAlignTrailing, true
	said := fyne.CanvasObject(f.text)
	if below != nil {
		said = look.Column(0, f.text, below)
	}
	f.content = container.New(factLayout{}, look.Dot(dot), f.name, f.number, said)
	return f
}

func (f *factLine) show(fact Fact) {
	f.name.Set(fact.Name)
	f.number.Set(fact.Number)
	f.text.Set(fact.Text)
}

type factLayout struct{}

func (factLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(240, o[3].MinSize().Height+2*6)
}

func (factLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	name := min(float32(int(size.Width*0.26)), 96)
	number := min(float32(int(size.Width*0.18)), 76)
	look.Place(o[0], 0, 9, size.Height)
	look.Place(o[1], 9+look.Small, name, size.Height)
	look.Place(o[2], 9+look.Small+name, number, size.Height)
	x := 9 + look.Small + name + number + look.Medium
	look.Place(o[3], x, size.Width-x, size.Height)
}

// whoCard lists ten who would leave or enter, or the versions.
type whoCard struct {
	s       *Screen
	title   *look.Text
	choices []*look.Button
	list    *fyne.Container
	content fyne.CanvasObject
}

var whichNames = []string{"leave", "enter", "versions"}

func newWhoCard(s *Screen) *whoCard {
	c := &whoCard{s: s, title: look.Title(""), list: look.Column(0)}
	c.title.Lines, c.title.Shrinks = 1, true
	row := look.Row(look.Tiny)
	for i, name := range []string{"who.leave.short", "who.enter.short", "who.versions"} {
		b := look.NewButton(look.Choice, s.words.Say("filter."+name), func() {
			s.model.Show(Which(i))
			s.Show(s.model.View())
		})
		c.choices = append(c.choices, b)
		row.Add(b)
	}
	c.content = look.Card(look.Column(look.Small, c.title, row, c.list))
	return c
}

func (c *whoCard) show(v View) {
	c.title.Set(c.s.words.Say("filter.who." + whichNames[v.Which]))
	for i, b := range c.choices {
		b.Select(Which(i) == v.Which)
	}
	c.list.Objects = nil
	add := func(o fyne.CanvasObject) {
		if len(c.list.Objects) > 0 {
			c.list.Add(look.Rule())
		}
		c.list.Add(look.Pad(0, 6, o))
	}
	if v.Empty != "" {
		add(look.Explain(v.Empty, 2))
	}
	for _, one := range v.Who {
		name, why := look.NewText(""), look.Wrapped("", look.Soft, 50)
		name.Lines, name.Shrinks, why.SizeName = 1, true, look.SizeCaption
		name.SetSpans(look.Span{Text: one.Name})
		why.SetSpans(look.Span{Text: one.Why})
		add(look.Column(0, name, why))
	}
	if v.Which == Versions && len(v.Past) == 0 {
		add(look.Explain(c.s.words.Say("filter.version.none"), 2))
	}
	for _, p := range v.Past {
		add(c.version(p))
	}
	c.list.Refresh()
}

func (c *whoCard) version(p Version) fyne.CanvasObject {
	title, differs := look.NewText(""), look.Caption("")
	title.Lines, differs.Lines = 1, 1+utf8.RuneCountInString(p.Differs)/52
	title.SetSpans(look.Span{Text: p.Title})
	differs.SetSpans(look.Span{Text: p.Differs})
	var end fyne.CanvasObject = look.NewButton(look.Link, c.s.words.Say("filter.put.back"), func() {
		c.s.model.PutBack(p.N)
		c.s.Show(c.s.model.View())
	})
	if p.Now {
		end = look.NewBadge(look.QuietTone, c.s.words.Say("filter.version.now"))
	}
	column := look.Column(0, look.Ends(title, end))
	if p.Text != "" {
		why := look.NewText("")
		why.Lines, why.Color = 1, look.Soft
		why.SetSpans(look.Span{Text: "“" + p.Text + "”"})
		column.Add(why)
	}
	column.Add(differs)
	return column
}

// confirmCard asks before the filter is set, with what it does.
type confirmCard struct {
	s       *Screen
	text    *look.Text
	why     *look.Field
	content fyne.CanvasObject
}

func newConfirmCard(s *Screen) *confirmCard {
	c := &confirmCard{s: s, text: look.Explain("", 2), why: look.NewField(s.at.On)}
	c.why.SetPlaceHolder(s.words.Say("filter.confirm.why"))
	c.why.OnChanged = func(text string) {
		if !s.drawing {
			s.model.Because(text)
		}
	}
	no := look.NewButton(look.Link, s.words.Say("filter.confirm.no"), func() {
		s.model.Keep()
		s.Show(s.model.View())
	})
	card := look.Notice(look.Accent, look.Column(look.Small, look.Title(s.words.Say("filter.confirm")), c.text, container.NewBorder(nil, nil, nil, no, look.Outline(c.why))))
	c.content = look.Pad(0, look.Small, card)
	return c
}

func (c *confirmCard) show(v View) {
	look.Show(c.content, v.Confirm != "")
	c.text.Set(v.Confirm)
	if c.why.Text != v.Why {
		c.why.SetText(v.Why)
	}
}
