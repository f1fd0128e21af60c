package filter

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/look"
)

// liner draws a line of the rows. It is used again for other lines of its kind.
type liner interface {
	content() fyne.CanvasObject
	set(l Line)
	// able lets it be edited, or not.
	able(on bool)
	// keys are what the keyboard comes to, in order.
	keys() []fyne.Focusable
}

func (s *Screen) newLiner(k Kind) liner {
	switch k {
	case Head:
		return newHeadLine(s)
	case Group:
		return newGroupLine(s)
	case RowLine:
		return newRowLine(s)
	case Add:
		return newAddLine(s)
	}
	r := &remarkLine{text: look.Wrapped("", look.Soft, 60)}
	r.text.SizeName = look.SizeCaption
	return r
}

// indent is how far a group stands in.
const indent float32 = 16

// nested sets a line in, with a bar for each group that it is in.
type nested struct {
	depth int
	bars  *fyne.Container
	inner fyne.CanvasObject
}

func newNested(inner fyne.CanvasObject) (*nested, fyne.CanvasObject) {
	n := &nested{inner: inner, bars: container.NewWithoutLayout()}
	return n, container.New(n, n.bars, inner)
}

func (n *nested) set(depth int) {
	if n.depth == depth && len(n.bars.Objects) == depth {
		return
	}
	n.depth = depth
	n.bars.Objects = nil
	for range depth {
		n.bars.Add(look.Fill(look.Line))
	}
}

func (n *nested) MinSize([]fyne.CanvasObject) fyne.Size {
	return n.inner.MinSize().AddWidthHeight(float32(n.depth)*indent, 0)
}

func (n *nested) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	for i, bar := range n.bars.Objects {
		bar.Move(fyne.NewPos(float32(i)*indent, -look.Tiny))
		bar.Resize(fyne.NewSize(3, size.Height+2*look.Tiny))
	}
	n.inner.Move(fyne.NewPos(float32(n.depth)*indent, 0))
	n.inner.Resize(fyne.NewSize(size.Width-float32(n.depth)*indent, size.Height))
}

// remarkLine shows what counts nowhere.
type remarkLine struct{ text *look.Text }

func (r *remarkLine) content() fyne.CanvasObject { return r.text }
func (r *remarkLine) set(l Line)                 { r.text.SetSpans(look.Span{Text: l.Text}) }
func (r *remarkLine) able(bool)                  {}
func (r *remarkLine) keys() []fyne.Focusable     { return nil }

var joins = []app.FilterJoin{app.FilterEachOf, app.FilterAnyOf, app.FilterNotEachOf, app.FilterNoneOf}

var joinNames = map[app.FilterJoin]string{app.FilterEachOf: "each", app.FilterAnyOf: "any", app.FilterNotEachOf: "not-each", app.FilterNoneOf: "none"}

// joinPick chooses how a group holds together.
func (s *Screen) joinPick(prefix string, path func() Path) *look.Pick {
	return look.NewPlainPick(s.picks, func() (items []look.PickItem) {
		for _, j := range joins {
			items = append(items, look.PickItem{Value: joinNames[j], Text: s.words.Say(prefix + joinNames[j])})
		}
		return items
	}, func(values []string) {
		for j, name := range joinNames {
			if name == values[0] {
				s.edit(func(e editor, now time.Time) (editor, Path) { return e.setJoin(path(), j, now), nil })
			}
		}
	})
}

// headLine begins a block.
type headLine struct {
	s           *Screen
	line        Line
	join, about *look.Pick
	presets     *look.Pick
	remove      *look.Button
	box         *fyne.Container
}

func newHeadLine(s *Screen) *headLine {
	h := &headLine{s: s}
	h.join = s.joinPick("filter.join.", func() Path { return h.line.Path }).Strong()
	h.about = look.NewPlainPick(s.picks, s.abouts, func(values []string) {
		s.edit(func(e editor, now time.Time) (editor, Path) {
			if len(e.now.Rows.Blocks) == 0 {
				e, _ = e.addBlock(objectsOf(values[0]), now)
				return e, Path{0, 0}
			}
			return e.setObjects(h.line.Path[0], objectsOf(values[0]), now), nil
		})
	})
	h.presets = look.NewPlainPick(s.picks, func() (items []look.PickItem) {
		for _, p := range s.view.Presets {
			items = append(items, look.PickItem{Value: p.Sentence, Text: p.Title, Under: p.About})
		}
		return items
	}, func(values []string) {
		s.edit(func(e editor, now time.Time) (editor, Path) { return e.addPreset(values[0], now), nil })
	})
	h.presets.Set(nil, s.words.Say("filter.presets"), look.Accent)
	h.remove = s.removeButton(func() Path { return h.line.Path })
	h.box = container.New(headWords{}, h.join, h.about, look.Row(0, h.presets, h.remove))
	return h
}

