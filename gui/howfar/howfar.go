// Package howfar is the last step of the set-up: how far Doppio may go. Until then it only looks.
//
// A mode flows out.
package howfar

import (
	"context"
	"errors"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Backend sets the mode.
type Backend interface {
	// SetMode says how far Doppio may go. Live is refused where Marketo's own sync is on.
	SetMode(ctx context.Context, name string, mode record.Mode) error
}

// Screen is the page. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words   *words.Words
	backend Backend
	at      wizard.At
	mode    atomic.Uint32
	failed  *live.Newest[error]
	buttons []*look.Button
	problem *frame.Problem
	content fyne.CanvasObject
}

var modes = []record.Mode{record.Observe, record.Rehearse, record.Live}

// New is the page of a workspace; clipboard may be called from anywhere.
func New(w *words.Words, backend Backend, at wizard.At, clipboard func(string)) *Screen {
	s := &Screen{words: w, backend: backend, at: at, failed: live.NewNewest[error](nil)}
	s.mode.Store(uint32(record.Rehearse))
	s.problem = frame.NewProblem(w, at.On, clipboard)
	list := look.Column(look.Medium)
	for _, mode := range modes {
		b := look.NewButton(look.Choice, w.Say("mode."+mode.String()), func() { s.choose(mode) })
		s.buttons = append(s.buttons, b)
		list.Add(look.Column(look.Tiny, look.Row(0, b), look.Pad(10, 0, look.Explain(w.Say("howfar."+mode.String()), 2))))
	}
	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, look.Card(list))
	s.content = frame.Page(look.Heading(w.Say("howfar.heading")), look.Explain(w.Say("howfar.sub"), 1), look.Row(0), rest)
	s.choose(record.Rehearse)
	return s
}

func (s *Screen) choose(mode record.Mode) {
	s.mode.Store(uint32(mode))
	for i, b := range s.buttons {
		b.Select(modes[i] == mode)
	}
	s.at.Foot(wizard.Foot{Ready: true, Continue: s.words.Say("howfar.open")})
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is the first of the modes.
func (s *Screen) First() fyne.Focusable { return s.buttons[0] }

// Run shows what stood in the way, until ctx ends. It blocks, off the UI thread.
func (s *Screen) Run(ctx context.Context) error {
	return s.failed.Watch(ctx, 0, live.OnScreen(ctx, func(err error) {
		if err == nil {
			s.problem.Show("", "", "")
			return
		}
		told := s.words.Problem(err)
		s.problem.Show(told.What, told.Do, told.Details)
	}))
}

// Leave sets the mode.
func (s *Screen) Leave(ctx context.Context) bool {
	err := s.backend.SetMode(ctx, s.at.Name, record.Mode(s.mode.Load()))
	if errors.Is(err, context.Canceled) {
		return false
	}
	s.failed.Change(func(error) error { return err })
	return err == nil
}
