package rehearsal

import (
	"context"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Ways are where the pages lead. Save asks a person for a place and waits for the answer, off the UI thread; Clipboard and Browser may be
// called from anywhere.
type Ways struct {
	Save      func(ctx context.Context, suggested string) (frame.File, error)
	Clipboard func(string)
	Browser   func(address string) error
	Now       func() time.Time
}

// Face is which table the page shows.
type Face uint8

// The faces.
const (
	Numbers Face = iota
	Examples
	Overwritten
)

// Screen is the page Rehearsal. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	ways  Ways
	at    wizard.At
	work  live.Jobs
	face  Face
	view  View

	heading, sub     *look.Text
	again            *look.Button
	bar              *look.Bar
	barRoom          fyne.CanvasObject
	problem          *frame.Problem
	faces            [3]*look.Button
	tables           [3]*look.Table
	rows             [3]int // of each
	scroll           *container.Scroll
	room             room
	lost             *look.Text
	points           *fyne.Container
	shown            []Point
	effort           [2]*look.Text
	book, page, with *look.Button
	values           bool
	note             *look.Text
	content          fyne.CanvasObject
}

// New is the page of a workspace.
func New(w *words.Words, at wizard.At, ways Ways) *Screen {
	s := &Screen{words: w, model: NewModel(w, at.Workspace, ways.Now), ways: ways, at: at, work: live.NewJobs(1)}
	s.heading, s.sub = look.Heading(""), look.Explain("", 1)
	s.sub.Shrinks = true
	s.again = look.NewButton(look.Outlined, "", s.Check)
	s.again.Reserve(w.Say("rehearse.again"), w.Say("rehearse.stop"), w.Say("rehearse.begin"))
	s.problem = frame.NewProblem(w, s.Check, ways.Clipboard)
	s.bar = look.NewBar(look.Accent, 6)
	s.barRoom = look.Pad(0, look.Small, s.bar)

	for i, key := range []string{"rehearse.face.numbers", "rehearse.face.examples", "rehearse.face.lost"} {
		s.faces[i] = look.NewButton(look.Choice, w.Say(key), func() { s.Choose(Face(i)) })
	}
	what, where := look.ColumnSpec{Heading: w.Say("rehearse.column.what"), Weight: 21}, look.ColumnSpec{Heading: w.Say("rehearse.column.where"), Weight: 18}
	s.tables = [3]*look.Table{
		look.NewTable(look.ColumnSpec{Heading: what.Heading, Weight: 26}, where, look.ColumnSpec{Heading: w.Say("rehearse.column.object"), Weight: 24}, look.ColumnSpec{Heading: w.Say("rehearse.column.count"), Weight: 14, Number: true}),
		look.NewTable(what, where, look.ColumnSpec{Heading: w.Say("rehearse.column.record"), Weight: 40}, look.ColumnSpec{Heading: w.Say("rehearse.column.fields"), Weight: 48, Long: true}),
		look.NewTable(where, look.ColumnSpec{Heading: w.Say("rehearse.column.record"), Weight: 28}, look.ColumnSpec{Heading: w.Say("rehearse.column.field"), Weight: 20}, look.ColumnSpec{Heading: w.Say("rehearse.column.old"), Weight: 26, Long: true}, look.ColumnSpec{Heading: w.Say("rehearse.column.new"), Weight: 26, Long: true}),
	}
	s.lost = look.Wrapped("", look.Soft, lettersInRow)
	head := look.Ends(look.Title(w.Say("rehearse.plan")), look.Row(2, s.faces[0], s.faces[1], s.faces[2]))
	s.scroll = container.NewVScroll(container.New(&s.room, s.tables[0], s.tables[1], s.tables[2]))
	left := look.Card(container.NewBorder(look.Column(look.Small, head, s.barRoom), look.Pad(0, look.Small, s.lost), nil, nil, s.scroll))

	s.points = look.Column(look.Medium)
	s.effort = [2]*look.Text{look.Wrapped("", look.Soft, lettersInLine), look.Wrapped("", look.Soft, lettersInLine)}
	s.book = look.NewButton(look.Outlined, w.Say("rehearse.save.book"), func() { s.save(app.RehearsalXLSX) })
	s.page = look.NewButton(look.Outlined, w.Say("rehearse.save.page"), func() { s.save(app.RehearsalPDF) })
	s.with = look.NewButton(look.Choice, w.Say("rehearse.with.values"), func() { s.values = !s.values; s.with.Select(s.values) })
	s.note = look.Explain("", 2)
	foot := look.Column(look.Small, look.Rule(), s.effort[0], s.effort[1], look.Rule(), look.Row(look.Small, s.book, s.page), look.Row(0, s.with), s.note)
	points := "rehearse.points"
	if at.LookOnly { // there is nothing to go on to
		points = "rehearse.points.look"
	}
	right := look.Card(container.NewBorder(look.Column(look.Small, look.Title(w.Say(points)), look.Rule()), foot, nil, nil,
		container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, look.Small, 0, 12), s.points))))

	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, look.TwoThirds(left, right))
	s.content = frame.Page(s.heading, s.sub, s.again, rest)
	s.Choose(Numbers)
	s.Show(picture(w, facts{busy: true}, time.Time{}))
	return s
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the keyboard begins.
func (s *Screen) First() fyne.Focusable { return s.again }

