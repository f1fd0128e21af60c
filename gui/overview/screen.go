package overview

import (
	"context"
	"runtime"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Screen draws Views. All methods but Run belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	work  live.Jobs // what a press has set going, done one after the other by Run
	five  bool      // five days are shown, not 24 hours
	view  View

	side          *frame.Sidebar
	head          func(name, under string)
	confirm       func(title, text, deed string, do func())
	heading, sub  *look.Text
	pause, sync   *look.Button
	progress      *look.Bar
	problem       *frame.Problem
	ends          *look.Text
	ending        fyne.CanvasObject
	demo          fyne.CanvasObject
	edit, trouble *look.Button
	backlog       backlogCard
	failures      failuresCard
	cycles        cyclesCard
	quota         quotaCard
	hints         *look.Hints
	content       fyne.CanvasObject
}

// Ways are where the Overview leads: to all workspaces, and to the other places of this one. Head is told what stands at the head of the
// sidebar, for the sidebars of those; Confirm asks before something is done that cannot be undone: under a title, with a text, and the name of
// the deed on its button.
type Ways struct {
	All    func()
	Places []frame.Place
	SignIn func() // to where a certificate is renewed; nil where there is no such place
	Head   func(name, under string)

	Confirm func(title, text, deed string, do func())
}

