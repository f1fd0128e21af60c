package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fields"
	"github.com/doppio-sync/doppio/gui/filter"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/instance"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/rehearsal"
	"github.com/doppio-sync/doppio/gui/rights"
	"github.com/doppio-sync/doppio/gui/rules"
	"github.com/doppio-sync/doppio/gui/signin"
	"github.com/doppio-sync/doppio/gui/wizard"
)

// steps are the pages of a set-up, in their order.
func (w *Window) steps() []wizard.Entry {
	return []wizard.Entry{
		{Key: org.Step, New: func(at wizard.At) wizard.Page {
			return org.New(w.words, w.backend, at, org.Ways{Save: w.place, Clipboard: w.copied})
		}},
		{Key: "signin", Set: true, New: func(at wizard.At) wizard.Page {
			return signin.New(w.words, w.signsIn(at), at, signin.Ways{Browser: w.browse, Clipboard: w.copied, Save: w.place})
		}},
		{Key: "rights", New: func(at wizard.At) wizard.Page {
			return rights.New(w.words, at, rights.Ways{Save: w.place, Clipboard: w.copied, Browser: w.browse, Confirm: w.confirm})
		}},
		{Key: instance.Step, Set: true, New: func(at wizard.At) wizard.Page {
			return instance.New(w.words, w.signsIn(at), at, w.copied)
		}},
		{Key: "fields", Set: true, New: func(at wizard.At) wizard.Page {
			return fields.New(w.words, at, fields.Ways{Clipboard: w.copied})
		}},
		{Key: "filter", Set: true, New: func(at wizard.At) wizard.Page {
			return filter.New(w.words, at, w.options.Now, w.copied)
		}},
		{Key: "rules", Set: true, New: func(at wizard.At) wizard.Page {
			return rules.New(w.words, at, rules.Ways{Clipboard: w.copied})
		}},
		{Key: "rehearsal", New: func(at wizard.At) wizard.Page { return rehearsal.New(w.words, at, w.rehearsing()) }},
		{Key: "live", Set: true, New: func(at wizard.At) wizard.Page { return rehearsal.NewLive(w.words, at, w.rehearsing()) }},
	}
}

// looking are the keys of the steps of a set-up that only looks: nothing else is possible there.
var looking = []string{org.Step, "signin", instance.Step}

// signsIn is what a page signs in through: the workspace that is at work where there is one, which holds its own lock.
func (w *Window) signsIn(at wizard.At) interface {
	signin.Backend
	instance.Backend
} {
	if running, ok := at.Workspace.(app.Running); ok && at.Open {
		return inPlace{running}
	}
	return w.backend
}

// inPlace signs a workspace in while it is open.
type inPlace struct{ app.Running }

// ConnectSalesforce signs in anew.
func (p inPlace) ConnectSalesforce(ctx context.Context, _ string, c app.ConnectSalesforce) (app.Connected, error) {
	return p.SignInSalesforce(ctx, c)
}

// ConnectMarketo signs in anew.
func (p inPlace) ConnectMarketo(ctx context.Context, _ string, c app.ConnectMarketo) (app.Connected, error) {
	return p.SignInMarketo(ctx, c)
}

// setUp shows the set-up of a workspace where it stands, or of a new one.
func (w *Window) setUp(name string, lookOnly bool) {
	if name == "" {
		w.showSetUp(wizard.Begin{LookOnly: lookOnly})
		return
	}
	w.work.Go(func() {
		step, err := w.backend.SetupStep(w.ctx, name)
		if err != nil && w.ctx.Err() == nil { // it begins at the first step, which comes upon the same
			w.options.Log.Error("read where the set-up stands", "error", err)
		}
		fyne.Do(func() {
			if w.ctx.Err() == nil {
				w.showSetUp(wizard.Begin{Name: name, LookOnly: lookOnly, Stand: wizard.ParseStand(step)})
			}
		})
	})
}

func (w *Window) showSetUp(begin wizard.Begin) {
	steps := w.steps()
	if begin.LookOnly {
		steps = slices.DeleteFunc(steps, func(e wizard.Entry) bool { return !slices.Contains(looking, e.Key) })
	}
	s := wizard.New(w.words, w.backend, steps, begin, wizard.Ways{
		Leave: w.showStart, Done: w.connected, Ask: w.backend.Ask, Clipboard: w.copied,
		Failed: func(err error) { w.options.Log.Error("run a page of the set-up", "error", err) },
	})
	w.show(s)
	w.window.Canvas().Focus(s.First())
	w.key(fyne.KeyReturn, s.On)
	w.alt(fyne.KeyRight, s.On)
	w.alt(fyne.KeyLeft, s.Back)
	w.pageKeys(s.Page)
	w.escape(w.showStart)
}

// rehearsing is where the pages lead that rehearse and go live.
func (w *Window) rehearsing() rehearsal.Ways {
	return rehearsal.Ways{Save: w.place, Clipboard: w.copied, Browser: w.browse, Now: w.options.Now}
}

// places is the sidebar of an open workspace: where one is, by its key, and where one can go.
func (w *Window) places(running app.Running, here string) []frame.Place {
	return wizard.Places(w.words, here, func(key string) { w.showStep(running, key) })
}

// showStep shows the page of a step in an open workspace, by its key; "" is the Overview.
func (w *Window) showStep(running app.Running, key string) {
	steps := w.steps()
	if i := slices.IndexFunc(steps, func(e wizard.Entry) bool { return e.Key == key }); i >= 0 {
		w.showPlace(running, steps[i])
		return
	}
	w.showOverview(running)
}

// showPlace shows a page in the frame of an open workspace.
func (w *Window) showPlace(running app.Running, e wizard.Entry) {
	side := frame.NewSidebar(w.places(running, e.Key), frame.Place{Text: w.words.Say("overview.all"), Go: w.leaveWorkspace})
	side.Set(w.name, w.under)
	p := wizard.NewPlace(w.words, side, e, w.name, running)
	w.show(p)
	if first := p.First(); first != nil {
		w.window.Canvas().Focus(first)
	}
	w.pageKeys(p.Page)
	w.key(fyne.KeyReturn, p.On)
	w.key(fyne.KeyW, w.leaveWorkspace)
	w.escape(func() { w.showOverview(running) })
}

// pageKeys are the shortcuts of a page, for those that it has: asking again, undoing, looking for something.
func (w *Window) pageKeys(page func() wizard.Page) {
	w.key(fyne.KeyR, func() {
		if p, ok := page().(interface{ Check() }); ok {
			p.Check()
		}
	})
	w.key(fyne.KeyF, func() {
		if p, ok := page().(interface{ Find() }); ok {
			p.Find()
		}
	})
	w.shortcut(&fyne.ShortcutUndo{}, func() {
		if p, ok := page().(interface{ Undo() }); ok {
			p.Undo()
		}
	})
}