// Run looks for the last rehearsal, makes one in a set-up that has none, and keeps the screen up to date until ctx ends. It blocks, off the
// UI thread; when it returns, nothing of the screen runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		s.model.Load(ctx, !s.at.Open && !s.at.LookOnly)
		s.work.Run(ctx)
	})
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Check rehearses again, or stops: the button, and Ctrl+R.
func (s *Screen) Check() {
	if s.view.State == Working {
		s.model.Stop()
		return
	}
	if s.view.State == Loading {
		return
	}
	s.work.Do(s.model.Rehearse)
}

// Leave lets the wizard go on: the plan is kept.
func (s *Screen) Leave(context.Context) bool { return true }

func (s *Screen) save(form app.RehearsalForm) {
	values := s.values
	s.work.Do(func(ctx context.Context) {
		s.model.Save(ctx, form, values, func(ctx context.Context) (frame.File, error) {
			return s.ways.Save(ctx, "doppio-rehearsal."+string(form))
		})
	})
}

// Choose shows one of the tables.
func (s *Screen) Choose(face Face) {
	s.face = face
	s.room.rows = s.rows[face]
	for i, b := range s.faces {
		b.Select(Face(i) == face)
		s.tables[i].Hidden = Face(i) != face
		s.tables[i].Refresh()
	}
	s.scroll.Refresh()
}

// Show draws a view.
func (s *Screen) Show(v View) {
	s.view = v
	s.heading.Set(v.Heading)
	s.sub.Set(v.Sub)
	s.note.Set(v.Note)
	s.lost.Set(v.LostText)
	s.bar.Set(v.Share)
	look.Show(s.barRoom, v.State == Working)
	s.at.Foot(wizard.Foot{Note: v.Foot, Ready: v.State == Full})
	s.problem.Tell(v.Problem)
	switch {
	case v.State == Working:
		s.again.SetText(s.words.Say("rehearse.stop"))
	case v.State == Empty:
		s.again.SetText(s.words.Say("rehearse.begin"))
	default:
		s.again.SetText(s.words.Say("rehearse.again"))
	}
	look.Enable(s.again, v.State == Working || v.State == Loading || !v.Busy) // what is loaded in a moment can have the focus
	for _, b := range []*look.Button{s.book, s.page} {
		look.Enable(b, v.State == Full && !v.Busy)
	}
	s.showTables(v)
	for i, t := range s.effort {
		text := ""
		if i < len(v.Effort) {
			text = v.Effort[i]
		}
		t.Set(text)
	}
	s.showPoints(v)
}

func (s *Screen) showTables(v View) {
	var rows, examples, lost [][]look.Cell
	for _, r := range v.Rows {
		rows = append(rows, []look.Cell{{Text: r.What}, {Text: r.Where, Color: sideColor(r.Where)}, {Text: r.Object}, {Text: r.Count}})
	}
	for _, e := range v.Examples {
		examples = append(examples, []look.Cell{{Text: e.What}, {Text: e.Where, Color: sideColor(e.Where)}, {Text: e.Record}, {Text: e.Fields, Color: look.Soft}})
	}
	for _, l := range v.Lost {
		lost = append(lost, []look.Cell{{Text: l.Where, Color: sideColor(l.Where)}, {Text: l.Record}, {Text: l.Field}, {Text: l.Old, Color: look.Soft}, {Text: l.New}})
	}
	for face, cells := range [3][][]look.Cell{rows, examples, lost} {
		s.rows[face] = len(cells)
		s.tables[face].Set(cells)
	}
	s.Choose(s.face)
}

// room gives the table that is shown room for all its rows.
type room struct{ rows int }

func (r *room) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, look.TableHeight(r.rows))
}

func (r *room) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, table := range o {
		table.Move(fyne.NewPos(0, 0))
		table.Resize(size)
	}
}

func sideColor(side string) fyne.ThemeColorName {
	if side == "Salesforce" {
		return look.Salesforce
	}
	return look.Marketo
}

func (s *Screen) showPoints(v View) {
	list := v.Points
	if len(list) == 0 && v.State == Full {
		list = []Point{{Text: s.words.Say("rehearse.points.none")}}
	}
	if slices.Equal(list, s.shown) && len(s.points.Objects) > 0 {
		return
	}
	s.shown = list
	s.points.RemoveAll()
	for _, p := range list {
		s.points.Add(pointed(p))
	}
	s.points.Refresh()
}

// pointed draws a point.
func pointed(p Point) fyne.CanvasObject {
	edge := look.Warning
	if p.Grave {
		edge = look.Bad
	}
	text := look.Wrapped(p.Text, look.Soft, lettersInLine)
	if p.What == "" {
		return text
	}
	what := look.Wrapped(p.What, look.Ink, lettersInLine)
	what.Bold = true
	if p.Text == "" {
		return look.Edged(edge, what)
	}
	return look.Edged(edge, look.Column(0, what, text))
}

// lettersInLine is how many letters the narrowest card takes on a line, or somewhat fewer.
const lettersInLine = 42
