package chart_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/gui/chart"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
)

func hill() chart.Plot {
	return chart.Plot{
		From: 0, To: 2, X: []float64{0, 1, 2}, Number: strconv.Itoa, Hover: func(i int) string { return "point\n" + strconv.Itoa(i) },
		Series: []chart.Series{{Color: look.Salesforce, Values: []float64{1, 9, 2}}},
	}
}

// TestWorkerDraws shows a plot, then another size, then the dark theme: each time the worker brings a picture of the
// size and colours asked for, and its goroutine ends with its context.
func TestWorkerDraws(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stage := fake.NewStage(t, look.Light())
	c := chart.New(fyne.NewSize(100, 80))
	window := test.NewTempWindow(t, c)
	window.SetPadded(false)
	window.Resize(fyne.NewSize(300, 200))
	c.Set(hill())
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { c.Run(ctx) })

	picture := func() *canvas.Image { return test.WidgetRenderer(c).Objects()[0].(*canvas.Image) }
	drawn := func(width int) func() bool {
		return func() bool { i := picture().Image; return i != nil && i.Bounds().Dx() == width }
	}
	stage.Until("the first picture", drawn(300))
	window.Resize(fyne.NewSize(420, 200))
	stage.Until("a picture of the new size", drawn(420))
	light := picture().Image
	stage.Settings().SetTheme(look.Dark())
	c.Refresh()
	stage.Until("a picture in the other theme", func() bool { return picture().Image != light })

	c.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(410, 50)}})
	words := test.WidgetRenderer(c).Objects()
	if last, ok := words[len(words)-1].(*canvas.Text); !ok || last.Text != "2" {
		t.Errorf("hovering at the right end shows %v", words[len(words)-1])
	}
	c.MouseOut()
	if n := len(test.WidgetRenderer(c).Objects()); n != 3 {
		t.Errorf("after hovering %d objects are left", n)
	}
	cancel()
	work.Wait()
}
