package overview_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/overview"
	"github.com/doppio-sync/doppio/gui/words"
)

var themes = map[string]look.Theme{"light": look.Light(), "dark": look.Dark()}

func clock() time.Time { return fake.Noon }

// TestStatesAreDrawn draws every state in both themes and both languages, and reads what stands there.
func TestStatesAreDrawn(t *testing.T) {
	en := words.For("en")
	en.Zone = time.UTC
	told := en.Problem(errors.New("the database is locked"))
	rows := []struct {
		name string
		view overview.View
		want []string
	}{
		{"loading", overview.View{State: overview.Loading, Heading: en.Say("state.loading")}, []string{"One moment …", "Pause", "Sync now"}},
		{"failed", overview.View{State: overview.Failed, Heading: en.Say("state.failed"), Problem: &told},
			[]string{"The numbers cannot be shown.", "Copy details", "Try again"}},
		{"empty", overview.Picture(en, fake.Fresh(), fake.Noon), []string{"Ready. The first cycle starts in 12 s.", "Edit 100 people", "Make trouble", "The first cycle has not ended yet.", "The line begins with the second cycle."}},
		{"full", overview.Picture(en, fake.Dashboard(), fake.Noon), []string{"12:03", "3,120 of 20,000 granted", "Title too long", "Sync now", "one rule heals it"}},
		{"busy", overview.Picture(en, fake.Busy(), fake.Noon), []string{"Writing: 1,240 of 5,000, about 2 min left.", "Stop"}},
		{"stuck", overview.Picture(en, fake.Stuck(), fake.Noon), []string{"Stopped. Something needs you.", "Copy details"}},
	}
	for theme, th := range themes {
		for _, row := range rows {
			t.Run(theme+" "+row.name, func(t *testing.T) {
				fake.NewStage(t, th)
				s := overview.New(en, fake.NewRunning(fake.Fresh()), clock, overview.Ways{})
				window := test.NewTempWindow(t, s.Content())
				window.SetPadded(false)
				window.Resize(fyne.NewSize(1280, 800))
				s.Show(row.view)
				if err := s.DrawNow(1); err != nil {
					t.Fatal(err)
				}
				texts := fake.Texts(s.Content())
				for _, want := range row.want {
					if !slices.Contains(texts, want) {
						t.Errorf("%q is not there: %q", want, texts)
					}
				}
				filled := 0
				for _, b := range fake.Buttons(s.Content()) {
					if b.Kind() == look.Filled {
						filled++
					}
				}
				if filled > 1 {
					t.Errorf("%d filled buttons", filled)
				}
				if row.name != "full" {
					return // one picture a theme is enough to know that it can be painted
				}
				if picture := window.Canvas().Capture(); picture.Bounds().Dx() != 1280 {
					t.Errorf("picture of %v", picture.Bounds())
				}
			})
		}
	}
}

// TestNothingJumps compares where the cards stand while loading, empty and full.
func TestNothingJumps(t *testing.T) {
	w := words.For("en")
	fake.NewStage(t, look.Light())
	s := overview.New(w, fake.NewRunning(fake.Fresh()), clock, overview.Ways{})
	window := test.NewTempWindow(t, s.Content())
	window.Resize(fyne.NewSize(1280, 800))
	place := func() fyne.Position {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(fake.Button(s.Content(), "5 days"))
	}
	first := place()
	for name, d := range map[string]app.Dashboard{"empty": fake.Fresh(), "full": fake.Dashboard(), "busy": fake.Busy()} {
		s.Show(overview.Picture(w, d, fake.Noon))
		window.Content().Refresh()
		if now := place(); now != first {
			t.Errorf("%s: the card moved from %v to %v", name, first, now)
		}
	}
}

// TestFiveDays presses the choice, and the sentence and the chart change.
func TestFiveDays(t *testing.T) {
	w := words.For("en")
	w.Zone = time.UTC
	fake.NewStage(t, look.Light())
	s := overview.New(w, fake.NewRunning(fake.Fresh()), clock, overview.Ways{})
	test.NewTempWindow(t, s.Content()).Resize(fyne.NewSize(1280, 800))
	d := fake.Dashboard()
	d.Backlog.FivePeak = &app.Peak{At: fake.Noon.AddDate(0, 0, -3), Records: 2000, Gone: time.Hour}
	s.Show(overview.Picture(w, d, fake.Noon))
	test.Tap(fake.Button(s.Content(), "5 days"))
	want := "Records waiting. The peak at 21 November was 2,000 records; gone after 1 h."
	if texts := fake.Texts(s.Content()); !slices.Contains(texts, want) {
		t.Errorf("%q is not there: %q", want, texts)
	}
	if !fake.Button(s.Content(), "5 days").Selected() || fake.Button(s.Content(), "24 h").Selected() {
		t.Error("the choice is not marked")
	}
}

// TestGoesOnAfterTheBrake asks before what the brake stopped is written, and says what that means; what merely failed is tried again.
func TestGoesOnAfterTheBrake(t *testing.T) {
	for _, language := range words.Languages() {
		w := words.For(language)
		stage := fake.NewStage(t, look.Light())
		d := fake.Stuck()
		d.Paused = true
		d.Problem = &app.Problem{Resumable: true, What: app.Sentence{Key: "trouble.brake", Args: []string{"2600", "0", "12480", "Marketo", "2496"}}}
		r := fake.NewRunning(d)
		var asked []string
		agree := func(func()) {}
		s := overview.New(w, r, clock, overview.Ways{Confirm: func(title, text, deed string, do func()) { asked = append(asked, title, text, deed); agree(do) }})
		test.NewTempWindow(t, s.Content()).Resize(fyne.NewSize(1280, 800))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		deed := w.Say("overview.go.on")
		stage.Until("the brake", func() bool { return fake.Button(s.Content(), deed) != nil })
		if said := strings.Join(fake.Texts(s.Content()), "\n"); !strings.Contains(said, deed) || !strings.Contains(said, w.Number(2600)) {
			t.Errorf("%s: the sentence does not name what to press: %q", language, said)
		}
		test.Tap(fake.Button(s.Content(), deed))
		if want := []string{w.Say("overview.go.on.title"), w.Say("overview.go.on.brake"), deed}; !slices.Equal(asked, want) || len(r.Calls()) != 0 {
			t.Errorf("%s: asked %q, did %v", language, asked, r.Calls())
		}
		agree = func(do func()) { do() }
		test.Tap(fake.Button(s.Content(), deed))
		stage.Until("going on", func() bool { return fake.Button(s.Content(), deed) == nil })
		if got := r.Calls(); !slices.Equal(got, []string{"GoOn"}) {
			t.Errorf("%s: it did %v", language, got)
		}
		r.Change(func(d *app.Dashboard) error { *d = fake.Stuck(); return nil })
		stage.Until("another problem", func() bool { b := fake.Button(s.Content(), w.Say("problem.retry")); return b != nil })
		cancel()
		<-done
	}
}
