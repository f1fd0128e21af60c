package look

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// pickList is what a Pick opens: a field to search in, and below it what fits.
type pickList struct {
	of     *Pick
	canvas fyne.Canvas
	items  []PickItem
	lines  []pickLine
	at     int // the line that the keyboard points at
	search *pickSearch
	list   *widget.List
	pop    *widget.PopUp
	quiet  bool // the list is only pointed into
}

// pickLine is an item, a heading, or what was typed and can be used as it is.
type pickLine struct {
	item           PickItem
	heading, typed bool
}

func newPickList(p *Pick, c fyne.Canvas) *pickList {
	l := &pickList{of: p, canvas: c, items: p.Items()}
	for _, v := range p.values { // what is chosen and not offered can be taken away too
		if p.Several && v != "" && !slices.ContainsFunc(l.items, func(i PickItem) bool { return i.Value == v }) {
			l.items = append(l.items, PickItem{Value: v, Text: v})
		}
	}
	l.search = newPickSearch(l)
	l.search.SetPlaceHolder(p.words.Search)
	if p.Free && len(l.items) == 0 {
		l.search.SetPlaceHolder(p.words.Type)
	}
	l.list = widget.NewList(func() int { return len(l.lines) }, func() fyne.CanvasObject { return newPickRow() },
		func(n int, o fyne.CanvasObject) { l.fill(o.(*pickRow), l.lines[n]) })
	l.list.HideSeparators = true
	l.list.OnSelected = func(n int) {
		if !l.quiet {
			l.at = n
			l.choose()
		}
	}
	l.sieve()
	for i, line := range l.lines {
		if !p.Several && len(p.values) > 0 && line.item.Value == p.values[0] && !line.heading {
			l.at = i
		}
	}
	return l
}

const (
	pickRows    = 9
	pickRowHigh = float32(34)
)

// show puts the list below its box, or higher where there is no room.
func (l *pickList) show() {
	at, size, room := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.of), l.of.Size(), l.canvas.Size()
	foot := Caption("")
	if l.of.Several {
		foot.Set(l.of.words.Several)
	} else {
		foot.Hide()
	}
	body := container.NewBorder(l.search, Pad(Small, Tiny, foot), nil, nil, l.list)
	l.pop = widget.NewPopUp(body, l.canvas)
	high := min(body.MinSize().Height-l.list.MinSize().Height+float32(min(max(len(l.lines), 2), pickRows))*(pickRowHigh+4)+Large, room.Height-2*Small)
	wide := min(max(size.Width, 320), room.Width-2*Small)
	y := at.Y + size.Height + 2
	if y+high > room.Height-Small {
		if y = at.Y - high - 2; y < Small {
			y = room.Height - high - Small
		}
	}
	l.pop.Resize(fyne.NewSize(wide, high))
	l.pop.ShowAtPosition(fyne.NewPos(max(Small, min(at.X, room.Width-wide-Small)), y))
	l.canvas.Focus(l.search)
	l.point(l.at)
}

func (l *pickList) hide() {
	l.pop.Hide()
	l.canvas.Focus(l.of)
}

// sieve keeps what has each of the typed words in it, what begins with them first among its heading.
func (l *pickList) sieve() {
	typed := strings.TrimSpace(l.search.Text)
	words := strings.Fields(strings.ToLower(typed))
	l.lines = l.lines[:0]
	group, exact := "", false
	for _, rank := range l.ranked(words) {
		for _, item := range rank {
			if item.Group != group && item.Group != "" {
				group = item.Group
				l.lines = append(l.lines, pickLine{item: PickItem{Text: group}, heading: true})
			}
			exact = exact || strings.EqualFold(item.Text, typed) || strings.EqualFold(item.Value, typed)
			l.lines = append(l.lines, pickLine{item: item})
		}
	}
	if l.of.Free && typed != "" && !exact {
		l.lines = append([]pickLine{{item: PickItem{Value: typed, Text: l.of.words.Use(typed)}, typed: true}}, l.lines...)
	}
	if len(l.lines) == 0 && (typed != "" || !l.of.Free) {
		l.lines = append(l.lines, pickLine{item: PickItem{Text: l.of.words.Nothing}, heading: true})
	}
	l.at = max(slices.IndexFunc(l.lines, func(line pickLine) bool { return !line.heading }), 0)
	if len(l.lines) > 1 && l.lines[0].typed && len(l.items) > 0 { // what is offered is more likely meant
		l.at = slices.IndexFunc(l.lines[1:], func(line pickLine) bool { return !line.heading }) + 1
	}
}

