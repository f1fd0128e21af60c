package signin

import (
	"context"
	"slices"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Ways are where the page leads: Browser shows an address in the browser, Save asks a person for a place and waits for the answer, off the UI
// thread; Clipboard may be called from anywhere.
type Ways struct {
	Save      func(ctx context.Context, suggested string) (frame.File, error)
	Browser   func(address string) error
	Clipboard func(string)
}

// Screen is the page. All methods but Run and Leave belong to the UI thread.
type Screen struct {
	words *words.Words
	model *Model
	at    wizard.At
	work  live.Jobs
	view  View
	facts [][2]string

	mu      sync.Mutex
	secrets Secrets // what is typed, for Leave

	heading, sub              *look.Text
	anew, renew               *look.Button
	note                      *look.Text
	renewal                   fyne.CanvasObject
	user, secret, token, key  *look.Field
	userField, secretField    *fyne.Container
	tokenField, keyField      *fyne.Container
	form, waiting, who, faces *fyne.Container
	wait, whose, about        *look.Text
	table                     *fyne.Container
	lines                     *frame.Lines
	problem                   *frame.Problem
	content                   fyne.CanvasObject
}

// New is the page of a workspace.
func New(w *words.Words, backend Backend, at wizard.At, ways Ways) *Screen {
	s := &Screen{words: w, model: NewModel(w, backend, at.Name, at.Workspace, ways.Browser), at: at, work: live.NewJobs(1)}
	s.heading, s.sub = look.Heading(""), look.Explain("", 1)
	s.anew = look.NewButton(look.Outlined, w.Say("signin.anew"), s.model.Anew)
	s.problem = frame.NewProblem(w, at.On, ways.Clipboard)
	s.makeForm()

	s.wait = look.Explain("", 3)
	copied := frame.Copied(w, func() string { return s.view.Address }, ways.Clipboard)
	copied.SetText(w.Say("signin.copy"))
	copied.SetKind(look.Outlined)
	stop := look.NewButton(look.Outlined, w.Say("signin.stop"), s.model.Stop)
	s.waiting = look.Column(look.Medium, look.Title(w.Say("signin.waiting")), s.wait, look.Row(look.Small, copied, stop), look.Explain(w.Say("signin.waiting.help"), 4))

	s.table, s.lines = look.Column(look.Small), frame.NewLines(lettersInLine)
	s.note = look.Wrapped("", look.Soft, lettersInLine)
	s.renew = look.NewButton(look.Outlined, w.Say("signin.renew"), func() {
		s.work.Do(func(ctx context.Context) {
			s.model.Renew(ctx, func(ctx context.Context) (frame.File, error) { return ways.Save(ctx, "doppio.crt") })
		})
	})
	s.renewal = look.Pad(0, look.Small, look.Column(look.Small, look.Row(0, s.renew), s.note))
	s.who = look.Column(look.Medium, look.Title(w.Say("signin.who")), s.lines.Content, s.table)

	s.faces = look.Column(0, s.form, s.waiting, s.who)
	left := frame.Scrolling(s.faces, s.renewal)
	why := look.Column(look.Medium, look.Title(w.Say("signin.own")))
	for _, key := range []string{"signin.own.bounded", "signin.own.history", "signin.own.stays", "signin.own.license"} {
		why.Add(look.Edged(look.Accent, look.Wrapped(w.Say(key), look.Soft, lettersInLine)))
	}
	right := frame.Scrolling(why, nil)
	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, frame.Split(0.4, 340, left, right))
	s.content = frame.Page(s.heading, s.sub, s.anew, rest)
	s.Show(picture(w, facts{Job: live.Job{Busy: true}}))
	return s
}

// lettersInLine is how many letters the narrowest card takes on a line, or somewhat fewer.
const lettersInLine = 40