// headWords sets words beside each other, and something at the end of the line; where that is too short the second word gives way.
type headWords struct{}

func (headWords) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(260, max(o[0].MinSize().Height, o[1].MinSize().Height, o[2].MinSize().Height))
}

func (headWords) Layout(o []fyne.CanvasObject, size fyne.Size) {
	join, about, end := o[0].MinSize().Width, o[1].MinSize().Width, o[2].MinSize().Width
	look.Place(o[0], 0, join, size.Height)
	look.Place(o[1], join+look.Small, max(0, min(about, size.Width-join-end-2*look.Small)), size.Height)
	look.Place(o[2], size.Width-end, end, size.Height)
}

func (h *headLine) content() fyne.CanvasObject { return h.box }

func (h *headLine) set(l Line) {
	h.line = l
	h.join.Set([]string{joinNames[l.Join]}, h.s.words.Say("filter.join."+joinNames[l.Join]), look.Ink)
	h.about.Set([]string{nameOf(l.Objects)}, l.About, look.Accent)
	look.Show(h.presets, l.Path[0] == 0)
	look.Show(h.remove, !l.Only)
}

func (h *headLine) able(on bool) { able(on, h.join, h.about, h.presets, h.remove) }

func (h *headLine) keys() []fyne.Focusable {
	return []fyne.Focusable{h.join, h.about, h.presets, h.remove}
}

// abouts are whom a block can be about.
func (s *Screen) abouts() []look.PickItem {
	items := []look.PickItem{{Text: s.words.Say("filter.about.both")}}
	for _, o := range s.model.language().Objects() {
		items = append(items, look.PickItem{Value: string(o.Object), Text: o.Plural, Under: string(o.Object)})
	}
	return items
}

func objectsOf(value string) []record.Object {
	if value == "" {
		return nil
	}
	return []record.Object{record.Object(value)}
}

func nameOf(objects []record.Object) string {
	if len(objects) == 1 {
		return string(objects[0])
	}
	return ""
}

// groupLine begins a group within a block.
type groupLine struct {
	line   Line
	s      *Screen
	join   *look.Pick
	remove *look.Button
	nest   *nested
	box    fyne.CanvasObject
}

func newGroupLine(s *Screen) *groupLine {
	g := &groupLine{s: s}
	g.join = s.joinPick("filter.join.in.", func() Path { return g.line.Path })
	g.remove = s.removeButton(func() Path { return g.line.Path })
	g.nest, g.box = newNested(look.Ends(look.Row(0, g.join), g.remove))
	return g
}

func (g *groupLine) content() fyne.CanvasObject { return g.box }

func (g *groupLine) set(l Line) {
	g.line = l
	g.nest.set(l.Depth)
	g.join.Set([]string{joinNames[l.Join]}, g.s.words.Say("filter.join.in."+joinNames[l.Join]), look.Soft)
}

func (g *groupLine) able(on bool)           { able(on, g.join, g.remove) }
func (g *groupLine) keys() []fyne.Focusable { return []fyne.Focusable{g.join, g.remove} }

// addLine ends a group: what can be added to it.
type addLine struct {
	line       Line
	row, group *look.Button
	about      *look.Pick
	nest       *nested
	box        fyne.CanvasObject
}

func newAddLine(s *Screen) *addLine {
	a := &addLine{}
	add := func(join app.FilterJoin) func() {
		return func() {
			s.edit(func(e editor, now time.Time) (editor, Path) { return e.add(a.line.Path, join, now) })
		}
	}
	a.row = look.NewButton(look.Link, s.words.Say("filter.add.row"), add(app.FilterAlone))
	a.group = look.NewButton(look.Link, s.words.Say("filter.add.group"), add(app.FilterAnyOf))
	a.about = look.NewPlainPick(s.picks, s.abouts, func(values []string) {
		s.edit(func(e editor, now time.Time) (editor, Path) { return e.addBlock(objectsOf(values[0]), now) })
	})
	a.about.Set(nil, s.words.Say("filter.add.block"), look.Accent)
	a.nest, a.box = newNested(container.New(flush{}, look.Row(0, a.row, a.group, a.about)))
	return a
}

func (a *addLine) content() fyne.CanvasObject { return a.box }

func (a *addLine) set(l Line) {
	a.line = l
	a.nest.set(l.Depth)
	look.Show(a.about, len(l.Path) == 1)
}

func (a *addLine) able(on bool)           { able(on, a.row, a.group, a.about) }
func (a *addLine) keys() []fyne.Focusable { return []fyne.Focusable{a.row, a.group, a.about} }

// flush sets links so that their letters, not their edges, stand at the left.
type flush struct{}

func (flush) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (flush) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(-look.Small, 0))
	o[0].Resize(fyne.NewSize(size.Width+look.Small, size.Height))
}

