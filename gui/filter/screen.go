package filter

import (
	"context"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Screen draws Views. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	at    wizard.At
	picks look.PickWords
	hints *look.Hints

	view    View
	drawing bool // what is set now was not typed
	offers  map[record.Object][]look.PickItem

	heading, sub     *look.Text
	undo, redo, save *look.Button
	problem          *frame.Problem
	confirm          *confirmCard
	rows             *fyne.Container
	lines            []liner
	text             *textCard
	means            *meansCard
	who              *whoCard
	body, loading    fyne.CanvasObject
	page             fyne.CanvasObject
	least            fyne.Size // of the page when it was laid out last
	content          fyne.CanvasObject
}

// New is the page where it stands. clock gives the time, clipboard takes a text.
func New(w *words.Words, at wizard.At, clock func() time.Time, clipboard func(string)) *Screen {
	s := &Screen{words: w, at: at, model: NewModel(w, at.Workspace, !at.Open, clock), hints: look.NewHints(), offers: map[record.Object][]look.PickItem{}}
	s.picks = look.PickWords{
		Search: w.Say("filter.pick.search"), Nothing: w.Say("filter.pick.nothing"), Type: w.Say("filter.pick.type"), Several: w.Say("filter.pick.several"),
		Use: func(typed string) string { return w.Say("filter.pick.use", "typed", typed) },
	}
	s.heading, s.sub = look.Heading(w.Say("filter.title")), look.Explain(w.Say("filter.sub"), 1)
	s.undo, s.redo = look.NewButton(look.Link, w.Say("filter.undo"), s.Undo), look.NewButton(look.Link, w.Say("filter.redo"), s.Redo)
	s.undo.SetHint(s.hints, keyText("Z"))
	s.redo.SetHint(s.hints, keyText("Shift+Z"))
	s.save = look.NewButton(look.Outlined, w.Say("filter.save"), s.Save)
	s.problem = frame.NewProblem(w, s.Check, clipboard)
	s.confirm = newConfirmCard(s)
	s.rows = look.Column(look.Small)
	s.text, s.means, s.who = newTextCard(s), newMeansCard(s), newWhoCard(s)
	left := look.Column(look.Medium, look.Card(s.rows), s.text.content)
	right := look.Column(look.Medium, s.means.content, s.who.content)
	s.body = container.New(columns{}, left, right)
	s.loading = look.Card(look.Explain(w.Say("filter.loading"), 2))
	rest := container.NewVBox(s.problem.Content(), s.confirm.content, s.loading, s.body)
	buttons := look.Row(look.Small, s.undo, s.redo)
	if !at.Open {
		buttons.Add(s.save)
	}
	s.page = frame.Page(s.heading, s.sub, buttons, rest)
	s.content = container.NewStack(s.page, s.hints)
	s.Show(s.model.View())
	return s
}

// keyText names a key with the modifier that shortcuts have on this system.
func keyText(key string) string {
	if fyne.KeyModifierShortcutDefault == fyne.KeyModifierSuper {
		return "⌘" + key
	}
	return "Ctrl+" + key
}

// columns sets the rows at the left and what they mean at the right.
type columns struct{}

func (columns) MinSize(o []fyne.CanvasObject) fyne.Size {
	left, right := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(left.Width+right.Width+look.Medium, max(left.Height, right.Height))
}

func (columns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left := float32(int((size.Width - look.Medium) * 0.575))
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(left, o[0].MinSize().Height))
	o[1].Move(fyne.NewPos(left+look.Medium, 0))
	o[1].Resize(fyne.NewSize(size.Width-left-look.Medium, o[1].MinSize().Height))
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the keyboard begins: the first row, or where one is added.
func (s *Screen) First() fyne.Focusable {
	if s.view.State != Full {
		return nil
	}
	for _, l := range s.lines {
		switch l.(type) {
		case *rowLine, *addLine:
			return l.keys()[0]
		}
	}
	return nil
}