func (s *Screen) makeForm() {
	w := s.words
	field := func(set func(*Secrets, string), hidden bool) *look.Field {
		f := look.NewField(s.at.On)
		f.Password = hidden
		f.OnChanged = func(text string) {
			s.mu.Lock()
			set(&s.secrets, text)
			s.mu.Unlock()
			s.showFoot()
		}
		return f
	}
	s.user = field(func(x *Secrets, t string) { x.Username = t }, false)
	s.user.SetPlaceHolder("sync@acme.example")
	s.secret = field(func(x *Secrets, t string) { x.ClientSecret = t }, true)
	s.token = field(func(x *Secrets, t string) { x.RefreshToken = t }, true)
	s.key = field(func(x *Secrets, t string) { x.JWTKey = t }, false)
	s.key.MultiLine = true
	s.key.SetPlaceHolder("-----BEGIN PRIVATE KEY-----")
	s.key.SetMinRowsVisible(3)
	s.whose, s.about = frame.Note("", 2), frame.Note("", 2)
	s.userField = frame.Field(w.Say("signin.user"), s.user, s.whose)
	s.secretField = frame.Field(w.Say("signin.secret"), s.secret, s.about)
	s.tokenField = frame.Field(w.Say("signin.token"), s.token)
	s.keyField = frame.Field(w.Say("signin.key"), s.key, frame.Note(w.Say("signin.key.about"), 2))
	s.form = look.Column(look.Medium, look.Title(w.Say("signin.form")), s.tokenField, s.userField, s.secretField, s.keyField)
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is what has to be typed; in the browser nothing has, and the keyboard stays at Continue, which signs in.
func (s *Screen) First() fyne.Focusable {
	first := map[app.Flow]*look.Field{app.FlowClientCredentials: s.secret, app.FlowRefreshToken: s.token, app.FlowJWT: s.user}[s.view.Flow]
	if s.view.Face != Out || first == nil {
		return nil
	}
	return first
}

// Run asks who is signed in, and keeps the page up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the
// page runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		s.model.Load(ctx)
		s.work.Run(ctx)
	})
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Leave signs in, or lets go where somebody is signed in.
func (s *Screen) Leave(ctx context.Context) bool {
	s.mu.Lock()
	secrets := s.secrets
	s.mu.Unlock()
	return s.model.Leave(ctx, secrets)
}

// Show draws a view.
func (s *Screen) Show(v View) {
	if v.Face == In && s.view.Face != In { // they are in the keychain now
		for _, f := range []*look.Field{s.user, s.secret, s.token, s.key} {
			f.SetText("")
		}
	}
	turned := v.Face != s.view.Face || v.Flow != s.view.Flow
	s.view = v
	s.heading.Set(v.Heading)
	s.sub.Set(v.Sub)
	s.wait.Set(v.Wait)
	whose, about := "signin.user.about", "signin.secret.about"
	switch v.Flow {
	case app.FlowJWT:
		whose = "signin.user.named"
	case app.FlowClientCredentials:
		about = "signin.secret.kept"
	}
	s.whose.Set(s.words.Say(whose))
	s.about.Set(s.words.Say(about))
	look.Show(s.anew, v.Face == In)
	look.Show(s.renewal, v.Renew)
	s.note.Set(v.Note)
	look.Show(s.form, v.Face == Out || v.Face == Working)
	look.Show(s.waiting, v.Face == Waiting)
	look.Show(s.who, v.Face == In)
	look.Show(s.userField, v.Flow == app.FlowBrowser || v.Flow == app.FlowJWT)
	look.Show(s.secretField, v.Flow != app.FlowJWT)
	look.Show(s.tokenField, v.Flow == app.FlowRefreshToken)
	look.Show(s.keyField, v.Flow == app.FlowJWT)
	for _, f := range []*look.Field{s.user, s.secret, s.token, s.key} {
		look.Enable(f, v.Face == Out)
	}
	s.problem.Tell(v.Problem)
	s.showFacts(v.Facts)
	s.lines.Set(v.Lines)
	if turned { // what is shown now has no place yet
		for _, o := range []fyne.CanvasObject{s.form, s.who, s.faces, s.content} {
			o.Refresh()
		}
	}
	s.showFoot()
}

// showFoot says what is still missing.
func (s *Screen) showFoot() {
	foot := s.view.Foot
	if s.view.Face == Out {
		s.mu.Lock()
		missing := s.secrets.Missing(s.view.Flow)
		s.mu.Unlock()
		if missing != "" {
			foot.Ready, foot.Note = false, s.words.Say("org.missing", "field", s.words.Say(missing))
		}
	}
	s.at.Say(foot, s.view.Face == In)
}

func (s *Screen) showFacts(facts [][2]string) {
	if slices.Equal(facts, s.facts) {
		return
	}
	s.facts = facts
	s.table.RemoveAll()
	for _, f := range facts {
		value := look.NewText("")
		value.SetSpans(look.Span{Text: f[1]})
		value.Lines, value.Shrinks = 1, true
		s.table.Add(look.Column(0, look.Caption(f[0]), value))
	}
	s.table.Refresh()
}
