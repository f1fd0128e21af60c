package instance

import (
	"context"
	"slices"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Screen is the page. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words  *words.Words
	model  *Model
	at     wizard.At
	work   live.Jobs
	typed  Typed
	loaded bool
	quiet  bool // fields are being filled, not typed in
	view   View
	rights []Right

	heading, sub                              *look.Text
	change, again                             *look.Button
	address, client, secret, partition, daily *look.Field
	is, parts                                 *look.Text
	form, granted                             fyne.CanvasObject
	guide, said                               fyne.CanvasObject
	list, leftFaces, rightFaces, buttons      *fyne.Container
	lines                                     *frame.Lines
	users                                     *look.Table
	problem                                   *frame.Problem
	content                                   fyne.CanvasObject
}

// New is the page of a workspace; clipboard may be called from anywhere.
func New(w *words.Words, backend Backend, at wizard.At, clipboard func(string)) *Screen {
	s := &Screen{words: w, model: NewModel(w, backend, at.Name, at.LookOnly, at.Workspace), at: at, work: live.NewJobs(1)}
	s.heading, s.sub = look.Heading(""), look.Explain("", 1)
	s.change = look.NewButton(look.Outlined, w.Say("instance.change"), s.model.Change)
	s.again = look.NewButton(look.Outlined, w.Say("rights.again"), s.Check)
	s.problem = frame.NewProblem(w, at.On, clipboard)
	s.makeForm()
	s.buttons = look.Row(look.Small, s.change, s.again)

	s.list = look.Column(0)
	s.granted = look.Column(look.Small, look.Title(w.Say("instance.rights")), look.Explain(w.Say("instance.rights.text"), 2), s.list)
	guide := look.Column(look.Medium, look.Title(w.Say("instance.guide")))
	for _, key := range []string{"instance.guide.address", "instance.guide.role", "instance.guide.user", "instance.guide.service"} {
		guide.Add(look.Edged(look.Marketo, look.Wrapped(w.Say(key), look.Soft, lettersInGuide)))
	}
	guide.Add(look.Row(0, frame.Copied(w, func() string { return Mail(w) }, clipboard)))
	s.guide = guide
	s.lines, s.parts = frame.NewLines(lettersInLine), look.Explain("", 3)
	s.users = look.NewTable(look.ColumnSpec{Heading: w.Say("instance.users"), Weight: 70}, look.ColumnSpec{Heading: w.Say("instance.today"), Weight: 20, Number: true}, look.ColumnSpec{Heading: w.Say("instance.week"), Weight: 24, Number: true})
	s.said = look.Column(look.Medium, look.Title(w.Say("instance.said")), s.lines.Content, s.users, s.parts)

	s.leftFaces, s.rightFaces = container.NewStack(s.form, s.granted), container.NewStack(s.guide, s.said)
	left, right := frame.Scrolling(s.leftFaces, nil), frame.Scrolling(s.rightFaces, nil)
	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, frame.Split(0.46, 360, left, right))
	s.content = frame.Page(s.heading, s.sub, s.buttons, rest)
	s.Show(picture(w, facts{Job: live.Job{Busy: true}}, at.LookOnly))
	return s
}

// lettersInLine is how many letters the narrowest card takes on a line, or somewhat fewer.
const lettersInLine = 42

// lettersInGuide is the same of what stands behind an edge.
const lettersInGuide = 36

// Mail is what to ask of the Marketo admin, as text.
func Mail(w *words.Words) string {
	text := w.Say("instance.mail.head") + "\n"
	for _, key := range []string{"instance.guide.role", "instance.guide.user", "instance.guide.service"} {
		text += "\n- " + w.Say(key)
	}
	return text + "\n"
}

