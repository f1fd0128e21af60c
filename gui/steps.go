package gui

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fields"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/rights"
	"github.com/doppio-sync/doppio/gui/wizard"
)

// steps are the pages of a set-up, in their order.
func (w *Window) steps() []wizard.Entry {
	return []wizard.Entry{
		{Key: "rights", New: func(at wizard.At) wizard.Page {
			return rights.New(w.words, at, rights.Ways{Save: w.place, Clipboard: w.copied})
		}},
		{Key: "fields", Set: true, New: func(at wizard.At) wizard.Page {
			return fields.New(w.words, at, fields.Ways{Clipboard: w.copied})
		}},
	}
}

// standing are the keys of those that an open workspace has in its sidebar, below the Overview.
var standing = []string{"rights", "fields"}

// places is the sidebar of an open workspace: where one is, by its key, and where one can go.
func (w *Window) places(running app.Running, here string) []frame.Place {
	list := []frame.Place{{Text: w.words.Say("overview.title"), Here: here == "", Go: func() { w.showOverview(running) }}}
	for _, e := range w.steps() {
		if slices.Contains(standing, e.Key) {
			list = append(list, frame.Place{Text: w.words.Say("wizard.step." + e.Key), Here: here == e.Key, Go: func() { w.showPlace(running, e) }})
		}
	}
	return list
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
	if again, ok := p.Page().(interface{ Check() }); ok {
		w.key(fyne.KeyR, again.Check)
	}
	if edits, ok := p.Page().(interface{ Undo() }); ok {
		w.shortcut(&fyne.ShortcutUndo{}, edits.Undo)
	}
	if finds, ok := p.Page().(interface{ Find() }); ok {
		w.key(fyne.KeyF, finds.Find)
	}
	w.key(fyne.KeyReturn, p.On)
	w.key(fyne.KeyW, w.leaveWorkspace)
	w.escape(func() { w.showOverview(running) })
}
