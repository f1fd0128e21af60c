package rules

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Ways are where the page leads. Clipboard may be called from anywhere.
type Ways struct{ Clipboard func(string) }

// Page draws Views. All methods but Run and Leave belong to the UI thread.
type Page struct {
	words   *words.Words
	model   *Model
	at      wizard.At
	work    live.Jobs
	view    View
	drawing bool // what widgets say is what they are told

	heading, sub *look.Text
	undo         *look.Button
	problem      *frame.Problem
	parts        []*look.Button
	list         *listPart
	making       *makePart
	tasks        *tasksPart
	content      fyne.CanvasObject
}

// New is the page of a workspace.
func New(w *words.Words, at wizard.At, ways Ways) *Page {
	p := &Page{words: w, model: NewModel(w, at.Workspace, !at.Open), at: at, work: live.NewJobs(1)}
	p.heading, p.sub = look.Heading(""), look.Explain("", 1)
	p.undo = look.NewButton(look.Outlined, w.Say("rules.undo"), p.Undo)
	p.problem = frame.NewProblem(w, p.Check, ways.Clipboard)
	p.list, p.making, p.tasks = newList(p), newMaking(p), newTasks(p)
	row := look.Row(look.Small)
	for i, key := range []string{"rules.part.list", "rules.part.make", "rules.part.tasks"} {
		b := look.NewButton(look.Choice, w.Say(key), func() { p.show(Part(i)) })
		p.parts = append(p.parts, b)
		row.Add(b)
	}
	head := look.Column(look.Small, p.problem.Content(), look.Row(0, row))
	rest := container.NewBorder(look.Pad(0, look.Tiny, head), nil, nil, nil, container.NewStack(p.list.content, p.making.content, p.tasks.content))
	p.content = frame.Page(p.heading, p.sub, p.undo, rest)
	p.draw()
	return p
}

// Content is what to draw.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// First is where the keyboard begins.
func (p *Page) First() fyne.Focusable { return p.parts[0] }

// Run reads the rules, and keeps the page up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the page
// runs any more.
func (p *Page) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		p.model.Load(ctx)
		p.work.Run(ctx)
	})
	all.Go(func() { p.model.Drafting(ctx) })
	return p.model.Watch(ctx, live.OnScreen(ctx, p.Show))
}

// Leave keeps what was made, and reports whether that is so. It waits, off the UI thread.
func (p *Page) Leave(ctx context.Context) bool {
	kept := p.model.Keep(ctx)
	if kept && p.at.Open {
		p.work.Do(p.model.Load)
	}
	return kept
}

// Check reads everything again.
func (p *Page) Check() { p.work.Do(p.model.Load) }

// Undo takes the last step back: the button, and Ctrl+Z.
func (p *Page) Undo() { p.model.Undo(); p.draw() }

// Find goes to the search: Ctrl+F.
func (p *Page) Find() {
	p.show(Making)
	look.Focus(p.making.find)
}

// Picture shows what was read elsewhere: for documents. Row is the chosen one.
func (p *Page) Picture(setup app.RuleSetup, sample app.RuleSample, prices []app.FieldPrice, part Part, row int) error {
	m := p.model
	if !m.facts.Do(context.Background(), func(context.Context) error { return m.take(setup, nil) }) {
		return m.facts.Get().Failed
	}
	m.facts.Set(func(f *facts) { f.prices = append([]app.FieldPrice{}, prices...) })
	m.sampled(sample, nil)
	m.Show(part)
	m.Choose(row)
	p.draw()
	return nil
}

func (p *Page) show(part Part) { p.look(func(l *looking) { l.part = part }) }

func (p *Page) look(how func(*looking)) {
	if !p.drawing {
		p.model.Look(how)
		p.draw()
	}
}

// do changes something, and draws it at once.
func (p *Page) do(how func()) {
	if !p.drawing {
		how()
		p.draw()
	}
}

func (p *Page) draw() { p.Show(p.model.View()) }

// focused reports whether the keyboard is at something.
func focused(o fyne.Focusable) bool {
	c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject))
	return c != nil && c.Focused() == o
}

// Show draws a view.
func (p *Page) Show(v View) {
	p.drawing = true
	defer func() { p.drawing = false }()
	p.view = v
	p.heading.Set(v.Heading)
	p.sub.Set(v.Sub)
	p.problem.Tell(v.Problem)
	look.Enable(p.undo, v.CanUndo && !v.Busy)
	for i, b := range p.parts {
		b.Select(Part(i) == v.Part)
	}
	for i, part := range []fyne.CanvasObject{p.list.content, p.making.content, p.tasks.content} {
		look.Show(part, Part(i) == v.Part)
	}
	switch v.Part {
	case List:
		p.list.show(v)
	case Making:
		p.making.show(v)
	case Tasked:
		p.tasks.show(v)
	}
	p.at.Foot(wizard.Foot{Note: v.Note, Ready: v.State == Full && !v.Busy && (v.Ready || !p.at.Open)})
}
