package rights_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/rights"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// lacking is a matrix in which contacts lack two fields, one grave and one not.
func lacking() app.Rights {
	var r app.Rights
	r.Org = "Acme"
	r.User.Username, r.User.Profile = "sync@acme.example", "Marketing Sync"
	row := app.RightsRow{Object: record.Contact, Label: "Contact", Read: app.RightGranted, Create: app.RightUnneeded, Edit: app.RightGranted, Everybody: app.RightMissing, State: app.RightsBad}
	row.Fields = slices.Grow(row.Fields, 3)[:3]
	row.Fields[0].Name, row.Fields[0].Label, row.Fields[0].Read, row.Fields[0].Edit, row.Fields[0].State = "Email", "Email", app.RightGranted, app.RightGranted, app.RightsGood
	row.Fields[1].Name, row.Fields[1].Label, row.Fields[1].Read, row.Fields[1].Edit, row.Fields[1].State = "Title", "Title", app.RightGranted, app.RightMissing, app.RightsBad
	row.Fields[2].Name, row.Fields[2].Label, row.Fields[2].Read, row.Fields[2].Edit, row.Fields[2].State = "Birthdate", "Birthdate", app.RightMissing, app.RightMissing, app.RightsBad
	lead := app.RightsRow{Object: record.Lead, Label: "Lead", Read: app.RightMissing, Create: app.RightUnneeded, Edit: app.RightMissing, Everybody: app.RightMissing, State: app.RightsBad}
	r.Objects = []app.RightsRow{lead, row}
	return r
}

func watch(t *testing.T, w *fake.Running) (m *rights.Model, last func() rights.View) {
	t.Helper()
	m = rights.NewModel(words.For("en"), w)
	ctx, cancel := context.WithCancel(t.Context())
	var view rights.View
	done := make(chan error)
	go func() { done <- m.Watch(ctx, func(v rights.View) { view = v }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	return m, func() rights.View { time.Sleep(time.Second); synctest.Wait(); return view }
}

func TestFaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fake.NewRunning(fake.Fresh())
		m, last := watch(t, w)
		if v := last(); v.State != rights.Loading || !v.Busy {
			t.Errorf("before an answer: %+v", v)
		}
		w.Grant(app.Rights{}, errors.New("Salesforce is away"))
		m.Check(t.Context())
		if v := last(); v.State != rights.Failed || v.Problem == nil || v.Problem.What != "Salesforce is away." || v.Busy {
			t.Errorf("a failure: %+v", v)
		}
		w.Grant(lacking(), nil)
		m.Check(t.Context())
		v := last()
		if v.State != rights.Full || v.Problem != nil || v.Heading != "3 things are missing in Salesforce." || v.Note != "" {
			t.Errorf("something is missing: %+v", v)
		}
		if len(v.Rows) != 2 || v.Rows[0].Lacks != "hidden" || v.Rows[0].Fields != "" || v.Rows[1].Lacks != "1 hidden, 1 read only" || v.Rows[1].Fields != "1 / 3" {
			t.Errorf("the rows are %+v", v.Rows)
		}
		r := lacking()
		r.Objects = r.Objects[1:]
		w.Grant(r, nil)
		m.Check(t.Context())
		if v := last(); v.Note != "Asked again: 1 thing is solved." {
			t.Errorf("asked again: %q", v.Note)
		}
		w.Grant(app.Rights{}, nil)
		m.Check(t.Context())
		if v := last(); v.Heading != "The sync user may do all that is needed." || len(v.Asks) > 0 {
			t.Errorf("nothing is missing: %+v", v)
		}
		w.Grant(app.Rights{}, errors.New("gone"))
		m.Check(t.Context())
		if v := last(); v.State != rights.Full || v.Problem == nil {
			t.Errorf("a failure after an answer takes the answer away: %+v", v)
		}
	})
}

// file is a place that somebody chose.
type file struct {
	bytes.Buffer
	closed bool
}

func (f *file) Close() error { f.closed = true; return nil }
func (f *file) Name() string { return "/home/ada/request.pdf" }

func TestHandingOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fake.NewRunning(fake.Fresh())
		m, last := watch(t, w)
		m.Check(t.Context())
		var board string
		m.Mail(t.Context(), func(text string) { board = text })
		if v := last(); board != "the request" || v.Note == "" {
			t.Errorf("on the clipboard is %q, said is %q", board, v.Note)
		}
		for what, want := range map[rights.What]string{rights.Request: "the request", rights.Package: "the package"} {
			var f file
			m.Save(t.Context(), what, func(context.Context) (frame.File, error) { return &f, nil })
			if v := last(); f.String() != want || !f.closed || !strings.Contains(v.Note, f.Name()) {
				t.Errorf("saved is %q, closed %v, said is %q", f.String(), f.closed, v.Note)
			}
		}
		m.Save(t.Context(), rights.Package, func(context.Context) (frame.File, error) { return nil, nil })
		if v := last(); v.Note != "" || v.Problem != nil || v.Busy {
			t.Errorf("nobody wanted a file: %+v", v)
		}
		if got := w.Calls(); slices.Index(got, "WriteRequest pdf") < 0 || slices.Index(got, "WritePackage") < 0 {
			t.Errorf("asked was %v", got)
		}
	})
}

