package wizard

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Begin is where a set-up is taken up: the zero Begin is a new one.
type Begin struct {
	Name     string
	LookOnly bool
	Stand    Stand
}

// Ways are where the wizard leads. Leave runs on the UI thread, Done and Failed on a worker.
type Ways struct {
	Leave func()
	// Done is given the workspace's name when its set-up has ended.
	Done func(name string)
	// Failed is told why a page's work ended.
	Failed func(error)
	// Ask gives a workspace, for its pages.
	Ask       func(name string) app.Asked
	Clipboard func(string)
}

// Screen draws the wizard. All methods but Run belong to the UI thread.
type Screen struct {
	words   *words.Words
	model   *Model
	entries []Entry
	begin   Begin
	ways    Ways
	work    live.Jobs
	enter   chan Page // the page that was come to, for its work to begin

	view    View
	page    Page
	steps   []*look.Button
	under   *look.Text
	foot    *foot
	problem *frame.Problem
	slot    *fyne.Container
	hints   *look.Hints
	content fyne.CanvasObject
}

// New is the wizard of a set-up with these steps.
func New(w *words.Words, backend Backend, entries []Entry, begin Begin, ways Ways) *Screen {
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	s := &Screen{
		words: w, model: NewModel(w, backend, keys, begin.Name, begin.Stand), entries: entries, begin: begin, ways: ways,
		work: live.NewJobs(1), enter: make(chan Page, 1), hints: look.NewHints(),
	}
	back := look.NewButton(look.Outlined, w.Say("wizard.back"), s.Back)
	on := look.NewButton(look.Filled, w.Say("wizard.on"), s.On)
	back.SetHint(s.hints, altKey("←"))
	on.SetHint(s.hints, shortcut("Enter"))
	s.foot = newFoot(back, on)
	s.problem = frame.NewProblem(w, s.On, ways.Clipboard)
	s.slot = container.NewStack()
	page := container.NewBorder(nil, container.NewVBox(look.Pad(look.Large, 0, s.problem.Content()), s.foot.content), nil, nil, s.slot)
	s.content = container.NewStack(look.Fill(look.Background), frame.Beside(s.sidebar(), page), s.hints)
	s.Show(s.model.View())
	return s
}

