// Package gui is the window: which screen is shown, how one gets from one to the next, and what ends with each.
//
// It knows use cases (package app) and nothing below them: never the cycle, the store or HTTP. Widgets are touched on
// the UI thread only, work is done on goroutines only; every goroutine belongs to a screen and ends with it.
package gui

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"github.com/doppio-sync/doppio/assets"
	"github.com/doppio-sync/doppio/gui/instance"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/signin"
	"github.com/doppio-sync/doppio/gui/start"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend is everything that the window asks for.
type Backend interface {
	start.Backend
	org.Backend
	signin.Backend
	instance.Backend
	// SetupStep gives the step at which the set-up of a workspace stands.
	SetupStep(ctx context.Context, name string) (string, error)
}

// Options are how the window opens. The zero Options follow the system.
type Options struct {
	Demo     bool       // go straight to the sample data
	Theme    look.Theme // the zero Theme follows the system's light or dark
	Language string     // empty: the system's
	Now      func() time.Time
	Log      *slog.Logger
	// Browser shows an address in the browser; nil asks Fyne.
	Browser func(address string) error
}

// Run shows the window, on the main goroutine. When it is closed, or ctx ends, and all work has ended, it calls ended once, on another
// goroutine: the program is to end there. Fyne's own loop may wait at its end for ever: what is queued for it while it empties its queue
// for the last time never runs, and it waits for just that (runGL and WaitForEvents in v2.7.1).
func Run(ctx context.Context, a fyne.App, backend Backend, o Options, ended func()) {
	w := Open(ctx, a, backend, o)
	w.window.SetOnClosed(w.stop)
	var last sync.WaitGroup
	last.Go(func() {
		<-w.ctx.Done()
		w.Close()
		ended()
	})
	defer func() {
		// It also falls over a mouse that moves over a window that is being closed, which has no view then (processMouseMoved).
		if cause := recover(); cause != nil && w.ctx.Err() == nil {
			panic(cause)
		}
		w.stop()
		last.Wait()
	}()
	w.window.ShowAndRun()
}

// Open makes the window without showing it. Close must follow.
func Open(ctx context.Context, a fyne.App, backend Backend, o Options) *Window {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Language == "" {
		o.Language = string(lang.SystemLocale())
	}
	a.Settings().SetTheme(o.Theme)
	a.SetIcon(fyne.NewStaticResource("doppio.png", assets.Icon))
	w := newWindow(ctx, a, backend, o, words.For(o.Language))
	if err := speak(w.words.Language()); err != nil {
		o.Log.Error("give Fyne's own widgets their words", "error", err)
	}
	w.showStart()
	if o.Demo {
		w.begin.OpenDemo()
	}
	return w
}

// speak lets Fyne's own widgets (the dialog for files, the menu of an entry) speak a language. Fyne goes by the system's alone, and lacks
// some: the texts are given to it as those of the system's language, whichever that is.
func speak(language string) error {
	texts, err := assets.Translations.ReadFile("translations/fyne/" + language + ".json")
	if err != nil {
		return err
	}
	return lang.AddTranslationsForLocale(texts, lang.SystemLocale())
}
