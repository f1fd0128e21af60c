package fake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/gui/look"
)

// Stage is an app without a display whose UI thread is the test's own goroutine. Fyne's test driver runs what workers
// hand to fyne.Do on the worker itself, where it races with the test; a Stage queues it, as a real window does.
type Stage struct {
	fyne.App
	t     *testing.T
	queue chan func()
	end   chan struct{}
}

// NewStage is the current app until the test ends.
func NewStage(t *testing.T, theme look.Theme) *Stage {
	t.Helper()
	s := &Stage{App: test.NewTempApp(t), t: t, queue: make(chan func(), 64), end: make(chan struct{})}
	s.Settings().SetTheme(theme)
	fyne.SetCurrentApp(s)
	t.Cleanup(func() { close(s.end) })
	return s
}

// Driver is Fyne's test driver, but for the queue.
func (s *Stage) Driver() fyne.Driver { return driver{s.App.Driver(), s} }

type driver struct {
	fyne.Driver
	stage *Stage
}

func (d driver) DoFromGoroutine(do func(), wait bool) {
	done := make(chan struct{})
	select {
	case d.stage.queue <- func() { do(); close(done) }:
	case <-d.stage.end:
		return
	}
	if wait {
		select {
		case <-done:
		case <-d.stage.end:
		}
	}
}

// Until does what workers hand to the UI thread until holds does.
func (s *Stage) Until(what string, holds func() bool) {
	s.t.Helper()
	late := time.After(20 * time.Second)
	again := time.NewTicker(5 * time.Millisecond) // what workers do without the UI thread announces itself in no way
	defer again.Stop()
	for !holds() {
		select {
		case do := <-s.queue:
			do()
		case <-again.C:
		case <-late:
			s.t.Fatalf("it never came: %s", what)
		}
	}
}

// Rest lets two seconds pass in a bubble of synctest, and does what workers hand to the UI thread meanwhile.
func (s *Stage) Rest() {
	for range 4 {
		time.Sleep(time.Second / 2)
		synctest.Wait()
		for done := false; !done; {
			select {
			case do := <-s.queue:
				do()
				synctest.Wait()
			default:
				done = true
			}
		}
	}
}

// Presses is something to press.
type Presses interface {
	fyne.CanvasObject
	fyne.Tappable
}

// Pressable is what can be seen under an object and pressed, in the order of the Tab key.
func Pressable(o fyne.CanvasObject) []Presses {
	var found []Presses
	each(o, func(o fyne.CanvasObject) {
		off, _ := o.(fyne.Disableable)
		if p, ok := o.(Presses); ok && (off == nil || !off.Disabled()) {
			found = append(found, p)
		}
	})
	return found
}

// Says is what stands on it.
func Says(o fyne.CanvasObject) string {
	if b, ok := o.(interface{ Text() string }); ok {
		return b.Text()
	}
	return fmt.Sprintf("%T", o)
}

// Buttons are the buttons that can be seen under an object, in the order of the Tab key.
func Buttons(o fyne.CanvasObject) []*look.Button {
	var found []*look.Button
	each(o, func(o fyne.CanvasObject) {
		if b, ok := o.(*look.Button); ok {
			found = append(found, b)
		}
	})
	return found
}

// Button is the button that says a text; nil when none can be seen.
func Button(o fyne.CanvasObject, text string) *look.Button {
	for _, b := range Buttons(o) {
		if b.Text() == text {
			return b
		}
	}
	return nil
}

// Texts is everything that can be read under an object.
func Texts(o fyne.CanvasObject) []string {
	var found []string
	each(o, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *look.Text:
			found = append(found, o.String())
		case *look.Button:
			found = append(found, o.Text())
		case *look.Badge:
			found = append(found, o.Text())
		}
	})
	return found
}

// Cut is every text in a window that is seen and not whole, or reaches out of the window at its right.
func Cut(c fyne.Canvas) (found []string) {
	bare := strings.NewReplacer(" ", "").Replace
	each(c.Content(), func(o fyne.CanvasObject) {
		t, ok := o.(*look.Text)
		if !ok || t.Long {
			return
		}
		drawn, end := "", float32(0)
		for _, part := range test.WidgetRenderer(t).Objects() {
			text := part.(*canvas.Text)
			drawn += text.Text
			end = max(end, text.Position().X+text.MinSize().Width)
		}
		if end += fyne.CurrentApp().Driver().AbsolutePositionForObject(t).X; bare(drawn) != bare(t.String()) || end > c.Size().Width {
			found = append(found, fmt.Sprintf("%q: %q in %v", t, drawn, t.Size()))
		}
	})
	return found
}

// each visits what can be seen, parents first.
func each(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	visit(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			each(child, visit)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			each(child, visit)
		}
	}
}

// Keyed is what can be seen under an object and takes the keyboard, with all that scrolls around it, from the outside in.
type Keyed struct {
	fyne.CanvasObject
	Scrolls []*container.Scroll
}

// Keyboard is everything under an object that takes the keyboard.
func Keyboard(o fyne.CanvasObject) (found []Keyed) {
	var scrolls []*container.Scroll
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		off, can := o.(fyne.Disableable)
		if _, ok := o.(fyne.Focusable); ok && !(can && off.Disabled()) {
			found = append(found, Keyed{o, slices.Clone(scrolls)})
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		case *container.Scroll:
			scrolls = append(scrolls, o)
			walk(o.Content)
			scrolls = scrolls[:len(scrolls)-1]
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		}
	}
	walk(o)
	return found
}