// Run keeps the page up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the page runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	fyne.Do(func() { s.bind(ctx) })
	all.Go(func() { s.model.Run(ctx) })
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Leave sets the filter once it was confirmed, and reports whether nothing is left to be set. It waits, off the UI thread.
func (s *Screen) Leave(ctx context.Context) bool { return s.model.Leave(ctx) }

// Check asks anew what the filter would do.
func (s *Screen) Check() { s.model.Again() }

// Save asks whether the filter is to be set, with a reason.
func (s *Screen) Save() {
	s.model.Ask()
	s.Show(s.model.View())
	if s.view.Confirm != "" {
		s.window().Focus(s.confirm.why)
	}
}

// Undo goes an edit back, Redo one forth again.
func (s *Screen) Undo() { s.edit(func(e editor, _ time.Time) (editor, Path) { return e.undo(), nil }) }

// Redo is the opposite of Undo.
func (s *Screen) Redo() { s.edit(func(e editor, _ time.Time) (editor, Path) { return e.redo(), nil }) }

// bind gives the page its keys until ctx ends. They are not taken away then, for another page may have taken them already; they do nothing.
func (s *Screen) bind(ctx context.Context) {
	key := func(shortcut fyne.Shortcut, do func()) {
		s.window().AddShortcut(shortcut, func(fyne.Shortcut) {
			if ctx.Err() == nil {
				do()
			}
		})
	}
	key(&fyne.ShortcutUndo{}, s.Undo)
	key(&fyne.ShortcutRedo{}, s.Redo)
	key(&desktop.CustomShortcut{KeyName: fyne.KeyZ, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}, s.Redo)
	key(&desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt}, func() { s.move(true) })
	key(&desktop.CustomShortcut{KeyName: fyne.KeyDown, Modifier: fyne.KeyModifierAlt}, func() { s.move(false) })
}

// move moves the line that the keyboard is in, and stays in it.
func (s *Screen) move(up bool) {
	n, key := s.focused()
	if n < 0 {
		return
	}
	s.edit(func(e editor, now time.Time) (editor, Path) { return e.move(s.view.Lines[n].Path, up, now) })
	s.focus(s.view.Focus, key)
}

// focused is the line in which the keyboard is, and where in it; -1 where it is in none.
func (s *Screen) focused() (line, key int) {
	has := s.window().Focused()
	for n, l := range s.lines {
		for k, f := range l.keys() {
			if f == has {
				return n, k
			}
		}
	}
	return -1, 0
}

// focus brings the keyboard to a line.
func (s *Screen) focus(p Path, key int) {
	for n, l := range s.view.Lines {
		if (l.Kind == RowLine || l.Kind == Group) && slices.Equal(l.Path, p) {
			keys := s.lines[n].keys()
			s.window().Focus(keys[min(key, len(keys)-1)])
		}
	}
}

// edit does an edit, and draws what becomes of it at once.
func (s *Screen) edit(do func(e editor, now time.Time) (editor, Path)) {
	line, key := s.focused()
	s.model.Edit(do)
	s.Show(s.model.View())
	switch at, _ := s.focused(); {
	case s.view.Focus != nil:
		s.focus(s.view.Focus, 0)
	case line >= 0 && at < 0 && len(s.lines) > 0: // its line is gone
		keys := s.lines[min(line, len(s.lines)-1)].keys()
		if len(keys) > 0 {
			s.window().Focus(keys[min(key, len(keys)-1)])
		}
	}
}

// window is the canvas that the page is on; one that draws nothing before that.
func (s *Screen) window() fyne.Canvas {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.content); c != nil {
		return c
	}
	return nowhere{}
}

// nowhere is a canvas on which nothing has the focus.
type nowhere struct{ fyne.Canvas }

func (nowhere) Focus(fyne.Focusable)                           {}
func (nowhere) Focused() fyne.Focusable                        { return nil }
func (nowhere) AddShortcut(fyne.Shortcut, func(fyne.Shortcut)) {}

