package rights

import (
	"context"
	"slices"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Ways are where the page leads. Save asks a person for a place and waits for the answer, off the UI thread; Clipboard may be called
// from anywhere.
type Ways struct {
	Save      func(ctx context.Context, suggested string) (frame.File, error)
	Clipboard func(string)
	// Browser shows an address in the browser. Confirm asks before something is done that cannot be undone: under a title, with a text, and
	// the name of the deed on its button.
	Browser func(address string) error
	Confirm func(title, text, deed string, do func())
}

// Screen is a page of the wizard, and of an open workspace, that draws Views. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	ways  Ways
	at    wizard.At
	work  live.Jobs
	asks  []Ask

	heading, sub        *look.Text
	again               *look.Button
	table               *look.Table
	user, note, nothing *look.Text
	list                *fyne.Container
	request, mail, pack *look.Button
	deploy, address     *look.Button
	view                View
	problem             *frame.Problem
	content             fyne.CanvasObject
}

// New is the page of a workspace.
func New(w *words.Words, at wizard.At, ways Ways) *Screen {
	s := &Screen{words: w, model: NewModel(w, at.Workspace), ways: ways, at: at, work: live.NewJobs(1)}
	s.heading, s.sub = look.Heading(""), look.Explain("", 1)
	s.again = look.NewButton(look.Outlined, w.Say("rights.again"), s.Check)
	s.problem = frame.NewProblem(w, s.Check, ways.Clipboard)
	s.table = look.NewTable(
		look.ColumnSpec{Heading: w.Say("rights.column.object"), Weight: 69}, look.ColumnSpec{Heading: w.Say("rights.column.read"), Weight: 37},
		look.ColumnSpec{Heading: w.Say("rights.column.create"), Weight: 33}, look.ColumnSpec{Heading: w.Say("rights.column.edit"), Weight: 42},
		look.ColumnSpec{Heading: w.Say("rights.column.fields"), Weight: 41}, look.ColumnSpec{Heading: w.Say("rights.column.lacks"), Weight: 111},
	)
	s.user, s.note = look.Explain("", 2), look.Explain("", 2)
	left := look.Card(container.NewBorder(nil, look.Pad(0, look.Small, s.user), nil, nil, s.table))

	s.nothing = look.Explain(w.Say("rights.nothing"), 3)
	s.list = look.Column(look.Medium, s.nothing)
	kind := look.Outlined
	if at.Open { // in the set-up, going on is what one came to do
		kind = look.Filled
	}
	s.request = look.NewButton(kind, w.Say("rights.save.request"), func() { s.save(Request, "doppio-request.pdf") })
	s.mail = look.NewButton(look.Outlined, w.Say("rights.copy.mail"), func() { s.work.Do(func(ctx context.Context) { s.model.Mail(ctx, ways.Clipboard) }) })
	s.pack = look.NewButton(look.Outlined, w.Say("rights.save.package"), func() { s.save(Package, "doppio-package.zip") })
	head := look.Column(look.Small, look.Title(w.Say("rights.admin")), look.Explain(w.Say("rights.admin.text"), 2))
	s.deploy = look.NewButton(look.Outlined, w.Say("rights.deploy"), s.askToDeploy)
	s.deploy.Reserve(w.Say("rights.deploy.stop"))
	if at.LookOnly { // it never writes; the package can be given to the admin
		s.deploy.Hide()
	}
	s.address = frame.Copied(w, func() string { return s.view.Address }, ways.Clipboard)
	s.address.Hide()
	foot := look.Column(look.Small, look.Row(look.Small, s.request, s.mail), look.Row(look.Small, s.pack), look.Row(look.Small, s.deploy, s.address), s.note)
	right := look.Card(container.NewBorder(head, foot, nil, nil, look.Pad(0, look.Small, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), s.list)))))

	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, look.TwoThirds(left, right))
	s.content = frame.Page(s.heading, s.sub, s.again, rest)
	s.Show(picture(w, facts{Job: live.Job{Busy: true}}))
	return s
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the keyboard begins.
func (s *Screen) First() fyne.Focusable { return s.again }

