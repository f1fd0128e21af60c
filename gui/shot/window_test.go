//go:build pictures

package shot

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestWindowPictures draws what comes up in a window now and then: what the brake stopped, a certificate that comes to its end, what becomes
// of a new one, a workspace that only looks. It is for looking at, not for documents.
func TestWindowPictures(t *testing.T) {
	if *all == "" {
		t.Skip("nobody asked for all pictures")
	}
	ends := fake.Noon.AddDate(0, 0, 12)
	expiring := fake.Dashboard()
	expiring.Expiring = []app.Expiry{{Side: record.Salesforce, What: "certificate", At: ends, Days: 12}}
	looking := fake.Dashboard()
	looking.Mode = record.Observe
	other := fake.Stuck()
	other.Problem = &app.Problem{Resumable: true, What: app.Sentence{Key: "trouble.org.other", Args: []string{"00D000000000001EAA", "00D5g000004TestEAC"}}}
	for name, row := range map[string]struct {
		board app.Dashboard
		looks bool
		press []string
	}{
		"brake":          {board: braked()},
		"brake-asked":    {board: braked(), press: []string{"overview.go.on"}},
		"org":            {board: other},
		"expiring":       {board: expiring},
		"certificate":    {board: expiring, press: []string{"wizard.step.signin"}},
		"new":            {board: expiring, press: []string{"wizard.step.signin", "signin.renew"}},
		"looking":        {board: looking, looks: true},
		"looking-rights": {board: looking, looks: true, press: []string{"wizard.step.rights"}},
	} {
		every(func(suffix string, o Options) {
			theme := look.Light()
			if o.Dark {
				theme = look.Dark()
			}
			o = o.filled()
			w := words.For(o.Language)
			stage := fake.NewStage(t, theme)
			b := &fake.Backend{Cards: fake.Cards(), Board: row.board, Looks: row.looks}
			window := gui.Open(t.Context(), stage, b, gui.Options{Language: o.Language, Theme: theme, Now: func() time.Time { return fake.Noon }})
			defer window.Close()
			windows := stage.Driver().AllWindows()
			shown := windows[len(windows)-1]
			shown.Resize(fyne.NewSize(float32(o.Width), float32(o.Height)))
			press := func(text string) {
				stage.Until(text, func() bool { b := fake.Button(shown.Content(), text); return b != nil && !b.Disabled() })
				test.Tap(fake.Button(shown.Content(), text))
			}
			press(w.Say("start.open"))
			stage.Until("the workspace", func() bool { return b.Last() != nil && slices.Contains(fake.Texts(shown.Content()), "Acme B.V.") })
			who := fake.Who()
			who.Since, who.Until = ends.AddDate(-2, 0, 0), ends
			who.Lines = append(who.Lines, expiring.Expiring[0].Line())
			draft := []byte(`{"name":"Acme","address":"acme","client_id":"3MVG9","flow":"jwt"}`)
			if err := b.Last().KeepDraft(t.Context(), "salesforce", draft); err != nil {
				t.Fatal(err)
			}
			b.Last().Connect(app.SalesforceConnection{LoginURL: "https://acme.my.salesforce.com", ClientID: "3MVG9", Flow: app.FlowJWT}, who, app.MarketoConnection{}, app.Instance{}, nil)
			for _, key := range row.press {
				press(w.Say(key))
			}
			late := time.Now().Add(300 * time.Millisecond) // charts rest before they are drawn
			stage.Until("all of it", func() bool { return time.Now().After(late) })
			shown.Content().Refresh() // as the next frame of a real window does
			keep(t, *all, "window-"+name+suffix, shown.Canvas().Capture())
		})
	}
}

// braked is a dashboard whose last cycle the brake stopped.
func braked() app.Dashboard {
	d := fake.Stuck()
	d.Paused = true
	d.Problem = &app.Problem{Resumable: true, What: app.Sentence{Key: "trouble.brake.field", Args: []string{"3812", "40", "12480", "Marketo", "2496", "Territory"}}, Details: "stopped before the first write"}
	return d
}
