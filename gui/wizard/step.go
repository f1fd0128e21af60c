// Package wizard leads a person through the set-up of a workspace: the steps at the left, one page beside them, and at the foot the
// way back and on.
//
// Pages flow in; which one is shown, and that it may be left, is kept after every move, so that the wizard comes back at the same step.
package wizard

import (
	"context"

	"fyne.io/fyne/v2"
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
}
