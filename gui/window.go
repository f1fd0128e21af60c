package gui

import (
	"context"
	"errors"
	"net/url"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/overview"
	"github.com/doppio-sync/doppio/gui/start"
	"github.com/doppio-sync/doppio/gui/words"
)

// Window shows one screen at a time. Its methods belong to the UI thread.
type Window struct {
	app     fyne.App
	window  fyne.Window
	backend Backend
	options Options
	words   *words.Words

	ctx   context.Context // ends with the window
	stop  context.CancelFunc
	leave context.CancelFunc // ends the screen that is shown
	ended chan struct{}      // closed when its work has ended
	work  sync.WaitGroup     // the screens' goroutines
	begin *start.Screen      // while the start page is shown
	keys  []fyne.Shortcut    // of the screen that is shown

	name, under string // of the open workspace: what stands at the head of its sidebar

	mu      sync.Mutex
	running app.Running // the open workspace; nil: none
}

// screen is what can be shown.
type screen interface {
	Content() fyne.CanvasObject
	// Run blocks until ctx ends.
	Run(ctx context.Context) error
}

func newWindow(ctx context.Context, a fyne.App, backend Backend, o Options, w *words.Words) *Window {
	win := &Window{app: a, window: a.NewWindow(w.Say("app.name")), backend: backend, options: o, words: w, leave: func() {}, ended: make(chan struct{})}
	close(win.ended)
	win.ctx, win.stop = context.WithCancel(ctx)
	win.window.SetPadded(false)
	win.window.SetMaster()
	win.window.Resize(fyne.NewSize(1280, 800))
	quit := &desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierShortcutDefault}
	win.window.Canvas().AddShortcut(quit, func(fyne.Shortcut) { win.window.Close() })
	return win
}

// Close ends all screens, and the workspace that is open, and waits for them. Not while the UI thread has to go on: it
// is for when the window is gone.
func (w *Window) Close() {
	w.stop()
	w.work.Wait()
	if err := w.closeWorkspace(); err != nil {
		w.options.Log.Error("close the workspace", "error", err)
	}
}

// show puts a screen in place of the one before, whose work ends.
func (w *Window) show(s screen) {
	w.leave()
	w.begin = nil
	for _, k := range w.keys {
		w.window.Canvas().RemoveShortcut(k)
	}
	w.keys = nil
	ctx, leave := context.WithCancel(w.ctx)
	before, ended := w.ended, make(chan struct{})
	w.leave, w.ended = leave, ended
	w.window.SetContent(s.Content())
	w.work.Go(func() {
		defer close(ended)
		<-before // what the screen before still keeps, this one may read
		if err := s.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			w.options.Log.Error("run a screen", "error", err)
		}
	})
}

// key makes Ctrl and a letter (Cmd on a Mac) do something as long as this screen is shown.
func (w *Window) key(name fyne.KeyName, do func()) {
	w.shortcut(&desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierShortcutDefault}, do)
}

// alt is key with Alt.
func (w *Window) alt(name fyne.KeyName, do func()) {
	w.shortcut(&desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierAlt}, do)
}

func (w *Window) shortcut(s fyne.Shortcut, do func()) {
	w.keys = append(w.keys, s)
	w.window.Canvas().AddShortcut(s, func(fyne.Shortcut) { do() })
}

func (w *Window) showStart() {
	s := start.New(w.words, w.backend, w.options.Now, start.Ways{Connect: w.setUp, Opened: w.opened, Confirm: w.confirm})
	w.show(s)
	w.begin = s
	w.key(fyne.KeyN, func() { w.setUp("", false) })
	w.window.SetTitle(w.words.Say("app.name"))
}

// confirm asks before what cannot be undone. What does nothing is the filled button, has the focus, and is what Esc does.
func (w *Window) confirm(title, text, deed string, do func()) {
	var ask *dialog.CustomDialog
	yes := false
	keep := look.NewButton(look.Filled, w.words.Say("dialog.cancel"), func() { ask.Hide() })
	lose := look.NewButton(look.Outlined, deed, func() { yes = true; ask.Hide() })
	ask = dialog.NewCustomWithoutButtons(title, look.Column(look.Medium, look.Explain(text, 5), look.Row(look.Small, keep, lose)), w.window)
	before := w.window.Canvas().OnTypedKey()
	ask.SetOnClosed(func() {
		w.window.Canvas().SetOnTypedKey(before)
		if yes {
			do()
		}
	})
	w.escape(ask.Hide)
	ask.Resize(fyne.NewSize(460, 0))
	ask.Show()
	w.window.Canvas().Focus(keep)
}

// escape makes Esc lead back, when nothing has the focus.
func (w *Window) escape(back func()) {
	w.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			w.window.Canvas().SetOnTypedKey(nil)
			back()
		}
	})
}

// connected opens a workspace that was just connected, from the start page, which shows what goes wrong. It runs on a
// worker.
func (w *Window) connected(name string) {
	fyne.Do(func() {
		if w.ctx.Err() == nil {
			w.showStart()
			w.begin.Open(name)
		}
	})
}

// opened takes over a running workspace and shows it. It runs on a worker.
func (w *Window) opened(running app.Running) {
	w.mu.Lock()
	w.running = running
	w.mu.Unlock()
	fyne.Do(func() {
		if w.ctx.Err() == nil {
			w.showOverview(running)
		}
	})
}

func (w *Window) showOverview(running app.Running) {
	s := overview.New(w.words, running, w.options.Now, overview.Ways{
		All: w.leaveWorkspace, Places: w.places(running, ""), SignIn: func() { w.showStep(running, "signin") }, Head: func(name, under string) { w.name, w.under = name, under },
		Confirm: w.confirm,
	})
	w.show(s)
	w.window.Canvas().SetOnTypedKey(nil)
	w.key(fyne.KeyR, s.SyncOrStop)
	w.key(fyne.KeyP, s.TogglePause)
	w.key(fyne.KeyW, w.leaveWorkspace)
}

// copied puts a text on the clipboard, from anywhere.
func (w *Window) copied(text string) { fyne.Do(func() { w.app.Clipboard().SetContent(text) }) }

// place asks for a place to save a file in, and waits for the answer, off the UI thread. It gives nothing when nobody wants one.
func (w *Window) place(ctx context.Context, suggested string) (frame.File, error) {
	type answer struct {
		file fyne.URIWriteCloser
		err  error
	}
	answered := make(chan answer, 1)
	fyne.Do(func() {
		ask := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) { answered <- answer{file, err} }, w.window)
		ask.SetFileName(suggested)
		ask.SetTitleText(w.words.Say("dialog.save.title"))
		ask.Show()
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-answered:
		if a.err != nil || a.file == nil {
			return nil, a.err
		}
		return chosen{a.file}, nil
	}
}

// chosen is a place that a person chose.
type chosen struct{ fyne.URIWriteCloser }

func (c chosen) Name() string { return c.URI().Path() }

// leaveWorkspace goes back to the start page; the workspace ends its work meanwhile.
func (w *Window) leaveWorkspace() {
	w.showStart()
	w.work.Go(func() {
		if err := w.closeWorkspace(); err != nil {
			w.options.Log.Error("close the workspace", "error", err)
		}
	})
}

func (w *Window) closeWorkspace() error {
	w.mu.Lock()
	running := w.running
	w.running = nil
	w.mu.Unlock()
	if running == nil {
		return nil
	}
	return running.Close()
}

// browse shows an address in the browser.
func (w *Window) browse(address string) error {
	if w.options.Browser != nil {
		return w.options.Browser(address)
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return w.app.OpenURL(u)
}
