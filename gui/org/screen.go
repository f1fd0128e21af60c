package org

import (
	"context"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Ways are where the page leads. Save asks a person for a place and waits for the answer, off the UI thread; Clipboard may be called from
// anywhere.
type Ways struct {
	Save      func(ctx context.Context, suggested string) (frame.File, error)
	Clipboard func(string)
}

var flows = []app.Flow{app.FlowBrowser, app.FlowClientCredentials, app.FlowJWT, app.FlowRefreshToken}

// Screen is the page. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	at    wizard.At
	ways  Ways
	work  live.Jobs

	typed  Typed
	loaded bool
	quiet  bool // fields are being filled, not typed in
	view   View

	where         *frame.Choices[app.SalesforceAddress]
	flow          *frame.Choices[app.Flow]
	kind          *frame.Choices[bool]
	address, name *look.Field
	client        *look.Field
	is, about     *look.Text
	note          *look.Text
	rows          *fyne.Container
	guide         []Row
	mail          *look.Button
	problem       *frame.Problem
	content       fyne.CanvasObject
}

// The choices of where the org is; My Domain is the address that is typed.
var (
	production = app.SalesforceAddress{Host: "https://login.salesforce.com", Kind: app.OrgProductionLogin}
	test       = app.SalesforceAddress{Host: "https://test.salesforce.com", Kind: app.OrgSandboxLogin}
	own        = app.SalesforceAddress{}
)

// fresh is what stands in the fields before anybody typed.
var fresh = Typed{Flow: app.FlowBrowser}

// New is the page of a set-up.
func New(w *words.Words, backend Backend, at wizard.At, ways Ways) *Screen {
	s := &Screen{words: w, model: NewModel(w, backend, at.Name, at.LookOnly, at.Made), at: at, ways: ways, work: live.NewJobs(1), typed: fresh}
	s.problem = frame.NewProblem(w, at.On, ways.Clipboard)
	s.where = frame.NewChoices(3, []string{w.Say("org.where.production"), w.Say("org.where.sandbox"), w.Say("org.where.own")}, []app.SalesforceAddress{production, test, own}, func(a app.SalesforceAddress) {
		s.address.SetText(a.Host)
	})
	texts := make([]string, len(flows))
	for i, f := range flows {
		texts[i] = w.Say("org.flow." + string(f))
	}
	s.flow = frame.NewChoices(2, texts, flows, func(f app.Flow) { s.typed.Flow = f; s.changed() })
	s.kind = frame.NewChoices(2, []string{w.Say("org.app.external"), w.Say("org.app.older")}, []bool{false, true}, func(older bool) { s.typed.Older = older; s.changed() })
	s.address, s.name, s.client = s.field("acme.my.salesforce.com"), s.field("Acme B.V."), s.field("3MVG9…")
	s.address.OnChanged = func(text string) { s.typed.Address = text; s.changed() }
	s.client.OnChanged = func(text string) { s.typed.ClientID = text; s.changed() }
	s.name.OnChanged = func(text string) {
		s.typed.Name = text
		s.typed.Named = s.typed.Named || !s.quiet
		s.changed()
	}
	s.is, s.about, s.note = look.Explain("", 3), look.Explain("", 3), look.Explain("", 2)
	left := frame.Scrolling(look.Column(look.Medium,
		frame.Field(w.Say("org.where"), look.Pad(-look.Tiny, 0, s.where.Content), s.address, s.is),
		frame.Field(w.Say("org.name"), s.name),
		frame.Field(w.Say("org.flow"), look.Pad(-look.Tiny, 0, s.flow.Content), s.about),
		frame.Field(w.Say("org.client"), s.client, frame.Note(w.Say("org.client.where"), 1)),
	), nil)
	s.rows = look.Column(look.Small)
	s.mail = look.NewButton(look.Outlined, w.Say("org.mail"), func() {
		ways.Clipboard(Mail(w, s.guide))
		s.note.Set(w.Say("org.mail.copied"))
	})
	head := look.Column(look.Small, look.Title(w.Say("org.app")), look.Explain(w.Say("org.app.text"), 2), look.Pad(-look.Tiny, 0, s.kind.Content))
	foot := look.Column(look.Small, look.Row(0, s.mail), s.note)
	right := look.Card(container.NewBorder(head, foot, nil, nil, look.Pad(0, look.Small, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), s.rows)))))
	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, frame.Split(0.46, 360, left, right))
	s.content = frame.Page(look.Heading(w.Say("org.heading")), look.Explain(w.Say("org.sub"), 1), look.Row(0), rest)
	s.changed()
	return s
}