func (s *Screen) makeForm() {
	w := s.words
	field := func(hint string, set func(string)) *look.Field {
		f := look.NewField(s.at.On)
		f.SetPlaceHolder(hint)
		f.OnChanged = func(text string) { set(text); s.changed() }
		return f
	}
	s.address = field("123-ABC-456", func(t string) { s.typed.Address = t })
	s.client = field("", func(t string) { s.typed.ClientID = t })
	s.secret = field("", func(t string) { s.typed.Secret = t })
	s.secret.Password = true
	s.partition = field(w.Say("instance.partition.hint"), func(t string) { s.typed.Partition = t })
	s.daily = field(w.Number(50_000), func(t string) { s.typed.Daily = t })
	s.is = look.Explain("", 3)
	s.form = look.Column(look.Medium,
		frame.Field(w.Say("instance.address"), s.address, s.is),
		frame.Field(w.Say("instance.client"), s.client),
		frame.Field(w.Say("instance.secret"), s.secret),
		frame.Field(w.Say("instance.daily"), s.daily, frame.Note(w.Say("instance.daily.where"), 2)),
		frame.Field(w.Say("instance.partition"), s.partition),
	)
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the typing begins.
func (s *Screen) First() fyne.Focusable { return s.address }

// Run asks the instance where the workspace is connected, and keeps what is typed until ctx ends. It blocks, off the UI thread; when it
// returns, nothing of the page runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		s.model.Load(ctx)
		s.work.Run(ctx)
	})
	if !s.at.Open { // an open workspace has no drafts
		all.Go(func() { s.model.Keep(ctx) })
	}
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Leave signs in, or lets go where the instance has answered.
func (s *Screen) Leave(ctx context.Context) bool { return s.model.Leave(ctx) }

// Check asks the instance again: the button, and Ctrl+R.
func (s *Screen) Check() {
	if s.view.Face == In {
		s.work.Do(s.model.Check)
	}
}

// Show draws a view.
func (s *Screen) Show(v View) {
	was := s.view.Face
	s.view = v
	if v.Loaded != nil && !s.loaded {
		s.loaded = true
		if s.typed == (Typed{}) { // nobody was faster
			s.fill(*v.Loaded)
		}
	}
	if v.Face == In && was != In && s.typed.Secret != "" { // it is in the keychain now
		s.quiet = true
		s.secret.SetText("")
		s.quiet = false
	}
	s.heading.Set(v.Heading)
	s.sub.Set(v.Sub)
	for o, on := range map[fyne.CanvasObject]bool{s.change: v.Face == In, s.again: v.Face == In, s.granted: v.Face == In, s.said: v.Face == In, s.form: v.Face != In, s.guide: v.Face != In} {
		look.Show(o, on)
	}
	for _, f := range []*look.Field{s.address, s.client, s.secret, s.partition, s.daily} {
		look.Enable(f, v.Face == Out)
	}
	s.problem.Tell(v.Problem)
	s.parts.Set(v.Partitions)
	s.lines.Set(v.Lines)
	s.showRights(v.Rights)
	rows := make([][]look.Cell, len(v.Users))
	for i, u := range v.Users {
		rows[i] = []look.Cell{{Text: u.Name}, {Text: u.Today}, {Text: u.Week}}
	}
	s.users.Set(rows)
	if was != v.Face { // what is shown now has no place yet
		for _, o := range []fyne.CanvasObject{s.granted, s.said, s.leftFaces, s.rightFaces, s.buttons, s.content} {
			o.Refresh()
		}
	}
	s.changed()
}

func (s *Screen) fill(t Typed) {
	s.quiet = true
	s.address.SetText(t.Address)
	s.client.SetText(t.ClientID)
	s.partition.SetText(t.Partition)
	s.daily.SetText(t.Daily)
	s.quiet = false
}

// changed shows what is to be said about what stands in the fields now, and has it kept.
func (s *Screen) changed() {
	if s.quiet {
		return
	}
	is, bad, foot := Read(s.words, s.typed)
	s.is.Set(is)
	s.is.SetColor(look.Soft)
	if bad {
		s.is.SetColor(look.Bad)
	}
	if s.view.Face != Out || s.view.Foot.Ready {
		foot = s.view.Foot
	}
	s.at.Say(foot, s.view.Face == In)
	if s.loaded || s.typed != (Typed{}) {
		s.model.Type(s.typed)
	}
}

func (s *Screen) showRights(rights []Right) {
	if slices.Equal(rights, s.rights) {
		return
	}
	s.rights = rights
	s.list.RemoveAll()
	for i, r := range rights {
		if i > 0 {
			s.list.Add(look.Rule())
		}
		name, opens := look.NewText(r.Name), look.Caption(r.Opens)
		name.Lines, opens.Lines, opens.Shrinks = 1, 1, true
		s.list.Add(look.Pad(0, 6, look.Ends(look.Column(0, name, opens), look.NewBadge(r.Tone, r.Sign))))
	}
	s.list.Refresh()
}