// removeButton takes a line away.
func (s *Screen) removeButton(path func() Path) *look.Button {
	b := look.NewButton(look.Link, "✕", func() {
		s.edit(func(e editor, now time.Time) (editor, Path) { return e.remove(path(), now), nil })
	})
	b.SetHint(s.hints, s.words.Say("filter.remove"))
	return b
}

func able(on bool, list ...fyne.Disableable) {
	for _, d := range list {
		look.Enable(d, on)
	}
}

// rowLine is a row: field, what is asked of it, value.
type rowLine struct {
	s          *Screen
	line       Line
	field, ask *look.Pick
	value      valuer
	kind       string // of the value
	slot       *fyne.Container
	remove     *look.Button
	open       *look.Text
	nest       *nested
	box        fyne.CanvasObject
}

func newRowLine(s *Screen) *rowLine {
	r := &rowLine{s: s, slot: container.NewStack(), open: look.Caption("")}
	r.open.Lines, r.open.Shrinks, r.open.Color = 1, true, look.Warning
	r.field = look.NewPick(s.picks, func() []look.PickItem { return s.fields(r.line.Objects) }, func(values []string) {
		s.edit(func(e editor, now time.Time) (editor, Path) { return e.setField(r.line.Path, values[0], now), nil })
		s.window().Focus(r.ask)
	})
	r.ask = look.NewPick(s.picks, func() (items []look.PickItem) {
		for _, a := range r.line.Offer.Asks {
			items = append(items, look.PickItem{Value: string(a), Text: s.words.Say("filter.ask." + string(a))})
		}
		return items
	}, func(values []string) {
		s.edit(func(e editor, now time.Time) (editor, Path) {
			return e.setAsk(r.line.Path, app.FilterAsk(values[0]), now), nil
		})
		if keys := r.value.keys(); len(keys) > 0 {
			s.window().Focus(keys[0])
		}
	})
	r.remove = s.removeButton(func() Path { return r.line.Path })
	r.nest, r.box = newNested(container.New(rowLayout{}, r.field, r.ask, r.slot, r.remove, r.open))
	return r
}

func (r *rowLine) content() fyne.CanvasObject { return r.box }

func (r *rowLine) set(l Line) {
	r.line = l
	r.nest.set(l.Depth)
	if l.Row.Field == "" {
		r.field.Set(nil, r.s.words.Say("filter.field.choose"), look.Faint)
		r.ask.Set(nil, "", look.Faint)
	} else {
		r.field.Set([]string{l.Row.Field}, l.Label, look.Ink)
		r.ask.Set([]string{string(l.Row.Ask)}, r.s.words.Say("filter.ask."+string(l.Row.Ask)), look.Ink)
	}
	if kind := valueKind(l); r.value == nil || kind != r.kind {
		r.kind, r.value = kind, r.s.newValuer(kind, func(values []string) {
			r.s.edit(func(e editor, now time.Time) (editor, Path) { return e.setValues(r.line.Path, values, now), nil })
		}, func() Line { return r.line })
		r.slot.Objects = []fyne.CanvasObject{r.value.content()}
		r.slot.Refresh()
	}
	r.value.set(l)
	r.open.Set(l.Open)
	look.Show(r.open, l.Open != "")
}

func (r *rowLine) able(on bool) {
	able(on, r.field, r.ask, r.remove)
	r.value.able(on)
}

func (r *rowLine) keys() []fyne.Focusable {
	return slices.Concat([]fyne.Focusable{r.field, r.ask}, r.value.keys(), []fyne.Focusable{r.remove})
}

// rowLayout gives field, ask and value their shares, and what is to be said of the row the line below.
type rowLayout struct{}

const removeWide float32 = 30

func (rowLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	high := max(o[0].MinSize().Height, o[1].MinSize().Height, o[2].MinSize().Height)
	if o[4].Visible() {
		high += o[4].MinSize().Height
	}
	return fyne.NewSize(260, high)
}

func (rowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	high := size.Height
	if o[4].Visible() {
		high -= o[4].MinSize().Height
		o[4].Move(fyne.NewPos(look.Tiny, high))
		o[4].Resize(fyne.NewSize(size.Width, o[4].MinSize().Height))
	}
	room := size.Width - removeWide - 2*look.Small
	field, ask := float32(int(room*0.35)), float32(int(room*0.26))
	value := room - field - ask
	if o[2].MinSize().Height < 2 { // it takes no value
		ask, value = room-field+look.Small, 0
	}
	look.Place(o[0], 0, field, high)
	look.Place(o[1], field+look.Small, ask, high)
	look.Place(o[2], field+ask+2*look.Small, value, high)
	look.Place(o[3], size.Width-removeWide, removeWide, high)
}