// TestDeploying changes the org when it was told to, and says so; waiting for the admin can be stopped.
func TestDeploying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fake.NewRunning(fake.Fresh())
		w.Grant(lacking(), nil)
		m, last := watch(t, w)
		m.Check(t.Context())
		v := last()
		if v.Packed == 0 || !strings.Contains(v.Deed, "Acme") {
			t.Errorf("before it is told: %+v", v)
		}
		w.Admin = make(chan struct{})
		go m.Deploy(t.Context(), func(string) error { return errors.New("no browser here") })
		if v := last(); !v.Deploying || v.Address == "" || v.Note != "No browser could be opened: copy the address, and let an admin sign in there." {
			t.Errorf("while an admin is waited for: %+v", v)
		}
		m.Stop()
		if v := last(); v.Deploying || v.Problem != nil || len(v.Asks) == 0 {
			t.Errorf("stopped: %+v", v)
		}
		close(w.Admin)
		m.Deploy(t.Context(), func(string) error { return nil })
		if v := last(); v.Deploying || len(v.Asks) > 0 || v.Note == "" || v.Heading != "The sync user may do all that is needed." {
			t.Errorf("after it: %+v", v)
		}
	})
}

// TestScreen presses what can be pressed, in both themes.
func TestScreen(t *testing.T) {
	for name, theme := range map[string]look.Theme{"light": look.Light(), "dark": look.Dark()} {
		t.Run(name, func(t *testing.T) {
			stage := fake.NewStage(t, theme)
			w := fake.NewRunning(fake.Fresh())
			w.Grant(lacking(), nil)
			var board string
			var foot wizard.Foot
			var confirm func(do func())
			s := rights.New(words.For("en"), wizard.At{Workspace: w, Foot: func(f wizard.Foot) { foot = f }}, rights.Ways{
				Clipboard: func(text string) { fyne.Do(func() { board = text }) }, Browser: func(string) error { return nil },
				Confirm: func(_, _, _ string, do func()) { confirm(do) },
			})
			window := test.NewWindow(s.Content())
			defer window.Close()
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			button := func(text string) *look.Button {
				b := fake.Button(window.Canvas().Content(), text)
				if b == nil {
					t.Fatalf("there is no button %q", text)
				}
				return b
			}
			stage.Until("the matrix is there", func() bool { return !button("Copy as mail").Disabled() })
			button("Copy as mail").Tapped(nil)
			stage.Until("the mail is on the clipboard", func() bool { return board == "the request" && !button("Check again").Disabled() })
			agree := func(func()) {}
			confirm = func(do func()) { agree(do) }
			button("Deploy it …").Tapped(nil)
			if slices.Contains(w.Calls(), "Deploy") {
				t.Error("it was deployed before it was said so")
			}
			agree = func(do func()) { do() }
			button("Deploy it …").Tapped(nil)
			stage.Until("it is deployed", func() bool { return slices.Contains(w.Calls(), "Deploy") && !button("Check again").Disabled() })
			w.Grant(lacking(), nil)
			s.Check()
			stage.Until("it was asked again", func() bool {
				n := 0
				for _, c := range w.Calls() {
					if c == "Rights" {
						n++
					}
				}
				return n == 2 && foot.Note != ""
			})
			if !foot.Ready || foot.Note != "You can go on; 3 things will fail until then." || !s.Leave(ctx) {
				t.Errorf("it keeps the wizard: %+v", foot)
			}
			looks := rights.New(words.For("en"), wizard.At{Workspace: w, LookOnly: true, Foot: func(wizard.Foot) {}}, rights.Ways{})
			if fake.Button(looks.Content(), "Deploy it …") != nil {
				t.Error("a workspace that only looks can deploy")
			}
			cancel()
			stage.Until("the screen ends", func() bool { return len(done) == 1 })
		})
	}
}

// TestTheTableIsRead: in a small window, what an object lacks of each kind can be read to its end.
func TestTheTableIsRead(t *testing.T) {
	for _, language := range words.Languages() {
		fake.NewStage(t, look.Light())
		r := lacking()
		lacks := r.Objects[1]
		lacks.Fields = nil
		for n := range 36 {
			field := r.Objects[1].Fields[2-n%2]
			field.Lacking = n%3 == 0
			lacks.Fields = append(lacks.Fields, field)
		}
		r.Objects = append(r.Objects, lacks)
		w := words.For(language)
		s := rights.New(w, wizard.At{Workspace: fake.NewRunning(fake.Fresh()), Foot: func(wizard.Foot) {}}, rights.Ways{})
		window := test.NewTempWindow(t, container.NewBorder(nil, nil, frame.NewSidebar(wizard.Places(w, "rights", nil), frame.Place{Text: w.Say("overview.all")}).Content(), nil, s.Content()))
		window.SetPadded(false)
		window.Resize(fyne.NewSize(1024, 640))
		s.Show(rights.Picture(w, r))
		if said := strings.Join(fake.Texts(window.Canvas().Content()), "|"); !strings.Contains(said, w.Count("rights.lacks.hidden", 12)+", "+w.Count("rights.lacks.fixed", 12)+", "+w.Count("rights.lacks.made", 12)) {
			t.Errorf("%s: the table says %s", language, said)
		}
		for _, cut := range fake.Cut(window.Canvas()) {
			t.Errorf("%s: cut is %s", language, cut)
		}
	}
}