// sidebar are the steps, and at the foot the way out.
func (s *Screen) sidebar() fyne.CanvasObject {
	w := s.words
	title := "wizard.title"
	if s.begin.LookOnly {
		title = "wizard.title.look"
	}
	head := look.Title(w.Say(title))
	s.under = look.Caption("")
	head.Lines, head.Shrinks, s.under.Lines = 1, true, 1
	list := look.Column(2)
	for i := range s.entries {
		b := look.NewButton(look.Entry, "", func() { s.To(i) })
		s.steps = append(s.steps, b)
		list.Add(b)
	}
	leave := look.NewButton(look.Entry, w.Say("wizard.leave"), s.ways.Leave)
	leave.SetHint(s.hints, "Esc")
	top := look.Column(look.Medium, look.Pad(10, 0, look.Column(2, head, s.under)), list)
	return frame.Column(container.NewBorder(top, leave, nil, nil))
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the keyboard begins.
func (s *Screen) First() fyne.Focusable {
	if first := s.page.First(); first != nil {
		return first
	}
	return s.foot.on
}

// Run keeps the wizard up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of it runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { s.work.Run(ctx) })
	all.Go(func() { s.pages(ctx) })
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// pages does the work of the page that is shown: of one at a time.
func (s *Screen) pages(ctx context.Context) {
	var page sync.WaitGroup
	end := func() {}
	for {
		select {
		case <-ctx.Done():
			end()
			page.Wait()
			return
		case p := <-s.enter:
			end()
			page.Wait()
			var now context.Context
			now, end = context.WithCancel(ctx)
			page.Go(func() {
				if err := p.Run(now); err != nil && !errors.Is(err, context.Canceled) {
					s.ways.Failed(err)
				}
			})
		}
	}
}

// On leaves the step for the next: the button, Ctrl+Enter and Alt+→.
func (s *Screen) On() {
	if s.foot.on.Disabled() {
		return
	}
	page, step := s.page, s.view.At
	s.work.Do(func(ctx context.Context) { s.model.On(ctx, step, page.Leave, s.ways.Done) })
}

// Back goes to the step before: the button and Alt+←. What is being done to go on is stopped.
func (s *Screen) Back() {
	if s.view.Back {
		s.To(s.view.At - 1)
	}
}

// Page is what is shown now.
func (s *Screen) Page() Page { return s.page }

// To goes to a step that was come to before.
func (s *Screen) To(step int) {
	if s.view.Steps[step].State == Done {
		s.model.Stop()
		s.work.Do(func(ctx context.Context) { s.model.To(ctx, step) })
	}
}

// Show draws a view.
func (s *Screen) Show(v View) {
	moved := s.page == nil || v.At != s.view.At
	stayed := s.view.Busy && !v.Busy && !moved
	s.view = v
	s.under.Set(v.Name)
	for i, step := range v.Steps {
		b := s.steps[i]
		kind, text := look.Entry, strconv.Itoa(i+1)+"   "+step.Text
		if step.State == Done {
			kind, text = look.EntryDone, "✓  "+step.Text
		}
		b.SetKind(kind)
		b.SetText(text)
		b.Select(step.State == Here)
		look.Enable(b, step.State != Later)
	}
	s.problem.Tell(v.Problem)
	look.Show(s.foot.back, v.Back)
	s.foot.rest(v.Busy || v.Ended)
	if moved {
		s.turn(v)
	}
	if stayed {
		s.refocus()
	}
}

// refocus gives the keyboard to what can take a key, where what has it can not, or nothing has it: a button that was not ready yet, or a
// page that stayed and shows what came of it.
func (s *Screen) refocus() {
	c := fyne.CurrentApp().Driver().CanvasForObject(s.content)
	if c == nil || takesKeys(c.Focused()) {
		return
	}
	for _, o := range []fyne.Focusable{s.page.First(), s.foot.on} {
		if takesKeys(o) {
			c.Focus(o)
			return
		}
	}
}

func takesKeys(o fyne.Focusable) bool {
	if o == nil {
		return false
	}
	at, can := o.(fyne.Disableable)
	drawn, isDrawn := o.(fyne.CanvasObject)
	return !(can && at.Disabled() || isDrawn && !drawn.Visible())
}

// turn puts the page of the step in place of the one before, whose work ends.
func (s *Screen) turn(v View) {
	s.foot.say(Foot{})
	var page Page
	at := At{
		Name: v.Name, LookOnly: s.begin.LookOnly, On: s.On, Made: s.model.Made,
		Foot: func(f Foot) {
			if page == nil || page == s.page { // a page that was left says nothing any more
				s.foot.say(f)
				if s.page != nil && !s.view.Busy {
					s.refocus()
				}
			}
		},
	}
	if v.Name != "" {
		at.Workspace = s.ways.Ask(v.Name)
	}
	page = s.entries[v.At].New(at)
	s.page = page
	s.slot.Objects = []fyne.CanvasObject{page.Content()}
	s.slot.Refresh()
	select {
	case <-s.enter: // one that was never begun
	default:
	}
	s.enter <- page
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.content); c != nil {
		c.Unfocus()
		c.Focus(s.First())
	}
}

// shortcut names a key with the modifier that shortcuts have on this system, altKey one with Alt.
func shortcut(key string) string {
	if runtime.GOOS == "darwin" {
		return "⌘" + key
	}
	return "Ctrl+" + key
}

func altKey(key string) string {
	if runtime.GOOS == "darwin" {
		return "⌥" + key
	}
	return "Alt+" + key
}
