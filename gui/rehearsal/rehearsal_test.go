package rehearsal_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/rehearsal"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// plan is a rehearsal in which something of everything happens.
func plan() app.Rehearsal {
	old := "Dr."
	return app.Rehearsal{
		At: began, First: true, People: app.People{Linked: 11204},
		Writes: []app.RehearsedWrites{
			{Side: record.Salesforce, Object: record.Lead, Action: app.ActionLink, Count: 11204, Examples: []app.Planned{{Side: record.Salesforce, Object: record.Lead, ID: "00Q1", Fields: []app.PlannedField{{Name: "Title", Value: &old}}}}},
			{Side: record.Marketo, Object: record.Person, Action: "create", Count: 412},
			{Side: record.Marketo, Object: record.Person, Action: "update", Count: 9000},
			{Side: record.Marketo, Object: record.Company, Action: "create", Count: 88},
		},
		Overwrites: app.Overwrites{Count: 37, Fields: []app.Overwriting{{Side: record.Marketo, Object: record.Person, Field: "jobTitle", Count: 30}}, Examples: []app.Overwritten{{Side: record.Marketo, Object: record.Person, ID: "7", Field: "jobTitle", Old: "CTO", New: "CEO"}}},
		Foreseen:   []app.Foreseen{{Side: record.Salesforce, Object: record.Lead, Code: "STRING_TOO_LONG", Field: "Title", Count: 3, Fixer: app.FixSalesforceAdmin}},
		Holds:      []app.RehearsedHolds{{Cause: "ambiguous", Count: 12}},
		Sides:      []app.RehearsedSide{{Side: record.Salesforce, Writes: 11204, Calls: 34, Left: 900, Share: 1000, TakesS: 75, Days: 1}, {Side: record.Marketo, Writes: 9500, Calls: 64, Share: 30, TakesS: 200000, Days: 3}},
	}
}

func TestPicture(t *testing.T) {
	v := rehearsal.Picture(words.For("en"), plan(), began.Add(4*time.Minute))
	if v.State != rehearsal.Full || v.Heading != "412 people created in Marketo, 9,000 updated; 37 values that differ are overwritten." {
		t.Errorf("%+v", v)
	}
	if len(v.Rows) != 4 || v.Rows[1] != (rehearsal.Row{What: "Created", Where: "Marketo", Object: "Person", Count: "412"}) || v.Examples[0].Fields != "Title: Dr." {
		t.Errorf("%+v, %+v", v.Rows, v.Examples)
	}
	if len(v.Lost) != 1 || v.Lost[0].Old != "CTO" || !strings.Contains(v.LostText, "Job Title (Marketo, 30)") {
		t.Errorf("%+v, %s", v.Lost, v.LostText)
	}
	if len(v.Points) != 2 || !v.Points[0].Grave || v.Points[0].What != "3 writes will be refused by Salesforce" || !strings.HasSuffix(v.Points[0].Text, "Can mend it: Salesforce admin.") || v.Points[1].What != "12 decisions wait for you" {
		t.Errorf("%+v", v.Points)
	}
	if !strings.Contains(v.Effort[0], "900 calls are left") || !strings.Contains(v.Effort[1], "3 days") {
		t.Errorf("%q", v.Effort)
	}
	nothing := plan()
	nothing.Writes, nothing.Overwrites, nothing.Foreseen, nothing.Holds = nil, app.Overwrites{}, nil, nil
	nothing.Brake = &app.RehearsedBrake{Side: record.Marketo, Updates: 500, Linked: 1000, Limit: 200}
	v = rehearsal.Picture(words.For("nl"), nothing, began)
	if v.Heading != "Er zou niets geschreven worden: beide kanten zijn al gelijk." || len(v.Points) != 1 || !strings.Contains(v.Points[0].Text, "200") {
		t.Errorf("nothing to write: %+v", v)
	}
}

