package gui_test

import (
	"context"
	"testing"

	"fyne.io/fyne/v2"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/gui"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
)

// falls is an app whose loop falls over something, once its window was closed or before.
type falls struct {
	fyne.App
	closed bool
}

type fallen struct {
	fyne.Window
	of   *falls
	tell func()
}

func (f *falls) NewWindow(title string) fyne.Window {
	return &fallen{Window: f.App.NewWindow(title), of: f}
}
func (f *fallen) SetOnClosed(tell func()) { f.tell = tell }
func (f *fallen) ShowAndRun() {
	if f.of.closed {
		f.tell()
	}
	panic("a mouse moves over no view")
}

// TestRunEndsWhatIsClosed falls over with Fyne's loop only as long as its window is open; closed, it ends what there is to end, once.
func TestRunEndsWhatIsClosed(t *testing.T) {
	for name, closed := range map[string]bool{"closed": true, "open": false} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan struct{}, 2)
			fell := func() (cause any) {
				defer func() { cause = recover() }()
				stage := fake.NewStage(t, look.Light())
				gui.Run(ctx, &falls{App: stage, closed: closed}, &fake.Backend{}, gui.Options{Language: "en", Theme: look.Light()}, func() { ended <- struct{}{} })
				return nil
			}()
			if (fell == nil) != closed || closed && len(ended) != 1 {
				t.Errorf("it fell over %v, and ended %d times", fell, len(ended))
			}
			if cancel(); !closed {
				<-ended
			}
		})
	}
}