// fields are the fields that rows about some objects can ask for, by the object that has them.
func (s *Screen) fields(objects []record.Object) []look.PickItem {
	key := record.Object("")
	for _, o := range objects {
		key += o + " "
	}
	if items, known := s.offers[key]; known {
		return items
	}
	language := s.model.language()
	own := teller{s.words, language}.about(objects)
	var items []look.PickItem
	for _, o := range language.Offers(objects) {
		group := own
		if related(o) {
			group = s.words.Say("filter.pick.related", "object", teller{s.words, language}.about([]record.Object{o.Of}))
		}
		items = append(items, look.PickItem{Value: o.Name, Text: o.Label, Under: o.API, Group: group})
	}
	slices.SortStableFunc(items, func(a, b look.PickItem) int { // own ones first, then those that belong together
		switch {
		case a.Group == b.Group:
			return 0
		case a.Group == own:
			return -1
		case b.Group == own:
			return 1
		}
		return len(a.Group) - len(b.Group)
	})
	s.offers[key] = items
	return items
}

// related reports whether a field is of a record that a reference leads to.
func related(o app.FilterOffer) bool { return slices.Contains([]byte(o.API), '.') }

// Show draws a view, unless something was typed since it was made.
func (s *Screen) Show(v View) {
	if v.Rev < s.view.Rev {
		return
	}
	came := s.view.State != Full && v.State == Full
	s.view = v
	s.drawing = true
	defer func() { s.drawing = false }()
	s.problem.Tell(v.Problem)
	look.Show(s.loading, v.State == Loading)
	if v.State == Failed {
		s.sub.Set(s.words.Say("filter.failed"))
	} else {
		s.sub.Set(s.words.Say("filter.sub"))
	}
	look.Show(s.body, v.State == Full)
	able(v.Undo, s.undo)
	able(v.Redo, s.redo)
	able(v.Changed && v.Ready, s.save)
	s.confirm.show(v)
	if v.State == Full {
		s.showLines(v)
		s.text.show(v)
		s.means.show(v.Means)
		s.who.show(v)
	}
	s.foot(v)
	if least := s.page.MinSize().Add(s.body.MinSize()); least != s.least { // rows came or went: what is below them moves
		s.least = least
		s.page.Refresh()
	}
	if came && s.window().Focused() == nil {
		if first := s.First(); first != nil {
			s.window().Focus(first)
		}
	}
}

// foot says what stands at the foot.
func (s *Screen) foot(v View) {
	f := wizard.Foot{Note: v.Note, Ready: v.State == Full && v.Ready && (v.Changed || !s.at.Open)}
	if v.Confirm != "" {
		f.Continue = s.words.Say("filter.set.on")
		if s.at.Open {
			f.Continue = s.words.Say("filter.set")
		}
	}
	s.at.Foot(f)
}

func (s *Screen) showLines(v View) {
	changed := false
	for n, l := range v.Lines {
		if n < len(s.lines) && !fits(s.lines[n], l.Kind) {
			s.lines = s.lines[:n]
		}
		if n == len(s.lines) {
			s.lines, changed = append(s.lines, s.newLiner(l.Kind)), true
		}
		s.lines[n].set(l)
		s.lines[n].able(v.Wrong == nil && !v.Setting)
	}
	if changed || len(v.Lines) != len(s.rows.Objects) {
		s.lines = s.lines[:len(v.Lines)]
		s.rows.Objects = nil
		for _, l := range s.lines {
			s.rows.Objects = append(s.rows.Objects, l.content())
		}
	}
	s.rows.Refresh()
}

// fits reports whether a line's widget is for such lines.
func fits(l liner, k Kind) bool {
	switch l.(type) {
	case *headLine:
		return k == Head
	case *groupLine:
		return k == Group
	case *rowLine:
		return k == RowLine
	case *addLine:
		return k == Add
	}
	return k == Remark
}
