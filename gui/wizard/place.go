package wizard

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// Place shows a page in the frame of an open workspace: beside its sidebar, and with a button of its own where something can be set. All
// methods but Run belong to the UI thread.
type Place struct {
	words   *words.Words
	page    Page
	work    live.Jobs
	foot    *foot
	content fyne.CanvasObject
}

// standing are the keys of the pages that an open workspace has in its sidebar, below the Overview.
var standing = []string{"signin", "rights", "marketo", "fields", "filter", "rules", "rehearsal"}

// Places is the sidebar of an open workspace: where one is, by its key, and where one can go; "" is the Overview.
func Places(w *words.Words, here string, goTo func(key string)) []frame.Place {
	list := []frame.Place{{Text: w.Say("overview.title"), Here: here == "", Go: func() { goTo("") }}}
	for _, key := range standing {
		list = append(list, frame.Place{Text: w.Say("wizard.step." + key), Here: here == key, Go: func() { goTo(key) }})
	}
	return list
}

// NewPlace is a page of an open workspace.
func NewPlace(w *words.Words, side *frame.Sidebar, e Entry, name string, workspace app.Running) *Place {
	p := &Place{words: w, work: live.NewJobs(1)}
	hints := look.NewHints()
	on := look.NewButton(look.Filled, w.Say("wizard.set"), p.On)
	on.SetHint(hints, shortcut("Enter"))
	back := look.NewButton(look.Outlined, "", nil)
	back.Hide()
	p.foot = newFoot(back, on)
	if !e.Set {
		p.foot.content.Hide()
	}
	p.foot.say(Foot{})
	p.page = e.New(At{Name: name, Workspace: workspace, LookOnly: workspace.LookOnly(), Open: true, Foot: p.foot.say, On: p.On, Made: func(string) {}})
	if workspace.LookOnly() {
		side.Foot(frame.Looking(w))
	}
	content := container.NewBorder(nil, p.foot.content, nil, nil, p.page.Content())
	p.content = container.NewStack(look.Fill(look.Background), frame.Beside(side.Content(), content), hints)
	return p
}

// Content is what to draw.
func (p *Place) Content() fyne.CanvasObject { return p.content }

// First is where the keyboard begins; nil where nothing can be pressed.
func (p *Place) First() fyne.Focusable { return p.page.First() }

// Page is what is shown.
func (p *Place) Page() Page { return p.page }

// Run keeps the page up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of it runs any more.
func (p *Place) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { p.work.Run(ctx) })
	return p.page.Run(ctx)
}

// On sets what was changed: the button, and Ctrl+Enter.
func (p *Place) On() {
	if p.foot.on.Disabled() || !p.foot.content.Visible() {
		return
	}
	p.foot.rest(true)
	p.work.Do(func(ctx context.Context) {
		set := p.page.Leave(ctx)
		fyne.Do(func() {
			if ctx.Err() != nil {
				return
			}
			p.foot.rest(false)
			if set {
				said := p.foot.said
				said.Note = p.words.Say("wizard.was.set")
				p.foot.say(said)
			}
		})
	})
}
