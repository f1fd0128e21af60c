package fields

import (
	"context"
	"image/color"
	"slices"
	"sync"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
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
	object       *look.Select
	head         *fyne.Container
	problem      *frame.Problem
	parts        []*look.Button
	objects      *objectsPart
	fields       *fieldsPart
	pairing      *pairingPart
	winners      *winnersPart
	content      fyne.CanvasObject
}

// New is the page of a workspace.
func New(w *words.Words, at wizard.At, ways Ways) *Page {
	p := &Page{words: w, model: NewModel(w, at.Workspace, !at.Open), at: at, work: live.NewJobs(1)}
	p.heading, p.sub = look.Heading(""), look.Explain("", 1)
	p.undo = look.NewButton(look.Outlined, w.Say("fields.undo"), p.Undo)
	p.problem = frame.NewProblem(w, p.Check, ways.Clipboard)
	p.object = look.NewSelect(nil, func(string) { p.chooseObject() })
	p.objects, p.fields, p.pairing, p.winners = newObjects(p), newFields(p), newPairing(p), newWinners(p)
	row := look.Row(look.Small)
	for i, key := range []string{"fields.part.objects", "fields.part.fields", "fields.part.pairing", "fields.part.winners"} {
		b := look.NewButton(look.Choice, w.Say(key), func() { p.show(Part(i)) })
		p.parts = append(p.parts, b)
		row.Add(b)
	}
	room := canvas.NewRectangle(color.Transparent) // the parts without that box stand where those with it do
	room.SetMinSize(fyne.NewSize(0, p.object.MinSize().Height))
	p.head = look.Column(look.Small, p.problem.Content(), container.NewStack(room, look.Ends(row, look.Outline(p.object))))
	rest := container.NewBorder(look.Pad(0, look.Tiny, p.head), nil, nil, nil, container.NewStack(p.objects.content, p.fields.content, p.pairing.content, p.winners.content))
	p.content = frame.Page(p.heading, p.sub, p.undo, rest)
	p.draw()
	return p
}

// Content is what to draw.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// First is where the keyboard begins.
func (p *Page) First() fyne.Focusable { return p.parts[0] }

// Run asks both sides, and keeps the page up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the page
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
		p.work.Do(p.model.Load) // what both sides have is asked afresh for what is made next
	}
	return kept
}

// Check asks both sides again.
func (p *Page) Check() { p.work.Do(p.model.Load) }

// Undo takes the last step back: the button, and Ctrl+Z.
func (p *Page) Undo() { p.model.Undo(); p.draw() }

// Find goes to the search: Ctrl+F.
func (p *Page) Find() {
	if p.view.Part != Pairing {
		p.show(Fields)
		look.Focus(p.fields.find)
	}
}

func (p *Page) show(part Part) { p.look(func(l *looking) { l.part = part }) }

func (p *Page) chooseObject() {
	n := p.object.SelectedIndex()
	if n < 0 {
		return
	}
	var taking []record.Object
	for _, c := range p.view.Cards {
		if c.Taking {
			taking = append(taking, c.Object)
		}
	}
	p.look(func(l *looking) {
		if n < len(taking) && taking[n] != l.object {
			l.object, l.chosen, l.pick = taking[n], pair{}, [2]string{}
		}
	})
}

// look changes what is looked at, and draws it at once.
func (p *Page) look(how func(*looking)) {
	if !p.drawing {
		p.model.Look(how)
		p.draw()
	}
}

func (p *Page) draw() { p.Show(p.model.View()) }

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
	for i, part := range []fyne.CanvasObject{p.objects.content, p.fields.content, p.pairing.content, p.winners.content} {
		look.Show(part, Part(i) == v.Part)
	}
	switch v.Part {
	case Objects:
		p.objects.show(v)
	case Fields:
		p.fields.show(v)
	case Pairing:
		p.pairing.show(v)
	case Winners:
		p.winners.show(v)
	}
	if !slices.Equal(p.object.Options, v.Names) {
		p.object.PlaceHolder = longest(v.Names) // one is always chosen: this only says how wide the box is
		p.object.SetOptions(v.Names)
	}
	if v.Object < len(v.Names) {
		p.object.SetSelectedIndex(v.Object)
	}
	p.object.Hidden = v.Part != Fields && v.Part != Pairing
	p.head.Refresh()
	p.at.Foot(wizard.Foot{Note: v.Note, Ready: v.State == Full && !v.Busy && (v.Ready || !p.at.Open)})
}

// Picture shows what was asked elsewhere: for documents. Chosen is a field by its name in Salesforce.
func (p *Page) Picture(setup app.FieldSetup, prices []app.FieldPrice, part Part, chosen string) {
	p.model.facts.Do(context.Background(), func(context.Context) error { p.model.take(setup, nil); return nil })
	if setup.Kept {
		p.model.priced(prices, nil)
	}
	p.model.Show(part, All)
	p.model.Choose(chosen)
	p.draw()
}

func longest(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return slices.MaxFunc(names, func(a, b string) int { return utf8.RuneCountInString(a) - utf8.RuneCountInString(b) })
}