// Run asks once, and keeps the screen up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the screen
// runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		s.model.Check(ctx)
		s.work.Run(ctx)
	})
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Check asks Salesforce again: the button, and Ctrl+R.
func (s *Screen) Check() { s.work.Do(s.model.Check) }

// Leave lets the wizard go on: what is missing is asked for, and Doppio works without as well as it can.
func (s *Screen) Leave(context.Context) bool { return true }

func (s *Screen) save(what What, suggested string) {
	s.work.Do(func(ctx context.Context) {
		s.model.Save(ctx, what, func(ctx context.Context) (frame.File, error) { return s.ways.Save(ctx, suggested) })
	})
}

// askToDeploy changes the org once it was said so, or stops waiting for the admin.
func (s *Screen) askToDeploy() {
	if s.view.Deploying {
		s.model.Stop()
		return
	}
	w := s.words
	s.ways.Confirm(w.Say("rights.deploy.title"), s.view.Deed, w.Say("rights.deploy.deed"), func() {
		s.work.Do(func(ctx context.Context) { s.model.Deploy(ctx, s.ways.Browser) })
	})
}

// Show draws a view.
func (s *Screen) Show(v View) {
	s.view = v
	s.heading.Set(v.Heading)
	s.sub.Set(v.Sub)
	s.user.Set(v.User)
	s.note.Set(v.Note)
	s.at.Foot(wizard.Foot{Note: v.Foot, Ready: v.State != Loading})
	s.problem.Tell(v.Problem)
	for _, b := range []*look.Button{s.again, s.request, s.mail, s.pack} {
		if v.Busy || b != s.again && v.State != Full {
			b.Disable()
		} else {
			b.Enable()
		}
	}
	able := v.State == Full && (v.Deploying || v.Packed > 0 && !v.Busy)
	look.Enable(s.deploy, able)
	s.deploy.SetText(s.words.Say("rights.deploy"))
	if v.Deploying {
		s.deploy.SetText(s.words.Say("rights.deploy.stop"))
	}
	look.Show(s.address, v.Address != "")
	rows := make([][]look.Cell, len(v.Rows))
	for i, r := range v.Rows {
		color := look.Warning
		if r.Grave {
			color = look.Bad
		}
		rows[i] = []look.Cell{{Text: r.Object}, s.mark(r.Read), s.mark(r.Create), s.mark(r.Edit), {Text: r.Fields}, {Text: r.Lacks, Color: color}}
	}
	s.table.Set(rows)
	s.showAsks(v)
}

func (s *Screen) mark(m Mark) look.Cell {
	switch m {
	case Good:
		return look.Cell{Text: "✓", Color: look.Good}
	case Bad:
		return look.Cell{Text: "✗ " + s.words.Say("rights.no"), Color: look.Bad}
	case Unneeded:
		return look.Cell{Text: s.words.Say("rights.unneeded"), Color: look.Faint}
	}
	return look.Cell{Text: "?", Color: look.Faint}
}

func (s *Screen) showAsks(v View) {
	if slices.Equal(v.Asks, s.asks) && v.State == Full {
		return
	}
	s.asks = v.Asks
	s.list.RemoveAll()
	if len(v.Asks) == 0 && v.State == Full {
		s.list.Add(s.nothing)
	}
	for _, a := range v.Asks {
		edge := look.Warning
		if a.Grave {
			edge = look.Bad
		}
		what := look.Wrapped(a.What, look.Ink, lettersInLine)
		what.Bold = true
		s.list.Add(look.Edged(edge, look.Column(0, what, look.Wrapped(a.Why+" "+a.How, look.Soft, lettersInLine))))
	}
	s.list.Refresh()
}

// lettersInLine is how many letters the narrowest card takes on a line, or somewhat fewer.
const lettersInLine = 42