func watch[V any](t *testing.T, run func(context.Context, func(V)) error) (last func() V) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var view V
	done := make(chan error)
	go func() { done <- run(ctx, func(v V) { view = v }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	return func() V { time.Sleep(time.Second); synctest.Wait(); return view }
}

// file is a place that somebody chose.
type file struct{ bytes.Buffer }

func (f *file) Close() error { return nil }
func (f *file) Name() string { return "/home/ada/plan" }

// A set-up rehearses by itself where nothing was rehearsed; it can be stopped, fail, and be saved.
func TestRehearsing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fake.NewRunning(fake.Fresh())
		w.Rehearsed(nil, plan(), app.Outcome{})
		m := rehearsal.NewModel(words.For("en"), w, time.Now)
		last := watch(t, m.Watch)
		if v := last(); v.State != rehearsal.Loading {
			t.Errorf("before an answer: %+v", v)
		}
		m.Load(t.Context(), false)
		if v := last(); v.State != rehearsal.Empty || v.Busy {
			t.Errorf("nothing was rehearsed: %+v", v)
		}
		w.Hang()
		go m.Load(t.Context(), true)
		if v := last(); v.State != rehearsal.Working || !strings.Contains(v.Sub, "1,200") {
			t.Errorf("reading: %+v", v)
		}
		m.Stop()
		if v := last(); v.State != rehearsal.Empty || v.Note == "" || v.Problem != nil {
			t.Errorf("stopped: %+v", v)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := fake.NewRunning(fake.Fresh())
		w.Rehearsed(nil, plan(), app.Outcome{})
		m := rehearsal.NewModel(words.For("en"), w, time.Now)
		last := watch(t, m.Watch)
		w.Fail(errors.New("Marketo is away"))
		m.Rehearse(t.Context())
		if v := last(); v.State != rehearsal.Failed || v.Problem == nil || v.Problem.What != "Marketo is away." {
			t.Errorf("a failure: %+v", v)
		}
		w.Fail(nil)
		m.Rehearse(t.Context())
		if v := last(); v.State != rehearsal.Full || v.Problem != nil {
			t.Errorf("rehearsed: %+v", v)
		}
		for _, form := range []app.RehearsalForm{app.RehearsalXLSX, app.RehearsalPDF} {
			var f file
			m.Save(t.Context(), form, true, func(context.Context) (frame.File, error) { return &f, nil })
			if v := last(); f.String() != "the rehearsal" || !strings.Contains(v.Note, f.Name()) {
				t.Errorf("saved %s: %q, %q", form, f.String(), v.Note)
			}
		}
		if asked := w.Asked(); !slices.Contains(asked, "WriteRehearsal pdf with values") {
			t.Errorf("asked was %v", asked)
		}
	})
}