func (s *Screen) field(hint string) *look.Field {
	f := look.NewField(s.at.On)
	f.SetPlaceHolder(hint)
	return f
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the typing begins.
func (s *Screen) First() fyne.Focusable { return s.address }

// Run reads what was kept, and keeps what is typed until ctx ends. It blocks, off the UI thread; when it returns, nothing of the page runs
// any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		s.model.Load(ctx)
		s.work.Run(ctx)
	})
	all.Go(func() { s.model.Keep(ctx) })
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Leave makes the workspace.
func (s *Screen) Leave(ctx context.Context) bool { return s.model.Leave(ctx, s.model.Typed()) }

// Show draws a view.
func (s *Screen) Show(v View) {
	s.view = v
	if v.Loaded != nil && !s.loaded {
		s.loaded = true
		if s.typed == fresh { // nobody was faster
			s.fill(*v.Loaded)
		}
	}
	if v.Made {
		s.name.Disable()
	}
	if v.Note != "" {
		s.note.Set(v.Note)
	}
	s.problem.Tell(v.Problem)
	s.changed()
}

// fill sets the fields, as if nobody typed in them.
func (s *Screen) fill(t Typed) {
	s.quiet = true
	s.address.SetText(t.Address)
	s.name.SetText(t.Name)
	s.client.SetText(t.ClientID)
	s.quiet = false
	s.typed = t
}

// changed shows what is to be said about what stands in the fields now, and has it kept.
func (s *Screen) changed() {
	w := s.words
	if s.quiet {
		return
	}
	r := Read(w, s.typed)
	if !s.typed.Named && !s.view.Made && s.typed.Name != r.Name {
		s.quiet = true
		s.name.SetText(r.Name)
		s.quiet = false
		s.typed.Name = r.Name
		r = Read(w, s.typed)
	}
	s.is.Set(r.Is)
	s.is.SetColor(look.Soft)
	if r.Bad {
		s.is.SetColor(look.Bad)
	}
	chosen := own
	switch r.Where.Kind {
	case app.OrgProductionLogin:
		chosen = production
	case app.OrgSandboxLogin:
		chosen = test
	}
	s.where.Choose(chosen)
	s.flow.Choose(s.typed.Flow)
	s.kind.Choose(s.typed.Older)
	s.about.Set(w.Say("org.flow." + string(s.typed.Flow) + ".about"))
	s.showGuide(Guide(w, s.typed.Flow, s.typed.Older))
	if s.view.Busy {
		r.Foot.Ready = false
	}
	s.at.Foot(r.Foot)
	if s.loaded || s.typed != fresh {
		t := s.typed
		t.Name, t.ClientID, t.Address = strings.TrimSpace(t.Name), strings.TrimSpace(t.ClientID), strings.TrimSpace(t.Address)
		s.model.Type(t)
	}
}

func (s *Screen) showGuide(rows []Row) {
	if len(rows) == len(s.guide) && rows[0] == s.guide[0] && Mail(s.words, rows) == Mail(s.words, s.guide) {
		return
	}
	s.guide = rows
	s.rows.RemoveAll()
	for _, r := range rows {
		if r.Part != "" {
			part := look.Wrapped(r.Part, look.Ink, lettersInLine)
			part.Bold = true
			s.rows.Add(part)
			continue
		}
		s.rows.Add(s.row(r))
	}
	s.rows.Refresh()
}

// lettersInLine is how many letters the narrowest card takes on a line, or somewhat fewer.
const lettersInLine = 42

// row is a setting: its label, its value, and a button that takes the value along.
func (s *Screen) row(r Row) fyne.CanvasObject {
	text := look.Column(0)
	if r.Label != "" {
		label := look.Caption(r.Label)
		label.Lines = 1
		text.Add(label)
	}
	for _, line := range strings.Split(r.Value, "\n") {
		value := look.NewText("")
		value.SetSpans(look.Span{Text: line})
		value.Lines, value.Shrinks = 1, true
		text.Add(value)
	}
	switch {
	case r.Copy:
		return look.Ends(text, frame.Copied(s.words, func() string { return r.Value }, s.ways.Clipboard))
	case r.Certificate:
		return look.Ends(text, look.NewButton(look.Link, s.words.Say("org.certificate.save"), s.certificate))
	}
	return text
}

// certificate makes a key and saves its certificate; that needs a workspace, and so its name.
func (s *Screen) certificate() {
	if s.typed.Name == "" || s.typed.Address == "" {
		s.note.Set(s.words.Say("org.certificate.first"))
		return
	}
	t := s.model.Typed()
	s.work.Do(func(ctx context.Context) {
		s.model.Certificate(ctx, t, func(ctx context.Context) (frame.File, error) { return s.ways.Save(ctx, "doppio.crt") })
	})
}
