package start

import (
	"context"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Ways are where the start page leads. All run on the UI thread, but Opened, which runs on a worker.
type Ways struct {
	Connect func(name string, lookOnly bool) // name is empty for a new connection
	Opened  func(app.Running)
	// Confirm asks whether something that cannot be undone is to be done: under a title, with a text, and the name of the
	// deed on its button.
	Confirm func(title, text, deed string, do func())
}

// Screen draws Views. All methods but Run belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	ways  Ways
	work  live.Jobs
	rows  []Row

	note     *look.Text
	list     *fyne.Container
	problem  *frame.Problem
	begin    *look.Button
	look     *look.Button
	try      *look.Button
	progress demoProgress
	content  fyne.CanvasObject
}

// New is the start page.
func New(w *words.Words, backend Backend, now func() time.Time, ways Ways) *Screen {
	s := &Screen{words: w, model: NewModel(w, backend, now), ways: ways, work: live.NewJobs(1)}
	s.begin = look.NewButton(look.Filled, w.Say("start.new.button"), func() { ways.Connect("", false) })
	s.look = look.NewButton(look.Outlined, w.Say("start.look.button"), func() { ways.Connect("", true) })
	s.try = look.NewButton(look.Outlined, w.Say("start.demo.button"), s.OpenDemo)
	s.progress = newDemoProgress(w, s.model.Stop)
	s.problem = frame.NewProblem(w, s.model.Retry, func(text string) { fyne.CurrentApp().Clipboard().SetContent(text) })
	s.note, s.list = look.Explain("", 1), look.Column(0)

	head := look.Column(2, title(w.Say("app.name")), claim(w.Say("app.claim")))
	ways3 := container.New(thirds{},
		way(w.Say("start.new.title"), look.Explain(w.Say("start.new.text"), 4), look.Row(0, s.begin)),
		way(w.Say("start.look.title"), look.Explain(w.Say("start.look.text"), 4), look.Row(0, s.look)),
		way(w.Say("start.demo.title"), s.progress.text, container.NewStack(look.Row(0, s.try), s.progress.content)))
	workspaces := look.Card(look.Column(look.Small, look.Title(w.Say("start.workspaces")), s.note, s.list))
	column := look.Column(look.Large, head, ways3, s.problem.Content(), workspaces)
	s.content = container.NewStack(look.Fill(look.Background), container.NewVScroll(container.New(centred{width: 1040, top: 56}, column)))
	s.Show(View{State: Loading, Note: w.Say("start.loading")})
	return s
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// Run keeps the screen up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the screen
// runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { s.work.Run(ctx) })
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// OpenDemo opens the sample data.
func (s *Screen) OpenDemo() {
	s.work.Do(func(ctx context.Context) { s.model.OpenDemo(ctx, s.ways.Opened) })
}

// Open opens a workspace.
func (s *Screen) Open(name string) {
	s.work.Do(func(ctx context.Context) { s.model.Open(ctx, name, s.ways.Opened) })
}

func (s *Screen) press(r Row) func() {
	if r.Begun {
		return func() { s.ways.Connect("", r.LookOnly) }
	}
	if r.Unfinished {
		return func() { s.ways.Connect(r.Name, r.LookOnly) }
	}
	return func() { s.Open(r.Name) }
}

// forget asks first, unless all there is to forget is what was typed in one step.
func (s *Screen) forget(r Row) func() {
	w, name := s.words, r.Name
	if r.Begun {
		return func() { s.work.Do(func(ctx context.Context) { s.model.ForgetBegun(ctx, r.LookOnly) }) }
	}
	return func() {
		s.ways.Confirm(w.Say("start.forget.title", "name", name), w.Say("start.forget.text"), w.Say("start.forget.title", "name", name), func() {
			s.work.Do(func(ctx context.Context) { s.model.Forget(ctx, name) })
		})
	}
}

// Show draws a view.
func (s *Screen) Show(v View) {
	s.note.Set(v.Note)
	look.Show(s.note, v.Note != "")
	s.problem.Tell(v.Problem)
	s.progress.show(v)
	for _, b := range []*look.Button{s.begin, s.look, s.try} {
		look.Enable(b, v.Opening == "")
	}
	look.Show(s.try, v.Opening == "" || !v.Demo)
	if slices.Equal(v.Rows, s.rows) {
		return
	}
	s.rows = v.Rows
	s.list.RemoveAll()
	for i, r := range v.Rows {
		if i > 0 {
			s.list.Add(look.Rule())
		}
		s.list.Add(s.row(r))
	}
	s.list.Refresh() // Add and RemoveAll lay out anew, and paint nothing
}

var modeTones = map[record.Mode]look.Tone{record.Observe: look.QuietTone, record.Rehearse: look.WarningTone, record.Live: look.GoodTone}

func (s *Screen) row(r Row) fyne.CanvasObject {
	name, where, fact := look.Title(r.Name), look.Caption(r.Where), look.Explain(r.Fact, 1)
	name.Lines, where.Lines, where.Shrinks = 1, 1, true
	open := look.NewButton(look.Link, r.Button, s.press(r))
	forget := look.NewButton(look.Link, s.words.Say("start.forget"), s.forget(r))
	if r.Busy {
		open.SetText(r.Doing)
	}
	if r.Closed {
		open.Disable()
		forget.Disable()
	}
	if r.Where == "" {
		where.Hide()
	}
	return container.New(workspaceRow{}, look.Column(1, name, where), look.NewBadge(modeTones[r.Mode], r.ModeText), fact, forget, open)
}