// ranked are the items that fit: where something was typed, those first whose text begins with it.
func (l *pickList) ranked(words []string) (ranks [2][]PickItem) {
	for _, item := range l.items {
		text, all := strings.ToLower(item.Text), strings.ToLower(item.Text+" "+item.Under)
		switch {
		case slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) }):
		case len(words) > 0 && strings.HasPrefix(text, words[0]):
			ranks[0] = append(ranks[0], item)
		default:
			ranks[1] = append(ranks[1], item)
		}
	}
	return ranks
}

// point moves the keyboard to a line.
func (l *pickList) point(n int) {
	if n < 0 || n >= len(l.lines) {
		return
	}
	l.at, l.quiet = n, true
	l.list.Select(n)
	l.quiet = false
}

// step goes to the next line that can be chosen.
func (l *pickList) step(by int) {
	for n := l.at + by; n >= 0 && n < len(l.lines); n += by {
		if !l.lines[n].heading {
			l.point(n)
			return
		}
	}
}

// choose takes the line that the keyboard points at. Where several can be chosen the list stays.
func (l *pickList) choose() {
	if l.at < 0 || l.at >= len(l.lines) || l.lines[l.at].heading {
		return
	}
	value := l.lines[l.at].item.Value
	if !l.of.Several {
		l.hide()
		l.of.OnPicked([]string{value})
		return
	}
	values := slices.Clone(l.of.values)
	if i := slices.Index(values, value); i >= 0 {
		values = slices.Delete(values, i, i+1)
	} else {
		values = append(slices.DeleteFunc(values, func(v string) bool { return v == "" }), value)
	}
	if l.lines[l.at].typed {
		l.items = append(l.items, PickItem{Value: value, Text: value})
		l.search.SetText("")
	}
	l.of.values = values
	l.of.OnPicked(values)
	l.list.UnselectAll()
	l.list.Refresh()
	l.point(l.at)
}

func (l *pickList) fill(r *pickRow, line pickLine) {
	under := line.item.Under
	chosen := l.of.Several && !line.heading && !line.typed && slices.Contains(l.of.values, line.item.Value)
	if chosen {
		under = strings.TrimSpace(under + "  ✓")
	}
	r.set(line.item.Text, under, line.heading, line.typed, chosen)
}

// pickRow is a line of the list.
type pickRow struct {
	widget.BaseWidget
	text, under *Text
	box         *fyne.Container
}

func newPickRow() *pickRow {
	r := &pickRow{text: NewText(""), under: Caption("")}
	r.box = container.New(pickRowLayout{}, r.text, r.under)
	r.text.Lines, r.under.Lines, r.under.Align = 1, 1, fyne.TextAlignTrailing
	r.ExtendBaseWidget(r)
	return r
}

func (r *pickRow) set(text, under string, heading, typed, chosen bool) {
	r.text.SizeName, r.text.Bold, r.text.Color = SizeText, chosen, Ink
	switch {
	case heading:
		r.text.SizeName, r.text.Bold, r.text.Color = SizeCaption, true, Soft
	case typed:
		r.text.Color = Accent
	}
	r.text.SetSpans(Span{Text: text})
	r.under.SetSpans(Span{Text: under})
	r.box.Refresh() // what stands at the right is as wide as its text
}

// CreateRenderer is for Fyne.
func (r *pickRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }

type pickRowLayout struct{}

func (pickRowLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, pickRowHigh) }

func (pickRowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	under := o[1].(*Text)
	wide := float32(0)
	if text := under.String(); text != "" {
		wide = min(fyne.MeasureText(text, under.Theme().Size(SizeCaption), fyne.TextStyle{}).Width+2, size.Width*0.45)
	}
	Place(o[0], Small, size.Width-wide-3*Small, size.Height)
	Place(o[1], size.Width-wide-Small, wide, size.Height)
}

// pickSearch is the field in which one searches; the arrows and Enter go to the list.
type pickSearch struct {
	Field
	of *pickList
}

func newPickSearch(l *pickList) *pickSearch {
	s := &pickSearch{of: l}
	s.OnChanged = func(string) {
		l.sieve()
		l.list.UnselectAll()
		l.list.Refresh()
		l.point(l.at)
	}
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey searches, points and chooses.
func (s *pickSearch) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyDown:
		s.of.step(1)
	case fyne.KeyUp:
		s.of.step(-1)
	case fyne.KeyPageDown, fyne.KeyPageUp:
		by := map[fyne.KeyName]int{fyne.KeyPageDown: 1, fyne.KeyPageUp: -1}[e.Name]
		for range pickRows - 1 {
			s.of.step(by)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		s.of.choose()
	case fyne.KeyEscape:
		s.of.hide()
	default:
		s.Entry.TypedKey(e)
	}
}