// New is the Overview of an open workspace.
func New(w *words.Words, running app.Running, now func() time.Time, ways Ways) *Screen {
	s := &Screen{words: w, model: NewModel(w, running, now), work: live.NewJobs(4)}
	s.side = frame.NewSidebar(ways.Places, frame.Place{Text: w.Say("overview.all"), Go: ways.All})
	if running.LookOnly() {
		s.side.Foot(frame.Looking(w))
	}
	s.head = ways.Head
	s.heading, s.sub = look.Heading(""), look.Explain("", 1)
	s.pause = look.NewButton(look.Outlined, w.Say("overview.pause"), s.TogglePause)
	s.sync = look.NewButton(look.Filled, w.Say("overview.sync"), s.SyncOrStop)
	s.pause.Reserve(w.Say("overview.pause"), w.Say("overview.resume"))
	s.sync.Reserve(w.Say("overview.sync"), w.Say("overview.stop"))
	s.progress = look.NewBar(look.Accent, 4)
	s.progress.Hide()
	s.confirm = ways.Confirm
	s.problem = frame.NewProblem(w, s.again, func(text string) { fyne.CurrentApp().Clipboard().SetContent(text) })
	s.ends = look.Wrapped("", look.Soft, 60)
	s.ending = look.Notice(look.Warning, look.Ends(s.ends, look.NewButton(look.Outlined, w.Say("wizard.step.signin"), ways.SignIn)))
	s.ending.Hide()
	s.demo = s.newDemo()
	s.backlog, s.failures, s.cycles, s.quota = newBacklog(w, s.Choose), newFailures(w), newCycles(w), newQuota(w)

	rest := container.NewBorder(look.Column(0, container.New(slot(8), s.progress), s.problem.Content(), s.ending), nil, nil, nil,
		container.New(board{}, s.backlog.content, s.failures.content, s.cycles.content, s.quota.content))
	page := frame.Page(s.heading, s.sub, look.Row(look.Small, s.pause, s.sync), rest)
	s.hints = look.NewHints()
	s.content = container.NewStack(look.Fill(look.Background), frame.Beside(s.side.Content(), page), s.hints)
	s.Show(View{State: Loading, Heading: w.Say("state.loading")})
	return s
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// Run keeps the screen up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the screen
// runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { s.backlog.chart.Run(ctx) })
	all.Go(func() { s.failures.chart.Run(ctx) })
	all.Go(func() { s.work.Run(ctx) })
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// DrawNow draws the charts on the calling thread, for pictures without a window.
func (s *Screen) DrawNow(density float64) error {
	if err := s.backlog.chart.DrawNow(density); err != nil {
		return err
	}
	return s.failures.chart.DrawNow(density)
}

// SyncOrStop is the main button and Ctrl+R: it starts a cycle, or stops the one that runs.
func (s *Screen) SyncOrStop() {
	if s.view.Running {
		s.model.Stop()
	} else if s.view.CanSync {
		s.model.SyncNow()
	}
}

// TogglePause is the other button and Ctrl+P: it keeps cycles from starting, or lets them start again.
func (s *Screen) TogglePause() {
	if !s.pause.Disabled() {
		s.model.TogglePause()
	}
}

// again is the button of the problem: it tries once more, or lets what was stopped go on, once a person has said so twice.
func (s *Screen) again() {
	if s.view.GoOn == "" {
		s.model.Retry()
		return
	}
	s.confirm(s.words.Say("overview.go.on.title"), s.view.GoOn, s.words.Say("overview.go.on"), s.model.GoOn)
}

func (s *Screen) newDemo() fyne.CanvasObject {
	w := s.words
	s.edit = look.NewButton(look.Outlined, w.Count("demo.edit", editSize), func() { s.work.Do(s.model.Edit) })
	s.trouble = look.NewButton(look.Outlined, w.Say("demo.trouble.on"), func() { s.work.Do(s.model.ToggleTrouble) })
	s.trouble.Reserve(w.Say("demo.trouble.on"), w.Say("demo.trouble.off"))
	return look.Inset(look.Column(look.Small, look.Title(w.Say("demo.title")), look.Explain(w.Say("demo.text"), 3), s.edit, s.trouble))
}

// Choose shows five days of the backlog, or one.
func (s *Screen) Choose(five bool) {
	s.five = five
	s.backlog.show(s.words, s.view, five)
}

// Show draws a view.
func (s *Screen) Show(v View) {
	s.view = v
	s.heading.Set(v.Heading)
	s.sub.Set(v.Sub)
	s.side.Set(v.Name, v.Under)
	if s.head != nil {
		s.head(v.Name, v.Under)
	}
	s.showButtons(v)
	s.problem.Tell(v.Problem)
	s.problem.Offer("problem.retry")
	if v.GoOn != "" {
		s.problem.Offer("overview.go.on")
	}
	s.ends.Set(v.Ends)
	look.Show(s.ending, v.Ends != "")
	s.backlog.show(s.words, v, s.five)
	s.failures.show(s.words, v)
	s.cycles.show(v)
	s.quota.show(v)
}

func (s *Screen) showButtons(v View) {
	w := s.words
	look.Enable(s.pause, v.State == Full || v.State == Empty)
	if v.Paused {
		s.pause.SetText(w.Say("overview.resume"))
		s.pause.SetHint(s.hints, w.Say("hint.resume", "key", shortcut("P")))
	} else {
		s.pause.SetText(w.Say("overview.pause"))
		s.pause.SetHint(s.hints, w.Say("hint.pause", "key", shortcut("P")))
	}
	if v.Running {
		s.sync.SetKind(look.Outlined)
		s.sync.SetText(w.Say("overview.stop"))
		s.sync.SetHint(s.hints, w.Say("hint.stop", "key", shortcut("R")))
		s.progress.Set(v.Share)
		s.progress.Show()
	} else {
		s.sync.SetKind(look.Filled)
		s.sync.SetText(w.Say("overview.sync"))
		s.sync.SetHint(s.hints, w.Say("hint.sync", "key", shortcut("R")))
		s.progress.Hide()
	}
	look.Enable(s.sync, v.Running || v.CanSync)
	s.side.HintLeave(s.hints, w.Say("hint.leave", "key", shortcut("W")))
	if v.Demo {
		s.side.Foot(s.demo)
		look.Enable(s.edit, !v.EditBusy)
		key := "demo.trouble.on"
		if v.Trouble {
			key = "demo.trouble.off"
		}
		s.trouble.SetText(w.Say(key))
	}
}

// shortcut names the key that does the same as a button, as the keyboards of this system call it.
func shortcut(letter string) string {
	if runtime.GOOS == "darwin" {
		return "⌘" + letter
	}
	return "Ctrl+" + letter
}
