// Package wizard leads a person through the set-up of a workspace: the steps at the left, one page beside them, and at the foot the
// way back and on. The same pages stand in the frame of an open workspace, each with a button of its own.
//
// Pages flow in; which one is shown, and that it may be left, is kept after every move, so that the wizard comes back at the same step.
package wizard

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/doppio-sync/doppio/app"
)

// Page is what one step shows between the wizard's sidebar and its foot. All methods but Run and Leave belong to the UI thread.
type Page interface {
	// Content is what to draw: the head and what is below it.
	Content() fyne.CanvasObject
	// First is where the keyboard begins; nil leaves it at Continue.
	First() fyne.Focusable
	// Run keeps the page up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the page runs any more.
	Run(ctx context.Context) error
	// Leave does what Continue promises, and reports whether the wizard may go on; where it may not, the page says why. It waits, off
	// the UI thread.
	Leave(ctx context.Context) bool
}

// Foot is what a page says at the wizard's foot.
type Foot struct {
	// Note stands beside Continue: what is still missing, or what happens without it.
	Note string
	// Ready lets Continue be pressed.
	Ready bool
	// Continue is what the button says; empty leaves it at that.
	Continue string
	// Nothing says that there is nothing to do here, in the frame of an open workspace: no button then.
	Nothing bool
}

// Entry is one step: the key under which it is kept and named ("wizard.step." and the key), and how its page is made. A page is made anew
// each time that it is come to: what was typed and not yet set lies in the workspace's drafts.
type Entry struct {
	Key string
	New func(at At) Page
	// Set lets the page be left in the frame of an open workspace, by a button that does what Continue does.
	Set bool
}

// At is where a page stands.
type At struct {
	// Name is the workspace's, and Workspace what the page asks; both are empty in the first step until the workspace is made.
	Name      string
	Workspace app.Asked
	// LookOnly says that the workspace can never leave Observe.
	LookOnly bool
	// Open says that the page stands in the frame of an open workspace, not in the set-up.
	Open bool
	// Foot says what stands at the foot. It belongs to the UI thread, and may be called while the page is made.
	Foot func(Foot)
	// On does what Continue does, for Enter in a last field. It belongs to the UI thread.
	On func()
	// Made names the workspace that the first step made. It may be called from anywhere, before Leave ends.
	Made func(name string)
}

// Say says something at the foot. Of a page that is done an open workspace says nothing: there is no step after it.
func (a At) Say(f Foot, done bool) {
	if a.Open && done {
		f = Foot{Nothing: true}
	}
	a.Foot(f)
}

// Stand is how far a set-up is: the step that is shown, and the furthest one that was come to.
type Stand struct{ At, Reached string }

// ParseStand reads what String wrote; both are empty where there is no set-up.
func ParseStand(text string) Stand {
	at, reached, found := strings.Cut(text, " ")
	if !found {
		reached = at
	}
	return Stand{at, reached}
}

// String is the form that is kept.
func (s Stand) String() string {
	if s.At == s.Reached {
		return s.At
	}
	return s.At + " " + s.Reached
}