// Going live shows what became otherwise since the rehearsal before it does anything, and wants to be told once more.
func TestGoingLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fake.NewRunning(fake.Fresh())
		m := rehearsal.NewLiveModel(words.For("en"), w, time.Now)
		last := watch(t, m.Watch)
		m.Load(t.Context())
		if v := last(); v.State != rehearsal.Empty || m.GoLive(t.Context()) || slices.Contains(w.Asked(), "GoLive") {
			t.Errorf("nothing was rehearsed: %+v", v)
		}
		r := plan()
		w.Rehearsed(&r, r, app.Outcome{Changed: 1, Dropped: 1, Differences: []app.Difference{
			{Side: record.Marketo, Object: record.Person, ID: "7", How: app.DifferChanged, Fields: []string{"jobTitle"}, Cause: app.Sentence{Text: "It was edited."}},
			{Side: record.Salesforce, Object: record.Lead, Source: "9", How: app.DifferDropped},
		}})
		m.Load(t.Context())
		w.Shared(app.Share{At: r.At, Whole: true, Left: 90, People: []app.SharedPerson{
			{Object: record.Lead, Name: "Ada", Salesforce: "00Q1", Marketo: "1", State: app.NowWritten, Did: []app.SharedWrite{{Side: record.Marketo, Created: true}}, Page: "https://acme.my.salesforce.com/00Q1"},
			{Object: record.Lead, Marketo: "2", State: app.NowFailed, Why: app.Sentence{Text: "a Lead is full."}},
		}})
		m.Share(t.Context(), 10)
		v := last()
		if v.Heading != "1 of 2 people needs a look." || v.Left != "90 of 20,704 rehearsed writes wait." || v.People[0].State != "refused" || v.People[0].Did != "A Lead is full." || v.People[1].Name != "Ada" || v.People[1].Did != "Created in Marketo." {
			t.Errorf("the first people: %+v", v)
		}
		if m.GoLive(t.Context()) || slices.Contains(w.Asked(), "GoLive") {
			t.Error("it went live although something became otherwise")
		}
		if v := last(); v.Heading != "2 writes changed since the rehearsal." || v.On != "Go live all the same" || len(v.Differences) != 2 || v.Differences[0].Text != "It was edited. (Job Title)" || !strings.HasPrefix(v.Differences[1].What, "Lead 9 in Salesforce") {
			t.Errorf("what became otherwise: %+v", v)
		}
		if !m.GoLive(t.Context()) || !slices.Contains(w.Asked(), "GoLive") {
			t.Error("told once more, it did not go live")
		}
	})
	synctest.Test(t, func(t *testing.T) { // nothing changed: once is enough; a share that is stopped goes on
		w := fake.NewRunning(fake.Fresh())
		r := plan()
		w.Rehearsed(&r, r, app.Outcome{})
		m := rehearsal.NewLiveModel(words.For("en"), w, time.Now)
		last := watch(t, m.Watch)
		m.Load(t.Context())
		if !m.GoLive(t.Context()) {
			t.Error("nothing changed, and it did not go live")
		}
		w.Shared(app.Share{At: r.At, People: []app.SharedPerson{{Marketo: "1", State: app.NowWaiting}}})
		w.Hang()
		go m.Share(t.Context(), 10)
		if v := last(); v.State != rehearsal.Working || v.Heading != "Writing 10 people. Nobody else is written to." {
			t.Errorf("writing: %+v", v)
		}
		m.Stop()
		if v := last(); !v.GoOn || v.Heading != "The share was cut off." || v.Problem != nil {
			t.Errorf("stopped: %+v", v)
		}
	})
}

// Both pages are worked by keyboard, and tell the wizard when it may go on.
func TestKeyboard(t *testing.T) {
	stage := fake.NewStage(t, look.Light())
	w := fake.NewRunning(fake.Fresh())
	w.Rehearsed(nil, plan(), app.Outcome{})
	w.Shared(app.Share{At: began, Whole: true, People: []app.SharedPerson{{Object: record.Lead, Salesforce: "00Q1", Marketo: "1", State: app.NowWritten, Page: "https://acme.my.salesforce.com/00Q1"}}})
	var foot wizard.Foot
	var opened, copied string // Browser runs on a worker
	var opening sync.Mutex
	at := wizard.At{Name: "Acme", Workspace: w, Foot: func(f wizard.Foot) { foot = f }}
	ways := rehearsal.Ways{Now: time.Now, Clipboard: func(text string) { copied = text }, Browser: func(address string) error {
		opening.Lock()
		defer opening.Unlock()
		opened = address
		return nil
	}}
	shown := func(page wizard.Page) fyne.Canvas {
		window := stage.NewWindow("")
		window.SetContent(page.Content())
		window.Resize(fyne.NewSize(1024, 640))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = page.Run(ctx) }()
		t.Cleanup(func() { stop(); <-done })
		window.Canvas().Focus(page.First())
		return window.Canvas()
	}
	shown(rehearsal.New(words.For("en"), at, ways))
	stage.Until("a set-up rehearses by itself", func() bool { return foot.Ready })

	canvas := shown(rehearsal.NewLive(words.For("en"), at, ways))
	stage.Until("there is a plan to carry out", func() bool { return foot.Continue == "Go live" && foot.Ready })
	press := func() { canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace}) }
	press()
	stage.Until("a person who was written is opened in Salesforce", func() bool {
		if b, ok := canvas.Focused().(*look.Button); ok && (b.Text() == "Open in Salesforce" || b.Text() == "Copy Marketo id") {
			press()
		}
		test.FocusNext(canvas)
		opening.Lock()
		defer opening.Unlock()
		return opened == "https://acme.my.salesforce.com/00Q1" && copied == "1"
	})
}
